//! What it means when there is no answer at all.
//!
//! Walks the causes of an error of the HTTP libraries to the one that says what happened.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::{Failure, Retry};
use crate::cluster::Timeouts;
use crate::config::Target;
use crate::error::{RequestError, TlsProblem};

/// How deep causes are looked for.
const DEPTH: usize = 32;

pub(super) fn meaning(
    error: &(dyn Error + 'static),
    target: &Target,
    proxy: &str,
    timeouts: Timeouts,
) -> Failure {
    let server = target.server.clone();
    let end = if proxy.is_empty() { server.clone() } else { proxy.to_owned() };
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    let mut depth = 0;
    while let Some(cause) = next {
        depth += 1;
        if depth > DEPTH {
            break;
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            let error = RequestError::Tls { server, problem: tls_problem(tls) };
            return Failure { error, retry: Retry::Never, pause: None };
        }
        let text = cause.to_string();
        if text.starts_with("tunnel error: ") && !text.contains("underlying connection") {
            let problem = text["tunnel error: ".len()..].to_owned();
            let error = RequestError::Proxy { proxy: end, server, problem };
            return Failure { error, retry: Retry::Never, pause: None };
        }
        if text == "dns error" || text.starts_with("failed to lookup address") {
            let error = RequestError::Unresolved { server: end };
            return Failure { error, retry: Retry::Always, pause: None };
        }
        texts.push(text);
        next = match cause.downcast_ref::<io::Error>() {
            Some(io) => {
                match io.kind() {
                    io::ErrorKind::ConnectionRefused => {
                        let error = RequestError::Refused { server: end };
                        return Failure { error, retry: Retry::Always, pause: None };
                    }
                    io::ErrorKind::TimedOut => {
                        let after = timeouts.connect;
                        let error = RequestError::Timeout { server: end, after };
                        return Failure { error, retry: Retry::Always, pause: None };
                    }
                    _ => {}
                }
                // An error that wraps another names the other's cause as its own.
                match io.get_ref() {
                    Some(inner) => Some(inner as &(dyn Error + 'static)),
                    None => cause.source(),
                }
            }
            None => cause.source(),
        };
    }
    // The outer ones say only that something failed.
    let problem = texts.pop().unwrap_or_default();
    Failure {
        error: RequestError::Connection { server, problem },
        retry: Retry::IfRepeatable,
        pause: None,
    }
}

/// `DnsName("a")` and `IpAddress(1.2.3.4)` without their types.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').map_or(name, |(_, rest)| rest.trim_end_matches(')'));
    inner.trim_matches('"').to_owned()
}

fn tls_problem(error: &rustls::Error) -> TlsProblem {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsProblem::UnknownIssuer
            }
            CertificateError::NotValidForName => TlsProblem::NameMismatch(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                TlsProblem::NameMismatch(presented.iter().map(|name| bare(name)).collect())
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsProblem::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsProblem::NotYetValid
            }
            other => TlsProblem::Other(format!("{other:?}")),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateRequired => {
                TlsProblem::ClientCertificate(format!("{alert:?}"))
            }
            other => TlsProblem::Other(format!("the server ends the handshake ({other:?})")),
        },
        other => TlsProblem::Other(other.to_string()),
    }
}
