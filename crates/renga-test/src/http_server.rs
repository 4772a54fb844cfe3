//! A small HTTP/1.1 server for tests: files from memory, and rules that make it misbehave.
//!
//! One thread per connection, connections are kept alive, TLS on request. What it serves is up to
//! [`crate::ChartServer`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine as _;

/// How long an idle connection is kept, and how long a stalled client is waited for.
const IDLE: Duration = Duration::from_secs(30);

/// What goes wrong, or differently, for the requests whose path contains a text.
#[derive(Clone, Debug)]
pub enum Rule {
    /// This status instead of an answer, the given number of times.
    Fail {
        /// The HTTP status.
        status: u16,
        /// How often; later requests are answered.
        times: usize,
        /// Seconds, as `Retry-After`.
        retry_after: Option<u32>,
    },
    /// The connection is closed without an answer, the given number of times.
    Drop {
        /// How often.
        times: usize,
    },
    /// The answer announces all of its bytes, and ends after this many.
    Truncate {
        /// How many bytes are sent.
        keep: usize,
    },
    /// The file is cut to this many bytes, and looks whole.
    Shorten {
        /// How many bytes the file has.
        keep: usize,
    },
    /// `302` to this URL, to which the path of the request is appended.
    Redirect {
        /// The beginning of the new URL.
        to: String,
    },
    /// The answer takes at least this long.
    Delay {
        /// How long.
        time: Duration,
    },
    /// Basic authentication is asked for.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
    },
    /// A bearer token is asked for.
    Bearer {
        /// The token.
        token: String,
    },
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`.
    pub method: String,
    /// The path and the query; the whole URL when asked as a proxy, `host:port` for `CONNECT`.
    pub path: String,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The status of the answer; 0 when there was none.
    pub status: u16,
}

/// A file in memory.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, StoredFile>,
    rules: Vec<(String, Rule)>,
    log: Vec<LoggedRequest>,
    connections: usize,
}

/// When the server speaks TLS.
#[derive(Clone, Debug)]
pub(crate) enum Tls {
    /// Never.
    Off,
    /// From the beginning of every connection.
    On(Arc<rustls::ServerConfig>),
    /// After a `CONNECT`: as a proxy that is the other end, too.
    AfterConnect(Arc<rustls::ServerConfig>),
}

/// The server; it stops when this is dropped.
#[derive(Debug)]
pub(crate) struct HttpServer {
    port: u16,
    state: Arc<Mutex<State>>,
    stopping: Arc<AtomicBool>,
}

impl HttpServer {
    pub(crate) fn start(port: u16, tls: Tls) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let stopping = Arc::new(AtomicBool::new(false));
        let server = Self { port, state: Arc::clone(&state), stopping: Arc::clone(&stopping) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (state, tls) = (Arc::clone(&state), tls.clone());
                thread::spawn(move || {
                    // A client that goes away in between is the client's business.
                    let _ = serve(stream, tls, &state);
                });
            }
        });
        Ok(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub(crate) fn put(&self, path: &str, file: StoredFile) {
        self.state().files.insert(path.to_owned(), file);
    }

    pub(crate) fn remove(&self, path: &str) {
        self.state().files.remove(path);
    }

    pub(crate) fn add_rule(&self, path_part: &str, rule: Rule) {
        self.state().rules.push((path_part.to_owned(), rule));
    }

    pub(crate) fn clear_rules(&self) {
        self.state().rules.clear();
    }

    pub(crate) fn log(&self) -> Vec<LoggedRequest> {
        self.state().log.clone()
    }

    pub(crate) fn clear_log(&self) {
        self.state().log.clear();
    }

    pub(crate) fn connections(&self) -> usize {
        self.state().connections
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, tls: Tls, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    locked(state).connections += 1;
    let raw = stream.try_clone()?;
    let result = match tls {
        Tls::Off => converse(&mut BufReader::new(stream), state).map(|_| ()),
        Tls::On(config) => converse(&mut secured(stream, config)?, state).map(|_| ()),
        Tls::AfterConnect(config) => {
            let mut plain = BufReader::new(stream);
            match converse(&mut plain, state) {
                Ok(Ended::Connect) => {
                    converse(&mut secured(plain.into_inner(), config)?, state).map(|_| ())
                }
                other => other.map(|_| ()),
            }
        }
    };
    // Nothing may be left to say: where it ends early, the client has to see it.
    let _ = raw.shutdown(Shutdown::Both);
    result
}

fn secured(
    stream: TcpStream,
    config: Arc<rustls::ServerConfig>,
) -> io::Result<BufReader<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>> {
    let connection = rustls::ServerConnection::new(config).map_err(io::Error::other)?;
    Ok(BufReader::new(rustls::StreamOwned::new(connection, stream)))
}

/// Why a conversation is over.
enum Ended {
    Closed,
    /// The client wants to be connected with another server.
    Connect,
}

/// Answers requests until the client has no more or something ends the connection.
fn converse<S: Read + Write>(stream: &mut BufReader<S>, state: &Mutex<State>) -> io::Result<Ended> {
    while let Some(mut request) = read_request(stream)? {
        if request.method == "CONNECT" {
            request.status = 200;
            locked(state).log.push(request);
            let output = stream.get_mut();
            output.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
            output.flush()?;
            return Ok(Ended::Connect);
        }
        let answer = answer(&request, state);
        request.status = answer.as_ref().map_or(0, |answer| answer.status);
        let head_only = request.method == "HEAD";
        let close = request.headers.get("connection").is_some_and(|value| value == "close");
        locked(state).log.push(request);
        let Some(answer) = answer else { break };
        thread::sleep(answer.delay);
        let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
        let _ = write!(head, "Content-Length: {}\r\n", answer.body.len());
        for (name, value) in &answer.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let sent = answer.keep.unwrap_or(answer.body.len()).min(answer.body.len());
        let output = stream.get_mut();
        output.write_all(head.as_bytes())?;
        if !head_only && answer.status != 304 {
            output.write_all(&answer.body[..sent])?;
        }
        output.flush()?;
        if close || answer.keep.is_some() {
            break;
        }
    }
    Ok(Ended::Closed)
}

fn read_request<S: Read>(stream: &mut BufReader<S>) -> io::Result<Option<LoggedRequest>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    io::copy(&mut stream.by_ref().take(length), &mut io::sink())?;
    Ok(Some(LoggedRequest { method, path, headers, status: 0 }))
}

#[derive(Default)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Send only this much, and close the connection.
    keep: Option<usize>,
    delay: Duration,
}

impl Answer {
    fn error(status: u16) -> Self {
        let body = format!("{status} {}\n", reason(status)).into_bytes();
        Self { status, body, ..Self::default() }
    }
}

/// None to close the connection.
fn answer(request: &LoggedRequest, state: &Mutex<State>) -> Option<Answer> {
    let mut state = locked(state);
    let (mut keep, mut shorten, mut delay) = (None, None, Duration::ZERO);
    let credentials = request.headers.get("authorization").map(String::as_str);
    for (part, rule) in &mut state.rules {
        if !request.path.contains(&**part) {
            continue;
        }
        match rule {
            Rule::Fail { times: 0, .. } | Rule::Drop { times: 0 } => {}
            Rule::Fail { status, times, retry_after } => {
                *times -= 1;
                let mut answer = Answer { delay, ..Answer::error(*status) };
                if let Some(seconds) = retry_after {
                    answer.headers.push(("Retry-After", seconds.to_string()));
                }
                return Some(answer);
            }
            Rule::Drop { times } => {
                *times -= 1;
                return None;
            }
            Rule::Truncate { keep: bytes } => keep = Some(*bytes),
            Rule::Shorten { keep: bytes } => shorten = Some(*bytes),
            Rule::Redirect { to } => {
                let mut answer = Answer { delay, ..Answer::error(302) };
                answer.headers.push(("Location", format!("{to}{}", request.path)));
                return Some(answer);
            }
            Rule::Delay { time } => delay = *time,
            Rule::Basic { username, password } => {
                let pair = format!("{username}:{password}");
                let pair = base64::engine::general_purpose::STANDARD.encode(pair);
                if credentials != Some(&*format!("Basic {pair}")) {
                    let mut answer = Answer::error(401);
                    answer.headers.push(("WWW-Authenticate", "Basic realm=\"charts\"".to_owned()));
                    return Some(answer);
                }
            }
            Rule::Bearer { token } => {
                if credentials != Some(&*format!("Bearer {token}")) {
                    return Some(Answer::error(401));
                }
            }
        }
    }
    // A proxy is asked for whole URLs.
    let path = match request.path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => &request.path,
    };
    let path = path.split('?').next().unwrap_or_default();
    let Some(file) = state.files.get(path) else {
        return Some(Answer { delay, ..Answer::error(404) });
    };
    let mut answer = Answer { status: 200, keep, delay, ..Answer::default() };
    answer.headers.push(("Content-Type", file.content_type.to_owned()));
    if let Some(etag) = &file.etag {
        answer.headers.push(("ETag", etag.clone()));
    }
    if let Some(time) = &file.last_modified {
        answer.headers.push(("Last-Modified", time.clone()));
    }
    // As RFC 9110 has it: the time counts only where no tag is named.
    let unchanged = match request.headers.get("if-none-match") {
        Some(tag) => file.etag.as_ref() == Some(tag),
        None => request
            .headers
            .get("if-modified-since")
            .is_some_and(|time| file.last_modified.as_ref() == Some(time)),
    };
    if unchanged {
        answer.status = 304;
    } else {
        let length = shorten.unwrap_or(file.bytes.len()).min(file.bytes.len());
        answer.body = file.bytes[..length].to_vec();
    }
    Some(answer)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        304 => "Not Modified",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
