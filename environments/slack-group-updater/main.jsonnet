// Keeps Slack's user groups in step: `@team-data` are the members of the team, and
// `@data-oncall` is who is on call. Teams, channels and rotas are those of the service catalogue.
local alerts = import 'alerts.libsonnet';
local application = import 'application.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local catalog = import 'service-catalog.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local name = 'slack-group-updater';
local namespace = name;

local groups = std.flattenArrays([
  local service = catalog.anyOf(team);
  local short = std.strReplace(team, 'team-', '');
  [
    { handle: team, channel: service.slack_channel, members: { directoryGroup: team } },
    { handle: short + '-oncall', channel: service.slack_channel, members: { schedule: service.on_call } },
  ]
  for team in catalog.teams
]);

local data(account) = {
  local secret(service) = vault.ref('%s/%s/%s' % [account.name, name, service], 'token'),

  namespace: platform.namespace(namespace),

  updater: application.scheduled({
    name: name,
    namespace: namespace,
    account: account,
    image: platform.image('platform/slack-group-updater', '0.9.1'),
    // A hand-over is at the full hour: soon after it the group is right.
    schedule: '1/10 * * * *',
    deadline: 300,
    vault: true,
    command: ['/app/slack-group-updater'],
    args: [
      '--groups=/etc/slack-group-updater/groups.json',
      // An empty answer is a fault of who was asked, not a team without members.
      '--min-members=1',
      '--log-format=json',
    ],
    env: {
      DIRECTORY_TOKEN: secret('directory'),
      DIRECTORY_URL: 'https://id.example.com/scim/v2',
      ROTA_TOKEN: secret('rota'),
      SLACK_TOKEN: secret('slack'),
    },
    cpu: '10m',
    memory: '64Mi',
    configs: { groups: {
      path: '/etc/slack-group-updater',
      data: { 'groups.json': std.manifestJsonEx({ groups: groups }, '  ') + '\n' },
    } },
    egress: [traffic.toInternet()],
  }),

  rules: prometheus.prometheusRule.new(name, {
    [name]: [
      alerts.new(
        'SlackGroupsStale',
        'time() - kube_cronjob_status_last_successful_time{namespace="%s", cronjob="%s"} > 7200' % [namespace, name],
        '10m',
        'warning',
        'Groups in Slack were not brought up to date for {{ $value | humanizeDuration }}'
      ),
    ],
  }),
};

platform.environments(name, namespace, ['shared'], data, vault.readerLabels())
