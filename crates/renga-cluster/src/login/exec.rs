//! Login programs: what the entry `exec` of a kubeconfig means.
//!
//! The protocol is `client.authentication.k8s.io` v1 and v1beta1. The program is run once per login,
//! with the caller's variables, no input and a limit of time: it can never wait for a terminal. Its
//! output is never part of a message, the end of what it says on stderr is.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::authority;
use crate::cluster::ClusterOptions;
use crate::config::{ExecEntry, Interactive, Target};
use crate::error::LoginError;
use crate::object::Secret;

/// What a login program gave.
#[derive(Default)]
pub(super) struct Given {
    pub(super) token: Option<Secret>,
    /// PEM of certificate and key.
    pub(super) identity: Option<(String, Secret)>,
}

const VERSIONS: [&str; 2] =
    ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// How much of stderr is shown.
const SHOWN: usize = 600;

pub(super) fn run(
    target: &Target,
    entry: &ExecEntry,
    options: &ClusterOptions,
) -> Result<Given, LoginError> {
    let user = &target.user;
    let command = &entry.command;
    if command.is_empty() {
        return Err(LoginError::Field {
            owner: format!("user `{user}`"),
            field: "exec.command",
            problem: "it is empty".into(),
        });
    }
    if !VERSIONS.contains(&entry.api_version.as_str()) {
        return Err(LoginError::Field {
            owner: format!("user `{user}`"),
            field: "exec.apiVersion",
            problem: format!(
                "it is `{}`, but must be one of {}",
                entry.api_version,
                VERSIONS.join(", ")
            ),
        });
    }
    if entry.interactive == Interactive::Always {
        return Err(LoginError::PluginInteractive { user: user.clone(), command: command.clone() });
    }
    let mut child = start(target, entry, options)?;
    let output = collect(&mut child, options.timeouts.login);
    let failed = |problem: &str| LoginError::PluginAnswer {
        user: user.clone(),
        command: command.clone(),
        problem: problem.to_owned(),
    };
    let Some((status, stdout, stderr)) = output.map_err(|source| LoginError::PluginStart {
        user: user.clone(),
        command: command.clone(),
        source,
    })?
    else {
        return Err(LoginError::PluginTimeout {
            user: user.clone(),
            command: command.clone(),
            seconds: options.timeouts.login.as_secs(),
        });
    };
    if !status.success() {
        return Err(LoginError::PluginFailed {
            user: user.clone(),
            command: command.clone(),
            status: status.to_string(),
            stderr: end_of(&stderr),
        });
    }
    answer(&stdout, &entry.api_version).map_err(|problem| failed(&problem))
}

fn start(
    target: &Target,
    entry: &ExecEntry,
    options: &ClusterOptions,
) -> Result<Child, LoginError> {
    let mut command = Command::new(&entry.program);
    command
        .args(&entry.args)
        .env_clear()
        .envs(options.variables.iter().map(|(name, value)| (name, value)))
        .envs(entry.env.iter().map(|(name, value)| (name, value.expose())))
        .env("KUBERNETES_EXEC_INFO", info(target, entry)?.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !options.directory.as_os_str().is_empty() {
        command.current_dir(&options.directory);
    }
    command.spawn().map_err(|source| {
        let (user, command) = (target.user.clone(), entry.command.clone());
        if source.kind() == std::io::ErrorKind::NotFound {
            let hint = if entry.install_hint.is_empty() {
                format!("install `{command}`, and see that it is on PATH")
            } else {
                entry.install_hint.trim().to_owned()
            };
            LoginError::PluginMissing { user, command, hint }
        } else {
            LoginError::PluginStart { user, command, source }
        }
    })
}

/// What the program is told of the cluster.
fn info(target: &Target, entry: &ExecEntry) -> Result<Value, LoginError> {
    let mut spec = json!({"interactive": false});
    if entry.provide_cluster_info {
        let cluster = &target.cluster_entry;
        let mut told = json!({"server": cluster.server});
        if !cluster.tls_server_name.is_empty() {
            told["tls-server-name"] = cluster.tls_server_name.clone().into();
        }
        if cluster.insecure {
            told["insecure-skip-tls-verify"] = true.into();
        }
        if let Some(pem) = authority(target)? {
            told["certificate-authority-data"] = STANDARD.encode(pem).into();
        }
        if !cluster.proxy_url.is_empty() {
            told["proxy-url"] = cluster.proxy_url.clone().into();
        }
        if let Some(config) = &cluster.exec_config {
            told["config"] = config.clone();
        }
        spec["cluster"] = told;
    }
    Ok(json!({"kind": "ExecCredential", "apiVersion": entry.api_version, "spec": spec}))
}

type Output = (std::process::ExitStatus, Vec<u8>, Vec<u8>);

/// Waits for the program, reading both outputs; none if it takes too long.
fn collect(child: &mut Child, limit: Duration) -> std::io::Result<Option<Output>> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = |source: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(source) = source {
                // What was read before a failure is enough for a message.
                let _ = source.take(1 << 20).read_to_end(&mut text);
            }
            text
        })
    };
    let stdout = reader(stdout.map(|s| Box::new(s) as Box<dyn Read + Send>));
    let stderr = reader(stderr.map(|s| Box::new(s) as Box<dyn Read + Send>));
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            // It may have ended just now.
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    };
    Ok(Some((status, stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default())))
}

fn answer(stdout: &[u8], api_version: &str) -> Result<Given, String> {
    let value: Value =
        serde_json::from_slice(stdout).map_err(|_| "it is not valid JSON".to_owned())?;
    let text = |pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    };
    if text("/kind") != Some("ExecCredential") {
        return Err("its kind is not `ExecCredential`".into());
    }
    if text("/apiVersion") != Some(api_version) {
        return Err(format!("its apiVersion is not `{api_version}`, as the kubeconfig wants it"));
    }
    if value.get("status").is_none_or(Value::is_null) {
        return Err("it has no status".into());
    }
    let token = text("/status/token").map(Secret::new);
    let identity = match (text("/status/clientCertificateData"), text("/status/clientKeyData")) {
        (Some(certificate), Some(key)) => Some((certificate.to_owned(), Secret::new(key))),
        (None, None) => None,
        _ => return Err("it has a certificate or a key, but not both".into()),
    };
    if token.is_none() && identity.is_none() {
        return Err("it has neither a token nor a certificate".into());
    }
    Ok(Given { token, identity })
}

/// The last characters, on one line.
fn end_of(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join("; ");
    match text.char_indices().rev().nth(SHOWN) {
        Some((at, c)) => format!("…{}", &text[at + c.len_utf8()..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_to_be_complete() {
        let version = VERSIONS[0];
        let problem = |status: Value| {
            let answer = json!({"kind": "ExecCredential", "apiVersion": version, "status": status});
            super::answer(answer.to_string().as_bytes(), version).err()
        };
        assert_eq!(problem(json!({"token": "t"})), None);
        assert_eq!(problem(json!({"clientCertificateData": "c", "clientKeyData": "k"})), None);
        assert_eq!(problem(json!(null)).unwrap(), "it has no status");
        assert_eq!(problem(json!({})).unwrap(), "it has neither a token nor a certificate");
        assert_eq!(
            problem(json!({"clientCertificateData": "c"})).unwrap(),
            "it has a certificate or a key, but not both"
        );
        assert!(super::answer(b"token: x", version).is_err());
        let other =
            json!({"kind": "ExecCredential", "apiVersion": VERSIONS[1], "status": {"token": "t"}});
        assert!(super::answer(other.to_string().as_bytes(), version).is_err());
    }

    #[test]
    fn only_the_end_of_stderr_is_shown() {
        assert_eq!(end_of(b"one\n\n  two\n"), "one; two");
        let long = "x".repeat(SHOWN * 2);
        assert_eq!(end_of(long.as_bytes()).chars().count(), SHOWN + 1);
    }
}
