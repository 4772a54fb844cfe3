// KEDA's resources: which workload is scaled between which limits, and by what (`trigger`).
local object(kind, name) = { apiVersion: 'keda.sh/v1alpha1', kind: kind, metadata: { name: name } };

local withAuthentication(authentication) =
  if authentication == null then {} else { authenticationRef: { name: authentication.metadata.name } };

{
  scaledObject: {
    // The workload leaves its replicas out: `deployment.withAutoscaledReplicas`.
    forWorkload(workload, min, max, triggers):: object('ScaledObject', workload.metadata.name) {
      assert std.get(workload.spec, 'replicas') == null :
             '%s sets the replicas that KEDA is to set' % workload.metadata.name,
      spec: {
        scaleTargetRef: { apiVersion: workload.apiVersion, kind: workload.kind, name: workload.metadata.name },
        minReplicaCount: min,
        maxReplicaCount: max,
        triggers: triggers,
      },
    },
    // How often the source is asked, and how long it must be empty before the last pod goes.
    withPolling(intervalSeconds, cooldownSeconds):: {
      spec+: { pollingInterval: intervalSeconds, cooldownPeriod: cooldownSeconds },
    },
    // So many pods when the source cannot be asked. Not for CPU, which KEDA does not ask for.
    withFallback(replicas, failures=3):: {
      spec+: { fallback: { failureThreshold: failures, replicas: replicas } },
    },
    // How long a lower need must last, and how fast pods then go.
    withScaleDown(stabilizationSeconds, pods, periodSeconds):: {
      spec+: { advanced+: { horizontalPodAutoscalerConfig+: { behavior+: { scaleDown: {
        stabilizationWindowSeconds: stabilizationSeconds,
        policies: [{ type: 'Pods', value: pods, periodSeconds: periodSeconds }],
      } } } } },
    },
  },

  // All values of `metadata` are strings.
  trigger: {
    // Of what the pods request.
    cpu(percent):: {
      type: 'cpu',
      metricType: 'Utilization',
      metadata: { value: std.toString(percent) },
    },
    // One pod for so many messages that wait or are being worked on.
    sqs(account, queue, perReplica, authentication=null):: {
      type: 'aws-sqs-queue',
      name: queue,
      metadata: {
        queueURL: 'https://sqs.%s.amazonaws.com/%s/%s' % [account.region, account.id, queue],
        queueLength: std.toString(perReplica),
        awsRegion: account.region,
        scaleOnInFlight: 'true',
      },
    } + withAuthentication(authentication),
    // One pod for so many messages that a consumer group is behind; never more pods than the topic
    // has partitions, because the others would have nothing to do.
    kafka(account, brokers, topic, group, lag, authentication=null):: {
      type: 'apache-kafka',
      name: topic,
      metadata: {
        bootstrapServers: brokers,
        topic: topic,
        consumerGroup: group,
        lagThreshold: std.toString(lag),
        // A group that starts anew reads from the beginning, so that all of it is lag.
        offsetResetPolicy: 'earliest',
        allowIdleConsumers: 'false',
        sasl: 'aws_msk_iam',
        tls: 'enable',
        awsRegion: account.region,
      },
    } + withAuthentication(authentication),
  },

  triggerAuthentication: {
    // As the role of the workload itself, which KEDA's own role may take on: nothing to rotate, and
    // KEDA sees no more than the workload does.
    workloadIdentity(name):: object('TriggerAuthentication', name) {
      spec: { podIdentity: { provider: 'aws', identityOwner: 'workload' } },
    },
  },
}
