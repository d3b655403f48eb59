//! Sends cases to a live server and judges its answers.
//!
//! It reads case files only, and does what emitted suites do: a refusal counts
//! only beside its accepted twin (`judge`, `session`). Requests are filled in
//! (`template`), written (`message`, `encoding`) and sent (`send`) by themselves;
//! what people see of them holds no credentials (`exchange`).

mod answer;
mod attempt;
mod awaits;
mod clean_up;
mod clock;
mod credentials;
mod curl;
mod deliver;
mod encoding;
mod environment;
mod exchange;
mod fresh;
mod held;
mod interrupt;
mod judge;
mod message;
mod outcome;
mod pace;
mod plan;
mod play;
mod results;
mod send;
mod session;
mod setup;
mod shown;
mod target;
mod template;

pub use attempt::UNREACHABLE;
pub use clean_up::Leftover;
pub use curl::{Written, curl, written};
pub use environment::{Environment, Missing};
pub use exchange::{Answered, Changed, Exchange};
pub use interrupt::Interrupt;
pub use outcome::Kind;
pub use plan::Suite;
pub use results::{
    BaselineResult, CaseResult, Counts, FileResults, Results, RuleResults, TwinResult,
};
pub use shown::is_shown;
pub use target::{Target, TargetError};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::credentials::Mask;
use self::fresh::Fresh;
use self::outcome::Outcome;
use self::pace::Pace;
use self::plan::Item;
use self::play::Player;
use self::results::Collector;
use self::send::Client;
use self::session::Session;
use crate::parallel;

/// How cases are sent.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the API is.
    pub target: Target,
    /// Where other APIs are that setup steps call, by the variables of the
    /// environment with their addresses.
    pub others: BTreeMap<String, Target>,
    /// How many cases are sent at a time. Where the server's clock is set, it
    /// is one, whatever this says.
    pub jobs: usize,
    /// At most so many requests a second.
    pub rate: Option<f64>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Only cases whose rule, id or a tag contains one of these; all, where
    /// there are none. Twins are sent as needed.
    pub filters: Vec<String>,
    /// Only baselines, and two requests a rule: one accepted, one refused.
    pub smoke: bool,
    /// Ends the run early: cases that weren't sent by then are inconclusive, and
    /// what was made is deleted.
    pub interrupt: Interrupt,
}

/// The variables that hold the credentials of actors, or what they log in with.
fn credentials_of(suites: &[Suite]) -> impl Iterator<Item = &str> {
    let actors = suites.iter().flat_map(|suite| &suite.file.actors);
    let own = actors.filter_map(|actor| actor.credential.as_deref());
    own.chain(
        suites
            .iter()
            .flat_map(|suite| environment::logins(&suite.file)),
    )
}

/// Sends the cases of `suites`. `progress` is told how many of how many cases
/// are done.
pub fn run(
    suites: &[Suite],
    options: &Options,
    environment: &Environment,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Results {
    let player = Player {
        client: Client::new(&options.target, options.timeout),
        others: clients(options),
        pace: Pace::new(options.rate, options.interrupt.clone()),
        interrupt: options.interrupt.clone(),
        environment,
        fresh: Fresh::new(),
        mask: Mask::new(environment, credentials_of(suites)),
        gave_up: AtomicBool::new(false),
        late: Mutex::new(BTreeSet::new()),
        leftovers: Mutex::default(),
    };
    let sessions: Vec<Session<'_>> = suites
        .iter()
        .map(|suite| Session::new(&suite.file, &player))
        .collect();
    let items = suites.iter().zip(&sessions).enumerate();
    let items = items.flat_map(|(index, (suite, session))| {
        let items = suite.items(&options.filters, options.smoke).into_iter();
        items.map(move |item| (index, session, item))
    });
    let items: Vec<(usize, &Session<'_>, Item<'_>)> = items.collect();
    let sets_clock = suites.iter().any(|suite| suite.file.clock_setter.is_some());
    let jobs = if sets_clock { 1 } else { options.jobs };
    let count = items.len();
    let outcomes = parallel::map(
        &items,
        jobs,
        &|done| progress(done, count),
        |(_, session, item)| match item {
            Item::Case(case) => session.case(case),
            Item::Baseline(id) => session.baseline(id).unwrap_or_else(|| {
                let told = "there is no such baseline";
                Arc::new(Outcome::new(Kind::Blocked, told))
            }),
        },
    );
    sessions.iter().for_each(Session::end);
    let mut collector = Collector::default();
    for (index, (suite, session)) in suites.iter().zip(&sessions).enumerate() {
        let own = items.iter().zip(&outcomes);
        let own = own.filter(|((at, ..), _)| *at == index);
        let own: Vec<_> = own
            .map(|((_, _, item), outcome)| (*item, Arc::clone(outcome)))
            .collect();
        collector.file(suite, session, &own);
    }
    let others = player.others.values().map(Client::sent).sum::<usize>();
    let sent = player.client.sent() + others;
    let leftovers = player.leftovers.into_inner();
    let mut leftovers = leftovers.unwrap_or_else(PoisonError::into_inner);
    leftovers.sort();
    collector.results(options.target.base(), sent, leftovers)
}

fn clients(options: &Options) -> BTreeMap<String, Client> {
    let others = options.others.iter();
    let clients = others.map(|(variable, target)| {
        let client = Client::new(target, options.timeout);
        (variable.clone(), client)
    });
    clients.collect()
}
