//! The configurations of the search, from narrow to wide.

use super::lower::Config;

/// From narrow to wide: lists grow, then numbers become dense. What comes
/// behind is for what those leave open: see [`LONG`] and [`TABULATED`].
pub(super) const CONFIGS: [Config; 5] = [
    Config::items(3),
    WIDER,
    Config {
        dense: true,
        ..WIDER
    },
    Config {
        long: true,
        ..WIDER
    },
    Config {
        tabulated: true,
        ..WIDER
    },
];

/// The configurations in which proofs are looked for.
pub(super) const PROVING: &[Config] = CONFIGS.split_at(LONG).0;

/// The configurations in which it is asked whether something can be at all.
pub(super) const ASKING: &[Config] = CONFIGS.split_at(TABULATED).0;

/// Lists may have more items than are encoded: where a proof rests on their
/// number.
pub(super) const LONG: usize = 3;

/// Texts are among a few that are tried: where an operator has no encoding.
pub(super) const TABULATED: usize = 4;

/// Lists of up to six items; numbers in steps.
pub(super) const WIDER: Config = Config::items(6);
