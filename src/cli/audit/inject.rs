//! `crossfield audit --inject-all`: does the suite notice what it sends?

mod proxy;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::proxy::{Proxy, RECORDING};
use crate::audit::Setting;
use crate::cli::Exit;
use crate::cli::arguments::AuditArguments;
use crate::cli::console::Console;
use crate::cli::generate::Stop;
use crate::cli::input::load;
use crate::cli::record::masking;
use crate::cli::suite::Suite;
use crate::fault::{Fault, faults};
use crate::inject::{
    Campaign, Injector, Limits, Plan, Ran, Report, Task, Watchers, campaign, sets,
};
use crate::record::Tamper;
use crate::report::{Injected, counted};
use crate::run::{Environment, Target};

/// How long a run may take at least, and how much longer than the first one.
const PATIENCE: (Duration, u32) = (Duration::from_secs(60), 10);

/// The runs of a suite: one without faults that is green, and what comes after it.
pub(super) struct Injection<'a> {
    arguments: &'a AuditArguments,
    console: &'a Console,
    proxy: Proxy<'a>,
    /// By rule file, its path, the faulty servers, and what a green run showed of
    /// them.
    watched: Vec<(String, Arc<Plan>, Report)>,
    time: Duration,
    runs: usize,
    has_red: bool,
    is_unsteady: bool,
}

impl<'a> Injection<'a> {
    /// Runs the suite without faults, twice.
    ///
    /// # Errors
    /// It fails, or can't be run.
    pub fn start(arguments: &'a AuditArguments, console: &'a Console) -> Result<Self, Stop> {
        let bad = |message: String| (message, Exit::BadInput);
        let upstream = arguments.upstream.as_deref().unwrap_or_default();
        let upstream = Target::parse(upstream);
        let upstream =
            upstream.map_err(|error| bad(format!("--upstream can't be used: {error}")))?;
        let folder = TempDir::new();
        let folder = folder.map_err(|error| bad(format!("no place for a recording: {error}")))?;
        let mut own = Self {
            arguments,
            console,
            proxy: Proxy {
                upstream,
                masking: masking(&arguments.mask),
                suite: Suite {
                    command: &arguments.command,
                    variables: &arguments.env,
                },
                folder,
            },
            watched: Vec::new(),
            time: PATIENCE.0,
            runs: 0,
            has_red: false,
            is_unsteady: false,
        };
        own.watch()?;
        own.again()?;
        Ok(own)
    }

    /// The recording of the run without faults.
    pub fn recording(&self) -> PathBuf {
        self.proxy.folder.path().join(RECORDING)
    }

    /// The first run: what is sent, and which faults that shows.
    fn watch(&mut self) -> Result<(), Stop> {
        let plans = plans(self.arguments);
        let watchers = plans.iter().map(|(_, plan)| {
            let plan = Arc::clone(plan);
            Arc::new(Injector::start(plan, Task::Watch))
        });
        let watchers: Vec<Arc<Injector>> = watchers.collect();
        self.console.progress("run without faults");
        let started = Instant::now();
        let tamper: Arc<dyn Tamper> = Arc::new(Watchers(watchers.clone()));
        let status = self.proxy.run(Some(tamper), (RECORDING, None))?;
        self.time = PATIENCE.0.max(started.elapsed() * PATIENCE.1);
        if let Some(path) = &self.arguments.recording {
            std::fs::copy(self.recording(), path)
                .map_err(|error| super::unwritable_file(path, &error))?;
        }
        if status != Exit::Command(0) {
            return Err(self.red("the suite fails without any fault", status));
        }
        for ((path, plan), watcher) in plans.into_iter().zip(watchers) {
            let report = watcher.report().ok_or_else(lost)?;
            self.watched.push((path, plan, report));
        }
        Ok(())
    }

    /// The second one: a suite that leaves something in its own way fails in it.
    fn again(&mut self) -> Result<(), Stop> {
        self.console.progress("the same again");
        let status = self.proxy.run(None, ("again", Some(self.time)))?;
        match status {
            Exit::Command(0) => Ok(()),
            status => Err(self.red(
                "the suite passes once and then fails, without any fault: each run has to begin \
                 with what the first one began with, so let COMMAND bring the API there",
                status,
            )),
        }
    }

    fn red(&self, problem: &str, status: Exit) -> Stop {
        let told = self.proxy.told();
        let status = status.code();
        let end = match told.is_empty() {
            true => String::new(),
            false => format!("; the end of what it said:\n{told}"),
        };
        (format!("{problem} (status {status}){end}"), Exit::BadInput)
    }

    /// Injects the faults of a rule file that the suite sends.
    ///
    /// # Errors
    /// The suite can't be run any more.
    pub fn of(&mut self, path: &str) -> Result<Option<Injected>, Stop> {
        let mut watched = self.watched.iter();
        let Some((_, plan, report)) = watched.find(|(own, ..)| own == path) else {
            return Ok(None);
        };
        let (plan, mut report) = (Arc::clone(plan), report.clone());
        let filters = &self.arguments.filter;
        let is_meant = |fault: &Fault| {
            filters.is_empty() || filters.iter().any(|text| fault.id.contains(text.as_str()))
        };
        report
            .signs
            .retain(|fault, _| plan.faults.get(*fault).is_some_and(is_meant));
        let most = self.arguments.max_runs.map(std::num::NonZeroUsize::get);
        let own = Campaign {
            sets: sets(&plan.built.model, &plan.faults, &report.signs),
            asked: report.asked,
            limits: Limits {
                runs: most.map(|most| most.saturating_sub(self.runs)),
                together: self.arguments.together,
            },
        };
        let fates = campaign(own, &mut |faults, (runs, left)| {
            let sets = counted(left, "set");
            let text = format!("{path}: {runs} runs with faults; {sets} of faults left");
            self.console.progress(&text);
            self.once(&plan, faults)
        })?;
        self.runs += fates.runs;
        self.is_unsteady |= fates.unsteady > 0;
        Ok(Some(Injected::new(&plan.built.model, &plan.faults, &fates)))
    }

    fn once(&mut self, plan: &Arc<Plan>, faults: &[Vec<usize>]) -> Result<Ran, Stop> {
        let task = Task::Answer(faults.to_vec());
        let injector = Arc::new(Injector::start(Arc::clone(plan), task));
        let tamper: Arc<dyn Tamper> = Arc::clone(&injector) as _;
        let status = self
            .proxy
            .run(Some(tamper), ("injected", Some(self.time)))?;
        let is_red = status != Exit::Command(0);
        self.has_red |= is_red;
        Ok(Ran {
            is_red,
            report: injector.report().ok_or_else(lost)?,
        })
    }

    /// Runs the suite once more without faults, where it failed with some: whether
    /// what it noticed counts.
    ///
    /// # Errors
    /// It can't be run any more.
    pub fn end(&mut self) -> Result<Exit, Stop> {
        if self.has_red {
            self.console.progress("run without faults, once more");
            let status = self.proxy.run(None, ("end", Some(self.time)))?;
            self.is_unsteady |= status != Exit::Command(0);
        }
        if self.is_unsteady {
            self.console.say(
                "note: the suite also fails without any wrong answer now and then, so nobody knows \
                 whether it noticed what it failed with\n",
            );
            return Ok(Exit::Inconclusive);
        }
        Ok(Exit::Clean)
    }
}

/// The faulty servers of each rule file. The files were read before without errors.
fn plans(arguments: &AuditArguments) -> Vec<(String, Arc<Plan>)> {
    let files = load(&arguments.paths).files.into_iter();
    let plans = files.map(|mut loaded| {
        let mut all = faults(&mut loaded.built.model).faults;
        let (settings, model) = (&loaded.settings, &loaded.built.model);
        all.retain(|fault| settings.switch(model, fault).is_none());
        let plan = Plan {
            built: loaded.built,
            document: loaded.document,
            faults: all,
            setting: Setting {
                bases: arguments.base.clone(),
                from_start: arguments.from_start,
            },
            environment: Environment::of_process(),
        };
        (loaded.path, Arc::new(plan))
    });
    plans.collect()
}

fn lost() -> Stop {
    let message = "a mistake of Crossfield: nobody could be the faulty server";
    (message.to_owned(), Exit::Internal)
}

/// How the recording is called in reports.
pub(super) fn shown(arguments: &AuditArguments, path: &Path) -> String {
    match (&arguments.recording, arguments.inject_all) {
        (Some(kept), true) => kept.display().to_string(),
        (None, true) => RECORDING.to_owned(),
        _ => path.display().to_string(),
    }
}
