//! Which faults a suite notices: one run after the other.
//!
//! What is said of a fault rests on a run in which answers of its server were made
//! up and no others, but for one case: sets of faults that show on different
//! requests may be made up together. If the suite passes then, it noticed none of
//! them, provided that it sent the same requests as without faults and that each
//! answer was made up that was foreseen; where one of these doesn't hold, or the
//! suite fails, the sets are tried again, half of them at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::report::{Forged, Report};
use super::sets::{Set, together};
use crate::model::OperationRef;

/// How a run went.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Whether the suite failed.
    pub is_red: bool,
    /// What was made up.
    pub report: Report,
}

/// What is tried.
pub struct Campaign {
    /// The sets, in the order in which they are tried.
    pub sets: Vec<Set>,
    /// How many requests came without faults, by operation.
    pub asked: BTreeMap<OperationRef, usize>,
    /// How far it goes.
    pub limits: Limits,
}

/// How far it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The most runs.
    pub runs: Option<usize>,
    /// Whether sets that show on different requests are tried together.
    pub together: bool,
}

/// What a suite made of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It failed.
    Noticed,
    /// It passed, although answers were wrong.
    Unnoticed,
    /// No answer was wrong: none could be made up.
    NotMade,
    /// Nobody looked: too many runs.
    NotTried,
}

/// A fault, and the answers on which the word rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What the suite made of it.
    pub notice: Notice,
    /// The made-up answers.
    pub forged: Vec<Forged>,
}

/// What became of all.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    /// By fault.
    pub faults: BTreeMap<usize, Found>,
    /// How many runs there were.
    pub runs: usize,
    /// How many of them failed with nothing made up: the suite isn't steady.
    pub unsteady: usize,
}

/// Runs the suite in front of the servers of some sets, the faults of each by their
/// positions; it is told how many runs there were, and how many sets are left.
pub type Run<'r, E> = dyn FnMut(&[Vec<usize>], (usize, usize)) -> Result<Ran, E> + 'r;

/// Tries all sets.
///
/// # Errors
/// Those of `run`.
pub fn campaign<E>(campaign: Campaign, run: &mut Run<'_, E>) -> Result<Fates, E> {
    let Campaign {
        sets,
        asked,
        limits,
    } = campaign;
    let mut work = Work {
        queue: together(sets, limits.together).into(),
        asked,
        fates: Fates::default(),
    };
    while let Some(job) = work.queue.pop_front() {
        if limits.runs.is_some_and(|most| work.fates.runs >= most) {
            work.untried(job);
            continue;
        }
        let left = job.len() + work.queue.iter().map(Vec::len).sum::<usize>();
        let faults: Vec<Vec<usize>> = job.iter().map(|set| set.faults.clone()).collect();
        let ran = run(&faults, (work.fates.runs, left))?;
        work.fates.runs += 1;
        work.take(job, &ran);
    }
    Ok(work.fates)
}

struct Work {
    queue: VecDeque<Vec<Set>>,
    asked: BTreeMap<OperationRef, usize>,
    fates: Fates,
}

impl Work {
    fn take(&mut self, job: Vec<Set>, ran: &Ran) {
        let report = &ran.report;
        let mut job = self.without_others(job, &report.apart);
        if ran.is_red && job.len() > 1 {
            let rest = job.split_off(job.len() / 2);
            self.queue.push_front(rest);
            self.queue.push_front(job);
            return;
        }
        let is_alone = job.len() == 1;
        let is_same = report.asked == self.asked;
        self.fates.unsteady += usize::from(ran.is_red && report.forged.is_empty());
        for set in job {
            let forged = forged(&set, report);
            let is_whole = is_same && forged.len() == set.requests.len();
            if !is_alone && !is_whole {
                self.queue.push_front(vec![set]);
                continue;
            }
            let notice = match (forged.is_empty(), ran.is_red) {
                (true, _) => Notice::NotMade,
                (false, true) => Notice::Noticed,
                (false, false) => Notice::Unnoticed,
            };
            self.settle(&set, &Found { notice, forged });
        }
    }

    /// The sets without faults whose servers turned out to be others; these are
    /// sets of their own.
    fn without_others(&mut self, job: Vec<Set>, apart: &BTreeSet<usize>) -> Vec<Set> {
        let same = job.into_iter().map(|set| {
            let (others, faults): (Vec<usize>, Vec<usize>) =
                set.faults.iter().partition(|fault| apart.contains(*fault));
            let with = |faults| Set {
                faults,
                requests: set.requests.clone(),
            };
            if !others.is_empty() {
                self.queue.push_back(vec![with(others)]);
            }
            with(faults)
        });
        same.collect()
    }

    fn untried(&mut self, job: Vec<Set>) {
        let found = Found {
            notice: Notice::NotTried,
            forged: Vec::new(),
        };
        job.iter().for_each(|set| self.settle(set, &found));
    }

    fn settle(&mut self, set: &Set, found: &Found) {
        let all = set.faults.iter().map(|fault| (*fault, found.clone()));
        self.fates.faults.extend(all);
    }
}

/// The answers that were made up for a set.
fn forged(set: &Set, report: &Report) -> Vec<Forged> {
    let first = set.faults.first();
    let own = report.forged.iter();
    own.filter(|own| Some(&own.fault) == first)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A suite whose test number `n` sends request `n`, and looks at the answer if
    /// it is one of those that are `careful`.
    struct Suite {
        careful: &'static [usize],
        runs: Vec<Vec<usize>>,
    }

    fn all() -> Vec<Set> {
        let set = |fault: usize| Set {
            faults: vec![fault, fault + 10],
            requests: BTreeSet::from([fault]),
        };
        (0..6).map(set).collect()
    }

    impl Suite {
        fn run(&mut self, sets: &[Vec<usize>]) -> Ran {
            let first: Vec<usize> = sets.iter().map(|set| set[0]).collect();
            let forged = first
                .iter()
                .filter(|fault| **fault != 5)
                .map(|fault| Forged {
                    fault: *fault,
                    request: fault.to_string(),
                    words: String::new(),
                });
            let report = Report {
                forged: forged.collect(),
                // The server of fault 12 turns out to be another one.
                apart: sets
                    .iter()
                    .any(|set| *set == [2, 12])
                    .then_some(12)
                    .into_iter()
                    .collect(),
                ..Report::default()
            };
            self.runs.push(first.clone());
            Ran {
                is_red: first
                    .iter()
                    .any(|fault| self.careful.contains(&(fault % 10))),
                report,
            }
        }

        fn fates(&mut self, limits: Limits) -> Fates {
            let own = Campaign {
                sets: all(),
                asked: BTreeMap::new(),
                limits,
            };
            let ran = campaign::<()>(own, &mut |sets, _| Ok(self.run(sets)));
            ran.unwrap()
        }
    }

    fn unnoticed(fates: &Fates, notice: Notice) -> Vec<usize> {
        let own = fates.faults.iter().filter(|(_, own)| own.notice == notice);
        own.map(|(fault, _)| *fault).collect()
    }

    #[test]
    fn one_run_decides_all_faults_of_a_set() {
        let mut suite = Suite {
            careful: &[0, 2, 3],
            runs: Vec::new(),
        };
        let fates = suite.fates(Limits::default());
        assert_eq!(unnoticed(&fates, Notice::Noticed), [0, 2, 3, 10, 12, 13]);
        assert_eq!(unnoticed(&fates, Notice::Unnoticed), [1, 4, 11, 14]);
        assert_eq!(unnoticed(&fates, Notice::NotMade), [5, 15]);
        // The fault that is apart has a run of its own, at the end.
        assert_eq!(suite.runs, [[0], [1], [2], [3], [4], [5], [12]]);
        assert_eq!(fates.unsteady, 0);
    }

    #[test]
    fn sets_that_are_tried_together_are_told_apart() {
        let alone = |careful| {
            Suite {
                careful,
                runs: Vec::new(),
            }
            .fates(Limits::default())
        };
        for careful in [&[][..], &[0], &[1, 4], &[0, 1, 2, 3, 4]] {
            let mut suite = Suite {
                careful,
                runs: Vec::new(),
            };
            let fates = suite.fates(Limits {
                together: true,
                runs: None,
            });
            assert_eq!(fates.faults, alone(careful).faults, "{careful:?}");
            let most = if careful.is_empty() { 3 } else { 14 };
            assert!(suite.runs.len() <= most, "{:?}", suite.runs);
        }
    }

    #[test]
    fn what_is_not_tried_is_told() {
        let mut suite = Suite {
            careful: &[0],
            runs: Vec::new(),
        };
        let fates = suite.fates(Limits {
            runs: Some(2),
            together: false,
        });
        assert_eq!(suite.runs.len(), 2);
        assert_eq!(unnoticed(&fates, Notice::Noticed), [0, 10]);
        assert_eq!(
            unnoticed(&fates, Notice::NotTried),
            [2, 3, 4, 5, 12, 13, 14, 15]
        );
    }

    #[test]
    fn a_suite_that_fails_by_itself_is_not_steady() {
        let mut suite = Suite {
            careful: &[5],
            runs: Vec::new(),
        };
        assert_eq!(suite.fates(Limits::default()).unsteady, 1);
    }
}
