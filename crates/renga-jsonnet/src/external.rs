//! Another program as the evaluator (`binary:PATH`).
//!
//! The program is called as `jsonnet` is, for each request anew, and prints JSON. It knows no
//! native functions; ext vars and top-level arguments are passed as code.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use renga_project::{SourceRecord, go_io_text};

use crate::engine::{Engine, Evaluated, Session};
use crate::error::{ErrorKind, EvalError};
use crate::request::{Log, Request, Variable, Variables};
use crate::value::with_f64_numbers;

/// An engine that calls a program.
#[derive(Clone)]
pub struct ExternalEngine {
    program: PathBuf,
    log: Arc<dyn Log>,
}

impl ExternalEngine {
    /// An engine that calls `program` and passes what it says on standard error to `log`.
    pub fn new(program: impl Into<PathBuf>, log: Arc<dyn Log>) -> Self {
        Self { program: program.into(), log }
    }
}

impl Engine for ExternalEngine {
    fn session(&self) -> Box<dyn Session> {
        Box::new(self.clone())
    }
}

impl Session for ExternalEngine {
    fn evaluate(&mut self, request: &Request) -> Result<Evaluated, EvalError> {
        let mut command = Command::new(&self.program);
        for directory in request.search_path.directories().iter().rev() {
            command.arg("-J").arg(directory);
        }
        if request.max_stack > 0 {
            command.arg("--max-stack").arg(request.max_stack.to_string());
        }
        variables(&mut command, "--ext-code", &request.ext_vars);
        variables(&mut command, "--tla-code", &request.tlas);
        match &request.expression {
            Some(expression) => {
                let entrypoint = string_literal(&request.entrypoint.display().to_string());
                command
                    .arg("-e")
                    .arg(format!("{}\n{expression}", main_binding(&entrypoint, request)));
            }
            None => {
                command.arg(&request.entrypoint);
            }
        }
        let what = match request.expression {
            Some(_) => "anonymous snippet".to_owned(),
            None => format!("file {}", request.entrypoint.display()),
        };
        let output = command.stdin(Stdio::null()).output().map_err(|error| {
            // tk logs what the program said in this case, too: nothing.
            self.log.message("");
            let (program, error) = (self.program.display(), go_io_text(&error));
            failed(&format!("error running {what}: fork/exec {program}: {error}\n"))
        })?;
        for chunk in String::from_utf8_lossy(&output.stderr).split("\n\n") {
            self.log.message(chunk);
        }
        if !output.status.success() {
            let printed = String::from_utf8_lossy(&output.stdout);
            let exit = exit_text(output.status);
            return Err(failed(&format!("error running {what}: {exit}\n{printed}")));
        }
        let value = serde_json::from_slice(&output.stdout).map_err(|error| {
            failed(&format!("`{}` printed no JSON: {error}", self.program.display()))
        })?;
        Ok(Evaluated::new(with_f64_numbers(value)))
    }

    /// What the program reads is not known.
    fn take_reads(&mut self) -> SourceRecord {
        SourceRecord::default()
    }
}

/// The code that binds `main` for an expression.
fn main_binding(entrypoint: &str, request: &Request) -> String {
    let arguments: Vec<String> =
        request.tlas.iter().map(|(name, variable)| format!("{name}={}", code(variable))).collect();
    let arguments = arguments.join(", ");
    format!(
        "local imported = (import {entrypoint}); \
         local main = if std.isFunction(imported) then imported({arguments}) else imported;"
    )
}

fn variables(command: &mut Command, flag: &str, variables: &Variables) {
    for (name, variable) in variables {
        command.arg(flag).arg(format!("{name}={}", code(variable)));
    }
}

/// A variable as Jsonnet code.
fn code(variable: &Variable) -> String {
    match variable {
        Variable::String(text) => string_literal(text),
        Variable::Code(code) => code.clone(),
        Variable::StringFile(path) => format!("importstr {}", path_literal(path)),
        Variable::CodeFile(path) => format!("import {}", path_literal(path)),
    }
}

fn path_literal(path: &Path) -> String {
    string_literal(&path.display().to_string())
}

fn string_literal(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn failed(message: &str) -> EvalError {
    EvalError::new(ErrorKind::Engine, message)
}

fn exit_text(status: std::process::ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => "terminated by a signal".to_owned(),
    }
}
