//! Files: loading them and running them.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use renga_syntax::ImportKind;

use super::{GROWTH, Loaded, RED_ZONE, UNKNOWN, Vm};
use crate::error::{ErrorKind, Failure, Res, failure};
use crate::heap::arrays::Array;
use crate::heap::envs::NO_ENV;
use crate::heap::value::{Thunk, Value};
use crate::source::Source;

impl Vm<'_> {
    pub(super) fn import(&mut self, from: &str, kind: ImportKind, path: &str) -> Res<Value> {
        let source =
            self.host.import(from, path).map_err(|message| failure(ErrorKind::Import, message))?;
        match kind {
            ImportKind::Code => self.import_code(&source),
            ImportKind::Str | ImportKind::Bin => {
                let binary = kind == ImportKind::Bin;
                let key = (source.name().to_owned(), binary);
                if let Some(&value) = self.strings_imported.get(&key) {
                    return Ok(value);
                }
                let value = if binary {
                    self.heap.array_of(Array::Bytes(Rc::from(&**source.bytes())))
                } else {
                    self.heap.string(&*source.text())
                };
                self.strings_imported.insert(key, value);
                Ok(value)
            }
        }
    }

    fn import_code(&mut self, source: &Arc<Source>) -> Res<Value> {
        if let Some(&file) = self.by_name.get(source.name()) {
            let value = self.imported[file as usize];
            return if value == Value::Unset { self.run_import(file) } else { Ok(value) };
        }
        if source.named_json()
            && let Some(value) = self.json_file(source)
        {
            let file = self.reserve(source);
            self.imported[file as usize] = value;
            return Ok(value);
        }
        let file = self.load(source).map_err(|error| match error.place {
            // A failure of the import, in go-jsonnet.
            Some((ref place, _)) => {
                failure(ErrorKind::Runtime, format!("{place} {}", error.message))
            }
            None => error,
        })?;
        self.run_import(file)
    }

    fn run_import(&mut self, file: u32) -> Res<Value> {
        let value = self.run_file(file)?;
        self.imported[file as usize] = value;
        Ok(value)
    }

    /// A number for a file that holds no code.
    fn reserve(&mut self, source: &Arc<Source>) -> u32 {
        let code = crate::analysis::code::Code {
            nodes: Vec::new(),
            spans: Vec::new(),
            node_contexts: Vec::new(),
            contexts: Vec::new(),
            lists: Vec::new(),
            calls: Vec::new(),
            functions: Vec::new(),
            params: Vec::new(),
            fields: Vec::new(),
            objects: Vec::new(),
            specs: Vec::new(),
            comps: Vec::new(),
            binds: Vec::new(),
            text: String::new(),
            texts: Vec::new(),
            root: 0,
            frame: 0,
            lines: std::sync::OnceLock::new(),
        };
        self.add_file(source, Arc::new(code))
    }

    /// Takes a file in.
    pub(super) fn load(&mut self, source: &Arc<Source>) -> Res<u32> {
        if let Some(&file) = self.by_name.get(source.name()) {
            return Ok(file);
        }
        let code = source.code().map_err(|(message, frame, snippet)| {
            Box::new(Failure {
                kind: ErrorKind::Static,
                message,
                steps: Vec::new(),
                place: Some((frame, snippet)),
            })
        })?;
        Ok(self.add_file(source, code))
    }

    fn add_file(&mut self, source: &Arc<Source>, code: Arc<crate::analysis::code::Code>) -> u32 {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let unknown = |len: usize| vec![Cell::new(UNKNOWN); len].into_boxed_slice();
        self.files.push(Rc::new(Loaded {
            name: Rc::from(source.name()),
            number,
            symbols: unknown(code.texts.len()),
            strings: unknown(code.texts.len()),
            shapes: unknown(code.objects.len()),
            top: Cell::new(UNKNOWN),
            std: Cell::new(UNKNOWN),
            code,
            source: source.clone(),
        }));
        self.imported.push(Value::Unset);
        self.by_name.insert(source.name().to_owned(), number);
        number
    }

    /// Evaluates a file.
    pub(super) fn run_file(&mut self, file: u32) -> Res<Value> {
        let file = self.files[file as usize].clone();
        let frame = self.heap.envs.add(NO_ENV, file.number, file.code.frame);
        file.top.set(frame);
        self.enter()?;
        let value = stacker::maybe_grow(RED_ZONE, GROWTH, || {
            self.eval(&file, file.code.root, frame, false)
        })?;
        self.leave();
        Ok(value)
    }

    /// Code that is evaluated when it is asked for. A mistake in it is found then.
    pub(super) fn later(&mut self, source: &Arc<Source>) -> Res<Value> {
        let file = self.load(source)?;
        Ok(self.heap.thunk(Thunk::Code { file }))
    }
}
