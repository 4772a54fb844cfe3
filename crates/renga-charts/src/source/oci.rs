//! Charts in OCI registries.
//!
//! Owns references, the parts of the distribution protocol that reading charts needs (tags,
//! manifests, blobs, tokens), and what of a manifest is a chart. Checking the digest of the chart
//! itself is left to [`super::Sources`], which knows the lock's opinion as well.
//!
//! This is not the `oci-client` crate, because its requests cannot go through our
//! [`Transport`]: it has no client certificates, follows redirects by itself, does not honour
//! `Retry-After`, and would be a second place where proxies, timeouts and offline are decided.
//!
//! Registries on loopback addresses are asked over TLS first and, if they do not speak it, without:
//! docker does the same, and nothing leaves the machine.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{self, HeaderValue};
use serde_json::Value;
use url::{Host, Url};

use super::http::{LARGEST_ARCHIVE, LARGEST_PROVENANCE};
use super::transport::{Access, Request, Response, SPEAKS_PLAIN_HTTP, Transport, bearer};
use super::{ChartVersion, SourceError, SourceOptions, Subject, Trouble};
use crate::credentials::{RegistryCredential, registry_credential};
use crate::digest::Sha256;
use crate::repository::Repository;

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const OLD_CHART: &str = "application/tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// The kinds of manifests that are asked for.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// The largest list, manifest or token that is read, in bytes.
const LARGEST_ANSWER: u64 = 4 << 20;

/// How many pages of tags are read at most.
const MOST_PAGES: usize = 1000;

/// `oci://registry/repository:tag@digest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// `host` or `host:port`.
    registry: String,
    /// The path, with the chart's name at its end.
    repository: String,
    tag: Option<String>,
    digest: Option<Sha256>,
}

impl Reference {
    /// Reads `oci://…`; user information is left out.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("oci://").ok_or("it does not begin with `oci://`")?;
        let (rest, digest) = match rest.rsplit_once("@sha256:") {
            Some((rest, hex)) => {
                (rest, Some(hex.parse::<Sha256>().map_err(|error| error.to_string())?))
            }
            None => (rest, None),
        };
        let rest = rest.trim_end_matches('/');
        let (authority, path) = rest.split_once('/').ok_or("it has no path")?;
        let registry = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        if registry.is_empty() {
            return Err("it has no host".to_owned());
        }
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => {
                (repository, Some(tag.replace('+', "_")))
            }
            _ => (path, None),
        };
        let valid = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
                && !part.starts_with('.')
        };
        if !repository.split('/').all(valid) {
            return Err("its path is not made of lower-case names".to_owned());
        }
        if tag.as_deref().is_some_and(|tag| {
            tag.is_empty()
                || tag.len() > 128
                || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        }) {
            return Err("its tag is not valid".to_owned());
        }
        Ok(Self { registry: registry.to_owned(), repository: repository.to_owned(), tag, digest })
    }

    /// The reference of a chart in a repository, with nothing said about its version.
    pub(super) fn of_chart(repository: &Repository, chart: &str) -> Result<Self, SourceError> {
        let base = repository.url.trim_end_matches('/');
        Self::parse(&format!("{base}/{chart}"))
            .and_then(|reference| {
                if reference.tag.is_some() || reference.digest.is_some() {
                    return Err("it has a version already".to_owned());
                }
                Ok(reference)
            })
            .map_err(|problem| SourceError::BadUrl {
                subject: Subject::Tags { chart: chart.to_owned() },
                url: repository.shown_url(),
                problem,
            })
    }

    /// The same with the tag of a version, or with a digest, or both: `1.2.3`, `sha256:…`,
    /// `1.2.3@sha256:…`.
    pub(super) fn at(&self, version: &str) -> Result<Self, String> {
        let mut text = format!("oci://{}/{}", self.registry, self.repository);
        match version.split_once('@') {
            _ if version.starts_with("sha256:") => text = format!("{text}@{version}"),
            Some(("", digest)) => text = format!("{text}@{digest}"),
            _ => text = format!("{text}:{version}"),
        }
        Self::parse(&text)
    }

    /// What stands for the version in the protocol: the digest, else the tag.
    fn target(&self) -> String {
        self.digest
            .map(|digest| digest.to_string())
            .or_else(|| self.tag.clone())
            .unwrap_or_default()
    }

    /// Whether nothing but a digest says which version it is.
    pub(super) fn is_digest_only(&self) -> bool {
        self.tag.is_none() && self.digest.is_some()
    }

    /// The server, which for docker's registry goes by another name.
    fn host(&self) -> &str {
        if self.registry == "docker.io" { "registry-1.docker.io" } else { &self.registry }
    }

    fn is_loopback(&self) -> bool {
        let url = Url::parse(&format!("http://{}", self.registry));
        match url.as_ref().ok().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "oci://{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
}

#[derive(serde::Deserialize)]
struct ManifestText {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// What a manifest says about a chart.
pub(super) struct Manifest {
    /// Its own digest.
    pub(super) digest: Sha256,
    config: Sha256,
    /// The digest of the archive.
    pub(super) chart: Sha256,
    provenance: Option<Sha256>,
}

/// What the registries have told so far.
#[derive(Debug, Default)]
pub(super) struct Registries {
    /// Loopback registries that do not speak TLS.
    plain: Mutex<HashMap<String, bool>>,
    /// The header that opens a repository, by registry, repository and user.
    open: Mutex<HashMap<(String, String, String), HeaderValue>>,
}

/// A conversation with the registry of one chart.
pub(super) struct Registry<'a> {
    pub(super) transport: &'a Transport,
    pub(super) options: &'a SourceOptions,
    pub(super) registries: &'a Registries,
    pub(super) repository: &'a Repository,
    pub(super) reference: Reference,
}

impl Registry<'_> {
    /// All tags.
    pub(super) fn tags(&self, chart: &str) -> Result<Vec<String>, SourceError> {
        #[derive(serde::Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let subject = Subject::Tags { chart: chart.to_owned() };
        let mut tags = Vec::new();
        let mut path = format!("/v2/{}/tags/list", self.reference.repository);
        for _ in 0..MOST_PAGES {
            let response = self.get(&subject, &path, None, LARGEST_ANSWER)?;
            let page: Page = serde_json::from_slice(&response.body)
                .map_err(|_| self.unexpected(&subject, "the list of tags is no JSON"))?;
            tags.extend(page.tags.unwrap_or_default());
            let Some(next) = response.header(header::LINK).and_then(next_page) else {
                return Ok(tags);
            };
            // Relative to this page; only path and query are taken, so it stays with the registry.
            let next = self.url(&path, "https").and_then(|url| url.join(next).ok());
            let next =
                next.ok_or_else(|| self.unexpected(&subject, "the next page has no address"))?;
            path = match next.query() {
                Some(query) => format!("{}?{query}", next.path()),
                None => next.path().to_owned(),
            };
        }
        Err(self.unexpected(&subject, "the list of tags has no end"))
    }

    /// The manifest of the reference.
    pub(super) fn manifest(&self, chart: &str, version: &str) -> Result<Manifest, SourceError> {
        let subject = Subject::Chart { name: chart.to_owned(), version: version.to_owned() };
        let path =
            format!("/v2/{}/manifests/{}", self.reference.repository, self.reference.target());
        let response = self.get(&subject, &path, Some(MANIFESTS), LARGEST_ANSWER)?;
        let digest = Sha256::of(&response.body);
        let announced = response
            .headers
            .get("docker-content-digest")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(expected) = self.reference.digest.or(announced)
            && expected != digest
        {
            return Err(SourceError::Digest {
                chart: chart.to_owned(),
                version: version.to_owned(),
                url: self.reference.to_string(),
                expected,
                found: digest,
                origin: super::DigestOrigin::Manifest,
            });
        }
        let not_a_chart = |problem: String| SourceError::NotAChart {
            chart: chart.to_owned(),
            version: version.to_owned(),
            url: self.reference.to_string(),
            problem,
        };
        let text: ManifestText = serde_json::from_slice(&response.body)
            .map_err(|_| self.unexpected(&subject, "the manifest is no JSON of the known kind"))?;
        let config = text.config.ok_or_else(|| {
            not_a_chart(
                "it is a list of images, or something else without configuration".to_owned(),
            )
        })?;
        if config.media_type != CONFIG {
            return Err(not_a_chart(format!("its configuration is `{}`", config.media_type)));
        }
        let find = |kind: &str| text.layers.iter().rfind(|layer| layer.media_type == kind);
        let layer = find(CHART)
            .or_else(|| find(OLD_CHART))
            .ok_or_else(|| not_a_chart("it has no layer with a chart".to_owned()))?;
        if layer.size > LARGEST_ARCHIVE {
            let url = self.reference.to_string();
            return Err(SourceError::TooLarge { subject, url, limit: LARGEST_ARCHIVE });
        }
        let digest_of = |layer: &Descriptor| {
            layer.digest.parse().map_err(|_| not_a_chart("a digest in it is no SHA-256".to_owned()))
        };
        Ok(Manifest {
            digest,
            config: digest_of(&config)?,
            chart: digest_of(layer)?,
            provenance: find(PROVENANCE).map(digest_of).transpose()?,
        })
    }

    /// The archive.
    pub(super) fn archive(
        &self,
        manifest: &Manifest,
        subject: &Subject,
    ) -> Result<Vec<u8>, SourceError> {
        self.blob(&manifest.chart, subject, LARGEST_ARCHIVE)
    }

    /// The provenance file; none if the chart has none.
    pub(super) fn provenance(
        &self,
        manifest: &Manifest,
        chart: &str,
        version: &str,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(expected) = manifest.provenance else { return Ok(None) };
        let subject = Subject::Provenance { name: chart.to_owned(), version: version.to_owned() };
        let bytes = self.blob(&expected, &subject, LARGEST_PROVENANCE)?;
        self.checked(bytes, expected, chart, version).map(Some)
    }

    /// The version of the chart as its configuration has it.
    pub(super) fn version(
        &self,
        manifest: &Manifest,
        chart: &str,
    ) -> Result<ChartVersion, SourceError> {
        let target = self.reference.target();
        let subject = Subject::Chart { name: chart.to_owned(), version: target.clone() };
        let bytes = self.blob(&manifest.config, &subject, LARGEST_ANSWER)?;
        let bytes = self.checked(bytes, manifest.config, chart, &target)?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|_| self.unexpected(&subject, "the configuration is no JSON"))?;
        let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(ChartVersion {
            name: chart.to_owned(),
            version: field("version")
                .ok_or_else(|| self.unexpected(&subject, "the configuration has no version"))?,
            app_version: field("appVersion"),
            description: field("description"),
            digest: Some(manifest.chart),
            urls: vec![self.reference.to_string()],
            deprecated: value.get("deprecated") == Some(&Value::Bool(true)),
            created: None,
            kube_version: field("kubeVersion"),
        })
    }

    fn checked(
        &self,
        bytes: Vec<u8>,
        expected: Sha256,
        chart: &str,
        version: &str,
    ) -> Result<Vec<u8>, SourceError> {
        let found = Sha256::of(&bytes);
        if found == expected {
            return Ok(bytes);
        }
        Err(SourceError::Digest {
            chart: chart.to_owned(),
            version: version.to_owned(),
            url: self.reference.to_string(),
            expected,
            found,
            origin: super::DigestOrigin::Manifest,
        })
    }

    fn blob(&self, digest: &Sha256, subject: &Subject, limit: u64) -> Result<Vec<u8>, SourceError> {
        let path = format!("/v2/{}/blobs/{digest}", self.reference.repository);
        Ok(self.get(subject, &path, None, limit)?.body)
    }

    fn unexpected(&self, subject: &Subject, problem: &str) -> SourceError {
        SourceError::Registry {
            subject: subject.clone(),
            url: self.reference.to_string(),
            problem: problem.to_owned(),
        }
    }

    fn url(&self, path: &str, scheme: &str) -> Option<Url> {
        Url::parse(&format!("{scheme}://{}{path}", self.reference.host())).ok()
    }

    /// Asks the registry, showing credentials once it wants to see some.
    fn get(
        &self,
        subject: &Subject,
        path: &str,
        accept: Option<&str>,
        limit: u64,
    ) -> Result<Response, SourceError> {
        let host = self.reference.host().to_owned();
        let plain = |map: &HashMap<String, bool>| map.get(&host).copied().unwrap_or(false);
        let scheme = if self.repository.plain_http
            || plain(&self.registries.plain.lock().unwrap_or_else(PoisonError::into_inner))
        {
            "http"
        } else {
            "https"
        };
        let answer = self.get_over(subject, path, accept, limit, scheme);
        match answer {
            Err(SourceError::Transport { trouble: Trouble::Tls, ref problem, .. })
                if scheme == "https"
                    && problem == SPEAKS_PLAIN_HTTP
                    && self.reference.is_loopback() =>
            {
                let mut plain =
                    self.registries.plain.lock().unwrap_or_else(PoisonError::into_inner);
                plain.insert(host, true);
                drop(plain);
                self.get_over(subject, path, accept, limit, "http")
            }
            answer => answer,
        }
    }

    fn get_over(
        &self,
        subject: &Subject,
        path: &str,
        accept: Option<&str>,
        limit: u64,
        scheme: &str,
    ) -> Result<Response, SourceError> {
        let url = self
            .url(path, scheme)
            .ok_or_else(|| self.unexpected(subject, "its host is not valid"))?;
        let access = Access::new(self.repository, &url);
        let mut request = Request::get(subject.clone(), url.clone(), limit);
        request.headers.extend(accept.map(|kinds| (header::ACCEPT, kinds.to_owned())));
        let key = (
            self.reference.registry.clone(),
            self.reference.repository.clone(),
            self.repository.username.clone(),
        );
        let known = || {
            self.registries.open.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
        };
        let opened = access.with_authorization(&url, known());
        let send = |access: &Access| {
            self.transport.send(access, &request).map_err(|error| self.named(error))
        };
        let response = send(&opened)?;
        if response.status.as_u16() != 401 {
            return response.expect_ok(&request, &opened).map_err(|error| self.named(error));
        }
        let credential = self.credential()?;
        let opening = self.answer_challenge(subject, &access, &response, credential.as_ref())?;
        let Some(opening) = opening else {
            let sent = access.with_authorization(&url, None);
            return response.expect_ok(&request, &sent).map_err(|error| self.named(error));
        };
        let opened = access.with_authorization(&url, Some(opening.clone()));
        let response = send(&opened)?;
        let shown =
            if credential.is_some() { opened } else { access.with_authorization(&url, None) };
        let response = response.expect_ok(&request, &shown).map_err(|error| self.named(error))?;
        let mut open = self.registries.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(key, opening);
        Ok(response)
    }

    /// An error with the reference in place of the protocol's address.
    fn named(&self, error: SourceError) -> SourceError {
        let reference = self.reference.to_string();
        match error {
            SourceError::Denied { subject, status, sent, .. } => {
                SourceError::Denied { subject, url: reference, status, sent }
            }
            SourceError::NotFound { subject, status, .. } => {
                SourceError::NotFound { subject, url: reference, status }
            }
            SourceError::Status { subject, status, attempts, .. } => {
                SourceError::Status { subject, url: reference, status, attempts }
            }
            SourceError::Transport { subject, trouble, problem, attempts, .. } => {
                SourceError::Transport { subject, url: reference, trouble, problem, attempts }
            }
            error => error,
        }
    }

    /// What is known to open the registry: the repository's own credentials, else those of the
    /// configured files.
    fn credential(&self) -> Result<Option<RegistryCredential>, SourceError> {
        let Repository { username, password, url, .. } = self.repository;
        if !password.is_empty() {
            return Ok(Some(if username.is_empty() {
                RegistryCredential::Bearer(password.clone())
            } else {
                RegistryCredential::Basic { user: username.clone(), password: password.clone() }
            }));
        }
        if let Ok(url) = Url::parse(url)
            && let Some(password) = url.password()
        {
            let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            return Ok(Some(RegistryCredential::Basic {
                user: decoded(url.username()).into_owned(),
                password: decoded(password).into_owned(),
            }));
        }
        Ok(registry_credential(
            &self.options.registry_configs,
            &self.options.search_path,
            &self.reference.registry,
        )?)
    }

    /// The header that a refusal asks for; none if nothing that is known would help.
    fn answer_challenge(
        &self,
        subject: &Subject,
        access: &Access,
        refusal: &Response,
        credential: Option<&RegistryCredential>,
    ) -> Result<Option<HeaderValue>, SourceError> {
        let challenges = refusal.headers.get_all(header::WWW_AUTHENTICATE);
        let challenges: Vec<_> =
            challenges.iter().filter_map(|value| value.to_str().ok()).collect();
        for challenge in &challenges {
            let (scheme, parameters) = challenge.split_once(' ').unwrap_or((challenge, ""));
            if scheme.eq_ignore_ascii_case("bearer") {
                if let Some(RegistryCredential::Bearer(token)) = credential {
                    return Ok(bearer(token));
                }
                return self.token(subject, access, &parameters_of(parameters), credential);
            }
            if scheme.eq_ignore_ascii_case("basic") {
                return Ok(credential.and_then(RegistryCredential::header));
            }
        }
        Ok(None)
    }

    /// Gets a token from the server that the registry names.
    fn token(
        &self,
        subject: &Subject,
        access: &Access,
        parameters: &HashMap<String, String>,
        credential: Option<&RegistryCredential>,
    ) -> Result<Option<HeaderValue>, SourceError> {
        #[derive(serde::Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        let realm = parameters.get("realm").and_then(|realm| Url::parse(realm).ok());
        let mut realm =
            realm.ok_or_else(|| self.unexpected(subject, "the token server has no address"))?;
        // Passwords are not sent in the clear, unless they stay on this machine.
        if realm.scheme() != "https" && !(realm.scheme() == "http" && self.reference.is_loopback())
        {
            return Err(self.unexpected(subject, "the token server is not reached over TLS"));
        }
        let service = parameters.get("service").cloned().unwrap_or_default();
        let scope = format!("repository:{}:pull", self.reference.repository);
        let mut form = None;
        let mut authorization = None;
        if let Some(RegistryCredential::Identity(token)) = credential {
            form = Some(vec![
                ("grant_type", "refresh_token".to_owned()),
                ("service", service),
                ("scope", scope),
                ("client_id", self.options.user_agent.clone()),
                ("refresh_token", token.clone()),
            ]);
        } else {
            authorization = credential.and_then(RegistryCredential::header);
            realm.query_pairs_mut().append_pair("service", &service).append_pair("scope", &scope);
        }
        let access = access.with_authorization(&realm, authorization);
        let mut request = Request::get(subject.clone(), realm, LARGEST_ANSWER);
        request.form = form;
        let response = self.transport.send(&access, &request)?;
        let response = response.expect_ok(&request, &access).map_err(|error| match error {
            SourceError::Denied { subject, status, .. } => SourceError::Denied {
                subject,
                url: self.reference.to_string(),
                status,
                sent: credential.is_some(),
            },
            error => error,
        })?;
        let token: Token = serde_json::from_slice(&response.body)
            .map_err(|_| self.unexpected(subject, "the token server's answer is no JSON"))?;
        let token = token.token.or(token.access_token).filter(|token| !token.is_empty());
        let token =
            token.ok_or_else(|| self.unexpected(subject, "the token server gave no token"))?;
        Ok(bearer(&token))
    }
}

/// The address of `rel="next"` in a `Link` header.
fn next_page(link: &str) -> Option<&str> {
    link.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = parameters
            .split(';')
            .any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"));
        next.then_some(target)
    })
}

/// `key="value",…` of a challenge.
fn parameters_of(text: &str) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let value;
        if let Some(quoted) = after.strip_prefix('"') {
            let Some((inner, after)) = quoted.split_once('"') else { break };
            value = inner;
            rest = after.trim_start().trim_start_matches(',');
        } else {
            (value, rest) = after.split_once(',').unwrap_or((after, ""));
        }
        parameters.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (text, written) in [
            ("oci://r.example.com/charts/a".to_owned(), None),
            ("oci://r.example.com:5000/a:1.2.3".to_owned(), None),
            (
                "oci://r.example.com:5000/a:1.2.3+x.1".to_owned(),
                Some("oci://r.example.com:5000/a:1.2.3_x.1"),
            ),
            (format!("oci://r.example.com/a:1.2.3@sha256:{hex}"), None),
            (format!("oci://r.example.com/a@sha256:{hex}"), None),
            ("oci://u:p@r.example.com/a/".to_owned(), Some("oci://r.example.com/a")),
        ] {
            let reference = Reference::parse(&text).unwrap();
            assert_eq!(reference.to_string(), written.unwrap_or(&text));
        }
        for bad in [
            "https://r.example.com/a",
            "oci://r.example.com",
            "oci:///a",
            "oci://r.example.com/A",
            "oci://r.example.com/a//b",
            "oci://r.example.com/../a",
            "oci://r.example.com/a:",
            "oci://r.example.com/a:b c",
            "oci://r.example.com/a@sha256:12",
        ] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for (registry, loopback) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.1.2.3", true),
            ("[::1]:5000", true),
            ("localhost.example.com", false),
            ("10.0.0.1:5000", false),
        ] {
            let reference = Reference::parse(&format!("oci://{registry}/a")).unwrap();
            assert_eq!(reference.is_loopback(), loopback, "{registry}");
        }
    }

    #[test]
    fn challenges_and_links_are_read() {
        let parameters = parameters_of(
            r#"realm="https://auth.example.com/token?a=b,c",service="r, s", scope=x ,Error="y""#,
        );
        assert_eq!(parameters["realm"], "https://auth.example.com/token?a=b,c");
        assert_eq!(parameters["service"], "r, s");
        assert_eq!(parameters["scope"], "x");
        assert_eq!(parameters["error"], "y");
        assert!(parameters_of("nonsense").is_empty());
        assert_eq!(
            next_page("</v2/a/tags/list?n=2&last=b>; rel=\"next\""),
            Some("/v2/a/tags/list?n=2&last=b")
        );
        assert_eq!(next_page("</x>; rel=\"prev\""), None);
        assert_eq!(next_page("junk"), None);
    }
}
