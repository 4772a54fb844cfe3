//! Dates and durations.

use super::{A, Returned, S, fixed};
use crate::error::FuncError;
use crate::func::{Args, Call, FuncMap};
use crate::text::number::{NumberError, parse_int};
use crate::time::object::{TIME, as_time, time_value};
use crate::time::{Time, Zone, duration};
use crate::types::IntKind;
use crate::value::Value;

const DATE: &[u8] = b"2006-01-02";

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "now", &[], TIME, |call, _| Ok(time_value(now(call)?)));
    fixed(f, "date", &[S, A], S, |call, a| shown(call, a.str(0), a.any(1), b"Local"));
    fixed(f, "dateInZone", &[S, A, S], S, |call, a| shown(call, a.str(0), a.any(1), a.str(2)));
    fixed(f, "htmlDate", &[A], S, |call, a| shown(call, DATE, a.any(0), b"Local"));
    fixed(f, "htmlDateInZone", &[A, S], S, |call, a| shown(call, DATE, a.any(0), a.str(1)));
    fixed(f, "dateModify", &[S, TIME], TIME, |_, a| {
        let time = given(a, 1)?;
        Ok(time_value(duration::parse(a.str(0)).map_or_else(|_| time.clone(), |by| time.add(by))))
    });
    fixed(f, "mustDateModify", &[S, TIME], TIME, |_, a| {
        let by = duration::parse(a.str(0)).map_err(FuncError::new)?;
        Ok(time_value(given(a, 1)?.add(by)))
    });
    fixed(f, "toDate", &[S, S], TIME, |call, a| {
        let time = Time::parse(a.str(0), a.str(1), &local(call)?);
        Ok(time_value(time.unwrap_or_else(|_| Time::zero())))
    });
    fixed(f, "mustToDate", &[S, S], TIME, |call, a| {
        let time = Time::parse(a.str(0), a.str(1), &local(call)?);
        time.map(time_value).map_err(FuncError::new)
    });
    fixed(f, "unixEpoch", &[TIME], S, |_, a| Ok(Value::from(given(a, 0)?.seconds.to_string())));
    fixed(f, "ago", &[A], S, |call, a| {
        let now = now(call)?;
        let then = match a.any(0) {
            Value::Int(IntKind::Int | IntKind::Int64, seconds) => {
                Time::unix(*seconds, 0, Zone::utc())
            }
            other => as_time(other).unwrap_or(&now).clone(),
        };
        let passed = duration::round(now.since(&then), duration::SECOND);
        Ok(Value::from(duration::show(passed)))
    });
    fixed(f, "duration", &[A], S, |_, a| {
        let seconds = match a.any(0) {
            Value::Str(text) => seconds_of(text),
            Value::Int(IntKind::Int64, seconds) => *seconds,
            _ => 0,
        };
        Ok(Value::from(duration::show(seconds.wrapping_mul(duration::SECOND))))
    });
    fixed(f, "durationRound", &[A], S, |call, a| {
        let nanoseconds = match a.any(0) {
            Value::Str(text) => duration::parse(text).unwrap_or(0),
            Value::Int(IntKind::Int64, nanoseconds) => *nanoseconds,
            other => match as_time(other) {
                Some(time) => now(call)?.since(time),
                None => 0,
            },
        };
        Ok(Value::from(rounded(nanoseconds.unsigned_abs())))
    });
    for (name, existing) in [
        ("date_in_zone", "dateInZone"),
        ("date_modify", "dateModify"),
        ("must_date_modify", "mustDateModify"),
    ] {
        f.alias(name, existing);
    }
}

/// A decimal number; what is out of range is the nearest number, what is none is 0.
fn seconds_of(text: &[u8]) -> i64 {
    match parse_int(text, 10) {
        Ok(seconds) => seconds,
        Err(NumberError::Syntax) => 0,
        Err(NumberError::Range) if text.starts_with(b"-") => i64::MIN,
        Err(NumberError::Range) => i64::MAX,
    }
}

/// The time of the run, in its local zone.
fn now(call: &Call<'_, '_>) -> Result<Time, FuncError> {
    let (seconds, nanoseconds) = call.world()?.now();
    let time = Time::unix(seconds, nanoseconds, local(call)?);
    // What Go shows is the time since the process began; here every process has just begun.
    Ok(Time { monotonic: Some(1), ..time })
}

fn local(call: &Call<'_, '_>) -> Result<Zone, FuncError> {
    Ok(call.world()?.local_zone().named("Local"))
}

fn given<'a>(args: &Args<'a>, index: usize) -> Result<&'a Time, FuncError> {
    as_time(args.any(index)).ok_or_else(|| FuncError::new("the argument is no time"))
}

/// Formats a time, seconds since 1970, or for anything else the present.
fn shown(call: &Call<'_, '_>, layout: &[u8], date: &Value, zone: &[u8]) -> Returned {
    let zone = load(call, zone)?;
    let time = match date {
        Value::Int(IntKind::Int | IntKind::Int32 | IntKind::Int64, seconds) => {
            Time::unix(*seconds, 0, zone)
        }
        other => match as_time(other) {
            Some(time) => time.within(zone),
            None => now(call)?.within(zone),
        },
    };
    Ok(Value::from(time.format(layout)))
}

/// `time.LoadLocation`; an unknown zone is UTC.
fn load(call: &Call<'_, '_>, name: &[u8]) -> Result<Zone, FuncError> {
    let name = String::from_utf8_lossy(name);
    match &*name {
        "" | "UTC" => Ok(Zone::utc()),
        "Local" => local(call),
        outside if outside.contains("..") || outside.starts_with(['/', '\\']) => Ok(Zone::utc()),
        name => Ok(call.world()?.zone(name).map_or_else(Zone::utc, |zone| zone.named(name))),
    }
}

/// The largest unit of which there is more than one, in Sprig's sense of it.
fn rounded(nanoseconds: u64) -> String {
    const HOUR: u64 = 3_600_000_000_000;
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3_600, "s"),
    ];
    let fitting = units.iter().find(|(unit, _)| nanoseconds > *unit);
    fitting.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", nanoseconds / unit))
}
