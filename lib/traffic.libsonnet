// Rules for network policies that more than one system needs.
local policy = (import 'k.libsonnet').networking.v1.networkPolicy;

local dnsPorts = { ports: [{ protocol: protocol, port: 53 } for protocol in ['UDP', 'TCP']] };

local pods(labels, namespace) =
  policy.peer.pods(labels) + (if namespace == null then {} else policy.peer.namespace(namespace));

{
  // Prometheus runs in the namespace `monitoring` of nearly every cluster.
  fromMonitoring(ports, namespace='monitoring')::
    policy.from([policy.peer.namespace(namespace)]) + policy.ports(ports),

  // Webhooks and aggregated APIs are called by the API server, from its addresses in the VPC.
  fromApiServer(account, ports)::
    policy.from([policy.peer.cidr(account.vpcCidr)]) + policy.ports(ports),

  // Load balancers send requests to the pods themselves, from their addresses in the VPC.
  fromLoadBalancer(account, ports):: $.fromApiServer(account, ports),

  toDns::
    policy.to([policy.peer.namespace('kube-system') + policy.peer.pods({ 'k8s-app': 'kube-dns' })])
    + dnsPorts,

  // The resolver of the VPC, for pods that do without the cluster's DNS.
  toVpcDns(account)::
    policy.to([policy.peer.cidr(account.vpcCidr)])
    + dnsPorts,

  // The API server of an EKS cluster is an address of the VPC, not a pod.
  toApiServer(account):: policy.to([policy.peer.cidr(account.vpcCidr)]) + policy.ports([443]),

  // AWS endpoints have no stable addresses. The instance metadata service stays closed: pods get
  // their identity from IRSA, not from the node.
  toAws:: policy.to([policy.peer.cidr('0.0.0.0/0', ['169.254.169.254/32'])]) + policy.ports([443]),

  // Vault is behind a load balancer of the account.
  toVault(account):: $.toVpc(account, [443]),

  // Databases, caches and brokers of the account, outside of the cluster.
  toVpc(account, ports):: policy.to([policy.peer.cidr(account.vpcCidr)]) + policy.ports(ports),

  // Services of others, and nothing of ours: private networks stay closed.
  toInternet(ports=[443])::
    policy.to([policy.peer.cidr('0.0.0.0/0', [
      '10.0.0.0/8',
      '100.64.0.0/10',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ])])
    + policy.ports(ports),

  // The pods with these labels in the same namespace, or in another.
  fromPods(labels, ports, namespace=null):: policy.from([pods(labels, namespace)]) + policy.ports(ports),
  toPods(labels, ports, namespace=null):: policy.to([pods(labels, namespace)]) + policy.ports(ports),
}
