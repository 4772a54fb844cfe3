//! `helm template`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_diag::{ExitStatus, Report};
use renga_gotemplate::{ExecError, Options, ParseError, Template, Value, sprig_functions};
use renga_helm::{
    Manifest, OutputFile, PrintOptions, Release, RenderError, RenderOptions, Rendered, Renderer,
    SourceFiles,
};
use renga_project::{DiskSource, clean};

use super::helm::{self, Teller};
use super::world::{Randomness, world};
use super::{CommandError, Outcome};
use crate::args::{HelmTemplateArgs, LogLevel, ReleaseArgs};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga helm template`.
pub(super) fn template(
    args: &HelmTemplateArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let compat = helm::compat(&args.capabilities);
    let teller = Teller { exact: settings.is_given("helm_compat") };
    let (name, reference) = name_and_chart(&args.release)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let capabilities = helm::capabilities(&args.capabilities, compat)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let values = helm::given_values(&args.values, compat, settings)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let loaded = helm::chart(reference, &args.source, compat, teller, settings, printer)?;
    without_huge_pages();

    let randomness = if args.deterministic { Randomness::Derived } else { Randomness::Real };
    let options = RenderOptions {
        release: Release {
            is_upgrade: args.is_upgrade,
            ..Release::new(name, helm::namespace(&args.release.namespace, settings))
        },
        capabilities,
        skip_schema_validation: args.skip_schema_validation,
        enable_dns: args.enable_dns,
        world: world(randomness)?,
        schema_files: Arc::new(SourceFiles(&DiskSource)),
        ..RenderOptions::new(compat)
    };
    let renderer = Renderer::new();
    let rendered = match renderer.render_once(&loaded.chart, &values, &options) {
        Ok(rendered) => rendered,
        Err(error) => return Err(refuse(&error, args.debug, teller, printer)),
    };
    helm::warn(&rendered.warnings, printer);
    if args.deterministic {
        for manifest in rendered.nondeterministic_manifests() {
            let what = format!("{}/{}", manifest.kind, manifest.name);
            let text = format!("{what} has values that are derived from release and chart");
            printer.log(LogLevel::WARN, &text, &[]);
        }
    }
    let print = PrintOptions {
        include_crds: args.include_crds,
        no_hooks: args.no_hooks,
        skip_tests: args.skip_tests,
        show_only: args.show_only.clone(),
    };
    if let Some(object) = &args.explain {
        return explain(&rendered, object, printer);
    }
    if let Some(dir) = &args.output_dir {
        let below = if args.release_name { options.release.name.as_str() } else { "" };
        return write_files(&rendered.output_files(&print), dir, below, settings, printer);
    }
    if print.show_only.is_empty() {
        print_pieces(rendered.pieces(&print), printer)?;
    } else {
        let output = rendered
            .template_output(&print)
            .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
        printer.data_bytes(&output)?;
    }
    // The process ends: taking the trees apart would be time lost.
    std::mem::forget((renderer, loaded, rendered));
    Ok(ExitStatus::Success)
}

/// Takes memory from the system in small pages from now on.
///
/// The allocator asks for huge ones, which suits long evaluations. What one rendering needs is spread
/// thinly by sizes and threads: half of every huge page would stay empty.
fn without_huge_pages() {
    #[cfg(target_os = "linux")]
    // A system that cannot do so does as it did before.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Prints without having everything in memory at once.
fn print_pieces(
    pieces: impl Iterator<Item = Vec<u8>>,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    /// How many bytes are worth to be written (pipes take no more at a time).
    const ENOUGH: usize = 64 * 1024;
    let mut waiting = Vec::with_capacity(2 * ENOUGH);
    for piece in pieces {
        waiting.extend_from_slice(&piece);
        if waiting.len() >= ENOUGH {
            printer.data_bytes(&waiting)?;
            waiting.clear();
        }
    }
    Ok(printer.data_bytes(&waiting)?)
}

fn refuse(error: &RenderError, debug: bool, teller: Teller, printer: &mut Printer) -> CommandError {
    if !debug {
        return teller.failed(error, &error.helm_text(), printer);
    }
    if let RenderError::Document(fault) = error {
        let text = format!("---\n# Source: {}\n{}\n", fault.path, fault.document);
        if let Err(error) = printer.data(format_args!("{text}")) {
            return error.into();
        }
    }
    teller.failed(error, &error.to_string(), printer)
}

/// Why there is no name.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum NameFault {
    /// It is given twice.
    #[error("cannot set --{flag} and also specify a name")]
    #[diagnostic(code(renga::helm_name), help("leave out the one or the other"))]
    Twice { flag: &'static str },
    /// The template of the name does not parse.
    #[error("{0}")]
    #[diagnostic(code(renga::helm_name), help("`--name-template` takes a Go template"))]
    Parse(ParseError),
    /// The template of the name fails.
    #[error("{0}")]
    #[diagnostic(code(renga::helm_name), help("`--name-template` takes a Go template"))]
    Execute(ExecError),
}

/// The release's name and the chart, out of one or two words.
fn name_and_chart(args: &ReleaseArgs) -> Result<(String, &str), NameFault> {
    match args.words.as_slice() {
        [name, chart] => {
            if args.generate_name {
                return Err(NameFault::Twice { flag: "generate-name" });
            }
            if !args.name_template.is_empty() {
                return Err(NameFault::Twice { flag: "name-template" });
            }
            Ok((name.clone(), chart))
        }
        words => {
            let chart = words.last().map_or("", String::as_str);
            // Helm has a name ready, so `--generate-name` never gets to make one up.
            let name = match args.name_template.as_str() {
                "" => Release::default().name,
                template => name_of(template)?,
            };
            Ok((name, chart))
        }
    }
}

fn name_of(text: &str) -> Result<String, NameFault> {
    let functions = Arc::clone(sprig_functions());
    let template = Template::parse("name-template", text, &functions).map_err(NameFault::Parse)?;
    let mut name = Vec::new();
    template.execute(&Value::Nil, &mut name, &Options::default()).map_err(NameFault::Execute)?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// No object is called what was asked for.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the chart renders no object `{asked}`")]
#[diagnostic(code(renga::helm_explain))]
struct NoObject {
    asked: String,
    #[help]
    help: String,
}

impl Report for NoObject {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Prints where objects come from, and the objects.
fn explain(rendered: &Rendered, asked: &str, printer: &mut Printer) -> Outcome {
    let name = |manifest: &Manifest| format!("{}/{}", manifest.kind, manifest.name);
    let all = || rendered.manifests.iter().chain(rendered.hooks.iter().map(|hook| &hook.manifest));
    let found: Vec<&Manifest> =
        all().filter(|manifest| name(manifest).eq_ignore_ascii_case(asked)).collect();
    if found.is_empty() {
        let names: Vec<String> = all().map(|manifest| format!("`{}`", name(manifest))).collect();
        let help = format!("it renders {}", names.join(", "));
        return Err(NoObject { asked: asked.to_owned(), help }.into());
    }
    for manifest in found {
        let (name, path, text) = (name(manifest), &manifest.path, manifest.text.trim_end());
        printer.data(format_args!("# {name} comes from {path}\n{text}\n"))?;
    }
    Ok(ExitStatus::Success)
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot write `{}`", path.display())]
#[diagnostic(code(renga::helm_output), help("check the path and the right to write there"))]
struct WriteError {
    path: PathBuf,
    source: std::io::Error,
}

impl Report for WriteError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

fn write_files(
    files: &[OutputFile],
    dir: &Path,
    release: &str,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let released = if release.is_empty() { dir.to_owned() } else { clean(&dir.join(release)) };
    for file in files {
        // Helm tells of every manifest, and of the folder as it was given.
        let given = if file.in_release { &released } else { dir };
        let shown = format!("{}/{}", given.display(), file.path);
        let dir = settings.absolute(given);
        let path = dir.join(&file.path);
        let write = || -> std::io::Result<()> {
            fs_err::create_dir_all(path.parent().unwrap_or(&dir))?;
            let mut options = fs_err::OpenOptions::new();
            options.create(true).write(true).append(file.append).truncate(!file.append);
            options.open(&path)?.write_all(&file.data)
        };
        write().map_err(|source| WriteError { path: path.clone(), source })?;
        printer.data(format_args!("wrote {shown}\n"))?;
    }
    printer.data(format_args!("\n"))?;
    Ok(ExitStatus::Success)
}
