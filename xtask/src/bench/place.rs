//! The workspaces in which programs are measured.

use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use super::{
    BenchArgs,
    charts::{self, File},
    cluster, repository,
    workload::Program,
};
use crate::{fleet::Fleet, serve::Server};

/// The environment that renders a chart many times.
pub(crate) const RENDERS: &str = "environments/renders";

/// How often it does.
const TIMES: usize = 100;

/// The folders of the repositories below the one that is served.
const CHARTS: &str = "charts";
const TINY: &str = "tiny";
const LARGE: &str = "large";

/// The workspace in which a workload runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Empty,
    Static,
    Inline,
    SmallChart,
    LargeChart,
    Renders,
    Charts,
    TinyIndex,
    LargeIndex,
    /// An environment of a thousand objects that is in a cluster.
    Live,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Static => "static",
            Self::Inline => "inline",
            Self::SmallChart => "small-chart",
            Self::LargeChart => "large-chart",
            Self::Renders => "renders",
            Self::Charts => "charts",
            Self::TinyIndex => "tiny-index",
            Self::LargeIndex => "large-index",
            Self::Live => "live",
        }
    }

    /// The repository that is vendored from.
    fn repository(self) -> Option<&'static str> {
        match self {
            Self::Charts => Some(CHARTS),
            Self::TinyIndex => Some(TINY),
            Self::LargeIndex => Some(LARGE),
            _ => None,
        }
    }

    /// Whether it needs a cluster.
    pub(crate) fn is_live(self) -> bool {
        self == Self::Live
    }

    /// Whether it needs a chart server.
    pub(crate) fn is_served(self) -> bool {
        self.repository().is_some()
    }

    /// The workspace; every program has its own where it writes into it.
    pub(crate) fn folder(self, program: Program, scratch: &Path) -> PathBuf {
        if self.is_served() {
            scratch.join(format!("{}-{}", self.name(), program.name()))
        } else {
            scratch.join(self.name())
        }
    }

    /// What there is how many of.
    pub(crate) fn size(self, args: &BenchArgs) -> String {
        match self {
            Self::Empty | Self::TinyIndex | Self::LargeIndex => String::new(),
            Self::Static => format!(" ({} environments)", args.envs),
            Self::Inline => format!(" ({} environments)", args.inline),
            Self::SmallChart => format!(" ({} files)", charts::small().len()),
            Self::LargeChart => format!(" ({} files, 3.3 MB of output)", charts::large().len()),
            Self::Renders => format!(" ({TIMES} renderings)"),
            Self::Charts => format!(" ({} charts)", repository::CHARTS),
            Self::Live => format!(" ({} objects)", cluster::OBJECTS),
        }
    }

    /// Writes the workspace.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub(crate) fn write(
        self,
        args: &BenchArgs,
        program: Program,
        scratch: &Path,
        server: Option<&Server>,
    ) -> io::Result<()> {
        let dir = self.folder(program, scratch);
        fs_err::create_dir_all(&dir)?;
        match self {
            Self::Empty => Ok(()),
            Self::Static => Fleet { envs: args.envs, ..Fleet::default() }.write(&dir),
            Self::Inline => Fleet { envs: 0, inline: args.inline, ..Fleet::default() }.write(&dir),
            Self::SmallChart => write(&dir.join("chart"), charts::small()),
            Self::LargeChart => write(&dir.join("chart"), charts::large()),
            Self::Live => {
                // Small libraries: it is the cluster that is measured, not the evaluation.
                let small = Fleet { libs: 1, constructors: 16, records: 64, ..Fleet::default() };
                Fleet { envs: 1, apps: cluster::APPS, ..small }.write(&dir)?;
                write(&dir, cluster::environments(args.kubeconfig.as_deref())?)
            }
            Self::Renders => {
                write(&dir.join("charts/web"), charts::small())?;
                write(&dir, renders())
            }
            Self::Charts | Self::TinyIndex | Self::LargeIndex => {
                let url = server.zip(self.repository());
                let url = url.map(|(server, repository)| server.repository(repository));
                let wanted = if self == Self::Charts { repository::CHARTS } else { 1 };
                write(&dir, vec![chartfile(&url.unwrap_or_default(), wanted)])
            }
        }
    }
}

/// Writes what the server serves.
///
/// # Errors
///
/// When a file cannot be written.
pub(crate) fn write_repositories(dir: &Path) -> io::Result<()> {
    for index in 0..repository::CHARTS {
        write(&dir.join(CHARTS).join(repository::name(index)), repository::chart(index))?;
    }
    for only in [TINY, LARGE] {
        write(&dir.join(only).join(repository::name(0)), repository::chart(0))?;
    }
    repository::write_index(&dir.join(LARGE).join("index.yaml"))
}

fn write(dir: &Path, files: Vec<File>) -> io::Result<()> {
    for (path, text) in files {
        let target = dir.join(path);
        if let Some(folder) = target.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(target, text)?;
    }
    Ok(())
}

fn chartfile(url: &str, wanted: usize) -> File {
    let mut text = format!("repositories:\n- name: bench\n  url: {url}\nrequires:\n");
    for index in 0..wanted {
        let (name, version) = (repository::name(index), repository::version(index));
        let _ = write!(text, "- chart: bench/{name}\n  version: {version}\n");
    }
    text.push_str("version: 1\n");
    ("chartfile.yaml".to_owned(), text)
}

fn renders() -> Vec<File> {
    let spec = r#"{
  "apiVersion": "tanka.dev/v1alpha1",
  "kind": "Environment",
  "metadata": { "name": "environments/renders" },
  "spec": { "apiServer": "https://127.0.0.1:1", "namespace": "bench" }
}
"#;
    let main = format!(
        "local render(i) = std.native('helmTemplate')('web-%d' % i, '../../charts/web', {{
  calledFrom: std.thisFile,
  namespace: 'bench',
  values: {{
    replicaCount: i,
    podLabels: {{ number: 'n%d' % i }},
    ingress: {{ hosts: [{{ host: 'web-%d.example.com' % i, paths: [{{ path: '/' }}] }}] }},
  }},
}});

{{ ['web-%03d' % i]: render(i) for i in std.range(1, {TIMES}) }}
"
    );
    vec![
        ("jsonnetfile.json".to_owned(), "{}\n".to_owned()),
        (format!("{RENDERS}/spec.json"), spec.to_owned()),
        (format!("{RENDERS}/main.jsonnet"), main),
    ]
}
