//! "Did you mean": the nearest of the names that exist.

/// The candidate nearest to `name` in spelling; none where all are far off.
/// Case, `-` and `_` weigh nothing.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (strsim::osa_distance(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// The sentence ``did you mean `x`?`` for a help line.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    suggest(name, candidates).map(|found| format!("did you mean `{found}`?"))
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let keys = ["operation", "message", "when", "rule", "id"];
        assert_eq!(suggest("opertaion", keys), Some("operation"));
        assert_eq!(suggest("Mesage", keys), Some("message"));
        assert_eq!(suggest("rules", keys), Some("rule"));
        assert_eq!(suggest("xy", keys), None);
        assert_eq!(suggest("tolerance", keys), None);
        assert_eq!(suggest("field_path", ["fieldPath"]), Some("fieldPath"));
    }
}
