//! What is measured: the workloads, and how each program is asked for them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::cluster;
use super::place::{Place, RENDERS};
use crate::fleet::Fleet;

/// File names that are unique over a whole fleet.
const FORMAT: &str = "{{env.spec.namespace}}/{{.kind}}-{{.metadata.name}}";

/// The programs that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Renga,
    Tk,
    Jsonnet,
    Helm,
    Kubectl,
}

impl Program {
    /// All of them, renga first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Renga, Self::Tk, Self::Jsonnet, Self::Helm, Self::Kubectl];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Renga => "renga",
            Self::Tk => "tk",
            Self::Jsonnet => "jsonnet",
            Self::Helm => "helm",
            Self::Kubectl => "kubectl",
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the programs to compare with are those on PATH")]
    pub(crate) fn on_path(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join(self.name())).find(|file| file.is_file())
    }

    /// What a program says about its version, without a time it may print before it.
    pub(crate) fn version(self, file: &Path) -> String {
        let words: &[&str] = match self {
            Self::Helm => &["version", "--short"],
            Self::Kubectl => &["version", "--client"],
            _ => &["--version"],
        };
        let Ok(output) = Command::new(file).args(words).output() else {
            return "unknown".to_owned();
        };
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("unknown");
        line.find(char::is_alphabetic).map_or(line, |start| &line[start..]).trim().to_owned()
    }

    /// Whether it is to write the same bytes as renga where both have a task.
    pub(crate) fn is_twin(self) -> bool {
        matches!(self, Self::Tk | Self::Helm)
    }
}

/// Something on disk that a run leaves to the next one, unless it is forgotten between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The home of the program, with all its caches.
    Cache,
    /// The tree it wrote.
    Output,
    /// The lock file of the charts.
    Lock,
}

const ALL: &[Kept] = &[Kept::Cache, Kept::Output, Kept::Lock];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Version,
    List,
    Eval,
    Show,
    Export,
    /// An export into a directory that has one already.
    ExportAgain,
    /// 100 renderings of a chart by the native function.
    Renders,
    Template,
    Vendor,
    /// A diff with the cluster that has everything.
    Diff,
    /// A diff with ten changes.
    DiffChanged,
    /// An apply with nothing to do.
    Apply,
}

/// Something users wait for.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// In words, for the document.
    pub(crate) about: &'static str,
    pub(crate) place: Place,
    /// What is forgotten between runs. If it is not everything, a run that does not count comes first.
    pub(crate) forgets: &'static [Kept],
    /// Whether renga and its twins are to write the same bytes.
    pub(crate) same_bytes: bool,
    task: Task,
}

/// All workloads.
pub(crate) static WORKLOADS: [Workload; 20] = [
    Workload {
        name: "version",
        about: "`--version`",
        place: Place::Empty,
        forgets: ALL,
        same_bytes: false,
        task: Task::Version,
    },
    Workload {
        name: "env-list",
        about: "`env list` of all static environments",
        place: Place::Static,
        forgets: ALL,
        same_bytes: true,
        task: Task::List,
    },
    Workload {
        name: "eval",
        about: "`eval` of one environment",
        place: Place::Static,
        forgets: ALL,
        same_bytes: true,
        task: Task::Eval,
    },
    Workload {
        name: "show",
        about: "`show` of one environment",
        place: Place::Static,
        forgets: ALL,
        same_bytes: true,
        task: Task::Show,
    },
    Workload {
        name: "export",
        about: "`export --recursive` of all static environments, nothing cached, into a new directory",
        place: Place::Static,
        forgets: ALL,
        same_bytes: true,
        task: Task::Export,
    },
    Workload {
        name: "export-again",
        about: "the same export once more with `--merge-strategy replace-envs`, nothing changed",
        place: Place::Static,
        forgets: &[],
        same_bytes: true,
        task: Task::ExportAgain,
    },
    Workload {
        name: "export-inline",
        about: "`export --recursive` of the inline environments, nothing cached, into a new directory",
        place: Place::Inline,
        forgets: ALL,
        same_bytes: true,
        task: Task::Export,
    },
    Workload {
        name: "helm-small",
        about: "`helm template` of a chart of the usual size",
        place: Place::SmallChart,
        forgets: ALL,
        same_bytes: true,
        task: Task::Template,
    },
    Workload {
        name: "helm-large",
        about: "`helm template` of a chart of the size of a monitoring stack",
        place: Place::LargeChart,
        forgets: ALL,
        same_bytes: true,
        task: Task::Template,
    },
    Workload {
        name: "helm-native",
        about: "`eval` of an environment that renders the small chart with `helmTemplate`, each time with other values, nothing cached",
        place: Place::Renders,
        forgets: ALL,
        same_bytes: true,
        task: Task::Renders,
    },
    Workload {
        name: "vendor-cold",
        about: "`charts vendor` with nothing cached, nothing vendored and no lock file",
        place: Place::Charts,
        forgets: ALL,
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "vendor-warm",
        about: "`charts vendor` without the folder of charts, but with the cache and the lock file of the run before",
        place: Place::Charts,
        forgets: &[Kept::Output],
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "vendor-again",
        about: "`charts vendor` with nothing to do",
        place: Place::Charts,
        forgets: &[],
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "index-tiny-first",
        about: "`charts vendor` of one chart from a repository with nothing else in its index, nothing cached",
        place: Place::TinyIndex,
        forgets: ALL,
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "index-tiny-cached",
        about: "the same without chart and lock file, but with the cache of the run before, so that the index is asked for again",
        place: Place::TinyIndex,
        forgets: &[Kept::Output, Kept::Lock],
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "index-large-first",
        about: "as `index-tiny-first`, from a repository with an index of 20 MB",
        place: Place::LargeIndex,
        forgets: ALL,
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "index-large-cached",
        about: "as `index-tiny-cached`, from a repository with an index of 20 MB",
        place: Place::LargeIndex,
        forgets: &[Kept::Output, Kept::Lock],
        same_bytes: true,
        task: Task::Vendor,
    },
    Workload {
        name: "cluster-diff",
        about: "`diff` of an environment that is in the cluster as it is; kubectl gets the exported files",
        place: Place::Live,
        forgets: &[],
        same_bytes: true,
        task: Task::Diff,
    },
    Workload {
        name: "cluster-diff-changed",
        about: "the same with ten objects changed",
        place: Place::Live,
        forgets: &[],
        same_bytes: false,
        task: Task::DiffChanged,
    },
    Workload {
        name: "cluster-apply",
        about: "`apply` of the environment that is in the cluster as it is, without a diff before",
        place: Place::Live,
        forgets: &[],
        same_bytes: false,
        task: Task::Apply,
    },
];

impl Workload {
    /// The words after the program's name; `None` if it has no such task.
    pub(crate) fn arguments(&self, program: Program, output: &Path) -> Option<Vec<String>> {
        let environment = Fleet::environment(0);
        let output = output.display().to_string();
        let words: Vec<&str> = match (self.task, program) {
            (Task::Version, Program::Renga | Program::Tk | Program::Jsonnet) => vec!["--version"],
            (Task::List, Program::Renga | Program::Tk) => vec!["env", "list", "environments"],
            (Task::Eval, Program::Renga | Program::Tk) => vec!["eval", &environment],
            (Task::Eval, Program::Jsonnet) => {
                let main = format!("{environment}/main.jsonnet");
                return Some(["-J", "vendor", "-J", "lib", &main].map(str::to_owned).to_vec());
            }
            (Task::Show, Program::Renga | Program::Tk) => {
                vec!["show", &environment, "--dangerous-allow-redirect"]
            }
            (Task::Export | Task::ExportAgain, Program::Renga | Program::Tk) => {
                let mut words =
                    vec!["export", &output, "environments", "--recursive", "--format", FORMAT];
                if self.task == Task::ExportAgain {
                    words.extend(["--merge-strategy", "replace-envs"]);
                }
                words
            }
            (Task::Renders, Program::Renga | Program::Tk) => vec!["eval", RENDERS],
            (Task::Template, Program::Renga) => vec!["helm", "template", "bench", "./chart"],
            (Task::Template, Program::Helm) => vec!["template", "bench", "./chart"],
            (Task::Vendor, Program::Renga) => vec!["charts", "vendor"],
            (Task::Diff, Program::Renga | Program::Tk) => vec!["diff", cluster::LIVE],
            (Task::DiffChanged, Program::Renga | Program::Tk) => {
                vec!["diff", "--exit-zero", cluster::CHANGED]
            }
            (Task::Apply, Program::Renga | Program::Tk) => {
                vec!["apply", cluster::LIVE, "--diff-strategy=none", "--auto-approve=always"]
            }
            (Task::Diff, Program::Kubectl) => vec!["diff", "-R", "-f", cluster::LIVE_FILES],
            (Task::DiffChanged, Program::Kubectl) => {
                vec!["diff", "-R", "-f", cluster::CHANGED_FILES]
            }
            (Task::Apply, Program::Kubectl) => vec!["apply", "-R", "-f", cluster::LIVE_FILES],
            (Task::Vendor, Program::Tk) => vec!["tool", "charts", "vendor"],
            _ => return None,
        };
        Some(words.into_iter().map(str::to_owned).collect())
    }

    /// The exit code of a program that did what it was asked for.
    pub(crate) fn exit(&self, program: Program) -> i32 {
        i32::from(self.task == Task::DiffChanged && program == Program::Kubectl)
    }

    /// Whether a program starts `kubectl` for this.
    pub(crate) fn needs_kubectl(&self, program: Program) -> bool {
        program == Program::Tk && self.place.is_live()
    }

    /// Whether a program starts `helm` for this.
    pub(crate) fn needs_helm(&self, program: Program) -> bool {
        program == Program::Tk && matches!(self.task, Task::Vendor | Task::Renders)
    }

    /// The tree that a program writes; `None` if it writes none.
    pub(crate) fn output(&self, program: Program, scratch: &Path) -> Option<PathBuf> {
        match self.task {
            Task::Export | Task::ExportAgain => {
                Some(scratch.join(format!("out-{}", program.name())))
            }
            Task::Vendor => Some(self.place.folder(program, scratch).join("charts")),
            _ => None,
        }
    }
}
