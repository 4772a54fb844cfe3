// Certificates: public ones from Let's Encrypt, which asks for a record at Cloudflare because our
// addresses are not reachable from outside, and private ones from an authority of the cluster.
local gitops = import '../../gitops.libsonnet';
local argocd = import 'argocd.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;

local namespace = 'cert-manager';
local replicas = { dev: 1, qa: 1, prod: 2 };

// Limits of the real service are per week and name: only what customers see may use them up.
local servers = {
  dev: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  qa: self.dev,
  prod: 'https://acme-v02.api.letsencrypt.org/directory',
};

local object(kind, name) = {
  apiVersion: 'cert-manager.io/v1',
  kind: kind,
  metadata: { name: name },
};
local clusterIssuer(name, spec) = object('ClusterIssuer', name) + platform.clusterWide { spec: spec };

local issuers(cluster) = {
  public: clusterIssuer(gitops.publicIssuer, { acme: {
    server: servers[cluster.name],
    email: 'certificates@example.com',
    privateKeySecretRef: { name: 'letsencrypt-account' },
    solvers: [{
      selector: { dnsZones: [cluster.zone.name] },
      // A token that may edit records of this zone and nothing else.
      dns01: { cloudflare: { apiTokenSecretRef: { name: 'cloudflare-api-token', key: 'token' } } },
    }],
  } }),

  // The authority signs itself; all else is signed by it. Its key lies in the secret and nowhere
  // else, so the secret is what a backup of the cluster must have.
  selfSigned: clusterIssuer('self-signed', { selfSigned: {} }),
  authority: object('Certificate', gitops.privateIssuer) {
    spec: {
      isCA: true,
      commonName: 'Private authority of ' + cluster.cluster.name,
      secretName: gitops.privateIssuer,
      duration: '87600h',
      renewBefore: '8760h',
      privateKey: { algorithm: 'ECDSA', size: 384 },
      issuerRef: { name: 'self-signed', kind: 'ClusterIssuer' },
    },
  } + argocd.keep,
  private: clusterIssuer(gitops.privateIssuer, { ca: { secretName: gitops.privateIssuer } }),
};

local data(cluster) = {
  local release = self.release,

  namespace: gitops.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template('cert-manager', '../../../../charts/cert-manager', helm.cluster(cluster) {
      namespace: namespace,
      values: {
        crds: { enabled: true },
        global: { leaderElection: { namespace: namespace } },
        replicaCount: replicas[cluster.name],
        // The resolver of the cluster knows our zone from inside, and not the record.
        dns01RecursiveNameservers: '1.1.1.1:53,9.9.9.9:53',
        dns01RecursiveNameserversOnly: true,
        resources: container.withResources('25m', '128Mi').resources,
        webhook: { replicaCount: replicas[cluster.name], resources: container.withResources('10m', '64Mi').resources },
        cainjector: { resources: container.withResources('10m', '128Mi').resources },
        prometheus: { servicemonitor: { enabled: true } },
      },
    }),
    [
      helm.mirrored,
      helm.controllers(uid=1000),
      helm.kind('CustomResourceDefinition', argocd.keep),
      // The chart has none for it: it is alive as long as it serves its metrics.
      helm.object('Deployment', 'cert-manager-cainjector', deployment.mapContainers(function(container) container {
        livenessProbe: probe.tcp('http-metrics', failures=6),
        readinessProbe: probe.tcp('http-metrics'),
      })),
      helm.object('Deployment', 'cert-manager', deployment.mapContainers(function(container) container {
        readinessProbe: probe.tcp('http-metrics'),
      })),
    ]
  ),

  budgets: helm.budgets(release),
  issuers: { [name]: issuers(cluster)[name] + argocd.inWave(1) for name in std.objectFields(issuers(cluster)) },

  networkPolicies: {
    local toApiServer = [traffic.toDns, traffic.toApiServer(cluster)],
    controller: networkPolicy.forWorkload(
      release.deployment_cert_manager,
      ingress=[traffic.fromMonitoring(['http-metrics'])],
      egress=toApiServer + [
        // Let's Encrypt and Cloudflare, and the resolvers named above.
        traffic.toInternet(),
        traffic.toInternet([53]),
        traffic.toInternet([53]) { ports: [{ protocol: 'UDP', port: 53 }] },
      ],
    ),
    webhook: networkPolicy.forWorkload(
      release.deployment_cert_manager_webhook,
      ingress=[traffic.fromApiServer(cluster, ['https']), traffic.fromMonitoring(['http-metrics'])],
      egress=toApiServer,
    ),
    cainjector: networkPolicy.forWorkload(
      release.deployment_cert_manager_cainjector,
      ingress=[traffic.fromMonitoring(['http-metrics'])],
      egress=toApiServer,
    ),
  },
};

gitops.environments('system/cert-manager', namespace, data)
