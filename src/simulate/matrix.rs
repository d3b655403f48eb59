//! Which traces detect which patches.

use super::Detection;

const WORD: usize = u64::BITS as usize;

/// Two bits for each pair of a trace and a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    patches: usize,
    words_a_row: usize,
    by_verdict: Vec<u64>,
    by_status: Vec<u64>,
}

impl Matrix {
    pub(super) fn new(traces: usize, patches: usize) -> Self {
        let words_a_row = patches.div_ceil(WORD);
        let empty = vec![0; traces * words_a_row];
        Self {
            patches,
            words_a_row,
            by_verdict: empty.clone(),
            by_status: empty,
        }
    }

    pub(super) fn set(&mut self, trace: usize, patch: usize, found: Detection) {
        let (word, bit) = (self.word(trace, patch), 1 << (patch % WORD));
        let bits = if found.by_status {
            &mut self.by_status
        } else {
            &mut self.by_verdict
        };
        if let Some(word) = bits.get_mut(word) {
            *word |= bit;
        }
    }

    fn word(&self, trace: usize, patch: usize) -> usize {
        trace * self.words_a_row + patch / WORD
    }

    fn read(&self, bits: &[u64], trace: usize, patch: usize) -> bool {
        let word = bits.get(self.word(trace, patch));
        patch < self.patches && word.is_some_and(|word| word >> (patch % WORD) & 1 == 1)
    }

    /// Whether the trace detects the patch by one server accepting what the
    /// other doesn't.
    pub fn detects(&self, trace: usize, patch: usize) -> bool {
        self.read(&self.by_verdict, trace, patch)
    }

    /// Whether it does so only by the status or body of a refusal.
    pub fn detects_by_status(&self, trace: usize, patch: usize) -> bool {
        self.read(&self.by_status, trace, patch)
    }

    /// The patches that a trace detects by verdict, ascending.
    pub fn detected_by(&self, trace: usize) -> impl Iterator<Item = usize> {
        (0..self.patches).filter(move |patch| self.detects(trace, *patch))
    }
}
