// Ingresses of the load balancer controller. Names become records by external-dns, and the
// certificate is found by the name.
local ingress = (import 'k.libsonnet').networking.v1.ingress;

{
  internal(name, host, port, service=name, healthPath='/', path='/')::
    ingress.new(name, 'alb')
    + ingress.withRule(host, service, port, path)
    + $.withInternal(healthPath),

  // Reached from inside of our networks only. One load balancer is shared by all of them.
  withInternal(healthPath):: ingress.withAnnotations({
    'alb.ingress.kubernetes.io/group.name': 'internal',
    'alb.ingress.kubernetes.io/scheme': 'internal',
    'alb.ingress.kubernetes.io/target-type': 'ip',
    'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]',
    'alb.ingress.kubernetes.io/ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    'alb.ingress.kubernetes.io/healthcheck-path': healthPath,
  }),

  // For answers that take longer than the minute after which the load balancer gives up. That is a
  // property of the load balancer: all with the same time share another one.
  withIdleTimeout(seconds):: ingress.withAnnotations({
    'alb.ingress.kubernetes.io/group.name': 'internal-%ds' % seconds,
    'alb.ingress.kubernetes.io/load-balancer-attributes': 'idle_timeout.timeout_seconds=%d' % seconds,
  }),
}
