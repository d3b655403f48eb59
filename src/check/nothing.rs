//! Comparisons with null of fields that may be absent: `body.note == null`.

use crate::document::JsonType;
use crate::expr::{Node, Op, Position};
use crate::model::{Model, RuleInstance};
use crate::source::{Applicability, Diagnostic, Fix, Sources, Span};
use crate::value::Value;

/// A comparison with null.
pub(super) struct Compared {
    span: Span,
    is_equal: bool,
    /// Whether the schema allows null.
    is_nullable: bool,
}

impl Compared {
    /// The comparison with null that the field at `position` stands in.
    pub(super) fn of(model: &Model, rule: &RuleInstance, position: &Position) -> Option<Self> {
        let arena = &model.arena;
        let (_, steps) = position.steps().split_last()?;
        let above: Position = steps.iter().copied().collect();
        let Node::Call(op @ (Op::Eq | Op::Ne), operands) = arena.node(arena.at(rule.expr, &above)?)
        else {
            return None;
        };
        let is_null = |id| arena.as_const(id) == Some(&Value::Null);
        if !operands.iter().any(|operand| is_null(*operand)) {
            return None;
        }
        let schema = model.schema_read(arena.at(rule.expr, position)?)?;
        let types = &model.schemas.get(schema).types;
        Some(Self {
            span: rule.spans.at(&above).span,
            is_equal: *op == Op::Eq,
            is_nullable: types.names(JsonType::Null),
        })
    }

    /// Whether null is all that is asked about: absence was meant.
    pub(super) fn means_absence(&self) -> bool {
        !self.is_nullable
    }

    /// The advice to ask whether the field at `path` is there.
    pub(super) fn advise(&self, warning: Diagnostic, sources: &Sources, path: &str) -> Diagnostic {
        let (words, with) = match (self.is_equal, self.is_nullable) {
            (true, false) => (
                "the schema allows no null; whether the field is absent is asked by",
                format!("!has({path})"),
            ),
            (false, false) => (
                "the schema allows no null; whether the field is there is asked by",
                format!("has({path})"),
            ),
            (true, true) => (
                "whether it is absent or null is asked by",
                format!("(!has({path}) || {path} == null)"),
            ),
            (false, true) => (
                "whether it is there and not null is asked by",
                format!("(has({path}) && {path} != null)"),
            ),
        };
        let fix = Fix::replace(
            format!("write `{with}`"),
            Applicability::Maybe,
            self.span,
            with.clone(),
        );
        let is_tag = with.starts_with('!') && begins_plain(sources, self.span);
        warning
            .help(format!("{words} `{with}`"))
            .maybe_fix((!is_tag).then_some(fix))
    }
}

/// Whether a place may be the beginning of a text that YAML reads without
/// quotes, where `!` is a tag.
fn begins_plain(sources: &Sources, place: Span) -> bool {
    let before = sources.text(place.file).get(..place.start).unwrap_or("");
    before.trim_end().ends_with([':', '-', ',', '['])
}
