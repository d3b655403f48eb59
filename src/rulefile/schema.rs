//! The JSON Schema of rule files, for editors.

use serde_json::{Map, Value};

/// The JSON Schema (2020-12) of rule files. It accepts whatever the reader
/// accepts, and refuses what can be told without looking at names: what is
/// left, the reader says.
pub fn schema() -> Value {
    // A test reads it: the text is JSON.
    let mut schema = serde_json::from_str(include_str!("rules.schema.json")).unwrap_or_default();
    describe(&mut schema);
    schema
}

/// Writes each `x-example` into the description beside it, and both once more
/// as Markdown, which editors prefer in hovers.
fn describe(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if members.contains_key("description") {
                describe_one(members);
            }
            members.values_mut().for_each(describe);
        }
        Value::Array(items) => items.iter_mut().for_each(describe),
        _ => {}
    }
}

fn describe_one(members: &mut Map<String, Value>) {
    let example = members.shift_remove("x-example");
    let Some(Value::String(words)) = members.get("description").cloned() else {
        return;
    };
    let (plain, marked) = match example.as_ref().and_then(Value::as_str) {
        Some(example) => (
            format!("{words}\nExample:\n{example}"),
            format!("{words}\n\n```yaml\n{example}\n```"),
        ),
        None => (words.clone(), words),
    };
    members.insert("description".to_owned(), plain.into());
    members.insert("markdownDescription".to_owned(), marked.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_a_schema() {
        assert!(jsonschema::meta::is_valid(&schema()));
        assert!(jsonschema::validator_for(&schema()).is_ok());
    }

    /// Every key of a mapping with known keys has words for hovers, and, but
    /// for a few JSON Schema keywords, an example that is YAML.
    #[test]
    fn every_key_is_described() {
        let schema = schema();
        let mut described = 0;
        let defs = schema["$defs"].as_object().unwrap();
        let mappings = defs.values().chain([&schema, &defs["bind"]["oneOf"][1]]);
        for mapping in mappings {
            let Some(properties) = mapping["properties"].as_object() else {
                continue;
            };
            for (key, property) in properties {
                for form in ["description", "markdownDescription"] {
                    let words = property[form].as_str().unwrap_or_default();
                    assert!(words.len() > 15, "`{key}` has no {form}");
                }
                let marked = property["markdownDescription"].as_str().unwrap();
                if let Some((_, example)) = marked.split_once("```yaml\n") {
                    example_is_yaml(key, example.trim_end_matches("\n```"));
                    described += 1;
                }
            }
        }
        assert!(described > 70, "{described}");
    }

    fn example_is_yaml(key: &str, example: &str) {
        let mut sources = crate::source::Sources::new();
        let file = sources.add("example.yaml", example);
        let node = crate::tree::parse_yaml(&sources, file);
        let node = node.unwrap_or_else(|found| {
            panic!("{key}: {}", found.render_human(&sources, false));
        });
        assert!(node.get(key).is_some(), "`{example}` doesn't show `{key}`");
    }
}
