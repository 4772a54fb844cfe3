// The startup taint of new nodes, in one place for the three parties to it: Karpenter, which sets
// it; the controller `nodetaint`, which removes it; and the pods that run before it is gone.
//
// A node is ready for work once every daemonset annotated as system-critical runs on it. Until
// then the taint keeps other pods away, which would otherwise start without network policy, mesh
// or secrets.
local k = import 'k.libsonnet';

local daemonSet = k.apps.v1.daemonSet;

{
  taint:: { key: 'nodetaint/notready', effect: 'NoSchedule' },
  annotation:: 'nodetaint/system-critical',

  // For pods that take part in making a node ready.
  toleration:: k.core.v1.toleration.exists($.taint.key, $.taint.effect),

  // For infrastructure that runs on every node, whatever else the node is tainted with.
  infrastructureTolerations:: [
    k.core.v1.toleration.exists('CriticalAddonsOnly'),
    { operator: 'Exists', effect: 'NoSchedule' },
    { operator: 'Exists', effect: 'NoExecute' },
  ],

  // Makes nodes wait for a daemonset: `daemonSet.new(…) + nodetaint.systemCritical`.
  systemCritical::
    daemonSet.withAnnotations({ [$.annotation]: 'true' })
    + daemonSet.withTolerations($.infrastructureTolerations)
    // Evicting it would leave a node that is marked ready and is not.
    + daemonSet.withPriorityClassName('system-node-critical'),
}
