//! Syntax that is put together from texts at different places.

use std::ops::Range;

use crate::expr::{Syntax, SyntaxKind};
use crate::source::Span;
use crate::tree::Text;

/// Texts one behind the other; a range of the whole leads back to the place of
/// the text that it lies in.
#[derive(Default)]
pub(super) struct Patchwork {
    pieces: Vec<(Range<usize>, Text)>,
}

impl Patchwork {
    /// Adds a text; where it begins.
    pub(super) fn add(&mut self, text: Text) -> usize {
        let start = self.pieces.last().map_or(0, |(range, _)| range.end + 1);
        self.pieces.push((start..start + text.value.len(), text));
        start
    }

    /// A range that stands for the place `span`.
    pub(super) fn place(&mut self, span: Span) -> Range<usize> {
        let start = self.add(Text::synthetic("x", span));
        start..start + 1
    }

    /// Where a range stands; for one over several texts, that of its first.
    pub(super) fn span(&self, range: Range<usize>) -> Option<Span> {
        let holds = |piece: &&(Range<usize>, Text)| range.start <= piece.0.end;
        let (own, text) = self.pieces.iter().find(holds)?;
        let start = range.start.saturating_sub(own.start);
        let end = range.end.min(own.end).saturating_sub(own.start);
        Some(text.span_of(start..end.max(start)))
    }
}

/// Syntax that was parsed alone, as a part that begins at `start`.
pub(super) fn shifted(syntax: &Syntax, start: usize) -> Syntax {
    let one = |part: &Syntax| shifted(part, start);
    let boxed = |part: &Syntax| Box::new(one(part));
    let all = |parts: &[Syntax]| parts.iter().map(one).collect();
    let kind = match &syntax.kind {
        SyntaxKind::Literal(..) | SyntaxKind::Name(_) => syntax.kind.clone(),
        SyntaxKind::Select(base, member) => SyntaxKind::Select(boxed(base), member.clone()),
        SyntaxKind::Every(base) => SyntaxKind::Every(boxed(base)),
        SyntaxKind::Has(inner) => SyntaxKind::Has(boxed(inner)),
        SyntaxKind::Call { name, target, args } => SyntaxKind::Call {
            name: name.clone(),
            target: target.as_deref().map(boxed),
            args: all(args),
        },
        SyntaxKind::List(items) => SyntaxKind::List(all(items)),
        SyntaxKind::Map(entries) => {
            let entries = entries.iter();
            SyntaxKind::Map(entries.map(|(key, value)| (one(key), one(value))).collect())
        }
    };
    Syntax {
        kind,
        span: syntax.span.start + start..syntax.span.end + start,
    }
}
