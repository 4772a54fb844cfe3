//! Templates and sets of templates.
//!
//! A [`TemplateSet`] maps names to parsed templates. It is immutable once shared; a set can have
//! a parent it adds to, so templates parsed at run time do not copy what was there.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::error::{ExecError, ParseError};
use crate::exec::Run;
use crate::func::FuncMap;
use crate::parse::ast::Tree;
use crate::value::Value;
use crate::world::World;

/// What happens when a map has no entry for a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// The result is no value at all, printed `<no value>`.
    #[default]
    Default,
    /// The result is the zero value of the map's element type.
    Zero,
    /// Execution fails.
    Error,
}

/// How much a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nested template invocations; Go allows 100,000.
    pub depth: usize,
    /// Nodes visited, or `None` for no limit.
    pub steps: Option<u64>,
    /// Bytes written in all, the output of nested renderings included, or `None` for no limit.
    pub output: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 100_000, steps: None, output: None }
    }
}

/// The circumstances of a run.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// What a missing key means.
    pub missing_key: MissingKey,
    /// What the run may use.
    pub limits: Limits,
    /// Clock, randomness and environment, for the functions that need them.
    pub world: Option<&'a dyn World>,
    /// The results of [constant functions](FuncMap::add_constant).
    pub constants: &'a [(&'a str, Value)],
    /// Anything the host's functions need to find again.
    pub host: Option<Rc<dyn Any>>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("missing_key", &self.missing_key)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A text that has been parsed: the template it is, and those it defines.
///
/// Belongs to no set; can be added to any number of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub(crate) main: Arc<Tree>,
    others: Arc<[Arc<Tree>]>,
}

impl Parsed {
    /// Parses a text under a name.
    ///
    /// # Errors
    ///
    /// [`ParseError`] in Go's words.
    pub fn parse(name: &str, text: &[u8], funcs: &Arc<FuncMap>) -> Result<Self, ParseError> {
        Parsed::parse_shared(&Arc::from(name), &Arc::from(text), funcs)
    }

    /// Parses a text that is kept as it is, without a copy.
    ///
    /// # Errors
    ///
    /// [`ParseError`] in Go's words.
    pub fn parse_shared(
        name: &Arc<str>,
        text: &Arc<[u8]>,
        funcs: &FuncMap,
    ) -> Result<Self, ParseError> {
        Parsed::delimited(name, text, ("{{", "}}"), funcs)
    }

    fn delimited(
        name: &Arc<str>,
        text: &Arc<[u8]>,
        delimiters: (&str, &str),
        funcs: &FuncMap,
    ) -> Result<Self, ParseError> {
        let (main, others) = crate::parse::parse(name, text, delimiters, funcs)?;
        Ok(Parsed { main, others: others.into() })
    }

    /// The name the text was parsed under.
    pub fn name(&self) -> &Arc<str> {
        &self.main.name
    }

    /// Whether the text defines templates besides the one it is.
    pub fn defines_others(&self) -> bool {
        !self.others.is_empty()
    }
}

/// Templates that can invoke each other.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    parent: Option<Arc<TemplateSet>>,
    trees: FxHashMap<Arc<str>, Arc<Tree>>,
    funcs: Arc<FuncMap>,
    delimiters: (Arc<str>, Arc<str>),
}

impl TemplateSet {
    /// An empty set whose templates may call these functions.
    pub fn new(funcs: Arc<FuncMap>) -> Self {
        TemplateSet {
            parent: None,
            trees: FxHashMap::default(),
            funcs,
            delimiters: (Arc::from("{{"), Arc::from("}}")),
        }
    }

    /// A set that begins with everything in `parent` and leaves `parent` as it is.
    ///
    /// Costs nothing in proportion to the size of the parent.
    #[must_use]
    pub fn extending(parent: &Arc<TemplateSet>) -> Self {
        TemplateSet {
            parent: Some(Arc::clone(parent)),
            trees: FxHashMap::default(),
            funcs: Arc::clone(&parent.funcs),
            delimiters: parent.delimiters.clone(),
        }
    }

    /// Sets the action delimiters for texts parsed from now on; empty ones mean `{{` and `}}`.
    pub fn set_delimiters(&mut self, left: &str, right: &str) {
        let or =
            |text: &str, default: &str| Arc::from(if text.is_empty() { default } else { text });
        self.delimiters = (or(left, "{{"), or(right, "}}"));
    }

    /// Parses a text and adds the templates it defines; the text itself becomes `name`.
    ///
    /// A template that is only space and comments does not replace one that exists.
    ///
    /// # Errors
    ///
    /// [`ParseError`] in Go's words; the set is unchanged then.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<(), ParseError> {
        let delimiters = (&*self.delimiters.0, &*self.delimiters.1);
        let text = Arc::from(text.as_ref());
        self.add(&Parsed::delimited(&Arc::from(name), &text, delimiters, &self.funcs)?);
        Ok(())
    }

    /// Adds the templates of a parsed text, by the same rules as [`parse`](Self::parse).
    pub fn add(&mut self, parsed: &Parsed) {
        for tree in std::iter::once(&parsed.main).chain(&*parsed.others) {
            if tree.is_empty && self.find(&tree.name).is_some() {
                continue;
            }
            self.trees.insert(Arc::clone(&tree.name), Arc::clone(tree));
        }
    }

    /// The functions its templates may call.
    pub fn funcs(&self) -> &Arc<FuncMap> {
        &self.funcs
    }

    /// Whether there is a template of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        let mut set = Some(self);
        while let Some(current) = set {
            names.extend(current.trees.keys().cloned());
            set = current.parent.as_deref();
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Tree>> {
        let mut set = self;
        loop {
            if let Some(tree) = set.trees.get(name) {
                return Some(tree);
            }
            set = set.parent.as_deref()?;
        }
    }

    /// Runs a template on `data` and appends what it prints to `out`.
    ///
    /// # Errors
    ///
    /// [`ExecError`] in Go's words; what was printed before stays in `out`.
    pub fn execute(
        self: &Arc<Self>,
        name: &str,
        data: &Value,
        out: &mut Vec<u8>,
        options: &Options<'_>,
    ) -> Result<(), ExecError> {
        crate::exec::execute(self, name, data, out, &mut Run::new(options))
    }
}

/// A single parsed template with the templates its text defines.
#[derive(Clone, Debug)]
pub struct Template {
    name: Arc<str>,
    set: Arc<TemplateSet>,
}

impl Template {
    /// Parses a text under a name.
    ///
    /// # Errors
    ///
    /// [`ParseError`] in Go's words.
    pub fn parse(
        name: &str,
        text: impl AsRef<[u8]>,
        funcs: &Arc<FuncMap>,
    ) -> Result<Self, ParseError> {
        let mut set = TemplateSet::new(Arc::clone(funcs));
        set.parse(name, text)?;
        Ok(Template { name: Arc::from(name), set: Arc::new(set) })
    }

    /// The set of templates the text defines, this one included.
    pub fn set(&self) -> &Arc<TemplateSet> {
        &self.set
    }

    /// Runs the template on `data` and appends what it prints to `out`.
    ///
    /// # Errors
    ///
    /// [`ExecError`] in Go's words; what was printed before stays in `out`.
    pub fn execute(
        &self,
        data: &Value,
        out: &mut Vec<u8>,
        options: &Options<'_>,
    ) -> Result<(), ExecError> {
        self.set.execute(&self.name, data, out, options)
    }

    /// Runs the template with default options and returns what it prints.
    ///
    /// # Errors
    ///
    /// [`ExecError`] in Go's words.
    pub fn render(&self, data: &Value) -> Result<Vec<u8>, ExecError> {
        let mut out = Vec::new();
        self.execute(data, &mut out, &Options::default())?;
        Ok(out)
    }
}
