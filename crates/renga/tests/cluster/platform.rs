//! This repository's own workspace goes to a cluster, and then nothing is left to change.
//!
//! Its environments name API servers that are made up. The kubeconfig of the test has clusters of
//! exactly these names, which are reached through a proxy (`proxy-url`) that leads every connection to
//! the real server: the names, the choice of the cluster and the certificate check are those of real
//! life.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use renga_test::TestCluster;

/// A proxy for HTTPS that connects to `server` whatever it is asked for.
fn proxy_to(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = server.clone();
            thread::spawn(move || tunnel(client, &server));
        }
    });
    address
}

fn tunnel(client: TcpStream, server: &str) -> io::Result<()> {
    let mut request = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    while request.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut client = client;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut upstream = TcpStream::connect(server)?;
    let (mut back, mut to_client) = (upstream.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut back, &mut to_client);
        let _ = to_client.shutdown(std::net::Shutdown::Both);
    });
    // What came with the request is in the buffer still.
    io::copy(&mut request, &mut upstream)?;
    upstream.shutdown(std::net::Shutdown::Both)
}

/// The text of a kubeconfig in which `name` is the address of the real server.
fn kubeconfig(cluster: &TestCluster, name: &str) -> String {
    let text = fs_err::read_to_string(&cluster.kubeconfig).unwrap();
    let servers = text.lines().filter_map(|line| line.trim().strip_prefix("server: "));
    let server = servers.into_iter().find(|server| !server.ends_with(":1")).unwrap();
    let host = server.trim_start_matches("https://");
    let proxy = proxy_to(host.to_owned());
    let address = host.rsplit_once(':').unwrap().0;
    text.replace(
        &format!("server: {server}\n"),
        &format!("server: {name}\n    proxy-url: {proxy}\n    tls-server-name: {address}\n"),
    )
}

/// Environments without objects that need an account or another system to be accepted, in the order
/// in which they depend on each other.
const ENVIRONMENTS: [(&str, &str); 4] = [
    ("environments/custom-resources", "custom-resources/prod"),
    ("environments/metrics-server/prod", ""),
    ("environments/nodetaint/prod", ""),
    ("environments/keda/prod", ""),
];

#[test]
fn the_production_platform_applies_and_then_does_not_differ() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // A server of its own: an API service without anything behind it, of which the platform has two,
    // keeps the namespaces of all other tests from being deleted.
    let started = match root.join("../shared/apiserver").canonicalize() {
        Ok(scripts) => TestCluster::start(&scripts),
        Err(_) => return eprintln!("skipped: no API server that is free for a whole platform"),
    };
    let cluster = match started {
        Ok(cluster) => cluster,
        Err(none) => return eprintln!("{none}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kubeconfig");
    fs_err::write(&config, kubeconfig(&cluster, "https://platform-prod.eks.example.com")).unwrap();
    for (path, name) in ENVIRONMENTS {
        let run = |command: &str, flags: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_renga"))
                .args([command, path, "--name", name])
                .args(flags)
                .current_dir(&root)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", folder.path())
                .env("KUBECONFIG", &config)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            (output.status.code(), format!("{path}: {command}\n{said}\n{shown}"))
        };
        let (exit, text) = run("apply", &["--auto-approve", "always"]);
        assert_eq!(exit, Some(0), "{text}");
        let (exit, text) = run("diff", &[]);
        assert_eq!(exit, Some(0), "{text}");
    }
}
