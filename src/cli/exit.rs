//! Exit statuses.

use std::process::ExitCode;

/// How a command ended. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, and nothing to complain about.
    Clean,
    /// 1: done, with findings: a rule that can never hold or never be broken,
    /// a committed suite that is stale, a server that breaks rules or can't be
    /// tested.
    Findings,
    /// 2: the input or the command line can't be used, or a file can't be
    /// written.
    BadInput,
    /// 3: not everything was decided, and `--strict` asks for that; in `run`,
    /// the server had no time to answer.
    Inconclusive,
    /// 70: a mistake of Crossfield itself.
    Internal,
    /// 130: interrupted (Ctrl-C, SIGTERM), in order: what `run` made is deleted.
    Interrupted,
    /// What the command ended with that `record` ran.
    Command(u8),
}

impl Exit {
    /// All that are Crossfield's own, with what `--help` says of them.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Clean, "done and clean"),
        (
            Self::Findings,
            "findings: an error in what rules amount to, a stale suite; in `run`: failed or blocked; in \
             `audit`: too little exercised",
        ),
        (Self::BadInput, "bad input or usage"),
        (
            Self::Inconclusive,
            "inconclusive: undecided faults or rules under --strict; in `run`: always",
        ),
        (
            Self::Internal,
            "an internal error of Crossfield; please report it",
        ),
        (
            Self::Interrupted,
            "`run` was interrupted, and has deleted what it made",
        ),
    ];

    /// The status that tells more of two: what can't be used before findings,
    /// and these before what is undecided.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.rank() < other.rank() {
            other
        } else {
            self
        }
    }

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::BadInput => 2,
            Self::Inconclusive => 3,
            Self::Internal => 70,
            Self::Interrupted => 130,
            Self::Command(status) => status,
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Clean | Self::Command(0) => 0,
            Self::Inconclusive => 1,
            Self::Findings | Self::Command(_) => 2,
            Self::BadInput => 3,
            Self::Internal => 4,
            Self::Interrupted => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_status_that_tells_more_wins() {
        assert_eq!(Exit::Clean.worse(Exit::Inconclusive), Exit::Inconclusive);
        assert_eq!(Exit::Findings.worse(Exit::Inconclusive), Exit::Findings);
        assert_eq!(Exit::Findings.worse(Exit::BadInput), Exit::BadInput);
        assert_eq!(Exit::Internal.worse(Exit::BadInput), Exit::Internal);
    }

    #[test]
    fn the_numbers_are_those_that_scripts_know() {
        let numbers = Exit::ALL.map(|(exit, _)| exit.code());
        assert_eq!(numbers, [0, 1, 2, 3, 70, 130]);
    }
}
