//! Credentials of registries: the files of `helm registry login` and `docker login`, and the
//! helper programs that they name.
//!
//! Owns reading those files and running `docker-credential-*`. Which host gets which credentials
//! is decided here, by the registry's name; that they stay with that host is the transport's part.
//!
//! Invariant: secrets are neither printed nor written anywhere; `Debug` shows `***`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reqwest::header::HeaderValue;
use serde_json::Value;

use crate::source::transport::{basic, bearer};

/// How long a helper program may take. Some of them ask people for a password.
const HELPER_TIMEOUT: Duration = Duration::from_mins(1);

/// Why configured credentials cannot be had.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("registry credentials in {} cannot be read", path.display())]
    #[diagnostic(code(charts::credentials_file))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },

    /// The file does not hold what it should.
    #[error("registry credentials in {} are malformed: {problem}", path.display())]
    #[diagnostic(code(charts::credentials_file), help("log in to the registry again"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any of its values.
        problem: String,
    },

    /// The helper program failed.
    #[error("credentials for `{registry}`: helper `{helper}` {problem}")]
    #[diagnostic(
        code(charts::credential_helper),
        help(
            "install the helper, or take it out of `credsStore` and `credHelpers` of the docker configuration"
        )
    )]
    Helper {
        /// The registry.
        registry: String,
        /// The program.
        helper: String,
        /// What went wrong.
        problem: String,
    },
}

/// What opens a registry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum RegistryCredential {
    /// A user and a password, for the registry or for who gives out its tokens.
    Basic { user: String, password: String },
    /// A token that is exchanged for others.
    Identity(String),
    /// A token for the registry itself.
    Bearer(String),
}

impl RegistryCredential {
    /// The header that shows it, where it can be shown as it is.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Basic { user, password } => basic(user, password),
            Self::Bearer(token) => bearer(token),
            Self::Identity(_) => None,
        }
    }
}

impl fmt::Debug for RegistryCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(***)",
            Self::Identity(_) => "Identity(***)",
            Self::Bearer(_) => "Bearer(***)",
        })
    }
}

/// The parts of docker's `config.json` that matter; the rest is other programs' business.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DockerConfig {
    auths: BTreeMap<String, Value>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

/// What the first of `configs` that knows `registry` (`host` or `host:port`) has for it.
///
/// Files that do not exist know nothing. Helper programs are searched in `search_path` and run.
///
/// # Errors
///
/// When a file is malformed, or a helper that it names for the registry fails.
pub(crate) fn registry_credential(
    configs: &[PathBuf],
    search_path: &[PathBuf],
    registry: &str,
) -> Result<Option<RegistryCredential>, CredentialError> {
    let server = if is_docker_hub(registry) { "https://index.docker.io/v1/" } else { registry };
    for path in configs {
        let text = match fs_err::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => {
                return Err(CredentialError::File { path: path.clone(), source: source.into() });
            }
        };
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let config: DockerConfig = serde_json::from_slice(&text).map_err(|error| {
            // The parser's own words may quote a value.
            let problem = format!("no valid JSON in line {}", error.line());
            CredentialError::Malformed { path: path.clone(), problem }
        })?;
        let helper = config.cred_helpers.get(server).unwrap_or(&config.creds_store);
        let found = if helper.is_empty() {
            entry_for(&config.auths, server)
                .map(|entry| of_entry(entry, path))
                .transpose()?
                .flatten()
        } else {
            of_helper(helper, server, search_path, HELPER_TIMEOUT)?
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn is_docker_hub(registry: &str) -> bool {
    matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// The entry for a server: by its very name, else by the host of entries that are addresses.
fn entry_for<'c>(auths: &'c BTreeMap<String, Value>, server: &str) -> Option<&'c Value> {
    auths.get(server).or_else(|| {
        auths.iter().find(|(key, _)| host_of(key) == host_of(server)).map(|(_, entry)| entry)
    })
}

fn host_of(address: &str) -> &str {
    let bare = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    bare.unwrap_or(address).split('/').next().unwrap_or_default()
}

fn of_entry(entry: &Value, path: &Path) -> Result<Option<RegistryCredential>, CredentialError> {
    let field =
        |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = field("identitytoken") {
        return Ok(Some(RegistryCredential::Identity(token.to_owned())));
    }
    if let Some(token) = field("registrytoken") {
        return Ok(Some(RegistryCredential::Bearer(token.to_owned())));
    }
    if let Some(auth) = field("auth") {
        let config =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let decoded = GeneralPurpose::new(&STANDARD, config)
            .decode(auth)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (user, password) = pair.ok_or_else(|| CredentialError::Malformed {
            path: path.to_owned(),
            problem: "an `auth` is not the base64 of `user:password`".to_owned(),
        })?;
        let (user, password) = (user.to_owned(), password.trim_end_matches('\0').to_owned());
        return Ok(Some(RegistryCredential::Basic { user, password }));
    }
    Ok(field("username").zip(field("password")).map(|(user, password)| RegistryCredential::Basic {
        user: user.to_owned(),
        password: password.to_owned(),
    }))
}

/// Asks `docker-credential-<helper>`.
fn of_helper(
    helper: &str,
    server: &str,
    search_path: &[PathBuf],
    timeout: Duration,
) -> Result<Option<RegistryCredential>, CredentialError> {
    let program = format!("docker-credential-{helper}");
    let failed = |problem: String| CredentialError::Helper {
        registry: server.to_owned(),
        helper: program.clone(),
        problem,
    };
    // A name with separators would run whatever a configuration points to.
    if helper.contains(['/', '\\']) {
        return Err(failed("has a name that is no name of a program".to_owned()));
    }
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let found = search_path.iter().map(|dir| dir.join(&file)).find(|path| path.is_file());
    let found = found.ok_or_else(|| failed("is not installed".to_owned()))?;
    let mut process = Command::new(found)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    if let Some(mut input) = process.stdin.take() {
        // A helper that does not read its input has said why, or answers all the same.
        let _ = input.write_all(server.as_bytes());
    }
    let answered = wait(&mut process, timeout).map_err(|error| failed(format!("failed: {error}")));
    let Some(Output { status, stdout, stderr }) = answered? else {
        return Err(failed(format!("gave no answer within {} s", timeout.as_secs_f32())));
    };
    if !status.success() {
        let said = if stdout.is_empty() { &stderr } else { &stdout };
        let said = String::from_utf8_lossy(said);
        let said = said.lines().next().unwrap_or_default().trim();
        if said.contains("credentials not found") {
            return Ok(None);
        }
        return Err(failed(format!("failed: {said}")));
    }
    let answer: Value = serde_json::from_slice(&stdout)
        .map_err(|_| failed("gave an answer that is no JSON".to_owned()))?;
    let field =
        |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (user, password) = (field("Username"), field("Secret"));
    Ok(if user.is_empty() && password.is_empty() {
        None
    } else if user == "<token>" {
        Some(RegistryCredential::Identity(password))
    } else {
        Some(RegistryCredential::Basic { user, password })
    })
}

/// What a program says on its two outputs, and how it ends; none if that takes longer than
/// `timeout`, and then the program is gone.
fn wait(process: &mut Child, timeout: Duration) -> io::Result<Option<Output>> {
    let begun = Instant::now();
    let (output, complaint) = (said(process.stdout.take()), said(process.stderr.take()));
    let left = || timeout.saturating_sub(begun.elapsed());
    let texts = output
        .recv_timeout(left())
        .and_then(|output| Ok((output, complaint.recv_timeout(left())?)));
    let mut status = None;
    if texts.is_ok() {
        // It has closed its outputs, so it is about to end.
        while status.is_none() && !left().is_zero() {
            status = process.try_wait()?;
            if status.is_none() {
                thread::sleep(Duration::from_millis(2));
            }
        }
    }
    if let (Some(status), Ok((stdout, stderr))) = (status, texts) {
        return Ok(Some(Output { status, stdout, stderr }));
    }
    process.kill()?;
    process.wait()?;
    Ok(None)
}

/// All that comes out of `source`, when it has ended. What cannot be read is as if it were not said.
fn said(source: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut source) = source {
            let _ = source.read_to_end(&mut text);
        }
        let _ = sender.send(text);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(config: &str, registry: &str) -> Result<Option<RegistryCredential>, CredentialError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs_err::write(&path, config).unwrap();
        registry_credential(&[dir.path().join("none.json"), path], &[], registry)
    }

    fn basic(user: &str, password: &str) -> RegistryCredential {
        let (user, password) = (user.to_owned(), password.to_owned());
        RegistryCredential::Basic { user, password }
    }

    #[test]
    fn entries_are_found_by_registry() {
        let config = r#"{"auths": {
            "registry.example.com:5000": {"auth": "YWxpY2U6b3Blbjpz"},
            "https://old.example.com/v2/": {"username": "bob", "password": "x"},
            "https://index.docker.io/v1/": {"identitytoken": "tok"},
            "token.example.com": {"registrytoken": "tok"},
            "empty.example.com": {}
        }, "HttpHeaders": {}}"#;
        let found = |registry| lookup(config, registry).unwrap();
        assert_eq!(found("registry.example.com:5000"), Some(basic("alice", "open:s")));
        assert_eq!(found("registry.example.com"), None, "another port is another registry");
        assert_eq!(found("old.example.com"), Some(basic("bob", "x")));
        let identity = Some(RegistryCredential::Identity("tok".to_owned()));
        assert_eq!(found("docker.io"), identity);
        assert_eq!(found("registry-1.docker.io"), identity);
        let token = Some(RegistryCredential::Bearer("tok".to_owned()));
        assert_eq!(found("token.example.com"), token);
        assert_eq!(found("empty.example.com"), None);
        assert_eq!(found("example.com"), None);
    }

    #[test]
    fn the_first_file_that_knows_wins() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| dir.path().join(name));
        fs_err::write(&paths[0], r#"{"auths": {"other.example.com": {"auth": "YTpi"}}}"#).unwrap();
        fs_err::write(&paths[1], r#"{"auths": {"r.example.com": {"auth": "YTpi"}}}"#).unwrap();
        fs_err::write(&paths[2], r#"{"auths": {"r.example.com": {"auth": "Yzpk"}}}"#).unwrap();
        assert_eq!(
            registry_credential(&paths, &[], "r.example.com").unwrap(),
            Some(basic("a", "b"))
        );
    }

    #[test]
    fn malformed_files_are_named_without_their_content() {
        for config in
            ["{\"auths\": \"hunter2\"}", "hunter2", r#"{"auths":{"r":{"auth":"hunter2"}}}"#]
        {
            let error = lookup(config, "r").unwrap_err().to_string();
            assert!(error.contains("config.json") && !error.contains("hunter2"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn helpers_are_asked() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let helper = dir.path().join("docker-credential-test");
        let script = r#"#!/bin/sh
read -r server
case "$server" in
good*) echo "{\"ServerURL\":\"$server\",\"Username\":\"alice\",\"Secret\":\"$1 $server\"}" ;;
token*) echo '{"Username":"<token>","Secret":"tok"}' ;;
unknown*) echo 'credentials not found in native keychain'; exit 1 ;;
*) echo 'the keychain is locked' >&2; exit 1 ;;
esac
"#;
        fs_err::write(&helper, script).unwrap();
        fs_err::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let config = dir.path().join("config.json");
        fs_err::write(
            &config,
            r#"{"credsStore": "test", "credHelpers": {"far.example.com": "absent"}}"#,
        )
        .unwrap();
        let ask = |registry| {
            registry_credential(std::slice::from_ref(&config), &[dir.path().to_owned()], registry)
        };
        assert_eq!(ask("good.example.com").unwrap(), Some(basic("alice", "get good.example.com")));
        let identity = Some(RegistryCredential::Identity("tok".to_owned()));
        assert_eq!(ask("token.example.com").unwrap(), identity);
        assert_eq!(ask("unknown.example.com").unwrap(), None);
        let error = ask("locked.example.com").unwrap_err().to_string();
        assert_eq!(
            error,
            "credentials for `locked.example.com`: helper `docker-credential-test` failed: the keychain is locked"
        );
        let error = ask("far.example.com").unwrap_err().to_string();
        assert_eq!(
            error,
            "credentials for `far.example.com`: helper `docker-credential-absent` is not installed"
        );
    }

    #[cfg(unix)]
    #[test]
    fn helpers_that_do_not_answer_are_not_waited_for() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let helper = dir.path().join("docker-credential-slow");
        // Its own child keeps the outputs open, too.
        fs_err::write(&helper, "#!/bin/sh\nsleep 30\n").unwrap();
        fs_err::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let begun = Instant::now();
        let search_path = [dir.path().to_owned()];
        let error = of_helper("slow", "r.example.com", &search_path, Duration::from_millis(200));
        assert_eq!(
            error.unwrap_err().to_string(),
            "credentials for `r.example.com`: helper `docker-credential-slow` gave no answer within 0.2 s"
        );
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
