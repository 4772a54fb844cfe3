// The services of the journal: what they need, and how their new versions prove themselves.
local journal = import '../journal.libsonnet';
local flagger = import 'flagger.libsonnet';

local canary = flagger.canary;
local metric = flagger.metric;
local webhook = flagger.webhook;

local namespace = 'journal';
local loadTester = 'http://flagger-loadtester.test/';

// The new version of a service, by the name that Flagger gives it.
local candidate(name, path='/') = 'http://%s-canary.%s%s' % [name, namespace, path];

{
  namespace: namespace,

  // Queries that decide beside those that Flagger brings.
  metrics:: {
    // An index that was built wrongly answers fast, with success, and finds nothing.
    emptyResults: flagger.metricTemplate('empty-results', journal.prometheusUrl, |||
      sum(rate(search_queries_total{namespace="{{ namespace }}",pod=~"{{ target }}-[0-9a-z]+-[0-9a-z]+",results="0"}[{{ interval }}]))
      /
      sum(rate(search_queries_total{namespace="{{ namespace }}",pod=~"{{ target }}-[0-9a-z]+-[0-9a-z]+"}[{{ interval }}]))
      * 100
    |||),
    // Clients that go away before the answer.
    abandoned: flagger.metricTemplate('abandoned-requests', journal.prometheusUrl, |||
      sum(rate(nginx_ingress_controller_requests{exported_namespace="{{ namespace }}",ingress="{{ ingress }}",canary!="",status="499"}[{{ interval }}]))
      /
      sum(rate(nginx_ingress_controller_requests{exported_namespace="{{ namespace }}",ingress="{{ ingress }}",canary!=""}[{{ interval }}]))
      * 100
    |||),
  },

  services:: {
    // Articles as readers see them. Canary, with a load test: at night there are too few readers to
    // tell a good version from a bad one.
    reader: {
      image: 'journal/reader',
      tag: '2.31.4',
      cpu: '200m',
      memory: '256Mi',
      replicas: { staging: [1, 2], live: [3, 12] },
      path: '/',
      env: { SEARCH_URL: 'http://search.journal' },
      egress: ['search'],
      release:
        canary.withProvider('nginx')
        + canary.withCanary(stepWeight=10, maxWeight=50)
        + canary.withMetrics([
          metric.successRate(99),
          metric.duration(800),
          metric.fromTemplate($.metrics.abandoned, { max: 2 }, { ingress: 'reader' }),
        ])
        + canary.withWebhooks([webhook.loadTest(loadTester, candidate('reader', '/articles'), queriesPerSecond=20)]),
    },

    // Search. Canary that goes back by what it finds, and when a person says so.
    search: {
      image: 'journal/search',
      tag: '1.18.0',
      cpu: '500m',
      memory: '1Gi',
      replicas: { staging: [1, 2], live: [2, 8] },
      path: '/search',
      env: { INDEX_URL: 'http://opensearch.example.com:9200', JAVA_TOOL_OPTIONS: '-XX:MaxRAMPercentage=75' },
      // The index is outside of the cluster.
      egressPorts: [9200],
      release:
        canary.withProvider('nginx')
        + canary.withCanary(stepWeight=5, maxWeight=30, interval='2m', threshold=2)
        + canary.withMetrics([
          metric.successRate(99.5),
          metric.fromTemplate($.metrics.emptyResults, { max: 15 }, interval='5m'),
        ])
        + canary.withWebhooks([
          webhook.loadTest(loadTester, candidate('search', '/search?q=cell'), queriesPerSecond=5, seconds=120),
          webhook.rollbackGate(loadTester + 'rollback/check'),
        ]),
    },

    // Manuscripts of authors. Blue/green: two versions must never write at once, and an author must
    // not meet one and then the other.
    submission: {
      image: 'journal/submission',
      tag: '4.7.2',
      cpu: '200m',
      memory: '512Mi',
      replicas: { staging: [1, 1], live: [2, 2] },
      path: '/submit',
      env: { MAX_UPLOAD_MEGABYTES: '512' },
      // Of the database, with user and password.
      secretEnv: { DATABASE_URL: ['submission-database', 'url'] },
      egressPorts: [5432],
      release:
        canary.withProvider('kubernetes')
        + canary.withBlueGreen(iterations=10)
        + canary.withWebhooks([
          // Manuscripts of every kind that we promise to take, and some that we must refuse.
          webhook.conformanceTest(
            loadTester,
            "curl -sf '%s' | jq -e '.failed == 0'" % candidate('submission', '/conformance?suite=manuscripts'),
            timeout='10m'
          ),
        ]),
    },

    // Metadata for indexes and libraries. Blue/green with a conformance test of the protocol, under
    // load: harvesters come all at once.
    metadata: {
      image: 'journal/metadata',
      tag: '0.12.9',
      cpu: '50m',
      memory: '128Mi',
      replicas: { staging: [1, 1], live: [2, 4] },
      path: '/oai',
      env: {},
      release:
        canary.withProvider('kubernetes')
        + canary.withBlueGreen(iterations=5)
        + canary.withWebhooks([
          webhook.conformanceTest(
            loadTester,
            "curl -sf '%s' | grep -q '<protocolVersion>2.0</protocolVersion>'" % candidate('metadata', '/oai?verb=Identify'),
          ),
          webhook.loadTest(loadTester, candidate('metadata', '/oai?verb=ListRecords'), queriesPerSecond=50),
        ]),
    },
  },
}
