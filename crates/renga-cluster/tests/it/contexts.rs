//! Every context of the server: what works, and in which words what does not.

use renga_cluster::{ApplyOptions, ClusterError, DiffStrategy, RequestError, TlsProblem};
use serde_json::json;

use crate::support::{
    apply, config_map, context, definition, diff, fresh, live, outcomes, own_server, statuses, told,
};

#[test]
fn every_good_login_works() {
    let Some(server) = own_server() else { return };
    for name in ["admin", "admin-token", "admin-exec", "viewer", "editor", "nobody"] {
        let version = context(server, name).version(&()).unwrap();
        assert!(version.git_version.starts_with("v1."), "{name}: {version:?}");
    }
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "login");
    for name in ["admin-token", "admin-exec"] {
        let map = config_map(&namespace, name, json!({"a": "b"}));
        let cluster = context(server, name);
        assert_eq!(
            outcomes(&apply(&cluster, std::slice::from_ref(&map), &ApplyOptions::default())),
            [format!("ConfigMap/{name} created")]
        );
        assert_eq!(live(&cluster, &map)["data"]["a"], "b");
    }
}

#[test]
fn a_viewer_is_told_what_it_may_not_do() {
    let Some(server) = own_server() else { return };
    let namespace = fresh(&context(server, "admin"), "view");
    let viewer = context(server, "viewer");
    let map = config_map(&namespace, "a", json!({}));
    let report = apply(&viewer, &[map], &ApplyOptions::default());
    assert_eq!(
        outcomes(&report),
        [format!(
            "ConfigMap/a failed: user `viewer` may not create configmaps in namespace `{namespace}`"
        )]
    );
    let secret = crate::support::manifest(json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "s", "namespace": namespace}}));
    let report = diff(&viewer, &[secret], DiffStrategy::Native);
    assert_eq!(
        statuses(&report),
        [format!(
            "Secret/s failed: user `viewer` may not get secrets \"s\" in namespace `{namespace}`"
        )]
    );
}

#[test]
fn an_editor_may_work_in_its_namespace_alone() {
    let Some(server) = own_server() else { return };
    let editor = context(server, "editor");
    let own = config_map("team-a", "editors", json!({"x": "1"}));
    let other = config_map("default", "editors", json!({}));
    let report = apply(
        &editor,
        &[own, other, definition("editor.example.com", "things", "Thing")],
        &ApplyOptions::default(),
    );
    let outcomes = outcomes(&report);
    assert!(
        outcomes[0] == "ConfigMap/editors created" || outcomes[0] == "ConfigMap/editors unchanged"
    );
    assert_eq!(
        outcomes[1],
        "ConfigMap/editors failed: user `editor` may not get configmaps \"editors\" in namespace `default`"
    );
    assert!(outcomes[2].contains("customresourcedefinitions.apiextensions.k8s.io"), "{outcomes:?}");
    assert!(outcomes[2].contains("user `editor` may not get"), "{outcomes:?}");
}

#[test]
fn nobody_may_do_nothing() {
    let Some(server) = own_server() else { return };
    let report = diff(
        &context(server, "nobody"),
        &[config_map("default", "a", json!({}))],
        DiffStrategy::Native,
    );
    assert_eq!(
        statuses(&report),
        ["ConfigMap/a failed: user `nobody` may not get configmaps \"a\" in namespace `default`"]
    );
}

#[test]
fn a_bad_token_is_told_with_user_and_context() {
    let Some(server) = own_server() else { return };
    let cluster = context(server, "bad-token");
    let error = cluster.version(&()).unwrap_err();
    let text = told(&error);
    assert!(matches!(error, ClusterError::Request(RequestError::Unauthorized { .. })), "{text}");
    assert!(text.contains("does not accept the credentials of user `"), "{text}");
    assert!(text.contains("(context `bad-token`)"), "{text}");
    // Nothing goes on without it.
    let map = config_map("default", "a", json!({}));
    assert!(
        cluster
            .diff(std::slice::from_ref(&map), &renga_cluster::DiffOptions::default(), &())
            .is_err()
    );
    assert!(cluster.apply(&[map], &ApplyOptions::default(), &()).is_err());
}

#[test]
fn a_wrong_authority_is_told() {
    let Some(server) = own_server() else { return };
    let error = context(server, "wrong-ca").version(&()).unwrap_err();
    let ClusterError::Request(RequestError::Tls { problem, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*problem, TlsProblem::UnknownIssuer);
    let text = told(&error);
    assert!(
        text.contains(
            "it was issued by an unknown authority\n  help: `certificate-authority-data`"
        ),
        "{text}"
    );
}

#[test]
fn a_server_that_is_down_is_told() {
    let Some(server) = own_server() else { return };
    let mut options = crate::support::options();
    options.retries = 1;
    let cluster = crate::support::context_of(&server.kubeconfig, "down", options);
    let error = cluster.version(&()).unwrap_err();
    assert!(matches!(error, ClusterError::Request(RequestError::Refused { .. })), "{error:?}");
    assert!(error.to_string().contains(":1 refuses connections"), "{error}");
}
