//! The evaluator's messages in go-jsonnet's words.

use jrsonnet_evaluator::analyze::{DiagLevel, Diagnostic};
use jrsonnet_evaluator::error::ErrorKind as Cause;
use jrsonnet_evaluator::stdlib::format::FormatError;
use jrsonnet_evaluator::typed::ValType;

use crate::error::ErrorKind;
use crate::jrsonnet::error::STACK_OVERFLOW;
use crate::jrsonnet::handle::{FUNCTION, TOO_DEEP, TOO_LONG, TOO_MANY};
use crate::jrsonnet::resolver::TOO_NESTED;

/// The first real error among the findings of the analysis; the rest of them are hints on style.
pub(super) fn static_error(diagnostics: &[Diagnostic]) -> Option<&Diagnostic> {
    diagnostics.iter().find(|diagnostic| matches!(diagnostic.level, DiagLevel::Error))
}

/// The kind and the message of an error.
pub(super) fn message(cause: &Cause) -> (ErrorKind, String) {
    let message = match cause {
        Cause::StaticAnalysisError(diagnostics) => {
            let message = static_error(diagnostics).map_or("", |error| error.message.as_str());
            return (ErrorKind::Static, static_message(message));
        }
        Cause::ImportSyntaxError { error, .. } => {
            return (ErrorKind::Static, syntax_message(&error.message));
        }
        Cause::ImportFileNotFound(_, path) => {
            let message = format!(
                "couldn't open import \"{path}\": no match locally or in the Jsonnet library paths"
            );
            return (ErrorKind::Import, message);
        }
        Cause::ImportIo(message) if message == TOO_NESTED => {
            return (ErrorKind::Limit, message.clone());
        }
        Cause::ImportIo(message) => return (ErrorKind::Import, message.clone()),
        Cause::ImportBadFileUtf8(path) => {
            return (ErrorKind::Import, format!("`{path}` is not valid UTF-8"));
        }
        Cause::StackOverflow | Cause::InfiniteRecursionDetected => {
            return (ErrorKind::Limit, STACK_OVERFLOW.to_owned());
        }
        Cause::RuntimeError(message) => {
            return match &**message {
                TOO_DEEP | TOO_MANY | TOO_LONG => (ErrorKind::Limit, message.to_string()),
                FUNCTION | "tried to manifest function" => {
                    (ErrorKind::Manifest, FUNCTION.to_owned())
                }
                message => (ErrorKind::Runtime, runtime_message(message)),
            };
        }
        cause => runtime(cause),
    };
    (ErrorKind::Runtime, message)
}

fn runtime(cause: &Cause) -> String {
    match cause {
        Cause::UnaryOperatorDoesNotOperateOnType(operator, found) => {
            let wanted = if operator.to_string() == "!" { ValType::Bool } else { ValType::Num };
            unexpected(*found, wanted)
        }
        Cause::BinaryOperatorDoesNotOperateOnValues(operator, left, right) => {
            binary(&operator.to_string(), *left, *right)
        }
        Cause::CantUseSelfSupOutsideOfObject => "Can't use self outside of an object.".to_owned(),
        Cause::NoSuperFound | Cause::StandaloneSuper => {
            "Attempt to use super when there is no super class.".to_owned()
        }
        Cause::InComprehensionCanOnlyIterateOverArray => {
            "Unexpected type, expected array".to_owned()
        }
        Cause::ArrayBoundsError(index, len) => out_of_bounds(*index, *len as usize),
        Cause::StringBoundsError(index, len) => out_of_bounds(*index, *len),
        Cause::AssertionFailed(message) => message.to_string(),
        // `a { … }` is an addition to go-jsonnet.
        Cause::TypeMismatch("object extend lhs", _, found) => binary("+", *found, ValType::Obj),
        Cause::TypeMismatch(_, wanted, found) => match wanted.first() {
            Some(wanted) => unexpected(*found, *wanted),
            None => format!("Unexpected type {}", name(*found)),
        },
        Cause::NoSuchField(field, _) => format!("Field does not exist: {field}"),
        Cause::OnlyFunctionsCanBeCalledGot(found) => unexpected(*found, ValType::Func),
        Cause::UnknownFunctionParameter(parameter) => {
            format!("function has no parameter {parameter}")
        }
        Cause::BindingParameterASecondTime(parameter) => {
            format!("Argument {parameter} already provided")
        }
        Cause::TooManyArgsFunctionHas(count, _) => too_many_arguments(*count, count + 1),
        Cause::FunctionParameterNotBoundInCall(parameter, _) => {
            format!("Missing argument: {parameter}")
        }
        Cause::UndefinedExternalVariable(variable) => {
            format!("Undefined external variable: {variable}")
        }
        Cause::FieldMustBeStringGot(found) => field_name(*found),
        Cause::DuplicateFieldName(field) => format!("Duplicate field name: \"{field}\""),
        Cause::AttemptedIndexAnArrayWithString(_) => unexpected(ValType::Str, ValType::Num),
        Cause::ValueIndexMustBeTypeGot(indexed, _, index) => match indexed {
            ValType::Obj => unexpected(*index, ValType::Str),
            ValType::Arr | ValType::Str => unexpected(*index, ValType::Num),
            other => not_indexable(*other),
        },
        Cause::CantIndexInto(found) | Cause::ValueIsNotIndexable(found) => not_indexable(*found),
        Cause::DivisionByZero => "Division by zero.".to_owned(),
        Cause::ConvertNumValue(_) => "Overflow".to_owned(),
        Cause::Format(error) => format(error),
        Cause::TypeError(error) => type_error(&error.to_string()),
        other => other.to_string(),
    }
}

/// go-jsonnet's name of a type.
fn name(of: ValType) -> &'static str {
    match of {
        ValType::Bool => "boolean",
        ValType::Null => "null",
        ValType::Str => "string",
        ValType::Num => "number",
        ValType::Arr => "array",
        ValType::Obj => "object",
        ValType::Func => "function",
    }
}

/// The message of a field whose name is no string.
pub(super) fn field_name(found: ValType) -> String {
    format!("Field name must be string, got {}", name(found))
}

pub(super) fn unexpected(found: ValType, wanted: ValType) -> String {
    format!("Unexpected type {}, expected {}", name(found), name(wanted))
}

fn not_indexable(found: ValType) -> String {
    let found = match found {
        ValType::Bool => "Boolean",
        ValType::Null => "Null",
        ValType::Str => "String",
        ValType::Num => "Number",
        ValType::Arr => "Array",
        ValType::Obj => "Object",
        ValType::Func => "Function",
    };
    format!("Value non indexable: *jsonnet.value{found}")
}

fn out_of_bounds(index: impl std::fmt::Display, len: usize) -> String {
    format!("Index {index} out of bounds, not within [0, {len})")
}

/// go-jsonnet takes the left operand's type as given and complains about the right one, unless
/// the operator does not go with the left one at all.
fn binary(operator: &str, left: ValType, right: ValType) -> String {
    match operator {
        "&&" | "||" => unexpected(if left == ValType::Bool { right } else { left }, ValType::Bool),
        "+" => match left {
            ValType::Num | ValType::Arr | ValType::Obj => unexpected(right, left),
            _ => unexpected(left, ValType::Num),
        },
        "<" | "<=" | ">" | ">=" => match left {
            ValType::Num | ValType::Str | ValType::Arr if left != right => unexpected(right, left),
            _ => format!("Unexpected type {}", name(left)),
        },
        "in" if left == ValType::Str => unexpected(right, ValType::Obj),
        "in" => unexpected(left, ValType::Str),
        _ if left == ValType::Num => unexpected(right, ValType::Num),
        _ => unexpected(left, ValType::Num),
    }
}

fn format(error: &FormatError) -> String {
    match error {
        FormatError::TruncatedFormatCode => "Truncated format code.".to_owned(),
        FormatError::UnrecognizedConversionType(char) => {
            format!("Unrecognised conversion type: {char}")
        }
        FormatError::NotEnoughValues => "Not enough values to format".to_owned(),
        FormatError::CannotUseStarWidthWithObject => {
            "Cannot use * field width with object.".to_owned()
        }
        FormatError::MappingKeysRequired => "Mapping keys required.".to_owned(),
        FormatError::NoSuchFormatField(field) => format!("No such field: {field}"),
        FormatError::SubfieldNotFound { full, current, .. } => {
            let dot = if full.is_empty() { "" } else { "." };
            format!("No such field: {full}{dot}{current}")
        }
        other @ FormatError::SubfieldDidntYieldAnObject(..) => other.to_string(),
    }
}

/// `expected X, got Y` and its relatives, as builtin functions say it.
fn type_error(text: &str) -> String {
    if let Some(union) = text.strip_prefix("every failed from ") {
        let found = union.rsplit(", got ").next().and_then(|rest| rest.split(' ').next());
        return format!("Unexpected type {}", found.unwrap_or("unknown"));
    }
    let Some((wanted, found)) =
        text.strip_prefix("expected ").and_then(|rest| rest.rsplit_once(", got "))
    else {
        return text.to_owned();
    };
    let found = found.split(' ').next().unwrap_or(found);
    let wanted = if wanted.starts_with("BoundedNumber") {
        "number"
    } else if wanted.starts_with("Array") {
        "array"
    } else if wanted == "char" {
        "string"
    } else {
        wanted
    };
    format!("Unexpected type {found}, expected {wanted}")
}

/// Messages of builtin functions that go-jsonnet words otherwise.
fn runtime_message(message: &str) -> String {
    match message {
        "shift by negative exponent" => "Shift by negative exponent.".to_owned(),
        "slice step must be >= 1" => "got 0 but step must be greater than 0".to_owned(),
        _ => match message.strip_suffix("\" is not a base 10 integer") {
            Some(text) => {
                format!("{} is not a base 10 integer", text.trim_start_matches('"'))
            }
            None => message.to_owned(),
        },
    }
}

fn static_message(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    if let Some(variable) = first.strip_prefix("undefined local: ") {
        return format!("Unknown variable: {variable}");
    }
    if let Some(variable) = first.strip_prefix("local is already defined in the current frame: ") {
        return format!("Duplicate local var: {variable}");
    }
    match first {
        "`self` used outside of object" => "Can't use self outside of an object.",
        "`super` used outside of object" => "Can't use super outside of an object.",
        "`$` used outside of object" => "No top-level object found.",
        "import path must be a string literal" => "Computed imports are not allowed",
        other => other,
    }
    .to_owned()
}

/// The word that a static error complains about without saying where it is.
pub(super) fn misplaced(message: &str) -> Option<&'static str> {
    match message {
        "Can't use self outside of an object." => Some("self"),
        "Can't use super outside of an object." => Some("super"),
        "No top-level object found." => Some("$"),
        _ => None,
    }
}

/// The message of a call with more arguments than the function takes.
pub(super) fn too_many_arguments(taken: usize, given: usize) -> String {
    format!("function expected {taken} positional argument(s), but got {given}")
}

/// The message of an assertion that has none.
pub(super) fn failed_assertion(member: bool) -> &'static str {
    if member { "Object assertion failed." } else { "Assertion failed" }
}

fn syntax_message(message: &str) -> String {
    match message {
        "unexpected end of file" => "Unexpected end of file".to_owned(),
        "unterminated single-quoted string" | "unterminated double-quoted string" => {
            "Unterminated String".to_owned()
        }
        "expected ';', got end of file" => "Expected , or ; but got end of file".to_owned(),
        "expected 'then', got end of file" => "Expected token then but got end of file".to_owned(),
        "expected '=', got end of file" => "Expected operator = but got end of file".to_owned(),
        "expected field name, got end of file" => {
            "Unexpected: end of file while parsing field definition".to_owned()
        }
        "expected ']', got end of file" => "Expected a comma before next array element".to_owned(),
        "text block first line must be indented" => {
            "Text block's first line must start with whitespace".to_owned()
        }
        other if other.starts_with("expected '}', got ") => {
            "Expected a comma before next field".to_owned()
        }
        other if other.starts_with("expected ']', got ") => {
            "Expected a comma before next array element".to_owned()
        }
        other if other.starts_with("expected end of file, got ") => {
            let (kind, text) = token(other);
            format!("Did not expect: ({kind}, {text})")
        }
        other if other.starts_with("expected ':', got ") => {
            let (kind, text) = token(other);
            format!("Expected token OPERATOR but got ({kind}, {text})")
        }
        other => other
            .strip_prefix("unexpected ")
            .and_then(|token| token.strip_prefix('\'')?.strip_suffix('\''))
            .map_or_else(
                || other.to_owned(),
                |token| format!("Unexpected: \"{token}\" while parsing terminal"),
            ),
    }
}

/// The kind and the text of the token that a syntax error got, as go-jsonnet shows tokens.
fn token(message: &str) -> (&'static str, &str) {
    let got = message.rsplit_once(", got ").map_or("", |(_, got)| got);
    match got.split_once(' ') {
        Some(("number", text)) => ("NUMBER", text),
        Some(("identifier", text)) => ("IDENTIFIER", text),
        _ => ("OPERATOR", got),
    }
}
