//! A real OCI registry, Debian's `docker-registry`, started on a free port.
//!
//! Owns the process, its configuration and pushing charts into it by the registry's HTTP API.
//! Where the program is missing, tests are skipped with the reason.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use renga_charts::{ChartMetadata, Limits, Sha256, read_archive};
use serde_json::json;
use tempfile::TempDir;

use crate::tls::Certificates;

/// How long the registry may take until it answers.
const START: Duration = Duration::from_secs(30);

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Why there is no registry to test with.
#[derive(Debug, thiserror::Error)]
#[error("skipped: {0}")]
pub struct Skipped(String);

/// How the registry is started.
#[derive(Clone, Debug, Default)]
pub struct RegistryOptions {
    /// With TLS; the certificates are [`OciRegistry::certificates`].
    pub tls: bool,
    /// The name and password that are asked for.
    pub user: Option<(String, String)>,
}

/// A registry, until it is dropped.
#[derive(Debug)]
pub struct OciRegistry {
    process: Child,
    port: u16,
    options: RegistryOptions,
    certificates: Option<Certificates>,
    /// The configuration, the blobs and what the program says.
    folder: TempDir,
}

impl OciRegistry {
    /// Starts a registry that speaks HTTP and asks for no password.
    ///
    /// # Errors
    ///
    /// [`Skipped`] when the program is missing or does not start.
    pub fn start() -> Result<Self, Skipped> {
        Self::start_with(&RegistryOptions::default())
    }

    /// Starts a registry with TLS or with a password, or both.
    ///
    /// # Errors
    ///
    /// [`Skipped`] when the program is missing or does not start.
    pub fn start_with(options: &RegistryOptions) -> Result<Self, Skipped> {
        // Another process may take the free port first.
        let mut reason = Skipped(String::new());
        for _ in 0..3 {
            match Self::try_start(options) {
                Ok(registry) => return Ok(registry),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn try_start(options: &RegistryOptions) -> Result<Self, Skipped> {
        let skipped = |what: &str, error: io::Error| Skipped(format!("{what}: {error}"));
        let set_up = |error| skipped("cannot set up a registry", error);
        let folder = tempfile::tempdir().map_err(set_up)?;
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .map_err(set_up)?
            .port();
        let certificates = options.tls.then(Certificates::generate);
        let config = configuration(&folder, port, certificates.as_ref(), options.user.as_ref());
        let config_file = folder.path().join("registry.yml");
        config
            .and_then(|config| fs_err::write(&config_file, config.to_string()))
            .map_err(set_up)?;
        let log = File::create(folder.path().join("log")).map_err(set_up)?;
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => Skipped(
                    "the OCI registry `docker-registry` is missing \
                     (apt-get install --no-install-recommends docker-registry)"
                        .to_owned(),
                ),
                _ => skipped("cannot start `docker-registry`", error),
            })?;
        let options = options.clone();
        let mut registry = Self { process, port, options, certificates, folder };
        registry.wait()?;
        Ok(registry)
    }

    fn wait(&mut self) -> Result<(), Skipped> {
        let started = Instant::now();
        loop {
            if let Ok(answer) = self.request("GET", "/v2/", "", b"")
                && answer.status == 200
            {
                return Ok(());
            }
            let ended = self.process.try_wait().ok().flatten().is_some();
            if ended || started.elapsed() > START {
                let log = fs_err::read_to_string(self.folder.path().join("log"));
                let log = log.unwrap_or_default();
                return Err(Skipped(format!("`docker-registry` does not answer: {log}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// `127.0.0.1:<port>`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `oci://127.0.0.1:<port>/<path>`.
    pub fn url(&self, path: &str) -> String {
        format!("oci://{}/{path}", self.host())
    }

    /// The certificates of a registry with TLS.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Pushes a packed chart as `<path>/<name>:<version>`, as `helm push` does; gives the digest of
    /// its manifest.
    ///
    /// # Errors
    ///
    /// When the archive is no chart or the registry does not take it.
    pub fn push(
        &self,
        path: &str,
        archive: &[u8],
        provenance: Option<&[u8]>,
    ) -> io::Result<Sha256> {
        let entries = read_archive(archive, &Limits::default()).map_err(io::Error::other)?;
        let chart = ChartMetadata::of_entries(&entries).map_err(io::Error::other)?;
        let repository = format!("{path}/{}", chart.name);
        let config = renga_yaml::read(chart.to_yaml().as_bytes(), renga_yaml::Flavour::GoYamlV2)
            .map_err(io::Error::other)?
            .to_string();
        let mut layers = vec![self.blob(&repository, CHART, archive)?];
        if let Some(provenance) = provenance {
            layers.push(self.blob(&repository, PROVENANCE, provenance)?);
        }
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.blob(&repository, CONFIG, config.as_bytes())?,
            "layers": layers,
            "annotations": {
                "org.opencontainers.image.title": chart.name,
                "org.opencontainers.image.version": chart.version,
                "org.opencontainers.image.created": "2024-01-01T00:00:00Z",
            },
        });
        let tag = chart.version.replace('+', "_");
        self.put_manifest(&repository, &tag, MANIFEST, manifest.to_string().as_bytes())
    }

    /// Stores any manifest, for what `helm push` would not push; gives its digest.
    ///
    /// # Errors
    ///
    /// When the registry does not take it.
    pub fn put_manifest(
        &self,
        repository: &str,
        tag: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> io::Result<Sha256> {
        let path = format!("/v2/{repository}/manifests/{tag}");
        self.request("PUT", &path, media_type, manifest)?.expect(201)?;
        Ok(Sha256::of(manifest))
    }

    /// Stores a blob; gives the descriptor that a manifest needs.
    ///
    /// # Errors
    ///
    /// When the registry does not take it.
    pub fn blob(
        &self,
        repository: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> io::Result<serde_json::Value> {
        let digest = Sha256::of(bytes).to_string();
        let start = format!("/v2/{repository}/blobs/uploads/");
        let location = self.request("POST", &start, "", b"")?.expect(202)?.location;
        // The registry answers with a whole URL.
        let path = location
            .split_once("://")
            .map_or(&*location, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}digest={digest}");
        self.request("PUT", &path, "application/octet-stream", bytes)?.expect(201)?;
        Ok(json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() }))
    }

    fn request(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> io::Result<Response> {
        let mut head = format!(
            "{method} {path} HTTP/1.0\r\nAccept: {MANIFEST}\r\nHost: {}\r\nContent-Length: {}\r\n",
            self.host(),
            body.len()
        );
        if !kind.is_empty() {
            let _ = write!(head, "Content-Type: {kind}\r\n");
        }
        if let Some((name, password)) = &self.options.user {
            let pair = format!("{name}:{password}");
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            let _ = write!(head, "Authorization: Basic {pair}\r\n");
        }
        head.push_str("\r\n");
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(START))?;
        match &self.certificates {
            None => exchange(stream, head.as_bytes(), body),
            Some(certificates) => {
                let name = "127.0.0.1".try_into().map_err(io::Error::other)?;
                let connection = rustls::ClientConnection::new(client(certificates)?, name)
                    .map_err(io::Error::other)?;
                exchange(rustls::StreamOwned::new(connection, stream), head.as_bytes(), body)
            }
        }
    }
}

impl Drop for OciRegistry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(
    folder: &TempDir,
    port: u16,
    certificates: Option<&Certificates>,
    user: Option<&(String, String)>,
) -> io::Result<serde_json::Value> {
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs_err::write(&path, text).map(|()| path)
    };
    // JSON is YAML.
    let mut config = json!({
        "version": "0.1",
        "log": { "level": "warn" },
        "storage": {
            "filesystem": { "rootdirectory": folder.path().join("blobs") },
            "delete": { "enabled": true },
        },
        "http": { "addr": format!("127.0.0.1:{port}"), "secret": "none" },
    });
    if let Some(certificates) = certificates {
        config["http"]["tls"] = json!({
            "certificate": file("server.pem", &certificates.server)?,
            "key": file("server-key.pem", &certificates.server_key)?,
        });
    }
    if let Some((name, password)) = user {
        // The cheapest hash there is: the registry computes it with every request.
        let hash = bcrypt::hash(password, 4).map_err(io::Error::other)?;
        let path = file("htpasswd", &format!("{name}:{hash}\n"))?;
        config["auth"] = json!({ "htpasswd": { "realm": "charts", "path": path } });
    }
    Ok(config)
}

fn client(certificates: &Certificates) -> io::Result<Arc<rustls::ClientConfig>> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(certificates.ca.as_bytes());
    roots.add(ca.map_err(io::Error::other)?).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

struct Response {
    status: u16,
    location: String,
    text: String,
}

impl Response {
    fn expect(self, status: u16) -> io::Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        Err(io::Error::other(format!("the registry answers {}: {}", self.status, self.text)))
    }
}

fn exchange(mut stream: impl Read + Write, head: &[u8], body: &[u8]) -> io::Result<Response> {
    stream.write_all(head)?;
    stream.write_all(body)?;
    stream.flush()?;
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // A peer that closes without saying so in TLS.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        other => {
            other?;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let location = text
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("location"))
        .map(|(_, value)| value.to_owned());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    Ok(Response { status, location: location.unwrap_or_default(), text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart_server::pack_chart;

    fn push_and_read(options: &RegistryOptions) {
        let registry = match OciRegistry::start_with(options) {
            Ok(registry) => registry,
            Err(skipped) => return eprintln!("{skipped}"),
        };
        let files = [("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3+b\n")];
        let archive = pack_chart(&files).unwrap();
        let digest = registry.push("charts", &archive, Some(b"signed")).unwrap();
        let tags = registry.request("GET", "/v2/charts/a/tags/list", "", b"").unwrap();
        assert!(
            tags.text.ends_with("{\"name\":\"charts/a\",\"tags\":[\"1.2.3_b\"]}\n"),
            "{}",
            tags.text
        );
        let path = format!("/v2/charts/a/manifests/{digest}");
        assert_eq!(registry.request("HEAD", &path, "", b"").unwrap().status, 200);
        let blob = format!("/v2/charts/a/blobs/{}", Sha256::of(&archive));
        assert_eq!(registry.request("GET", &blob, "", b"").unwrap().status, 200);
    }

    #[test]
    fn a_registry_takes_charts() {
        push_and_read(&RegistryOptions::default());
    }

    #[test]
    fn a_registry_has_tls_and_passwords() {
        let user = Some(("user".to_owned(), "secret".to_owned()));
        push_and_read(&RegistryOptions { tls: true, user });
    }
}
