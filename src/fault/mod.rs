//! The plausible wrong servers: what is worth testing, and why.
//!
//! [`faults`] reads a [`Model`] and lists its faults. Each is a patch of the
//! right server (other expressions at some places) with words that complete
//! the sentence "catches a server that ...".
//!
//! Every class has a module here, a function
//! from a `scene` (one expression of the model with its surroundings) to
//! `edit`s of it. `definition` repeats the edits inside a definition at
//! all of its uses; `collect` makes patches of them, simplifies these
//! without changing their meaning (`logic`), and lets equal ones collapse.
//!
//! What a patch of expressions can't say is left out: null taken for absent
//! where the server doesn't tell them apart, what a refused request makes.

mod across;
mod actor;
mod arithmetic;
mod boundary;
mod branch;
mod canon;
mod class;
mod clause;
mod collect;
mod collection;
mod definition;
mod defnames;
mod dropped;
mod edit;
#[cfg(test)]
mod fixture;
mod forgotten;
mod known;
mod limits;
mod logic;
mod operand;
mod paths;
mod presence;
mod reads;
mod rejects_valid;
mod relational;
mod scene;
mod skipped;
mod state;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub use class::{FaultClass, Layer};

use self::collect::Collector;
use self::limits::limits;
use self::scene::Scene;
use crate::expr::{ExprId, Position};
use crate::model::{Model, Patch, Place, RuleRef, look_into_numbers};
use crate::source::Span;

/// One plausible wrong implementation.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Stable and readable: owner, class, position in the expression, variant
    /// (`fee-within-cap/boundary/1/plus`). Independent of places in files.
    pub id: String,
    /// The kind of change.
    pub class: FaultClass,
    /// What it belongs to.
    pub owner: Owner,
    /// Where expressions are replaced, and by what.
    pub sites: Vec<(Site, ExprId)>,
    /// The whole expressions of the faulty server, their roots rebuilt.
    pub patch: Patch,
    /// Completes "catches a server that ...".
    pub words: String,
    /// What was written at the first site.
    pub span: Span,
    /// How many other faults of the owner make the same patch.
    pub equals: u32,
    /// What is changed into what, whatever the order of operands and the
    /// position; unique within the owner. Identities of cases rest on it.
    pub structural: String,
}

impl Fault {
    /// What it is about.
    pub fn layer(&self) -> Layer {
        let is_remembered = matches!(self.owner, Owner::State(_));
        match self.class {
            FaultClass::State | FaultClass::Actor => Layer::State,
            _ if is_remembered => Layer::State,
            _ => Layer::Rule,
        }
    }
}

/// A place in an expression of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// Which expression.
    pub place: Place,
    /// Where in the right expression.
    pub position: Position,
}

/// What a fault belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A rule instance.
    Rule(RuleRef),
    /// A definition (`defs`) that is wrong wherever it is used.
    Def(String),
    /// A first value or a change of what the server remembers, or what an operation
    /// keeps of a resource; the place is a [`Place::Init`], a [`Place::Set`] or the
    /// first [`Place::Kept`].
    State(Place),
}

impl Owner {
    /// The readable id that the fault's id begins with: the rule's id,
    /// `def:net`, `payment.refunded` (first value), or
    /// `payment.refunded@createRefund` (change), `payment@createRefund` (all
    /// that is kept).
    pub fn id(&self, model: &Model) -> String {
        match self {
            Self::Rule(rule) => model.rule(*rule).id.clone(),
            Self::Def(name) => format!("def:{name}"),
            Self::State(place) => scene::state_name(model, *place),
        }
    }
}

/// The faults of a model.
#[derive(Clone, Debug, Default)]
pub struct FaultList {
    /// By owner (rules, definitions, state; each by id), then class in
    /// canonical order, then site.
    pub faults: Vec<Fault>,
    /// How many patches turned out to be the right server and were dropped.
    pub identical: usize,
    /// How many collapsed into an equal fault of their owner.
    pub collapsed: usize,
    /// How many would order numbers that nobody knows, or calculate with them, and were
    /// dropped: what a test shows of such a server depends on the number.
    pub unordered: usize,
    /// Rules with more accepting paths than `rejects-valid` takes.
    pub omitted_paths: Vec<OmittedPaths>,
}

/// A rule that can hold in more ways than are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OmittedPaths {
    /// The rule.
    pub rule: RuleRef,
    /// How many ways were left out (saturating).
    pub omitted: u64,
}

/// All faults of `model`; their expressions are added to its arena.
pub fn faults(model: &mut Model) -> FaultList {
    let mut collector = Collector::default();
    let limits = limits(model);
    for place in model.places().into_iter().chain(model.kept_places()) {
        let mut scene = Scene::new(model, place, &limits);
        let edits = generate(&mut scene);
        let omitted = rejects_valid::omitted(&mut scene);
        collector.omitted(place, omitted);
        collector.own(model, place, edits);
    }
    definition::repeat(model, &mut collector);
    let mut list = collector.finish(model);
    if !model.identifiers.is_empty() {
        let before = list.faults.len();
        let patches = list.faults.iter().map(|fault| &fault.patch);
        let mut unclear = look_into_numbers(model, patches).into_iter();
        list.faults.retain(|_| !unclear.next().unwrap_or_default());
        list.unordered = before - list.faults.len();
    }
    list
}

/// The edits of every class at one place, in canonical order.
fn generate(scene: &mut Scene<'_>) -> Vec<edit::Edit> {
    let generators: [fn(&mut Scene<'_>) -> Vec<edit::Edit>; 17] = [
        dropped::edits,
        rejects_valid::edits,
        relational::edits,
        boundary::edits,
        clause::edits,
        branch::edits,
        skipped::edits,
        operand::edits,
        table::edits,
        presence::edits,
        arithmetic::edits,
        collection::edits,
        text::edits,
        time::edits,
        state::edits,
        actor::edits,
        across::edits,
    ];
    // What else may go wrong there makes little sense.
    if matches!(
        scene.place,
        Place::Same(_) | Place::Replay(_) | Place::Counted(_)
    ) {
        return across::edits(scene);
    }
    if let Place::Kept(..) = scene.place {
        return state::edits(scene);
    }
    if let Place::Ensure(..) = scene.place {
        return of_answer(scene);
    }
    generators.iter().flat_map(|edits| edits(scene)).collect()
}

/// The edits of what an answer holds. An order (`<=`) doesn't say which value
/// there is: of such a part only that it is there at all can go wrong.
fn of_answer(scene: &mut Scene<'_>) -> Vec<edit::Edit> {
    let mut found = dropped::edits(scene);
    if !scene.determines() {
        return found;
    }
    let generators: [fn(&mut Scene<'_>) -> Vec<edit::Edit>; 13] = [
        relational::edits,
        boundary::edits,
        clause::edits,
        branch::edits,
        operand::edits,
        table::edits,
        presence::edits,
        arithmetic::edits,
        collection::edits,
        text::edits,
        time::edits,
        state::edits,
        actor::edits,
    ];
    let edits = generators.iter().flat_map(|edits| edits(scene));
    let edits: Vec<edit::Edit> = edits.collect();
    // Where it says something is no calculation of the server: only that it says
    // it in fewer cases is of interest.
    let in_guard = |edit: &edit::Edit| scene.is_in_guard(&edit.at);
    let narrows = |edit: &edit::Edit| {
        let class = edit.class;
        class == FaultClass::Relational
            || class == FaultClass::Boundary
            || class == FaultClass::Clause
    };
    found.extend(
        edits
            .into_iter()
            .filter(|edit| !in_guard(edit) || narrows(edit)),
    );
    found
}
