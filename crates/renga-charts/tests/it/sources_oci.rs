//! Charts in a real OCI registry; skipped where the program is missing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use renga_charts::{
    LockedArchive, Repository, Sha256, SourceError, SourceOptions, Sources, Wanted,
};
use renga_test::{OciRegistry, RegistryOptions};

use crate::sources_http::{packed, quick, words};

/// A registry, or the reason why there is none on standard error.
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know what was skipped")]
fn start(options: &RegistryOptions) -> Option<OciRegistry> {
    OciRegistry::start_with(options).map_err(|skipped| eprintln!("{skipped}")).ok()
}

#[test]
fn charts_come_from_registries() {
    let Some(registry) = start(&RegistryOptions::default()) else { return };
    let archive = packed("app", "1.1.0+build.5");
    for version in ["0.9.0", "1.0.0", "2.0.0-rc.1"] {
        registry.push("charts/stable", &packed("app", version), None).unwrap();
    }
    let digest = registry.push("charts/stable", &archive, Some(b"signed")).unwrap();
    let repository = Repository::new("oci", registry.url("charts/stable"));
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::new(quick(Some(folder.path())));

    let versions = sources.versions(&repository, "app").unwrap();
    let numbers: Vec<_> = versions.iter().map(|version| version.version.as_str()).collect();
    assert_eq!(numbers, ["2.0.0-rc.1", "1.1.0+build.5", "1.0.0", "0.9.0"]);
    for (wanted, expected) in [
        ("", "1.1.0+build.5"),
        ("^1", "1.1.0+build.5"),
        ("<1", "0.9.0"),
        ("1.1.0+build.5", "1.1.0+build.5"),
    ] {
        assert_eq!(sources.resolve(&repository, "app", wanted).unwrap().version, expected);
    }

    let version = sources.resolve(&repository, "app", "^1").unwrap();
    let wanted = Wanted { sha256: None, provenance: true };
    let fetched = sources.fetch(&repository, &version, &wanted).unwrap();
    assert_eq!(&*fetched.bytes, archive);
    assert_eq!(fetched.published, Some(Sha256::of(&archive)));
    assert_eq!(fetched.manifest, Some(digest));
    assert_eq!(fetched.provenance, Some(Arc::from(&b"signed"[..])));
    assert_eq!(fetched.url, format!("{}/app:1.1.0_build.5", registry.url("charts/stable")));
    assert!(!fetched.cached);
    assert!(sources.fetch(&repository, &version, &wanted).unwrap().cached);

    // By digest alone, and by both.
    for wanted in [digest.to_string(), format!("@{digest}"), format!("1.1.0+build.5@{digest}")] {
        let version = sources.resolve(&repository, "app", &wanted).unwrap();
        assert_eq!(version.version, "1.1.0+build.5");
        let fetched = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
        assert_eq!(fetched.sha256, Sha256::of(&archive));
    }
    let other = Sha256::of(b"other");
    let absent = sources.resolve(&repository, "app", &format!("1.1.0@{other}")).unwrap();
    assert!(sources.fetch(&repository, &absent, &Wanted::default()).is_err());

    // What is locked needs no registry.
    let locked = LockedArchive {
        chart: "app",
        version: "1.1.0+build.5",
        url: &fetched.url,
        sha256: fetched.sha256,
        provenance: true,
    };
    let offline = Sources::new(SourceOptions { offline: true, ..quick(Some(folder.path())) });
    let again = offline.fetch_locked(&repository, &locked).unwrap();
    assert!(again.cached && again.provenance.is_some());
    assert_eq!(
        Sources::new(quick(None)).fetch_locked(&repository, &locked).unwrap().bytes,
        again.bytes
    );
    let wrong = LockedArchive { sha256: other, ..locked };
    let error = Sources::new(quick(None)).fetch_locked(&repository, &wrong).unwrap_err();
    assert!(error.to_string().contains("but the lock says"), "{error}");
}

#[test]
fn what_is_not_in_a_registry_is_explained() {
    let Some(registry) = start(&RegistryOptions::default()) else { return };
    registry.push("charts", &packed("app", "1.0.0"), None).unwrap();
    let repository = Repository::new("oci", registry.url("charts"));
    let sources = Sources::new(quick(None));
    let failure = |chart: &str, wanted: &str| {
        let fetched = sources
            .resolve(&repository, chart, wanted)
            .and_then(|version| sources.fetch(&repository, &version, &Wanted::default()));
        words(&fetched.unwrap_err())
    };
    insta::assert_snapshot!(failure("app", "1.2.3"), @r"
    no version of chart `app` matches `1.2.3` in repository `oci` (oci://HOST/charts)
      help: the only version is `1.0.0`
    ");
    insta::assert_snapshot!(failure("app", "^2"), @r"
    no version of chart `app` matches `^2` in repository `oci` (oci://HOST/charts)
      help: the only version is `1.0.0`
    ");
    insta::assert_snapshot!(failure("absent", "1.0.0"), @r"
    no chart `absent` in repository `oci` (oci://HOST/charts)
      help: check the name of the chart
    ");
    insta::assert_snapshot!(failure("absent", ""), @r"
    no chart `absent` in repository `oci` (oci://HOST/charts)
      help: check the name of the chart
    ");

    // An image, and a list of images.
    let config =
        registry.blob("charts/image", "application/vnd.oci.image.config.v1+json", b"{}").unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let image =
        format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[]}}"#);
    registry.put_manifest("charts/image", "1.0.0", kind, image.as_bytes()).unwrap();
    insta::assert_snapshot!(failure("image", "1.0.0"), @r"chart `image` 1.0.0: oci://HOST/charts/image:1.0.0 is no Helm chart: its configuration is `application/vnd.oci.image.config.v1+json`");
}

#[test]
fn old_media_types_are_charts_too() {
    let Some(registry) = start(&RegistryOptions::default()) else { return };
    let archive = packed("app", "1.0.0");
    let config = registry
        .blob("charts/app", "application/vnd.cncf.helm.config.v1+json", br#"{"version":"1.0.0"}"#)
        .unwrap();
    let layer = registry.blob("charts/app", "application/tar+gzip", &archive).unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let text = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layer}]}}"#);
    registry.put_manifest("charts/app", "1.0.0", kind, text.as_bytes()).unwrap();
    let repository = Repository::new("oci", registry.url("charts"));
    let sources = Sources::new(quick(None));
    let version = sources.resolve(&repository, "app", "1.0.0").unwrap();
    let fetched = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
    assert_eq!(&*fetched.bytes, archive);
}

#[test]
fn tags_come_in_pages() {
    let Some(registry) = start(&RegistryOptions::default()) else { return };
    // The registry's page size is 100, also where nobody asks for pages.
    let config =
        registry.blob("charts/app", "application/vnd.cncf.helm.config.v1+json", b"{}").unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let text = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[]}}"#);
    for minor in 0..130 {
        registry
            .put_manifest("charts/app", &format!("1.{minor}.0"), kind, text.as_bytes())
            .unwrap();
    }
    registry.put_manifest("charts/app", "latest", kind, text.as_bytes()).unwrap();
    let repository = Repository::new("oci", registry.url("charts"));
    let versions = Sources::new(quick(None)).versions(&repository, "app").unwrap();
    assert_eq!(versions.len(), 130);
    assert_eq!(versions[0].version, "1.129.0");
}

#[test]
fn registries_with_tls_and_passwords_open_to_credentials() {
    let user = Some(("alice".to_owned(), "open sesame".to_owned()));
    let Some(registry) = start(&RegistryOptions { tls: true, user }) else { return };
    let archive = packed("app", "1.0.0");
    registry.push("charts", &archive, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs_err::write(&path, text).unwrap();
        path
    };
    let ca = write("ca.pem", &registry.certificates().unwrap().ca);
    let mut repository = Repository::new("oci", registry.url("charts"));
    let fetch = |repository: &Repository, options: SourceOptions| {
        let sources = Sources::new(options);
        let version = sources.resolve(repository, "app", "1.0.0")?;
        sources.fetch(repository, &version, &Wanted::default())
    };
    // Plain HTTP is no way around a certificate that is not trusted.
    let error = fetch(&repository, quick(None)).unwrap_err();
    insta::assert_snapshot!(words(&error), @r"
    chart `app` 1.0.0: oci://HOST/charts/app:1.0.0: the server's certificate is not trusted: UnknownIssuer
      help: set `caFile` to the certificate of the authority that signed the server's
    ");
    repository.ca_file = ca.display().to_string();
    let error = fetch(&repository, quick(None)).unwrap_err();
    insta::assert_snapshot!(words(&error), @r"
    chart `app` 1.0.0: access to oci://HOST/charts/app:1.0.0 denied: 401 Unauthorized
      help: no credentials are known for this host: set `username` and `password` in the repository, or log in to the registry
    ");

    // From the repository, and from the files that `helm registry login` and `docker login` write.
    let mut with_password = repository.clone();
    with_password.username = "alice".to_owned();
    with_password.password = "open sesame".to_owned();
    assert_eq!(&*fetch(&with_password, quick(None)).unwrap().bytes, archive);
    let config = |auth: &str| {
        let text = format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#, registry.host());
        vec![folder.path().join("absent.json"), write("config.json", &text)]
    };
    let options =
        SourceOptions { registry_configs: config("YWxpY2U6b3BlbiBzZXNhbWU="), ..quick(None) };
    assert_eq!(&*fetch(&repository, options.clone()).unwrap().bytes, archive);
    let versions = Sources::new(options).versions(&repository, "app").unwrap();
    assert_eq!(versions.len(), 1);
    let options = SourceOptions { registry_configs: config("YWxpY2U6d3Jvbmc="), ..quick(None) };
    let error = fetch(&repository, options).unwrap_err();
    assert!(matches!(error, SourceError::Denied { sent: true, .. }), "{error}");
}

/// Plays a registry whose tokens come from a token server, both without TLS on one port.
///
/// Lets in who has the token `tok`, which costs `alice` her password or the identity token `idt`.
fn token_registry() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let host = listener.local_addr().expect("it is bound").to_string();
    let log = Arc::new(Mutex::new(Vec::new()));
    let (name, noted) = (host.clone(), Arc::clone(&log));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), name, noted) = (stream, name.clone(), Arc::clone(&noted)) else {
                continue;
            };
            std::thread::spawn(move || answer(stream, &name, &noted));
        }
    });
    (host, log)
}

fn answer(mut stream: TcpStream, host: &str, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let hello = *reader.fill_buf().ok()?.first()?;
    if hello == 0x16 {
        // TLS, which this server does not know.
        return stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").ok();
    }
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let start = head.len();
        reader.read_line(&mut head).ok()?;
        if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let request = head.lines().next()?.rsplit_once(' ')?.0.to_owned();
    let shown = |value: &str| head.to_lowercase().contains(&format!("authorization: {value}"));
    log.lock().ok()?.push(format!("{request} {body}").trim().to_owned());
    let token = request.contains(" /token");
    let known = shown("basic ywxpy2u6b3blbg==") || body.contains("refresh_token=idt");
    let (status, extra, text) = match (token, known, shown("bearer tok\r\n")) {
        (true, true, _) => ("200 OK", String::new(), r#"{"token":"tok","expires_in":60}"#),
        (false, _, true) => ("200 OK", String::new(), r#"{"tags":["1.0.0","x"]}"#),
        (true, ..) => ("401 Unauthorized", String::new(), "{}"),
        (false, ..) => {
            let challenge = format!(
                "WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"registry\"\r\n"
            );
            ("401 Unauthorized", challenge, "{}")
        }
    };
    let length = text.len();
    let head = format!("HTTP/1.1 {status}\r\n{extra}Content-Length: {length}\r\nConnection: close");
    stream.write_all(format!("{head}\r\n\r\n{text}").as_bytes()).ok()
}

#[test]
fn tokens_are_bought_with_credentials() {
    let (host, log) = token_registry();
    let repository = Repository::new("oci", format!("oci://{host}/charts"));
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let versions = |entry: &str| {
        fs_err::write(&config, format!(r#"{{"auths":{{"{host}":{entry}}}}}"#)).unwrap();
        let options = SourceOptions { registry_configs: vec![config.clone()], ..quick(None) };
        let sources = Sources::new(options);
        let first = sources.versions(&repository, "app")?;
        // The token is good for more than one request.
        sources.versions(&repository, "app").map(|_| first.len())
    };
    let requests = |entry: &str| {
        let result = versions(entry);
        (result, std::mem::take(&mut *log.lock().unwrap()))
    };
    let tags = "GET /v2/charts/app/tags/list";

    let (result, log) = requests(r#"{"auth":"YWxpY2U6b3Blbg=="}"#);
    assert_eq!(result.unwrap(), 1);
    let token = "GET /token?service=registry&scope=repository%3Acharts%2Fapp%3Apull";
    assert_eq!(log, [tags, token, tags, tags]);

    let (result, log) = requests(r#"{"identitytoken":"idt"}"#);
    assert_eq!(result.unwrap(), 1);
    assert!(
        log[1].starts_with("POST /token grant_type=refresh_token&service=registry&"),
        "{log:?}"
    );

    let (result, log) = requests(r#"{"registrytoken":"tok"}"#);
    assert_eq!(result.unwrap(), 1);
    assert_eq!(log, [tags, tags, tags]);

    let (result, _) = requests(r#"{"auth":"YWxpY2U6d3Jvbmc="}"#);
    assert!(matches!(result, Err(SourceError::Denied { sent: true, .. })), "{result:?}");
    let (result, _) = requests("{}");
    assert!(matches!(result, Err(SourceError::Denied { sent: false, .. })), "{result:?}");
}
