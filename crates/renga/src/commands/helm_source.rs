//! Where the chart of a `helm` command is: on this machine, in a repository or in a registry.
//!
//! Owns the order in which Helm looks, and Helm's words for what is not found. Speaking to servers is
//! `renga-charts`'; nothing is unpacked to the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_charts::{
    Archive, ChartVersion, ChartfileError, ProvenanceError, Repository, Sha256, SourceError,
    Sources, Wanted, read_repository_config, verify_provenance,
};
use renga_helm::Compat;

use super::charts;
use crate::args::SourceArgs;
use crate::settings::Settings;

/// What `--version` stands for when it is not given and `--devel` is.
const ANY_VERSION: &str = ">0.0.0-0";

/// A chart that was found.
pub(super) enum Found {
    /// A folder or an archive.
    Path(PathBuf),
    /// An archive that was downloaded.
    Archive(Arc<[u8]>),
}

/// Why there is no chart, in Helm's words.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum SourceFault {
    /// What the user wrote is clearly a path.
    #[error("path {0:?} not found")]
    #[diagnostic(code(renga::helm_chart), help("give the folder or the archive of a chart"))]
    Path(String),
    /// It might be a chart of a repository.
    #[error("non-absolute URLs should be in form of repo_name/path_to_chart, got: {0}")]
    #[diagnostic(
        code(renga::helm_chart),
        help("there is no such folder or archive; name the repository with `--repo`")
    )]
    Name(String),
    /// It looks like one.
    #[error("repo {repository} not found")]
    #[diagnostic(
        code(renga::helm_chart),
        help(
            "there is no folder or archive `{reference}`, and Helm's repositories have none of that name"
        )
    )]
    UnknownRepository { repository: String, reference: String },
    /// A repository that is given by its address does not have it.
    #[error(
        "chart {chart:?}{} not found in {url} repository",
        if version.is_empty() { String::new() } else { format!(" version {version:?}") }
    )]
    #[diagnostic(code(renga::helm_chart), help("{cause}"))]
    NotThere { chart: String, version: String, url: String, cause: SourceError },
    /// A repository that is known by its name does not have it.
    #[error(
        "chart {chart:?} matching {version} not found in {repository} index. (try 'helm repo update'): {reason}"
    )]
    #[diagnostic(code(renga::helm_chart), help("{cause}"))]
    NotListed {
        chart: String,
        version: String,
        repository: String,
        reason: String,
        cause: SourceError,
    },
    /// A repository that cannot be asked.
    #[error(
        "looks like {url:?} is not a valid chart repository or cannot be reached: {}",
        words(cause)
    )]
    #[diagnostic(code(renga::helm_chart), help("check the address of the repository"))]
    Unreachable { url: String, cause: SourceError },
    /// An address of another kind.
    #[error("scheme {0:?} not supported")]
    #[diagnostic(
        code(renga::helm_chart),
        help("charts come from `https://`, `http://` and `oci://`")
    )]
    Scheme(String),
    /// A repository's address of another kind.
    #[error("could not find protocol handler for: {0}")]
    #[diagnostic(code(renga::helm_chart), help("repositories are at `https://` and `http://`"))]
    Protocol(String),
    /// A tag and another version.
    #[error("chart reference and version mismatch: {version} is not {tag}")]
    #[diagnostic(code(renga::helm_chart), help("leave out the one or the other"))]
    Mismatch { version: String, tag: String },
    /// A registry without that version.
    #[error(
        "failed to perform \"FetchReference\" on source: {}:{version}: not found",
        reference.trim_start_matches("oci://")
    )]
    #[diagnostic(code(renga::helm_chart), help("{cause}"))]
    NotTagged { reference: String, version: String, cause: SourceError },
    /// Anything else on the way.
    #[error("{}", words(_0))]
    #[diagnostic(transparent)]
    Source(#[from] SourceError),
    /// Helm's list of repositories is not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Repositories(#[from] ChartfileError),
    /// An archive on this machine without a signature beside it.
    #[error(
        "could not load provenance file {}: stat {}: {}",
        path.display(), path.display(), renga_project::go_io_text(source)
    )]
    #[diagnostic(code(renga::helm_verify), help("the chart is not signed"))]
    NoSignature { path: PathBuf, source: std::io::Error },
    /// A file that is needed to check a signature.
    #[error("open {}: {}", path.display(), renga_project::go_io_text(source))]
    #[diagnostic(
        code(renga::helm_verify),
        help("`--verify` needs a keyring, and beside the archive its `.prov` file")
    )]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// A folder has no signature.
    #[error("unpacked charts cannot be verified")]
    #[diagnostic(code(renga::helm_verify), help("give the archive, or leave out `--verify`"))]
    Unpacked,
    /// A chart without a signature.
    #[error("failed to fetch provenance \"{0}.prov\"")]
    #[diagnostic(code(renga::helm_verify), help("the chart is not signed"))]
    Unsigned(String),
    /// A signature that is not right.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Signature(#[from] ProvenanceError),
}

/// What Helm says of an answer that is none.
fn words(error: &SourceError) -> String {
    match error {
        SourceError::NotFound { url, status, .. }
        | SourceError::Denied { url, status, .. }
        | SourceError::Status { url, status, .. }
            if !url.starts_with("oci://") =>
        {
            format!("failed to fetch {url} : {status}")
        }
        SourceError::Transport { url, problem, .. } => format!("Get {url:?}: {problem}"),
        other => other.to_string(),
    }
}

/// Finds the chart that `reference` stands for.
pub(super) fn find(
    reference: &str,
    args: &SourceArgs,
    compat: Compat,
    settings: &Settings,
) -> Result<Found, SourceFault> {
    let path = settings.absolute(Path::new(reference));
    let is_there = !reference.is_empty() && path.exists();
    // Version 3 prefers what is here even to a repository that is named.
    if is_there && (args.repo.is_empty() || compat.is_v3()) {
        if args.verify {
            verify_path(&path, args, settings)?;
        }
        return Ok(Found::Path(path));
    }
    if args.repo.is_empty() && (reference.starts_with('.') || Path::new(reference).is_absolute()) {
        return Err(SourceFault::Path(reference.to_owned()));
    }
    let sources = charts::sources(settings, false);
    let archive = if args.repo.is_empty() {
        match reference.split_once("://") {
            Some(("oci", _)) => from_registry(reference, args, &sources)?,
            Some(("http" | "https", _)) => from_url(reference, args, &sources)?,
            Some((scheme, _)) => return Err(SourceFault::Scheme(scheme.to_owned())),
            None => from_named(reference, args, settings, &sources)?,
        }
    } else {
        from_repository(reference, args, &sources)?
    };
    if args.verify {
        let file = archive.url.rsplit('/').next().unwrap_or_default().replace(':', "-");
        let file = format!("{}.tgz", file.trim_end_matches(".tgz"));
        let signature = archive.provenance.as_ref();
        let signature = signature.ok_or_else(|| SourceFault::Unsigned(archive.url.clone()))?;
        verify_provenance(signature, &keyring(args, settings)?, &file, &archive.sha256)?;
    }
    Ok(Found::Archive(archive.bytes))
}

/// The file at an address that stands where a file of values may stand; `None` for a path.
pub(super) fn values_file(
    address: &str,
    settings: &Settings,
) -> Option<Result<Vec<u8>, SourceFault>> {
    let is_address = address.starts_with("http://") || address.starts_with("https://");
    let sources = is_address.then(|| charts::sources(settings, false))?;
    Some(sources.file(&Repository::new("values", address), address).map_err(SourceFault::Source))
}

/// A repository with what the flags say about it.
fn repository(name: &str, url: &str, args: &SourceArgs) -> Repository {
    Repository {
        ca_file: args.ca_file.clone(),
        cert_file: args.cert_file.clone(),
        key_file: args.key_file.clone(),
        username: args.username.clone(),
        password: args.password.clone(),
        pass_credentials_all: args.pass_credentials,
        insecure_skip_tls_verify: args.insecure_skip_tls_verify,
        plain_http: args.plain_http,
        ..Repository::new(name, url)
    }
}

fn version(args: &SourceArgs) -> &str {
    match args.version.trim() {
        "" if args.devel => ANY_VERSION,
        version => version,
    }
}

fn fetch(
    sources: &Sources,
    repository: &Repository,
    version: &ChartVersion,
    args: &SourceArgs,
) -> Result<Archive, SourceFault> {
    let wanted = Wanted { provenance: args.verify, ..Wanted::default() };
    Ok(sources.fetch(repository, version, &wanted)?)
}

/// From the repository that a flag gives the address of.
fn from_repository(
    chart: &str,
    args: &SourceArgs,
    sources: &Sources,
) -> Result<Archive, SourceFault> {
    let url = args.repo.as_str();
    match url.split_once("://") {
        Some(("http" | "https" | "oci", _)) => {}
        other => {
            let scheme = other.map(|(scheme, _)| scheme.to_owned());
            return Err(SourceFault::Protocol(scheme.unwrap_or_default()));
        }
    }
    let repository = repository(url, url, args);
    let found =
        sources.resolve(&repository, chart, version(args)).map_err(|cause| match cause {
            SourceError::NoChart { .. } | SourceError::NoVersion { .. } => SourceFault::NotThere {
                chart: chart.to_owned(),
                version: args.version.trim().to_owned(),
                url: repository.shown_url(),
                cause,
            },
            cause => SourceFault::Unreachable { url: repository.shown_url(), cause },
        })?;
    fetch(sources, &repository, &found, args)
}

/// From a repository that Helm knows by its name.
fn from_named(
    reference: &str,
    args: &SourceArgs,
    settings: &Settings,
    sources: &Sources,
) -> Result<Archive, SourceFault> {
    let Some((name, chart)) = reference.split_once('/') else {
        return Err(SourceFault::Name(reference.to_owned()));
    };
    let config = match args.repository_config.as_str() {
        "" => settings.helm_repositories.clone(),
        path => Some(settings.absolute(Path::new(path))),
    };
    let known = match config.filter(|path| path.exists()) {
        Some(path) => read_repository_config(&path)?,
        None => Vec::new(),
    };
    let mut repository = known.into_iter().find(|known| known.name == name).ok_or_else(|| {
        SourceFault::UnknownRepository {
            repository: name.to_owned(),
            reference: reference.to_owned(),
        }
    })?;
    // What a flag says wins.
    for (field, flag) in [
        (&mut repository.ca_file, &args.ca_file),
        (&mut repository.cert_file, &args.cert_file),
        (&mut repository.key_file, &args.key_file),
        (&mut repository.username, &args.username),
        (&mut repository.password, &args.password),
    ] {
        if !flag.is_empty() {
            field.clone_from(flag);
        }
    }
    repository.pass_credentials_all |= args.pass_credentials;
    repository.insecure_skip_tls_verify |= args.insecure_skip_tls_verify;
    repository.plain_http |= args.plain_http;
    let found = sources.resolve(&repository, chart, version(args)).map_err(|cause| {
        let version = args.version.trim();
        let reason = match &cause {
            SourceError::NoChart { .. } => "no chart name found".to_owned(),
            SourceError::NoVersion { .. } => {
                format!("no chart version found for {chart}-{version}")
            }
            _ => return SourceFault::Source(cause),
        };
        SourceFault::NotListed {
            chart: chart.to_owned(),
            version: version.to_owned(),
            repository: name.to_owned(),
            reason,
            cause,
        }
    })?;
    fetch(sources, &repository, &found, args)
}

/// The archive at an address.
fn from_url(url: &str, args: &SourceArgs, sources: &Sources) -> Result<Archive, SourceFault> {
    let name = url.rsplit('/').next().unwrap_or_default();
    let version = ChartVersion {
        name: name.trim_end_matches(".tgz").to_owned(),
        version: args.version.trim().to_owned(),
        urls: vec![url.to_owned()],
        ..ChartVersion::default()
    };
    fetch(sources, &repository(name, url, args), &version, args)
}

/// From a registry: `oci://registry/path/chart`, with or without tag and digest.
fn from_registry(
    reference: &str,
    args: &SourceArgs,
    sources: &Sources,
) -> Result<Archive, SourceFault> {
    let (reference, digest) = match reference.split_once('@') {
        Some((reference, digest)) => (reference, format!("@{digest}")),
        None => (reference, String::new()),
    };
    let reference = reference.trim_end_matches('/');
    let (base, chart) = reference.rsplit_once('/').unwrap_or((reference, ""));
    let (chart, tag) = chart.split_once(':').unwrap_or((chart, ""));
    let asked = version(args);
    let tag = tag.replace('_', "+");
    if !tag.is_empty() && !asked.is_empty() && tag != asked {
        return Err(SourceFault::Mismatch { version: asked.to_owned(), tag });
    }
    let wanted = if tag.is_empty() { asked } else { tag.as_str() };
    let wanted = match digest.strip_prefix('@') {
        Some(digest) if wanted.is_empty() => digest.to_owned(),
        _ => format!("{wanted}{digest}"),
    };
    let repository = repository(base, base, args);
    let named = |error: SourceFault| match error {
        SourceFault::Source(
            cause @ (SourceError::NoVersion { .. } | SourceError::NotFound { .. }),
        ) if !wanted.is_empty() => SourceFault::NotTagged {
            reference: format!("{base}/{chart}"),
            version: wanted.clone(),
            cause,
        },
        error => error,
    };
    let found =
        sources.resolve(&repository, chart, &wanted).map_err(|error| named(error.into()))?;
    fetch(sources, &repository, &found, args).map_err(named)
}

fn keyring(args: &SourceArgs, settings: &Settings) -> Result<Vec<u8>, SourceFault> {
    let path = match args.keyring.as_str() {
        "" => settings.helm_keyring.clone(),
        path => settings.absolute(Path::new(path)),
    };
    read(path)
}

fn read(path: PathBuf) -> Result<Vec<u8>, SourceFault> {
    std::fs::read(&path).map_err(|source| SourceFault::Unreadable { path, source })
}

/// Checks the signature of an archive on this machine.
fn verify_path(path: &Path, args: &SourceArgs, settings: &Settings) -> Result<(), SourceFault> {
    if path.is_dir() {
        return Err(SourceFault::Unpacked);
    }
    let mut signature = path.as_os_str().to_owned();
    signature.push(".prov");
    let signature = PathBuf::from(signature);
    let signature = match std::fs::read(&signature) {
        Ok(text) => text,
        Err(source) => return Err(SourceFault::NoSignature { path: signature, source }),
    };
    let archive = read(path.to_owned())?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    verify_provenance(&signature, &keyring(args, settings)?, &file, &Sha256::of(&archive))?;
    Ok(())
}
