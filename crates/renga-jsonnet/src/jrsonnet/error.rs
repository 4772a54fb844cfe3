//! Errors of the evaluator as data, in go-jsonnet's words.

use jrsonnet_evaluator::Error;

use crate::error::{ErrorKind, EvalError, Frame, Position};
use crate::jrsonnet::library::file_name;
use crate::sources::Sources;

/// Turns an error of the evaluator into ours.
pub(super) fn convert(error: &Error, _sources: &Sources) -> EvalError {
    let mut frames = Vec::new();
    for element in &error.trace().0 {
        let Some(span) = &element.location else { continue };
        let [start, end] = span.0.map_source_locations(&[span.1, span.2]);
        let position = |location: jrsonnet_ir::CodeLocation| Position {
            line: u32::try_from(location.line).unwrap_or(u32::MAX),
            column: u32::try_from(location.column).unwrap_or(u32::MAX),
            offset: location.offset,
        };
        frames.push(Frame {
            file: file_name(&span.0),
            start: position(start),
            end: position(end),
            description: element.desc.clone(),
        });
    }
    EvalError::new(ErrorKind::Runtime, error.error().to_string()).with_frames(frames)
}
