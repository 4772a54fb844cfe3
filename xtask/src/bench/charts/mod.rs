//! The charts that are rendered: one of the size most have, and one of the size of a monitoring
//! stack. Always the same bytes.
//!
//! The texts of the templates are files beside this one; what the large chart has in numbers comes
//! from here. Both use what real charts use: helpers, `include`, `tpl`, `toYaml`, `range`, checks of
//! capabilities, hooks, subcharts under an alias.

use std::fmt::Write as _;

/// Makes the text of a template with that number.
type Template = fn(usize) -> String;

/// A file of a chart: its path in the chart, and its text.
pub(super) type File = (String, String);

const SMALL: [(&str, &str); 11] = [
    ("Chart.yaml", include_str!("small/Chart.yaml")),
    ("values.yaml", include_str!("small/values.yaml")),
    ("templates/NOTES.txt", include_str!("small/templates/NOTES.txt")),
    ("templates/_helpers.tpl", include_str!("small/templates/_helpers.tpl")),
    ("templates/configmap.yaml", include_str!("small/templates/configmap.yaml")),
    ("templates/deployment.yaml", include_str!("small/templates/deployment.yaml")),
    ("templates/hpa.yaml", include_str!("small/templates/hpa.yaml")),
    ("templates/ingress.yaml", include_str!("small/templates/ingress.yaml")),
    ("templates/service.yaml", include_str!("small/templates/service.yaml")),
    ("templates/serviceaccount.yaml", include_str!("small/templates/serviceaccount.yaml")),
    ("templates/tests/connection.yaml", include_str!("small/templates/tests/connection.yaml")),
];

const RULES: &str = include_str!("large/templates/rules.yaml");
const ALERT: &str = include_str!("large/templates/alert.yaml");
const DASHBOARD: &str = include_str!("large/templates/dashboard.yaml");
const COLLECTOR: &str = include_str!("large/templates/collector.yaml");
const MONITOR: &str = include_str!("large/templates/monitor.yaml");

/// How many templates the large chart has of each kind, and what is in them.
const GROUPS: usize = 60;
const ALERTS: usize = 16;
const DASHBOARDS: usize = 70;
const PANELS: usize = 24;
const COLLECTORS: usize = 60;
const MONITORS: usize = 100;
const NAMESPACES: usize = 20;

/// The small chart.
pub(super) fn small() -> Vec<File> {
    SMALL.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec()
}

/// The large chart, with the small one as its subchart.
pub(super) fn large() -> Vec<File> {
    let mut files: Vec<File> =
        small().into_iter().map(|(path, text)| (format!("charts/web/{path}"), text)).collect();
    let fixed = [
        ("Chart.yaml", include_str!("large/Chart.yaml")),
        ("templates/_helpers.tpl", include_str!("large/templates/_helpers.tpl")),
        ("templates/access.yaml", include_str!("large/templates/access.yaml")),
    ];
    files.extend(fixed.map(|(path, text)| (path.to_owned(), text.to_owned())));
    files.push(("values.yaml".to_owned(), values()));
    let kinds: [(&str, usize, Template); 4] = [
        ("rules/group", GROUPS, rules),
        ("dashboards/dashboard", DASHBOARDS, dashboard),
        ("collectors/collector", COLLECTORS, collector),
        ("monitors/collector", MONITORS, monitor),
    ];
    for (path, number, text) in kinds {
        files.extend((0..number).map(|i| (format!("templates/{path}{i}.yaml"), text(i))));
    }
    files
}

fn values() -> String {
    let namespaces: Vec<_> = (0..NAMESPACES).map(|i| format!("    - namespace-{i}")).collect();
    let collectors = (0..COLLECTORS).fold(String::new(), |mut text, i| {
        let kind = if i % 5 == 0 { "DaemonSet" } else { "Deployment" };
        let _ = write!(
            text,
            "  collector{i}:
    kind: {kind}
    replicas: {}
    image:
      repository: observatory/collector-{i}
    settings:
      collect: [cpu, target{i}]
      scrapeTimeout: {}s
      threshold: {}e3
",
            1 + i % 3,
            5 + i % 7,
            i + 1,
        );
        text
    });
    include_str!("large/values.yaml")
        .replace("@NAMESPACES@", &namespaces.join("\n"))
        .replace("@COLLECTORS@", collectors.trim_end())
}

fn rules(group: usize) -> String {
    let name = format!("group{group}");
    let alerts = (0..ALERTS).fold(String::new(), |text, i| {
        let alert = format!("Group{group}Alert{i}");
        text + &ALERT
            .replace("@ALERT@", &alert)
            .replace("@LOWER@", &alert.to_lowercase())
            .replace("@MINUTES@", &(5 + (group + i) % 55).to_string())
            .replace("@SEVERITY@", ["critical", "warning", "info"][i % 3])
    });
    RULES.replace("@ALERTS@", alerts.trim_end()).replace("@NAME@", &name)
}

fn collector(index: usize) -> String {
    COLLECTOR
        .replace("@NAME@", &format!("collector{index}"))
        .replace("@NUMBER@", &index.to_string())
}

fn monitor(index: usize) -> String {
    MONITOR.replace("@NAME@", &format!("collector{index}"))
}

/// A dashboard: text that passes through the engine as it is, as such dashboards are written.
fn dashboard(index: usize) -> String {
    let mut json = format!(
        "{{\n        \"title\": \"Board {index}\",\n        \"editable\": false,\n        \"panels\": ["
    );
    for panel in 0..PANELS {
        if panel > 0 {
            json.push(',');
        }
        let _ = write!(
            json,
            r#"
            {{
                "id": {panel},
                "title": "Requests of {{{{namespace}}}} by instance {panel}",
                "type": "{kind}",
                "datasource": {{ "type": "metrics", "uid": "${{datasource}}" }},
                "fieldConfig": {{
                    "defaults": {{
                        "custom": {{ "fillOpacity": {opacity}, "lineWidth": 1, "showPoints": "never" }},
                        "unit": "reqps"
                    }}
                }},
                "gridPos": {{ "h": 7, "w": 12, "x": {x}, "y": {y} }},
                "targets": [
                    {{
                        "expr": "sum by (namespace, instance) (rate(requests_total{{job=\"job-{index}\", cluster=\"$cluster\", namespace=~\"$namespace\"}}[$__rate_interval]))",
                        "legendFormat": "{{{{namespace}}}}/{{{{instance}}}}",
                        "refId": "A"
                    }},
                    {{
                        "expr": "histogram_quantile(0.99, sum by (le) (rate(duration_seconds_bucket{{job=\"job-{index}\", cluster=\"$cluster\"}}[$__rate_interval])))",
                        "legendFormat": "p99",
                        "refId": "B"
                    }}
                ]
            }}"#,
            kind = ["timeseries", "stat", "table", "heatmap"][panel % 4],
            opacity = panel * 7 % 100,
            x = panel % 2 * 12,
            y = panel / 2 * 7,
        );
    }
    json.push_str(
        "\n        ],\n        \"refresh\": \"30s\",\n        \"timezone\": \"utc\"\n    }",
    );
    DASHBOARD.replace("@NAME@", &format!("dashboard{index}")).replace("@JSON@", &json)
}

#[cfg(test)]
mod tests {
    use super::{large, small};

    #[test]
    fn the_large_chart_has_hundreds_of_templates_and_no_placeholders() {
        let files = large();
        assert!(files.iter().filter(|file| file.0.starts_with("templates/")).count() > 290);
        assert!(files.iter().map(|file| file.1.len()).sum::<usize>() > 3 << 20);
        for (path, text) in files.iter().chain(&small()) {
            let placeholder = text.split('@').skip(1).find(|word| {
                !word.is_empty() && word.chars().all(|letter| letter.is_ascii_uppercase())
            });
            assert_eq!(placeholder, None, "{path}");
        }
    }
}
