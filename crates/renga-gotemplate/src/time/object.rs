//! Times, durations, months, weekdays and zones as templates see them: types and methods.

use std::any::Any;
use std::rc::Rc;

use super::duration;
use super::instant::Time;
use super::layout::{MONTHS, WEEKDAYS};
use super::zone::Zone;
use crate::error::FuncError;
use crate::func::{Args, Call, Closure, Signature};
use crate::object::Object;
use crate::text::GoStr;
use crate::types::{NamedType, Type};
use crate::value::Value;

/// `time.Time`.
pub(crate) const TIME: Type = Type::Struct("time.Time");
/// `time.Duration`.
pub(crate) const DURATION: Type = Type::Named(&DURATION_TYPE);
/// `time.Month`.
pub(crate) const MONTH: Type = Type::Named(&MONTH_TYPE);
/// `time.Weekday`.
pub(crate) const WEEKDAY: Type = Type::Named(&WEEKDAY_TYPE);

const LOCATION: Type = Type::Pointer("time.Location");

static DURATION_TYPE: NamedType = integer("time.Duration", Type::INT64);
static MONTH_TYPE: NamedType = integer("time.Month", Type::INT);
static WEEKDAY_TYPE: NamedType = integer("time.Weekday", Type::INT);

const fn integer(name: &'static str, underlying: Type) -> NamedType {
    NamedType {
        name,
        underlying,
        method: NamedType::no_methods,
        list_method: NamedType::no_list_methods,
        display: None,
    }
}

/// A time as a value.
pub(crate) fn time_value(time: Time) -> Value {
    Value::Object(Rc::new(time))
}

/// A duration as a value.
pub(crate) fn duration_value(nanoseconds: i64) -> Value {
    Value::Object(Rc::new(Defined { number: nanoseconds, kind: Kind::Duration }))
}

/// The time a value is, if it is one.
pub(crate) fn as_time(value: &Value) -> Option<&Time> {
    match value {
        Value::Object(object) => object.as_any()?.downcast_ref(),
        _ => None,
    }
}

/// An argument of type `time.Time`.
fn time_arg<'a>(args: &Args<'a>, index: usize) -> Result<&'a Time, FuncError> {
    as_time(args.any(index)).ok_or_else(|| FuncError::new("the argument is no time"))
}

/// An argument of type `time.Duration`: one, or a constant.
fn duration_arg(args: &Args<'_>, index: usize) -> i64 {
    match args.any(index) {
        Value::Object(object) => object.number().unwrap_or(0),
        _ => args.int(index),
    }
}

fn method<F>(params: &'static [Type], result: Type, type_name: &'static str, body: F) -> Closure
where
    F: Fn(&mut Call<'_, '_>, &Args<'_>) -> Result<Value, FuncError> + 'static,
{
    let signature = Signature { params, variadic: false, result };
    Closure { signature, type_name, body: Box::new(body) }
}

/// A method without arguments, with its answer.
fn known(result: Type, type_name: &'static str, value: Value) -> Closure {
    method(&[], result, type_name, move |_, _| Ok(value.clone()))
}

fn int(value: i64) -> Closure {
    known(Type::INT, "func() int", Value::int(value))
}

fn int64(value: i64) -> Closure {
    known(Type::INT64, "func() int64", Value::int64(value))
}

fn text(value: impl Into<GoStr>) -> Closure {
    known(Type::String, "func() string", Value::Str(value.into()))
}

fn truth(value: bool) -> Closure {
    known(Type::Bool, "func() bool", Value::Bool(value))
}

fn bytes(value: impl Into<GoStr>) -> Closure {
    known(Type::BYTES, "func() ([]uint8, error)", Value::Bytes(value.into()))
}

/// A method with more results than a template can take.
fn several(name: &'static str, count: usize, type_name: &'static str) -> Closure {
    method(&[], Type::Any, type_name, move |_, _| {
        Err(FuncError::new(format!("function {name} has {count} return values; should be 1 or 2")))
    })
}

/// Go's `json.Marshal` and `MarshalText` of a time.
const RFC_3339_NANO: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";

impl Object for Time {
    fn ty(&self) -> Type {
        TIME
    }

    fn method(&self, name: &str) -> Option<Closure> {
        let time = self.clone();
        let compared = |test: fn(std::cmp::Ordering) -> bool| {
            let time = self.clone();
            method(&[TIME], Type::Bool, "func(time.Time) bool", move |_, args| {
                Ok(Value::Bool(test(time.compare(time_arg(args, 0)?))))
            })
        };
        let rounded = |round: fn(&Time, i64) -> Time| {
            let time = self.clone();
            method(&[DURATION], TIME, "func(time.Duration) time.Time", move |_, args| {
                Ok(time_value(round(&time, duration_arg(args, 0))))
            })
        };
        let moved = |zone: Zone| known(TIME, "func() time.Time", time_value(self.within(zone)));
        Some(match name {
            "Unix" => int64(self.seconds),
            "UnixMilli" => int64(self.unix_in(1_000_000)),
            "UnixMicro" => int64(self.unix_in(1_000)),
            "UnixNano" => int64(self.unix_in(1)),
            "Year" => int(self.shown().year),
            "Day" => int(self.shown().day),
            "Hour" => int(self.shown().hour),
            "Minute" => int(self.shown().minute),
            "Second" => int(self.shown().second),
            "YearDay" => int(self.shown().year_day),
            "Nanosecond" => int(self.nanoseconds.into()),
            "Month" => {
                let month = Defined { number: self.shown().month, kind: Kind::Month };
                known(MONTH, "func() time.Month", Value::Object(Rc::new(month)))
            }
            "Weekday" => {
                let weekday = Defined { number: self.shown().weekday, kind: Kind::Weekday };
                known(WEEKDAY, "func() time.Weekday", Value::Object(Rc::new(weekday)))
            }
            "Format" => {
                method(&[Type::String], Type::String, "func(string) string", move |_, args| {
                    Ok(Value::from(time.format(args.str(0))))
                })
            }
            "AppendFormat" => method(
                &[Type::BYTES, Type::String],
                Type::BYTES,
                "func([]uint8, string) []uint8",
                move |_, args| {
                    let out = [args.str(0), &time.format(args.str(1))].concat();
                    Ok(Value::Bytes(GoStr::from(out)))
                },
            ),
            "String" => text(self.show()),
            "GoString" => text(self.go_string()),
            "Add" => method(&[DURATION], TIME, "func(time.Duration) time.Time", move |_, args| {
                Ok(time_value(time.add(duration_arg(args, 0))))
            }),
            "AddDate" => method(
                &[Type::INT, Type::INT, Type::INT],
                TIME,
                "func(int, int, int) time.Time",
                move |_, args| Ok(time_value(time.add_date(args.int(0), args.int(1), args.int(2)))),
            ),
            "Sub" => method(&[TIME], DURATION, "func(time.Time) time.Duration", move |_, args| {
                Ok(duration_value(time.since(time_arg(args, 0)?)))
            }),
            "Round" => rounded(Time::round),
            "Truncate" => rounded(Time::truncate),
            "After" => compared(std::cmp::Ordering::is_gt),
            "Before" => compared(std::cmp::Ordering::is_lt),
            "Equal" => compared(std::cmp::Ordering::is_eq),
            "Compare" => method(&[TIME], Type::INT, "func(time.Time) int", move |_, args| {
                Ok(Value::int(time.compare(time_arg(args, 0)?) as i64))
            }),
            "UTC" => moved(Zone::utc()),
            "Local" => method(&[], TIME, "func() time.Time", move |call, _| {
                Ok(time_value(time.within(call.world()?.local_zone().named("Local"))))
            }),
            "In" => method(&[LOCATION], TIME, "func(*time.Location) time.Time", move |_, args| {
                let zone = match args.any(0) {
                    Value::Object(object) => {
                        object.as_any().and_then(|any| any.downcast_ref::<Zone>())
                    }
                    _ => None,
                };
                let zone =
                    zone.ok_or_else(|| FuncError::new("time: missing Location in call to Time.In"));
                Ok(time_value(time.within(zone?.clone())))
            }),
            "Location" => {
                let zone = Value::Object(Rc::new(self.zone.clone()));
                known(LOCATION, "func() *time.Location", zone)
            }
            "IsZero" => truth(self.is_zero()),
            "IsDST" => truth(self.holds().daylight_saving),
            "MarshalText" => bytes(self.format(RFC_3339_NANO)),
            "MarshalJSON" => bytes([&b"\""[..], &self.format(RFC_3339_NANO), b"\""].concat()),
            "Clock" => several("Clock", 3, "func() (int, int, int)"),
            "Date" => several("Date", 3, "func() (int, time.Month, int)"),
            "ISOWeek" => method(&[], Type::Any, "func() (int, int)", |_, _| {
                Err(FuncError::new(
                    "invalid function signature for ISOWeek: second return value should be error; \
                     is int",
                ))
            }),
            "Zone" => method(&[], Type::Any, "func() (string, int)", |_, _| {
                Err(FuncError::new(
                    "invalid function signature for Zone: second return value should be error; is \
                     int",
                ))
            }),
            _ => return None,
        })
    }

    fn hides(&self, name: &str) -> bool {
        matches!(name, "wall" | "ext" | "loc")
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(self.show()))
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.format(RFC_3339_NANO)))
    }
}

impl Time {
    /// `GoString`: the expression that makes the time.
    fn go_string(&self) -> String {
        let civil = self.shown();
        let month = usize::try_from(civil.month - 1).ok().and_then(|month| MONTHS.get(month));
        let zone = match self.zone.name() {
            "UTC" => "time.UTC".to_owned(),
            "Local" => "time.Local".to_owned(),
            name => format!("time.Location({})", super::quoted(name.as_bytes())),
        };
        format!(
            "time.Date({}, time.{}, {}, {}, {}, {}, {}, {zone})",
            civil.year,
            month.unwrap_or(&""),
            civil.day,
            civil.hour,
            civil.minute,
            civil.second,
            self.nanoseconds,
        )
    }
}

impl Object for Zone {
    fn ty(&self) -> Type {
        LOCATION
    }

    fn method(&self, name: &str) -> Option<Closure> {
        (name == "String").then(|| text(self.name()))
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(self.name()))
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

/// A value of one of the integer types of the `time` package.
#[derive(Debug)]
struct Defined {
    number: i64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Duration,
    Month,
    Weekday,
}

impl Defined {
    fn show(&self) -> String {
        let name = |names: &[&str], index: i64, ty: &str| {
            let name = usize::try_from(index).ok().and_then(|index| names.get(index));
            name.map_or_else(|| format!("%!{ty}({})", self.number), |name| (*name).to_owned())
        };
        match self.kind {
            Kind::Duration => duration::show(self.number),
            Kind::Month => name(&MONTHS, self.number - 1, "Month"),
            Kind::Weekday => name(&WEEKDAYS, self.number, "Weekday"),
        }
    }
}

impl Object for Defined {
    fn ty(&self) -> Type {
        match self.kind {
            Kind::Duration => DURATION,
            Kind::Month => MONTH,
            Kind::Weekday => WEEKDAY,
        }
    }

    fn method(&self, name: &str) -> Option<Closure> {
        if name == "String" {
            return Some(text(self.show()));
        }
        if self.kind != Kind::Duration {
            return None;
        }
        let number = self.number;
        let rounded = |round: fn(i64, i64) -> i64| {
            let type_name = "func(time.Duration) time.Duration";
            method(&[DURATION], DURATION, type_name, move |_, args| {
                Ok(duration_value(round(number, duration_arg(args, 0))))
            })
        };
        Some(match name {
            "Nanoseconds" => int64(number),
            "Microseconds" => int64(number / 1_000),
            "Milliseconds" => int64(number / 1_000_000),
            "Seconds" => float(number, duration::SECOND),
            "Minutes" => float(number, 60 * duration::SECOND),
            "Hours" => float(number, 3_600 * duration::SECOND),
            "Round" => rounded(duration::round),
            "Truncate" => rounded(duration::truncate),
            "Abs" => {
                let size = number.checked_abs().unwrap_or(i64::MAX);
                known(DURATION, "func() time.Duration", duration_value(size))
            }
            _ => return None,
        })
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(self.show()))
    }

    fn truth(&self) -> bool {
        self.number != 0
    }

    fn number(&self) -> Option<i64> {
        Some(self.number)
    }
}

/// A duration in a unit: whole units and the rest are divided apart, as in Go.
#[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
fn float(number: i64, unit: i64) -> Closure {
    let value = (number / unit) as f64 + (number % unit) as f64 / unit as f64;
    known(Type::Float64, "func() float64", Value::Float(value))
}
