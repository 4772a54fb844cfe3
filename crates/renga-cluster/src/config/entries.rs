//! The entries of a kubeconfig file as data.
//!
//! Errors name the field and what it should be, never its value: it may be a credential.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::object::Secret;

/// A server.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterEntry {
    pub(crate) server: String,
    pub(crate) tls_server_name: String,
    pub(crate) insecure: bool,
    pub(crate) authority: Option<PathBuf>,
    /// Base64 of PEM.
    pub(crate) authority_data: String,
    pub(crate) proxy_url: String,
    pub(crate) disable_compression: bool,
    /// The extension `client.authentication.k8s.io/exec`, for exec plugins.
    pub(crate) exec_config: Option<Value>,
}

/// Which user speaks to which server.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContextEntry {
    pub(crate) cluster: String,
    pub(crate) user: String,
    pub(crate) namespace: String,
}

/// How a user logs in.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserEntry {
    pub(crate) certificate: Option<PathBuf>,
    /// Base64 of PEM.
    pub(crate) certificate_data: String,
    pub(crate) key: Option<PathBuf>,
    /// Base64 of PEM.
    pub(crate) key_data: Secret,
    pub(crate) token: Secret,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) impersonate: String,
    pub(crate) impersonate_uid: String,
    pub(crate) impersonate_groups: Vec<String>,
    pub(crate) impersonate_extra: BTreeMap<String, Vec<String>>,
    /// `auth-provider`: its name, and what it is given.
    pub(crate) provider: Option<(String, BTreeMap<String, Secret>)>,
    pub(crate) exec: Option<ExecEntry>,
}

/// A program that gives credentials.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExecEntry {
    pub(crate) api_version: String,
    /// As the kubeconfig names it, for messages.
    pub(crate) command: String,
    /// What is run: with a separator in it, relative to the file.
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, Secret)>,
    pub(crate) install_hint: String,
    pub(crate) provide_cluster_info: bool,
    pub(crate) interactive: Interactive,
}

/// Whether a plugin may ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Interactive {
    /// It does not ask.
    Never,
    /// It asks where it can.
    #[default]
    IfAvailable,
    /// It cannot do without.
    Always,
}

/// A field that is not what it should be.
#[derive(Debug)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) expected: &'static str,
}

/// The fields of a mapping, and where it is.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>, path: String) -> Self {
        Self { map, path }
    }

    fn place(&self, key: &str) -> String {
        if self.path.is_empty() { format!("`{key}`") } else { format!("`{}.{key}`", self.path) }
    }

    fn expected(&self, key: &str, expected: &'static str) -> FieldError {
        FieldError { field: self.place(key), expected }
    }

    /// A string; empty where there is none.
    pub(crate) fn text(&self, key: &str) -> Result<String, FieldError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(self.expected(key, "a string")),
        }
    }

    fn secret(&self, key: &str) -> Result<Secret, FieldError> {
        self.text(key).map(Secret::new)
    }

    fn flag(&self, key: &str) -> Result<bool, FieldError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.expected(key, "`true` or `false`")),
        }
    }

    fn path(&self, key: &str, directory: &Path) -> Result<Option<PathBuf>, FieldError> {
        let text = self.text(key)?;
        Ok((!text.is_empty()).then(|| directory.join(text)))
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, FieldError> {
        let wrong = || self.expected(key, "a list of strings");
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect(),
            Some(_) => Err(wrong()),
        }
    }

    fn below(&self, key: &str) -> Result<Option<Fields<'a>>, FieldError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => {
                let path =
                    if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) };
                Ok(Some(Fields { map, path }))
            }
            Some(_) => Err(self.expected(key, "a mapping")),
        }
    }

    fn list(&self, key: &str) -> Result<Vec<Fields<'a>>, FieldError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let path = if self.path.is_empty() {
                        format!("{key}[{index}]")
                    } else {
                        format!("{}.{key}[{index}]", self.path)
                    };
                    match item {
                        Value::Object(map) => Ok(Fields { map, path }),
                        _ => Err(FieldError { field: format!("`{path}`"), expected: "a mapping" }),
                    }
                })
                .collect(),
            Some(_) => Err(self.expected(key, "a list")),
        }
    }

    /// The entries of a section: `[{name: …, INNER: {…}}]`.
    pub(crate) fn named(
        &self,
        section: &str,
        inner: &str,
    ) -> Result<Vec<(String, Fields<'a>)>, FieldError> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.list(section)?
            .into_iter()
            .map(|entry| {
                let name = entry.text("name")?;
                let fields = entry.below(inner)?;
                let path = format!("{}.{inner}", entry.path);
                Ok((name, fields.unwrap_or(Fields { map: &EMPTY, path })))
            })
            .collect()
    }
}

impl ClusterEntry {
    pub(crate) fn read(fields: &Fields<'_>, directory: &Path) -> Result<Self, FieldError> {
        let mut exec_config = None;
        for extension in fields.list("extensions")? {
            if extension.text("name")? == "client.authentication.k8s.io/exec" {
                exec_config = extension.map.get("extension").cloned();
            }
        }
        Ok(Self {
            server: fields.text("server")?,
            tls_server_name: fields.text("tls-server-name")?,
            insecure: fields.flag("insecure-skip-tls-verify")?,
            authority: fields.path("certificate-authority", directory)?,
            authority_data: fields.text("certificate-authority-data")?,
            proxy_url: fields.text("proxy-url")?,
            disable_compression: fields.flag("disable-compression")?,
            exec_config,
        })
    }
}

impl ContextEntry {
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            cluster: fields.text("cluster")?,
            user: fields.text("user")?,
            namespace: fields.text("namespace")?,
        })
    }
}

impl UserEntry {
    pub(crate) fn read(fields: &Fields<'_>, directory: &Path) -> Result<Self, FieldError> {
        let mut impersonate_extra = BTreeMap::new();
        if let Some(extra) = fields.below("as-user-extra")? {
            for key in extra.map.keys() {
                impersonate_extra.insert(key.clone(), extra.texts(key)?);
            }
        }
        let mut provider = None;
        if let Some(entry) = fields.below("auth-provider")? {
            let mut config = BTreeMap::new();
            if let Some(given) = entry.below("config")? {
                for key in given.map.keys() {
                    config.insert(key.clone(), given.secret(key)?);
                }
            }
            provider = Some((entry.text("name")?, config));
        }
        let exec = match fields.below("exec")? {
            None => None,
            Some(entry) => Some(ExecEntry::read(&entry, directory)?),
        };
        Ok(Self {
            certificate: fields.path("client-certificate", directory)?,
            certificate_data: fields.text("client-certificate-data")?,
            key: fields.path("client-key", directory)?,
            key_data: fields.secret("client-key-data")?,
            token: fields.secret("token")?,
            token_file: fields.path("tokenFile", directory)?,
            username: fields.text("username")?,
            password: fields.secret("password")?,
            impersonate: fields.text("as")?,
            impersonate_uid: fields.text("as-uid")?,
            impersonate_groups: fields.texts("as-groups")?,
            impersonate_extra,
            provider,
            exec,
        })
    }
}

impl ExecEntry {
    fn read(fields: &Fields<'_>, directory: &Path) -> Result<Self, FieldError> {
        let command = fields.text("command")?;
        let program = if command.contains(std::path::is_separator) {
            directory.join(&command)
        } else {
            PathBuf::from(&command)
        };
        let env = fields
            .list("env")?
            .iter()
            .map(|entry| Ok((entry.text("name")?, entry.secret("value")?)))
            .collect::<Result<_, _>>()?;
        let interactive = match fields.text("interactiveMode")?.as_str() {
            "" | "IfAvailable" => Interactive::IfAvailable,
            "Never" => Interactive::Never,
            "Always" => Interactive::Always,
            _ => {
                return Err(
                    fields.expected("interactiveMode", "`Never`, `IfAvailable` or `Always`")
                );
            }
        };
        Ok(Self {
            api_version: fields.text("apiVersion")?,
            command,
            program,
            args: fields.texts("args")?,
            env,
            install_hint: fields.text("installHint")?,
            provide_cluster_info: fields.flag("provideClusterInfo")?,
            interactive,
        })
    }
}
