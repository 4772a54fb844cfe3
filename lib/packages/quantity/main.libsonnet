// Arithmetic with Kubernetes quantities, so that a heap size or a limit follows from the request
// it depends on.
//
//   local quantity = import 'quantity/main.libsonnet';
//   quantity.mebibytes('2Gi')        2048
//   quantity.scale('2Gi', 0.75)      '1536Mi'
//   quantity.millicores('1.5')       1500
//   quantity.sum(['1Gi', '512Mi'])  '1536Mi'
local powers = {
  Ki: std.pow(2, 10),
  Mi: std.pow(2, 20),
  Gi: std.pow(2, 30),
  Ti: std.pow(2, 40),
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};

// Splits off the longest known suffix: `Mi` before `M`.
local split(text) =
  local two = std.substr(text, std.length(text) - 2, 2);
  local one = std.substr(text, std.length(text) - 1, 1);
  if std.length(text) > 2 && std.objectHas(powers, two) then { number: std.substr(text, 0, std.length(text) - 2), unit: powers[two] }
  else if std.length(text) > 1 && std.objectHas(powers, one) then { number: std.substr(text, 0, std.length(text) - 1), unit: powers[one] }
  else { number: text, unit: 1 };

local digits = std.set(std.stringChars('0123456789.'));

local parseNumber(text, quantity) =
  assert text != '' && std.all([std.setMember(c, digits) for c in std.stringChars(text)]) :
         '`%s` is not a quantity' % quantity;
  std.parseJson(text);

{
  // Memory or storage in bytes.
  bytes(text)::
    local parts = split(text);
    parseNumber(parts.number, text) * parts.unit,

  // Memory or storage in whole mebibytes, rounded down: a limit is never overstated.
  mebibytes(text):: std.floor($.bytes(text) / powers.Mi),

  // CPU in thousandths of a core.
  millicores(text)::
    if std.endsWith(text, 'm')
    then parseNumber(std.rstripChars(text, 'm'), text)
    else parseNumber(text, text) * 1000,

  // A part or a multiple of an amount of memory, in whole mebibytes.
  scale(text, factor):: '%dMi' % std.floor($.bytes(text) * factor / powers.Mi),

  // The sum of amounts of memory, in whole mebibytes.
  sum(texts):: '%dMi' % std.floor(std.sum(std.map($.bytes, texts)) / powers.Mi),

  // The sum of amounts of CPU.
  sumCpu(texts):: '%dm' % std.sum(std.map($.millicores, texts)),
}
