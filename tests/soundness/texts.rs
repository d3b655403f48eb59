//! Random functions of texts.

use crate::rules::{Generator, Ty, quoted};

const PARTS: [&str; 6] = ["a", "b", "ab", "x", " ", ""];
const PATTERNS: [&str; 5] = ["^[a-c]", "b$", "a.*b", "^(ab|xyz)?$", "r"];

impl Generator<'_> {
    fn piece(&mut self) -> String {
        quoted(PARTS[self.rng.usize(..PARTS.len())])
    }

    /// A text that depends on the state, if there is one.
    fn text_read(&mut self, depth: u32) -> String {
        let tries = (0..4).map(|_| self.text(depth));
        let tries: Vec<String> = tries.collect();
        let read = tries.iter().find(|text| self.reads_any(text));
        read.unwrap_or(&tries[0]).clone()
    }

    /// A condition on texts.
    pub(crate) fn of_text(&mut self, depth: u32) -> String {
        let text = self.text_read(depth.min(1));
        match self.rng.u8(..13) {
            12 => format!("bool({text})"),
            0..3 => format!("{text}.startsWith({})", self.piece()),
            3..5 => format!("{text}.endsWith({})", self.piece()),
            5..8 => format!("{text}.contains({})", self.piece()),
            8..10 => {
                let pattern = quoted(PATTERNS[self.rng.usize(..PATTERNS.len())]);
                format!("{text}.matches({pattern})")
            }
            10 => {
                let sign = ["<", "<=", ">", ">="][self.rng.usize(..4)];
                let other = self.leaf(&Ty::Text);
                // A date would be compared as one.
                match self.of(&Ty::Text) {
                    Some(read) => format!("({} {sign} {other})", read.path),
                    None => format!("{text}.contains({other})"),
                }
            }
            _ => {
                let other = self.leaf(&Ty::Text);
                let name = ["startsWith", "endsWith", "contains"][self.rng.usize(..3)];
                format!("{text}.{name}({other})")
            }
        }
    }

    /// A number that a text names, if there are such texts.
    pub(crate) fn named_number(&mut self, ty: &Ty) -> Option<String> {
        let read = self.of(&Ty::Numeral)?.path;
        let text = match self.rng.u8(..8) {
            0 => self.text(0),
            1 => self.constant(&Ty::Numeral),
            _ => read,
        };
        let name = match (ty, self.rng.u8(..4)) {
            (Ty::Int, 0..3) => "int",
            (Ty::Int, _) => return Some(format!("int(decimal({text}))")),
            (_, 0) => "double",
            _ => "decimal",
        };
        Some(format!("{name}({text})"))
    }

    /// A text made of others.
    pub(crate) fn made_text(&mut self, depth: u32) -> String {
        let text = self.leaf(&Ty::Text);
        match self.rng.u8(..8) {
            0 => format!("{text}.lowerAscii()"),
            1 => format!("{text}.upperAscii()"),
            2 => format!("{text}.trim()"),
            3 => format!("{text}.substring({})", self.rng.u8(..3)),
            4 => format!("{text}.charAt({})", self.rng.u8(..3)),
            5 => format!("{text}.replace({}, {})", self.piece(), self.piece()),
            6 => format!("({text} + {})", self.leaf(&Ty::Text)),
            _ => format!("string({})", self.number(&Ty::Int, depth.min(1))),
        }
    }
}
