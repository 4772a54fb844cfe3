//! Log lines: zerolog's JSON, or text for people.

use std::fmt::Write as _;

use owo_colors::{OwoColorize as _, Style};

use super::{clock, talk};
use crate::args::{LogLevel, MessageFormat};
use crate::dialect::Dialect;
use crate::settings::Appearance;

/// A named value beside a message; the value is JSON already where it is no string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    /// The name.
    pub(crate) name: &'a str,
    /// The value.
    pub(crate) value: &'a serde_json::Value,
}

/// Writes log lines; libraries get one to report to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logger {
    json: bool,
    least: LogLevel,
    color: bool,
}

impl Logger {
    pub(super) fn new(dialect: Dialect, appearance: Appearance) -> Self {
        Self {
            json: dialect == Dialect::Tk || appearance.message_format == MessageFormat::Json,
            least: appearance.log_level,
            color: appearance.stderr_color,
        }
    }

    /// A logger that writes JSON.
    pub(super) fn as_json(self) -> Self {
        Self { json: true, ..self }
    }

    /// Logs a message, if its level is important enough.
    pub(crate) fn log(self, level: LogLevel, message: &str, fields: &[Field<'_>]) {
        if level < self.least {
            return;
        }
        talk(&if self.json {
            json(level, message, fields, &clock::rfc3339())
        } else {
            human(level, message, fields, self.color)
        });
    }
}

impl renga_jsonnet::Log for Logger {
    fn trace(&self, file: &str, line: u32, message: &str) {
        talk(&format!("TRACE: {file}:{line} {message}\n"));
    }

    fn message(&self, text: &str) {
        self.log(LogLevel::INFO, text, &[]);
    }
}

/// Logs a message at level `fatal` before there is a printer, unless `least` is above that.
pub(crate) fn fatal(least: LogLevel, message: &str) {
    Logger { json: true, least, color: false }.log(LogLevel::FATAL, message, &[]);
}

/// A line of JSON: level, fields, time, message.
pub(super) fn json(level: LogLevel, message: &str, fields: &[Field<'_>], time: &str) -> String {
    let mut line = String::from("{");
    if !level.name().is_empty() {
        let _ = write!(line, "\"level\":\"{}\",", level.name());
    }
    for field in fields {
        push_string(&mut line, field.name);
        line.push(':');
        match field.value {
            serde_json::Value::String(text) => push_string(&mut line, text),
            other => {
                let _ = write!(line, "{other}");
            }
        }
        line.push(',');
    }
    let _ = write!(line, "\"time\":\"{time}\"");
    if !message.is_empty() {
        line.push_str(",\"message\":");
        push_string(&mut line, message);
    }
    line.push_str("}\n");
    line
}

/// A string as zerolog writes it: only what JSON demands, and DEL, is escaped.
fn push_string(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                line.push('\\');
                line.push(c);
            }
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            '\x08' => line.push_str("\\b"),
            '\x0c' => line.push_str("\\f"),
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            _ => line.push(c),
        }
    }
    line.push('"');
}

/// A line for people: the level unless it is `info`, the message, the fields.
pub(super) fn human(level: LogLevel, message: &str, fields: &[Field<'_>], color: bool) -> String {
    let mut line = String::new();
    if level != LogLevel::INFO {
        let style = match level {
            LogLevel::WARN => Style::new().yellow().bold(),
            _ if level > LogLevel::WARN => Style::new().red().bold(),
            _ => Style::new().dimmed(),
        };
        let name = if level == LogLevel::WARN { "warning" } else { level.name() };
        if color {
            let _ = write!(line, "{}: ", name.style(style));
        } else {
            let _ = write!(line, "{name}: ");
        }
    }
    line.push_str(message);
    for field in fields {
        match field.value {
            serde_json::Value::String(text) => {
                let _ = write!(line, " {}={text}", field.name);
            }
            other => {
                let _ = write!(line, " {}={other}", field.name);
            }
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_between_level_and_time() {
        let (argv, text) = (serde_json::json!(["a", 1]), serde_json::json!("<\u{7f}é\n"));
        let fields = [Field { name: "argv", value: &argv }, Field { name: "error", value: &text }];
        assert_eq!(
            json(LogLevel::DEBUG, "say \"x\"", &fields, "T"),
            "{\"level\":\"debug\",\"argv\":[\"a\",1],\"error\":\"<\\u007fé\\n\",\"time\":\"T\",\
             \"message\":\"say \\\"x\\\"\"}\n"
        );
        assert_eq!(human(LogLevel::INFO, "done", &[], true), "done\n");
        assert_eq!(
            human(LogLevel::WARN, "hm", &fields[..1], false),
            "warning: hm argv=[\"a\",1]\n"
        );
    }
}
