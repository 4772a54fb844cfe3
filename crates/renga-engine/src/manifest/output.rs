//! The result of an evaluation as text.

use crate::error::{ErrorKind, Res, failure};
use crate::eval::{Output, Vm};
use crate::heap::value::Value;

impl Vm<'_> {
    /// The result in the form asked for. The value is kept.
    pub(crate) fn written(&mut self, value: Value, output: Output) -> Res<Vec<(String, String)>> {
        match output {
            Output::Json => {
                let mut out = String::new();
                self.write_json(value, Some(0), &mut out)?;
                Ok(vec![(String::new(), out)])
            }
            Output::Text => match value {
                Value::Str(string) => Ok(vec![(String::new(), self.heap.text(string).to_string())]),
                other => {
                    let message = format!("expected string result, got: {}", other.type_name());
                    Err(failure(ErrorKind::Manifest, message))
                }
            },
            Output::Files | Output::TextFiles => self.files(value, output == Output::TextFiles),
            Output::Documents => self.documents(value),
        }
    }

    fn files(&mut self, value: Value, text: bool) -> Res<Vec<(String, String)>> {
        // Everything is evaluated before anything is written, in the order of a plain result.
        self.write_json(value, None, &mut String::new())?;
        let Value::Obj(object) = value else {
            let message = format!(
                "multi mode: top-level object was a {}, should be an object whose keys are filenames and \
                 values hold the JSON for that file.",
                value.type_name()
            );
            return Err(failure(ErrorKind::Manifest, message));
        };
        let mut files = Vec::new();
        for name in self.field_names(object, false) {
            let value = self.field_or_fail(object, name)?;
            let name = self.symbols.name(name).to_string();
            let mut out = String::new();
            match value {
                Value::Str(string) if text => out.push_str(&self.heap.text(string)),
                other if text => {
                    let go_type = match other {
                        Value::Bool(_) => "bool",
                        Value::Num(_) => "float64",
                        Value::Arr(_) => "[]interface {}",
                        Value::Obj(_) => "map[string]interface {}",
                        _ => "<nil>",
                    };
                    let message = format!(
                        "multi mode: top-level object's key {name} has a value of type {go_type}, should be a \
                         string"
                    );
                    return Err(failure(ErrorKind::Manifest, message));
                }
                value => {
                    self.stack.push(value);
                    self.write_json(value, Some(0), &mut out)?;
                    self.stack.pop();
                }
            }
            files.push((name, out));
        }
        Ok(files)
    }

    fn documents(&mut self, value: Value) -> Res<Vec<(String, String)>> {
        self.write_json(value, None, &mut String::new())?;
        let Value::Arr(array) = value else {
            let message = format!(
                "stream mode: top-level object was a {}, should be an array whose elements hold the JSON for \
                 each document in the stream.",
                value.type_name()
            );
            return Err(failure(ErrorKind::Manifest, message));
        };
        let mut documents = Vec::new();
        for at in 0..self.heap.array_len(array) {
            let value = self.element(array, at)?;
            self.stack.push(value);
            let mut out = String::new();
            self.write_json(value, Some(0), &mut out)?;
            self.stack.pop();
            documents.push((String::new(), out));
        }
        Ok(documents)
    }
}
