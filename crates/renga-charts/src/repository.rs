//! A chart repository as chartfiles and Helm's `repositories.yaml` describe it, and how its URL is
//! shown.
//!
//! Owns the record, its redaction and the arithmetic of its URLs. Reading and writing the files is
//! [`crate::chartfile`]'s; speaking to the repository is [`crate::source`]'s.
//!
//! Invariant: neither `Debug` nor [`Repository::shown_url`] gives away a secret.

use std::fmt;

use url::Url;

/// Where charts come from, and what it takes to be let in.
///
/// As in the files, an empty string means that a field is not set. File names are opened as they
/// stand, so whoever reads them from a file makes them absolute.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// The name that requirements use, as in `name/chart`.
    pub name: String,
    /// `http://`, `https://`, `oci://`, `file://` or `git+…://`. May carry user information.
    pub url: String,
    /// PEM certificates to trust in addition to those of the system.
    pub ca_file: String,
    /// PEM certificate chain to present, together with `key_file`.
    pub cert_file: String,
    /// PEM private key of `cert_file`.
    pub key_file: String,
    /// User name for basic authentication.
    pub username: String,
    /// Password for basic authentication; a bearer token where `username` is empty.
    pub password: String,
    /// Credentials go to every host that the index or a redirect names.
    pub pass_credentials_all: bool,
    /// The server's certificate is not checked.
    pub insecure_skip_tls_verify: bool,
    /// A registry is asked without TLS.
    pub plain_http: bool,
}

impl Repository {
    /// A repository with nothing but a name and an address.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self { name: name.into(), url: url.into(), ..Self::default() }
    }

    /// Whether this is an OCI registry.
    pub fn is_oci(&self) -> bool {
        self.url.starts_with("oci://")
    }

    /// The address for messages and for the lock: without user information and without the values
    /// of its query, both of which people use for credentials.
    pub fn shown_url(&self) -> String {
        shown_url(&self.url)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("name", &self.name)
            .field("url", &self.shown_url())
            .field("ca_file", &self.ca_file)
            .field("cert_file", &self.cert_file)
            .field("key_file", &self.key_file)
            .field("username", &masked(&self.username))
            .field("password", &masked(&self.password))
            .field("pass_credentials_all", &self.pass_credentials_all)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .field("plain_http", &self.plain_http)
            .finish()
    }
}

/// `***` for what is set, nothing for what is not.
pub(crate) fn masked(secret: &str) -> &'static str {
    if secret.is_empty() { "" } else { "***" }
}

/// A URL as messages show it: no user information, no fragment, no values in the query.
pub(crate) fn shown_url(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        return shown_by_hand(url);
    };
    // Both fail only for URLs that cannot have user information in the first place.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.set_fragment(None);
    if let Some(query) = parsed.query() {
        let masked: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((key, _)) => format!("{key}=***"),
                None => "***".to_owned(),
            })
            .collect();
        let masked = masked.join("&");
        parsed.set_query(Some(&masked));
    }
    let mut shown = parsed.to_string();
    // The parser adds the slash of an empty path; show what the user wrote.
    if parsed.path() == "/" && parsed.query().is_none() && !url.ends_with('/') {
        shown.pop();
    }
    shown
}

/// For what is no URL: everything between `://` and the last `@` of the authority goes, and the query.
fn shown_by_hand(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match bare.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), bare),
    };
    // A malformed authority may have its `@` anywhere, so the last one decides.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}{rest}")
}

#[cfg(test)]
mod tests {
    use super::{Repository, shown_url};

    #[test]
    fn shown_urls_have_no_secrets() {
        for (url, shown) in [
            ("https://charts.example.com/stable", "https://charts.example.com/stable"),
            ("https://charts.example.com", "https://charts.example.com"),
            ("https://charts.example.com/", "https://charts.example.com/"),
            ("https://me:pa%40ss@charts.example.com/a", "https://charts.example.com/a"),
            ("https://token@charts.example.com", "https://charts.example.com"),
            (
                "https://charts.example.com/a?token=abc&x",
                "https://charts.example.com/a?token=***&***",
            ),
            ("https://charts.example.com/a#frag", "https://charts.example.com/a"),
            (
                "oci://me:pass@registry.example.com:5000/charts",
                "oci://registry.example.com:5000/charts",
            ),
            ("https://me:pa/ss@charts.example.com:port/a?b=c", "https://charts.example.com:port/a"),
            (
                "git+https://me:pass@git.example.com/a.git//p@v1",
                "git+https://git.example.com/a.git//p@v1",
            ),
            ("file:///srv/charts", "file:///srv/charts"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(shown_url(url), shown, "{url}");
        }
    }

    #[test]
    fn debug_output_has_no_secrets() {
        let repository = Repository {
            username: "alice".to_owned(),
            password: "hunter2".to_owned(),
            ..Repository::new("private", "https://bob:swordfish@charts.example.com")
        };
        let text = format!("{repository:?}");
        for secret in ["alice", "hunter2", "bob", "swordfish"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
