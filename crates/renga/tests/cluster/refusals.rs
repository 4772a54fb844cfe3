//! What servers and clusters refuse, and how that is told.

use serde_json::json;

use crate::support::Live;

const ONE: &str = "one: config('one', { a: '1' }),";

#[test]
fn a_diff_that_fails_never_leads_to_a_silent_apply() {
    let Some(live) = Live::with_contexts("blind") else { return };
    live.environment(
        "environments/viewer",
        &json!({ "contextNames": ["viewer"], "namespace": "default" }),
        "{ a: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'never' } } }",
    );
    for name in [&[][..], &["tk"]] {
        let apply = [name, &["apply", "environments/viewer"]].concat();
        let always = [&apply[..], &["--auto-approve", "always"]].concat();
        live.run(&always).exits(1).says(&["nothing was applied"]);
        let asked = live.run(&apply).exits(1);
        assert!(asked.stdout.contains("Please type 'yes'"), "{}", asked.stdout);
        let if_none = [&apply[..], &["--auto-approve", "if-no-changes"]].concat();
        assert!(live.run(&if_none).exits(1).stdout.contains("Please type 'yes'"));
    }
}

#[test]
fn what_a_user_may_not_do_is_named() {
    let Some(live) = Live::with_contexts("rights") else { return };
    let main = "{ a: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } }";
    for (context, namespace, parts) in [
        ("viewer", "default", &["`viewer`", "configmaps", "`default`"][..]),
        ("editor", "default", &["`editor`", "configmaps", "`default`"]),
        ("nobody", "default", &["`nobody`", "configmaps", "`default`"]),
        ("bad-token", "default", &["credentials", "`bad-token`"]),
        ("wrong-ca", "default", &["certificate", "authority"]),
        ("down", "default", &["refuses connections"]),
    ] {
        let spec = json!({ "contextNames": [context], "namespace": namespace });
        live.environment("environments/user", &spec, main);
        live.run(&["diff", "environments/user"]).exits(1).says(parts);
        let tk = live.run(&["tk", "diff", "environments/user"]).exits(1);
        assert!(tk.stderr.contains("Error: "), "{}", tk.stderr);
    }
    // Where the editor may, it works, also without a right to list namespaces.
    let spec = json!({ "contextNames": ["editor"], "namespace": "team-a" });
    live.environment("environments/user", &spec, main);
    live.run(&["apply", "environments/user", "--auto-approve", "always"]).exits(0);
    live.run(&["diff", "environments/user"]).exits(0);
    live.run(&["delete", "environments/user", "--auto-approve", "always"]).exits(0);
}

#[test]
fn kinds_that_cannot_be_listed_do_not_end_a_prune() {
    let Some(live) = Live::with_contexts("unlisted") else { return };
    let spec = json!({ "contextNames": ["editor"], "namespace": "team-a", "injectLabels": true });
    live.environment(
        "environments/user",
        &spec,
        "{ a: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unlisted' } } }",
    );
    live.run(&["apply", "environments/user", "--auto-approve", "always"]).exits(0);
    let pruned = live.run(&["prune", "environments/user", "--namespace", "team-a"]).exits(0);
    pruned.says(&["cannot be listed"]);
    live.run(&["delete", "environments/user", "--auto-approve", "always"]).exits(0);
}

#[test]
fn logins_of_every_kind_work() {
    let Some(live) = Live::with_contexts("login") else { return };
    for context in ["admin", "admin-token", "admin-exec"] {
        live.environment("environments/user", &json!({ "contextNames": [context] }), "{}");
        live.run(&["status", "environments/user"]).exits(0);
    }
}

#[test]
fn one_object_that_fails_does_not_stop_the_others() {
    let Some(live) = Live::new("one-fails") else { return };
    live.main("");
    live.apply().exits(0);
    live.main(&format!("{ONE} wrong: config('Wrong_Name', {{}}),"));
    live.on_main("diff", &[]).exits(1).says(&[
        "Wrong_Name",
        "metadata.name",
        "1 object cannot be compared",
    ]);
    live.apply().exits(1).says(&["nothing was applied"]);
    let none = ["--diff-strategy", "none", "--auto-approve", "always"];
    let applied = live.on_main("apply", &none).exits(1).says(&["Wrong_Name", "metadata.name"]);
    assert!(applied.stdout.contains("1 created, 1 failed, 1 unchanged\n"), "{}", applied.stdout);
    live.main(ONE);
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn what_cannot_be_changed_can_be_replaced() {
    let Some(live) = Live::new("replace") else { return };
    let immutable =
        |data: &str| format!("one: config('one', {{ a: '{data}' }}) + {{ immutable: true }},");
    live.main(&immutable("1"));
    live.apply().exits(0);
    live.main(&immutable("2"));
    let none = ["--diff-strategy", "none", "--auto-approve", "always"];
    live.on_main("apply", &none).exits(1).says(&["--replace"]);
    let replaced = live.on_main("apply", &[&none[..], &["--replace"]].concat()).exits(0).stdout;
    assert!(replaced.contains("1 replaced"), "{replaced}");
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn fields_that_others_own_are_named_with_their_owner() {
    let Some(live) = Live::with_contexts("conflict") else { return };
    let web = |annotations: &str| {
        live.main(&format!(
            "web: {{
               apiVersion: 'apps/v1', kind: 'Deployment',
               metadata: {{ name: 'web', annotations: {{ {annotations} }} }},
               spec: {{ selector: {{ matchLabels: {{ app: 'web' }} }}, template: {{
                 metadata: {{ labels: {{ app: 'web' }} }},
                 spec: {{ containers: [{{ name: 'web', image: 'web:1' }}] }} }} }} }},"
        ));
    };
    let server = ["--apply-strategy", "server", "--auto-approve", "always"];
    web("");
    live.on_main("apply", &server).exits(0);
    // The controller writes its annotation within moments.
    web("'deployment.kubernetes.io/revision': '7'");
    let mut conflict = live.on_main("apply", &server);
    for _ in 0..50 {
        if conflict.exit != 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        conflict = live.on_main("apply", &server);
    }
    conflict.exits(1).says(&[
        "deployment.kubernetes.io/revision",
        "kube-controller-manager",
        "--force",
    ]);
    live.on_main("apply", &[&server[..], &["--force"]].concat()).exits(0);
}

#[test]
fn unknown_fields_are_refused_unless_validation_is_off() {
    let Some(live) = Live::new("unknown-field") else { return };
    live.main(&format!("{ONE} odd: config('odd', {{}}) + {{ oddity: 1 }},"));
    let none = ["--diff-strategy", "none", "--auto-approve", "always"];
    live.on_main("apply", &none).exits(1).says(&["oddity"]);
    live.on_main("apply", &[&none[..], &["--validate=false"]].concat()).exits(0);
}

#[test]
fn an_object_that_is_too_large_is_said_to_be() {
    let Some(live) = Live::new("large") else { return };
    live.main("large: config('large', { a: std.repeat('x', 1100000) }),");
    let none =
        ["--diff-strategy", "none", "--auto-approve", "always", "--apply-strategy", "server"];
    let applied = live.on_main("apply", &none).exits(1);
    assert!(applied.stderr.contains("ConfigMap/large"), "{}", applied.stderr);
    assert!(applied.stderr.len() < 5000, "the object itself is in the error");
}

#[test]
fn waiting_ends_and_says_what_is_missing() {
    let Some(live) = Live::with_contexts("wait") else { return };
    live.main(&format!(
        "{ONE} web: {{
           apiVersion: 'apps/v1', kind: 'Deployment', metadata: {{ name: 'web' }},
           spec: {{ selector: {{ matchLabels: {{ app: 'web' }} }}, template: {{
             metadata: {{ labels: {{ app: 'web' }} }},
             spec: {{ containers: [{{ name: 'web', image: 'web:1' }}] }} }} }} }},"
    ));
    let flags = ["--auto-approve", "always", "--wait=3s"];
    live.on_main("apply", &flags).exits(1).says(&["Deployment/web", "is not ready"]);
    live.main(ONE);
    live.on_main("apply", &flags).exits(0);
}
