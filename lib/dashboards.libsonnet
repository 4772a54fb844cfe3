// Grafana dashboards: panels in rows, placed by themselves, and the ConfigMap that Grafana's
// sidecar loads them from.
//
//     dashboards.new('Pods', tags=['kubernetes'])
//     + dashboards.withVariables([dashboards.variable('namespace', 'label_values(kube_pod_info, namespace)')])
//     + dashboards.withRows({
//       Usage: [dashboards.graph('CPU', { '{{ pod }}': 'sum by (pod) (rate(…[$__rate_interval]))' })],
//     })
local k = import 'k.libsonnet';

local datasource = { type: 'prometheus', uid: '${datasource}' };

// A panel, and how much of the grid of 24 columns it takes.
local panel(type, title, queries, unit, width, height=8) = {
  width: width,
  height: height,
  json: {
    type: type,
    title: title,
    datasource: datasource,
    fieldConfig: { defaults: { unit: unit }, overrides: [] },
    options: {},
    targets: [
      {
        refId: std.char(std.codepoint('A') + index),
        datasource: datasource,
        expr: std.strReplace(queries[std.objectFields(queries)[index]], '\n', ' '),
        legendFormat: std.objectFields(queries)[index],
      }
      for index in std.range(0, std.length(queries) - 1)
    ],
  },
};

// Puts panels side by side, as many as fit, and the next below them.
local placed(row, top) = std.foldl(
  function(state, panel)
    local wraps = state.x + panel.width > 24;
    local x = if wraps then 0 else state.x;
    local y = if wraps then state.bottom else state.y;
    {
      x: x + panel.width,
      y: y,
      bottom: std.max(state.bottom, y + panel.height),
      panels: state.panels + [panel.json { gridPos: { x: x, y: y, w: panel.width, h: panel.height } }],
    },
  row.panels,
  {
    x: 0,
    y: top + 1,
    bottom: top + 1,
    panels: [{ type: 'row', title: row.title, collapsed: false, panels: [], gridPos: { x: 0, y: top, w: 24, h: 1 } }],
  }
);

local laidOut(rows) =
  local all = std.foldl(
    function(state, row)
      local next = placed(row, state.bottom);
      { bottom: next.bottom, panels: state.panels + next.panels },
    rows,
    { bottom: 0, panels: [] }
  );
  std.mapWithIndex(function(index, panel) panel { id: index + 1 }, all.panels);

{
  // Links name the uid, so it must outlive a change of the title: give one when the title changes.
  new(title, tags=[], uid=std.strReplace(std.asciiLower(title), ' ', '-')):: {
    title: title,
    uid: uid,
    tags: tags,
    schemaVersion: 39,
    // What is changed in Grafana is lost at the next start; it belongs here.
    editable: false,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    annotations: { list: [] },
    links: [],
    panels: [],
    templating: { list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1, hide: 0 },
    ] },
  },

  withVariables(variables):: { templating+: { list+: variables } },
  // A list of `row(title, panels)`.
  withRows(rows):: { panels: laidOut(rows) },
  row(title, panels):: { title: title, panels: panels },

  // A choice from the values of a label: of several at once, and of all.
  variable(name, query, label=name):: {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    query: { query: query, refId: name },
    // When the time range changes, because values come and go.
    refresh: 2,
    sort: 1,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  },

  // Queries by the legend of their series.
  graph(title, queries, unit='short', width=12, stacked=false)::
    panel('timeseries', title, queries, unit, width) {
      json+: {
        fieldConfig+: { defaults+: {
          min: 0,
          custom: {
            drawStyle: 'line',
            fillOpacity: if stacked then 30 else 5,
            lineWidth: 1,
            showPoints: 'never',
            stacking: { mode: if stacked then 'normal' else 'none', group: 'A' },
          },
        } },
        options: {
          legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
      },
    },

  // One number, green until it reaches `warning`; the other way round where less is worse.
  stat(title, query, unit='short', warning=null, critical=null, width=6, lessIsWorse=false)::
    local base = if lessIsWorse then 'red' else 'green';
    local top = if lessIsWorse then 'green' else 'red';
    panel('stat', title, { '': query }, unit, width, height=4) {
      json+: {
        fieldConfig+: { defaults+: { thresholds: {
          mode: 'absolute',
          steps:
            [{ color: if warning == null && critical == null then 'green' else base, value: null }]
            + (if warning == null then [] else [{ color: 'yellow', value: warning }])
            + (if critical == null then [] else [{ color: top, value: critical }]),
        } } },
        options: {
          colorMode: 'value',
          graphMode: 'area',
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        },
      },
    },

  // The present values, one row for each series.
  table(title, query, unit='short', width=12)::
    panel('table', title, { '': query }, unit, width) {
      json+: {
        targets: [target { instant: true, format: 'table' } for target in super.targets],
        transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
        options: { showHeader: true, sortBy: [{ displayName: 'Value', desc: true }] },
      },
    },

  // By the label that the sidecar of Grafana looks for. One object for each dashboard: a ConfigMap
  // holds a mebibyte at most.
  configMap(dashboard, folder=null)::
    k.core.v1.configMap.new(
      'dashboard-' + dashboard.uid,
      { [dashboard.uid + '.json']: std.manifestJsonEx(dashboard, '  ') + '\n' }
    )
    + k.core.v1.configMap.withLabels({ grafana_dashboard: '1' })
    + (if folder == null then {} else k.core.v1.configMap.withAnnotations({ grafana_folder: folder })),

  configMaps(all, folder=null):: { [dashboard.uid]: $.configMap(dashboard, folder) for dashboard in all },
}
