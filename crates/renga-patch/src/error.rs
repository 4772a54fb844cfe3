//! Why a patch cannot be computed or applied.

use crate::MAX_DEPTH;

/// Why a patch cannot be computed or applied.
///
/// The texts are those of Kubernetes' library where it has one, but for the objects and lists that it
/// prints in them: values may be secrets, so here only names, types and keys are named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PatchError {
    /// A list whose items are told apart by a key has an item without it.
    #[error("map with {fields} does not contain declared merge key: {key}")]
    #[diagnostic(
        code(patch::no_merge_key),
        help("give every item of the list its `{key}`; it is what Kubernetes knows the items by")
    )]
    NoMergeKey {
        /// The names of the fields that the item has, as Go prints a list.
        fields: String,
        /// The key that is missing.
        key: String,
    },
    /// The schema of the kind has no such field, and the values on both sides differ.
    #[error("unable to find api field \"{field}\"")]
    #[diagnostic(
        code(patch::unknown_field),
        help(
            "check the spelling of `{field}`: the kind has no field of this name that could be merged"
        )
    )]
    UnknownField {
        /// The name of the field.
        field: String,
    },
    /// A value is of another type than its place asks for.
    #[error("expected a {expected}, but received a {found}")]
    #[diagnostic(code(patch::wrong_type))]
    WrongType {
        /// The Go type that is needed.
        expected: &'static str,
        /// The Go type of the value.
        found: &'static str,
    },
    /// A list that is merged has items of several types.
    #[error("list element types are not identical: {types}")]
    #[diagnostic(code(patch::mixed_list))]
    MixedList {
        /// The Go types of the items, each once.
        types: String,
    },
    /// A list that is merged has lists as items.
    #[error("lists of lists are not supported")]
    #[diagnostic(code(patch::list_of_lists))]
    ListOfLists,
    /// The lists that should tell the type of their items are empty.
    #[error("no elements in any of the given slices")]
    #[diagnostic(code(patch::empty_lists))]
    EmptyLists,
    /// A value that items are told apart by is an object or a list.
    #[error("comparing uncomparable type {found}")]
    #[diagnostic(code(patch::uncomparable))]
    Uncomparable {
        /// The Go type of the value.
        found: &'static str,
    },
    /// A list of objects is to be merged, but its schema names no key.
    #[error("cannot merge lists without merge key for {schema}")]
    #[diagnostic(code(patch::list_without_key))]
    ListWithoutKey {
        /// What the schema calls itself.
        schema: &'static str,
    },
    /// A `$patch` of an unknown sort.
    #[error("unknown patch type: {directive}")]
    #[diagnostic(code(patch::directive), help("use `replace`, `delete` or `merge`"))]
    Directive {
        /// The value of `$patch`, or its Go type if it is no text.
        directive: String,
    },
    /// `$patch: merge` in an item of a list.
    #[error("merging lists cannot yet be specified in the patch")]
    #[diagnostic(code(patch::merge_directive))]
    MergeDirective,
    /// `$patch` is no string in one of the objects that are compared.
    #[error("invalid value for special key: $patch")]
    #[diagnostic(code(patch::directive_type))]
    DirectiveType,
    /// The value of a `$deleteFromPrimitiveList/…` is no list, or its name has no field.
    #[error("invalid patch format of primitive list")]
    #[diagnostic(code(patch::primitive_list))]
    PrimitiveList,
    /// The value of `$retainKeys` is no list, or lacks a field of the patch.
    #[error("invalid patch format of retainKeys")]
    #[diagnostic(code(patch::retain_keys))]
    RetainKeys,
    /// Two patches that are merged retain different fields.
    #[error(
        "{first} and {second} are not deep equal: this may happen when calculating the 3-way diff patch"
    )]
    #[diagnostic(code(patch::retain_keys_conflict))]
    RetainKeysConflict {
        /// The fields of one patch, as Go prints them.
        first: String,
        /// The fields of the other.
        second: String,
    },
    /// A `$setElementOrder/…` is no list, has no field, or contradicts another one.
    #[error("invalid patch format of setElementOrder list")]
    #[diagnostic(code(patch::set_element_order))]
    SetElementOrder,
    /// The items of the patch are in another order than their `$setElementOrder/…` says.
    #[error("The order in patch list:\n{list}\n doesn't match $setElementOrder list:\n{order}\n")]
    #[diagnostic(code(patch::order))]
    Order {
        /// What the items are known by, as Go prints it.
        list: String,
        /// The order, as Go prints it.
        order: String,
    },
    /// Additions and deletions contradict each other.
    #[error("additions and deletions of the patch contradict each other")]
    #[diagnostic(code(patch::conflict))]
    Conflict,
    /// The object's identity differs from that of the live object.
    #[error("At least one of apiVersion, kind and name was changed")]
    #[diagnostic(
        code(patch::identity),
        help("delete the live object, or give the new one a name of its own")
    )]
    IdentityChanged,
    /// An object is no JSON object.
    #[error("invalid JSON document")]
    #[diagnostic(code(patch::not_an_object))]
    NotAnObject,
    /// A value nests too deeply.
    #[error("values nest deeper than {MAX_DEPTH} levels")]
    #[diagnostic(code(patch::too_deep))]
    TooDeep,
}
