//! The forms of a report at the limits of their readers.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods are not general enough in the lifetime of the report"
)]

use super::{Broken, Checked, Report};
use crate::finding::Finding;
use crate::judge::{Suppressed, Verdict};
use crate::object::ObjectName;
use crate::rule::{Rule, RuleId, Severity};

fn finding(number: usize, severity: Severity, message: &str) -> Finding {
    Finding {
        rule: RuleId::policy("p"),
        severity,
        environment: "env".to_owned(),
        object: Some(ObjectName {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: "default".to_owned(),
            name: format!("c{number}"),
        }),
        path: String::new(),
        message: message.to_owned(),
        help: None,
        place: None,
    }
}

fn with<R>(findings: Vec<Finding>, work: impl FnOnce(&Report<'_>) -> R) -> R {
    let suppressed = Suppressed {
        finding: Finding::of_file(Rule::ChartsLock, "charts.lock", "old"),
        reason: "a \"reason\"".to_owned(),
    };
    let verdict = Verdict { findings, suppressed: vec![suppressed] };
    let file = Some("environments/a b,c/main.jsonnet".to_owned());
    let environments = [Checked { name: "env".to_owned(), file, manifests: 1 }];
    let broken = [Broken { environment: "other".to_owned(), message: "no\nway".to_owned() }];
    work(&Report {
        verdict: &verdict,
        environments: &environments,
        broken: &broken,
        version: "1.2.3",
        fails: Some(Severity::Error),
    })
}

#[test]
fn annotations_are_escaped_and_counted() {
    let mut findings = vec![finding(0, Severity::Warning, "100 %\nor: a, b\r")];
    findings.extend((1..12).map(|number| finding(number, Severity::Error, "e")));
    let text = with(findings, |report| report.github());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "::error title=other cannot be rendered::no%0Away");
    assert_eq!(
        lines[1],
        "::error file=environments/a b%2Cc/main.jsonnet,title=policy/p::e%0Ain ConfigMap default/c1%0Aof env"
    );
    assert_eq!(lines.iter().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(text.contains("::100 %25%0Aor: a, b%0D%0Ain ConfigMap default/c0%0A"), "{text}");
    assert!(lines[11].starts_with("::notice title=renga check::2 more findings are"), "{text}");
    assert_eq!(lines.len(), 12);
}

#[test]
fn a_test_report_is_xml_whatever_is_found() {
    let text = with(
        vec![finding(1, Severity::Error, "<a & \"b\" \u{1}>"), finding(2, Severity::Warning, "w")],
        |report| report.junit(),
    );
    for expected in [
        "<testsuites name=\"renga check\" tests=\"4\" failures=\"1\" errors=\"1\">",
        "<testsuite name=\"env\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">",
        "message=\"&lt;a &amp; &quot;b&quot; \u{fffd}&gt;\"",
        "<system-out>warning: w</system-out>",
        "<skipped message=\"a &quot;reason&quot;\"/>",
        "<error message=\"cannot be rendered\">no&#10;way</error>",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn code_scanning_gets_the_gravest_and_no_more_than_it_takes() {
    let mut findings: Vec<Finding> =
        (0..25_000).map(|number| finding(number, Severity::Warning, "w")).collect();
    findings.push(finding(0, Severity::Error, "e"));
    let log = with(findings, |report| report.sarif());
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "error");
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "environments/a%20b%2Cc/main.jsonnet");
    let prints: std::collections::BTreeSet<_> =
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    assert_eq!(prints.len(), results.len());
    let told = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(told[0]["message"]["text"], "other cannot be rendered: no\nway");
    assert_eq!(told[1]["message"]["text"], "2 more results are left out");

    let log = with(vec![finding(0, Severity::Error, "e")], |report| report.sarif());
    let suppressed = &log["runs"][0]["results"][1];
    assert_eq!(suppressed["suppressions"][0]["justification"], "a \"reason\"");
    assert_eq!(suppressed["ruleIndex"], 1);
}
