//! Reports of environments that the tests make up.

use renga_diff::{Compare, Mask, Noise};
use renga_preview::{
    Collector, Counts, EnvironmentReport, Failure, LARGEST_PART, MOST_PARTS, MarkdownOptions, Of,
    Report, Side, Status, TextOptions,
};
use serde_json::{Value, json};

fn environment(name: &str, status: Status) -> EnvironmentReport {
    EnvironmentReport {
        name: name.to_owned(),
        path: format!("{name}/main.jsonnet"),
        status,
        renamed_from: None,
        rendered: true,
        reason: "`lib/app.libsonnet` differs".to_owned(),
        objects: Counts::default(),
        images: Vec::new(),
        failures: Vec::new(),
    }
}

fn compare() -> Compare<'static> {
    let mask = Mask { key: vec![1; 32], ..Mask::default() };
    Compare { noise: Noise::defaults(), mask, schemas: None }
}

fn report(collector: Collector) -> Report {
    let base = Side { name: "main".to_owned(), commit: Some("ab".repeat(20)), uncommitted: 0 };
    let head = Side { name: "working tree".to_owned(), commit: None, uncommitted: 2 };
    collector.into_report(base, head, vec!["`vendor` is ignored by git".to_owned()])
}

fn deployment(namespace: &str, name: &str, image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}})
}

fn add(collector: &mut Collector, name: &str, before: &[Value], after: &[Value]) {
    let difference = compare().objects(before, after);
    collector.add(environment(name, Status::Unchanged), after.len(), difference);
}

fn markdown(report: &Report) -> Vec<String> {
    report.to_markdown(&MarkdownOptions { marker: "test".to_owned(), explain: false })
}

/// Every fence and every fold is closed where it was opened.
fn assert_whole(part: &str) {
    let mut fence: Option<&str> = None;
    let (mut opened, mut closed) = (0, 0);
    for line in part.lines() {
        match fence {
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches(char::is_alphabetic));
            }
            Some(mark) if line == mark => fence = None,
            Some(_) => {}
            None => {
                opened += line.matches("<details>").count();
                closed += line.matches("</details>").count();
            }
        }
    }
    assert_eq!((fence, opened), (None, closed));
}

#[test]
fn equal_changes_are_said_once_whatever_the_order() {
    let names: Vec<String> = (0..30).map(|number| format!("environments/e{number:02}")).collect();
    let collect = |names: &mut dyn Iterator<Item = &String>| {
        let mut collector = Collector::default();
        for name in names {
            let before = ["web", "api"].map(|app| deployment(name, app, "app:1"));
            let after = ["web", "api"].map(|app| deployment(name, app, "app:2"));
            add(&mut collector, name, &before, &after);
        }
        report(collector)
    };
    let report = collect(&mut names.iter());
    assert_eq!(report.groups.len(), 1);
    assert_eq!(report.groups[0].objects.len(), 60);
    assert_eq!(report, collect(&mut names.iter().rev()));
    assert_eq!(report.to_json(), collect(&mut names.iter().rev()).to_json());
    let text = report.to_text(TextOptions::default());
    assert!(text.contains("Deployment api, web changed in 30 environments"), "{text}");
    assert_eq!(text.matches("+ app:2").count(), 1);
    let image = &report.environments[0].images[0];
    assert_eq!((image.from.as_str(), image.to.as_str(), image.containers), ("app:1", "app:2", 2));
}

#[test]
fn an_environment_that_fails_is_never_unchanged() {
    let mut collector = Collector::default();
    let mut failed = environment("broken", Status::Failed);
    failed.failures = vec![Failure { side: Of::Base, message: "no such `field` ``` x".to_owned() }];
    collector.add(failed, 0, renga_diff::Comparison::default());
    let report = report(collector);
    assert!(report.has_failures() && !report.has_differences());
    let parts = markdown(&report);
    assert!(parts[0].contains("broken cannot be compared"));
    assert!(!parts[0].contains("No changes"));
    assert_whole(&parts[0]);
    assert!(report.to_text(TextOptions::default()).contains("base: no such `field`"));
    assert!(report.to_html().contains("broken cannot be compared"));
}

#[test]
fn comments_have_parts_of_bounded_size_with_the_most_important_first() {
    let mut collector = Collector::default();
    for number in 0..600 {
        let map = |value: &str| {
            let data: serde_json::Map<String, Value> = (0..40)
                .map(|key| {
                    (format!("k{key}"), format!("{value} {number} ````` {}", "é".repeat(40)).into())
                })
                .collect();
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{number}")}, "data": data})
        };
        let gone = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gone"}, "spec": {"n": number}});
        let name = format!("environments/e{number:03}");
        let before: Vec<Value> = if number == 300 { vec![map("a"), gone] } else { vec![map("a")] };
        add(&mut collector, &name, &before, &[map("b")]);
    }
    let report = report(collector);
    let parts = markdown(&report);
    assert!(parts.len() > 1 && parts.len() <= MOST_PARTS, "{}", parts.len());
    for (index, part) in parts.iter().enumerate() {
        assert!(part.len() <= LARGEST_PART, "{}", part.len());
        let marker = format!("<!-- renga-preview test {}/{} -->", index + 1, parts.len());
        assert!(part.starts_with(&marker), "{}", &part[..80]);
        assert_whole(part);
    }
    let gone =
        parts[0].find("Service gone removed").expect("what is lost stands in the first part");
    assert!(gone < parts[0].find("ConfigMap c").unwrap());
    assert!(parts.last().unwrap().contains("More changes, without their lines"));
}

#[test]
fn large_values_stay_readable() {
    let map = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "big"}, "data": {"blob": value}});
    let long: String = (0..200_000).flat_map(|line| [format!("line {line} of many\n")]).collect();
    let mut collector = Collector::default();
    add(&mut collector, "e", &[map(&long)], &[map(&long.replace("line 77777 ", "line X "))]);
    add(&mut collector, "f", &[map("x")], &[map(&"y".repeat(5 << 20))]);
    let report = report(collector);
    assert!(markdown(&report).iter().all(|part| part.len() <= LARGEST_PART));
    let text = report.to_text(TextOptions::default());
    assert!(text.contains("+ line X of many") && text.len() < 20_000, "{}", text.len());
    assert!(text.contains("more bytes"));
}

#[test]
fn nothing_of_a_secret_is_in_any_form() {
    let secret = |value: &str, name: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"p": value}});
    let mut collector = Collector::default();
    add(
        &mut collector,
        "e",
        &[secret("hunter2", "a"), secret("hunter5", "gone")],
        &[secret("hunter3", "a"), secret("hunter4", "new")],
    );
    let report = report(collector);
    assert!(report.masked >= 3);
    for form in [
        report.to_json(),
        report.to_html(),
        report.to_text(TextOptions { color: true, explain: true }),
        markdown(&report).concat(),
    ] {
        assert!(!form.contains("hunter"), "{form}");
        assert!(form.contains("***"), "{form}");
    }
}

#[test]
fn names_cannot_break_out_of_a_page_or_a_comment() {
    let odd = "</pre><script>alert(1)</script>|`x`@you\u{1b}[31m";
    let map = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": odd}, "data": {odd: value}});
    let mut collector = Collector::default();
    add(&mut collector, odd, &[map("1")], &[map(odd)]);
    let report = report(collector);
    let page = report.to_html();
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(!page.contains("http://") && !page.contains("https://"));
    let text = report.to_text(TextOptions::default());
    assert!(
        !text.lines().filter(|line| line.starts_with("  ")).any(|line| line.contains('\u{1b}')),
        "{text:?}"
    );
    assert_whole(&markdown(&report)[0]);
}

#[test]
fn what_was_left_out_is_said() {
    let pod = |sum: &str| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"checksum/config": sum}}});
    let mut collector = Collector::default();
    add(&mut collector, "e", &[pod("1")], &[pod("2")]);
    let report = report(collector);
    assert!(!report.has_differences());
    for form in
        [report.to_text(TextOptions::default()), report.to_html(), markdown(&report).concat()]
    {
        assert!(form.contains("1 change passed over by the rule checksums"), "{form}");
        assert!(form.contains("2 files not committed"), "{form}");
    }
}
