//! Evaluates a file and prints its JSON: `eval FILE [DIRECTORY…]`, directories from the highest
//! rank down.

use std::path::PathBuf;
use std::sync::Arc;

use renga_diag::Report;
use renga_jsonnet::{
    Engine, JrsonnetEngine, Limits, Request, SearchPath, SilentLog, Sources, standard,
    with_big_stack,
};
use renga_project::DiskSource;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "an example program")]
fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(entrypoint) = arguments.next() else {
        eprintln!("usage: eval FILE [DIRECTORY…]");
        return;
    };
    let sources = Sources::new(Arc::new(DiskSource));
    let engine = JrsonnetEngine::new(sources, standard(), Limits::default(), Arc::new(SilentLog));
    let request = Request::new(entrypoint, SearchPath::new(arguments));
    with_big_stack(|| {
        let result = engine.session().evaluate(&request).and_then(|value| value.manifest());
        match result {
            Ok(value) => println!("{value:#}"),
            Err(error) => eprintln!("{}", error.tk_text()),
        }
    });
}
