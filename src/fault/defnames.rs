//! Definitions in quoted texts: by name, as the author wrote them.

use crate::expr::{Arena, ExprId, Node, Notation, Op, Position, SpanTree, print};
use crate::model::{Model, Place};

/// What the definitions that one expression uses look like in print.
#[derive(Clone, Debug, Default)]
pub(super) struct DefNames {
    /// Texts with the names that stand for them, longest first.
    texts: Vec<(String, String)>,
}

impl DefNames {
    /// Of the expression at `place`.
    pub fn of(model: &Model, place: Place) -> Self {
        let names = model.resource_names();
        let (root, spans) = model.expression(place);
        let mut texts = Vec::new();
        for (position, id) in model.arena.positions(root) {
            let Some(def) = spans.at(&position).def.clone() else {
                continue;
            };
            if !starts_here(spans, &position, &def) || model.arena.node(id).children().is_empty() {
                continue;
            }
            let arguments = has_arguments(spans.at(&position));
            let name = if arguments {
                format!("{def}(…)")
            } else {
                def
            };
            let text = print(&model.arena, id, &names);
            // Without brackets a text could match across operators.
            texts.push(if is_closed(&model.arena, id) {
                (text, name)
            } else {
                (format!("({text})"), name)
            });
        }
        texts.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { texts }
    }

    /// `text` with the names in place of what they stand for; a text that is a
    /// definition as a whole stays.
    pub fn shorten(&self, text: String) -> String {
        let mut short = text;
        for (long, name) in &self.texts {
            if short != *long {
                short = named(&short, long, name);
            }
        }
        short
    }
}

/// `text` with `name` for each `long`; brackets that belong to a call stay.
fn named(text: &str, long: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(long) {
        out.push_str(before);
        let calls =
            long.starts_with('(') && out.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let (open, close) = if calls { ("(", ")") } else { ("", "") };
        out.extend([open, name, close]);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether the definition `def` is entered at `position`.
fn starts_here(spans: &SpanTree, position: &Position, def: &str) -> bool {
    let Some((_, above)) = position.steps().split_last() else {
        return true;
    };
    let above: Position = above.iter().copied().collect();
    spans.at(&above).def.as_deref() != Some(def)
}

/// Whether a part of the text comes from outside of any definition.
fn has_arguments(spans: &SpanTree) -> bool {
    spans.def.is_none() || spans.children.iter().any(has_arguments)
}

/// Whether the print of `id` begins and ends with brackets of its own.
fn is_closed(arena: &Arena, id: ExprId) -> bool {
    match arena.node(id) {
        Node::List(_) | Node::Map(_) | Node::Fold(..) => true,
        Node::Call(op, _) => {
            matches!(op, Op::Round(_))
                || matches!(
                    op.info().notation,
                    Notation::Function(_) | Notation::Method(_)
                )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::fault::FaultClass::{Boundary, Clause};
    use crate::fault::fixture::Fixture;

    #[test]
    fn brackets_of_a_call_stay() {
        let text = "ceil(body.w / 2) <= (body.w / 2) * 3";
        assert_eq!(
            super::named(text, "(body.w / 2)", "half"),
            "ceil(half) <= half * 3"
        );
    }

    #[test]
    fn tables_and_formulas_are_quoted_by_name() {
        let mut fixture = Fixture::default();
        fixture.def("cap", &[], "{'free': 3, 'gold': 5.5, 'vip': 8}");
        fixture.def("cents", &["x"], "round(x * 0.5, 2)");
        let rule = fixture.rule("r", "has(body.note) && cents(body.rate) <= cap[body.tier]");
        assert_eq!(
            fixture.words_of(rule, Boundary)[0],
            "checks `cents(…) <= cap[body.tier] + 0.01` where the rule says `cents(…) <= cap[body.tier]`"
        );
        assert!(
            fixture
                .words_of(rule, Clause)
                .contains(&"leaves out `has(body.note)`".to_owned())
        );
    }
}
