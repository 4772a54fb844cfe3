//! Repositories behind HTTP: indexes, archives, credentials, failures, the cache.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use renga_charts::{
    Archive, Cache, LockedArchive, ProxySettings, Repository, Sha256, SourceError, SourceOptions,
    Sources, Wanted,
};
use renga_test::{ChartServer, Rule, pack_chart};

/// Options that give up soon.
pub(crate) fn quick(cache: Option<&Path>) -> SourceOptions {
    SourceOptions {
        cache_dir: cache.map(Path::to_owned),
        timeout: Duration::from_secs(10),
        retries: 2,
        backoff: Duration::from_millis(10),
        ..SourceOptions::default()
    }
}

pub(crate) fn packed(name: &str, version: &str) -> Vec<u8> {
    let text =
        format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: v{version}\n");
    pack_chart(&[("Chart.yaml", &text), ("templates/a.yaml", "a: b\n")]).expect("it is a chart")
}

/// A server with `app` 1.0.0 and 1.1.0 in the repository `main`.
fn server() -> (ChartServer, Repository) {
    let server = ChartServer::start().expect("a port is free");
    for version in ["1.0.0", "1.1.0"] {
        server.add_archive("main", &packed("app", version)).expect("it is a chart");
    }
    let repository = Repository::new("main", server.repository("main"));
    (server, repository)
}

fn fetch(
    sources: &Sources,
    repository: &Repository,
    version: &str,
) -> Result<Archive, SourceError> {
    let version = sources.resolve(repository, "app", version)?;
    sources.fetch(repository, &version, &Wanted::default())
}

/// The message with ports taken out, and the help.
pub(crate) fn words(error: &SourceError) -> String {
    use std::fmt::Write as _;
    let mut text = error.to_string();
    if let Some(help) = miette::Diagnostic::help(error) {
        let _ = write!(text, "\n  help: {help}");
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("127.0.0.1:") {
        out.push_str(&rest[..at]);
        out.push_str("HOST");
        rest = rest[at + "127.0.0.1:".len()..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out + rest
}

#[test]
fn an_index_and_an_archive_are_asked_for_once() {
    let (server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::new(quick(Some(folder.path())));
    let versions = sources.versions(&repository, "app").unwrap();
    let numbers: Vec<_> = versions.iter().map(|version| version.version.as_str()).collect();
    assert_eq!(numbers, ["1.1.0", "1.0.0"]);
    assert_eq!(versions[0].app_version.as_deref(), Some("v1.1.0"));

    let archive = fetch(&sources, &repository, "^1").unwrap();
    let expected = packed("app", "1.1.0");
    assert_eq!(&*archive.bytes, expected);
    assert_eq!(archive.sha256, Sha256::of(&expected));
    assert_eq!(archive.published, Some(archive.sha256));
    assert_eq!(archive.url, format!("{}/app-1.1.0.tgz", repository.url));
    assert!(!archive.cached && archive.provenance.is_none());
    assert_eq!(server.requested_paths(), ["/main/app-1.1.0.tgz", "/main/index.yaml"]);

    // Another run: the index is looked at again, but not sent, and the archive is not asked for.
    server.clear_requests();
    let sources = Sources::new(quick(Some(folder.path())));
    assert!(fetch(&sources, &repository, "1.1.0").unwrap().cached);
    let log = server.requests();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].status, 304);

    // A changed index is sent.
    server.add_archive("main", &packed("app", "1.2.0")).unwrap();
    let sources = Sources::new(quick(Some(folder.path())));
    assert_eq!(sources.resolve(&repository, "app", "^1").unwrap().version, "1.2.0");
    let sources = Sources::new(SourceOptions { refresh: true, ..quick(Some(folder.path())) });
    server.clear_requests();
    assert!(!fetch(&sources, &repository, "1.1.0").unwrap().cached);
    assert!(server.requests().iter().all(|request| request.status == 200));
}

#[test]
fn many_threads_share_one_lookup_and_few_connections() {
    let (server, repository) = server();
    let sources = Sources::new(quick(None));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| sources.versions(&repository, "app").unwrap());
        }
    });
    assert_eq!(server.requested_paths(), ["/main/index.yaml"]);
    let other = Repository::new("other", server.repository("other"));
    server.clear_requests();
    let results = sources.sync(&[repository, other]);
    assert!(results[0].is_ok());
    assert!(matches!(results[1], Err(SourceError::NotFound { .. })));
    assert_eq!(server.requested_paths(), ["/other/index.yaml"]);
}

#[test]
fn offline_nothing_is_opened() {
    let (server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    fetch(&Sources::new(quick(Some(folder.path()))), &repository, "1.0.0").unwrap();
    server.clear_requests();
    let connections = server.connections();
    let offline = Sources::new(SourceOptions { offline: true, ..quick(Some(folder.path())) });
    assert!(fetch(&offline, &repository, "1.0.0").unwrap().cached);
    let error = fetch(&offline, &repository, "1.1.0").unwrap_err();
    assert_eq!(
        words(&error),
        "chart `app` 1.1.0 (http://HOST/main/app-1.1.0.tgz) is not in the cache, and the network is off\n  \
         help: run the command once without `--offline`"
    );
    let error = offline.versions(&Repository::new("x", server.repository("x")), "app").unwrap_err();
    assert!(matches!(error, SourceError::Offline { .. }), "{error}");
    let oci = Repository::new("o", "oci://127.0.0.1:1/charts");
    assert!(matches!(offline.versions(&oci, "app"), Err(SourceError::Offline { .. })));
    assert_eq!((server.requests().len(), server.connections()), (0, connections));
}

#[test]
fn a_locked_archive_needs_no_index() {
    let (server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::new(quick(Some(folder.path())));
    let url = format!("{}/app-1.0.0.tgz", repository.url);
    let locked = LockedArchive {
        chart: "app",
        version: "1.0.0",
        url: &url,
        sha256: Sha256::of(&packed("app", "1.0.0")),
        provenance: false,
    };
    assert!(!sources.fetch_locked(&repository, &locked).unwrap().cached);
    assert!(sources.fetch_locked(&repository, &locked).unwrap().cached);
    assert_eq!(server.requested_paths(), ["/main/app-1.0.0.tgz"]);

    let wrong = LockedArchive { sha256: Sha256::of(b"other"), ..locked };
    let error = sources.fetch_locked(&repository, &wrong).unwrap_err();
    assert_eq!(
        words(&error),
        format!(
            "chart `app` 1.0.0 from http://HOST/main/app-1.0.0.tgz has digest {}, but the lock says {}\n  \
             help: the archive was changed after it was published, or damaged on its way; nothing was unpacked",
            locked.sha256,
            Sha256::of(b"other")
        )
    );
}

#[test]
fn the_query_of_the_repository_goes_along_and_stays_secret() {
    let server = ChartServer::start().unwrap();
    server.add_archive("main", &packed("app", "1.0.0")).unwrap();
    let url = format!("{}?token=hush", server.repository("main"));
    let repository = Repository::new("main", url);
    let sources = Sources::new(quick(None));
    let version = sources.resolve(&repository, "app", "").unwrap();
    let fetched = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
    assert!(server.requests().iter().all(|request| request.path.ends_with("?token=hush")));
    assert!(!fetched.url.contains("hush"), "{}", fetched.url);
    let error = sources.versions(&repository, "ap").unwrap_err();
    assert_eq!(
        words(&error),
        "no chart `ap` in repository `main` (http://HOST/main?token=***)\n  help: did you mean `app`?"
    );
}

#[test]
fn wrong_digests_are_refused() {
    let (server, repository) = server();
    let wrong = Sha256::of(b"other").hex();
    server.edit_index("main", "app", "1.0.0", "digest", Some(&wrong));
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::new(quick(Some(folder.path())));
    let error = fetch(&sources, &repository, "1.0.0").unwrap_err();
    assert!(error.to_string().contains("but the repository's index says sha256:"), "{error}");
    assert!(Cache::new(folder.path()).archive(&Sha256::of(&packed("app", "1.0.0"))).is_none());
    // Helm takes an index without digests, or with nonsense.
    for digest in [None, Some("md5:1234")] {
        server.edit_index("main", "app", "1.0.0", "digest", digest);
        let sources = Sources::new(quick(None));
        let archive = fetch(&sources, &repository, "1.0.0").unwrap();
        assert_eq!(archive.published, None);
    }
}

#[test]
fn a_damaged_cache_is_healed() {
    let (_server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    let first = fetch(&Sources::new(quick(Some(folder.path()))), &repository, "1.0.0").unwrap();
    let cache = Cache::new(folder.path());
    assert_eq!(cache.archive(&first.sha256).as_deref(), Some(&*first.bytes));
    let hex = first.sha256.hex();
    fs_err::write(folder.path().join("content").join(&hex[..2]).join(&hex), "damaged").unwrap();
    for entry in fs_err::read_dir(folder.path().join("index")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs_err::read(&path).unwrap();
        fs_err::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    }
    let second = fetch(&Sources::new(quick(Some(folder.path()))), &repository, "1.0.0").unwrap();
    assert!(!second.cached);
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(cache.archive(&first.sha256).as_deref(), Some(&*first.bytes));
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let (_server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs_err::write(&file, "").unwrap();
    fetch(&Sources::new(quick(Some(&file))), &repository, "1.0.0").unwrap();
}

#[test]
fn passing_failures_are_waited_out() {
    let (server, repository) = server();
    server.rule("index", Rule::Fail { status: 503, times: 2, retry_after: None });
    server.rule("app-1.0.0", Rule::Drop { times: 2 });
    fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap();
    assert_eq!(server.requests().len(), 6);

    server.clear_rules();
    server.rule("index", Rule::Fail { status: 429, times: 1, retry_after: Some(1) });
    let start = Instant::now();
    fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    server.clear_rules();
    server.clear_requests();
    server.rule("index", Rule::Fail { status: 500, times: 9, retry_after: None });
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    assert_eq!(
        words(&error),
        "index of repository `main`: http://HOST/main/index.yaml answered 500 Internal Server Error (3 attempts)"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn failures_that_stay_are_explained() {
    let (server, repository) = server();
    let failure = |rule: Rule| {
        server.clear_rules();
        server.rule("app-1.0.0", rule);
        words(&fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err())
    };
    let fail = |status| Rule::Fail { status, times: 9, retry_after: None };
    insta::assert_snapshot!(failure(fail(404)), @r"
    chart `app` 1.0.0: not found at http://HOST/main/app-1.0.0.tgz: 404 Not Found
      help: check the address of the repository and the name of the chart
    ");
    insta::assert_snapshot!(failure(fail(401)), @r"
    chart `app` 1.0.0: access to http://HOST/main/app-1.0.0.tgz denied: 401 Unauthorized
      help: no credentials are known for this host: set `username` and `password` in the repository, or log in to the registry
    ");
    insta::assert_snapshot!(failure(fail(403)), @r"
    chart `app` 1.0.0: access to http://HOST/main/app-1.0.0.tgz denied: 403 Forbidden
      help: no credentials are known for this host: set `username` and `password` in the repository, or log in to the registry
    ");
    insta::assert_snapshot!(failure(Rule::Truncate { keep: 100 }), @r"
    chart `app` 1.0.0: http://HOST/main/app-1.0.0.tgz: the connection ended before the answer did (3 attempts)
      help: try again; the server or the network is slow or unstable
    ");
    insta::assert_snapshot!(failure(Rule::Drop { times: 9 }), @r"
    chart `app` 1.0.0: http://HOST/main/app-1.0.0.tgz: the connection ended before the answer did (3 attempts)
      help: try again; the server or the network is slow or unstable
    ");
    let shortened = failure(Rule::Shorten { keep: 100 });
    assert!(shortened.contains("has digest"), "{shortened}");
    server.clear_rules();
    server.add_file("/main/app-1.0.0.tgz", b"<!DOCTYPE html><p>Sign in");
    let error = words(&fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err());
    insta::assert_snapshot!(error, @r"
    chart `app` 1.0.0 (http://HOST/main/app-1.0.0.tgz) is a web page
      help: check the address: sign-in pages and web sites answer like this; a chart repository has an `index.yaml`
    ");
}

#[test]
fn slow_servers_are_given_up() {
    let (server, repository) = server();
    server.rule("index", Rule::Delay { time: Duration::from_secs(5) });
    let options = SourceOptions { timeout: Duration::from_millis(100), retries: 1, ..quick(None) };
    let start = Instant::now();
    let error = fetch(&Sources::new(options), &repository, "1.0.0").unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3));
    insta::assert_snapshot!(words(&error), @r"
    index of repository `main`: http://HOST/main/index.yaml: no complete answer within 0.1 s (2 attempts)
      help: try again; the server or the network is slow or unstable
    ");
}

#[test]
fn bad_indexes_and_addresses_are_explained() {
    let server = ChartServer::start().unwrap();
    let failure = |text: &str| {
        server.set_index("main", text);
        let repository = Repository::new("main", server.repository("main"));
        words(&Sources::new(quick(None)).versions(&repository, "app").unwrap_err())
    };
    insta::assert_snapshot!(failure("<html>"), @r"
    index of repository `main` (http://HOST/main) is a web page
      help: check the address: sign-in pages and web sites answer like this; a chart repository has an `index.yaml`
    ");
    insta::assert_snapshot!(failure("apiVersion: v1\nentries:\n  app:\n  - name: [\n"), @r"
    index of repository `main` (http://HOST/main) is malformed in line 4: did not find expected node content
      help: tell the owner of the repository; its `index.yaml` cannot be read
    ");
    insta::assert_snapshot!(failure("entries: {}\n"), @r"
    index of repository `main` (http://HOST/main) is malformed: it has no `apiVersion`
      help: tell the owner of the repository; its `index.yaml` cannot be read
    ");
    insta::assert_snapshot!(failure("apiVersion: v1\nentries: {}\n"), @r"
    no chart `app` in repository `main` (http://HOST/main)
      help: check the name of the chart
    ");
    let at = |url: &str| {
        let error =
            Sources::new(quick(None)).versions(&Repository::new("r", url), "app").unwrap_err();
        error.to_string()
    };
    insta::assert_snapshot!(at("ftp://me:secret@charts.example.com"), @r"index of repository `r`: `ftp://charts.example.com` is no address of charts: the scheme `ftp` is unknown");
    insta::assert_snapshot!(at("charts.example.com"), @r"index of repository `r`: `charts.example.com` is no address of charts: relative URL without a base");
    insta::assert_snapshot!(at("http://127.0.0.1:1/charts"), @r"index of repository `r`: http://127.0.0.1:1/charts/index.yaml: no connection: Connection refused (os error 111)");
    insta::assert_snapshot!(at("oci://example.com/Charts"), @r"tags of chart `app`: `oci://example.com/Charts` is no address of charts: its path is not made of lower-case names");
}

fn with_password(mut repository: Repository) -> Repository {
    "alice".clone_into(&mut repository.username);
    "open sesame".clone_into(&mut repository.password);
    repository
}

#[test]
fn credentials_open_repositories() {
    let (server, repository) = server();
    let basic = Rule::Basic { username: "alice".to_owned(), password: "open sesame".to_owned() };
    server.rule("", basic);
    fetch(&Sources::new(quick(None)), &with_password(repository.clone()), "1.0.0").unwrap();
    let in_url = repository.url.replace("//", "//alice:open%20sesame@");
    let archive =
        fetch(&Sources::new(quick(None)), &Repository::new("main", in_url), "1.0.0").unwrap();
    assert!(!archive.url.contains("sesame"));
    let mut wrong = with_password(repository.clone());
    wrong.password = "hunter2".to_owned();
    let error = fetch(&Sources::new(quick(None)), &wrong, "1.0.0").unwrap_err();
    insta::assert_snapshot!(words(&error), @r"
    index of repository `main`: access to http://HOST/main/index.yaml denied: 401 Unauthorized
      help: the credentials were not accepted: check user name, password or token
    ");
    server.clear_rules();
    server.rule("", Rule::Bearer { token: "tok".to_owned() });
    let mut token = repository;
    token.password = "tok".to_owned();
    fetch(&Sources::new(quick(None)), &token, "1.0.0").unwrap();
}

#[test]
fn credentials_stay_with_their_host() {
    let (server, repository) = server();
    let other = ChartServer::start().unwrap();
    other.add_archive("main", &packed("app", "1.0.0")).unwrap();
    let sent = |server: &ChartServer| {
        server
            .requests()
            .iter()
            .filter(|request| request.headers.contains_key("authorization"))
            .count()
    };
    // By a redirect, to another port and to another name of the same machine.
    for target in [other.url(), other.url_as_localhost()] {
        server.rule("app-1.0.0", Rule::Redirect { to: target });
        fetch(&Sources::new(quick(None)), &with_password(repository.clone()), "1.0.0").unwrap();
        assert_eq!((sent(&server), sent(&other)), (2, 0));
        let mut generous = with_password(repository.clone());
        generous.pass_credentials_all = true;
        fetch(&Sources::new(quick(None)), &generous, "1.0.0").unwrap();
        assert_eq!((sent(&server), sent(&other)), (4, 1));
        for server in [&server, &other] {
            server.clear_rules();
            server.clear_requests();
        }
    }
    // By an absolute address in the index.
    let url = format!("{}/main/app-1.0.0.tgz", other.url());
    server.edit_index("main", "app", "1.0.0", "urls", Some(&url));
    fetch(&Sources::new(quick(None)), &with_password(repository.clone()), "1.0.0").unwrap();
    assert_eq!((sent(&server), sent(&other)), (1, 0));
    // In circles.
    server.rule("index", Rule::Redirect { to: String::new() });
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    assert!(error.to_string().ends_with("redirected more than 10 times"), "{error}");
}

#[test]
fn an_index_cannot_point_to_files_of_this_machine() {
    let (server, repository) = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.tgz");
    fs_err::write(&file, "secret").unwrap();
    let url = format!("file://{}", file.display());
    server.edit_index("main", "app", "1.0.0", "urls", Some(&url));
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    assert!(
        error.to_string().contains("the scheme `file` is unknown or not allowed here"),
        "{error}"
    );
}

#[test]
fn tls_needs_a_trusted_certificate() {
    let server = ChartServer::start_tls(false).unwrap();
    server.add_archive("main", &packed("app", "1.0.0")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs_err::write(&ca, &server.certificates().unwrap().ca).unwrap();
    let mut repository = Repository::new("main", server.repository("main"));
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    insta::assert_snapshot!(words(&error), @r"
    index of repository `main`: https://HOST/main/index.yaml: the server's certificate is not trusted: UnknownIssuer
      help: set `caFile` to the certificate of the authority that signed the server's
    ");
    repository.ca_file = ca.display().to_string();
    fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap();
    repository.ca_file = String::new();
    repository.insecure_skip_tls_verify = true;
    fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap();

    fs_err::write(&ca, "no certificate").unwrap();
    for file in [ca, folder.path().join("absent.pem")] {
        repository.ca_file = file.display().to_string();
        let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
        assert!(matches!(error, SourceError::TlsFile { .. }), "{error}");
    }
}

#[test]
fn client_certificates_open_repositories() {
    let server = ChartServer::start_tls(true).unwrap();
    server.add_archive("main", &packed("app", "1.0.0")).unwrap();
    let certificates = server.certificates().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs_err::write(&path, text).unwrap();
        path.display().to_string()
    };
    let mut repository = Repository::new("main", server.repository("main"));
    repository.ca_file = file("ca.pem", &certificates.ca);
    assert!(fetch(&Sources::new(quick(None)), &repository, "1.0.0").is_err());
    repository.cert_file = file("cert.pem", &certificates.client);
    repository.key_file = file("key.pem", &certificates.client_key);
    fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap();
    // The same server by another name is another host, and does not see the certificate.
    repository.url = server.url_as_localhost() + "/main";
    server.edit_index(
        "main",
        "app",
        "1.0.0",
        "urls",
        Some(&format!("{}/main/app-1.0.0.tgz", server.url())),
    );
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    assert!(matches!(error, SourceError::Transport { .. }), "{error}");
    repository.key_file = repository.ca_file.clone();
    let error = fetch(&Sources::new(quick(None)), &repository, "1.0.0").unwrap_err();
    assert!(matches!(error, SourceError::TlsFile { .. }), "{error}");
}

#[test]
fn proxies_are_used() {
    let proxy = ChartServer::start_proxy(0, &["charts.example.com"]).unwrap();
    proxy.add_archive("main", &packed("app", "1.0.0")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs_err::write(&ca, &proxy.certificates().unwrap().ca).unwrap();
    let address = proxy.url().replace("http://", "http://me:pass@");
    let proxies = ProxySettings { http: address.clone(), https: address, no_proxy: String::new() };
    for scheme in ["http", "https"] {
        proxy.clear_requests();
        let mut repository = Repository::new("main", format!("{scheme}://charts.example.com/main"));
        repository.ca_file = ca.display().to_string();
        let options = SourceOptions { proxies: proxies.clone(), ..quick(None) };
        fetch(&Sources::new(options), &repository, "1.0.0").unwrap();
        let authorized = |request: &renga_test::LoggedRequest| {
            request.headers.contains_key("proxy-authorization")
        };
        assert!(proxy.requests().iter().any(authorized), "{scheme}");
    }
    let options = SourceOptions {
        proxies: ProxySettings { http: "socks5://p.example.com".to_owned(), ..Default::default() },
        ..quick(None)
    };
    let repository = Repository::new("main", "http://charts.example.com/main");
    let error = fetch(&Sources::new(options), &repository, "1.0.0").unwrap_err();
    assert!(matches!(error, SourceError::Proxy { .. }), "{error}");
}

#[test]
fn provenance_files_lie_beside_archives() {
    let (server, repository) = server();
    server.add_file("/main/app-1.0.0.tgz.prov", b"signed");
    let folder = tempfile::tempdir().unwrap();
    let wanted = Wanted { provenance: true, ..Wanted::default() };
    // It may have been replaced, so that the one in the cache is for the time without a network.
    for offline in [false, false, true] {
        let sources = Sources::new(SourceOptions { offline, ..quick(Some(folder.path())) });
        server.clear_requests();
        let version = sources.resolve(&repository, "app", "1.0.0").unwrap();
        let archive = sources.fetch(&repository, &version, &wanted).unwrap();
        assert_eq!(archive.provenance, Some(Arc::from(&b"signed"[..])));
        let paths = server.requested_paths();
        assert_eq!(paths.contains(&"/main/app-1.0.0.tgz.prov".to_owned()), !offline, "{paths:?}");
    }
    let sources = Sources::new(quick(None));
    let version = sources.resolve(&repository, "app", "1.1.0").unwrap();
    assert_eq!(sources.fetch(&repository, &version, &wanted).unwrap().provenance, None);
}

#[test]
fn a_repository_that_does_not_answer_is_asked_once() {
    let (server, repository) = server();
    server.rule("index.yaml", Rule::Fail { status: 503, times: 1000, retry_after: None });
    let sources = Sources::new(quick(None));
    let first = sources.resolve(&repository, "app", "1.0.0").unwrap_err().to_string();
    let asked = server.requests().len();
    for chart in ["app", "other"] {
        assert_eq!(sources.resolve(&repository, chart, "1.0.0").unwrap_err().to_string(), first);
    }
    assert_eq!(server.requests().len(), asked);
    // With other credentials it is another matter.
    let stranger = Repository { password: "other".to_owned(), ..repository };
    assert!(sources.resolve(&stranger, "app", "1.0.0").is_err());
    assert_eq!(server.requests().len(), asked * 2);
}
