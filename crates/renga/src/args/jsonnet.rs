//! Flags of evaluation: external variables, top-level arguments, the evaluator.

use clap::Args;

use super::values::ArgumentFault;

/// External variables, top-level arguments and limits of one evaluation.
#[derive(Debug, Default, Clone, Args)]
pub(crate) struct VariableArgs {
    /// External variable set to the value of an expression, as key=<code> (can be repeated)
    #[arg(long, value_name = "key=code", value_parser = binding::<ExtCode>)]
    pub(crate) ext_code: Vec<VariableBinding>,
    /// External variable set to the value of a Jsonnet file, as key=filename (can be repeated)
    #[arg(long, value_name = "key=file", value_parser = binding::<ExtCodeFile>)]
    pub(crate) ext_code_file: Vec<VariableBinding>,
    /// External variable set to a string, as key=value (can be repeated)
    #[arg(long, short = 'V', value_name = "key=value", value_parser = binding::<ExtStr>)]
    pub(crate) ext_str: Vec<VariableBinding>,
    /// External variable set to the text of a file, as key=filename (can be repeated)
    #[arg(long, value_name = "key=file", value_parser = binding::<ExtStrFile>)]
    pub(crate) ext_str_file: Vec<VariableBinding>,
    /// Top-level argument set to the value of an expression, as key=<code> (can be repeated)
    #[arg(long, value_name = "key=code", value_parser = binding::<TlaCode>)]
    pub(crate) tla_code: Vec<VariableBinding>,
    /// Top-level argument set to the value of a Jsonnet file, as key=filename (can be repeated)
    #[arg(long, value_name = "key=file", value_parser = binding::<TlaCodeFile>)]
    pub(crate) tla_code_file: Vec<VariableBinding>,
    /// Top-level argument set to a string, as key=value (can be repeated)
    #[arg(long, short = 'A', value_name = "key=value", value_parser = binding::<TlaStr>)]
    pub(crate) tla_str: Vec<VariableBinding>,
    /// Top-level argument set to the text of a file, as key=filename (can be repeated)
    #[arg(long, value_name = "key=file", value_parser = binding::<TlaStrFile>)]
    pub(crate) tla_str_file: Vec<VariableBinding>,
    /// Deepest call stack of an evaluation (0: the evaluator's own limit of 500)
    #[arg(
        long,
        value_name = "frames",
        default_value_t = 0,
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    pub(crate) max_stack: i64,
}

impl VariableArgs {
    /// The external variables, in the order in which later ones win.
    pub(crate) fn external(&self) -> impl Iterator<Item = &VariableBinding> {
        let groups = [&self.ext_code, &self.ext_str, &self.ext_code_file, &self.ext_str_file];
        groups.into_iter().flatten()
    }

    /// The top-level arguments, in the order in which later ones win.
    pub(crate) fn top_level(&self) -> impl Iterator<Item = &VariableBinding> {
        let groups = [&self.tla_code, &self.tla_str, &self.tla_code_file, &self.tla_str_file];
        groups.into_iter().flatten()
    }

    /// The limit of the call stack; 0 stands for the evaluator's own.
    pub(crate) fn stack_limit(&self) -> u32 {
        u32::try_from(self.max_stack.max(0)).unwrap_or(u32::MAX)
    }
}

/// How the text of a variable is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VariableKind {
    /// The string itself.
    String,
    /// An expression.
    Code,
    /// The path of a file whose text is the value.
    StringFile,
    /// The path of a file that is evaluated.
    CodeFile,
}

/// A variable given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VariableBinding {
    /// The name.
    pub(crate) key: String,
    /// What the name is bound to.
    pub(crate) value: String,
    /// How to read `value`.
    pub(crate) kind: VariableKind,
}

/// The flag a binding stands behind: decides kind and wording.
trait BindingFlag {
    const NAME: &'static str;
    const SHAPE: &'static str;
    const KIND: VariableKind;
}

macro_rules! binding_flags {
    ($($flag:ident $name:literal $shape:literal $kind:ident;)*) => {$(
        struct $flag;
        impl BindingFlag for $flag {
            const NAME: &'static str = $name;
            const SHAPE: &'static str = $shape;
            const KIND: VariableKind = VariableKind::$kind;
        }
    )*};
}

binding_flags! {
    ExtCode "ext-code" "key=<code>" Code;
    ExtCodeFile "ext-code-file" "key=filename" CodeFile;
    ExtStr "ext-str" "key=<value>" String;
    ExtStrFile "ext-str-file" "key=filename" StringFile;
    TlaCode "tla-code" "key=<code>" Code;
    TlaCodeFile "tla-code-file" "key=filename" CodeFile;
    TlaStr "tla-str" "key=<value>" String;
    TlaStrFile "tla-str-file" "key=filename" StringFile;
}

fn binding<F: BindingFlag>(text: &str) -> Result<VariableBinding, ArgumentFault> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(ArgumentFault::fatal(format!(
            "{} argument has wrong format: `{text}`. Expected `{}`",
            F::NAME,
            F::SHAPE
        )));
    };
    Ok(VariableBinding { key: key.to_owned(), value: value.to_owned(), kind: F::KIND })
}

/// Which evaluator to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct EngineArgs {
    /// Evaluator: `go` for the one built in, binary:<path> for a program that takes the flags of jsonnet
    #[arg(long, value_name = "engine", default_value = "go")]
    pub(crate) jsonnet_implementation: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_keeps_later_equal_signs_and_says_which_flag_is_wrong() {
        let found = binding::<TlaStr>("a=b=c").unwrap();
        assert_eq!((found.key.as_str(), found.value.as_str()), ("a", "b=c"));
        let fault = binding::<ExtCode>("x").unwrap_err();
        assert_eq!(fault.text, "ext-code argument has wrong format: `x`. Expected `key=<code>`");
        assert!(fault.fatal);
    }
}
