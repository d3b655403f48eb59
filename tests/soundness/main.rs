//! Random schemas, rules and states: is what the search claims true?
//!
//! `CROSSFIELD_SOUNDNESS_RULES` says how many rules are tried (750), and
//! `CROSSFIELD_SOUNDNESS_SEED` where the seeds begin: every random model has
//! one, which a failure names.

#[cfg(test)]
mod analysis;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod any;
#[cfg(test)]
mod check;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod declared;
#[cfg(test)]
mod existing;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod lowering;
#[cfg(test)]
mod nested;
#[cfg(test)]
mod plants;
#[cfg(test)]
mod plural;
#[cfg(test)]
mod report;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod values;
#[cfg(test)]
mod wholes;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crossfield::expr::{Fold, ListOp, Op, Rounding, TextOp};

    use crate::answers::{Tried, attempt};
    use crate::check::{Effort, world};
    use crate::plants::{Plant, plant};
    use crate::report::Report;
    use crate::world::World;

    fn setting(name: &str, default: u64) -> u64 {
        let given = std::env::var(name).ok();
        given.map_or(default, |text| text.parse().unwrap())
    }

    /// The same for every number of rules: a seed tells all that was tried.
    const EFFORT: Effort = Effort {
        states: 40,
        pinned: 3,
        faults: 4,
        exhaustive: 5_000,
    };

    /// A line is printed each time that so many more rules were tried.
    const PROGRESS: usize = 1_000;

    /// Worlds until there are enough rules. Which those are doesn't depend on
    /// the number of threads.
    fn run(rules: usize, first: u64) -> Report {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        // A batch waits for its slowest world.
        let batch = threads * if rules > 1_000 { 32 } else { 4 };
        let mut report = Report::default();
        let mut next = first;
        while report.rules < rules && report.failures.len() < 20 {
            let seeds: Vec<u64> = (next..).take(if rules == 1 { 1 } else { batch }).collect();
            next += seeds.len() as u64;
            let workers: Vec<_> = (0..threads)
                .map(|worker| {
                    let own: Vec<(usize, u64)> = seeds
                        .iter()
                        .copied()
                        .enumerate()
                        .skip(worker)
                        .step_by(threads)
                        .collect();
                    std::thread::spawn(move || {
                        let each = own.into_iter();
                        each.map(|(at, seed)| (at, world(seed, EFFORT)))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            let mut done: Vec<(usize, Report)> = Vec::new();
            for worker in workers {
                done.extend(worker.join().unwrap());
            }
            done.sort_by_key(|(at, _)| *at);
            let before = report.rules / PROGRESS;
            for (_, one) in done {
                one.failures.iter().for_each(|new| println!("---- {new}"));
                report.absorb(one);
            }
            if report.rules / PROGRESS > before {
                let (rules, failures) = (report.rules, report.failures.len());
                eprintln!("{rules} rules, to seed {next}: {failures} failures");
            }
        }
        report
    }

    fn every_operator() -> Vec<String> {
        use Op::*;
        // Most functions of texts, lists and times are too many for a floor.
        let written = Op::all().into_iter().filter(|op| match op {
            Text(op) => matches!(
                op,
                TextOp::StartsWith | TextOp::EndsWith | TextOp::Contains | TextOp::Matches
            ),
            List(op) => *op == ListOp::Distinct,
            Convert(_) | TimePart(_) | Round(_) => false,
            _ => true,
        });
        let more = [Guard, OrElse, List(ListOp::Keys), List(ListOp::Indexes)];
        let ops = written.chain(more).chain(Rounding::ALL.map(Round));
        let folds = [
            Fold::All,
            Fold::Exists,
            Fold::ExistsOne,
            Fold::Map,
            Fold::Filter,
            Fold::MapPresent,
        ];
        let ops = ops.map(|op| format!("{op:?}"));
        ops.chain(folds.map(|fold| format!("{fold:?}"))).collect()
    }

    #[test]
    fn claims_hold_for_random_rules() {
        let rules = setting("CROSSFIELD_SOUNDNESS_RULES", 750) as usize;
        let first = setting("CROSSFIELD_SOUNDNESS_SEED", 1);
        let report = run(rules, first);
        println!("{report}");
        for note in report
            .notes
            .iter()
            .take(setting("CROSSFIELD_SOUNDNESS_NOTES", 0) as usize)
        {
            println!("{note}");
        }
        assert_eq!(
            report.failures.len(),
            0,
            "claims that don't hold, see above"
        );
        if rules > 1 {
            let dull = report.dull(&every_operator());
            assert!(dull.is_empty(), "too dull to mean anything: {dull:#?}");
        }
    }

    /// Worlds that refuted a claim once, or whose requests weren't confirmed, while
    /// those among the first of others don't.
    #[test]
    fn claims_hold_where_they_once_did_not() {
        let seeds = [
            387, 32369, 33765, 732, 2152, 2701, 4226, 4663, 6394, 8803, 10184, 10932, 11220, 16354,
            16637, 21261,
        ];
        for seed in seeds {
            let report = world(seed, EFFORT);
            assert_eq!(report.failures, Vec::<String>::new(), "seed {seed}");
        }
    }

    /// `CROSSFIELD_SOUNDNESS_SEED` as above; `CROSSFIELD_SOUNDNESS_WORLDS` says how
    /// many worlds are tried.
    #[test]
    fn claims_hold_for_random_answers() {
        let first = setting("CROSSFIELD_SOUNDNESS_SEED", 1);
        let worlds = setting("CROSSFIELD_SOUNDNESS_WORLDS", 60);
        let mut tried = Tried::default();
        for seed in first..first + worlds {
            attempt(seed, 4, &mut tried);
        }
        let failures = std::mem::take(&mut tried.failures);
        println!("{tried:?}");
        for failure in &failures {
            println!("{failure}");
        }
        assert_eq!(failures.len(), 0, "claims that don't hold, see above");
        if worlds >= 60 {
            assert!(tried.found > 60, "{tried:?}");
            assert!(tried.untestable > 10, "{tried:?}");
            assert!(tried.stateful > 4, "{tried:?}");
        }
    }

    #[test]
    fn planted_bugs_are_seen() {
        let mut found = BTreeMap::new();
        plant(World::of_numbers(), 300, 20, &mut found);
        for world in (1..=300).filter_map(|seed| World::new(seed).ok()) {
            plant(world, 25, 1, &mut found);
        }
        println!("{found:#?}");
        for plant in Plant::ALL {
            let caught = found.get(&plant).copied().unwrap_or_default();
            assert!(caught.different >= 5, "{plant:?} hardly ever matters");
            assert!(
                caught.seen * 100 >= caught.different * 95,
                "{plant:?} is overlooked: {caught:?}"
            );
        }
    }
}
