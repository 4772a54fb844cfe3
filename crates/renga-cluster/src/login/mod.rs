//! What a user entry of a kubeconfig comes to: a header, or a client certificate.
//!
//! Reads the files that the entry names and runs login programs ([`exec`]). Blocking. What is read
//! never gets into a message.

mod exec;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::cluster::ClusterOptions;
use crate::config::Target;
use crate::error::LoginError;
use crate::object::Secret;

/// What is shown to the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    /// The header `Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
    /// Certificate and key, each PEM in base64.
    pub(crate) identity: Option<(String, Secret)>,
    /// Whether asking again may give others: they come from a program or a file.
    pub(crate) renewable: bool,
}

/// Gets the credentials of the user of `target`.
///
/// As in client-go, what the entry itself holds comes before what a program gives.
pub(crate) fn credentials(
    target: &Target,
    options: &ClusterOptions,
) -> Result<Credentials, LoginError> {
    let user = &target.user_entry;
    let owner = &target.user;
    let mut credentials = Credentials::default();

    let certificate =
        pem(owner, "the certificate", &user.certificate_data, user.certificate.as_deref())?;
    let key = pem(owner, "the key", user.key_data.expose(), user.key.as_deref())?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            credentials.identity = Some((certificate, Secret::new(key)));
        }
        (None, None) => {}
        (Some(_), None) => {
            return Err(missing(owner, "client-key-data", "a certificate needs its key"));
        }
        (None, Some(_)) => {
            return Err(missing(owner, "client-certificate-data", "a key needs its certificate"));
        }
    }

    if !user.token.expose().is_empty() {
        credentials.authorization = Some(bearer(owner, user.token.expose())?);
    } else if let Some(path) = &user.token_file {
        let token = read(owner, "the token", path)?;
        credentials.authorization = Some(bearer(owner, String::from_utf8_lossy(&token).trim())?);
        credentials.renewable = true;
    } else if !user.username.is_empty() {
        let plain = format!("{}:{}", user.username, user.password.expose());
        let value = format!("Basic {}", STANDARD.encode(plain));
        credentials.authorization = Some(header(owner, "username", &value)?);
    } else if let Some((name, config)) = &user.provider {
        // Its identity token is as good as any until it expires; renewing it is left to the tool
        // that keeps the entry.
        match config.get("id-token") {
            Some(token) if name == "oidc" && !token.expose().is_empty() => {
                credentials.authorization = Some(bearer(owner, token.expose())?);
            }
            _ => {
                return Err(LoginError::Provider { user: owner.clone(), provider: name.clone() });
            }
        }
    }

    if credentials.authorization.is_none()
        && let Some(entry) = &user.exec
    {
        let given = exec::run(target, entry, options)?;
        if let Some(token) = given.token {
            credentials.authorization = Some(bearer(owner, token.expose())?);
        }
        if let Some((certificate, key)) = given.identity {
            credentials.identity =
                Some((STANDARD.encode(certificate), Secret::new(STANDARD.encode(key.expose()))));
        }
        credentials.renewable = true;
    }
    Ok(credentials)
}

/// The PEM of a certificate authority; none where the kubeconfig names none.
pub(crate) fn authority(target: &Target) -> Result<Option<Vec<u8>>, LoginError> {
    let entry = &target.cluster_entry;
    if !entry.authority_data.is_empty() {
        return STANDARD.decode(entry.authority_data.trim()).map(Some).map_err(|_| {
            LoginError::Field {
                owner: format!("cluster `{}`", target.cluster),
                field: "certificate-authority-data",
                problem: "it is not base64".into(),
            }
        });
    }
    match &entry.authority {
        None => Ok(None),
        Some(path) => read(&target.cluster, "the certificate authority", path).map(Some),
    }
}

/// Base64 of PEM, from the data or the file.
fn pem(
    owner: &str,
    what: &'static str,
    data: &str,
    path: Option<&Path>,
) -> Result<Option<String>, LoginError> {
    if !data.is_empty() {
        return Ok(Some(data.trim().to_owned()));
    }
    match path {
        None => Ok(None),
        Some(path) => read(owner, what, path).map(|pem| Some(STANDARD.encode(pem))),
    }
}

fn read(owner: &str, what: &'static str, path: &Path) -> Result<Vec<u8>, LoginError> {
    std::fs::read(path).map_err(|source| LoginError::File {
        user: owner.to_owned(),
        what,
        path: path.to_owned(),
        source,
    })
}

fn missing(owner: &str, field: &'static str, problem: &str) -> LoginError {
    LoginError::Field { owner: format!("user `{owner}`"), field, problem: problem.into() }
}

fn bearer(owner: &str, token: &str) -> Result<HeaderValue, LoginError> {
    header(owner, "token", &format!("Bearer {token}"))
}

fn header(owner: &str, field: &'static str, value: &str) -> Result<HeaderValue, LoginError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| missing(owner, field, "it has characters that no header can have"))?;
    value.set_sensitive(true);
    Ok(value)
}
