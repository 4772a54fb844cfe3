import '../base.libsonnet'
