//! Servers that are busy, broken, silent or gone, and callers who have had enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use renga_cluster::{
    ApplyOptions, Cluster, ClusterError, ClusterOptions, DiffOptions, Event, NotAttempted,
    Observer, Outcome, RequestError, Timeouts,
};
use renga_manifest::Manifest;
use serde_json::json;

use crate::faults::{Fate, Faults};
use crate::support::{
    Recorder, apply, config_map, context, context_of, fresh, is_there, live, options, outcomes,
    own_server,
};

fn cluster(faults: &Faults, options: ClusterOptions) -> Cluster {
    context_of(&faults.kubeconfig, "faulty", options)
}

fn maps(namespace: &str, count: usize) -> Vec<Manifest> {
    (0..count)
        .map(|i| config_map(namespace, &format!("m-{i:03}"), json!({"i": i.to_string()})))
        .collect()
}

fn busy(code: u16) -> Fate {
    let body = json!({"kind": "Status", "status": "Failure", "code": code,
        "reason": "TooManyRequests", "message": "not now"});
    Fate::Answer(code, "Retry-After: 0\r\nContent-Type: application/json\r\n", body.to_string())
}

#[test]
fn a_busy_server_is_asked_again() {
    let Some(server) = own_server() else { return };
    let namespace = fresh(&context(server, "admin"), "busy");
    for code in [429, 503, 502, 500] {
        // Every other request is turned away.
        let faults =
            Faults::new(
                server,
                move |seen| {
                    if seen.index % 2 == 0 { busy(code) } else { Fate::Forward }
                },
            );
        let recorder = Recorder::default();
        let cluster = cluster(&faults, ClusterOptions { retries: 20, ..options() });
        let manifests = maps(&namespace, 12);
        let report = cluster.apply(&manifests, &ApplyOptions::default(), &recorder).unwrap();
        assert!(report.succeeded(), "{code}: {:?}", outcomes(&report));
        assert!(!recorder.with("retrying ").is_empty());
    }
}

#[test]
fn a_server_that_stays_busy_is_told_in_the_end() {
    let Some(server) = own_server() else { return };
    let faults = Faults::new(server, |_| busy(429));
    let cluster = cluster(&faults, ClusterOptions { retries: 3, ..options() });
    let error = cluster.version(&()).unwrap_err();
    assert!(matches!(error, ClusterError::Request(RequestError::Busy { .. })), "{error:?}");
    assert!(error.to_string().ends_with("is too busy: not now"), "{error}");
    assert_eq!(faults.requests().len(), 4);
}

#[test]
fn a_server_that_is_no_api_server_is_told() {
    let Some(server) = own_server() else { return };
    let faults = Faults::new(server, |_| Fate::Answer(200, "", "<html>hello</html>".into()));
    let error = cluster(&faults, options()).version(&()).unwrap_err();
    assert!(error.to_string().contains("does not answer as a Kubernetes API does"), "{error}");
    let map = config_map("default", "a", json!({}));
    assert!(cluster(&faults, options()).diff(&[map], &DiffOptions::default(), &()).is_err());
}

#[test]
fn a_silent_server_is_not_waited_for_for_ever() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "silent");
    let manifests = maps(&namespace, 200);
    let faults = Faults::new(server, |seen| {
        if seen.path.contains("/configmaps") { Fate::Hang } else { Fate::Forward }
    });
    let timeouts = Timeouts { request: Duration::from_millis(400), ..Timeouts::default() };
    let started = Instant::now();
    let error = cluster(&faults, ClusterOptions { timeouts, ..options() })
        .diff(&manifests, &DiffOptions::default(), &())
        .unwrap_err();
    assert!(matches!(error, ClusterError::Request(RequestError::Timeout { .. })), "{error:?}");
    assert!(error.to_string().ends_with("did not answer within 0.4 s"), "{error}");
    // Not one timeout after the other.
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(faults.requests().len() < 60, "{}", faults.requests().len());
}

#[test]
fn cut_connections_are_no_reason_to_give_up() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "cut");
    let manifests = maps(&namespace, 30);
    // What was cut before the answer was carried out, and must not be told as a conflict.
    let faults = Faults::new(server, |seen| match seen.index % 5 {
        1 => Fate::Cut,
        3 => Fate::CutAnswer,
        _ => Fate::Forward,
    });
    let cluster = cluster(&faults, ClusterOptions { retries: 20, ..options() });
    let report = apply(&cluster, &manifests, &ApplyOptions::default());
    assert!(report.succeeded(), "{:?}", outcomes(&report));
    for map in &manifests {
        assert!(is_there(&admin, map));
    }
}

#[test]
fn an_apply_that_is_cut_in_the_middle_says_what_was_done_and_can_be_finished() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "middle");
    let manifests = maps(&namespace, 40);
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = posts.clone();
    let faults = Faults::new(server, move |seen| {
        let gone = counted.load(Ordering::SeqCst) >= 15;
        if seen.method == "POST" {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        if gone { Fate::Cut } else { Fate::Forward }
    });
    let options_ = ClusterOptions { retries: 1, concurrency: 2, ..options() };
    let report = apply(&cluster(&faults, options_), &manifests, &ApplyOptions::default());
    let count =
        |f: &dyn Fn(&Outcome) -> bool| report.objects.iter().filter(|o| f(&o.outcome)).count();
    let created = count(&|o| matches!(o, Outcome::Created));
    let failed = count(&|o| matches!(o, Outcome::Failed(_)));
    let rest = count(&|o| matches!(o, Outcome::NotAttempted(NotAttempted::Unreachable)));
    assert!(created > 5 && created < 20, "{:?}", outcomes(&report));
    assert!(failed >= 1 && failed + rest == 40 - created, "{:?}", outcomes(&report));
    assert!(!report.succeeded());
    // What is told as created is there.
    for (manifest, object) in manifests.iter().zip(&report.objects) {
        if matches!(object.outcome, Outcome::Created) {
            assert!(is_there(&admin, manifest), "{:?}", object.object);
        }
    }
    // A second run finishes the job.
    let report = apply(&admin, &manifests, &ApplyOptions::default());
    assert!(report.succeeded());
    let unchanged =
        report.objects.iter().filter(|o| matches!(o.outcome, Outcome::Unchanged)).count();
    assert!(unchanged >= created);
    assert_eq!(live(&admin, &manifests[39])["data"]["i"], "39");
}

/// Sets the flag as soon as some objects are done.
struct Impatient {
    flag: Arc<AtomicBool>,
    done: AtomicUsize,
}

impl Observer for Impatient {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Applied { .. }) && self.done.fetch_add(1, Ordering::SeqCst) == 5 {
            self.flag.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_run_can_be_ended_between_requests() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "cancel");
    let manifests = maps(&namespace, 100);
    let flag = Arc::new(AtomicBool::new(false));
    let options_ = ClusterOptions { cancel: flag.clone(), concurrency: 2, ..options() };
    let cluster = context_of(&server.kubeconfig, "admin", options_);
    let observer = Impatient { flag: flag.clone(), done: AtomicUsize::new(0) };
    let report = cluster.apply(&manifests, &ApplyOptions::default(), &observer).unwrap();
    assert!(report.interrupted);
    assert_eq!(report.objects.len(), 100);
    for (manifest, object) in manifests.iter().zip(&report.objects) {
        match object.outcome {
            Outcome::Created => assert!(is_there(&admin, manifest)),
            Outcome::NotAttempted(NotAttempted::Interrupted) => {
                assert!(!is_there(&admin, manifest));
            }
            ref other => panic!("{other:?}"),
        }
    }
    assert!(report.counts()["created"] < 50);
    // A hanging server does not hold it up either.
    flag.store(false, Ordering::SeqCst);
    let faults = Faults::new(server, |_| Fate::Hang);
    let options_ = ClusterOptions { cancel: flag.clone(), ..options() };
    let hanging = self::cluster(&faults, options_);
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            flag.store(true, Ordering::SeqCst);
        });
        let error = hanging.version(&()).unwrap_err();
        assert!(matches!(error, ClusterError::Request(RequestError::Interrupted)), "{error:?}");
    });
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn discovery_is_kept_and_renewed() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "kept");
    let cache = tempfile::tempdir().unwrap();
    let faults = Faults::new(server, |_| Fate::Forward);
    let with_cache = || ClusterOptions { cache: Some(cache.path().into()), ..options() };
    let map = config_map(&namespace, "a", json!({}));
    let discoveries = |faults: &Faults| {
        faults.requests().iter().filter(|r| *r == "GET /api" || *r == "GET /apis").count()
    };
    cluster(&faults, with_cache())
        .diff(std::slice::from_ref(&map), &DiffOptions::default(), &())
        .unwrap();
    assert_eq!(discoveries(&faults), 2);
    cluster(&faults, with_cache())
        .diff(std::slice::from_ref(&map), &DiffOptions::default(), &())
        .unwrap();
    assert_eq!(discoveries(&faults), 2);
    // A kind that is not in it: the server is asked.
    let unknown = crate::support::manifest(json!({"apiVersion": "kept.example.com/v1",
        "kind": "Nothing", "metadata": {"name": "a", "namespace": namespace}}));
    cluster(&faults, with_cache())
        .diff(&[unknown, map.clone()], &DiffOptions::default(), &())
        .unwrap();
    assert_eq!(discoveries(&faults), 4);
    // An old or broken entry does not matter.
    for entry in std::fs::read_dir(cache.path().join("discovery")).unwrap() {
        std::fs::write(entry.unwrap().path(), "{").unwrap();
    }
    cluster(&faults, with_cache())
        .diff(std::slice::from_ref(&map), &DiffOptions::default(), &())
        .unwrap();
    assert_eq!(discoveries(&faults), 6);
    let expired = ClusterOptions { cache_ttl: Duration::ZERO, ..with_cache() };
    cluster(&faults, expired).diff(&[map], &DiffOptions::default(), &()).unwrap();
    assert_eq!(discoveries(&faults), 8);
}

#[test]
fn servers_that_cannot_aggregate_are_asked_one_by_one() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "old");
    let legacy = |path: &str| {
        crate::support::raw(server, http::Method::GET, path, "application/json", &json!(null))
    };
    let (core, groups) = (legacy("/api").to_string(), legacy("/apis").to_string());
    let faults = Faults::new(server, move |seen| match seen.path.as_str() {
        "/api" => Fate::Answer(200, "Content-Type: application/json\r\n", core.clone()),
        "/apis" => Fate::Answer(200, "Content-Type: application/json\r\n", groups.clone()),
        // One part of the API is broken: the others are not.
        "/apis/batch/v1" => Fate::Answer(404, "", "404 page not found".into()),
        _ => Fate::Forward,
    });
    let recorder = Recorder::default();
    let manifests = [
        config_map(&namespace, "a", json!({})),
        crate::support::manifest(crate::support::deployment(&namespace, "web")),
        crate::support::manifest(json!({"apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": "j", "namespace": namespace}})),
    ];
    let report =
        cluster(&faults, options()).apply(&manifests, &ApplyOptions::default(), &recorder).unwrap();
    let texts = outcomes(&report);
    assert_eq!(texts[..2], ["ConfigMap/a created", "Deployment/web created"]);
    assert_eq!(texts[2], "Job/j failed: the cluster has no kind `Job` in `batch/v1`");
    assert!(!recorder.with("batch/v1").is_empty());
}
