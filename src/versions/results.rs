//! The results of two versions, value by value.

use serde_json::Value;

/// How far two numbers may lie apart, relatively, that two programs computed from the same data.
const TOLERANCE: f64 = 1e-9;

/// What differs between two `results.json`, each as a message that names analysis and field. A
/// field that only one of two programs knows is no difference.
#[must_use]
pub fn result_differences(old: &[u8], new: &[u8]) -> Vec<String> {
    let parsed = |bytes| serde_json::from_slice::<Vec<Value>>(bytes);
    let (Ok(old), Ok(new)) = (parsed(old), parsed(new)) else {
        return vec!["`results.json` cannot be read".to_owned()];
    };
    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    let mut differences = Vec::new();
    for before in &old {
        match new.iter().find(|now| id(now) == id(before)) {
            None => differences.push(format!("{}: the analysis is gone", id(before))),
            Some(now) => differences.extend(value_differences(before, now)),
        }
    }
    let added = new.iter().filter(|now| !old.iter().any(|before| id(before) == id(now)));
    differences.extend(added.map(|now| format!("{}: the analysis is new", id(now))));
    differences
}

/// What differs between two objects of `results.json` about one analysis.
#[must_use]
pub(super) fn value_differences(old: &Value, new: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare(old["id"].as_str().unwrap_or_default(), old, new, &mut differences);
    differences
}

fn compare(path: &str, old: &Value, new: &Value, differences: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                if let Some(other) = new.get(name) {
                    let separator = if path.contains(": ") { "." } else { ": " };
                    compare(&format!("{path}{separator}{name}"), value, other, differences);
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (value, other)) in old.iter().zip(new).enumerate() {
                compare(&format!("{path}[{index}]"), value, other, differences);
            }
        }
        _ if is_same(old, new) => {}
        _ => differences.push(format!("{path} was {old}, is {new}")),
    }
}

fn is_same(old: &Value, new: &Value) -> bool {
    match (old.as_f64(), new.as_f64()) {
        (Some(old), Some(new)) => {
            (old - new).abs() <= TOLERANCE * old.abs().max(new.abs()).max(TOLERANCE)
        }
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::result_differences;

    #[test]
    fn differences_name_analysis_and_field() {
        let old = br#"[{"id":"a","k":3,"model":{"beta":[0.5],"old":1}},{"id":"b"}]"#;
        let new = br#"[{"id":"a","k":3,"model":{"beta":[0.6],"more":1}},{"id":"c"}]"#;
        assert_eq!(
            result_differences(old, new),
            [
                "a: model.beta[0] was 0.5, is 0.6",
                "b: the analysis is gone",
                "c: the analysis is new"
            ]
        );
        assert_eq!(result_differences(old, old), [""; 0]);
        let nearly = String::from_utf8(old.to_vec()).unwrap().replace("0.5", "0.50000000000001");
        assert_eq!(result_differences(old, nearly.as_bytes()), [""; 0]);
    }
}
