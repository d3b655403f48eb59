//! Paths through lists, taken apart: the lists on the way, each seen from an item
//! of the one before.

use std::ops::Range;

use crate::document::Hop;
use crate::expr::{Syntax, SyntaxKind};
use crate::value::location::is_identifier;

/// The name of an item under `each`.
pub(super) const ITEM: &str = "item";

/// A list on the way of a path, for an item named `item` of the one before.
pub(super) struct Stretch {
    /// The list.
    pub(super) syntax: Syntax,
    /// Its text.
    pub(super) text: String,
}

/// The lists on the way of a path, and what it leads to from the last one's
/// items.
pub(super) fn stretches(path: &Syntax, text: &str) -> (Vec<Stretch>, Stretch) {
    let mut lists = Vec::new();
    let mut start = 0;
    let syntax = cut(path, text, &mut start, &mut lists);
    let text = stretch_text(text, start..text.len(), lists.len());
    (lists, Stretch { syntax, text })
}

/// The path with `item` for what stands up to the last `[*]`.
fn cut(path: &Syntax, text: &str, start: &mut usize, lists: &mut Vec<Stretch>) -> Syntax {
    let span = path.span.clone();
    let kind = match &path.kind {
        SyntaxKind::Every(base) => {
            let syntax = cut(base, text, start, lists);
            let text = stretch_text(text, *start..base.span.end, lists.len());
            lists.push(Stretch { syntax, text });
            *start = span.end;
            SyntaxKind::Name(ITEM.to_owned())
        }
        SyntaxKind::Select(base, member) => {
            let base = cut(base, text, start, lists);
            SyntaxKind::Select(Box::new(base), member.clone())
        }
        SyntaxKind::Call { name, target, args } if name == "_[_]" => {
            let mut args = args.clone();
            if let Some(base) = args.first_mut() {
                *base = cut(base, text, start, lists);
            }
            SyntaxKind::Call {
                name: name.clone(),
                target: target.clone(),
                args,
            }
        }
        other => other.clone(),
    };
    Syntax { kind, span }
}

fn stretch_text(text: &str, range: Range<usize>, before: usize) -> String {
    let own = text.get(range).unwrap_or_default().trim();
    let item = if before > 0 { ITEM } else { "" };
    format!("{item}{own}")
}

/// `body.lines[*].amount`
pub(super) fn place_text(way: &[Hop]) -> String {
    way.iter().fold("body".to_owned(), |text, hop| match hop {
        Hop::Member(name) if is_identifier(name) => format!("{text}.{name}"),
        Hop::Member(name) => format!("{text}['{}']", name.escape_default()),
        Hop::Items | Hop::Values => format!("{text}[*]"),
    })
}

/// The same as syntax.
pub(super) fn place_syntax(way: &[Hop]) -> Syntax {
    let at = |kind| Syntax { kind, span: 0..0 };
    let body = at(SyntaxKind::Name("body".to_owned()));
    way.iter().fold(body, |base, hop| {
        let base = Box::new(base);
        at(match hop {
            Hop::Member(name) => SyntaxKind::Select(base, name.clone()),
            Hop::Items | Hop::Values => SyntaxKind::Every(base),
        })
    })
}

/// `list[i]`
pub(super) fn entry_at(list: &Syntax, key: &str) -> Syntax {
    let span = list.span.clone();
    let key = Syntax {
        kind: SyntaxKind::Name(key.to_owned()),
        span: span.clone(),
    };
    let kind = SyntaxKind::Call {
        name: "_[_]".to_owned(),
        target: None,
        args: vec![list.clone(), key],
    };
    Syntax { kind, span }
}
