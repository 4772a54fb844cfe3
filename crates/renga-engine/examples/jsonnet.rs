//! A `jsonnet` command with the flags that test suites need, on top of the library.
//!
//! The flags and outputs are go-jsonnet's: `-e`, `-S`, `-m DIR`, `-y`, `-s N`, `-t N`, `-o FILE`, `-J DIR`,
//! `-V/-A/--ext-str/--ext-code/--tla-str/--tla-code` with their `-file` forms. `--name` sets how
//! messages call the file, `--stress` collects garbage at every step, `--stats` reports memory.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use renga_engine::{Evaluation, Host, Output, Settings, Source, Variable};

#[derive(Default)]
struct Files {
    library: Vec<PathBuf>,
    known: RefCell<HashMap<PathBuf, Arc<Source>>>,
}

fn joined(directory: &Path, path: &str) -> PathBuf {
    let mut parts: Vec<std::path::Component<'_>> = Vec::new();
    let whole = directory.join(path);
    for part in whole.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir
                if matches!(parts.last(), Some(std::path::Component::Normal(_))) =>
            {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.iter().collect()
}

impl Host for Files {
    fn import(&self, from: &str, path: &str) -> Result<Arc<Source>, String> {
        let directory = Path::new(from).parent().unwrap_or(Path::new("")).to_owned();
        let own = [directory];
        for directory in own.iter().chain(self.library.iter().rev()) {
            let full = joined(directory, path);
            if let Some(source) = self.known.borrow().get(&full) {
                return Ok(source.clone());
            }
            if full.is_dir() {
                return Err(format!("read {}: is a directory", full.display()));
            }
            if let Ok(bytes) = fs_err::read(&full) {
                let source = Arc::new(Source::new(full.to_string_lossy(), bytes));
                self.known.borrow_mut().insert(full, source.clone());
                return Ok(source);
            }
        }
        Err(format!(
            "couldn't open import {path:?}: no match locally or in the Jsonnet library paths"
        ))
    }

    fn trace(&self, file: &str, line: u32, message: &str) {
        eprintln!("TRACE: {file}:{line} {message}");
    }

    fn native(&self, name: &str) -> Option<Vec<String>> {
        match name {
            "jsonToString" => Some(vec!["x".to_owned()]),
            "nativeError" | "nativePanic" => Some(Vec::new()),
            _ => None,
        }
    }

    fn call_native(
        &self,
        name: &str,
        arguments: &[serde_json::Value],
    ) -> Result<serde_json::Value, String> {
        match name {
            "jsonToString" => Ok(serde_json::Value::String(arguments[0].to_string())),
            "nativePanic" => {
                Err("native function \"nativePanic\" panicked: native function panic".to_owned())
            }
            _ => Err("native function error".to_owned()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what `jsonnet` does for a name without a value")]
fn env_var(name: &str) -> String {
    std::env::var_os(name).unwrap_or_default().to_string_lossy().into_owned()
}

struct Options {
    settings: Settings,
    host: Files,
    input: Option<String>,
    code: bool,
    name: Option<String>,
    output: Output,
    target: Option<PathBuf>,
    multi: Option<PathBuf>,
    frames: usize,
    stats: bool,
    repeat: usize,
}

fn variable(text: &str, code: bool, file: bool) -> Result<(String, Variable), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None if file => return Err(format!("argument not in form <var>=<file> \"{text}\"")),
        None => (text.to_owned(), env_var(text)),
    };
    let value = if file {
        fs_err::read_to_string(&value).map_err(|error| error.to_string())?
    } else {
        value
    };
    Ok((name, if code { Variable::Code(value) } else { Variable::Str(value) }))
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        settings: Settings::default(),
        host: Files::default(),
        input: None,
        code: false,
        name: None,
        output: Output::Json,
        target: None,
        multi: None,
        frames: 20,
        stats: false,
        repeat: 1,
    };
    let mut arguments = std::env::args().skip(1);
    let mut text = false;
    while let Some(argument) = arguments.next() {
        let (flag, inline) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => {
                (flag.to_owned(), Some(value.to_owned()))
            }
            _ => (argument.clone(), None),
        };
        let mut value = || {
            inline.clone().or_else(|| arguments.next()).ok_or(format!("{argument}: value missing"))
        };
        match flag.as_str() {
            "-e" | "--exec" => options.code = true,
            "-S" | "--string" => text = true,
            "-y" | "--yaml-stream" => options.output = Output::Documents,
            "-m" | "--multi" => options.multi = Some(value()?.into()),
            "-o" | "--output-file" => options.target = Some(value()?.into()),
            "-J" | "--jpath" => options.host.library.push(value()?.into()),
            "-s" | "--max-stack" => {
                options.settings.max_stack =
                    value()?.parse().map_err(|_| "bad number".to_owned())?;
            }
            "-t" | "--max-trace" => {
                options.frames = value()?.parse().map_err(|_| "bad number".to_owned())?;
            }
            "--name" => options.name = Some(value()?),
            "--stress" => options.settings.stress = true,
            "--stats" => options.stats = true,
            "--repeat" => options.repeat = value()?.parse().map_err(|_| "bad number".to_owned())?,
            "-V" | "--ext-str" => {
                options.settings.ext_vars.push(variable(&value()?, false, false)?);
            }
            "--ext-str-file" => options.settings.ext_vars.push(variable(&value()?, false, true)?),
            "--ext-code" => options.settings.ext_vars.push(variable(&value()?, true, false)?),
            "--ext-code-file" => options.settings.ext_vars.push(variable(&value()?, true, true)?),
            "-A" | "--tla-str" => options.settings.tlas.push(variable(&value()?, false, false)?),
            "--tla-str-file" => options.settings.tlas.push(variable(&value()?, false, true)?),
            "--tla-code" => options.settings.tlas.push(variable(&value()?, true, false)?),
            "--tla-code-file" => options.settings.tlas.push(variable(&value()?, true, true)?),
            "--" => options.input = arguments.next(),
            _ => options.input = Some(argument),
        }
    }
    if options.multi.is_some() {
        options.output = if text { Output::TextFiles } else { Output::Files };
    } else if text {
        options.output = Output::Text;
    }
    Ok(options)
}

fn run() -> Result<(), String> {
    let mut options = options()?;
    let host: Rc<Files> = Rc::new(std::mem::take(&mut options.host));
    let input = options.input.clone().ok_or("no input")?;
    let (name, bytes) = if options.code {
        ("<cmdline>".to_owned(), input.into_bytes())
    } else if input == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)
            .map_err(|error| error.to_string())?;
        ("<stdin>".to_owned(), bytes)
    } else {
        (input.clone(), fs_err::read(&input).map_err(|error| error.to_string())?)
    };
    let source = match &options.name {
        Some(name) => Source::new(name.as_str(), bytes),
        None if name.starts_with('<') => Source::snippet(name, bytes),
        None => Source::new(name, bytes),
    };
    let source = Arc::new(source);
    let mut pieces = Vec::new();
    for _ in 0..options.repeat {
        let mut evaluation = Evaluation::new(host.clone(), &options.settings, &source)
            .map_err(|error| error.text(options.frames))?;
        pieces = evaluation.manifest(options.output).map_err(|error| error.text(options.frames))?;
        if options.stats {
            eprintln!("memory: {}", evaluation.memory());
        }
    }
    let mut out = String::new();
    if let Some(directory) = &options.multi {
        for (name, text) in pieces {
            let path = directory.join(&name);
            let _ = writeln!(out, "{}", path.display());
            fs_err::write(path, text + "\n").map_err(|error| error.to_string())?;
        }
    } else if options.output == Output::Documents {
        for (_, text) in &pieces {
            let _ = writeln!(out, "---\n{text}");
        }
        if !pieces.is_empty() {
            out.push_str("...\n");
        }
    } else {
        for (_, text) in pieces {
            out.push_str(&text);
            out.push('\n');
        }
    }
    match options.target {
        Some(path) => fs_err::write(path, out).map_err(|error| error.to_string())?,
        None => print!("{out}"),
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
