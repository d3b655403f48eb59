//! The characters on one edge of a product automaton.

/// Printable ASCII, the characters that texts are made of where possible.
const FIRST: u8 = b' ';
const LAST: u8 = b'~';

/// How many characters beyond ASCII are remembered by name.
const SAMPLES: usize = 8;

/// How many characters of a range are looked at to find a letter.
const SEARCHED: usize = 64;

/// A set of characters: ASCII exactly, the rest by count and some samples.
#[derive(Clone, Debug, Default)]
pub(super) struct CharSet {
    ascii: u128,
    beyond: u64,
    samples: Vec<char>,
}

impl CharSet {
    /// Adds all characters from `first` to `last`.
    pub(super) fn add_range(&mut self, first: char, last: char) {
        for c in (first..=last).take_while(char::is_ascii) {
            self.ascii |= 1_u128 << u32::from(c);
        }
        let first = first.max('\u{80}');
        if first <= last {
            self.beyond += size(first, last);
            let room = SAMPLES - self.samples.len();
            let visible = |c: &char| !c.is_control() && !c.is_whitespace();
            let letter = (first..=last).take(SEARCHED).find(|c| c.is_alphabetic());
            let sample = letter.or(Some(first)).filter(visible);
            self.samples.extend(sample.into_iter().take(room));
        }
    }

    /// Adds all of `other`, none of which is here yet.
    pub(super) fn add_all(&mut self, other: &Self) {
        self.ascii |= other.ascii;
        self.beyond += other.beyond;
        let room = SAMPLES - self.samples.len();
        self.samples.extend(other.samples.iter().take(room));
    }

    /// How many characters these are.
    pub(super) fn count(&self) -> u64 {
        u64::from(self.ascii.count_ones()) + self.beyond
    }

    /// Whether it holds a character of ASCII; others aren't known by name.
    pub(super) fn contains(&self, c: char) -> bool {
        u8::try_from(c).is_ok_and(|byte| self.contains_ascii(byte))
    }

    fn contains_ascii(&self, byte: u8) -> bool {
        byte < 128 && self.ascii >> byte & 1 == 1
    }

    /// Control characters are never written: who reads a test can't see them.
    fn writable_ascii(&self) -> impl Iterator<Item = u8> + '_ {
        (FIRST..=LAST).filter(|&byte| self.contains_ascii(byte))
    }

    /// The samples, unless printable ASCII makes them needless.
    fn samples(&self) -> &[char] {
        if (FIRST..=LAST).any(|byte| self.contains_ascii(byte)) {
            &[]
        } else {
            &self.samples
        }
    }

    pub(super) fn writable_count(&self) -> u64 {
        (self.writable_ascii().count() + self.samples().len()) as u64
    }

    /// The characters to write.
    pub(super) fn writable(&self) -> impl Iterator<Item = char> + '_ {
        let ascii = self.writable_ascii().map(char::from);
        ascii.chain(self.samples().iter().copied())
    }
}

/// How many characters there are from `first` to `last`, without surrogates.
fn size(first: char, last: char) -> u64 {
    let (from, to) = (u32::from(first), u32::from(last));
    let surrogates = if from < 0xd800 && to > 0xdfff {
        0x800
    } else {
        0
    };
    u64::from(to - from + 1 - surrogates)
}

/// Which characters are liked at one position of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The character of an example there.
    exact: Option<char>,
    position: u8,
}

impl Wish {
    pub(super) fn new(position: usize, exact: Option<char>) -> Self {
        Self {
            exact,
            // Only its remainder by 26 and by 10 counts.
            position: u8::try_from(position % 130).unwrap_or(0),
        }
    }

    /// The least comes first: the example's own character and those after it
    /// of the same kind; else letters, digits, marks, blanks.
    pub(super) fn rank(self, c: char) -> (u8, u8, char) {
        match self.exact {
            Some(own) if own == c => (0, 0, c),
            Some(own) if kind(own) == kind(c) && kind(c) < 3 => (0, turns(c, own), c),
            _ => (kind(c) + 1, turns(c, self.default_of(kind(c))), c),
        }
    }

    fn default_of(self, kind: u8) -> char {
        match kind {
            0 => char::from(b'a' + self.position % 26),
            1 => char::from(b'A' + self.position % 26),
            _ => char::from(b'0' + (self.position + 1) % 10),
        }
    }
}

fn kind(c: char) -> u8 {
    match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        '-' | '_' | '.' => 3,
        '!'..='~' => 4,
        _ => 5,
    }
}

/// How many steps `c` is after `from`, round and round within its kind.
fn turns(c: char, from: char) -> u8 {
    let size = match kind(c) {
        0 | 1 => 26,
        2 => 10,
        _ => return 0,
    };
    let distance = i64::from(u32::from(c)) - i64::from(u32::from(from));
    u8::try_from(distance.rem_euclid(size)).unwrap_or(0)
}
