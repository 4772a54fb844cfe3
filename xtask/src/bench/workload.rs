//! What is measured: the workloads, and how each program is asked for them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::fleet::Fleet;

/// File names that are unique over a whole fleet.
const FORMAT: &str = "{{env.spec.namespace}}/{{.kind}}-{{.metadata.name}}";

/// The programs that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Renga,
    Tk,
    Jsonnet,
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Renga => "renga",
            Self::Tk => "tk",
            Self::Jsonnet => "jsonnet",
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the programs to compare with are those on PATH")]
    pub(crate) fn on_path(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join(self.name())).find(|file| file.is_file())
    }
}

/// What a program says about its version, without a time it may print before it.
pub(crate) fn version(file: &Path) -> String {
    let Ok(output) = Command::new(file).arg("--version").output() else {
        return "unknown".to_owned();
    };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("unknown");
    line.find(char::is_alphabetic).map_or(line, |start| &line[start..]).trim().to_owned()
}

/// The workspace in which a workload runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Empty,
    Static,
    Inline,
}

impl Place {
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Static => "static",
            Self::Inline => "inline",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Version,
    List,
    Eval,
    Show,
    Export,
}

/// Something users wait for.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// In words, for the document.
    pub(crate) about: &'static str,
    pub(crate) place: Place,
    /// Whether each run finds the results of the one before it.
    pub(crate) repeats: bool,
    /// Whether it writes a tree of files.
    pub(crate) writes: bool,
    /// Whether renga and tk are to write the same bytes.
    pub(crate) same_bytes: bool,
    task: Task,
}

/// All workloads.
pub(crate) static WORKLOADS: [Workload; 7] = [
    Workload {
        name: "version",
        about: "`--version`",
        place: Place::Empty,
        repeats: false,
        writes: false,
        same_bytes: false,
        task: Task::Version,
    },
    Workload {
        name: "env-list",
        about: "`env list` of all static environments",
        place: Place::Static,
        repeats: false,
        writes: false,
        same_bytes: true,
        task: Task::List,
    },
    Workload {
        name: "eval",
        about: "`eval` of one environment",
        place: Place::Static,
        repeats: false,
        writes: false,
        same_bytes: true,
        task: Task::Eval,
    },
    Workload {
        name: "show",
        about: "`show` of one environment",
        place: Place::Static,
        repeats: false,
        writes: false,
        same_bytes: true,
        task: Task::Show,
    },
    Workload {
        name: "export",
        about: "`export --recursive` of all static environments, nothing cached, into a new directory",
        place: Place::Static,
        repeats: false,
        writes: true,
        same_bytes: true,
        task: Task::Export,
    },
    Workload {
        name: "export-again",
        about: "the same export once more with `--merge-strategy replace-envs`, nothing changed",
        place: Place::Static,
        repeats: true,
        writes: true,
        same_bytes: true,
        task: Task::Export,
    },
    Workload {
        name: "export-inline",
        about: "`export --recursive` of the inline environments, nothing cached, into a new directory",
        place: Place::Inline,
        repeats: false,
        writes: true,
        same_bytes: true,
        task: Task::Export,
    },
];

impl Workload {
    /// The words after the program's name; `None` if it has no such task.
    pub(crate) fn arguments(&self, program: Program, output: &Path) -> Option<Vec<String>> {
        let environment = Fleet::environment(0);
        let output = output.display().to_string();
        let words: Vec<&str> = match (self.task, program) {
            (Task::Version, _) => vec!["--version"],
            (Task::List, Program::Renga | Program::Tk) => vec!["env", "list", "environments"],
            (Task::Eval, Program::Renga | Program::Tk) => vec!["eval", &environment],
            (Task::Eval, Program::Jsonnet) => {
                let main = format!("{environment}/main.jsonnet");
                return Some(["-J", "vendor", "-J", "lib", &main].map(str::to_owned).to_vec());
            }
            (Task::Show, Program::Renga | Program::Tk) => {
                vec!["show", &environment, "--dangerous-allow-redirect"]
            }
            (Task::Export, Program::Renga | Program::Tk) => {
                let mut words =
                    vec!["export", &output, "environments", "--recursive", "--format", FORMAT];
                if self.repeats {
                    words.extend(["--merge-strategy", "replace-envs"]);
                }
                words
            }
            (Task::List | Task::Show | Task::Export, Program::Jsonnet) => return None,
        };
        Some(words.into_iter().map(str::to_owned).collect())
    }
}
