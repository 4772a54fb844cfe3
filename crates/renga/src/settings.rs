//! Settings: what flags, variables of the environment and `renga.toml` say together.
//!
//! This is the one place that reads variables of the environment and the working directory. Flags
//! win over variables, variables over the file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::args::{ColorChoice, GlobalArgs, LogLevel, MessageFormat};
use crate::dialect::Dialect;

/// The pager when no variable names one: colours are shown, and a short text ends it at once.
const PAGER: &str = "less --RAW-CONTROL-CHARS --quit-if-one-screen --no-init";

/// What does not depend on the command.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Whose manners to have.
    pub(crate) dialect: Dialect,
    /// The working directory (absolute).
    pub(crate) cwd: PathBuf,
    /// Where programs are searched.
    pub(crate) search_path: OsString,
    /// Where renga keeps what later runs may use; `None` where the system has no such place.
    pub(crate) cache_dir: Option<PathBuf>,
    /// Where programs like this one keep the passwords of registries, most important first.
    pub(crate) registry_configs: Vec<PathBuf>,
    /// The namespace of releases where no flag says which.
    pub(crate) helm_namespace: String,
    /// The file of the chart repositories that Helm knows by name.
    pub(crate) helm_repositories: Option<PathBuf>,
    /// The file of the keys that Helm believes.
    pub(crate) helm_keyring: PathBuf,
    /// The list of kubeconfig files.
    kubeconfig: Option<OsString>,
    /// The user's folder.
    home: Option<PathBuf>,
    /// The key of digests that stand for secrets; a new one each time where there is none.
    pub(crate) mask_key: Option<MaskKey>,
    /// Which proxies to use.
    pub(crate) proxies: ProxyVariables,
    /// The pager, as a line for `sh -c`; `None` for none.
    pub(crate) pager: Option<String>,
    /// Whether `show` may write into a file or pipe.
    pub(crate) allow_redirect: bool,
    /// Whether standard output is a terminal.
    pub(crate) stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(crate) stderr_is_terminal: bool,
    /// What the variables say about colour.
    color_variables: ColorVariables,
    /// Ids of the flags that stand on the command line, as opposed to defaults.
    given: BTreeSet<String>,
}

/// A secret of the project, under which values are told apart without being shown.
#[derive(Clone)]
pub(crate) struct MaskKey(pub(crate) String);

impl std::fmt::Debug for MaskKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MaskKey(***)")
    }
}

/// What the variables say about proxies; empty where they say nothing.
#[derive(Clone, Default)]
pub(crate) struct ProxyVariables {
    /// For `http://`.
    pub(crate) http: String,
    /// For `https://`.
    pub(crate) https: String,
    /// Hosts that are reached without.
    pub(crate) none: String,
}

impl std::fmt::Debug for ProxyVariables {
    // A proxy's URL may have a password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ProxyVariables").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct ColorVariables {
    no_color: bool,
    force: bool,
    dumb: bool,
}

/// How messages look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appearance {
    /// Colour on standard output.
    pub(crate) stdout_color: bool,
    /// Colour on standard error.
    pub(crate) stderr_color: bool,
    /// Least important level that is logged.
    pub(crate) log_level: LogLevel,
    /// Lines for people or for programs.
    pub(crate) message_format: MessageFormat,
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// When there is no working directory.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn from_process(dialect: Dialect) -> io::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let pager =
            variable("TANKA_PAGER").or_else(|| variable("PAGER")).unwrap_or_else(|| PAGER.into());
        let cwd = std::env::current_dir()?;
        Ok(Self {
            dialect,
            cache_dir: cache_dir(&cwd, &|name| std::env::var_os(name).map(PathBuf::from)),
            registry_configs: registry_configs(&|name| std::env::var_os(name).map(PathBuf::from)),
            helm_namespace: variable("HELM_NAMESPACE").unwrap_or_default(),
            helm_repositories: helm_repositories(&path),
            helm_keyring: path("GNUPGHOME")
                .or_else(|| Some(path("HOME")?.join(".gnupg")))
                .unwrap_or_default()
                .join("pubring.gpg"),
            kubeconfig: std::env::var_os("KUBECONFIG"),
            home: std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from),
            mask_key: variable("RENGA_MASK_KEY").filter(|key| !key.is_empty()).map(MaskKey),
            proxies: ProxyVariables::from(&variable),
            cwd,
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            pager: Some(pager).filter(|pager| !pager.is_empty()),
            allow_redirect: variable("TANKA_DANGEROUS_ALLOW_REDIRECT").as_deref() == Some("true"),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            color_variables: ColorVariables {
                no_color: is_set("NO_COLOR"),
                force: variable("CLICOLOR_FORCE")
                    .is_some_and(|value| !value.is_empty() && value != "0"),
                dumb: variable("TERM").as_deref() == Some("dumb"),
            },
            given: BTreeSet::new(),
        })
    }

    /// Notes which flags stand on the command line.
    pub(crate) fn note_given(&mut self, matches: &clap::ArgMatches) {
        let mut matches = Some(matches);
        while let Some(level) = matches {
            for id in level.ids() {
                if level.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine) {
                    self.given.insert(id.as_str().to_owned());
                }
            }
            matches = level.subcommand().map(|(_, below)| below);
        }
    }

    /// Whether the flag with this id stands on the command line.
    pub(crate) fn is_given(&self, id: &str) -> bool {
        self.given.contains(id)
    }

    /// Resolves how messages look.
    pub(crate) fn appearance(&self, global: &GlobalArgs) -> Appearance {
        let colored = |is_terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => self.color_variables.auto(is_terminal),
        };
        Appearance {
            stdout_color: colored(self.stdout_is_terminal),
            stderr_color: colored(self.stderr_is_terminal),
            log_level: global.log_level,
            message_format: global.message_format,
        }
    }

    /// Where the kubeconfig is.
    pub(crate) fn kubeconfig_paths(&self) -> renga_cluster::KubeconfigPaths {
        renga_cluster::KubeconfigPaths {
            variable: self.kubeconfig.clone(),
            home: self.home.clone(),
            directory: self.cwd.clone(),
        }
    }

    /// The variables that login programs of a kubeconfig see: all there are.
    #[expect(clippy::unused_self, reason = "only settings read the environment")]
    pub(crate) fn login_variables(&self) -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    /// `path` as seen from the root of the file system, without resolving links.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        renga_project::clean(&self.cwd.join(path))
    }
}

impl ProxyVariables {
    /// As Go's programs read them: lower case is looked at second, and a server that gets its
    /// variables from requests (CGI) is no place for `HTTP_PROXY`.
    fn from(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let either = |upper: &str, lower: &str| {
            let set = |name| variable(name).filter(|value| !value.is_empty());
            set(upper).or_else(|| set(lower)).unwrap_or_default()
        };
        Self {
            http: match variable("REQUEST_METHOD") {
                Some(_) => variable("http_proxy").unwrap_or_default(),
                None => either("HTTP_PROXY", "http_proxy"),
            },
            https: either("HTTPS_PROXY", "https_proxy"),
            none: either("NO_PROXY", "no_proxy"),
        }
    }
}

/// The files with passwords of registries: Helm's, then Docker's.
fn registry_configs(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    let home = set("HOME");
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let helm = set("HELM_REGISTRY_CONFIG")
        .or_else(|| Some(helm_config(variable)?.join("registry").join("config.json")));
    let docker = set("DOCKER_CONFIG").or_else(|| below_home(".docker"));
    helm.into_iter().chain(docker.map(|docker| docker.join("config.json"))).collect()
}

/// The file of repositories: Helm's.
fn helm_repositories(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("HELM_REPOSITORY_CONFIG")
        .filter(|path| !path.as_os_str().is_empty())
        .or_else(|| Some(helm_config(variable)?.join("repositories.yaml")))
}

/// The folder of Helm's settings.
fn helm_config(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    set("HELM_CONFIG_HOME").or_else(|| Some(set("XDG_CONFIG_HOME")?.join("helm"))).or_else(|| {
        let macos = cfg!(target_os = "macos");
        Some(set("HOME")?.join(if macos { "Library/Preferences/helm" } else { ".config/helm" }))
    })
}

/// The folder of caches: what renga's own variable says (seen from `cwd`), or else the place that the
/// XDG base directory specification gives it. As that says, other relative paths are passed over.
fn cache_dir(cwd: &Path, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    variable("RENGA_CACHE_DIR")
        .filter(|path| !path.as_os_str().is_empty())
        .map(|path| cwd.join(path))
        .or_else(|| Some(absolute("XDG_CACHE_HOME")?.join("renga")))
        .or_else(|| Some(absolute("HOME")?.join(".cache").join("renga")))
}

impl ColorVariables {
    fn auto(self, is_terminal: bool) -> bool {
        if self.no_color {
            return false;
        }
        self.force || (is_terminal && !self.dumb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_first_absolute_path_says() {
        let with = |set: &[(&str, &str)]| {
            let value = |name: &str| set.iter().find(|(other, _)| *other == name);
            cache_dir(Path::new("/ws"), &|name| value(name).map(|(_, path)| PathBuf::from(path)))
        };
        let (own, xdg, home) =
            (("RENGA_CACHE_DIR", "/own"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/me"));
        assert_eq!(with(&[own, xdg, home]), Some("/own".into()));
        assert_eq!(with(&[xdg, home]), Some("/xdg/renga".into()));
        assert_eq!(with(&[("XDG_CACHE_HOME", "xdg"), home]), Some("/home/me/.cache/renga".into()));
        assert_eq!(with(&[("RENGA_CACHE_DIR", "c"), xdg]), Some("/ws/c".into()));
        assert_eq!(with(&[("RENGA_CACHE_DIR", ""), ("HOME", "")]), None);
    }

    #[test]
    fn variables_decide_on_colour_where_no_flag_does() {
        let none = ColorVariables::default();
        assert!(none.auto(true) && !none.auto(false));
        assert!(!ColorVariables { dumb: true, ..none }.auto(true));
        assert!(ColorVariables { force: true, ..none }.auto(false));
        assert!(!ColorVariables { force: true, no_color: true, dumb: false }.auto(true));
    }
}
