//! Regular expressions of rules: CEL's `matches`, in RE2's syntax.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_automata::meta::Regex;

thread_local! {
    /// Rules match the same few patterns over and over.
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Whether `pattern` matches somewhere in `text`; `None` where it is no
/// regular expression.
pub fn search(pattern: &str, text: &str) -> Option<bool> {
    COMPILED.with_borrow_mut(|compiled| {
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        let regex = compiled.get(pattern)?.as_ref()?;
        Some(regex.is_match(text))
    })
}

/// What is wrong with a regular expression, if anything is.
pub fn search_error(pattern: &str) -> Option<String> {
    let error = regex_syntax::parse(pattern).err()?;
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    Some(last.trim_start_matches("error: ").to_owned())
}
