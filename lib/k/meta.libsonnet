// What every object has: type, name, and the mixins on its metadata.
{
  // A kind of the API. `object(name)` is for the constructors of the kinds built on it.
  kind(apiVersion, kind):: {
    object(name):: {
      apiVersion: apiVersion,
      kind: kind,
      metadata: { name: name },
    },
    withNamespace(namespace):: { metadata+: { namespace: namespace } },
    withLabels(labels):: { metadata+: { labels+: labels } },
    withAnnotations(annotations):: { metadata+: { annotations+: annotations } },
  },

  // The selector labels used when a constructor is given none.
  defaultLabels(name):: { 'app.kubernetes.io/name': name },
}
