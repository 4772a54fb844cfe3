//! The built-in objects of templates: `.Chart`, `.Values`, `.Release`, `.Capabilities`,
//! `.Template`, with the Go types and methods they have in each line of Helm.

use std::rc::Rc;
use std::sync::Arc;

use renga_charts::CHART_FIELDS;
use renga_gotemplate::{
    Closure, FuncError, GoStr, List, Map, NamedType, Object, Signature, Type, Value, quoted,
};

use super::convert;
use crate::capabilities::{Capabilities, HelmVersion, KubeVersion};
use crate::compat::Compat;
use crate::metadata::{Dependency, Metadata};
use crate::release::Release;

/// What types without methods have in common.
pub(super) const PLAIN: NamedType = NamedType {
    name: "",
    underlying: Type::Any,
    method: NamedType::no_methods,
    list_method: NamedType::no_list_methods,
    display: None,
};

static VALUES_V4: NamedType = NamedType {
    name: "common.Values",
    underlying: Type::DICT,
    method: |map, name| values_method(map, name, &VALUES_V4),
    ..PLAIN
};

static VALUES_V3: NamedType = NamedType {
    name: "chartutil.Values",
    underlying: Type::DICT,
    method: |map, name| values_method(map, name, &VALUES_V3),
    ..PLAIN
};

static VERSION_SET_V4: NamedType = NamedType {
    name: "common.VersionSet",
    underlying: Type::STRINGS,
    list_method: version_set_method,
    ..PLAIN
};

static VERSION_SET_V3: NamedType = NamedType {
    name: "chartutil.VersionSet",
    underlying: Type::STRINGS,
    list_method: version_set_method,
    ..PLAIN
};

/// The type of `.Values`, of `.` and of `.Template`.
pub(super) fn values_type(compat: Compat) -> Type {
    Type::Named(if compat.is_v4() { &VALUES_V4 } else { &VALUES_V3 })
}

fn values_method(map: &Map, name: &str, ty: &'static NamedType) -> Option<Closure> {
    const ONE: &[Type] = &[Type::String];
    type Method = fn(&Map, &[u8], Type) -> Result<Value, FuncError>;
    let (params, result, type_name, code): (&'static [Type], _, _, Method) = match name {
        "AsMap" => (&[], Type::DICT, "func() map[string]interface {}", |map, _, _| {
            Ok(Value::Map(if map.is_empty() { Map::empty() } else { map.retyped(Type::DICT) }))
        }),
        "YAML" => (&[], Type::String, "func() (string, error)", |map, _, _| {
            let mut text = convert::to_yaml(&Value::Map(map.clone())).map_err(FuncError::new)?;
            text.push(b'\n');
            Ok(Value::from(text))
        }),
        "Table" => (ONE, Type::Named(ty), "func(string) (Values, error)", |map, path, ty| {
            table(map, path).map(|table| Value::Map(table.retyped(ty)))
        }),
        // No template has a writer to give it.
        "Encode" => {
            (&[Type::Pointer("io.Writer")], Type::Any, "func(io.Writer) error", |_, _, _| {
                Ok(Value::Nil)
            })
        }
        "PathValue" => (ONE, Type::Any, "func(string) (interface {}, error)", |map, path, _| {
            path_value(map, path)
        }),
        _ => return None,
    };
    let map = map.clone();
    Some(Closure {
        signature: Signature { params, variadic: false, result },
        type_name,
        body: Box::new(move |_, args| code(&map, args.str(0), Type::Named(ty))),
    })
}

/// The table at a path with dots.
pub(super) fn table(map: &Map, path: &[u8]) -> Result<Map, FuncError> {
    let mut current = map.clone();
    for part in path.split(|&byte| byte == b'.') {
        match current.get(part) {
            Some(Value::Map(next)) => current = next,
            _ => return Err(FuncError::new(format!("{} is not a table", quoted(part)))),
        }
    }
    Ok(current)
}

fn path_value(map: &Map, path: &[u8]) -> Result<Value, FuncError> {
    if path.is_empty() {
        return Err(FuncError::new("YAML path cannot be empty"));
    }
    let (parent, key) = match path.iter().rposition(|&byte| byte == b'.') {
        Some(at) => (Some(&path[..at]), &path[at + 1..]),
        None => (None, path),
    };
    let no_value = || FuncError::new(format!("{} is not a value", quoted(key)));
    let parent = match parent {
        Some(parent) => table(map, parent).map_err(|_| no_value())?,
        None => map.clone(),
    };
    match parent.get(key) {
        None | Some(Value::Map(_)) => Err(no_value()),
        Some(value) => Ok(value),
    }
}

fn version_set_method(list: &List, name: &str) -> Option<Closure> {
    const ONE: &[Type] = &[Type::String];
    if name != "Has" {
        return None;
    }
    let list = list.clone();
    Some(Closure {
        signature: Signature { params: ONE, variadic: false, result: Type::Bool },
        type_name: "func(string) bool",
        body: Box::new(move |_, args| {
            let wanted = args.str(0);
            let is_wanted = |item: &Value| matches!(item, Value::Str(text) if **text == *wanted);
            Ok(Value::Bool(list.with(|items| items.iter().any(is_wanted))))
        }),
    })
}

/// A Go struct: fields in order, methods without arguments that return a string.
#[derive(Debug)]
struct Struct {
    ty: Type,
    fields: Vec<(&'static str, Value)>,
    /// Fields that `encoding/json` writes, when they differ.
    json: Option<Vec<(&'static str, Value)>>,
    hidden: &'static [&'static str],
    methods: Vec<(&'static str, GoStr)>,
    /// What the `String` method of the pointer says.
    display: Option<GoStr>,
}

impl Struct {
    fn new(ty: Type, fields: Vec<(&'static str, Value)>) -> Self {
        Struct { ty, fields, json: None, hidden: &[], methods: Vec::new(), display: None }
    }
}

impl Object for Struct {
    fn ty(&self) -> Type {
        self.ty
    }

    fn method(&self, name: &str) -> Option<Closure> {
        let text = self.methods.iter().find(|(known, _)| *known == name)?.1.clone();
        Some(Closure {
            signature: Signature { params: &[], variadic: false, result: Type::String },
            type_name: "func() string",
            body: Box::new(move |_, _| Ok(Value::Str(text.clone()))),
        })
    }

    fn field(&self, name: &str) -> Option<Value> {
        let is_shown = |(known, _): &&(&str, Value)| *known == name && !self.hides(known);
        self.fields.iter().find(is_shown).map(|(_, value)| value.clone())
    }

    fn hides(&self, name: &str) -> bool {
        self.hidden.contains(&name)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.fields.clone()
    }

    fn display_in_place(&self) -> Option<GoStr> {
        self.display.clone()
    }

    fn copied(&self) -> Option<Value> {
        // All methods here that say something else than a field belong to the pointer.
        let copy = || Struct {
            json: self.json.clone(),
            hidden: self.hidden,
            ..Struct::new(self.ty, self.fields.clone())
        };
        self.display.is_some().then(|| Value::Object(Rc::new(copy())))
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.json.clone()
    }
}

/// `.Capabilities`.
pub(super) fn capabilities(capabilities: &Capabilities, compat: Compat) -> Value {
    let (ty, set): (_, &'static NamedType) = if compat.is_v4() {
        (Type::Pointer("common.Capabilities"), &VERSION_SET_V4)
    } else {
        (Type::Pointer("chartutil.Capabilities"), &VERSION_SET_V3)
    };
    let versions =
        capabilities.api_versions.iter().map(|version| Value::from(version.as_str())).collect();
    Value::Object(Rc::new(Struct::new(
        ty,
        vec![
            ("KubeVersion", kube_version(&capabilities.kube_version, compat)),
            ("APIVersions", Value::List(List::new(Type::Named(set), versions))),
            ("HelmVersion", helm_version(&capabilities.helm_version, compat)),
        ],
    )))
}

fn kube_version(version: &KubeVersion, compat: Compat) -> Value {
    let text = |text: &str| Value::from(text);
    let shown = GoStr::from(version.normalized.as_str());
    let name = if compat.is_v4() { "common.KubeVersion" } else { "chartutil.KubeVersion" };
    let json = vec![
        ("Version", text(&version.version)),
        ("Major", text(&version.major)),
        ("Minor", text(&version.minor)),
    ];
    let mut fields = json.clone();
    if compat.is_v4() {
        fields.insert(1, ("normalizedVersion", text(&version.normalized)));
    }
    Value::Object(Rc::new(Struct {
        json: Some(json),
        hidden: if compat.is_v4() { &["normalizedVersion"] } else { &[] },
        methods: vec![
            ("String", shown.clone()),
            ("GitVersion", GoStr::from(version.version.as_str())),
        ],
        display: Some(shown),
        ..Struct::new(Type::Struct(name), fields)
    }))
}

fn helm_version(version: &HelmVersion, compat: Compat) -> Value {
    let mut fields = vec![
        ("Version", version.version.as_str()),
        ("GitCommit", version.git_commit.as_str()),
        ("GitTreeState", version.git_tree_state.as_str()),
        ("GoVersion", version.go_version.as_str()),
    ];
    if compat.is_v4() {
        fields.push(("KubeClientVersion", version.kube_client_version.as_str()));
    }
    let names = ["version", "git_commit", "git_tree_state", "go_version", "kube_client_version"];
    let json = names.iter().zip(&fields).filter(|(_, (_, text))| !text.is_empty());
    let json = json.map(|(name, (_, text))| (*name, Value::from(*text))).collect();
    let fields = fields.into_iter().map(|(name, text)| (name, Value::from(text))).collect();
    Value::Object(Rc::new(Struct {
        json: Some(json),
        ..Struct::new(Type::Struct("version.BuildInfo"), fields)
    }))
}

/// `.Release`.
pub(super) fn release(release: &Release) -> Value {
    Value::dict([
        ("Name", Value::from(release.name.as_str())),
        ("Namespace", Value::from(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(release.is_upgrade)),
        ("IsInstall", Value::Bool(!release.is_upgrade)),
        ("Revision", Value::int(release.revision)),
        ("Service", Value::from(Release::SERVICE)),
    ])
}

/// `.Template`.
pub(super) fn template(name: &Arc<str>, base_path: &str, compat: Compat) -> Value {
    Value::Map(Map::new(
        values_type(compat),
        [
            (GoStr::from("Name"), Value::from(&**name)),
            (GoStr::from("BasePath"), Value::from(base_path)),
        ],
    ))
}

fn texts(items: &[String]) -> Vec<Value> {
    items.iter().map(|item| Value::from(item.as_str())).collect()
}

fn annotations(metadata: &Metadata) -> Value {
    const TY: Type = Type::Map(&Type::String);
    Value::Map(match &metadata.annotations {
        None => Map::nil(TY),
        Some(annotations) => Map::new(
            TY,
            annotations
                .iter()
                .map(|(key, value)| (GoStr::from(key.as_str()), value.as_str().into())),
        ),
    })
}

/// `.Chart`: a map in version 4, a struct in version 3.
pub(super) fn chart(metadata: &Metadata, is_root: bool, compat: Compat) -> Value {
    match compat {
        Compat::V4 => chart_map(metadata, is_root),
        Compat::V3 => chart_struct(metadata, is_root),
    }
}

fn dependency_fields(
    dependency: &Dependency,
    tags: Value,
    imports: Value,
) -> [(&'static str, Value); 8] {
    [
        ("Name", Value::from(dependency.name.as_str())),
        ("Version", Value::from(dependency.version.as_str())),
        ("Repository", Value::from(dependency.repository.as_str())),
        ("Condition", Value::from(dependency.condition.as_str())),
        ("Tags", tags),
        ("Enabled", Value::Bool(dependency.enabled)),
        ("ImportValues", imports),
        ("Alias", Value::from(dependency.alias.as_str())),
    ]
}

fn imports(dependency: &Dependency) -> Vec<Value> {
    dependency.import_values.iter().map(super::values::own).collect()
}

fn chart_map(metadata: &Metadata, is_root: bool) -> Value {
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        Value::dict([
            ("Name", Value::from(maintainer.name.as_str())),
            ("Email", Value::from(maintainer.email.as_str())),
            ("URL", Value::from(maintainer.url.as_str())),
        ])
    });
    let dependencies = metadata.dependencies.iter().flatten().map(|dependency| {
        let tags = Value::list(texts(&dependency.tags));
        let imports = Value::list(imports(dependency));
        Value::dict(dependency_fields(dependency, tags, imports))
    });
    let text = |text: &String| Value::from(text.as_str());
    Value::dict([
        ("Name", text(&metadata.name)),
        ("Home", text(&metadata.home)),
        ("Sources", Value::list(texts(&metadata.sources))),
        ("Version", text(&metadata.version)),
        ("Description", text(&metadata.description)),
        ("Keywords", Value::list(texts(&metadata.keywords))),
        ("Maintainers", Value::list(maintainers.collect())),
        ("Icon", text(&metadata.icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::Bool(metadata.deprecated)),
        ("Annotations", annotations(metadata)),
        ("KubeVersion", text(&metadata.kube_version)),
        ("Dependencies", Value::list(dependencies.collect())),
        ("Type", text(&metadata.kind)),
        ("IsRoot", Value::Bool(is_root)),
    ])
}

/// A struct value whose JSON leaves out what is empty and has names of its own.
fn tagged(
    ty: Type,
    fields: Vec<(&'static str, Value)>,
    names: &'static [&'static str],
    extra: Option<(&'static str, Value)>,
) -> Struct {
    let json = names
        .iter()
        .zip(&fields)
        // Some fields are written even when they are empty.
        .filter(|(name, (_, value))| name.starts_with('!') || value.truth())
        .map(|(name, (_, value))| (name.trim_start_matches('!'), value.clone()));
    let json = json.chain(extra).collect();
    Struct { json: Some(json), ..Struct::new(ty, fields) }
}

fn slice(ty: Type, items: Vec<Value>) -> Value {
    Value::List(if items.is_empty() { List::nil(ty) } else { List::new(ty, items) })
}

fn chart_struct(metadata: &Metadata, is_root: bool) -> Value {
    static MAINTAINER: Type = Type::Pointer("chart.Maintainer");
    static DEPENDENCY: Type = Type::Pointer("chart.Dependency");
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        let fields = vec![
            ("Name", Value::from(maintainer.name.as_str())),
            ("Email", Value::from(maintainer.email.as_str())),
            ("URL", Value::from(maintainer.url.as_str())),
        ];
        let names = &["name", "email", "url"];
        Value::Object(Rc::new(tagged(MAINTAINER, fields, names, None)))
    });
    let dependencies = metadata.dependencies.iter().flatten().map(|dependency| {
        let tags = slice(Type::STRINGS, texts(&dependency.tags));
        let imports = slice(Type::LIST, imports(dependency));
        let fields = dependency_fields(dependency, tags, imports).to_vec();
        let names = &[
            "!name",
            "version",
            "!repository",
            "condition",
            "tags",
            "enabled",
            "import-values",
            "alias",
        ];
        Value::Object(Rc::new(tagged(DEPENDENCY, fields, names, None)))
    });
    let text = |text: &String| Value::from(text.as_str());
    let fields = vec![
        ("Name", text(&metadata.name)),
        ("Home", text(&metadata.home)),
        ("Sources", slice(Type::STRINGS, texts(&metadata.sources))),
        ("Version", text(&metadata.version)),
        ("Description", text(&metadata.description)),
        ("Keywords", slice(Type::STRINGS, texts(&metadata.keywords))),
        ("Maintainers", slice(Type::Slice(&MAINTAINER), maintainers.collect())),
        ("Icon", text(&metadata.icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::Bool(metadata.deprecated)),
        ("Annotations", annotations(metadata)),
        ("KubeVersion", text(&metadata.kube_version)),
        ("Dependencies", slice(Type::Slice(&DEPENDENCY), dependencies.collect())),
        ("Type", text(&metadata.kind)),
    ];
    let root = ("IsRoot", Value::Bool(is_root));
    let ty = Type::Struct("chart.Metadata");
    let metadata = tagged(ty, fields, &CHART_FIELDS, Some(root.clone()));
    let json = metadata.json.clone();
    // The struct around it: fields of the inner one are found through it.
    Value::Object(Rc::new(Promoted {
        outer: Struct {
            json,
            ..Struct::new(
                Type::Struct("struct { chart.Metadata; IsRoot bool }"),
                vec![("Metadata", Value::Object(Rc::new(metadata))), root],
            )
        },
    }))
}

/// A struct whose first field is embedded.
#[derive(Debug)]
struct Promoted {
    outer: Struct,
}

impl Object for Promoted {
    fn ty(&self) -> Type {
        self.outer.ty
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.outer.field(name).or_else(|| match &self.outer.fields[0].1 {
            Value::Object(inner) => inner.field(name),
            _ => None,
        })
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.outer.fields()
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.outer.json_fields()
    }
}
