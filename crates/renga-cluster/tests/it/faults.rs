//! A server that fails on demand: plain HTTP in front of the real one, one request per connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use renga_test::TestCluster;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;

use crate::support::{entry, kubeconfig_value};

/// A request as a rule sees it.
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// How many requests came before.
    pub(crate) index: usize,
}

/// What becomes of a request.
pub(crate) enum Fate {
    /// The real server answers.
    Forward,
    /// This answers: status, headers, body.
    Answer(u16, &'static str, String),
    /// Nobody answers.
    Hang,
    /// The connection ends before the request gets anywhere.
    Cut,
    /// The request is carried out, but the connection ends before the answer.
    CutAnswer,
}

type Rule = Box<dyn Fn(&Seen) -> Fate + Send + Sync>;

/// The failing server.
pub(crate) struct Faults {
    /// Its kubeconfig, with the one context `faulty`.
    pub(crate) kubeconfig: PathBuf,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl Faults {
    pub(crate) fn new(
        server: &TestCluster,
        rule: impl Fn(&Seen) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let mut config = kubeconfig_value(server);
        let context = entry(&mut config, "contexts", "admin-token")["context"].clone();
        let cluster = entry(&mut config, "clusters", context["cluster"].as_str().unwrap());
        let url = cluster["cluster"]["server"].as_str().unwrap().to_owned();
        let back = url.trim_start_matches("https://").to_owned();
        let authority = cluster["cluster"]["certificate-authority-data"].as_str().unwrap();
        let authority = base64::engine::general_purpose::STANDARD.decode(authority).unwrap();
        let tls = Arc::new(client_config(&authority));

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let token = entry(&mut config, "users", context["user"].as_str().unwrap())["user"].clone();
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("config");
        let text = json!({
            "clusters": [{"name": "faulty", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
            "contexts": [{"name": "faulty", "context": {"cluster": "faulty", "user": "me"}}],
            "users": [{"name": "me", "user": token}],
        });
        std::fs::write(&kubeconfig, text.to_string()).unwrap();

        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let rule: Arc<Rule> = Arc::new(Box::new(rule));
        let count = Arc::new(AtomicUsize::new(0));
        let (stopped, log) = (stop.clone(), seen.clone());
        std::thread::spawn(move || {
            for front in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(front) = front else { continue };
                let (rule, tls, back) = (rule.clone(), tls.clone(), back.clone());
                let (count, log, stopped) = (count.clone(), log.clone(), stopped.clone());
                std::thread::spawn(move || {
                    // A client that goes away is no failure of the test.
                    let _ = serve(front, &rule, &tls, &back, &count, &log, &stopped);
                });
            }
        });
        Self { kubeconfig, seen, stop, _folder: folder }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn client_config(authority: &[u8]) -> rustls::ClientConfig {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority) {
        roots.add(certificate.unwrap()).unwrap();
    }
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn serve(
    mut front: TcpStream,
    rule: &Rule,
    tls: &Arc<rustls::ClientConfig>,
    back: &str,
    count: &AtomicUsize,
    log: &Mutex<Vec<String>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(front.try_clone()?);
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        let end = line == "\r\n";
        if !lower.starts_with("connection:") && !lower.starts_with("host:") && !end {
            head.push(line);
        }
        if end {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = head[0].split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().unwrap_or_default().to_owned();
    log.lock().unwrap().push(format!("{method} {path}"));
    let seen = Seen { method, path, index: count.fetch_add(1, Ordering::SeqCst) };
    match rule(&seen) {
        Fate::Cut => Ok(()),
        Fate::Hang => {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        }
        Fate::Answer(status, headers, body) => write!(
            front,
            "HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
        fate @ (Fate::Forward | Fate::CutAnswer) => {
            let name = ServerName::try_from("127.0.0.1").unwrap();
            let connection =
                rustls::ClientConnection::new(tls.clone(), name).map_err(std::io::Error::other)?;
            let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(back)?);
            let mut request = head.concat().into_bytes();
            request.extend(format!("Host: {back}\r\nConnection: close\r\n\r\n").bytes());
            request.extend(body);
            stream.write_all(&request)?;
            let mut answer = Vec::new();
            // The server ends without a farewell at times.
            let _ = stream.read_to_end(&mut answer);
            if matches!(fate, Fate::Forward) {
                front.write_all(&answer)?;
            }
            Ok(())
        }
    }
}
