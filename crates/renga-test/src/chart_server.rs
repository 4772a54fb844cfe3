//! A chart repository over real HTTP or HTTPS, on a free port of the loopback interface.
//!
//! Owns what is in the repositories and their `index.yaml`; how the server answers, or fails to,
//! is `http_server`'s. One server holds any number of repositories: `<url>/<repository>`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use renga_charts::{ChartMetadata, Limits, Sha256, package_dir, read_archive};
use serde_json::{Map, Value};

use crate::http_server::{HttpServer, LoggedRequest, Rule, StoredFile, Tls};
use crate::tls::Certificates;

/// When everything in here was made.
const CREATED: &str = "2024-01-01T00:00:00Z";

/// The folder with the sources of the sample charts.
pub fn chart_sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/charts-src")
}

/// Packs a chart given by its files; one of them has to be `Chart.yaml`.
///
/// # Errors
///
/// When the files cannot be written to a temporary folder, or are no chart.
pub fn pack_chart(files: &[(&str, &str)]) -> io::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        let path = folder.path().join(path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, text)?;
    }
    package_dir(folder.path()).map_err(io::Error::other)
}

/// A version of a chart in an index.
#[derive(Clone, Debug)]
struct Listed {
    version: String,
    fields: Map<String, Value>,
}

/// Serves chart repositories until it is dropped.
#[derive(Debug)]
pub struct ChartServer {
    server: HttpServer,
    certificates: Option<Certificates>,
    scheme: &'static str,
    /// By repository, then by chart.
    listed: Mutex<BTreeMap<String, BTreeMap<String, Vec<Listed>>>>,
}

impl ChartServer {
    /// Starts a server that speaks HTTP.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn start() -> io::Result<Self> {
        Self::new(0, Tls::Off, None)
    }

    /// As [`Self::start`], on a given port.
    ///
    /// # Errors
    ///
    /// When the port is in use.
    pub fn start_on(port: u16) -> io::Result<Self> {
        Self::new(port, Tls::Off, None)
    }

    /// Starts a server that speaks HTTPS, with a certificate of [`Self::certificates`]; with
    /// `client_auth` only clients that have their certificate from there get in.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn start_tls(client_auth: bool) -> io::Result<Self> {
        let certificates = Certificates::generate();
        let tls = Tls::On(certificates.server_config(client_auth));
        Self::new(0, tls, Some(certificates))
    }

    /// Starts an HTTP proxy that is every server behind it, too: it answers requests for the hosts
    /// `names`, by HTTP and HTTPS, from its own repositories. The path alone decides which.
    ///
    /// # Errors
    ///
    /// When the port is in use (0: any free one).
    pub fn start_proxy(port: u16, names: &[&str]) -> io::Result<Self> {
        let certificates = Certificates::for_names(names);
        let tls = Tls::AfterConnect(certificates.server_config(false));
        Self::new(port, tls, Some(certificates))
    }

    fn new(port: u16, tls: Tls, certificates: Option<Certificates>) -> io::Result<Self> {
        let scheme = if matches!(tls, Tls::On(_)) { "https" } else { "http" };
        let server = HttpServer::start(port, tls)?;
        Ok(Self { server, certificates, scheme, listed: Mutex::default() })
    }

    /// `http://127.0.0.1:<port>`, or `https:`.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.server.port())
    }

    /// The same server under another host name.
    pub fn url_as_localhost(&self) -> String {
        self.url().replace("127.0.0.1", "localhost")
    }

    /// The URL of a repository.
    pub fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.url())
    }

    /// The certificates of a server with TLS, and of a proxy.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Packs the chart at `dir` and adds it to a repository; gives the archive.
    ///
    /// # Errors
    ///
    /// When it cannot be packed.
    pub fn add_chart_dir(&self, repository: &str, dir: &Path) -> io::Result<Vec<u8>> {
        let archive = package_dir(dir).map_err(io::Error::other)?;
        self.add_archive(repository, &archive)?;
        Ok(archive)
    }

    /// Packs every chart in the folder `dir` and adds it to a repository.
    ///
    /// # Errors
    ///
    /// When one cannot be packed.
    pub fn add_charts_below(&self, repository: &str, dir: &Path) -> io::Result<()> {
        let mut found: Vec<_> = fs_err::read_dir(dir)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<_, _>>()?;
        found.sort();
        for chart in found.iter().filter(|path| path.join("Chart.yaml").is_file()) {
            self.add_chart_dir(repository, chart)?;
        }
        Ok(())
    }

    /// Adds a packed chart to a repository, listed as its `Chart.yaml` has it.
    ///
    /// # Errors
    ///
    /// When it is no chart.
    pub fn add_archive(&self, repository: &str, archive: &[u8]) -> io::Result<()> {
        let entries = read_archive(archive, &Limits::default()).map_err(io::Error::other)?;
        let metadata = ChartMetadata::of_entries(&entries).map_err(io::Error::other)?;
        self.add(repository, &metadata, archive, &[("digest", Some(Sha256::of(archive).hex()))]);
        Ok(())
    }

    /// Adds any bytes as the archive of a chart; `digest` is what the index says of it (None: the
    /// right one).
    pub fn add_bytes(
        &self,
        repository: &str,
        name: &str,
        version: &str,
        bytes: &[u8],
        digest: Option<&str>,
    ) {
        let metadata = ChartMetadata {
            api_version: "v2".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            ..ChartMetadata::default()
        };
        let digest = digest.map_or_else(|| Sha256::of(bytes).hex(), ToOwned::to_owned);
        self.add(repository, &metadata, bytes, &[("digest", Some(digest))]);
    }

    /// Changes a field of a version in the index, or removes it: `digest`, `version`, `appVersion`,
    /// …; `urls` takes one URL.
    pub fn edit_index(
        &self,
        repository: &str,
        name: &str,
        version: &str,
        field: &str,
        value: Option<&str>,
    ) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let charts = listed.entry(repository.to_owned()).or_default();
        for found in charts.entry(name.to_owned()).or_default() {
            if found.version == version {
                set(&mut found.fields, field, value);
            }
        }
        self.write_index(repository, charts);
    }

    fn add(
        &self,
        repository: &str,
        metadata: &ChartMetadata,
        archive: &[u8],
        fields: &[(&str, Option<String>)],
    ) {
        let (name, version) = (&metadata.name, &metadata.version);
        let file = format!("{name}-{version}.tgz");
        self.put(&format!("/{repository}/{file}"), "application/gzip", archive);
        let text = metadata.to_yaml();
        let value = renga_yaml::read(text.as_bytes(), renga_yaml::Flavour::GoYamlV2);
        let Ok(Value::Object(mut map)) = value else { return };
        set(&mut map, "created", Some(CREATED));
        set(&mut map, "urls", Some(&file));
        for (field, value) in fields {
            set(&mut map, field, value.as_deref());
        }
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let charts = listed.entry(repository.to_owned()).or_default();
        let versions = charts.entry(name.clone()).or_default();
        versions.retain(|found| found.version != *version);
        versions.push(Listed { version: version.clone(), fields: map });
        // Newest first, as `helm repo index` writes them.
        versions.sort_by_cached_key(|found| {
            std::cmp::Reverse(renga_semver::Version::parse(&found.version).ok())
        });
        self.write_index(repository, charts);
    }

    fn write_index(&self, repository: &str, charts: &BTreeMap<String, Vec<Listed>>) {
        let entries = charts.iter().map(|(name, versions)| {
            let versions = versions.iter().map(|found| Value::Object(found.fields.clone()));
            (name.clone(), Value::Array(versions.collect()))
        });
        let index = Value::Object(Map::from_iter([
            ("apiVersion".to_owned(), Value::from("v1")),
            ("entries".to_owned(), Value::Object(entries.collect())),
            ("generated".to_owned(), Value::from(CREATED)),
        ]));
        let text = renga_yaml::to_string(&index, renga_yaml::Flavour::SigsYaml);
        self.set_index(repository, &text);
    }

    /// Replaces a repository's `index.yaml` by any text, until a chart is added to it.
    pub fn set_index(&self, repository: &str, text: &str) {
        let html = text.trim_start().starts_with('<');
        let content_type = if html { "text/html; charset=utf-8" } else { "text/yaml" };
        self.put(&format!("/{repository}/index.yaml"), content_type, text.as_bytes());
    }

    /// Serves a file under a path, such as a `.prov`.
    pub fn add_file(&self, path: &str, bytes: &[u8]) {
        self.put(path, "application/octet-stream", bytes);
    }

    /// Takes a file away; requests for it get a 404.
    pub fn remove_file(&self, path: &str) {
        self.server.remove(path);
    }

    fn put(&self, path: &str, content_type: &'static str, bytes: &[u8]) {
        let etag = Some(format!("\"{}\"", &Sha256::of(bytes).hex()[..32]));
        // Fixed, and therefore different from the times of all other contents only by the tag.
        let last_modified = Some("Mon, 01 Jan 2024 00:00:00 GMT".to_owned());
        let file = StoredFile { content_type, bytes: bytes.into(), etag, last_modified };
        self.server.put(path, file);
    }

    /// Serves the file at `path` from now on with these validators instead of an `ETag` over its
    /// contents and a fixed time.
    pub fn set_validators(
        &self,
        path: &str,
        bytes: &[u8],
        etag: Option<&str>,
        last_modified: Option<std::time::SystemTime>,
    ) {
        let file = StoredFile {
            content_type: "text/yaml",
            bytes: bytes.into(),
            etag: etag.map(ToOwned::to_owned),
            last_modified: last_modified.map(httpdate::fmt_http_date),
        };
        self.server.put(path, file);
    }

    /// From now on `rule` applies to the requests whose path contains `path_part` (`""`: all);
    /// rules are looked at in the order in which they were added.
    pub fn rule(&self, path_part: &str, rule: Rule) {
        self.server.add_rule(path_part, rule);
    }

    /// Forgets all rules.
    pub fn clear_rules(&self) {
        self.server.clear_rules();
    }

    /// All requests so far, or since [`Self::clear_requests`].
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.server.log()
    }

    /// The paths of all requests so far, sorted.
    pub fn requested_paths(&self) -> Vec<String> {
        let mut paths: Vec<_> = self.requests().into_iter().map(|request| request.path).collect();
        paths.sort();
        paths
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.server.clear_log();
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }
}

fn set(map: &mut Map<String, Value>, field: &str, value: Option<&str>) {
    match value {
        None => {
            map.remove(field);
        }
        Some(url) if field == "urls" => {
            map.insert(field.to_owned(), Value::Array(vec![Value::from(url)]));
        }
        Some(text) => {
            map.insert(field.to_owned(), Value::from(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(server: &ChartServer, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", server.server.port())).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    const CHART: &[(&str, &str)] = &[("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n")];

    #[test]
    fn a_repository_has_an_index_with_validators() {
        let server = ChartServer::start().unwrap();
        let archive = pack_chart(CHART).unwrap();
        server.add_archive("one", &archive).unwrap();
        server.add_bytes("one", "a", "1.10.0", b"no archive", None);
        let text = get(&server, "/one/index.yaml", "");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let digest = Sha256::of(&archive).hex();
        let other = Sha256::of(b"no archive").hex();
        assert_eq!(
            body,
            format!(
                "apiVersion: v1\nentries:\n  a:\n  - apiVersion: v2\n    created: \"{CREATED}\"\n    \
                 digest: {other}\n    name: a\n    urls:\n    - a-1.10.0.tgz\n    version: 1.10.0\n  \
                 - apiVersion: v2\n    created: \"{CREATED}\"\n    digest: {digest}\n    name: a\n    \
                 urls:\n    - a-1.2.3.tgz\n    version: 1.2.3\ngenerated: \"{CREATED}\"\n"
            )
        );
        let etag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
        let again = get(&server, "/one/index.yaml", &format!("If-None-Match: {etag}\r\n"));
        assert!(again.starts_with("HTTP/1.1 304 "), "{again}");
        assert!(get(&server, "/two/index.yaml", "").starts_with("HTTP/1.1 404 "));
        let statuses: Vec<_> = server.requests().iter().map(|request| request.status).collect();
        assert_eq!(statuses, [200, 304, 404]);
    }

    #[test]
    fn rules_make_it_misbehave() {
        let server = ChartServer::start().unwrap();
        server.set_index("one", "0123456789");
        server.rule("one", Rule::Fail { status: 503, times: 2, retry_after: Some(1) });
        for expected in ["503 Service Unavailable\r\n", "503 Service Unavailable\r\n", "200 OK\r\n"]
        {
            let text = get(&server, "/one/index.yaml", "");
            assert!(text.contains(expected), "{text}");
        }
        server.clear_rules();
        server.rule("one", Rule::Truncate { keep: 4 });
        let text = get(&server, "/one/index.yaml", "");
        assert!(
            text.contains("Content-Length: 10\r\n") && text.ends_with("\r\n\r\n0123"),
            "{text}"
        );
        server.clear_rules();
        server.rule("", Rule::Basic { username: "u".to_owned(), password: "p".to_owned() });
        assert!(get(&server, "/one/index.yaml", "").contains("401"));
        let text = get(&server, "/one/index.yaml", "Authorization: Basic dTpw\r\n");
        assert!(text.ends_with("0123456789"), "{text}");
        server.clear_rules();
        server.rule("", Rule::Redirect { to: "http://other.example.com".to_owned() });
        let text = get(&server, "/one/index.yaml", "");
        assert!(text.contains("Location: http://other.example.com/one/index.yaml\r\n"), "{text}");
        server.clear_rules();
        let text = get(&server, "http://charts.example.com/one/index.yaml", "");
        assert!(text.ends_with("0123456789"), "as a proxy: {text}");
    }
}
