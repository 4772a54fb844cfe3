// The certificate of an admission webhook, for charts that leave it to somebody else: a job makes
// an authority and a certificate, once, and tells the API server whom to trust. No key is in git.
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local rights = import 'rights.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local job = k.batch.v1.job;
local rule = k.rbac.v1.rule;

local image = platform.image('ingress-nginx/kube-webhook-certgen', 'v1.5.0');

{
  // `config`: name, namespace, account; `service` that is called, `secret` for the certificate
  // (`tls.crt`, `tls.key`), and the `webhook` configuration, a mutating one.
  new(config)::
    local where = ['--namespace=' + config.namespace, '--secret-name=' + config.secret];
    local step(name, args) =
      container.new(name, image)
      + container.withArgs([name] + args + where)
      + container.withResources('10m', '32Mi');
    rights.new(
      config.name,
      config.namespace,
      rules=[rule.new([''], ['secrets'], ['get', 'create'])],
      clusterRules=[
        rule.new(['admissionregistration.k8s.io'], ['mutatingwebhookconfigurations'], ['get', 'update'])
        + rule.withResourceNames([config.webhook]),
      ],
    ) {
      local this = self,

      serviceAccount: k.core.v1.serviceAccount.new(config.name),

      job:
        job.new(config.name, [
          step('patch', ['--webhook-name=' + config.webhook, '--patch-mutating=true', '--patch-validating=false']),
        ])
        + job.withInitContainers([
          step('create', [
            '--host=%s.%s.svc' % [config.service, config.namespace],
            '--cert-name=tls.crt',
            '--key-name=tls.key',
          ]),
        ])
        + job.withServiceAccountName(config.name)
        + platform.onSystemNodes(job)
        + platform.hardened(job)
        // Jobs cannot be changed: a new version of it takes the place of the old one.
        + job.withAnnotations({ 'kustomize.toolkit.fluxcd.io/force': 'enabled' }),

      networkPolicy: k.networking.v1.networkPolicy.new(
        config.name,
        this.job.spec.template.metadata.labels,
        egress=[traffic.toDns, traffic.toApiServer(config.account)],
      ),
    },
}
