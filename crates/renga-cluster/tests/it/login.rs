//! Login programs and proxies.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use renga_cluster::{
    Cluster, ClusterError, ClusterOptions, LoginError, Proxies, RequestError, Timeouts, TlsProblem,
};
use renga_test::TestCluster;
use serde_json::{Value, json};

use crate::support::{context_of, entry, kubeconfig_value, options, own_server, told};

/// A copy of the kubeconfig after a change, with its folder.
fn changed(
    server: &TestCluster,
    change: impl FnOnce(&mut Value, &Path),
) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = kubeconfig_value(server);
    change(&mut config, folder.path());
    let path = folder.path().join("config");
    std::fs::write(&path, config.to_string()).unwrap();
    (folder, path)
}

fn exec_user(config: &mut Value, exec: Value) {
    let user = entry(config, "contexts", "admin-exec")["context"]["user"].clone();
    entry(config, "users", user.as_str().unwrap())["user"] = json!({"exec": exec});
}

fn login_error(path: &Path, options: ClusterOptions) -> LoginError {
    match context_of(path, "admin-exec", options).version(&()).unwrap_err() {
        ClusterError::Login(error) => error,
        other => panic!("{other:?}"),
    }
}

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";

#[test]
fn a_missing_login_program_is_named_with_its_hint() {
    let Some(server) = own_server() else { return };
    let (_folder, path) = changed(server, |config, _| {
        exec_user(
            config,
            json!({"apiVersion": V1, "command": "no-such-login",
            "interactiveMode": "IfAvailable", "installHint": "install it with care"}),
        );
    });
    let text = told(&login_error(&path, options()));
    assert!(text.starts_with("the login program `no-such-login` of user `"), "{text}");
    assert!(text.ends_with("cannot be found\n  help: install it with care"), "{text}");
}

#[test]
fn a_failing_login_program_is_told_without_its_output() {
    let Some(server) = own_server() else { return };
    let (_folder, path) = changed(server, |config, _| {
        exec_user(
            config,
            json!({"apiVersion": V1, "command": "sh",
            "args": ["-c", "echo secret-output; echo session expired >&2; exit 3"]}),
        );
    });
    let text = login_error(&path, options()).to_string();
    assert!(text.ends_with("failed (exit status: 3): session expired"), "{text}");
    assert!(!text.contains("secret-output"));
    let (_folder, path) = changed(server, |config, _| {
        exec_user(
            config,
            json!({"apiVersion": V1, "command": "sh", "args": ["-c", "echo secret-output"]}),
        );
    });
    let text = login_error(&path, options()).to_string();
    assert!(text.ends_with("cannot be used: it is not valid JSON"), "{text}");
}

#[test]
fn a_login_program_never_waits_for_a_terminal() {
    let Some(server) = own_server() else { return };
    let (_folder, path) = changed(server, |config, _| {
        exec_user(
            config,
            json!({"apiVersion": V1, "command": "sh", "args": ["-c", "read answer; exit 4"]}),
        );
    });
    assert!(login_error(&path, options()).to_string().contains("exit status: 4"));
    let (_folder, path) = changed(server, |config, _| {
        exec_user(config, json!({"apiVersion": V1, "command": "sleep", "args": ["60"]}));
    });
    let timeouts = Timeouts { login: Duration::from_millis(200), ..Timeouts::default() };
    let error = login_error(&path, ClusterOptions { timeouts, ..options() });
    assert!(matches!(error, LoginError::PluginTimeout { .. }), "{error:?}");
    let (_folder, path) = changed(server, |config, _| {
        exec_user(config, json!({"apiVersion": V1, "command": "sh", "interactiveMode": "Always"}));
    });
    assert!(login_error(&path, options()).to_string().contains("needs a terminal"));
}

#[test]
fn a_login_program_sees_what_it_needs() {
    let Some(server) = own_server() else { return };
    let mut config = kubeconfig_value(server);
    let user = entry(&mut config, "contexts", "admin-token")["context"]["user"].clone();
    let token = entry(&mut config, "users", user.as_str().unwrap())["user"]["token"].clone();
    for version in [V1, V1BETA1] {
        let (folder, path) = changed(server, |config, folder| {
            // Relative to the kubeconfig; the variables are the caller's and the entry's.
            let script = folder.join("bin/login");
            std::fs::create_dir(folder.join("bin")).unwrap();
            let text = format!(
                "#!/bin/sh\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$OUT/info\"\n\
                 printf '%s' \"$GIVEN $1\" > \"$OUT/given\"\n\
                 printf '{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{version}\",\"status\":{{\"token\":\"%s\"}}}}' \"$TOKEN\"\n"
            );
            std::fs::write(&script, text).unwrap();
            let mut permissions = std::fs::metadata(&script).unwrap().permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
            std::fs::set_permissions(&script, permissions).unwrap();
            exec_user(
                config,
                json!({"apiVersion": version, "command": "./bin/login", "args": ["one"],
                "env": [{"name": "TOKEN", "value": token}], "provideClusterInfo": true}),
            );
        });
        let mut options = options();
        options.variables.push(("OUT".into(), folder.path().into()));
        options.variables.push(("GIVEN".into(), "from the caller".into()));
        context_of(&path, "admin-exec", options).version(&()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("given"), "from the caller one");
        let info: Value = serde_json::from_str(&read("info")).unwrap();
        assert_eq!(info["apiVersion"], version);
        assert_eq!(info["spec"]["interactive"], false);
        assert!(
            info["spec"]["cluster"]["server"].as_str().unwrap().starts_with("https://127.0.0.1")
        );
        assert!(info["spec"]["cluster"]["certificate-authority-data"].is_string());
    }
}

#[test]
fn a_login_that_expired_is_renewed_once() {
    let Some(server) = own_server() else { return };
    let mut config = kubeconfig_value(server);
    let user = entry(&mut config, "contexts", "admin-token")["context"]["user"].clone();
    let token = entry(&mut config, "users", user.as_str().unwrap())["user"]["token"].clone();
    // The first answer is a token that is no good any more.
    let (folder, path) = changed(server, |config, folder| {
        let script = format!(
            "echo x >> {out}; t=old; [ $(wc -l < {out}) -gt 1 ] && t={token}; \
             printf '{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{V1}\",\"status\":{{\"token\":\"%s\"}}}}' $t",
            out = folder.join("count").display(),
            token = token.as_str().unwrap()
        );
        exec_user(config, json!({"apiVersion": V1, "command": "sh", "args": ["-c", script]}));
    });
    let cluster = context_of(&path, "admin-exec", options());
    cluster.version(&()).unwrap();
    cluster.version(&()).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("count")).unwrap(), "x\nx\n");
    // One that never becomes good is told.
    let (_folder, path) = changed(server, |config, _| {
        let script = format!(
            "echo '{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{V1}\",\"status\":{{\"token\":\"bad\"}}}}'"
        );
        exec_user(config, json!({"apiVersion": V1, "command": "sh", "args": ["-c", script]}));
    });
    let error = context_of(&path, "admin-exec", options()).version(&()).unwrap_err();
    assert!(matches!(error, ClusterError::Request(RequestError::Unauthorized { .. })), "{error:?}");
}

#[test]
fn token_files_and_impersonation_work() {
    let Some(server) = own_server() else { return };
    let (_folder, path) = changed(server, |config, folder| {
        let user = entry(config, "contexts", "admin-token")["context"]["user"].clone();
        let user = entry(config, "users", user.as_str().unwrap());
        let token = user["user"]["token"].as_str().unwrap().to_owned();
        std::fs::write(folder.join("token"), token + "\n").unwrap();
        user["user"] = json!({"tokenFile": "token", "as": "jane", "as-groups": ["team"],
            "as-user-extra": {"example.com/why": ["because"]}});
    });
    let cluster = context_of(&path, "admin-token", options());
    let map = crate::support::config_map("default", "a", json!({}));
    let report = crate::support::diff(&cluster, &[map], renga_cluster::DiffStrategy::Native);
    assert_eq!(
        crate::support::statuses(&report),
        ["ConfigMap/a failed: user `jane` may not get configmaps \"a\" in namespace `default`"]
    );
}

#[test]
fn names_of_certificates_are_checked_and_can_be_given() {
    let Some(server) = own_server() else { return };
    let with = |name: &str| {
        changed(server, |config, _| {
            let cluster = entry(config, "contexts", "admin")["context"]["cluster"].clone();
            let cluster = entry(config, "clusters", cluster.as_str().unwrap());
            cluster["cluster"]["tls-server-name"] = json!(name);
        })
    };
    let (_folder, path) = with("localhost");
    context_of(&path, "admin", options()).version(&()).unwrap();
    let (_folder, path) = with("other.example.com");
    let error = context_of(&path, "admin", options()).version(&()).unwrap_err();
    let ClusterError::Request(RequestError::Tls {
        problem: TlsProblem::NameMismatch(names), ..
    }) = &error
    else {
        panic!("{error:?}")
    };
    assert!(names.iter().any(|name| name == "localhost"), "{names:?}");
    // Without verification nothing is looked at.
    let (_folder, path) = changed(server, |config, _| {
        let cluster = entry(config, "contexts", "wrong-ca")["context"]["cluster"].clone();
        let cluster = entry(config, "clusters", cluster.as_str().unwrap());
        cluster["cluster"]["insecure-skip-tls-verify"] = json!(true);
        cluster["cluster"].as_object_mut().unwrap().remove("certificate-authority-data");
    });
    context_of(&path, "wrong-ca", options()).version(&()).unwrap();
}

/// A proxy that knows `CONNECT`; it connects everything to the server, and keeps what it was asked.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn new(back: String, refuse: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        std::thread::spawn(move || {
            for front in listener.incoming().flatten() {
                let (back, log) = (back.clone(), log.clone());
                std::thread::spawn(move || {
                    // The end of either side ends both.
                    let _ = tunnel(front, &back, &log, refuse);
                });
            }
        });
        Self { port, asked }
    }
}

fn tunnel(
    mut front: TcpStream,
    back: &str,
    log: &Mutex<Vec<String>>,
    refuse: bool,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if front.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    log.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    if refuse {
        return front.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    let mut server = TcpStream::connect(back)?;
    front.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut up_from, mut up_to) = (front.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(std::net::Shutdown::Write);
    });
    std::io::copy(&mut server, &mut front)?;
    front.shutdown(std::net::Shutdown::Both)
}

/// The server under a name that only a proxy can resolve.
fn behind_a_proxy(
    server: &TestCluster,
    proxy_url: Option<String>,
) -> (tempfile::TempDir, PathBuf, String) {
    let mut back = String::new();
    let (folder, path) = changed(server, |config, _| {
        let name = entry(config, "contexts", "admin")["context"]["cluster"].clone();
        let cluster = &mut entry(config, "clusters", name.as_str().unwrap())["cluster"];
        let url = cluster["server"].as_str().unwrap().to_owned();
        url.trim_start_matches("https://").clone_into(&mut back);
        cluster["server"] = json!("https://api.example.com:6443");
        cluster["tls-server-name"] = json!("localhost");
        if let Some(proxy) = proxy_url {
            cluster["proxy-url"] = json!(proxy);
        }
    });
    (folder, path, back)
}

fn version(path: &Path, proxies: Proxies) -> Result<(), ClusterError> {
    let options = ClusterOptions { proxies, retries: 0, ..options() };
    Cluster::version(&context_of(path, "admin", options), &()).map(|_| ())
}

#[test]
fn proxies_are_used_where_they_should_be() {
    let Some(server) = own_server() else { return };
    let (_folder, path, back) = behind_a_proxy(server, None);
    let proxy = Proxy::new(back.clone(), false);
    let at = format!("http://me:pa%40ss@127.0.0.1:{}", proxy.port);
    let with = |no_proxy: &str| Proxies {
        https: at.clone(),
        no_proxy: no_proxy.into(),
        ..Proxies::default()
    };
    version(&path, with("")).unwrap();
    version(&path, with("other.example.com,127.0.0.1,")).unwrap();
    let asked = proxy.asked.lock().unwrap().clone();
    assert!(asked.len() >= 2);
    assert!(asked[0].starts_with("CONNECT api.example.com:6443 "), "{asked:?}");
    assert!(
        asked[0].to_lowercase().contains("proxy-authorization: basic bwu6cgfac3m="),
        "{asked:?}"
    );
    // Excluded: the name cannot be resolved.
    let error = version(&path, with("example.com")).unwrap_err();
    assert!(matches!(error, ClusterError::Request(RequestError::Unresolved { .. })), "{error:?}");
    // The kubeconfig's own proxy comes first, whatever is excluded.
    let (_folder, path, _) =
        behind_a_proxy(server, Some(format!("http://127.0.0.1:{}", proxy.port)));
    let nowhere =
        Proxies { https: "http://127.0.0.1:1".into(), no_proxy: "*".into(), ..Proxies::default() };
    version(&path, nowhere).unwrap();
}

#[test]
fn proxies_that_fail_are_told_without_their_passwords() {
    let Some(server) = own_server() else { return };
    let (_folder, path, back) = behind_a_proxy(server, None);
    let refusing = Proxy::new(back, true);
    for (port, expected) in [(refusing.port, "does not connect to"), (1, "refuses connections")] {
        let proxies =
            Proxies { https: format!("http://me:hunter2@127.0.0.1:{port}"), ..Proxies::default() };
        let error = version(&path, proxies).unwrap_err();
        let text = format!("{} {error:?}", told(&error));
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
