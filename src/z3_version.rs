//! Refuses a Z3 older than the one that Crossfield is built and tested with.
//!
//! The build pins Z3, but a loader can be told to take another library. Older
//! ones know fewer functions and find other models.

use itertools::Itertools;
use thiserror::Error;

/// The oldest Z3 that Crossfield runs with, as `major.minor.patch`.
pub const REQUIRED: &str = env!("CROSSFIELD_Z3_VERSION");

/// The Z3 library in use is too old, or doesn't tell its version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "Z3 {required} or newer is needed, and the library in use is {found:?}: \
     run `make setup`, build again, and check that no other libz3 is preferred by the loader"
)]
pub struct UnsupportedZ3 {
    /// What the library says of itself.
    pub found: String,
    /// The oldest version that is accepted.
    pub required: &'static str,
}

/// The version of the Z3 library in use, as `major.minor.patch.build` or as
/// the library writes it.
///
/// ```
/// assert!(crossfield::z3_version::linked().starts_with(crossfield::z3_version::REQUIRED));
/// ```
pub fn linked() -> String {
    let full = z3::full_version();
    full.split_whitespace()
        .find(|word| parse(word).is_some())
        .unwrap_or(full)
        .to_owned()
}

/// Checks the Z3 library in use: to be called before any work is done.
///
/// # Errors
/// [`UnsupportedZ3`] where the library is older than [`REQUIRED`].
pub fn check() -> Result<(), UnsupportedZ3> {
    accept(&linked())
}

fn accept(found: &str) -> Result<(), UnsupportedZ3> {
    if parse(found).is_some_and(|version| Some(version) >= parse(REQUIRED)) {
        Ok(())
    } else {
        Err(UnsupportedZ3 {
            found: found.to_owned(),
            required: REQUIRED,
        })
    }
}

fn parse(version: &str) -> Option<(u32, u32, u32)> {
    version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .next_tuple()
}

#[cfg(test)]
mod tests {
    use super::*;
    use z3::ast::Int;
    use z3::{SatResult, Solver};

    #[test]
    fn the_linked_library_is_accepted() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(accept("5.4.0").is_ok());
        assert!(accept("5.10.0.0").is_ok());
        assert!(accept("10.0.0").is_ok());
        assert!(accept("5.3.9.9").is_err());
        assert!(accept("unknown").is_err());
    }

    #[test]
    fn an_old_library_is_refused_in_words() {
        let error = accept("4.8.12.0").unwrap_err().to_string();
        assert!(
            error.contains("5.4.0") && error.contains("4.8.12.0"),
            "{error}"
        );
    }

    #[test]
    fn the_solver_answers() {
        let solver = Solver::new();
        let x = Int::fresh_const("x");
        solver.assert(x.gt(Int::from_i64(41)));
        solver.assert(x.lt(Int::from_i64(43)));
        assert_eq!(solver.check(), SatResult::Sat);
        let model = solver.get_model().unwrap();
        assert_eq!(model.eval(&x, true).and_then(|x| x.as_i64()), Some(42));
    }
}
