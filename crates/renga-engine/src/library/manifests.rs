//! Values to text and back.

use renga_yaml::Flavour;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::json_ex::Layout;
use crate::manifest::yaml::YamlStyle;

fn written(vm: &mut Vm<'_>, value: Value, layout: &Layout<'_>) -> Res<Value> {
    let mut out = String::new();
    let depth = vm.depth_limit();
    vm.write_json_ex(value, layout, "", depth, &mut Vec::new(), &mut out)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn json(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    written(vm, vm.arg(base, 0), &Layout { indent: "    ", newline: "\n", colon: ": " })
}

pub(crate) fn json_minified(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    written(vm, vm.arg(base, 0), &Layout { indent: "", newline: "", colon: ":" })
}

pub(crate) fn json_ex(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let indent = vm.string_arg(vm.arg(base, 1))?;
    let newline = match vm.arg(base, 2) {
        Value::Unset => "\n".into(),
        value => vm.string_arg(value)?,
    };
    let colon = match vm.arg(base, 3) {
        Value::Unset => ": ".into(),
        value => vm.string_arg(value)?,
    };
    written(vm, vm.arg(base, 0), &Layout { indent: &indent, newline: &newline, colon: &colon })
}

fn flag(vm: &Vm<'_>, value: Value, default: bool) -> Res<bool> {
    match value {
        Value::Unset => Ok(default),
        value => vm.bool_arg(value),
    }
}

pub(crate) fn yaml_doc(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let style = YamlStyle {
        indent_arrays: flag(vm, vm.arg(base, 1), false)?,
        quote_keys: flag(vm, vm.arg(base, 2), true)?,
    };
    let mut out = String::new();
    let depth = vm.depth_limit();
    vm.write_yaml(vm.arg(base, 0), style, "", depth, &mut out)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn yaml_stream(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let Value::Arr(array) = vm.arg(base, 0) else {
        let got = vm.arg(base, 0).type_name();
        return fail(format!("manifestYamlStream only takes arrays, got {got}"));
    };
    let style = YamlStyle {
        indent_arrays: flag(vm, vm.arg(base, 1), false)?,
        quote_keys: flag(vm, vm.arg(base, 3), true)?,
    };
    let mut out = String::from("---\n");
    for at in 0..vm.heap.array_len(array) {
        if at > 0 {
            out.push_str("\n---\n");
        }
        let value = vm.element(array, at)?;
        vm.stack.push(value);
        let depth = vm.depth_limit();
        vm.write_yaml(value, style, "", depth, &mut out)?;
        vm.stack.pop();
    }
    out.push_str(if flag(vm, vm.arg(base, 2), true)? { "\n...\n" } else { "\n" });
    Ok(vm.heap.string(out))
}

pub(crate) fn toml(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    toml_with(vm, vm.arg(base, 0), "  ")
}

pub(crate) fn toml_ex(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let indent = vm.string_arg(vm.arg(base, 1))?;
    toml_with(vm, vm.arg(base, 0), &indent)
}

fn toml_with(vm: &mut Vm<'_>, value: Value, indent: &str) -> Res<Value> {
    let Value::Obj(object) = value else {
        return fail(format!("TOML body must be an object. Got {}", value.type_name()));
    };
    let depth = vm.depth_limit();
    let out = vm.toml_table(object, indent, &mut Vec::new(), &mut Vec::new(), "", depth)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn ini(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let object = vm.object_arg(vm.arg(base, 0))?;
    let mut out = String::new();
    vm.write_ini(object, &mut out)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn python(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let mut out = String::new();
    vm.write_python(vm.arg(base, 0), &mut out)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn python_vars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let object = vm.object_arg(vm.arg(base, 0))?;
    let mut out = String::new();
    for name in vm.field_names(object, false) {
        let value = vm.field_or_fail(object, name)?;
        vm.stack.push(value);
        out.push_str(vm.symbols.name(name));
        out.push_str(" = ");
        vm.write_python(value, &mut out)?;
        out.push('\n');
        vm.stack.pop();
    }
    Ok(vm.heap.string(out))
}

pub(crate) fn xml(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let value = vm.arg(base, 0);
    if !matches!(value, Value::Arr(_)) {
        return fail(format!("Expected a JSONML value (an array), got {}", value.type_name()));
    }
    let mut out = String::new();
    vm.write_xml(value, &mut out)?;
    Ok(vm.heap.string(out))
}

pub(crate) fn parse_json(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = vm.string_arg(vm.arg(base, 0))?;
    vm.parse_json(&text)
}

pub(crate) fn parse_yaml(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = vm.string_arg(vm.arg(base, 0))?;
    let (documents, stream) = documents(&text);
    let mut values = Vec::with_capacity(documents.len());
    for document in documents {
        match renga_yaml::read(document.as_bytes(), Flavour::SigsYaml) {
            Ok(value) => values.push(vm.from_json(&value)?),
            Err(error) => return fail(format!("failed to parse YAML: {error}")),
        }
    }
    match values.first() {
        None => Ok(Value::Null),
        Some(_) if stream => Ok(vm.heap.array(values)),
        Some(&only) => Ok(only),
    }
}

/// Text cut at lines that begin a document, and whether there is such a line.
fn documents(text: &str) -> (Vec<String>, bool) {
    let mut documents = Vec::new();
    let mut current = String::new();
    let mut stream = false;
    for line in text.lines() {
        let marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if marker {
            stream = true;
            if !current.is_empty() {
                documents.push(std::mem::take(&mut current));
            }
        }
        current.push_str(line);
        current.push('\n');
    }
    if !current.is_empty() {
        documents.push(current);
    }
    (documents, stream)
}
