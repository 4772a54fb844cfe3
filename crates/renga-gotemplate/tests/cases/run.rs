//! Runs one recorded case. Shared by the golden tests and the `compare` example.

use std::cell::Cell;
use std::sync::Arc;

use renga_gotemplate::{
    MissingKey, NamedType, Options, TemplateSet, Type, Value, World, Zone, sprig_functions,
};

static NAMED: NamedType = NamedType {
    name: "main.named",
    underlying: Type::DICT,
    method: NamedType::no_methods,
    list_method: NamedType::no_list_methods,
    display: None,
};

/// A world in which every template is in Berlin, and chance repeats itself.
struct Berlin(Cell<u64>);

impl World for Berlin {
    fn fill_random(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let next = self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.0.set(next);
            *byte = next.to_be_bytes()[0];
        }
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn now(&self) -> (i64, u32) {
        (1_700_000_000, 0)
    }

    fn zone(&self, name: &str) -> Option<Zone> {
        (name == "Europe/Berlin").then(berlin)
    }

    fn local_zone(&self) -> Zone {
        berlin()
    }

    fn lookup_host(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The present rules of central Europe, as a zone file without a past.
fn berlin() -> Zone {
    // One type of local time (CET, 3,600 seconds east), no transitions, then the rule.
    let types = |out: &mut Vec<u8>| {
        out.extend_from_slice(b"TZif2");
        out.extend_from_slice(&[0; 15]);
        for count in [0_u32, 0, 0, 0, 1, 4] {
            out.extend_from_slice(&count.to_be_bytes());
        }
        out.extend_from_slice(&3_600_i32.to_be_bytes());
        out.extend_from_slice(b"\0\0CET\0");
    };
    let mut data = Vec::new();
    types(&mut data);
    types(&mut data);
    data.extend_from_slice(b"\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    Zone::from_tzif("Europe/Berlin", &data).expect("a zone file")
}

/// The data every case runs on.
pub(crate) fn data() -> Value {
    let json = serde_json::from_str(include_str!("data.json")).expect("data.json is JSON");
    let data = Value::from_json(&json);
    if let (Value::Map(root), Value::Map(named)) = (&data, Value::dict([("a", Value::from("x"))])) {
        root.insert("named".into(), Value::Map(named.retyped(Type::Named(&NAMED))));
    }
    data
}

/// Runs a template; returns what it printed and its error, empty for none.
pub(crate) fn run(template: &str, option: &str) -> (Vec<u8>, String) {
    let missing_key = match option {
        "zero" => MissingKey::Zero,
        "error" => MissingKey::Error,
        _ => MissingKey::Default,
    };
    let mut set = TemplateSet::new(Arc::clone(sprig_functions()));
    if let Err(error) = set.parse("t", template) {
        return (Vec::new(), error.to_string());
    }
    let mut out = Vec::new();
    let options = Options { missing_key, world: Some(&Berlin(Cell::new(1))), ..Options::default() };
    let error = Arc::new(set).execute("t", &data(), &mut out, &options).err();
    (out, error.map(|error| error.to_string()).unwrap_or_default())
}

/// What Go printed.
pub(crate) fn recorded_output(case: &serde_json::Value) -> Vec<u8> {
    match case["hex"].as_str() {
        Some(hex) => hex
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let digits = std::str::from_utf8(pair).expect("hex digits");
                u8::from_str_radix(digits, 16).expect("hex digits")
            })
            .collect(),
        None => case["output"].as_str().unwrap_or_default().into(),
    }
}
