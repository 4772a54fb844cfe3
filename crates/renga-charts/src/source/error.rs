//! Why charts or lists of charts could not be had.
//!
//! Every message names what was asked for and the address without credentials.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::digest::Sha256;

/// What a request was for; begins the messages of [`SourceError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The index of a repository.
    Index {
        /// The name of the repository.
        repository: String,
    },
    /// The tags of a chart in an OCI registry.
    Tags {
        /// The name of the chart.
        chart: String,
    },
    /// A chart.
    Chart {
        /// Its name.
        name: String,
        /// Its version, or what stood for it.
        version: String,
    },
    /// Any other file, named by its address alone.
    File,
    /// The provenance file of a chart.
    Provenance {
        /// The name of the chart.
        name: String,
        /// Its version.
        version: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index { repository } => write!(f, "index of repository `{repository}`"),
            Self::Tags { chart } => write!(f, "tags of chart `{chart}`"),
            Self::Chart { name, version } => write!(f, "chart `{name}` {version}"),
            Self::File => f.write_str("file"),
            Self::Provenance { name, version } => {
                write!(f, "provenance of chart `{name}` {version}")
            }
        }
    }
}

/// Who gave the digest that an archive does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestOrigin {
    /// The index of the repository.
    Index,
    /// The manifest in the OCI registry, or the reference by digest.
    Manifest,
    /// The lockfile.
    Lock,
}

impl fmt::Display for DigestOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Index => "the repository's index",
            Self::Manifest => "the registry's manifest",
            Self::Lock => "the lock",
        })
    }
}

/// How a conversation with a server failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: unknown host, refused, unreachable.
    Connect,
    /// The certificate, or what else TLS has to say.
    Tls,
    /// No answer in time.
    Timeout,
    /// The connection ended before the answer did.
    Cut,
    /// Anything else, such as an answer that is not HTTP.
    Protocol,
}

/// Why a chart or a list of charts could not be had.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum SourceError {
    /// The repository is there, the chart is not.
    #[error("no chart `{chart}` in repository `{repository}` ({url})")]
    #[diagnostic(code(charts::no_chart))]
    NoChart {
        /// The chart asked for.
        chart: String,
        /// The repository's name.
        repository: String,
        /// Its address.
        url: String,
        /// Names in the repository that look alike, best first.
        #[help]
        nearest: Names,
    },

    /// The chart is there, no version matches.
    #[error(
        "no version of chart `{chart}` matches `{wanted}` in repository `{repository}` ({url})"
    )]
    #[diagnostic(code(charts::no_version))]
    NoVersion {
        /// The chart asked for.
        chart: String,
        /// The version or range asked for; empty for the newest stable one.
        wanted: String,
        /// The repository's name.
        repository: String,
        /// Its address.
        url: String,
        /// The newest versions that there are, newest first.
        #[help]
        newest: Versions,
    },

    /// What stands for a version is neither a version nor a range.
    #[error("`{wanted}` is no version and no range for chart `{chart}`: {problem}")]
    #[diagnostic(
        code(charts::bad_range),
        help("write a version such as `1.2.3`, or a range such as `^1.2`")
    )]
    BadRange {
        /// The chart asked for.
        chart: String,
        /// What was asked for.
        wanted: String,
        /// What is wrong with it.
        problem: String,
    },

    /// The chart's entry names no archive.
    #[error("chart `{chart}` {version} has no download address in the index of {url}")]
    #[diagnostic(
        code(charts::no_url),
        help("the repository's index is incomplete: tell its owner")
    )]
    NoUrl {
        /// The chart.
        chart: String,
        /// Its version.
        version: String,
        /// The repository's address.
        url: String,
    },

    /// An index that is no index.
    #[error("index of repository `{repository}` ({url}) is malformed{}: {problem}", Line(*.line))]
    #[diagnostic(
        code(charts::malformed_index),
        help("tell the owner of the repository; its `index.yaml` cannot be read")
    )]
    MalformedIndex {
        /// The repository's name.
        repository: String,
        /// The address of the index.
        url: String,
        /// The line, from 1.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },

    /// A web page where an index or an archive should be.
    #[error("{subject} ({url}) is a web page")]
    #[diagnostic(
        code(charts::web_page),
        help(
            "check the address: sign-in pages and web sites answer like this; a chart repository has an `index.yaml`"
        )
    )]
    WebPage {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
    },

    /// 401 or 403.
    #[error("{subject}: access to {url} denied: {status}")]
    #[diagnostic(code(charts::denied), help("{}", denied_help(*.sent)))]
    Denied {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// The status line.
        status: String,
        /// Whether credentials had been sent.
        sent: bool,
    },

    /// 404 or 410.
    #[error("{subject}: not found at {url}: {status}")]
    #[diagnostic(
        code(charts::not_found),
        help("check the address of the repository and the name of the chart")
    )]
    NotFound {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// The status line.
        status: String,
    },

    /// Any other status than 200.
    #[error("{subject}: {url} answered {status}{}", Attempts(*.attempts))]
    #[diagnostic(code(charts::status))]
    Status {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// The status line.
        status: String,
        /// How often it was tried.
        attempts: u32,
    },

    /// The conversation failed.
    #[error("{subject}: {url}: {problem}{}", Attempts(*.attempts))]
    #[diagnostic(code(charts::transport), help("{}", trouble_help(*.trouble)))]
    Transport {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// How it failed.
        trouble: Trouble,
        /// The cause in words.
        problem: String,
        /// How often it was tried.
        attempts: u32,
    },

    /// A server that points in circles or elsewhere than to HTTP.
    #[error("{subject}: {url}: {problem}")]
    #[diagnostic(code(charts::redirect))]
    Redirect {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// What is wrong with the redirect.
        problem: String,
    },

    /// More bytes than anything honest has.
    #[error("{subject}: {url} is larger than {limit} bytes")]
    #[diagnostic(code(charts::too_large))]
    TooLarge {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// The limit.
        limit: u64,
    },

    /// The archive is not the one that was promised.
    #[error(
        "chart `{chart}` {version} from {url} has digest {found}, but {origin} says {expected}"
    )]
    #[diagnostic(
        code(charts::digest_mismatch),
        help(
            "the archive was changed after it was published, or damaged on its way; nothing was unpacked"
        )
    )]
    Digest {
        /// The chart.
        chart: String,
        /// Its version.
        version: String,
        /// From where it came.
        url: String,
        /// What it should be.
        expected: Sha256,
        /// What it is.
        found: Sha256,
        /// Who says what it should be.
        origin: DigestOrigin,
    },

    /// The cache does not have it, and the network must not be asked.
    #[error("{subject} ({url}) is not in the cache, and the network is off")]
    #[diagnostic(code(charts::offline), help("run the command once without `--offline`"))]
    Offline {
        /// What was asked for.
        subject: Subject,
        /// Where it would come from.
        url: String,
    },

    /// An address that cannot be understood.
    #[error("{subject}: `{url}` is no address of charts: {problem}")]
    #[diagnostic(code(charts::bad_url), help("use `https://`, `http://`, `oci://` or `file://`"))]
    BadUrl {
        /// What was asked for.
        subject: Subject,
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A proxy setting that cannot be used.
    #[error("proxy `{url}` cannot be used: {problem}")]
    #[diagnostic(code(charts::proxy), help("use `http://HOST:PORT` or `https://HOST:PORT`"))]
    Proxy {
        /// The proxy.
        url: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A certificate or key that cannot be used.
    #[error("repository `{repository}`: {} cannot be used: {problem}", path.display())]
    #[diagnostic(code(charts::tls_file), help("the file must hold PEM text"))]
    TlsFile {
        /// The repository.
        repository: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// A registry that answers, but not with a chart.
    #[error("chart `{chart}` {version}: {url} is no Helm chart: {problem}")]
    #[diagnostic(code(charts::not_a_chart))]
    NotAChart {
        /// The chart.
        chart: String,
        /// Its version.
        version: String,
        /// From where.
        url: String,
        /// What it is instead.
        problem: String,
    },

    /// A registry that does not follow its protocol.
    #[error("{subject}: {url}: unexpected answer: {problem}")]
    #[diagnostic(code(charts::registry))]
    Registry {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },

    /// A program was needed and failed.
    #[error("{subject}: {url}: {problem}")]
    #[diagnostic(code(charts::git))]
    Git {
        /// What was asked for.
        subject: Subject,
        /// From where.
        url: String,
        /// What it said.
        problem: String,
    },

    /// Credentials that are configured but cannot be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Credentials(#[from] crate::credentials::CredentialError),

    /// A local chart that cannot be read or packed.
    #[error("chart `{chart}` in {}: {problem}", path.display())]
    #[diagnostic(code(charts::local_chart))]
    LocalChart {
        /// The chart.
        chart: String,
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },

    /// A file that cannot be read or written.
    #[error("{}", path.display())]
    #[diagnostic(code(charts::file))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
}

impl SourceError {
    /// Whether the message names the chart that was asked for.
    pub(crate) fn names_chart(&self) -> bool {
        match self {
            Self::NoChart { .. }
            | Self::NoVersion { .. }
            | Self::BadRange { .. }
            | Self::NoUrl { .. }
            | Self::Digest { .. }
            | Self::NotAChart { .. }
            | Self::LocalChart { .. } => true,
            Self::WebPage { subject, .. }
            | Self::Denied { subject, .. }
            | Self::NotFound { subject, .. }
            | Self::Status { subject, .. }
            | Self::Transport { subject, .. }
            | Self::Redirect { subject, .. }
            | Self::TooLarge { subject, .. }
            | Self::Offline { subject, .. }
            | Self::BadUrl { subject, .. }
            | Self::Registry { subject, .. }
            | Self::Git { subject, .. } => !matches!(subject, Subject::Index { .. }),
            Self::MalformedIndex { .. }
            | Self::Proxy { .. }
            | Self::TlsFile { .. }
            | Self::Credentials(_)
            | Self::File { .. } => false,
        }
    }
}

/// Names to propose, as a help line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("check the name of the chart");
        }
        write!(f, "did you mean {}?", quoted(&self.0, " or "))
    }
}

/// Versions to propose, as a help line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(pub Vec<String>);

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the chart has no versions");
        }
        if let [only] = self.0.as_slice() {
            return write!(f, "the only version is `{only}`");
        }
        write!(f, "the newest versions are {}", quoted(&self.0, " and "))
    }
}

fn quoted(names: &[String], last: &str) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == names.len() { last } else { ", " });
        }
        text.push('`');
        text.push_str(name);
        text.push('`');
    }
    text
}

fn denied_help(sent: bool) -> &'static str {
    if sent {
        "the credentials were not accepted: check user name, password or token"
    } else {
        "no credentials are known for this host: set `username` and `password` in the repository, or log in to the registry"
    }
}

fn trouble_help(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Connect => "check the host name, the network and the proxy settings",
        Trouble::Tls => "set `caFile` to the certificate of the authority that signed the server's",
        Trouble::Timeout | Trouble::Cut => {
            "try again; the server or the network is slow or unstable"
        }
        Trouble::Protocol => "check that the address belongs to a chart repository or registry",
    }
}

struct Line(Option<usize>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, " in line {line}"))
    }
}

struct Attempts(u32);

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, " ({} attempts)", self.0) } else { Ok(()) }
    }
}
