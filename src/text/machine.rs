//! The automaton of one expression, over letters instead of bytes.
//!
//! A letter is a set of characters that the expression never tells apart. Each
//! gets a byte as its code, and the automaton runs over codes: one step for one
//! character, and few states even for all letters of Unicode.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

use super::alphabet::{self, Alphabet, Range};
use super::ecma::PatternError;

/// Bytes of one automaton, and of the work to build it.
const DFA_LIMIT: usize = 4 << 20;
const DETERMINIZE_LIMIT: usize = 8 << 20;

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

/// A deterministic automaton that finds a match anywhere in a string.
pub(super) struct Machine {
    dfa: dense::DFA<Vec<u32>>,
    pub start: Point,
    alphabet: Alphabet,
    codes: Vec<u8>,
    /// The classes of characters that it tells apart.
    pub classes: Vec<Vec<Range>>,
}

impl Machine {
    pub(super) fn build(hir: &Hir) -> Result<Self, PatternError> {
        let classes = alphabet::classes(hir);
        let alphabet = Alphabet::new(classes.iter().map(Vec::as_slice));
        let codes = codes(&alphabet, hir.properties().look_set().contains_word())?;
        let encoding = Encoding {
            alphabet: &alphabet,
            codes: &codes,
        };
        let dfa = determinized(&encoding.searching(hir))?;
        let input = Input::new("").anchored(Anchored::Yes);
        let start = dfa
            .start_state_forward(&input)
            .map_err(|_| PatternError::TooLarge)?;
        Ok(Self {
            dfa,
            start: Point::At(start),
            alphabet,
            codes,
            classes,
        })
    }

    /// Matches are seen one step late, as in all automata of regex-automata.
    pub(super) fn step(&self, point: Point, c: char) -> Point {
        let Point::At(state) = point else {
            return point;
        };
        let code = self.codes.get(self.alphabet.letter_of(c));
        let next = self
            .dfa
            .next_state(state, code.copied().unwrap_or_default());
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
            Point::At(state) => self.dfa.is_match_state(self.dfa.next_eoi_state(state)),
        }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        let end = text
            .chars()
            .fold(self.start, |point, c| self.step(point, c));
        self.accepts(end)
    }
}

/// A byte for each letter. Word boundaries look at the byte: then letters of
/// word characters get bytes of word characters.
fn codes(alphabet: &Alphabet, with_words: bool) -> Result<Vec<u8>, PatternError> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut words = (0..=u8::MAX).filter(|byte| with_words && is_word(byte));
    let mut others = (0..=u8::MAX).filter(|byte| !with_words || !is_word(byte));
    let code = |sample: char| match u8::try_from(sample) {
        Ok(byte) if with_words && is_word(&byte) => words.next(),
        _ => others.next(),
    };
    let codes: Option<Vec<u8>> = alphabet
        .letters
        .iter()
        .map(|letter| letter.sample)
        .map(code)
        .collect();
    codes.ok_or(PatternError::TooLarge)
}

fn determinized(hir: &Hir) -> Result<dense::DFA<Vec<u32>>, PatternError> {
    let nfa = thompson::Config::new()
        .utf8(false)
        .which_captures(thompson::WhichCaptures::None)
        .nfa_size_limit(Some(DFA_LIMIT));
    let nfa = thompson::Compiler::new()
        .configure(nfa)
        .build_from_hir(hir)
        .map_err(|_| PatternError::TooLarge)?;
    // Leftmost-first drops whatever is less preferred than a match that was
    // found: one match is all that counts here.
    let dfa = dense::Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(DFA_LIMIT))
        .determinize_size_limit(Some(DETERMINIZE_LIMIT));
    dense::Builder::new()
        .configure(dfa)
        .build_from_nfa(&nfa)
        .map_err(|_| PatternError::TooLarge)
}

/// Turns expressions over characters into expressions over codes.
struct Encoding<'a> {
    alphabet: &'a Alphabet,
    codes: &'a [u8],
}

impl Encoding<'_> {
    /// The expression anywhere, found as early as possible.
    fn searching(&self, hir: &Hir) -> Hir {
        if hir.properties().look_set_prefix().contains(Look::Start) {
            // It can begin at the start alone, and dies as soon as that fails.
            return self.encoded(hir);
        }
        let any = lazy(self.class(|_| true), 0, None);
        Hir::concat(vec![any, self.leading(hir)])
    }

    /// At the start of a search, `x{2,9}` finds what `x{2}` finds.
    fn leading(&self, hir: &Hir) -> Hir {
        match hir.kind() {
            HirKind::Repetition(repetition) => lazy(
                self.encoded(&repetition.sub),
                repetition.min,
                Some(repetition.min),
            ),
            HirKind::Capture(capture) => self.leading(&capture.sub),
            HirKind::Concat(parts) => {
                let mut parts = parts.iter();
                let first = parts.next().map(|part| self.leading(part));
                Hir::concat(
                    first
                        .into_iter()
                        .chain(parts.map(|part| self.encoded(part)))
                        .collect(),
                )
            }
            _ => self.encoded(hir),
        }
    }

    fn encoded(&self, hir: &Hir) -> Hir {
        match hir.kind() {
            HirKind::Empty => Hir::empty(),
            HirKind::Look(look) => Hir::look(*look),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                let codes = text
                    .chars()
                    .map(|c| self.class(|letter| letter == self.alphabet.letter_of(c)));
                Hir::concat(codes.collect())
            }
            HirKind::Class(class) => {
                let ranges = alphabet::ranges(class);
                self.class(|letter| {
                    let sample = self
                        .alphabet
                        .letters
                        .get(letter)
                        .map(|letter| letter.sample);
                    sample.is_some_and(|sample| {
                        ranges
                            .iter()
                            .any(|&(first, last)| first <= sample && sample <= last)
                    })
                })
            }
            HirKind::Repetition(repetition) => lazy(
                self.encoded(&repetition.sub),
                repetition.min,
                repetition.max,
            ),
            HirKind::Capture(capture) => self.encoded(&capture.sub),
            HirKind::Concat(parts) => {
                Hir::concat(parts.iter().map(|part| self.encoded(part)).collect())
            }
            HirKind::Alternation(parts) => {
                Hir::alternation(parts.iter().map(|part| self.encoded(part)).collect())
            }
        }
    }

    /// The codes of the letters that `holds` is true of.
    fn class(&self, holds: impl Fn(usize) -> bool) -> Hir {
        let codes = self.codes.iter().enumerate();
        let kept = codes.filter(|&(letter, _)| holds(letter));
        let ranges = kept.map(|(_, &code)| ClassBytesRange::new(code, code));
        Hir::class(Class::Bytes(ClassBytes::new(ranges)))
    }
}

/// The shortest match is as good as any, and leaves the smallest automaton.
fn lazy(hir: Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition {
        min,
        max,
        greedy: false,
        sub: Box::new(hir),
    })
}
