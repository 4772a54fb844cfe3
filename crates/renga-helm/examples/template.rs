//! `template CHART [-f FILE]… [flags]`: renders a chart to stdout, as `helm template rel CHART`.
//!
//! For comparing and measuring the library alone; what users get is `renga helm template`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use renga_helm::{
    Capabilities, Compat, KubeVersion, PrintOptions, RenderOptions, Renderer, Setting, load,
    user_values,
};
use renga_project::DiskSource;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut compat = Compat::V4;
    let mut settings = Vec::new();
    let mut print = PrintOptions::default();
    let mut names = Vec::new();
    let mut namespace = "default".to_owned();
    let (mut is_upgrade, mut skip_schema_validation) = (false, false);
    let (mut kube_version, mut api_versions) = (None, Vec::new());
    let mut times = 1;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--v3" => compat = Compat::V3,
            "-f" | "--values" => settings.push(Setting::File(value()?)),
            "--set" => settings.push(Setting::Typed(value()?)),
            "--set-string" => settings.push(Setting::Text(value()?)),
            "--set-json" => settings.push(Setting::Json(value()?)),
            "-n" | "--namespace" => namespace = value()?,
            "--kube-version" => kube_version = Some(value()?),
            "-a" | "--api-versions" => {
                api_versions.extend(value()?.split(',').map(str::to_owned));
            }
            "-s" | "--show-only" => print.show_only.push(value()?),
            "--include-crds" => print.include_crds = true,
            "--no-hooks" => print.no_hooks = true,
            "--skip-tests" => print.skip_tests = true,
            "--is-upgrade" => is_upgrade = true,
            "--skip-schema-validation" => skip_schema_validation = true,
            // Renders again and again, to measure.
            "--times" => times = value()?.parse().map_err(|_| "not a number")?,
            _ => names.push(arg),
        }
    }
    let chart = names.pop().ok_or("no chart")?;
    let mut options = RenderOptions::new(compat);
    options.release.name = names.pop().unwrap_or_else(|| "rel".to_owned());
    options.release.namespace = namespace;
    options.release.is_upgrade = is_upgrade;
    options.skip_schema_validation = skip_schema_validation;
    options.capabilities = Capabilities::defaults(compat);
    options.capabilities.api_versions.extend(api_versions);
    if let Some(version) = kube_version {
        options.capabilities.kube_version =
            KubeVersion::parse(&version, compat).map_err(|error| error.to_string())?;
    }

    let start = Instant::now();
    let mut read = |path: &str| std::fs::read(Path::new(path)).map(Into::into);
    let values = user_values(&settings, &mut read, compat).map_err(|error| error.to_string())?;
    let path = std::path::absolute(PathBuf::from(chart)).map_err(|error| error.to_string())?;
    let loaded = load(&DiskSource, &path, compat).map_err(|error| error.to_string())?;
    let after_load = start.elapsed();
    let renderer = Renderer::new();
    for _ in 1..times {
        let _ = renderer.render_once(&loaded.chart, &values, &options);
    }
    let start = Instant::now();
    let rendered = renderer
        .render_once(&loaded.chart, &values, &options)
        .map_err(|error| error.helm_text())?;
    let out = rendered.template_output(&print).map_err(|error| error.to_string())?;
    if times > 1 {
        let _ = writeln!(
            std::io::stderr(),
            "loaded in {after_load:?}, last rendering {:?}",
            start.elapsed()
        );
    }
    std::io::stdout().write_all(&out).map_err(|error| error.to_string())
}
