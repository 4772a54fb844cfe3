//! Whether metadata makes sense, as Helm checks it on loading.
//!
//! Also cleans texts: every kind of space becomes a space, and what cannot be printed goes.

use renga_gotemplate::{is_print, is_space, quoted};
use renga_semver::Version;

use crate::metadata::{Dependency, Draft, Maintainer, Metadata};

/// What is wrong with a chart's metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[diagnostic(code(helm::chart_yaml))]
pub enum ValidationError {
    /// A field is empty.
    #[error("validation: chart.metadata.{field} is required")]
    Required {
        /// The field.
        field: &'static str,
    },
    /// The name is `.` or `..`.
    #[error("validation: chart.metadata.name {} is not allowed", quoted(name.as_bytes()))]
    NameNotAllowed {
        /// The name.
        name: String,
    },
    /// The name is a path.
    #[error("validation: chart.metadata.name {} is invalid", quoted(name.as_bytes()))]
    NameInvalid {
        /// The name.
        name: String,
    },
    /// The version is none.
    #[error("validation: chart.metadata.version {} is invalid", quoted(version.as_bytes()))]
    #[diagnostic(help("write it as `1.2.3`"))]
    VersionInvalid {
        /// The version.
        version: String,
    },
    /// The type is none that there is.
    #[error("validation: chart.metadata.type must be application or library")]
    Kind {
        /// The type.
        kind: String,
    },
    /// An empty entry in a list.
    #[error("validation: {list} must not contain empty or null nodes")]
    #[diagnostic(help("remove the `-` that has nothing behind it"))]
    EmptyNode {
        /// The list.
        list: &'static str,
    },
    /// An alias that cannot be a name.
    #[error(
        "validation: dependency {} has disallowed characters in the alias",
        quoted(dependency.as_bytes())
    )]
    #[diagnostic(help("use letters, digits, `-` and `_`"))]
    Alias {
        /// The dependency.
        dependency: String,
    },
    /// Two dependencies under one name.
    #[error("validation: more than one dependency with name or alias {}", quoted(name.as_bytes()))]
    #[diagnostic(help("give one of them an `alias`"))]
    Duplicate {
        /// The name.
        name: String,
    },
}

/// Checks and cleans metadata.
pub(super) fn validate(draft: Draft) -> Result<Metadata, ValidationError> {
    let Draft { mut metadata, maintainers, dependencies } = draft;
    let texts = [
        &mut metadata.name,
        &mut metadata.description,
        &mut metadata.home,
        &mut metadata.icon,
        &mut metadata.condition,
        &mut metadata.tags,
        &mut metadata.app_version,
        &mut metadata.kube_version,
    ];
    for text in texts.into_iter().chain(&mut metadata.sources).chain(&mut metadata.keywords) {
        clean(text);
    }
    let name = || metadata.name.clone();
    if metadata.api_version.is_empty() {
        return Err(ValidationError::Required { field: "apiVersion" });
    }
    if metadata.name.is_empty() {
        return Err(ValidationError::Required { field: "name" });
    }
    if matches!(metadata.name.as_str(), "." | "..") {
        return Err(ValidationError::NameNotAllowed { name: name() });
    }
    if metadata.name.len() > 1 && metadata.name.contains('/') {
        return Err(ValidationError::NameInvalid { name: name() });
    }
    if metadata.version.is_empty() {
        return Err(ValidationError::Required { field: "version" });
    }
    if Version::parse(&metadata.version).is_err() {
        return Err(ValidationError::VersionInvalid { version: metadata.version });
    }
    if !matches!(metadata.kind.as_str(), "" | "application" | "library") {
        return Err(ValidationError::Kind { kind: metadata.kind });
    }
    for maintainer in maintainers {
        let Some(Maintainer { mut name, mut email, mut url }) = maintainer else {
            return Err(ValidationError::EmptyNode { list: "maintainers" });
        };
        [&mut name, &mut email, &mut url].into_iter().for_each(clean);
        metadata.maintainers.push(Maintainer { name, email, url });
    }
    metadata.dependencies = dependencies.map(validate_dependencies).transpose()?;
    Ok(metadata)
}

/// The name a dependency goes by.
fn key(dependency: &Dependency) -> &str {
    if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias }
}

fn validate_dependencies(
    drafts: Vec<Option<Dependency>>,
) -> Result<Vec<Dependency>, ValidationError> {
    let mut dependencies: Vec<Dependency> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Some(mut dependency) = draft else {
            return Err(ValidationError::EmptyNode { list: "dependencies" });
        };
        let texts = [
            &mut dependency.name,
            &mut dependency.version,
            &mut dependency.repository,
            &mut dependency.condition,
        ];
        texts.into_iter().chain(&mut dependency.tags).for_each(clean);
        let in_alias = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !dependency.alias.bytes().all(in_alias) {
            return Err(ValidationError::Alias { dependency: dependency.name });
        }
        if dependencies.iter().any(|other| key(other) == key(&dependency)) {
            return Err(ValidationError::Duplicate { name: key(&dependency).to_owned() });
        }
        dependencies.push(dependency);
    }
    Ok(dependencies)
}

fn clean(text: &mut String) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| if is_space(c) { Some(' ') } else { is_print(c).then_some(c) })
        .collect();
}
