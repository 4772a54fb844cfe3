// Helm charts: rendered from `charts/` by the compiler, and changed here afterwards.
//
//     local release = helm.patch(
//       helm.new(std.thisFile).template('keda', '../../charts/keda', helm.cluster(account) {
//         namespace: namespace,
//         values: { … },
//       }),
//       [helm.mirrored, helm.kind('Deployment', platform.onSystemNodes(deployment))]
//     );
//
// A release is a map of objects, named like `deployment_keda_operator`. Use a value of the chart
// where there is one; patch what the chart has no value for, or what is our convention everywhere.
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local deployment = k.apps.v1.deployment;

local podKinds = ['DaemonSet', 'Deployment', 'Job', 'StatefulSet'];

// The mixins of `k` that go over all containers expect both lists of them, as its constructors
// make them.
local adopted(object) =
  if !std.member(podKinds, object.kind) || 'initContainers' in object.spec.template.spec then object
  else object { spec+: { template+: { spec+: { initContainers:: [] } } } };

// `quay.io/prometheus/blackbox-exporter:v1` by the name that it has in our registry.
local fromOurRegistry(image) =
  local parts = std.split(image, '/');
  local repository = if std.length(std.findSubstr('.', parts[0])) > 0 then parts[1:] else parts;
  local reference = std.splitLimitR(std.join('/', repository), ':', 1);
  assert std.length(reference) == 2 : 'the image `%s` has no tag' % image;
  platform.image(reference[0], reference[1]);

local changed(object, change) = object + (if std.isFunction(change) then change(object) else change);

// The objects that `selects` picks must exist: a patch that meets nothing any more, because a new
// version of the chart has other names, is a patch that was lost.
local selected(objects, what, selects) =
  assert std.length([key for key in std.objectFields(objects) if selects(objects[key])]) > 0 :
         'the chart renders no %s; it has:\n%s' % [
    what,
    std.lines(['  %s %s' % [object.kind, object.metadata.name] for object in std.objectValues(objects)]),
  ];
  objects;

local patched(what, selects, change) = function(objects) std.mapWithKey(
  function(_, object) if selects(object) then changed(object, change) else object,
  selected(objects, what, selects),
);

local is(kind, name) = function(object) object.kind == kind && object.metadata.name == name;

{
  // Charts are found from the file that asks for them: `helm.new(std.thisFile)`.
  new(calledFrom):: {
    // `conf` takes `values`, `namespace`, and whatever else `helmTemplate` knows.
    template(name, chart, conf={}):: std.mapWithKey(
      function(_, object) adopted(object),
      std.native('helmTemplate')(name, chart, {
        // Hooks are run by Helm. Applied like everything else they would be jobs for no reason.
        noHooks: true,
      } + conf + { calledFrom: calledFrom }),
    ),
  },

  // What a chart may ask about the cluster that it is for: without it, it sees a default.
  cluster(account):: {
    kubeVersion: account.cluster.version,
    apiVersions: [
      'monitoring.coreos.com/v1',
      'monitoring.coreos.com/v1/PrometheusRule',
      'monitoring.coreos.com/v1/ServiceMonitor',
    ],
  },

  // Applies patches in turn. Those below take a change: a mixin, or a function from the object to
  // one.
  patch(objects, patches):: std.foldl(function(objects, patch) patch(objects), patches, objects),

  kind(kind, change):: patched(kind, function(object) object.kind == kind, change),
  object(kind, name, change):: patched('%s `%s`' % [kind, name], is(kind, name), change),

  // Leaves an object out.
  without(kind, name):: function(objects) {
    local all = selected(objects, '%s `%s`' % [kind, name], is(kind, name)),
    [key]: all[key]
    for key in std.objectFields(objects)
    if !is(kind, name)(objects[key])
  },

  // All images from our registry, whatever the chart calls its values for them.
  mirrored:: patched(
    'pods',
    function(object) std.member(podKinds, object.kind),
    deployment.mapContainers(function(container) container { image: fromOurRegistry(super.image) }),
  ),

  // Deployments as lib/controller.libsonnet makes them.
  controllers(uid=65532):: $.kind(
    'Deployment',
    function(object)
      { spec+: { revisionHistoryLimit: 3 } }
      + deployment.withPriorityClassName('system-cluster-critical')
      + platform.onSystemNodes(deployment)
      + platform.spread(deployment, object.spec.selector.matchLabels)
      + platform.hardened(deployment, uid)
  ),

  // Deployments and stateful sets as lib/application.libsonnet makes them.
  applications(uid=65532):: patched(
    'Deployment or StatefulSet',
    function(object) std.member(['Deployment', 'StatefulSet'], object.kind),
    function(object)
      // Without a number the replicas are an autoscaler's.
      local autoscaled = !('replicas' in object.spec);
      { spec+: { revisionHistoryLimit: 3 } }
      + (
        if !autoscaled && object.spec.replicas == 1 then {}
        else platform.spread(deployment, object.spec.selector.matchLabels, onePerNode=!autoscaled)
      )
      + platform.hardened(deployment, uid)
  ),

  // Deleting a definition deletes all objects of its kind. The chart asks Helm not to, but here it
  // is Flux that deletes what is no longer rendered.
  keepDefinitions:: $.kind('CustomResourceDefinition', {
    metadata+: { annotations+: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } },
  }),

  // One budget for each deployment with more than one pod. Those of the charts are left off: they
  // let a pod that never became ready hold up the drain of its node.
  budgets(release):: {
    [object.metadata.name]: k.policy.v1.podDisruptionBudget.forWorkload(object)
    for object in std.objectValues(release)
    // Without a number the replicas are an autoscaler's.
    if object.kind == 'Deployment' && std.get(object.spec, 'replicas', 2) > 1
  },
}
