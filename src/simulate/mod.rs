//! Runs traces on a right server and on patched ones, and says which patched
//! servers an observer could tell from the right one.
//!
//! [`run`] is one server's way through one trace, evaluated plainly;
//! [`compare`] judges two runs by the table of verdicts; [`detect`] is both.
//! [`detects`] does so for many traces and patches and shares the work.
//! [`Live`] runs the servers beside each other over requests that come one by
//! one.

mod across;
mod answers;
mod clock;
mod compare;
mod defaults;
mod detects;
mod ensured;
mod guests;
mod live;
mod matrix;
mod run;
mod server;
mod shown;
mod state;
mod verdict;

pub use answers::{Expected, disjoint, expected};
pub use clock::{is_steady, on_other_days, settle_clock};
pub use compare::{Detection, Sight, compare, sight};
pub use defaults::{apply_defaults, as_sent, prepare};
pub use detects::{detect, detects};
pub use ensured::Ensured;
pub use guests::Guests;
pub use live::{Answered, Asked, Attention, Leak, Live, Memory, Shows};
pub use matrix::Matrix;
pub use run::{Look, Options, Run, rule_at_end, run};
pub use shown::{Filled, Known, Seen, entry_of};
pub use state::{Instance, State};
pub use verdict::{Verdict, may_lead};
