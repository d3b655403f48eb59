//! The JSON Schema of case files.

/// The JSON Schema (2020-12) that every case file satisfies.
pub fn schema() -> serde_json::Value {
    // A test reads it: the text is JSON.
    serde_json::from_str(include_str!("cases.schema.json")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_a_schema() {
        assert!(jsonschema::meta::is_valid(&schema()));
        assert!(jsonschema::validator_for(&schema()).is_ok());
    }
}
