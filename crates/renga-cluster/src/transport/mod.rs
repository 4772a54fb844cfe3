//! Requests and answers: the one way to the server.
//!
//! Owns the connection, the limit of requests under way (fair: first come, first served), timeouts,
//! retries with growing pauses, renewal of credentials, warnings of the server and the caller's
//! flag. Knows nothing of objects. What a failed answer means is [`status`], what a broken
//! connection means [`broken`].
//!
//! Invariant: every request ends in bounded time. Where the server is gone, the first requests find
//! out and all others fail at once.

mod broken;
mod connect;
mod session;
mod status;
mod warnings;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use kube::client::Body;
use tokio::sync::Semaphore;

use crate::cluster::{ClusterOptions, Timeouts};
use crate::config::Target;
use crate::error::{ClusterError, RequestError};
use crate::observer::{Event, Observer};
use connect::Connection;
pub(crate) use session::Session;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) accept: &'static str,
    /// Whether it may be sent again when it is not known what became of it.
    pub(crate) repeatable: bool,
}

pub(crate) const JSON: &str = "application/json";

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: Vec::new(),
            content_type: JSON,
            accept: JSON,
            repeatable: true,
        }
    }

    pub(crate) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    fn text(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A good answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
}

/// A failed try.
struct Failure {
    error: RequestError,
    /// Whether another try could help.
    retry: Retry,
    /// How long the server wants to be left alone.
    pause: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    /// Only what may be done twice: it is not known whether it was done.
    IfRepeatable,
    /// It was not done.
    Always,
}

/// After so many timeouts or broken connections in a row the server is taken for gone.
const GONE_AFTER: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest `Retry-After` that is obeyed.
const LONGEST_WISH: Duration = Duration::from_secs(30);
/// How long a change under way is waited for after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// The way to one server.
pub(crate) struct Transport {
    target: Target,
    options: ClusterOptions,
    connection: tokio::sync::Mutex<Arc<Connection>>,
    permits: Semaphore,
    warned: Mutex<BTreeSet<String>>,
    in_a_row: AtomicU32,
    gone: Mutex<Option<RequestError>>,
}

impl Transport {
    /// Logs in, which may run a program. Must be called inside of the runtime.
    pub(crate) fn new(target: &Target, options: &ClusterOptions) -> Result<Self, ClusterError> {
        let connection = Arc::new(Connection::new(target, options)?);
        Ok(Self {
            target: target.clone(),
            options: options.clone(),
            connection: tokio::sync::Mutex::new(connection),
            permits: Semaphore::new(options.concurrency.max(1)),
            warned: Mutex::default(),
            in_a_row: AtomicU32::new(0),
            gone: Mutex::default(),
        })
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn options(&self) -> &ClusterOptions {
        &self.options
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.options.cancel.load(Ordering::Relaxed)
    }

    /// Why the server is taken for gone, if it is.
    pub(crate) fn gone(&self) -> Option<RequestError> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new question: the server may be back.
    pub(crate) fn forgive(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Sends a request until it is answered, or it makes no sense any more.
    pub(crate) async fn send(
        &self,
        call: &Call,
        observer: &dyn Observer,
    ) -> Result<Answer, RequestError> {
        let mut tries = 0;
        let mut renewed = false;
        loop {
            if self.cancelled() {
                return Err(RequestError::Interrupted);
            }
            if let Some(error) = self.gone() {
                return Err(error);
            }
            let connection = self.connection.lock().await.clone();
            let outcome = {
                // Pauses are spent without a permit.
                let _permit = self.permits.acquire().await;
                self.once(call, &connection, observer).await
            };
            let failure = match outcome {
                Ok(answer) => {
                    self.in_a_row.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            if matches!(failure.error, RequestError::Unauthorized { .. })
                && connection.renewable
                && !renewed
            {
                renewed = true;
                self.renew(&connection).await?;
                continue;
            }
            let allowed = match failure.retry {
                Retry::Never => false,
                Retry::IfRepeatable => call.repeatable,
                Retry::Always => true,
            };
            if !allowed || tries >= self.options.retries {
                self.take_note(&failure.error);
                return Err(failure.error);
            }
            let pause = match failure.pause {
                Some(wish) => wish.min(LONGEST_WISH),
                None => (FIRST_PAUSE * 2u32.pow(tries.min(16))).min(LONGEST_PAUSE),
            };
            tries += 1;
            observer.event(&Event::Retrying {
                request: &call.text(),
                error: &failure.error,
                after: pause,
            });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = cancelled(&self.options.cancel, Duration::ZERO) => {}
            }
        }
    }

    /// After an error for good: whether the others need to try at all.
    fn take_note(&self, error: &RequestError) {
        let gone = match error {
            RequestError::Timeout { .. } | RequestError::Connection { .. } => {
                self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= GONE_AFTER
            }
            other => other.is_fatal(),
        };
        if gone {
            *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        }
    }

    /// Logs in again, unless somebody else just did.
    async fn renew(&self, old: &Arc<Connection>) -> Result<(), RequestError> {
        let mut current = self.connection.lock().await;
        if !Arc::ptr_eq(&current, old) {
            return Ok(());
        }
        let (target, options) = (self.target.clone(), self.options.clone());
        // Login programs block.
        let new = tokio::task::spawn_blocking(move || Connection::new(&target, &options)).await;
        match new {
            Ok(Ok(new)) => {
                *current = Arc::new(new);
                Ok(())
            }
            Ok(Err(error)) => Err(RequestError::Renewal { message: renga_diag::chain(&error) }),
            Err(error) => Err(RequestError::Renewal { message: error.to_string() }),
        }
    }

    async fn once(
        &self,
        call: &Call,
        connection: &Connection,
        observer: &dyn Observer,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.path)
            .header(header::ACCEPT, call.accept)
            .header(header::USER_AGENT, &self.options.user_agent);
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, call.content_type);
        }
        if let Some(value) = &connection.authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let server = &self.target.server;
        let request = request.body(Body::from(call.body.clone())).map_err(|error| Failure {
            error: RequestError::Answer { server: server.clone(), problem: error.to_string() },
            retry: Retry::Never,
            pause: None,
        })?;
        let Timeouts { request: limit, .. } = self.options.timeouts;
        let exchange = async {
            let response = connection.client.send(request).await.map_err(|error| {
                broken::meaning(&error, &self.target, &connection.proxy, self.options.timeouts)
            })?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| {
                broken::meaning(&error, &self.target, &connection.proxy, self.options.timeouts)
            })?;
            Ok((parts.status.as_u16(), parts.headers, body.to_bytes().to_vec()))
        };
        let grace = if call.method == Method::GET { Duration::ZERO } else { GRACE };
        let (status, headers, body) = tokio::select! {
            result = exchange => result?,
            () = tokio::time::sleep(limit) => {
                return Err(Failure {
                    error: RequestError::Timeout { server: server.clone(), after: limit },
                    retry: Retry::Never,
                    pause: None,
                });
            }
            () = cancelled(&self.options.cancel, grace) => {
                let error = if call.method == Method::GET {
                    RequestError::Interrupted
                } else {
                    RequestError::Connection {
                        server: server.clone(),
                        problem: "interrupted before the answer came; the change may have been made"
                            .into(),
                    }
                };
                return Err(Failure { error, retry: Retry::Never, pause: None });
            }
        };
        self.tell_warnings(&headers, observer);
        if (200..300).contains(&status) {
            return Ok(Answer { body });
        }
        Err(status::meaning(status, &headers, &body, &self.target))
    }

    fn tell_warnings(&self, headers: &HeaderMap, observer: &dyn Observer) {
        for value in headers.get_all("warning") {
            for text in warnings::texts(&String::from_utf8_lossy(value.as_bytes())) {
                let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
                if warned.insert(text.clone()) {
                    drop(warned);
                    observer.event(&Event::Warning(&text));
                }
            }
        }
    }
}

/// Ends some time after the caller's flag was set.
async fn cancelled(flag: &AtomicBool, grace: Duration) {
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if flag.load(Ordering::Relaxed) {
            tokio::time::sleep(grace).await;
            return;
        }
    }
}
