//! One `pattern`, compiled to automata.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::alphabet::{self, Range};
use super::ecma::{self, Conjunct, PatternError};

/// Bytes of one automaton and of the work to build it.
const DFA_LIMIT: usize = 4 << 20;
const DETERMINIZE_LIMIT: usize = 32 << 20;

type Dfa = dense::DFA<Vec<u32>>;

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
        repeat(class.clone(), true),
        Hir::look(Look::End),
    ])
}

fn repeat(hir: Hir, greedy: bool) -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy,
        sub: Box::new(hir),
    })
}

/// Where a machine is after some characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Point {
    /// Undecided.
    At(StateID),
    /// Matches, whatever follows.
    Matched,
    /// Matches nothing, whatever follows.
    Dead,
}

/// A deterministic automaton over bytes that finds a match anywhere.
pub(super) struct Machine {
    dfa: Dfa,
    pub start: Point,
    /// The classes of characters that it tells apart.
    pub classes: Vec<Vec<Range>>,
}

impl Machine {
    fn build(hir: &Hir) -> Result<Self, PatternError> {
        let any = Hir::dot(regex_syntax::hir::Dot::AnyChar);
        // Not the automaton's own prefix: that one may stop inside a character.
        let searching = Hir::concat(vec![repeat(any, false), hir.clone()]);
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(thompson::WhichCaptures::None)
                    .nfa_size_limit(Some(DFA_LIMIT)),
            )
            .build_from_hir(&searching)
            .map_err(|_| PatternError::TooLarge)?;
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .match_kind(MatchKind::All)
                    .start_kind(StartKind::Anchored)
                    .accelerate(false)
                    .dfa_size_limit(Some(DFA_LIMIT))
                    .determinize_size_limit(Some(DETERMINIZE_LIMIT)),
            )
            .build_from_nfa(&nfa)
            .map_err(|_| PatternError::TooLarge)?;
        let start = dfa
            .universal_start_state(Anchored::Yes)
            .or_else(|| {
                let input = regex_automata::Input::new("").anchored(Anchored::Yes);
                dfa.start_state_forward(&input).ok()
            })
            .ok_or(PatternError::TooLarge)?;
        let start = Point::At(start);
        Ok(Self {
            dfa,
            start,
            classes: alphabet::classes(hir),
        })
    }

    /// Matches are seen one byte late, as in all automata of regex-automata.
    pub(super) fn step(&self, point: Point, byte: u8) -> Point {
        let Point::At(state) = point else {
            return point;
        };
        let next = self.dfa.next_state(state, byte);
        if self.dfa.is_match_state(next) {
            Point::Matched
        } else if self.dfa.is_dead_state(next) || self.dfa.is_quit_state(next) {
            Point::Dead
        } else {
            Point::At(next)
        }
    }

    /// Whether a string that ends here matches.
    pub(super) fn accepts(&self, point: Point) -> bool {
        match point {
            Point::Matched => true,
            Point::Dead => false,
            Point::At(state) => {
                let end = self.dfa.next_eoi_state(state);
                self.dfa.is_match_state(end)
            }
        }
    }

    fn is_match(&self, text: &str) -> bool {
        let end = text
            .bytes()
            .fold(self.start, |point, byte| self.step(point, byte));
        self.accepts(end)
    }
}
