//! Kubeconfig files: merging, choosing, mistakes. Needs no server.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use renga_cluster::{
    Choice, Cluster, ClusterError, ClusterOptions, Kubeconfig, KubeconfigError, KubeconfigPaths,
};
use renga_diag::Report;

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn load(files: &[&Path]) -> Result<Kubeconfig, KubeconfigError> {
    let variable: OsString = std::env::join_paths(files).unwrap();
    Kubeconfig::load(&KubeconfigPaths {
        variable: Some(variable),
        home: None,
        directory: PathBuf::new(),
    })
}

const TWO: &str = "
apiVersion: v1
kind: Config
current-context: b
clusters:
- {name: two, cluster: {server: 'https://two.example.com:443/'}}
- {name: one, cluster: {server: https://one.example.com:6443}}
- {name: longer, cluster: {server: https://one.example.com:64431}}
contexts:
- {name: b, context: {cluster: one, user: u, namespace: shop}}
- {name: a, context: {cluster: one, user: u}}
- {name: c, context: {cluster: two, user: u}}
- {name: dangling, context: {cluster: none, user: u}}
- {name: nobody, context: {cluster: two, user: none}}
users:
- {name: u, user: {token: secret-token}}
";

#[test]
fn a_server_is_chosen_by_its_whole_url() {
    let folder = tempfile::tempdir().unwrap();
    let config = load(&[&write(folder.path(), "config", TWO)]).unwrap();
    let choose = |server: &str| config.choose(Choice::ApiServer(server)).map(|t| t.context);
    // The first by name, as tk sees them.
    assert_eq!(choose("https://one.example.com:6443").unwrap(), "a");
    assert_eq!(choose("HTTPS://Two.example.com").unwrap(), "c");
    let error = choose("https://one.example.com").unwrap_err();
    assert_eq!(
        error.tk_text(),
        "connecting to Kubernetes: finding usable context: no cluster that matches the apiServer \
         `https://one.example.com` was found. Please check your $KUBECONFIG"
    );
    // A cluster that no context uses.
    assert_eq!(
        choose("https://one.example.com:64431").unwrap_err().to_string(),
        "no context named `longer` was found. Please check your $KUBECONFIG"
    );
}

#[test]
fn contexts_are_chosen_by_anchored_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let config = load(&[&write(folder.path(), "config", TWO)]).unwrap();
    let choose = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        config.choose(Choice::ContextNames(&names))
    };
    let target = choose(&["nothing", "b|zzz"]).unwrap();
    assert_eq!(
        (target.context.as_str(), target.cluster.as_str(), target.namespace.as_str()),
        ("b", "one", "shop")
    );
    assert_eq!(
        choose(&["x", "y"]).unwrap_err().to_string(),
        "no context named `[x y]` was found. Please check your $KUBECONFIG"
    );
    assert!(choose(&["("]).unwrap_err().to_string().contains("is not a regular expression"));
    assert!(choose(&["dangling"]).unwrap_err().to_string().contains("no cluster named `none`"));
    assert!(choose(&["nobody"]).unwrap_err().to_string().contains("no user named `none`"));
    assert_eq!(config.server_of_context("c").unwrap(), "https://two.example.com:443/");
    assert_eq!(
        config.server_of_context("x").unwrap_err().to_string(),
        "no context named `x` was found. Please check your $KUBECONFIG"
    );
}

#[test]
fn the_first_file_wins_and_missing_ones_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(
        folder.path(),
        "first",
        "clusters:\n- {name: one, cluster: {server: https://first.example.com}}\n",
    );
    let second = write(folder.path(), "second", TWO);
    let empty = write(folder.path(), "empty", "");
    let missing = folder.path().join("missing");
    let config = load(&[&missing, &first, &empty, &second]).unwrap();
    assert_eq!(config.current_context(), "b");
    assert_eq!(config.server_of_context("a").unwrap(), "https://first.example.com");
    assert_eq!(config.contexts().collect::<Vec<_>>(), ["a", "b", "c", "dangling", "nobody"]);
}

#[test]
fn without_a_file_tks_words() {
    let folder = tempfile::tempdir().unwrap();
    for paths in [
        KubeconfigPaths { home: Some(folder.path().into()), ..KubeconfigPaths::default() },
        KubeconfigPaths { variable: Some("/nowhere/config".into()), ..KubeconfigPaths::default() },
        KubeconfigPaths::default(),
    ] {
        let config = Kubeconfig::load(&paths).unwrap();
        let error = config.choose(Choice::ApiServer("https://x.example.com")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no clusters found in Kubernetes config. Please set $KUBECONFIG or create a kubeconfig \
             at $HOME/.kube/config"
        );
        let error = config.choose(Choice::ContextNames(&["a".into()])).unwrap_err();
        assert!(error.to_string().starts_with("no contexts found in Kubernetes config."));
    }
    write(folder.path(), ".kube/config", TWO);
    let paths = KubeconfigPaths {
        variable: Some(OsString::new()),
        home: Some(folder.path().into()),
        directory: PathBuf::new(),
    };
    assert_eq!(Kubeconfig::load(&paths).unwrap().current_context(), "b");
}

#[test]
fn mistakes_are_named_without_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let problem = |text: &str| {
        let path = write(folder.path(), "config", text);
        load(&[&path]).unwrap_err().to_string().replace(&path.display().to_string(), "CONFIG")
    };
    assert_eq!(
        problem("users:\n- {name: u, user: {token: 12345}}"),
        "the kubeconfig CONFIG is not valid: `users[0].user.token` must be a string"
    );
    assert_eq!(
        problem("clusters: {a: b}"),
        "the kubeconfig CONFIG is not valid: `clusters` must be a list"
    );
    assert_eq!(
        problem("- a"),
        "the kubeconfig CONFIG is not valid: the document must be a mapping"
    );
    assert_eq!(problem("a: [b"), "the kubeconfig CONFIG is not valid YAML");
    assert_eq!(
        problem("contexts:\n- {name: a}\n- {name: a}"),
        "the kubeconfig CONFIG has two contexts named `a`"
    );
}

#[test]
fn debug_output_has_no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "{TWO}- {{name: v, user: {{username: joe, password: hunter2, client-key-data: a2V5}}}}\n"
    );
    let config = load(&[&write(folder.path(), "config", &text)]).unwrap();
    let target = config.choose(Choice::ApiServer("https://two.example.com")).unwrap();
    let shown = format!("{config:?} {target:?}");
    for secret in ["secret-token", "hunter2", "a2V5"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn files_and_data_of_credentials_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let error = |cluster: &str, user: &str| {
        let text = format!(
            "clusters:\n- name: c\n  cluster: {{server: 'https://127.0.0.1:1', {cluster}}}\n\
             contexts:\n- name: a\n  context: {{cluster: c, user: u}}\n\
             users:\n- name: u\n  user: {{{user}}}\n"
        );
        let config = load(&[&write(folder.path(), "config", &text)]).unwrap();
        let target = config.choose(Choice::ContextNames(&["a".into()])).unwrap();
        let options = ClusterOptions { retries: 0, ..ClusterOptions::default() };
        match Cluster::new(target, options).version(&()).unwrap_err() {
            ClusterError::Login(error) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let at = folder.path().join("token").display().to_string();
    assert_eq!(
        error("", "tokenFile: token"),
        format!("cannot read the token of user `u` from {at}")
    );
    assert_eq!(
        error("certificate-authority-data: '!!'", ""),
        "`certificate-authority-data` of cluster `c` in the kubeconfig is not valid: it is not base64"
    );
    assert_eq!(
        error("certificate-authority-data: aGVsbG8=", ""),
        "`certificate-authority-data` of cluster `c` in the kubeconfig is not valid: there is no certificate in it"
    );
    assert_eq!(
        error("", "client-certificate-data: aGVsbG8="),
        "`client-key-data` of user `u` in the kubeconfig is not valid: a certificate needs its key"
    );
    assert_eq!(
        error("", "auth-provider: {name: gcp}"),
        "user `u` logs in with the auth provider `gcp`, which is not supported"
    );
    assert!(
        error("proxy-url: 'ftp://p.example.com'", "").contains("neither http, https nor socks5")
    );
}
