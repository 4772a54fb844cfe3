// networking.k8s.io/v1: ingresses.
local meta = import 'meta.libsonnet';

meta.kind('networking.k8s.io/v1', 'Ingress') {
  new(name, class):: self.object(name) { spec: { ingressClassName: class } },

  // A host of its own, or one more path of a host, in its own rule.
  withRule(host, service, port, path='/', pathType='Prefix'):: {
    spec+: { rules+: [{
      host: host,
      http: { paths: [{
        path: path,
        pathType: pathType,
        backend: {
          service: { name: service, port: if std.isNumber(port) then { number: port } else { name: port } },
        },
      }] },
    }] },
  },

  // The hosts of all rules, with the certificate of one secret.
  withTls(secret):: {
    local hosts = std.set([rule.host for rule in self.spec.rules]),
    spec+: { tls: [{ hosts: hosts, secretName: secret }] },
  },
}
