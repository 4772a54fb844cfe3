//! Finding the command that a command line means, as go-clix does.
//!
//! go-clix looks for the first word that is neither a flag nor, as far as it can tell, the value of
//! one; it knows only the flags of the command it stands at, and takes every other flag for one with
//! a value. That is why a switch before the command's name swallows the name.

use clap::Command;

use super::Dialect;
use super::flags::{Flag, FlagSet};
use crate::external::External;

/// Commands that only renga has, and that `tk` therefore does not know, by their names from the root.
const RENGA_ONLY: [&[&str]; 13] = [
    &["completions"],
    &["reference"],
    &["charts"],
    &["cache"],
    &["check"],
    &["preview"],
    &["helm"],
    &["tool", "charts", "update"],
    &["tool", "charts", "outdated"],
    &["tool", "charts", "tree"],
    &["tool", "charts", "why"],
    &["tool", "charts", "verify"],
    &["tool", "charts", "remove"],
];

/// Flags that only renga has, beside the global ones.
const RENGA_ONLY_FLAGS: [&str; 16] = [
    "no-cache",
    "no-deterministic",
    "locked",
    "frozen",
    "offline",
    "verify",
    "keyring",
    "concurrency",
    "request-timeout",
    "output",
    "diff-format",
    "replace",
    "wait",
    "allow-empty",
    "cascade",
    "server-version",
];

/// Commands of tk's that take any words, and do nothing with them.
const IDLE_WORDS: [&[&str]; 4] = [
    &["tool", "charts", "init"],
    &["tool", "charts", "vendor"],
    &["tool", "charts", "config"],
    &["tool", "charts", "version-check"],
];

/// Commands without `--log-level`.
const WITHOUT_LOG_LEVEL: [&str; 1] = ["complete"];

/// Commands with `--color`, which is a flag of all commands otherwise.
const WITH_COLOR: [&str; 4] = ["apply", "delete", "diff", "prune"];

/// A command of the tree, or a program that acts as one.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// A command of the model.
    Command {
        /// Its model.
        model: &'a Command,
        /// The name it goes by: the model's, except for the root.
        name: &'a str,
        /// `--log-level`, if it has this flag.
        log_level: Option<&'a clap::Arg>,
        /// `--color`, if it has this flag.
        color: Option<&'a clap::Arg>,
        /// Whether words that it does not take do no harm.
        idle_words: bool,
        /// The commands below it.
        children: Vec<Node<'a>>,
    },
    /// A program named `tk-NAME`.
    External {
        /// The program.
        command: External,
        /// `--log-level`.
        log_level: Option<&'a clap::Arg>,
    },
}

impl<'a> Node<'a> {
    /// The tree of commands as `tk` has them.
    pub(crate) fn root(model: &'a Command, name: &'a str, externals: Vec<External>) -> Self {
        let globals = Globals::of(model);
        let log_level = globals.log_level;
        let mut children = Self::below(model, globals, &[], Dialect::Tk);
        // External commands are listed before `complete`.
        let last = children.len().saturating_sub(1);
        let externals = externals.into_iter().map(|command| Node::External { command, log_level });
        children.splice(last..last, externals);
        Self::Command { model, name, log_level: None, color: None, idle_words: false, children }
    }

    /// The tree of all commands.
    pub(crate) fn whole(model: &'a Command) -> Self {
        let children = Self::below(model, Globals::of(model), &[], Dialect::Renga);
        let name = model.get_name();
        Self::Command { model, name, log_level: None, color: None, idle_words: false, children }
    }

    /// The commands below the one at `path` that `dialect` knows.
    fn below(
        model: &'a Command,
        globals: Globals<'a>,
        path: &[&str],
        dialect: Dialect,
    ) -> Vec<Self> {
        let mut nodes = Vec::new();
        for command in model.get_subcommands() {
            let name = command.get_name();
            let path = [path, &[name]].concat();
            if dialect == Dialect::Tk && RENGA_ONLY.contains(&&*path) {
                continue;
            }
            let log_level = globals.log_level.filter(|_| !WITHOUT_LOG_LEVEL.contains(&name));
            let globals = Globals { log_level, ..globals };
            nodes.push(Node::Command {
                model: command,
                name,
                log_level,
                color: globals.color.filter(|_| WITH_COLOR.contains(&name)),
                idle_words: IDLE_WORDS.contains(&&*path),
                children: Self::below(command, globals, &path, dialect),
            });
        }
        nodes
    }

    /// The command's name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Command { name, .. } => name,
            Self::External { command, .. } => &command.name,
        }
    }

    /// The commands below.
    pub(crate) fn children(&self) -> &[Node<'a>] {
        match self {
            Self::Command { children, .. } => children,
            Self::External { .. } => &[],
        }
    }

    /// The clap model, of a command that has one.
    pub(crate) fn model(&self) -> Option<&'a Command> {
        match self {
            Self::Command { model, .. } => Some(model),
            Self::External { .. } => None,
        }
    }

    fn answers_to(&self, word: &str) -> bool {
        let is_alias = |model: &Command| model.get_all_aliases().any(|alias| alias == word);
        self.name() == word || self.model().is_some_and(is_alias)
    }

    /// The flags proper to this command that `tk` knows before it runs.
    fn own_flags(&self) -> Vec<Flag> {
        match self {
            Self::Command { model, log_level, color, .. } => {
                let own = model.get_arguments().filter(|arg| !arg.is_global_set());
                let own = own.chain(*log_level).chain(*color).filter_map(Flag::of);
                own.filter(|flag| !RENGA_ONLY_FLAGS.contains(&flag.name.as_str())).collect()
            }
            Self::External { log_level, .. } => log_level.and_then(Flag::of).into_iter().collect(),
        }
    }

    /// All flags, with `--help` and, if asked for, `--version`.
    pub(super) fn flags(&self, version: bool) -> FlagSet {
        let mut flags = self.own_flags();
        flags.push(Flag::switch("help", Some('h'), format!("help for {}", self.name())));
        if version {
            flags.push(Flag::switch("version", None, format!("version for {}", self.name())));
        }
        FlagSet::new(flags)
    }

    /// The flags as they are typed, long and short, without hidden ones.
    pub(crate) fn flag_words(&self, dialect: Dialect) -> Vec<String> {
        let FlagSet(mut flags) = self.flags(false);
        if let (Dialect::Renga, Some(model)) = (dialect, self.model()) {
            let only = model.get_arguments().filter_map(Flag::of);
            flags.extend(only.filter(|flag| RENGA_ONLY_FLAGS.contains(&flag.name.as_str())));
        }
        let shown = flags.iter().filter(|flag| !flag.hidden);
        shown
            .flat_map(|flag| {
                let short = flag.shorthand.map(|short| format!("-{short}"));
                short.into_iter().chain([format!("--{}", flag.name)])
            })
            .collect()
    }

    /// What the words of the command are, as far as the model says; `None` when it takes none.
    pub(crate) fn word_hint(&self) -> Option<clap::ValueHint> {
        match self {
            Self::External { .. } => Some(clap::ValueHint::FilePath),
            // go-clix offers files beside the commands of a group, but not at the root.
            Self::Command { children, log_level, .. } if !children.is_empty() => {
                log_level.map(|_| clap::ValueHint::FilePath)
            }
            Self::Command { model, .. } => {
                model.get_positionals().last().map(clap::Arg::get_value_hint)
            }
        }
    }

    /// Whether words that the command does not take do no harm.
    pub(super) fn has_idle_words(&self) -> bool {
        matches!(self, Self::Command { idle_words: true, .. })
    }

    /// How many words the command takes.
    pub(super) fn arity(&self) -> Arity {
        let model = match self {
            Self::External { .. } | Self::Command { idle_words: true, .. } => {
                return Arity { least: 0, most: None };
            }
            Self::Command { children, .. } if !children.is_empty() => {
                return Arity { least: 1, most: None };
            }
            Self::Command { model, .. } => model,
        };
        let mut arity = Arity { least: 0, most: Some(0) };
        for positional in model.get_positionals() {
            arity.least += usize::from(positional.is_required_set());
            let repeated = matches!(positional.get_action(), clap::ArgAction::Append);
            arity.most = if repeated { None } else { arity.most.map(|most| most + 1) };
        }
        arity
    }
}

/// Flags of all commands that are flags of single commands for tk.
#[derive(Clone, Copy)]
struct Globals<'a> {
    log_level: Option<&'a clap::Arg>,
    color: Option<&'a clap::Arg>,
}

impl<'a> Globals<'a> {
    fn of(model: &'a Command) -> Self {
        let find = |name| model.get_arguments().find(|arg| arg.get_long() == Some(name));
        Self { log_level: find("log-level"), color: find("color") }
    }
}

/// How many words a command takes, flags and their values aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arity {
    least: usize,
    most: Option<usize>,
}

impl Arity {
    /// Says what is wrong with `count` words, if anything is.
    pub(super) fn check(self, count: usize) -> Result<(), String> {
        let Self { least, most } = self;
        if count >= least && most.is_none_or(|most| count <= most) {
            return Ok(());
        }
        Err(match most {
            None => format!("expects at least {least} arg, received {count}"),
            Some(most) if most == least => format!("accepts {least} arg, received {count}"),
            Some(most) => format!("accepts between {least} and {most} args, received {count}"),
        })
    }
}

/// A word that stands where a command should.
pub(super) struct Unknown<'n, 'a> {
    /// The commands that lead there.
    pub(super) path: Vec<&'n Node<'a>>,
    /// The word.
    pub(super) word: String,
}

impl Unknown<'_, '_> {
    pub(super) fn flags(&self, version: bool) -> FlagSet {
        self.path.last().map_or_else(|| FlagSet::new(Vec::new()), |node| node.flags(version))
    }
}

/// Finds the command that `words` mean: the commands that lead to it (itself last), and the words
/// without the names of commands.
pub(super) fn find<'n, 'a>(
    root: &'n Node<'a>,
    words: &[String],
) -> Result<(Vec<&'n Node<'a>>, Vec<String>), Unknown<'n, 'a>> {
    let mut words = words.to_vec();
    let mut path = vec![root];
    let mut node = root;
    while !node.children().is_empty() {
        let Some(at) = first_word(node, &words) else { break };
        let word = words[at].clone();
        let Some(child) = node.children().iter().find(|child| child.answers_to(&word)) else {
            return Err(Unknown { path, word });
        };
        // Not the word at `at`: the first one that looks like it, be it the value of a flag.
        if let Some(first) = words.iter().position(|other| *other == word) {
            words.remove(first);
        }
        path.push(child);
        node = child;
    }
    Ok((path, words))
}

/// The first of `words` that is neither a flag nor taken for the value of one.
fn first_word(node: &Node<'_>, words: &[String]) -> Option<usize> {
    let known = FlagSet::new(node.own_flags());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return None;
        }
        let takes_value = !word.contains('=')
            && (word.strip_prefix("--").is_some_and(|name| !known.is_switch(name, false))
                || (word.len() == 2
                    && word.strip_prefix('-').is_some_and(|name| !known.is_switch(name, true))));
        if takes_value {
            if words.len() - at <= 2 {
                return None;
            }
            at += 2;
            continue;
        }
        if !word.is_empty() && !word.starts_with('-') {
            return Some(at);
        }
        at += 1;
    }
    None
}
