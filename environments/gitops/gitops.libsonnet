// What the environments of the GitOps platform agree on.
local argocd = import 'argocd.libsonnet';
local clusters = import 'clusters.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local ingress = k.networking.v1.ingress;

{
  clusters:: clusters.gitops.clusters,
  environments:: clusters.gitops.environments,

  repository:: 'https://git.example.com/platform/workspace.git',

  // Groups of Kanidm: every kind of user, and what it is called in the clusters and in Argo CD.
  groups:: {
    administrators: 'gitops-administrators',
    operators: 'gitops-operators',
    developers: 'gitops-developers',
    auditors: 'gitops-auditors',
  },

  host(cluster, name):: '%s.%s' % [name, cluster.zone.name],
  // Single sign-on for programs; people have their accounts in Kanidm.
  issuer(cluster):: 'https://' + $.host(cluster, 'dex'),

  ingressClass:: 'nginx',
  ingressNamespace:: 'ingress-nginx',
  // Issuers, see system/cert-manager: of names that others can look up, and of all others.
  publicIssuer:: 'letsencrypt',
  privateIssuer:: 'private-ca',

  // Prometheus takes only rules with this label: see `ruleSelector` in system/monitoring.
  ruleLabels:: { app: 'kube-prometheus-stack' },

  storage:: { block: 'ceph-block', shared: 'ceph-filesystem', objects: 'ceph-bucket' },

  // A namespace that stays when its application goes.
  namespace(name, podSecurity='restricted'):: platform.namespace(name, podSecurity) + argocd.keep,

  // An ingress with a certificate of its own.
  ingress(name, host, service, port='http')::
    ingress.new(name, $.ingressClass)
    + ingress.withRule(host, service, port)
    + ingress.withTls(name + '-tls')
    + ingress.withAnnotations({ 'cert-manager.io/cluster-issuer': $.publicIssuer }),

  // Where requests come from.
  fromIngress(ports)::
    local policy = k.networking.v1.networkPolicy;
    policy.from([policy.peer.namespace($.ingressNamespace)]) + policy.ports(ports),
}
