//! Nothing of a Secret is ever shown.

use crate::support::Live;

/// Values that must not be seen, and what they look like in the server's form.
const VALUES: [&str; 4] =
    ["hunter2-first", "hunter2-second", "aHVudGVyMi1maXJzdA", "aHVudGVyMi1zZWNvbmQ"];

#[track_caller]
fn keeps(live: &Live, arguments: &[&str]) -> i32 {
    let ran = live.run(&[arguments, &["--log-level", "trace"]].concat());
    for value in VALUES {
        assert!(!ran.stdout.contains(value), "{arguments:?}: {}", ran.stdout);
        assert!(!ran.stderr.contains(value), "{arguments:?}: {}", ran.stderr);
    }
    ran.exit
}

#[test]
fn data_of_secrets_reaches_no_output() {
    let Some(live) = Live::new("secrets") else { return };
    let secret = |value: &str, rest: &str| {
        live.main(&format!(
            "secret: {{ apiVersion: 'v1', kind: 'Secret', metadata: {{ name: 's' }}, \
             stringData: {{ pw: '{value}' }}, data: {{ other: std.base64('{value}') }}{rest} }},"
        ));
    };
    secret("hunter2-first", "");
    let main = "environments/main";
    for name in [&[][..], &["tk"]] {
        let with = |words: &[&'static str]| [name, words].concat();
        secret("hunter2-first", "");
        // The namespace is not there yet: a static difference.
        keeps(&live, &with(&["diff", main]));
        assert_eq!(keeps(&live, &with(&["apply", main, "--auto-approve", "always"])), 0);
        secret("hunter2-second", "");
        for strategy in ["native", "server", "validate", "subset"] {
            assert_eq!(keeps(&live, &with(&["diff", main, "--diff-strategy", strategy])), 16);
        }
        keeps(&live, &with(&["apply", main]));
        // Refused by the server, which is not to repeat the object.
        secret("hunter2-second", ", type: 'kubernetes.io/tls'");
        keeps(&live, &with(&["diff", main]));
        keeps(
            &live,
            &with(&["apply", main, "--diff-strategy", "none", "--auto-approve", "always"]),
        );
        live.main("");
        keeps(&live, &with(&["diff", main, "--with-prune"]));
        keeps(&live, &with(&["prune", main]));
        secret("hunter2-second", "");
        keeps(&live, &with(&["delete", main]));
        keeps(&live, &with(&["status", main]));
    }
    assert_eq!(keeps(&live, &["diff", main, "--output", "json"]), 16);
    keeps(&live, &["apply", main, "--output", "json", "--dry-run", "server"]);
    keeps(&live, &["delete", main, "--output", "json", "--dry-run", "server"]);
}

#[test]
fn credentials_reach_no_output() {
    let Some(live) = Live::with_contexts("credentials") else { return };
    let kubeconfig = fs_err::read_to_string(&live.cluster.kubeconfig).unwrap();
    let secrets: Vec<&str> = kubeconfig
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("token: ").or_else(|| line.strip_prefix("client-key-data: "))
        })
        .map(str::trim)
        .filter(|secret| secret.len() > 20)
        .collect();
    assert!(secrets.len() > 2, "{secrets:?}");
    for context in ["admin-token", "admin-exec", "bad-token", "viewer", "wrong-ca", "down"] {
        let spec = serde_json::json!({ "contextNames": [context] });
        live.environment("environments/user", &spec, "{}");
        for name in [&[][..], &["tk"]] {
            let words = [name, &["status", "environments/user", "--log-level", "trace"]].concat();
            let ran = live.run(&words);
            for secret in &secrets {
                assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{context}");
            }
        }
    }
}
