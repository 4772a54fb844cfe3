//! Which context an environment means.

use renga_regexp::{Regexp, RegexpError};

use super::entries::{ClusterEntry, UserEntry};
use super::files::Kubeconfig;
use super::server_url::normalise;

/// How an environment names its cluster.
#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    /// `spec.apiServer`: the URL of the server. The first context, by name, of a cluster with that
    /// URL. tk takes it for a regular expression that matches somewhere in the URL, so that
    /// `https://1.2.3.4` may select `https://1.2.3.45`.
    ApiServer(&'a str),
    /// `spec.contextNames`: regular expressions, anchored; the first that matches any context.
    ContextNames(&'a [String]),
}

/// Why no context can be chosen. `Display` gives tk's words.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ChooseError {
    /// No context has that name, or none uses the cluster.
    #[error("no context named `{name}` was found. Please check your $KUBECONFIG")]
    #[diagnostic(code(cluster::no_context), help("{}", known("contexts", contexts)))]
    NoContext {
        /// The name or names that were looked for.
        name: String,
        /// The names there are.
        contexts: Vec<String>,
    },
    /// No cluster has that URL.
    #[error(
        "no cluster that matches the apiServer `{server}` was found. Please check your $KUBECONFIG"
    )]
    #[diagnostic(code(cluster::no_cluster), help("{}", known("servers", servers)))]
    NoCluster {
        /// What was looked for.
        server: String,
        /// The servers there are.
        servers: Vec<String>,
    },
    /// The kubeconfig has no clusters or contexts at all.
    #[error(
        "no {section} found in Kubernetes config. Please set $KUBECONFIG or create a kubeconfig at $HOME/.kube/config"
    )]
    #[diagnostic(code(cluster::no_kubeconfig))]
    Empty {
        /// `clusters` or `contexts`.
        section: &'static str,
    },
    /// The context names a cluster that is not there.
    #[error(
        "no cluster named `{cluster}` as required by context `{context}` was found. Please check your $KUBECONFIG"
    )]
    #[diagnostic(code(cluster::dangling_cluster))]
    DanglingCluster {
        /// The cluster.
        cluster: String,
        /// The context.
        context: String,
    },
    /// The context names a user that is not there.
    #[error(
        "no user named `{user}` as required by context `{context}` was found. Please check your $KUBECONFIG"
    )]
    #[diagnostic(code(cluster::dangling_user))]
    DanglingUser {
        /// The user.
        user: String,
        /// The context.
        context: String,
    },
    /// An entry of `spec.contextNames` is no regular expression.
    #[error("`{pattern}` of spec.contextNames is not a regular expression")]
    #[diagnostic(code(cluster::context_pattern))]
    Pattern {
        /// The entry.
        pattern: String,
        /// Why.
        source: RegexpError,
    },
}

impl renga_diag::Report for ChooseError {
    fn tk_text(&self) -> String {
        format!("connecting to Kubernetes: finding usable context: {}", renga_diag::chain(self))
    }
}

fn known(what: &str, names: &[String]) -> String {
    if names.is_empty() {
        format!("the kubeconfig has no {what}")
    } else {
        format!("{what} of the kubeconfig: {}", names.join(", "))
    }
}

/// A context that was chosen, with all that is needed to speak to its server.
#[derive(Clone, Debug)]
pub struct Target {
    /// The context's name.
    pub context: String,
    /// The name of its cluster entry.
    pub cluster: String,
    /// The server's URL, as the kubeconfig has it.
    pub server: String,
    /// The name of its user entry; may be empty.
    pub user: String,
    /// The namespace of the context; empty where it names none.
    pub namespace: String,
    pub(crate) cluster_entry: ClusterEntry,
    pub(crate) user_entry: UserEntry,
}

impl Kubeconfig {
    /// Chooses the context that an environment means.
    ///
    /// # Errors
    ///
    /// [`ChooseError`] in tk's words where there is none, or where it refers to entries that are
    /// not there.
    pub fn choose(&self, choice: Choice<'_>) -> Result<Target, ChooseError> {
        match choice {
            Choice::ApiServer(server) => self.target(self.context_of_server(server)?),
            Choice::ContextNames(patterns) => self.target(self.context_by_names(patterns)?),
        }
    }

    /// The server of the context that `pattern`, an anchored regular expression, names.
    ///
    /// # Errors
    ///
    /// [`ChooseError`] in tk's words.
    pub fn server_of_context(&self, pattern: &str) -> Result<&str, ChooseError> {
        let context =
            self.context_by_names(&[pattern.to_owned()]).map_err(|error| match error {
                ChooseError::NoContext { contexts, .. } => {
                    ChooseError::NoContext { name: pattern.to_owned(), contexts }
                }
                other => other,
            })?;
        let cluster = &self.contexts[context].cluster;
        self.clusters.get(cluster).map(|entry| entry.server.as_str()).ok_or_else(|| {
            ChooseError::DanglingCluster { cluster: cluster.clone(), context: pattern.to_owned() }
        })
    }

    fn context_of_server(&self, server: &str) -> Result<&str, ChooseError> {
        if self.clusters.is_empty() {
            return Err(ChooseError::Empty { section: "clusters" });
        }
        let wanted = normalise(server);
        let clusters: Vec<&String> = self
            .clusters
            .iter()
            .filter(|(_, entry)| normalise(&entry.server) == wanted)
            .map(|(name, _)| name)
            .collect();
        let Some(first) = clusters.first() else {
            return Err(ChooseError::NoCluster {
                server: server.to_owned(),
                servers: self.clusters.values().map(|entry| entry.server.clone()).collect(),
            });
        };
        if self.contexts.is_empty() {
            return Err(ChooseError::Empty { section: "contexts" });
        }
        // tk looks at the first cluster alone, even where only another one of that URL is used.
        clusters
            .iter()
            .find_map(|cluster| self.contexts.iter().find(|(_, entry)| entry.cluster == **cluster))
            .map(|(name, _)| name.as_str())
            .ok_or_else(|| self.no_context((*first).clone()))
    }

    fn context_by_names(&self, patterns: &[String]) -> Result<&str, ChooseError> {
        if self.contexts.is_empty() {
            return Err(ChooseError::Empty { section: "contexts" });
        }
        for pattern in patterns {
            let regexp = Regexp::new(&format!("^{pattern}$"))
                .map_err(|source| ChooseError::Pattern { pattern: pattern.clone(), source })?;
            if let Some(name) = self.contexts.keys().find(|name| regexp.is_match(name.as_bytes())) {
                return Ok(name);
            }
        }
        Err(self.no_context(format!("[{}]", patterns.join(" "))))
    }

    fn no_context(&self, name: String) -> ChooseError {
        ChooseError::NoContext { name, contexts: self.contexts.keys().cloned().collect() }
    }

    fn target(&self, context: &str) -> Result<Target, ChooseError> {
        let entry = &self.contexts[context];
        if self.clusters.is_empty() {
            return Err(ChooseError::Empty { section: "clusters" });
        }
        let cluster_entry = self.clusters.get(&entry.cluster).cloned().ok_or_else(|| {
            ChooseError::DanglingCluster {
                cluster: entry.cluster.clone(),
                context: context.to_owned(),
            }
        })?;
        let user_entry = match self.users.get(&entry.user) {
            Some(user) => user.clone(),
            None if entry.user.is_empty() => UserEntry::default(),
            None => {
                return Err(ChooseError::DanglingUser {
                    user: entry.user.clone(),
                    context: context.to_owned(),
                });
            }
        };
        Ok(Target {
            context: context.to_owned(),
            cluster: entry.cluster.clone(),
            server: cluster_entry.server.clone(),
            user: entry.user.clone(),
            namespace: entry.namespace.clone(),
            cluster_entry,
            user_entry,
        })
    }
}
