//! Leaving out what a caller does not look at, where that cannot hide a mistake.
//!
//! Decoding is what finds mistakes beyond the syntax: tags that do not fit, merges of what is no
//! mapping, aliases without end, numbers and keys that JSON does not have. A document that has
//! nothing of the kind ([`is_sound`]) decodes whatever is taken out of it.

use super::compose::{Kind, Node, NodeId};
use crate::resolve::{Resolved, Version, resolve};

/// Whether decoding the nodes of a document by the rules of version 2, and turning the values into
/// JSON, cannot fail.
pub(super) fn is_sound(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match &node.kind {
        Kind::Scalar => {
            let is_finite = |text: &str| match resolve(text, Version::V2, true) {
                Resolved::Float(value) => value.is_finite(),
                _ => true,
            };
            // Nothing else can be a number.
            let may_be_number =
                || matches!(node.value.as_bytes().first(), Some(b'.' | b'+' | b'-' | b'0'..=b'9'));
            node.tag.is_empty() && (!node.plain || !may_be_number() || is_finite(&node.value))
        }
        Kind::Sequence(_) => true,
        Kind::Mapping(children) => children.iter().step_by(2).all(|&key| is_sound_key(&nodes[key])),
        Kind::Alias(_) => false,
    })
}

fn is_sound_key(key: &Node) -> bool {
    if key.kind != Kind::Scalar {
        return false;
    }
    if !key.plain {
        return true;
    }
    key.value != "<<"
        && matches!(
            resolve(&key.value, Version::V2, true),
            Resolved::Str | Resolved::Bool(_) | Resolved::Int(_)
        )
}

/// Takes entries out of the mapping at the top whose keys are none of the fields in any case.
pub(super) fn keep_fields(nodes: &mut [Node], root: NodeId, fields: &[&str]) {
    let Kind::Mapping(children) = &nodes[root].kind else { return };
    let is_field = |key: NodeId| {
        fields.iter().any(|field| field.eq_ignore_ascii_case(nodes[key].value.as_str()))
    };
    let kept: Vec<NodeId> =
        children.chunks_exact(2).filter(|pair| is_field(pair[0])).flatten().copied().collect();
    nodes[root].kind = Kind::Mapping(kept);
}

#[cfg(test)]
mod tests {
    use crate::{Flavour, read, read_fields};

    #[test]
    fn fields_are_those_of_the_whole_document() {
        let text = b"kind: A\nspec: {a: [1, .5, -2e3], 'x': ~, on: 1, 7: z}\nName: &b c\nname: d\n";
        let fields = read_fields(text, Flavour::GoYamlV2, &["kind", "name"]).expect("valid");
        assert_eq!(fields, serde_json::json!({"kind": "A", "Name": "c", "name": "d"}));
    }

    #[test]
    fn mistakes_elsewhere_are_still_found() {
        for rest in [
            "a: !!int x",
            "a: .inf",
            "a: -.Inf",
            "a: .nan",
            "a: !!binary x",
            "a: {<<: 1}",
            "a: &a [*a]",
            "~: 1",
            "null: 1",
            "? [a]\n: 1",
            "18446744073709551615: 1",
            "a: [b",
            "a: *b",
        ] {
            let text = format!("kind: A\n{rest}\n");
            let whole = read(text.as_bytes(), Flavour::GoYamlV2);
            let fields = read_fields(text.as_bytes(), Flavour::GoYamlV2, &["kind"]);
            assert_eq!(whole.expect_err(rest), fields.expect_err(rest), "{rest}");
        }
        let deep = format!("kind: A\na: {}{}\n", "[".repeat(600), "]".repeat(600));
        assert!(read_fields(deep.as_bytes(), Flavour::GoYamlV2, &["kind"]).is_err());
    }
}
