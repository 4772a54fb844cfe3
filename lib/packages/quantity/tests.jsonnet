// Evaluates to `true`, or fails with the first line that does not hold.
local quantity = import 'main.libsonnet';

std.assertEqual(quantity.bytes('1Ki'), 1024)
&& std.assertEqual(quantity.bytes('1k'), 1000)
&& std.assertEqual(quantity.bytes('128'), 128)
&& std.assertEqual(quantity.mebibytes('2Gi'), 2048)
&& std.assertEqual(quantity.mebibytes('1.5Gi'), 1536)
&& std.assertEqual(quantity.mebibytes('1M'), 0)
&& std.assertEqual(quantity.millicores('250m'), 250)
&& std.assertEqual(quantity.millicores('1.5'), 1500)
&& std.assertEqual(quantity.scale('2Gi', 0.75), '1536Mi')
&& std.assertEqual(quantity.scale('10Mi', 0.33), '3Mi')
&& std.assertEqual(quantity.sum(['1Gi', '512Mi']), '1536Mi')
&& std.assertEqual(quantity.sumCpu(['250m', '1']), '1250m')
