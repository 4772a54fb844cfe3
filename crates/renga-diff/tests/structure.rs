//! The structural difference: what it finds, what it hides, and the laws it keeps.

use proptest::prelude::*;
use renga_diff::{
    Compare, Comparison, Edit, Fate, Mask, Noise, Pattern, RenderOptions, StructuralChange,
    apply_changes, render,
};
use renga_patch::Schema;
use serde_json::{Map, Value, json};

fn deployment(name: &str, containers: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "prod", "labels": {"app": name, "tier": "front"}},
        "spec": {
            "replicas": 2, "strategy": {"type": "Recreate"},
            "template": {"spec": {"serviceAccountName": "shop", "containers": containers}},
        },
    })
}

fn compare(before: &[Value], after: &[Value]) -> Comparison {
    Compare::default().objects(before, after)
}

fn text(comparison: &Comparison) -> String {
    render(comparison, RenderOptions::default())
}

fn changes(before: &Value, after: &Value) -> Vec<StructuralChange> {
    let schema = Schema::of(after).unwrap_or_else(Schema::free);
    Compare::default().values(before, after, schema).0
}

#[test]
fn items_are_matched_by_their_keys() {
    let before = deployment(
        "shop",
        &json!([
            {"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"name": "log", "image": "log:1", "ports": [{"containerPort": 80}]},
        ]),
    );
    let after = deployment(
        "shop",
        &json!([
            {"name": "mesh", "image": "mesh:1"},
            {"name": "web", "image": "web:2", "env": [{"name": "B", "value": "3"}, {"name": "A", "value": "1"}]},
            {"name": "log", "image": "log:1", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
        ]),
    );
    assert_eq!(
        text(&compare(&[before], &[after])),
        "± apps/v1 Deployment prod/shop
  spec.template.spec.containers[name=mesh]
    + list entry added
      + image: mesh:1
      + name: mesh

  spec.template.spec.containers[name=web].env[name=B]
    ⇆ moved from place 2 to 1

  spec.template.spec.containers[name=web].env[name=B].value
    ± value changed
      - 2
      + 3

  spec.template.spec.containers[name=web].image
    ± value changed
      - web:1
      + web:2

  spec.template.spec.containers[name=log].ports[containerPort=80].protocol
    + map entry added
      + TCP
"
    );
}

#[test]
fn a_renamed_container_is_the_same_one() {
    let container = |name: &str| json!([{"name": name, "image": "web:1", "args": ["--a", "--b"], "command": ["/web"]}]);
    let found = changes(&deployment("a", &container("web")), &deployment("a", &container("front")));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path.to_string(), "spec.template.spec.containers[name=web].name");
}

#[test]
fn custom_resources_have_the_keys_of_their_schema() {
    let schema = json!({"properties": {"spec": {"properties": {"rules": {
        "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["host", "port"],
    }}}}});
    let find = |version: &str, kind: &str| {
        (version == "example.com/v1" && kind == "Gate").then(|| Schema::structural(&schema))
    };
    let gate = |to: i64| {
        json!({"apiVersion": "example.com/v1", "kind": "Gate", "metadata": {"name": "g"}, "spec": {"rules": [
            {"host": "a", "port": 1, "to": 1}, {"host": "a", "port": 2, "to": to},
        ]}})
    };
    let compare = Compare { schemas: Some(&find), ..Compare::default() };
    let found = compare.objects(&[gate(1)], &[gate(2)]);
    assert_eq!(found.objects[0].changes[0].path.to_string(), "spec.rules[host=a,port=2].to");
}

#[test]
fn objects_come_go_and_are_renamed() {
    let web = json!([{"name": "web", "image": "web:1"}]);
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}});
    let role = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s"}});
    let found =
        compare(&[deployment("shop-v1", &web), config], &[role, deployment("shop-v2", &web)]);
    assert_eq!(found.counts(), (1, 1, 1));
    assert_eq!(
        text(&found),
        "- v1 ConfigMap c
  - apiVersion: v1
  - data:
  -   a: b
  - kind: ConfigMap
  - metadata:
  -   name: c

± apps/v1 Deployment prod/shop-v2 (renamed from apps/v1 Deployment prod/shop-v1)
  metadata.labels.app
    ± value changed
      - shop-v1
      + shop-v2

  metadata.name
    ± value changed
      - shop-v1
      + shop-v2

+ v1 ServiceAccount s
  + apiVersion: v1
  + kind: ServiceAccount
  + metadata:
  +   name: s
"
    );
}

#[test]
fn small_objects_are_not_taken_for_renamed() {
    let account = |name: &str| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    assert_eq!(compare(&[account("a")], &[account("b")]).counts(), (1, 1, 0));
}

#[test]
fn texts_and_what_they_hold() {
    let config = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data});
    let before = config(json!({
        "app.yaml": "a: 1\nlist:\n- name: x\n  v: 1\n- name: y\n",
        "dash": "{\"panels\": [{\"id\": 1, \"title\": \"CPU\"}], \"v\": 1}",
        "start.sh": "set -e\nrun\nexit\n",
        "form.yaml": "a: 1\n",
        "broken.yaml": "a: [\n",
    }));
    let after = config(json!({
        "app.yaml": "list:\n- name: y\n- name: x\n  v: 2\na: 1\n",
        "dash": "{\"v\": 1, \"panels\": [{\"id\": 1, \"title\": \"Memory\"}]}",
        "start.sh": "set -e\nwalk\nexit\n",
        "form.yaml": "# one\na: 1\n",
        "broken.yaml": "a: [1\n",
    }));
    assert_eq!(
        text(&compare(&[before], &[after])),
        "± v1 ConfigMap c
  data[\"app.yaml\"]
    ± embedded YAML changed
      list[name=y]
        ⇆ moved from place 2 to 1

      list[name=x].v
        ± value changed
          - 1
          + 2

  data[\"broken.yaml\"]
    ± text changed
      @@ -1 +1 @@
      -a: [
      +a: [1

  data.dash
    ± embedded JSON changed
      panels[id=1].title
        ± value changed
          - CPU
          + Memory

  data[\"form.yaml\"]
    ± text changed
      @@ -1 +1,2 @@
      +# one
       a: 1

  data[\"start.sh\"]
    ± text changed
      @@ -1,3 +1,3 @@
       set -e
      -run
      +walk
       exit
"
    );
}

#[test]
fn noise_is_hidden_and_counted() {
    let object = |sum: &str, replicas: i64| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "labels": {"helm.sh/chart": format!("a-{sum}")}},
            "spec": {"replicas": replicas, "template": {"metadata": {"annotations": {"checksum/config": sum}}}},
        })
    };
    let compare = Compare { noise: Noise::defaults(), ..Compare::default() };
    let quiet = compare.objects(&[object("1", 1)], &[object("2", 1)]);
    assert!(quiet.is_empty());
    assert_eq!(text(&quiet), "hidden: 1 change (chart labels)\nhidden: 1 change (checksums)\n");
    let loud = compare.objects(&[object("1", 1)], &[object("2", 2)]);
    assert_eq!(loud.objects[0].changes.len(), 1);
    let mut bare = object("1", 1);
    bare["spec"].as_object_mut().unwrap().shift_remove("template");
    bare["spec"]["template"] = json!({"metadata": {}});
    assert_eq!(compare.objects(&[bare], &[object("1", 1)]).hidden["checksums"], 1);
}

#[test]
fn secrets_show_that_they_changed_and_nothing_else() {
    let secret = |value: &str| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration":
                    json!({"data": {"a": value}}).to_string(),
            }},
            "data": {"a": value, "same": "c2VjcmV0"}, "stringData": {"b": value},
        })
    };
    let token = |value: &str| {
        json!({"apiVersion": "example.com/v1", "kind": "Login", "metadata": {"name": "l"},
            "spec": {"users": [{"name": "ann", "password": value}]}})
    };
    let mask = |key: &str| Mask {
        key: key.as_bytes().to_vec(),
        patterns: vec![Pattern::parse("spec.users.*.password").unwrap()],
        show_secrets: false,
    };
    let find = |key: &str| {
        Compare { mask: mask(key), ..Compare::default() }.objects(
            &[secret("c2VjcmV0"), token("secret1"), secret("c2VjcmV0")],
            &[secret("c2VjcmV1"), token("secret2")],
        )
    };
    let found = find("key");
    for shown in [text(&found), found.to_json().to_string(), format!("{found:?}")] {
        assert!(!shown.contains("c2Vj") && !shown.contains("secret1"), "{shown}");
    }
    assert_eq!(found.masked, 4 + 1 + 4);
    let paths: Vec<_> =
        found.objects.iter().flat_map(|o| &o.changes).map(|c| c.path.to_string()).collect();
    assert!(paths.contains(&"spec.users[name=ann].password".to_owned()));
    assert!(paths.contains(&"data.a".to_owned()));
    assert!(!paths.contains(&"data.same".to_owned()));
    assert_ne!(text(&found), text(&find("other key")));
    assert_eq!(text(&found), text(&find("key")));
}

#[test]
fn data_for_other_programs() {
    let found = compare(
        &[deployment("a", &json!([{"name": "web"}, {"name": "log"}]))],
        &[deployment("a", &json!([{"name": "log"}, {"name": "web", "image": "x"}]))],
    );
    assert_eq!(
        found.to_json(),
        json!({"version": 1, "objects": [{
            "apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a",
            "fate": "changed", "changes": [
                {
                    "path": "spec.template.spec.containers[name=log]",
                    "steps": ["spec", "template", "spec", "containers", {"index": 1, "name": "name=log"}],
                    "edit": "moved", "to": 0,
                },
                {
                    "path": "spec.template.spec.containers[name=web].image",
                    "steps": ["spec", "template", "spec", "containers", {"index": 0, "name": "name=web"}, "image"],
                    "edit": "added", "value": "x",
                },
            ],
        }], "hidden": {}, "masked": 0})
    );
}

#[test]
fn large_lists_and_texts_are_compared() {
    let items = |shift: usize| -> Value {
        (0..10_000_usize)
            .map(
                |i| json!({"name": format!("n{i}"), "value": (i + shift) % 1000, "tags": ["a", i]}),
            )
            .collect()
    };
    let unnamed = |shift: usize| -> Value {
        (0..10_000_usize)
            .map(|i| json!({"x": (i * 7 + shift) % 5000, "y": [i % 3, shift]}))
            .collect()
    };
    let scalars = |shift: usize| -> Value {
        (0..10_000_usize).map(|i| json!((i * 31 + shift) % 7000)).collect()
    };
    for (before, after) in
        [(items(0), items(1)), (unnamed(0), unnamed(1)), (scalars(0), scalars(2500))]
    {
        let found = changes(&before, &after);
        assert_eq!(apply_changes(&before, &found).unwrap(), after);
    }
    let line = "some words on a line of text\n".repeat(20_000);
    let before = json!({"a": line});
    let after = json!({"a": format!("{line}new\n{line}")});
    let found = changes(&before, &after);
    assert!(matches!(&found[0].edit, Edit::Text { .. }));
    let one_line = json!({"a": "x".repeat(5_000_000)});
    let shown = text(&compare(
        &[json!({"kind": "A", "metadata": {"name": "a"}, "a": "y"})],
        &[json!({"kind": "A", "metadata": {"name": "a"}, "a": one_line["a"]})],
    ));
    assert!(shown.len() < 10_000 && shown.contains("more bytes"));
}

#[test]
fn objects_of_one_identity_are_compared_in_turn() {
    let object = |value: i64| json!({"kind": "A", "apiVersion": "v1", "metadata": {"name": "a"}, "v": value});
    assert!(compare(&[object(1), object(2)], &[object(1), object(2)]).is_empty());
    let found = compare(&[object(1)], &[object(1), object(3)]);
    assert!(matches!(found.objects[..], [ref one] if matches!(one.fate, Fate::Added(_))));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        prop_oneof![
            Just("a"),
            Just("b"),
            Just("x\ny\n"),
            Just("x\nz\n"),
            Just("{\"a\":1}"),
            Just("{\"a\":2}")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec(
                (
                    prop_oneof![
                        Just("name"),
                        Just("a"),
                        Just("b"),
                        Just("c.yaml"),
                        Just("containers"),
                        Just("spec")
                    ],
                    inner
                ),
                0..5,
            )
            .prop_map(|entries| {
                Value::Object(
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .rev()
                .map(|(key, item)| (key.clone(), reversed(item)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.iter().map(reversed).collect(),
        scalar => scalar.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn changes_applied_to_the_old_value_give_the_new_one(before in values(), after in values()) {
        let found = changes(&before, &after);
        prop_assert_eq!(found.is_empty(), before == after);
        prop_assert_eq!(apply_changes(&before, &found).unwrap(), after);
    }

    #[test]
    fn the_order_of_keys_does_not_matter(before in values(), after in values()) {
        let found = changes(&before, &after);
        prop_assert_eq!(&changes(&reversed(&before), &reversed(&after)), &found);
        prop_assert!(changes(&before, &reversed(&before)).is_empty());
    }

    #[test]
    fn objects_are_all_accounted_for(
        before in proptest::collection::vec((0_u8..6, values()), 0..6),
        after in proptest::collection::vec((0_u8..6, values()), 0..6),
    ) {
        let objects = |list: Vec<(u8, Value)>| -> Vec<Value> {
            list.into_iter()
                .map(|(name, value)| json!({"kind": "A", "apiVersion": "v1", "metadata": {"name": name.to_string()}, "v": value}))
                .collect()
        };
        let (before, after) = (objects(before), objects(after));
        let found = compare(&before, &after);
        let (added, removed, _) = found.counts();
        prop_assert_eq!(before.len() + added, after.len() + removed);
        prop_assert!(compare(&before, &before).is_empty());
    }
}
