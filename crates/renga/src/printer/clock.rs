//! The time of day, for log lines only. Nothing that is written to files depends on it.

use jiff::Zoned;

/// The local time with seconds, as log lines have it.
pub(super) fn rfc3339() -> String {
    let now = Zoned::now();
    let offset = now.offset().seconds();
    if offset == 0 {
        return now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// What Go's `log` puts before a line: local date and time.
pub(crate) fn log_prefix() -> String {
    Zoned::now().strftime("%Y/%m/%d %H:%M:%S ").to_string()
}
