//! Ids of rules that had none.

use super::idl::{Dependency, Group, Literal, Predicate, Sum};
use super::rule::slug;

/// How many words of each side an id has at most, and how long it is.
const WORDS: usize = 5;
const LENGTH: usize = 60;

/// An id that says what a dependency does: `caption-needs-type`.
pub(super) fn of_dependency(dependency: &Dependency) -> String {
    let mut words = Vec::new();
    if let Some(premise) = &dependency.premise {
        of_predicate(premise, &mut words);
        words.truncate(WORDS);
        words.push("needs".to_owned());
    }
    let mut conclusion = Vec::new();
    of_predicate(&dependency.predicate, &mut conclusion);
    conclusion.truncate(WORDS);
    words.extend(conclusion);
    shortened(&slug(&words.join("-")))
}

/// The words of an id that fit.
fn shortened(id: &str) -> String {
    let mut kept = String::new();
    for word in id.split('-') {
        if !kept.is_empty() && kept.len() + word.len() >= LENGTH {
            break;
        }
        kept = if kept.is_empty() {
            word.to_owned()
        } else {
            format!("{kept}-{word}")
        };
    }
    kept
}

fn of_predicate(predicate: &Predicate, words: &mut Vec<String>) {
    match predicate {
        Predicate::Given(param) => words.push(param.name.clone()),
        Predicate::Value(param, relation, literal) => {
            words.push(param.name.clone());
            let value = match literal {
                Literal::Texts(texts) => texts.join("-or-"),
                Literal::Bool(value) => value.to_string(),
                Literal::Number(number) => number.clone(),
            };
            words.push(format!("{}{value}", of_relation(relation)));
        }
        Predicate::Like(param, pattern) => words.push(format!("{}-like-{pattern}", param.name)),
        Predicate::Relation(a, relation, b) => {
            words.push(format!("{}-{}{}", a.name, of_relation(relation), b.name));
        }
        Predicate::Arithmetic(sum, relation, number) => {
            of_sum(sum, words);
            words.push(format!("{}{number}", of_relation(relation)));
        }
        Predicate::Group(group, parts) => {
            words.push(
                match group {
                    Group::Or => "any-of",
                    Group::OnlyOne => "only-one-of",
                    Group::AllOrNone => "all-or-none-of",
                    Group::ZeroOrOne => "at-most-one-of",
                }
                .to_owned(),
            );
            joined(parts, "", words);
        }
        Predicate::Not(inner) => {
            words.push("no".to_owned());
            of_predicate(inner, words);
        }
        Predicate::And(parts) => joined(parts, "and", words),
        Predicate::Or(parts) => joined(parts, "or", words),
    }
}

fn joined(parts: &[Predicate], word: &str, words: &mut Vec<String>) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && !word.is_empty() {
            words.push(word.to_owned());
        }
        of_predicate(part, words);
    }
}

fn of_sum(sum: &Sum, words: &mut Vec<String>) {
    match sum {
        Sum::Param(param) => words.push(param.name.clone()),
        Sum::Binary(sign, a, b) => {
            of_sum(a, words);
            let word = match sign {
                '+' => "plus",
                '-' => "minus",
                '*' => "times",
                _ => "by",
            };
            words.push(word.to_owned());
            of_sum(b, words);
        }
    }
}

fn of_relation(relation: &str) -> &'static str {
    match relation {
        "<" => "below-",
        "<=" => "at-most-",
        ">" => "above-",
        ">=" => "at-least-",
        "!=" => "not-",
        _ => "",
    }
}
