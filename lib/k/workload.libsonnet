// apps/v1 and batch/v1: the kinds that run pods. All of them share one set of pod mixins, which
// differ only in where the pod template sits.
local meta = import 'meta.libsonnet';

// `at(template)` puts a partial pod template in its place in the object.
local podMixins(at) = {
  local spec(fields) = at({ spec+: fields }),

  withPodLabels(labels):: at({ metadata+: { labels+: labels } }),
  withPodAnnotations(annotations):: at({ metadata+: { annotations+: annotations } }),
  withServiceAccountName(name):: spec({ serviceAccountName: name }),
  withAutomountToken(automount):: spec({ automountServiceAccountToken: automount }),
  withPriorityClassName(name):: spec({ priorityClassName: name }),
  withNodeSelector(labels):: spec({ nodeSelector+: labels }),
  withNodeAffinity(affinity):: spec({ affinity+: { nodeAffinity: affinity } }),
  withTolerations(tolerations):: spec({ tolerations: tolerations }),
  withTolerationsMixin(tolerations):: spec({ tolerations+: tolerations }),
  withTopologySpreadConstraints(constraints):: spec({ topologySpreadConstraints: constraints }),
  withInitContainers(containers):: spec({ initContainers::: containers }),
  withVolumes(volumes):: spec({ volumes: volumes }),
  withVolumesMixin(volumes):: spec({ volumes+: volumes }),
  withPodSecurityContext(context):: spec({ securityContext+: context }),
  withTerminationGracePeriodSeconds(seconds):: spec({ terminationGracePeriodSeconds: seconds }),
  withDnsPolicy(policy):: spec({ dnsPolicy: policy }),

  // Applies `change` to every container, those that run before the others included.
  mapContainers(change):: spec({
    containers: [change(container) for container in super.containers],
    initContainers: [change(container) for container in super.initContainers],
  }),
};

local inSpec(template) = { spec+: { template+: template } };
local inJobTemplate(template) = { spec+: { jobTemplate+: { spec+: { template+: template } } } };

local podTemplate(labels, containers) = {
  metadata: { labels: labels },
  // Hidden until there are some: an empty list would be written out.
  spec: { containers: containers, initContainers:: [] },
};

{
  deployment: meta.kind('apps/v1', 'Deployment') + podMixins(inSpec) + {
    new(name, replicas, containers, podLabels=meta.defaultLabels(name)):: self.object(name) {
      spec: {
        replicas: replicas,
        // Three old versions are enough to roll back; the rest is in git.
        revisionHistoryLimit: 3,
        selector: { matchLabels: podLabels },
        template: podTemplate(podLabels, containers),
      },
    },
    // For programs of which two must never run at once.
    withRecreate:: { spec+: { strategy: { type: 'Recreate' } } },
    withRollingUpdate(maxSurge, maxUnavailable):: {
      spec+: {
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: maxSurge, maxUnavailable: maxUnavailable },
        },
      },
    },
    // Leaves the number of replicas to an autoscaler: a value here would reset it on each apply.
    withAutoscaledReplicas:: { spec+: { replicas:: null } },
  },

  statefulSet: meta.kind('apps/v1', 'StatefulSet') + podMixins(inSpec) + {
    new(name, replicas, containers, volumeClaims=[], podLabels=meta.defaultLabels(name)):: self.object(name) {
      spec: {
        replicas: replicas,
        serviceName: name,
        revisionHistoryLimit: 3,
        selector: { matchLabels: podLabels },
        template: podTemplate(podLabels, containers),
        [if volumeClaims != [] then 'volumeClaimTemplates']: volumeClaims,
      },
    },
    withServiceName(name):: { spec+: { serviceName: name } },
  },

  daemonSet: meta.kind('apps/v1', 'DaemonSet') + podMixins(inSpec) + {
    new(name, containers, podLabels=meta.defaultLabels(name)):: self.object(name) {
      spec: {
        revisionHistoryLimit: 3,
        selector: { matchLabels: podLabels },
        template: podTemplate(podLabels, containers),
      },
    },
    withMaxUnavailable(maxUnavailable):: {
      spec+: {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: maxUnavailable } },
      },
    },
  },

  job: meta.kind('batch/v1', 'Job') + podMixins(inSpec) + {
    new(name, containers, podLabels=meta.defaultLabels(name)):: self.object(name) {
      spec: {
        backoffLimit: 2,
        template: podTemplate(podLabels, containers) { spec+: { restartPolicy: 'Never' } },
      },
    },
  },

  cronJob: meta.kind('batch/v1', 'CronJob') + podMixins(inJobTemplate) + {
    new(name, schedule, containers, podLabels=meta.defaultLabels(name)):: self.object(name) {
      spec: {
        schedule: schedule,
        concurrencyPolicy: 'Forbid',
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            template: podTemplate(podLabels, containers) { spec+: { restartPolicy: 'Never' } },
          },
        },
      },
    },
    withTimeZone(zone):: { spec+: { timeZone: zone } },
    withActiveDeadlineSeconds(seconds):: { spec+: { jobTemplate+: { spec+: { activeDeadlineSeconds: seconds } } } },
  },
}
