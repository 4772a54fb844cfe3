use super::*;

fn read(text: &str) -> ChartMetadata {
    ChartMetadata::read(text.as_bytes()).unwrap()
}

fn error(text: &str) -> String {
    ChartMetadata::read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn scalars_become_strings() {
    let chart = read(
        "apiVersion: v2\nNAME: 7\nversion: 1.10\nappversion: true\nannotations: {a: 1e3, b: null}\n\
         keywords: [1, x, null]\nunknown: [1]\ndescription: null\n",
    );
    assert_eq!(chart.name, "7");
    assert_eq!(chart.version, "1.1");
    assert_eq!(chart.app_version, "true");
    assert_eq!(chart.annotations["a"], "1000");
    assert_eq!(chart.annotations["b"], "");
    assert_eq!(chart.keywords, ["1", "x", ""]);
    assert_eq!(read("name: a").api_version, "v1");
    assert_eq!(read("").name, "");
}

#[test]
fn floats_are_written_as_go_does() {
    for (text, expected) in [
        ("1.25", "1.25"),
        ("1e21", "1e+21"),
        ("123456789.5e12", "123456789500000000000"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1.0", "1"),
        ("0x1F", "31"),
    ] {
        assert_eq!(read(&format!("version: {text}")).version, expected, "{text}");
    }
}

#[test]
fn wrong_types_are_reported_as_helm_does() {
    let field = |text: &str| {
        let text = error(text);
        let prefix = "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: ";
        text.strip_prefix(prefix).unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    // Recorded from helm v4.3.1.
    for (text, expected) in [
        ("name: [1]", "array into Go struct field Metadata.name of type string"),
        (
            "dependencies: 3",
            "number into Go struct field Metadata.dependencies of type []*v2.Dependency",
        ),
        (
            "dependencies: [{name: [x]}]",
            "array into Go struct field Dependency.dependencies.name of type string",
        ),
        ("deprecated: x", "string into Go struct field Metadata.deprecated of type bool"),
        (
            "maintainers: [x]",
            "string into Go struct field Metadata.maintainers of type v2.Maintainer",
        ),
        ("[x]", "array into Go value of type loader.chartBase"),
        (
            "annotations: {a: {b: c}}",
            "object into Go struct field Metadata.annotations of type string",
        ),
        (
            "dependencies: [{tags: x}]",
            "string into Go struct field Dependency.dependencies.tags of type []string",
        ),
        (
            "name: {}\nkeywords: [[x]]\ndeprecated: 1",
            "number into Go struct field Metadata.deprecated of type bool",
        ),
    ] {
        assert_eq!(field(text), format!("cannot unmarshal {expected}"));
    }
    assert_eq!(
        error("name: a\nversion: [\n"),
        "cannot load Chart.yaml: error converting YAML to JSON: yaml: line 2: did not find expected \
         node content"
    );
}

#[test]
fn requirements_are_read_over_the_chart() {
    let entry = |path: &str, text: &str| Entry { path: path.to_owned(), data: text.into() };
    let chart = ChartMetadata::of_entries(&[
        entry(
            "requirements.yaml",
            "dependencies:\n- {name: b, version: 1.x, import-values: [1]}\n",
        ),
        entry("Chart.yaml", "name: a\nversion: 1.0.0\n"),
        entry("charts/Chart.yaml", "name: c\n"),
    ])
    .unwrap();
    assert_eq!(chart.name, "a");
    let [Some(dependency)] = &chart.dependencies[..] else { panic!("{chart:?}") };
    assert_eq!(dependency.version, "1.x");
    assert_eq!(dependency.import_values, [Value::from(1.0)]);
    assert!(!chart.to_yaml().contains("dependencies"), "v1: they have a file of their own");
    assert!(matches!(ChartMetadata::of_entries(&[]), Err(MetadataError::Missing)));
}

#[test]
fn a_chart_is_written_as_helm_package_does() {
    // Recorded from `helm package` v4.3.1.
    let chart = read(
        "version: 1.2.3\nname: a\napiVersion: v2\ndescription: \"x: y\"\nappVersion: \"1.10\"\n\
         maintainers:\n- url: u\n  name: n\ndependencies:\n- name: b\n  version: '>=1'\n  \
         condition: b.enabled\n  import-values:\n  - data\n  - child: x\n    parent: y\nkeywords: []\n\
         foo: bar\nannotations:\n  b: '1'\n  a: 'true'\n",
    );
    let written = "annotations:\n  a: \"true\"\n  b: \"1\"\napiVersion: v2\nappVersion: \"1.10\"\ndependencies:\n- \
                   condition: b.enabled\n  import-values:\n  - data\n  - child: x\n    parent: true\n  name: b\n  \
                   repository: \"\"\n  version: '>=1'\ndescription: 'x: y'\nmaintainers:\n- name: \"false\"\n  \
                   url: u\nname: a\nversion: 1.2.3\n";
    assert_eq!(chart.to_yaml(), written);
}
