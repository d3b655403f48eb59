//! One `pattern`, compiled to automata.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::ecma::{self, Conjunct, PatternError};
use super::machine::Machine;

/// A regular expression of JSON Schema: ECMA 262, matched anywhere in a string.
/// Cheap to clone.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    source: String,
    parts: Vec<Part>,
}

/// An automaton and the lengths for which it decides; a string matches a
/// pattern when it has what every part wants.
pub(super) struct Part {
    hir: Hir,
    pub wanted: bool,
    /// Set where the part is `^[class]{m,n}$`: then `looped` is `^[class]*$`,
    /// which stays small however large `n` is.
    pub counted: Option<Counted>,
    whole: OnceLock<Result<Arc<Machine>, PatternError>>,
}

pub(super) struct Counted {
    pub looped: Arc<Machine>,
    pub min: u64,
    pub max: Option<u64>,
}

impl Pattern {
    /// Compiles a pattern as written in a schema.
    pub fn compile(source: &str) -> Result<Self, PatternError> {
        let conjuncts = ecma::translate(source)?;
        let parts = conjuncts.iter().map(Part::new).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Compiled {
            source: source.to_owned(),
            parts,
        })))
    }

    /// Compiles a regular expression of a rule, in RE2's syntax.
    pub fn of_rule(regex: &str) -> Result<Self, PatternError> {
        let part = Part::new(&Conjunct {
            regex: regex.to_owned(),
            wanted: true,
        })?;
        Ok(Self(Arc::new(Compiled {
            // Never equal to a pattern of a schema, which means another thing.
            source: format!("re2:{regex}"),
            parts: vec![part],
        })))
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether `text` matches somewhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.parts().iter().all(|part| part.holds(text))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0.parts
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pattern({:?})", self.source())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Part {
    fn new(conjunct: &Conjunct) -> Result<Self, PatternError> {
        let hir = parse(&conjunct.regex)?;
        let counted = match counted_class(&hir) {
            Some((class, min, max)) => Some(Counted {
                looped: Arc::new(Machine::build(&looped(class))?),
                min: min.into(),
                max: max.map(u64::from),
            }),
            None => None,
        };
        let part = Self {
            hir,
            wanted: conjunct.wanted,
            counted,
            whole: OnceLock::new(),
        };
        if part.counted.is_none() {
            part.whole()?;
        }
        Ok(part)
    }

    /// The automaton of the whole part.
    pub(super) fn whole(&self) -> Result<Arc<Machine>, PatternError> {
        self.whole
            .get_or_init(|| Machine::build(&self.hir).map(Arc::new))
            .clone()
    }

    fn holds(&self, text: &str) -> bool {
        let matches = match &self.counted {
            Some(counted) => {
                let length = text.chars().count() as u64;
                length >= counted.min
                    && counted.max.is_none_or(|max| length <= max)
                    && counted.looped.is_match(text)
            }
            // Built with the part, where it isn't counted.
            None => self.whole().is_ok_and(|machine| machine.is_match(text)),
        };
        matches == self.wanted
    }
}

/// `regex` in the form of regex-syntax.
fn parse(regex: &str) -> Result<Hir, PatternError> {
    ParserBuilder::new()
        .utf8(false)
        .build()
        .parse(regex)
        .map_err(|error| PatternError::Syntax {
            message: match error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => "unknown syntax".into(),
            },
        })
}

/// The class and the counts of `^[class]{m,n}$`.
fn counted_class(hir: &Hir) -> Option<(&Hir, u32, Option<u32>)> {
    let HirKind::Concat(parts) = hir.kind() else {
        return None;
    };
    let [start, middle, end] = parts.as_slice() else {
        return None;
    };
    let anchored = matches!(start.kind(), HirKind::Look(Look::Start))
        && matches!(end.kind(), HirKind::Look(Look::End));
    let HirKind::Repetition(repetition) = without_groups(middle).kind() else {
        return None;
    };
    let sub = without_groups(&repetition.sub);
    (anchored && is_one_character(sub)).then_some((sub, repetition.min, repetition.max))
}

fn without_groups(hir: &Hir) -> &Hir {
    match hir.kind() {
        HirKind::Capture(capture) => without_groups(&capture.sub),
        _ => hir,
    }
}

fn is_one_character(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Unicode(_)) => true,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().count() == 1)
        }
        _ => false,
    }
}

fn looped(class: &Hir) -> Hir {
    Hir::concat(vec![
        Hir::look(Look::Start),
        Hir::repetition(Repetition {
            min: 0,
            max: None,
            greedy: true,
            sub: Box::new(class.clone()),
        }),
        Hir::look(Look::End),
    ])
}
