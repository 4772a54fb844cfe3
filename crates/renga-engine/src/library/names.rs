//! The functions by name.

use crate::error::Res;
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::library::{
    arrays, encodings, higher, manifests, maths, objects, sets, slices, strings, types,
};

pub(crate) type Run = fn(&mut Vm<'_>, usize) -> Res<Value>;

/// A function of the library.
pub(crate) struct Entry {
    pub name: &'static str,
    pub params: &'static [&'static str],
    /// How many parameters at the end need no argument.
    pub optional: usize,
    /// Bits of the parameters that are not evaluated before the call.
    pub lazy: u32,
    pub run: Run,
}

const fn strict(name: &'static str, params: &'static [&'static str], run: Run) -> Entry {
    Entry { name, params, optional: 0, lazy: 0, run }
}

const fn optional(
    name: &'static str,
    params: &'static [&'static str],
    optional: usize,
    run: Run,
) -> Entry {
    Entry { name, params, optional, lazy: 0, run }
}

const fn lazy(
    name: &'static str,
    params: &'static [&'static str],
    optional: usize,
    lazy: u32,
    run: Run,
) -> Entry {
    Entry { name, params, optional, lazy, run }
}

/// All functions, by name.
pub(crate) static LIBRARY: &[Entry] = &[
    strict("__array_greater", &["arr1", "arr2"], arrays::array_greater),
    strict("__array_greater_or_equal", &["arr1", "arr2"], arrays::array_greater_or_equal),
    strict("__array_less", &["arr1", "arr2"], arrays::array_less),
    strict("__array_less_or_equal", &["arr1", "arr2"], arrays::array_less_or_equal),
    strict("__compare", &["v1", "v2"], arrays::compare),
    strict("__compare_array", &["arr1", "arr2"], arrays::compare_array),
    strict("abs", &["n"], maths::abs),
    strict("acos", &["x"], maths::acos),
    strict("all", &["arr"], arrays::all),
    strict("any", &["arr"], arrays::any),
    strict("asciiLower", &["str"], strings::ascii_lower),
    strict("asciiUpper", &["str"], strings::ascii_upper),
    strict("asin", &["x"], maths::asin),
    strict("assertEqual", &["a", "b"], types::assert_equal),
    strict("atan", &["x"], maths::atan),
    strict("atan2", &["y", "x"], maths::atan2),
    strict("avg", &["arr"], arrays::avg),
    strict("base64", &["input"], encodings::base64),
    strict("base64Decode", &["str"], encodings::base64_decode),
    strict("base64DecodeBytes", &["str"], encodings::base64_decode_bytes),
    strict("ceil", &["x"], maths::ceil),
    strict("char", &["n"], strings::char),
    strict("clamp", &["x", "minVal", "maxVal"], maths::clamp),
    strict("codepoint", &["str"], strings::codepoint),
    strict("contains", &["arr", "elem"], arrays::contains),
    strict("cos", &["x"], maths::cos),
    strict("count", &["arr", "x"], arrays::count),
    strict("decodeUTF8", &["arr"], encodings::decode_utf8),
    strict("deepJoin", &["arr"], strings::deep_join),
    strict("deg2rad", &["x"], maths::deg2rad),
    strict("encodeUTF8", &["str"], encodings::encode_utf8),
    strict("endsWith", &["a", "b"], strings::ends_with),
    strict("equals", &["x", "y"], types::equals),
    strict("equalsIgnoreCase", &["str1", "str2"], strings::equals_ignore_case),
    strict("escapeStringBash", &["str_"], strings::escape_bash),
    strict("escapeStringDollars", &["str_"], strings::escape_dollars),
    strict("escapeStringJson", &["str_"], strings::escape_json),
    strict("escapeStringPython", &["str"], strings::escape_json),
    strict("escapeStringXML", &["str_"], strings::escape_xml),
    strict("exp", &["x"], maths::exp),
    strict("exponent", &["x"], maths::exponent),
    strict("extVar", &["x"], types::ext_var),
    strict("filter", &["func", "arr"], higher::filter),
    strict("filterMap", &["filter_func", "map_func", "arr"], higher::filter_map),
    strict("find", &["value", "arr"], arrays::find),
    strict("findSubstr", &["pat", "str"], strings::find_substr),
    strict("flatMap", &["func", "arr"], higher::flat_map),
    strict("flattenArrays", &["arrs"], arrays::flatten_arrays),
    strict("flattenDeepArray", &["value"], arrays::flatten_deep),
    strict("floor", &["x"], maths::floor),
    strict("foldl", &["func", "arr", "init"], higher::foldl),
    strict("foldr", &["func", "arr", "init"], higher::foldr),
    strict("format", &["str", "vals"], strings::format),
    lazy("get", &["o", "f", "default", "inc_hidden"], 2, 0b100, objects::get),
    strict("hypot", &["x", "y"], maths::hypot),
    strict("id", &["x"], types::id),
    strict("isArray", &["v"], types::is_array),
    strict("isBoolean", &["v"], types::is_boolean),
    strict("isDecimal", &["x"], maths::is_decimal),
    strict("isEmpty", &["str"], strings::is_empty),
    strict("isEven", &["x"], maths::is_even),
    strict("isFunction", &["v"], types::is_function),
    strict("isInteger", &["x"], maths::is_integer),
    strict("isNull", &["x"], types::is_null),
    strict("isNumber", &["v"], types::is_number),
    strict("isObject", &["v"], types::is_object),
    strict("isOdd", &["x"], maths::is_odd),
    strict("isString", &["v"], types::is_string),
    strict("join", &["sep", "arr"], arrays::join),
    strict("length", &["x"], types::length),
    strict("lines", &["arr"], strings::lines),
    strict("log", &["x"], maths::log),
    strict("log10", &["x"], maths::log10),
    strict("log2", &["x"], maths::log2),
    strict("lstripChars", &["str", "chars"], strings::lstrip_chars),
    strict("makeArray", &["sz", "func"], higher::make_array),
    strict("manifestIni", &["ini"], manifests::ini),
    strict("manifestJson", &["value"], manifests::json),
    optional(
        "manifestJsonEx",
        &["value", "indent", "newline", "key_val_sep"],
        2,
        manifests::json_ex,
    ),
    strict("manifestJsonMinified", &["value"], manifests::json_minified),
    strict("manifestPython", &["v"], manifests::python),
    strict("manifestPythonVars", &["conf"], manifests::python_vars),
    strict("manifestToml", &["value"], manifests::toml),
    strict("manifestTomlEx", &["value", "indent"], manifests::toml_ex),
    strict("manifestXmlJsonml", &["value"], manifests::xml),
    optional(
        "manifestYamlDoc",
        &["value", "indent_array_in_object", "quote_keys"],
        2,
        manifests::yaml_doc,
    ),
    optional(
        "manifestYamlStream",
        &["value", "indent_array_in_object", "c_document_end", "quote_keys"],
        3,
        manifests::yaml_stream,
    ),
    strict("mantissa", &["x"], maths::mantissa),
    strict("map", &["func", "arr"], higher::map),
    strict("mapWithIndex", &["func", "arr"], higher::map_with_index),
    strict("mapWithKey", &["func", "obj"], higher::map_with_key),
    strict("max", &["a", "b"], maths::max),
    lazy("maxArray", &["arr", "keyF", "onEmpty"], 2, 0, sets::max_array),
    strict("md5", &["s"], encodings::md5),
    strict("member", &["arr", "x"], arrays::member),
    lazy("mergePatch", &["target", "patch"], 0, 0b01, objects::merge_patch),
    strict("min", &["a", "b"], maths::min),
    lazy("minArray", &["arr", "keyF", "onEmpty"], 2, 0, sets::min_array),
    strict("mod", &["a", "b"], maths::modulo_or_format),
    strict("modulo", &["x", "y"], maths::modulo),
    strict("native", &["x"], types::native),
    strict("objectFields", &["o"], objects::fields),
    strict("objectFieldsAll", &["o"], objects::fields_all),
    strict("objectFieldsEx", &["obj", "hidden"], objects::fields_ex),
    strict("objectHas", &["o", "f"], objects::has),
    strict("objectHasAll", &["o", "f"], objects::has_all),
    strict("objectHasEx", &["obj", "fname", "hidden"], objects::has_ex),
    strict("objectKeysValues", &["o"], objects::keys_values),
    strict("objectKeysValuesAll", &["o"], objects::keys_values_all),
    strict("objectRemoveKey", &["obj", "key"], objects::remove_key),
    strict("objectValues", &["o"], objects::values),
    strict("objectValuesAll", &["o"], objects::values_all),
    strict("parseHex", &["str"], strings::parse_hex),
    strict("parseInt", &["str"], strings::parse_int),
    strict("parseJson", &["str"], manifests::parse_json),
    strict("parseOctal", &["str"], strings::parse_octal),
    strict("parseYaml", &["str"], manifests::parse_yaml),
    strict("pow", &["x", "n"], maths::pow),
    strict("primitiveEquals", &["x", "y"], types::primitive_equals),
    strict("prune", &["a"], objects::prune),
    strict("rad2deg", &["x"], maths::rad2deg),
    strict("range", &["from", "to"], arrays::range),
    strict("remove", &["arr", "elem"], arrays::remove),
    strict("removeAt", &["arr", "i"], arrays::remove_at),
    strict("repeat", &["what", "count"], arrays::repeat),
    strict("resolvePath", &["f", "r"], strings::resolve_path),
    strict("reverse", &["arr"], arrays::reverse),
    strict("round", &["x"], maths::round),
    strict("rstripChars", &["str", "chars"], strings::rstrip_chars),
    optional("set", &["arr", "keyF"], 1, sets::set),
    optional("setDiff", &["a", "b", "keyF"], 1, sets::difference),
    optional("setInter", &["a", "b", "keyF"], 1, sets::intersection),
    optional("setMember", &["x", "arr", "keyF"], 1, sets::set_member),
    optional("setUnion", &["a", "b", "keyF"], 1, sets::union),
    strict("sha1", &["s"], encodings::sha1),
    strict("sha256", &["s"], encodings::sha256),
    strict("sha3", &["s"], encodings::sha3),
    strict("sha512", &["s"], encodings::sha512),
    strict("sign", &["n"], maths::sign),
    strict("sin", &["x"], maths::sin),
    strict("slice", &["indexable", "index", "end", "step"], slices::slice),
    optional("sort", &["arr", "keyF"], 1, sets::sort),
    strict("split", &["str", "c"], strings::split),
    strict("splitLimit", &["str", "c", "maxsplits"], strings::split_limit),
    strict("splitLimitR", &["str", "c", "maxsplits"], strings::split_limit_r),
    strict("sqrt", &["x"], maths::sqrt),
    strict("startsWith", &["a", "b"], strings::starts_with),
    strict("strReplace", &["str", "from", "to"], strings::replace),
    strict("stringChars", &["str"], strings::chars),
    strict("stripChars", &["str", "chars"], strings::strip_chars),
    strict("substr", &["str", "from", "len"], strings::substr),
    strict("sum", &["arr"], arrays::sum),
    strict("tan", &["x"], maths::tan),
    strict("toString", &["a"], types::to_string),
    strict("trace", &["str", "rest"], types::trace),
    strict("trim", &["str"], strings::trim),
    strict("type", &["x"], types::type_name),
    optional("uniq", &["arr", "keyF"], 1, sets::uniq),
    strict("xnor", &["x", "y"], types::xnor),
    strict("xor", &["x", "y"], types::xor),
];

/// The number of a function.
pub(crate) fn find(name: &str) -> Option<u16> {
    let at = LIBRARY.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    u16::try_from(at).ok()
}

pub(crate) fn run(vm: &mut Vm<'_>, function: u16, base: usize) -> Res<Value> {
    (LIBRARY[function as usize].run)(vm, base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(LIBRARY.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
