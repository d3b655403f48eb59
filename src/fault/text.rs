//! Class `text`: texts are compared, or taken apart, in another way.
//!
//! What frameworks and databases do unasked (collations that ignore case,
//! columns that are padded with blanks), and what is forgotten where a text has
//! to be prepared first; and the security incidents of allow lists that look
//! at one end of a text only (CWE-178, CWE-187).

use itertools::Itertools;

use super::FaultClass::Text;
use super::edit::Edit;
use super::reads::schema_of;
use super::scene::Scene;
use crate::expr::{ExprId, Node, Op, Position, TextOp, TextView, Type};
use crate::text::{Cardinality, Pattern, TextSet};
use crate::value::Value;

/// Lengths beyond this aren't told apart.
const LONGEST: u64 = 200;

/// For every function of texts: see [`mistaken`]. For every comparison of a free
/// text: see [`lax`].
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::Text(_))) {
        if let Op::Text(op) = op {
            found.extend(mistaken(scene, &position, op, &operands));
        }
    }
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::Eq | Op::Ne)) {
        if let [a, b] = *operands {
            found.extend(lax(scene, &position, op, (a, b)));
        }
    }
    found
}

/// A step that prepares a text is left out; a part isn't put in; another end of
/// the text is looked at, or the text must be the whole.
fn mistaken(
    scene: &mut Scene<'_>,
    position: &Position,
    op: TextOp,
    operands: &[ExprId],
) -> Vec<Edit> {
    match (op, operands) {
        (TextOp::LowerAscii | TextOp::UpperAscii | TextOp::Trim, [of])
        | (TextOp::Replace | TextOp::Substring, [of, ..]) => {
            let words = format!(
                "leaves out {}() in {}",
                op.name(),
                scene.quote(scene.at(position))
            );
            let edit = scene.edit(Text, position, *of, format!("no-{}", op.name()), words);
            edit.into_iter().collect()
        }
        (TextOp::Concat, [a, b]) => {
            let parts = [(*a, *b, "right"), (*b, *a, "left")];
            let without = |(kept, lost, side): (ExprId, ExprId, &str)| {
                let whole = scene.quote(scene.at(position));
                let words = format!("leaves out {} in {whole}", scene.quote(lost));
                scene.edit(Text, position, kept, format!("without-{side}"), words)
            };
            parts.into_iter().filter_map(without).collect()
        }
        _ => others(scene, position, op, operands),
    }
}

/// Another function in the place of one that looks at a text.
fn others(
    scene: &mut Scene<'_>,
    position: &Position,
    op: TextOp,
    operands: &[ExprId],
) -> Vec<Edit> {
    use TextOp::{Contains, EndsWith, IndexOf, LastIndexOf, StartsWith};
    let others: &[Op] = match op {
        StartsWith => &[Op::Text(Contains), Op::Text(EndsWith), Op::Eq],
        EndsWith => &[Op::Text(Contains), Op::Text(StartsWith), Op::Eq],
        Contains => &[Op::Text(StartsWith), Op::Text(EndsWith), Op::Eq],
        IndexOf => &[Op::Text(LastIndexOf)],
        LastIndexOf => &[Op::Text(IndexOf)],
        _ => &[],
    };
    let ty = scene.arena.ty(scene.at(position)).clone();
    let mut found = Vec::new();
    for other in others {
        if *other == Op::Eq && operands.len() != 2 {
            continue;
        }
        let new = scene.arena.call(*other, operands, ty.clone());
        let name = match other {
            Op::Text(other) => other.name(),
            _ => "==",
        };
        let right = scene.quote(scene.at(position));
        let words = format!("checks `{name}` where {} {right}", scene.says());
        let variant = if name == "==" { "equal" } else { name };
        found.extend(scene.edit(Text, position, new, variant, words));
    }
    found
}

/// Equal without regard to case, to blanks around, or by the beginning.
fn lax(scene: &mut Scene<'_>, position: &Position, op: Op, (a, b): (ExprId, ExprId)) -> Vec<Edit> {
    let both = [a, b];
    let Some(texts) = Texts::of(scene, both) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if texts.differ_in_case() {
        found.extend(prepared(scene, position, op, both, TextOp::LowerAscii));
    }
    if texts.differ_in_blanks() {
        found.extend(prepared(scene, position, op, both, TextOp::Trim));
    }
    if texts.begin_alike() {
        found.extend(begins(scene, position, op, both));
    }
    found
}

fn begins(scene: &mut Scene<'_>, position: &Position, op: Op, [a, b]: [ExprId; 2]) -> Option<Edit> {
    // The constant is the beginning, else the second operand.
    let is_first = scene.arena.as_const(a).is_some();
    let (whole, start) = if is_first { (b, a) } else { (a, b) };
    let begins = Op::Text(TextOp::StartsWith);
    let begins = scene.arena.call_bool(begins, &[whole, start]);
    let new = match op {
        Op::Eq => begins,
        _ => scene.arena.call_bool(Op::Not, &[begins]),
    };
    let words = format!(
        "takes every {} that begins with {} for equal to it",
        scene.quote(whole),
        scene.quote(start)
    );
    scene.edit(Text, position, new, "begins", words)
}

fn prepared(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    both: [ExprId; 2],
    by: TextOp,
) -> Option<Edit> {
    let text = Type::String(TextView::Plain);
    let both = both.map(|id| scene.arena.call(Op::Text(by), &[id], text.clone()));
    let new = scene.arena.call_bool(op, &both);
    let (variant, what) = match by {
        TextOp::Trim => ("trimmed", "blanks at the ends"),
        _ => ("any-case", "case"),
    };
    let words = format!("ignores {what} in {}", scene.quote(scene.at(position)));
    scene.edit(Text, position, new, variant, words)
}

/// What the two sides of a comparison of texts can be by their schemas.
struct Texts {
    sets: Vec<TextSet>,
    constant: Option<String>,
}

impl Texts {
    /// None unless a plain text of the request that may be (nearly) anything is
    /// compared with a constant or another such text.
    fn of(scene: &Scene<'_>, both: [ExprId; 2]) -> Option<Self> {
        let mut found = Self {
            sets: Vec::new(),
            constant: None,
        };
        for id in both {
            match scene.arena.as_const(id) {
                Some(Value::String(text)) => found.constant = Some(text.to_string()),
                Some(_) => return None,
                None => found.sets.push(free(scene, id)?),
            }
        }
        (!found.sets.is_empty()).then_some(found)
    }

    fn differ_in_case(&self) -> bool {
        let Some(constant) = &self.constant else {
            let has = |set: &TextSet, letters: &str| may_match(set.clone(), letters);
            let [a, b] = self.sets.as_slice() else {
                return false;
            };
            return has(a, "[A-Z]") && has(b, "[a-z]") || has(a, "[a-z]") && has(b, "[A-Z]");
        };
        let either = |c: char| {
            let cases = [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
            let letters: String = cases.into_iter().collect();
            match c.is_ascii_alphabetic() {
                true => format!("[{letters}]"),
                false => regex_syntax::escape(&c.to_string()),
            }
        };
        let pattern: String = constant.chars().map(either).collect();
        self.has_other(constant, &format!("^{pattern}$"))
    }

    /// Whether all texts have one length, so that none is another with more.
    fn are_of_one_length(&self) -> bool {
        let lengths = self.sets.iter().map(|set| {
            let lengths = set.lengths(LONGEST).ok()?;
            match lengths.ranges.as_slice() {
                [(least, Some(most))] if least == most => Some(*least),
                _ => None,
            }
        });
        let lengths: Option<Vec<u64>> = lengths.collect();
        lengths.is_some_and(|lengths| lengths.iter().all_equal())
    }

    fn differ_in_blanks(&self) -> bool {
        match &self.constant {
            Some(constant) => {
                let bare = regex_syntax::escape(constant);
                self.has_other(constant, &format!("^ *{bare} *$"))
            }
            None => {
                let mut sets = self.sets.iter();
                !self.are_of_one_length() && sets.any(|set| may_match(set.clone(), "^ | $"))
            }
        }
    }

    fn begin_alike(&self) -> bool {
        match &self.constant {
            Some(constant) => {
                let start = regex_syntax::escape(constant);
                self.has_other(constant, &format!("^{start}"))
            }
            None => !self.are_of_one_length(),
        }
    }

    /// Whether a text that may be sent matches, other than the constant.
    fn has_other(&self, constant: &str, pattern: &str) -> bool {
        let exactly = format!("^{}$", regex_syntax::escape(constant));
        let Ok(exactly) = Pattern::of_rule(&exactly) else {
            return false;
        };
        let mut sets = self.sets.iter();
        sets.any(|set| may_match(set.clone().with_pattern(exactly.clone(), false), pattern))
    }
}

/// Whether a member of a set matches; where that isn't known, too.
fn may_match(set: TextSet, pattern: &str) -> bool {
    let Ok(pattern) = Pattern::of_rule(pattern) else {
        return false;
    };
    let set = set.with_pattern(pattern, true);
    set.cardinality(1) != Ok(Cardinality::Exactly(0))
}

/// The texts that a plain text field of the request may hold, where these aren't
/// listed.
fn free(scene: &Scene<'_>, id: ExprId) -> Option<TextSet> {
    let is_plain = *scene.arena.ty(id) == Type::String(TextView::Plain);
    if !is_plain || !matches!(scene.arena.node(id), Node::Get(..)) {
        return None;
    }
    let schema = schema_of(scene.arena, scene.schemas, id)?;
    let is_listed =
        schema.enumeration.is_some() || schema.is_hint || !schema.alternatives.is_empty();
    (!is_listed).then(|| schema.text_set())
}

#[cfg(test)]
mod tests {
    use super::Text;
    use crate::fault::fixture::Fixture;

    fn words(rule: &str) -> Vec<String> {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", rule);
        fixture.words_of(rule, Text)
    }

    #[test]
    fn free_texts_are_compared_in_other_ways() {
        assert_eq!(
            words("body.note == 'SAVE10'"),
            [
                "ignores case in `body.note == 'SAVE10'`",
                "ignores blanks at the ends in `body.note == 'SAVE10'`",
                "takes every `body.note` that begins with `'SAVE10'` for equal to it",
            ]
        );
        // The schema allows no other spelling.
        assert!(words("body.tier == 'gold'").is_empty());
    }

    #[test]
    fn steps_are_left_out_and_ends_confused() {
        assert_eq!(
            words("body.note.lowerAscii().endsWith('@x.example')"),
            [
                "checks `contains` where the rule says `body.note.lowerAscii().endsWith('@x.example')`",
                "checks `startsWith` where the rule says `body.note.lowerAscii().endsWith('@x.example')`",
                "checks `==` where the rule says `body.note.lowerAscii().endsWith('@x.example')`",
                "leaves out lowerAscii() in `body.note.lowerAscii()`",
            ]
        );
    }
}
