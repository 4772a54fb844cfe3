//! When a request is worth repeating, and how long to wait before.
//!
//! Pure: what happened goes in, a pause or none comes out. Sleeping is the transport's part.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use super::Trouble;

/// The longest wait before one repetition, even if the server asks for more.
const LONGEST: Duration = Duration::from_secs(30);

/// How often and after which waits to repeat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Repetitions after the first attempt.
    pub(crate) retries: u32,
    /// The wait before the first repetition; it doubles each time.
    pub(crate) backoff: Duration,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'a> {
    /// An answer with this status and these headers: `Retry-After` and `Date`.
    Status { code: u16, retry_after: Option<&'a str>, date: Option<&'a str> },
    /// No answer, or not all of it.
    Trouble(Trouble),
}

impl Policy {
    /// The wait before the next attempt after `attempt` (from 1) ended like this; none if it is
    /// not worth another one.
    pub(crate) fn pause(&self, attempt: u32, outcome: Outcome<'_>) -> Option<Duration> {
        if attempt > self.retries {
            return None;
        }
        let asked = match outcome {
            Outcome::Status { code: 408 | 429 | 500 | 502 | 503 | 504, retry_after, date } => {
                retry_after.and_then(|value| wait_of(value, date))
            }
            Outcome::Trouble(Trouble::Timeout | Trouble::Cut) => None,
            // A refused connection, an unknown host or certificate will be the same again.
            Outcome::Status { .. } | Outcome::Trouble(_) => return None,
        };
        let doubled = self.backoff.saturating_mul(1 << (attempt - 1).min(16));
        Some(asked.unwrap_or_else(|| jittered(doubled)).min(LONGEST))
    }
}

/// `Retry-After` in seconds or as a date, which is compared with the server's own clock.
fn wait_of(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until: SystemTime = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(date?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// Between three quarters of `pause` and all of it, so that many clients do not return at once.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0);
    pause.mul_f64(0.75 + 0.25 * f64::from(u8::try_from(random & 0xff).unwrap_or(0)) / 256.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { retries: 3, backoff: Duration::from_millis(100) };

    fn status(code: u16, retry_after: Option<&str>) -> Option<Duration> {
        let date = Some("Sat, 21 Nov 2026 20:00:00 GMT");
        POLICY.pause(1, Outcome::Status { code, retry_after, date })
    }

    #[test]
    fn only_what_may_pass_is_repeated() {
        for code in [408, 429, 500, 502, 503, 504] {
            assert!(status(code, None).is_some(), "{code}");
        }
        for code in [301, 400, 401, 403, 404, 410, 501] {
            assert!(status(code, None).is_none(), "{code}");
        }
        for (trouble, repeated) in [
            (Trouble::Timeout, true),
            (Trouble::Cut, true),
            (Trouble::Connect, false),
            (Trouble::Tls, false),
            (Trouble::Protocol, false),
        ] {
            assert_eq!(
                POLICY.pause(1, Outcome::Trouble(trouble)).is_some(),
                repeated,
                "{trouble:?}"
            );
        }
    }

    #[test]
    fn waits_double_and_end() {
        let pause = |attempt| POLICY.pause(attempt, Outcome::Trouble(Trouble::Timeout));
        for (attempt, most) in [(1, 100), (2, 200), (3, 400)] {
            let pause = pause(attempt).unwrap().as_millis();
            assert!(pause <= most && pause >= most * 3 / 4, "{attempt}: {pause}");
        }
        assert_eq!(pause(4), None);
    }

    #[test]
    fn a_server_may_ask_for_a_wait() {
        assert_eq!(status(429, Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(status(503, Some("100000")), Some(LONGEST));
        assert_eq!(
            status(503, Some("Sat, 21 Nov 2026 20:00:05 GMT")),
            Some(Duration::from_secs(5))
        );
        assert_eq!(status(503, Some("Sat, 21 Nov 2026 19:00:00 GMT")), Some(Duration::ZERO));
        assert!(status(503, Some("soon")).unwrap() <= POLICY.backoff);
    }
}
