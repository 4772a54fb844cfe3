//! The conversation with servers: clients, redirects, credentials on the way, repetitions.
//!
//! Owns the only HTTP client of the crate and the small runtime it needs, both of which start with
//! the first request. What the answers mean is left to [`super::http`] and [`super::oci`].
//!
//! Redirects are followed here and not by the HTTP library, because every hop decides anew whether
//! credentials and the client certificate go along: only to the scheme, host and port they are
//! for, unless [`Access::everywhere`].
//!
//! Invariants: offline, nothing is opened; URLs in errors are those that were asked for, without
//! credentials, never the target of a redirect, which may be signed.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Identity, Method, StatusCode};
use url::Url;

use super::retry::{Outcome, Policy};
use super::{ProxySettings, SourceError, SourceOptions, Subject, Trouble};
use crate::repository::{Repository, shown_url};

/// How many redirects lead from one request to its answer at most, as in Go.
const MOST_REDIRECTS: usize = 10;

/// How long the connection alone may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// What TLS needs to know of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TlsFiles {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    insecure: bool,
}

/// Who may be told which secrets.
#[derive(Clone)]
pub(crate) struct Access {
    /// The repository's name, for messages.
    repository: String,
    /// The server that `authorization` is for.
    home: url::Origin,
    /// The server that the client certificate is for.
    certificate_home: url::Origin,
    authorization: Option<HeaderValue>,
    everywhere: bool,
    tls: TlsFiles,
}

impl Access {
    /// What `repository` says about itself; its credentials are for the server at `home`.
    pub(crate) fn new(repository: &Repository, home: &Url) -> Self {
        // User information in the address is the older way to give credentials.
        let (mut user, mut password) = (repository.username.clone(), repository.password.clone());
        if user.is_empty()
            && password.is_empty()
            && let Ok(url) = Url::parse(&repository.url)
        {
            user = decoded(url.username());
            password = decoded(url.password().unwrap_or_default());
        }
        let authorization = match (user.is_empty(), password.is_empty()) {
            (true, true) => None,
            (true, false) => bearer(&password),
            _ => basic(&user, &password),
        };
        Self {
            repository: repository.name.clone(),
            home: home.origin(),
            certificate_home: home.origin(),
            authorization,
            everywhere: repository.pass_credentials_all,
            tls: TlsFiles {
                ca: PathBuf::from(&repository.ca_file),
                certificate: PathBuf::from(&repository.cert_file),
                key: PathBuf::from(&repository.key_file),
                insecure: repository.insecure_skip_tls_verify,
            },
        }
    }

    /// The same with other credentials, for the server at `home` alone.
    pub(crate) fn with_authorization(
        &self,
        home: &Url,
        authorization: Option<HeaderValue>,
    ) -> Self {
        Self { home: home.origin(), authorization, everywhere: false, ..self.clone() }
    }

    fn authorization_for(&self, url: &Url) -> Option<&HeaderValue> {
        let admitted = self.everywhere || self.home == url.origin();
        self.authorization.as_ref().filter(|_| admitted)
    }

    fn tls_for(&self, url: &Url) -> TlsFiles {
        let mut tls = self.tls.clone();
        if !self.everywhere && self.certificate_home != url.origin() {
            tls.certificate = PathBuf::new();
            tls.key = PathBuf::new();
        }
        tls
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("repository", &self.repository)
            .field("authorization", &self.authorization.as_ref().map(|_| "***"))
            .field("everywhere", &self.everywhere)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header for basic authentication.
pub(crate) fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

/// The header for a token; none if it has characters that no header may have.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {token}"))
}

/// One question to a server.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) subject: Subject,
    pub(crate) url: Url,
    /// Headers of this request; credentials come from [`Access`].
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// Fields to post instead of asking.
    pub(crate) form: Option<Vec<(&'static str, String)>>,
    /// Accept a compressed answer. Archives are compressed already, and must arrive as they are.
    pub(crate) compressed: bool,
    /// The most bytes to read.
    pub(crate) limit: u64,
}

impl Request {
    pub(crate) fn get(subject: Subject, url: Url, limit: u64) -> Self {
        Self { subject, url, headers: Vec::new(), form: None, compressed: false, limit }
    }

    /// The address in messages.
    pub(crate) fn shown(&self) -> String {
        shown_url(self.url.as_str())
    }
}

/// One answer, whatever its status.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// How often was asked.
    pub(crate) attempts: u32,
}

impl Response {
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The error that this answer is, if it is not what was asked for.
    pub(crate) fn expect_ok(self, request: &Request, access: &Access) -> Result<Self, SourceError> {
        let (subject, url) = (request.subject.clone(), request.shown());
        let status = self.status.to_string();
        Err(match self.status.as_u16() {
            200 => return Ok(self),
            401 | 403 => SourceError::Denied {
                subject,
                url,
                status,
                sent: access.authorization_for(&request.url).is_some(),
            },
            404 | 410 => SourceError::NotFound { subject, url, status },
            _ => SourceError::Status { subject, url, status, attempts: self.attempts },
        })
    }
}

/// What makes one client differ from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    /// None for a conversation without TLS, which spares reading the system's certificates.
    tls: Option<TlsFiles>,
    proxy: Option<String>,
}

/// The way to all servers.
pub(crate) struct Transport {
    shared: Arc<Shared>,
    runtime: OnceLock<Result<tokio::runtime::Runtime, String>>,
    policy: Policy,
    offline: bool,
}

/// What requests need that run on the runtime.
struct Shared {
    clients: Mutex<HashMap<ClientKey, Client>>,
    proxies: ProxySettings,
    timeout: Duration,
    user_agent: String,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("offline", &self.offline).finish_non_exhaustive()
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, and panics within another runtime.
        if let Some(Ok(runtime)) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Transport {
    pub(crate) fn new(options: &SourceOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                clients: Mutex::default(),
                proxies: options.proxies.clone(),
                timeout: options.timeout,
                user_agent: options.user_agent.clone(),
            }),
            runtime: OnceLock::new(),
            policy: Policy { retries: options.retries, backoff: options.backoff },
            offline: options.offline,
        }
    }

    /// Whether the network must be left alone.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }

    /// Asks, following redirects, and asks again while that may help. Blocks.
    ///
    /// # Errors
    ///
    /// Where there is no answer. An answer with an error status is none of them: see
    /// [`Response::expect_ok`].
    pub(crate) fn send(&self, access: &Access, request: &Request) -> Result<Response, SourceError> {
        let mut attempt = 1;
        loop {
            let error = match self.once(access, request)? {
                Ok(mut response) => {
                    response.attempts = attempt;
                    let outcome = Outcome::Status {
                        code: response.status.as_u16(),
                        retry_after: response.header(header::RETRY_AFTER),
                        date: response.header(header::DATE),
                    };
                    match self.policy.pause(attempt, outcome) {
                        None => return Ok(response),
                        Some(pause) => {
                            std::thread::sleep(pause);
                            None
                        }
                    }
                }
                Err(failure) => Some(failure),
            };
            if let Some(failure) = error {
                match failure
                    .trouble()
                    .and_then(|trouble| self.policy.pause(attempt, Outcome::Trouble(trouble)))
                {
                    None => return Err(failure.into_error(request, attempt)),
                    Some(pause) => std::thread::sleep(pause),
                }
            }
            attempt += 1;
        }
    }

    /// One attempt on the runtime; the outer error is one that no repetition helps against.
    fn once(
        &self,
        access: &Access,
        request: &Request,
    ) -> Result<Result<Response, Failure>, SourceError> {
        if self.offline {
            return Err(SourceError::Offline {
                subject: request.subject.clone(),
                url: request.shown(),
            });
        }
        let problem = |problem: String| {
            Failure::Trouble { trouble: Trouble::Connect, problem }.into_error(request, 1)
        };
        let runtime = self.runtime.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("renga-charts")
                .enable_all()
                .build()
                .map_err(|error| error.to_string())
        });
        let runtime = runtime.as_ref().map_err(|error| problem(error.clone()))?;
        let (shared, access, question) =
            (Arc::clone(&self.shared), access.clone(), request.clone());
        // Not `block_on`, which panics when the caller is itself on a runtime.
        let (answer, answered) = mpsc::channel();
        runtime.spawn(async move {
            let timeout = shared.timeout;
            let result = tokio::time::timeout(timeout, follow(&shared, &access, &question)).await;
            let result = result.unwrap_or_else(|_| {
                let problem = format!("no complete answer within {} s", timeout.as_secs_f32());
                Err(Failure::Trouble { trouble: Trouble::Timeout, problem })
            });
            // The caller waits for it, so there is someone to take it.
            let _ = answer.send(result);
        });
        answered.recv().map_err(|error| problem(error.to_string()))
    }
}

/// Why an attempt gave no answer.
enum Failure {
    Trouble { trouble: Trouble, problem: String },
    Redirect(String),
    TooLarge,
    TlsFile { repository: String, path: PathBuf, problem: String },
    Proxy { url: String, problem: String },
}

impl Failure {
    fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Trouble { trouble, .. } => Some(*trouble),
            _ => None,
        }
    }

    fn into_error(self, request: &Request, attempts: u32) -> SourceError {
        let (subject, url) = (request.subject.clone(), request.shown());
        match self {
            Self::Trouble { trouble, problem } => {
                SourceError::Transport { subject, url, trouble, problem, attempts }
            }
            Self::Redirect(problem) => SourceError::Redirect { subject, url, problem },
            Self::TooLarge => SourceError::TooLarge { subject, url, limit: request.limit },
            Self::TlsFile { repository, path, problem } => {
                SourceError::TlsFile { repository, path, problem }
            }
            Self::Proxy { url, problem } => SourceError::Proxy { url, problem },
        }
    }
}

/// Asks, and follows where the answers point.
async fn follow(shared: &Shared, access: &Access, request: &Request) -> Result<Response, Failure> {
    let mut url = request.url.clone();
    for _ in 0..=MOST_REDIRECTS {
        let mut response = ask(shared, access, request, &url).await?;
        if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            return collect(&mut response, request).await;
        }
        let target = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| Failure::Redirect("redirected without a target".to_owned()))?;
        let target = url
            .join(target)
            .map_err(|error| Failure::Redirect(format!("redirected to no address: {error}")))?;
        if !matches!(target.scheme(), "http" | "https") {
            let scheme = target.scheme();
            return Err(Failure::Redirect(format!("redirected to the scheme `{scheme}`")));
        }
        if request.form.is_some() && target.origin() != url.origin() {
            return Err(Failure::Redirect("redirected with a secret to another server".to_owned()));
        }
        url = target;
    }
    Err(Failure::Redirect(format!("redirected more than {MOST_REDIRECTS} times")))
}

async fn ask(
    shared: &Shared,
    access: &Access,
    request: &Request,
    url: &Url,
) -> Result<reqwest::Response, Failure> {
    let client = client(shared, access, url)?;
    let method = if request.form.is_some() { Method::POST } else { Method::GET };
    let mut bare = url.clone();
    // The library would make credentials of them, for whichever host.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    let mut builder = client.request(method, bare);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    builder = builder
        .header(header::ACCEPT_ENCODING, if request.compressed { "gzip" } else { "identity" });
    if let Some(authorization) = access.authorization_for(url) {
        builder = builder.header(header::AUTHORIZATION, authorization);
    }
    if let Some(form) = &request.form {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value);
        }
        builder = builder
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.finish());
    }
    builder.send().await.map_err(|error| trouble(&error))
}

/// Reads the whole answer, which must not end early.
async fn collect(response: &mut reqwest::Response, request: &Request) -> Result<Response, Failure> {
    let expected = response.content_length();
    if expected.is_some_and(|length| length > request.limit) {
        return Err(Failure::TooLarge);
    }
    let mut body = Vec::with_capacity(usize::try_from(expected.unwrap_or(0)).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| trouble(&error))? {
        if (body.len() + chunk.len()) as u64 > request.limit {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let gzipped = response
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if gzipped && request.compressed {
        body = decompress(&body, request.limit)?;
    }
    Ok(Response {
        status: response.status(),
        headers: response.headers().clone(),
        body,
        attempts: 1,
    })
}

fn decompress(body: &[u8], limit: u64) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let mut plain = Vec::with_capacity(body.len() * 6);
    let mut decoder = flate2::read::MultiGzDecoder::new(body).take(limit + 1);
    decoder.read_to_end(&mut plain).map_err(|error| Failure::Trouble {
        trouble: Trouble::Cut,
        problem: format!("the compressed answer is damaged: {error}"),
    })?;
    if plain.len() as u64 > limit { Err(Failure::TooLarge) } else { Ok(plain) }
}

/// The client for `url`, made when first needed; its connections are shared.
fn client(shared: &Shared, access: &Access, url: &Url) -> Result<Client, Failure> {
    let proxy = shared.proxies.proxy_for(url);
    let secure =
        url.scheme() == "https" || proxy.as_ref().is_some_and(|url| url.starts_with("https"));
    let key = ClientKey { tls: secure.then(|| access.tls_for(url)), proxy };
    let mut clients = shared.clients.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(client) = clients.get(&key) {
        return Ok(client.clone());
    }
    let client = build(shared, access, &key)?;
    clients.insert(key, client.clone());
    Ok(client)
}

fn build(shared: &Shared, access: &Access, key: &ClientKey) -> Result<Client, Failure> {
    // Another part of the program may have chosen one already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(&shared.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_gzip()
        .connect_timeout(shared.timeout.min(CONNECT_TIMEOUT))
        .no_proxy();
    if let Some(proxy) = &key.proxy {
        if !proxy.starts_with("http://") && !proxy.starts_with("https://") {
            let problem = "its scheme is unknown".to_owned();
            return Err(Failure::Proxy { url: shown_url(proxy), problem });
        }
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|error| Failure::Proxy {
            url: shown_url(proxy),
            problem: innermost(&error),
        })?);
    }
    builder = match &key.tls {
        None => builder.tls_certs_only([]),
        Some(tls) => {
            let unusable = |path: &Path, problem: String| Failure::TlsFile {
                repository: access.repository.clone(),
                path: path.to_owned(),
                problem,
            };
            let read =
                |path: &Path| fs_err::read(path).map_err(|error| unusable(path, innermost(&error)));
            if !tls.ca.as_os_str().is_empty() {
                let certificates = Certificate::from_pem_bundle(&read(&tls.ca)?)
                    .map_err(|error| unusable(&tls.ca, innermost(&error)))?;
                if certificates.is_empty() {
                    return Err(unusable(&tls.ca, "it has no certificate".to_owned()));
                }
                builder = builder.tls_certs_merge(certificates);
            }
            // As Helm does, one without the other is ignored.
            if !tls.certificate.as_os_str().is_empty() && !tls.key.as_os_str().is_empty() {
                let mut pem = read(&tls.certificate)?;
                pem.push(b'\n');
                pem.extend(read(&tls.key)?);
                let identity = Identity::from_pem(&pem)
                    .map_err(|error| unusable(&tls.certificate, innermost(&error)))?;
                builder = builder.identity(identity);
            }
            builder.tls_danger_accept_invalid_certs(tls.insecure)
        }
    };
    builder.build().map_err(|error| {
        // What the parts above let through: a key that does not fit its certificate.
        let path = key.tls.as_ref().map(|tls| tls.certificate.clone()).unwrap_or_default();
        if path.as_os_str().is_empty() {
            Failure::Trouble { trouble: Trouble::Tls, problem: innermost(&error) }
        } else {
            Failure::TlsFile {
                repository: access.repository.clone(),
                path,
                problem: innermost(&error),
            }
        }
    })
}

/// The words of the last cause, which say most and hold no address.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// What kind of failure this is, from its causes.
fn trouble(error: &reqwest::Error) -> Failure {
    let words = innermost(error);
    let found = error.source().and_then(known_cause);
    let (trouble, problem) = found.unwrap_or_else(|| {
        if error.is_timeout() {
            (Trouble::Timeout, "no answer in time".to_owned())
        } else if error.is_connect() {
            (Trouble::Connect, format!("no connection: {words}"))
        } else if error.is_body() || error.is_decode() || words.contains("before message completed")
        {
            (Trouble::Cut, ENDED_EARLY.to_owned())
        } else {
            (Trouble::Protocol, words)
        }
    });
    Failure::Trouble { trouble, problem }
}

/// The first among an error and its causes that says what happened.
fn known_cause(error: &(dyn std::error::Error + 'static)) -> Option<(Trouble, String)> {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof,
    };
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        let problem = match tls {
            rustls::Error::InvalidMessage(_) => SPEAKS_PLAIN_HTTP.to_owned(),
            rustls::Error::InvalidCertificate(why) => {
                format!("the server's certificate is not trusted: {why}")
            }
            other => other.to_string(),
        };
        return Some((Trouble::Tls, problem));
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        // What an I/O error wraps is not among its causes.
        if let Some(found) = io.get_ref().and_then(|inner| known_cause(inner)) {
            return Some(found);
        }
        match io.kind() {
            ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => {
                return Some((Trouble::Cut, ENDED_EARLY.to_owned()));
            }
            TimedOut => return Some((Trouble::Timeout, "no answer in time".to_owned())),
            _ => {}
        }
    }
    error.source().and_then(known_cause)
}

/// What a server says that does not know TLS.
pub(crate) const SPEAKS_PLAIN_HTTP: &str = "the server does not speak TLS";

/// What is said of an answer that is not complete.
const ENDED_EARLY: &str = "the connection ended before the answer did";
