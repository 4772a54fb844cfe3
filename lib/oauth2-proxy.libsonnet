// Single sign-on in front of whatever has no login of its own. ingress-nginx asks oauth2-proxy
// about every request, and sends those without a session there to log in.
{
  // `ingress.new(…) + oauth2Proxy.protected('auth.example.com')`. Groups limit who gets in further.
  protected(host, groups=[]):: {
    metadata+: { annotations+: {
      local allowed = if groups == [] then '' else '?allowed_groups=' + std.join(',', groups),
      'nginx.ingress.kubernetes.io/auth-url': 'https://%s/oauth2/auth%s' % [host, allowed],
      'nginx.ingress.kubernetes.io/auth-signin': 'https://%s/oauth2/start?rd=$scheme://$host$escaped_request_uri' % host,
      // Who it is, for what stands behind. Never the token: it would be good elsewhere, too.
      'nginx.ingress.kubernetes.io/auth-response-headers': 'X-Auth-Request-User,X-Auth-Request-Email,X-Auth-Request-Groups',
      // Sessions with many groups do not fit into the default of 4 KiB.
      'nginx.ingress.kubernetes.io/proxy-buffer-size': '16k',
    } },
  },

  // The same for every ingress in a map of objects, whatever else is in it.
  protectAll(host, objects):: std.mapWithKey(
    function(_, object)
      if std.get(object, 'kind', '') == 'Ingress' then object + $.protected(host) else object,
    objects
  ),
}
