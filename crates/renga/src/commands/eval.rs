//! `eval`: what the Jsonnet of an environment evaluates to, as JSON.

use renga_diag::ExitStatus;
use renga_env::SPEC_FILE;
use renga_jsonnet::with_big_stack;
use renga_project::{DiskSource, Entrypoint};

use super::world::Randomness;
use super::{Outcome, evaluation};
use crate::args::EvalArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga eval`.
pub(super) fn eval(args: &EvalArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    evaluation::refuse_empty(&args.path, "stat ")?;
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.engine.jsonnet_implementation,
        Randomness::of(settings),
        settings,
        printer,
    )?;
    let location = evaluation::location(&args.path, settings);
    // Static settings are known without evaluating anything, and may deserve a warning.
    let is_static = Entrypoint::resolve(&DiskSource, &location.path)
        .is_ok_and(|entrypoint| entrypoint.base.join(SPEC_FILE).exists());
    if is_static {
        let found = evaluator.worker().peek(&location, "")?;
        evaluation::warn_deprecated(&found, printer);
    }
    let expression = on_main(&args.expression);
    let value = with_big_stack(|| evaluator.worker().evaluate(&location, expression.as_deref()))?;
    printer.page(renga_gojson::to_string_pretty(&value, "  ").as_bytes())?;
    Ok(ExitStatus::Success)
}

/// The expression that `--eval` means: a path into the value, which is called `main`.
fn on_main(expression: &str) -> Option<String> {
    match expression {
        "" => None,
        _ if expression.starts_with('[') => Some(format!("main{expression}")),
        _ => Some(format!("main.{expression}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_paths_into_main() {
        assert_eq!(on_main("a.b").as_deref(), Some("main.a.b"));
        assert_eq!(on_main("[0].a").as_deref(), Some("main[0].a"));
        assert_eq!(on_main(""), None);
    }
}
