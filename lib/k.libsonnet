// Kubernetes objects, in the style of k8s-libsonnet: `k.apps.v1.deployment.new(…)` and mixins to
// add to it. Compact: the kinds a platform is made of, with the mixins that come up again and again.
//
// - `new` takes what an object cannot do without; everything else is a mixin.
// - `withX` merges maps (labels, annotations, environment) and sets everything else.
//   `withXMixin` appends to a list.
// - A field without a mixin is set as anywhere in Jsonnet: `deployment { spec+: { … } }`.
local core = import 'k/core.libsonnet';
local ingress = import 'k/ingress.libsonnet';
local policy = import 'k/policy.libsonnet';
local rbac = import 'k/rbac.libsonnet';
local workload = import 'k/workload.libsonnet';

{
  core: { v1: core },
  apps: { v1: {
    daemonSet: workload.daemonSet,
    deployment: workload.deployment,
    statefulSet: workload.statefulSet,
  } },
  batch: { v1: { cronJob: workload.cronJob, job: workload.job } },
  rbac: { v1: rbac },
  policy: { v1: { podDisruptionBudget: policy.podDisruptionBudget } },
  autoscaling: { v2: { horizontalPodAutoscaler: policy.horizontalPodAutoscaler } },
  networking: { v1: { ingress: ingress, networkPolicy: policy.networkPolicy } },
  scheduling: { v1: { priorityClass: policy.priorityClass } },
  storage: { v1: { storageClass: policy.storageClass } },
}
