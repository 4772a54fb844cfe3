//! A workspace in a temporary folder, and repositories in memory.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use renga_charts::{
    Archive, ChartSource, ChartVersion, DigestOrigin, Event, LockMode, LockedArchive, Names,
    Reporter, Repository, Sha256, SourceError, Subject, VendorError, VendorOptions, VendorReport,
    Wanted, Workspace, pick, update, vendor,
};

pub(crate) const URL: &str = "http://charts.example.com";

/// The address of a repository, and the name of a chart.
type Place = (String, String);

/// A version, and its archive.
type Published = (ChartVersion, Vec<u8>);

/// Charts in repositories that are only in memory. Counts what it is asked for.
#[derive(Default)]
pub(crate) struct MemorySource {
    charts: Mutex<BTreeMap<Place, Vec<Published>>>,
    pub(crate) lookups: AtomicUsize,
    pub(crate) fetches: AtomicUsize,
    pub(crate) offline: bool,
    /// The provenance file of every archive.
    pub(crate) signature: Option<Vec<u8>>,
}

impl MemorySource {
    /// Publishes an archive; a version that is there already is replaced.
    pub(crate) fn publish(&self, url: &str, name: &str, version: &str, archive: Vec<u8>) {
        let mut charts = self.charts.lock().unwrap();
        let versions = charts.entry((url.to_owned(), name.to_owned())).or_default();
        versions.retain(|(known, _)| known.version != version);
        let known = ChartVersion {
            name: name.to_owned(),
            version: version.to_owned(),
            app_version: Some(format!("{version}-app")),
            description: Some(format!("The {name} chart")),
            digest: Some(Sha256::of(&archive)),
            urls: vec![format!("{name}-{version}.tgz")],
            ..ChartVersion::default()
        };
        versions.push((known, archive));
        let parse = |v: &ChartVersion| renga_semver::Version::parse(&v.version).unwrap();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(parse(version)));
    }

    /// Publishes a small chart.
    pub(crate) fn chart(&self, name: &str, version: &str) {
        self.publish(URL, name, version, simple_chart(name, version));
    }

    pub(crate) fn asked(&self) -> (usize, usize) {
        (self.lookups.load(Ordering::SeqCst), self.fetches.load(Ordering::SeqCst))
    }

    fn archive(&self, url: String, bytes: &[u8]) -> Archive {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let sha256 = Sha256::of(bytes);
        Archive {
            bytes: bytes.into(),
            sha256,
            published: Some(sha256),
            manifest: None,
            provenance: self.signature.as_deref().map(Into::into),
            url,
            cached: false,
        }
    }
}

fn checked(
    archive: Archive,
    chart: &str,
    expected: Option<Sha256>,
) -> Result<Archive, SourceError> {
    match expected {
        Some(expected) if expected != archive.sha256 => Err(SourceError::Digest {
            chart: chart.to_owned(),
            version: String::new(),
            url: archive.url.clone(),
            expected,
            found: archive.sha256,
            origin: DigestOrigin::Lock,
        }),
        _ => Ok(archive),
    }
}

impl ChartSource for MemorySource {
    fn versions(
        &self,
        repository: &Repository,
        chart: &str,
    ) -> Result<Vec<ChartVersion>, SourceError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        if self.offline {
            return Err(SourceError::Offline {
                subject: Subject::Index { repository: repository.name.clone() },
                url: repository.shown_url(),
            });
        }
        let charts = self.charts.lock().unwrap();
        let key = (repository.url.trim_end_matches('/').to_owned(), chart.to_owned());
        let Some(versions) = charts.get(&key) else {
            return Err(SourceError::NoChart {
                chart: chart.to_owned(),
                repository: repository.name.clone(),
                url: repository.shown_url(),
                nearest: Names::default(),
            });
        };
        Ok(versions.iter().map(|(version, _)| version.clone()).collect())
    }

    fn resolve(
        &self,
        repository: &Repository,
        chart: &str,
        wanted: &str,
    ) -> Result<ChartVersion, SourceError> {
        pick(&self.versions(repository, chart)?, repository, chart, wanted).cloned()
    }

    fn fetch(
        &self,
        repository: &Repository,
        version: &ChartVersion,
        wanted: &Wanted,
    ) -> Result<Archive, SourceError> {
        let charts = self.charts.lock().unwrap();
        let address = repository.url.trim_end_matches('/');
        let all = &charts[&(address.to_owned(), version.name.clone())];
        let (_, bytes) = all.iter().find(|(known, _)| known.version == version.version).unwrap();
        let archive = self.archive(format!("{address}/{}", version.urls[0]), bytes);
        checked(archive, &version.name, wanted.sha256)
    }

    fn fetch_locked(
        &self,
        repository: &Repository,
        locked: &LockedArchive<'_>,
    ) -> Result<Archive, SourceError> {
        let charts = self.charts.lock().unwrap();
        let found = charts.iter().find_map(|((url, _), all)| {
            all.iter()
                .find(|(known, _)| format!("{url}/{}", known.urls[0]) == locked.url)
                .map(|(_, bytes)| bytes)
        });
        let subject =
            Subject::Chart { name: locked.chart.to_owned(), version: locked.version.to_owned() };
        match found {
            Some(bytes) => checked(
                self.archive(locked.url.to_owned(), bytes),
                locked.chart,
                Some(locked.sha256),
            ),
            None => Err(SourceError::NotFound {
                subject,
                url: repository.shown_url(),
                status: "404 Not Found".to_owned(),
            }),
        }
    }
}

/// Packs files into a chart archive; the paths begin with the chart's folder.
pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (path, data) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        // Not by `set_path`, which refuses what a test of bad archives needs.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        tar.append(&header, *data).unwrap();
    }
    let mut gzip = tar.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

/// A chart of two templates, with more lines for its `Chart.yaml`.
pub(crate) fn chart_with(
    name: &str,
    version: &str,
    more: &str,
    files: &[(&str, &[u8])],
) -> Vec<u8> {
    let manifest = format!(
        "apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"{version}-app\"\ndescription: The {name} chart\n{more}"
    );
    let template = format!("kind: ConfigMap\napiVersion: v1\nmetadata: {{name: {name}}}\n");
    let mut all: Vec<(String, &[u8])> = vec![
        (format!("{name}/Chart.yaml"), manifest.as_bytes()),
        (format!("{name}/values.yaml"), b"a: 1\n"),
        (format!("{name}/templates/cm.yaml"), template.as_bytes()),
    ];
    all.extend(files.iter().map(|(path, data)| (format!("{name}/{path}"), *data)));
    let all: Vec<_> = all.iter().map(|(path, data)| (path.as_str(), *data)).collect();
    pack(&all)
}

pub(crate) fn simple_chart(name: &str, version: &str) -> Vec<u8> {
    chart_with(name, version, "", &[])
}

/// Keeps the log lines.
#[derive(Default)]
pub(crate) struct Log(Mutex<Vec<String>>);

impl Log {
    /// The lines since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Reporter for Log {
    fn event(&self, event: &Event<'_>) {
        if !matches!(event, Event::Progress { .. }) {
            self.0.lock().unwrap().push(event.to_string());
        }
    }
}

/// A folder with a chartfile, and a repository `r` at [`URL`].
pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) source: MemorySource,
    pub(crate) log: Log,
}

impl Fixture {
    /// `requires` are the lines of the list.
    pub(crate) fn new(requires: &str) -> Self {
        let fixture = Self {
            folder: tempfile::tempdir().unwrap(),
            source: MemorySource::default(),
            log: Log::default(),
        };
        fixture.require(requires);
        for version in ["1.0.0", "1.0.1", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.1.0"] {
            fixture.source.chart("web", version);
        }
        for version in ["0.1.0", "0.1.5", "0.2.0"] {
            fixture.source.chart("db", version);
        }
        for version in ["v3.0.0", "v3.1.0"] {
            fixture.source.chart("vee", version);
        }
        fixture
    }

    /// Writes the chartfile.
    pub(crate) fn require(&self, requires: &str) {
        let text = format!("repositories: [{{name: r, url: \"{URL}\"}}]\nrequires:\n{requires}");
        self.write("chartfile.yaml", &text);
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::new(self.folder.path())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// All files, with their contents.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        snapshot(self.folder.path())
    }

    /// The first line of a vendored chart's `Chart.yaml` that has its version.
    pub(crate) fn version(&self, directory: &str) -> String {
        let text = self.read(&format!("charts/{directory}/Chart.yaml"));
        let line = text.lines().find_map(|line| line.strip_prefix("version: "));
        line.unwrap().to_owned()
    }

    pub(crate) fn vendor(&self) -> Result<VendorReport, VendorError> {
        self.vendor_with(&VendorOptions::default())
    }

    pub(crate) fn vendor_as(&self, lock: LockMode) -> Result<VendorReport, VendorError> {
        self.vendor_with(&VendorOptions { lock, ..VendorOptions::default() })
    }

    pub(crate) fn vendor_with(&self, options: &VendorOptions) -> Result<VendorReport, VendorError> {
        vendor(&self.workspace(), &self.source, options, &self.log)
    }

    pub(crate) fn update(&self, names: &[&str]) -> Result<VendorReport, VendorError> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        update(&self.workspace(), &self.source, &names, &VendorOptions::default(), &self.log)
    }
}

/// All files below `folder`, with their contents.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for found in walkdir::WalkDir::new(folder) {
        let found = found.unwrap();
        if found.file_type().is_file() {
            let path = found.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            files.insert(path, std::fs::read(found.path()).unwrap());
        }
    }
    files
}
