// Rules for network policies that more than one system needs.
local policy = (import 'k.libsonnet').networking.v1.networkPolicy;

local dnsPorts = { ports: [{ protocol: protocol, port: 53 } for protocol in ['UDP', 'TCP']] };

{
  // Prometheus runs in the namespace `monitoring` of every cluster.
  fromMonitoring(ports):: policy.from([policy.peer.namespace('monitoring')]) + policy.ports(ports),

  // Webhooks and aggregated APIs are called by the API server, from its addresses in the VPC.
  fromApiServer(account, ports)::
    policy.from([policy.peer.cidr(account.vpcCidr)]) + policy.ports(ports),

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
}
