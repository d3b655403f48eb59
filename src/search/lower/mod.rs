//! Lowering: the model as terms.
//!
//! Everything is exact or an over-approximation: what has no encoding becomes
//! a free variable (the same for both servers), and a constraint that can't be
//! expressed is left out. Every narrowing that neither schema nor rules state
//! is a [`Label::Restriction`] or listed in [`Lowering::narrowed`].

mod any;
mod calendar;
mod choose;
mod compare;
mod conditions;
mod constrain;
mod convert;
mod expr;
mod facets;
mod folds;
mod items;
mod keys;
mod lessons;
mod lists;
mod literal_keys;
mod long;
mod members;
mod moments;
mod named_keys;
mod numbers;
mod numerals;
mod positions;
mod reads;
mod sat;
mod satisfy;
mod slots;
mod sym;
mod tabulate;
mod texts;
mod tried;
mod whole;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use any::{AnyValue, Kind};
pub use constrain::text_place;
pub use moments::STEADY;
pub use slots::{Leaf, Slot, SlotId};
pub use sym::{AnyNumber, Item, List, More, Num, Shape, Source, Sym, Text};

use crate::document::SchemaId;
use crate::expr::{ExprId, Node, Root};
use crate::model::{Model, ResourceRef, RuleRef};
use crate::search::smt::{Sort, Term, Terms};
use crate::source::Span;

/// How far lists are unrolled, and whether numbers may take any value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Lists hold at most so many items, where their schema allows more.
    pub items: usize,
    /// Numbers without `multipleOf` and moments: `true` any value, `false`
    /// steps of 0.01 and of a second.
    pub dense: bool,
    /// Whether lists may have more items than are encoded.
    pub long: bool,
    /// Whether texts are among a few that are tried, so that operators without
    /// an encoding are tables.
    pub tabulated: bool,
    /// Whether `now` is any moment; else it is the one that the model says,
    /// and those around it at which verdicts must be the same.
    pub any_moment: bool,
}

impl Config {
    /// Lists of at most so many items; numbers in steps.
    pub const fn items(items: usize) -> Self {
        Self {
            items,
            dense: false,
            long: false,
            tabulated: false,
            any_moment: false,
        }
    }
}

/// What an assumption literal stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// A keyword of a schema.
    Schema {
        /// The keyword.
        keyword: &'static str,
        /// Where the schema says it, as a JSON pointer.
        pointer: String,
        /// Where that is in the file.
        span: Span,
    },
    /// At this step the rule holds.
    Rule(usize, RuleRef),
    /// At this step the rule isn't broken; it may be undefined.
    Unbroken(usize, RuleRef),
    /// Proven by induction: this condition holds of every state.
    Invariant(ExprId),
    /// Proven by induction: these attributes are the same on both servers, as
    /// long as those answer alike.
    Alike(Vec<(ResourceRef, usize)>),
    /// A narrowing that neither schema nor rules state, in words.
    Restriction(String),
}

/// Builds terms for one trace of requests.
#[derive(Debug)]
pub struct Lowering<'m> {
    /// The model.
    pub model: &'m Model,
    /// The terms.
    pub terms: Terms,
    /// How far to go.
    pub config: Config,
    /// The locations that were read.
    slots: Vec<Slot>,
    /// What always holds.
    pub facts: Vec<Term>,
    /// Assumption literals with their meaning, in order of creation.
    pub literals: Vec<(Term, Label)>,
    by_label: BTreeMap<Label, Term>,
    /// Narrowings that are built into the encoding.
    pub narrowed: BTreeSet<String>,
    /// How often each list that is cut is looked at for the sake of some of
    /// its items: see [`Lowering::looks_for`].
    looked_at: BTreeMap<Source, BTreeMap<(ExprId, usize, usize), usize>>,
    /// Expressions that the encoding leaves open where it shouldn't: their
    /// operator has none.
    pub unencoded: BTreeSet<ExprId>,
    /// How often a list or an object was met of which no more is known: a
    /// comparison that raises it isn't encoded.
    open_parts: usize,
    /// Whether an expression asks for the length of a text.
    pub asks_length: bool,
    /// The expressions of the rules that are encoded.
    pub roots: Vec<ExprId>,
    /// The keys by which they read objects, by schema.
    named_keys: BTreeMap<SchemaId, Vec<Arc<str>>>,
    /// Where objects have other keys than are looked at.
    other_keys: BTreeMap<SlotId, Term>,
    texts: texts::TextTable,
    /// The numbers that texts are read as.
    views: numerals::NumberViews,
    /// What expressions ask of single texts.
    pub facets: facets::Facets,
    /// The identities of texts that are compared with each other.
    pub compared: Vec<(Term, Term)>,
    /// Whether objects have members without slots, and how many have slots.
    unnamed: BTreeMap<SlotId, (Term, usize)>,
    /// What was said of those and of other keys together.
    linked: BTreeSet<Term>,
    /// Slots whose conditions were looked at, when they had so many members.
    settled: BTreeMap<SlotId, usize>,
    /// Slots that are being judged, each with the schema.
    asked: Vec<(SlotId, crate::document::SchemaId)>,
    /// Whether one of them was asked for within itself.
    led_back: bool,
    /// What was found of slots that had so many members, apart from what rests
    /// on those that are being judged.
    judged: BTreeMap<(SlotId, crate::document::SchemaId, bool), (usize, sat::Sat)>,
    /// Whether what is left open counts as valid, since it will be completed.
    trusts_completion: bool,
    /// Literals under which demands hold if values are completed well, each with
    /// its slot: to be wished for.
    pub hopes: Vec<(SlotId, Term)>,
    /// Whether slots are made for the sake of conditions alone.
    is_settling: bool,
    /// Slots that no rule reads yet, with what defaults fill in.
    unfilled: BTreeMap<SlotId, Vec<(Term, crate::value::Value)>>,
    /// Slots of free texts, and what was said of each.
    unsettled: Vec<constrain::Unsettled>,
    /// Remembered states, each a list of attributes.
    states: Vec<State>,
    /// Of a free state: where there is such a resource at all.
    there: BTreeMap<usize, Term>,
    memo: HashMap<(ExprId, usize, usize, usize), Sym>,
    open_depths: HashMap<ExprId, u32>,
    timed: HashMap<ExprId, bool>,
    /// `now`, where it is any moment.
    any_now: Option<Num>,
}

/// What is remembered of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The kind.
    pub resource: ResourceRef,
    /// Its attributes, as the model counts them.
    pub attributes: Vec<Sym>,
    /// What names it.
    pub key: Sym,
}

/// Where an expression is read.
#[derive(Clone, Debug)]
pub struct Env {
    /// The step of the trace.
    pub step: usize,
    /// The request of that step.
    pub request: SlotId,
    /// Identifies `resources` among all environments of the step.
    pub state_version: usize,
    /// The state of each resource that the step is bound to.
    pub resources: Arc<BTreeMap<u32, usize>>,
    /// The same once the step is accepted, for what its answer says.
    pub after: Arc<BTreeMap<u32, usize>>,
    /// The earlier requests that a rule is about.
    pub earlier: Arc<Vec<SlotId>>,
    /// Which of [`Lowering::moments`] `now` is.
    pub moment: usize,
    /// All resources of the kinds that rules range over.
    pub all: Arc<BTreeMap<u32, AllOf>>,
    /// The items of the enclosing folds, outermost first.
    pub items: Vec<Sym>,
    /// How many such items there are, all combinations of them.
    pub width: usize,
}

/// All resources of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AllOf {
    /// Their states, in the order in which they were made.
    pub states: Vec<usize>,
    /// In a free state: whether there are more of them.
    pub any_number: Option<AnyNumber>,
}

impl<'m> Lowering<'m> {
    /// An empty encoding.
    pub fn new(model: &'m Model, config: Config) -> Self {
        Self {
            model,
            terms: Terms::default(),
            config,
            slots: Vec::new(),
            facts: Vec::new(),
            literals: Vec::new(),
            by_label: BTreeMap::new(),
            narrowed: BTreeSet::new(),
            looked_at: BTreeMap::new(),
            unencoded: BTreeSet::new(),
            open_parts: 0,
            asks_length: false,
            roots: Vec::new(),
            named_keys: BTreeMap::new(),
            other_keys: BTreeMap::new(),
            texts: texts::TextTable::default(),
            views: numerals::NumberViews::default(),
            facets: facets::Facets::default(),
            compared: Vec::new(),
            unnamed: BTreeMap::new(),
            linked: BTreeSet::new(),
            settled: BTreeMap::new(),
            asked: Vec::new(),
            led_back: false,
            judged: BTreeMap::new(),
            trusts_completion: false,
            hopes: Vec::new(),
            is_settling: false,
            unfilled: BTreeMap::new(),
            unsettled: Vec::new(),
            states: Vec::new(),
            there: BTreeMap::new(),
            memo: HashMap::new(),
            open_depths: HashMap::new(),
            timed: HashMap::new(),
            any_now: None,
        }
    }

    /// Makes `fact` hold whenever the literal of `label` is assumed.
    pub fn assume(&mut self, label: Label, fact: Term) {
        if self.terms.as_bool(fact) == Some(true) {
            return;
        }
        let literal = self.literal(label);
        let fact = self.terms.implies(literal, fact);
        self.facts.push(fact);
    }

    /// The literal of `label`.
    pub fn literal(&mut self, label: Label) -> Term {
        if let Some(literal) = self.by_label.get(&label) {
            return *literal;
        }
        let name = format!("assume{}", self.literals.len());
        let literal = self.terms.var(name, Sort::Bool);
        self.literals.push((literal, label.clone()));
        self.by_label.insert(label, literal);
        literal
    }

    /// Whether something was assumed under `label`.
    pub fn has_literal(&self, label: &Label) -> bool {
        self.by_label.contains_key(label)
    }

    /// Notes a remembered state; its number is what [`Shape::Resource`] holds.
    pub fn add_state(&mut self, state: State) -> usize {
        self.states.push(state);
        self.states.len() - 1
    }

    /// Says where there is a resource in a free state at all.
    pub fn limit_state(&mut self, state: usize, there: Term) {
        self.there.insert(state, there);
    }

    /// The number of an equal state.
    pub fn find_state(&self, state: &State) -> Option<usize> {
        self.states.iter().position(|known| known == state)
    }

    /// What names the resource in a state.
    pub fn state_key(&self, number: usize) -> Option<&Sym> {
        self.states.get(number).map(|state| &state.key)
    }

    /// The attributes of a state.
    pub fn state(&self, number: usize) -> &[Sym] {
        self.states
            .get(number)
            .map_or(&[], |state| &state.attributes)
    }

    /// Which resource a state belongs to.
    fn state_resource(&self, number: usize) -> ResourceRef {
        self.states
            .get(number)
            .map_or(ResourceRef(0), |state| state.resource)
    }

    /// How deep below enclosing folds an expression reads: 0 where it is
    /// closed.
    fn open_depth(&mut self, id: ExprId) -> u32 {
        if let Some(depth) = self.open_depths.get(&id) {
            return *depth;
        }
        let depth = match self.model.arena.node(id).clone() {
            Node::Item { depth, .. } => depth + 1,
            Node::Fold(_, list, body) => {
                let inner = self.open_depth(body).saturating_sub(1);
                self.open_depth(list).max(inner)
            }
            node => {
                let depths = node
                    .children()
                    .into_iter()
                    .map(|child| self.open_depth(child));
                depths.max().unwrap_or(0)
            }
        };
        self.open_depths.insert(id, depth);
        depth
    }

    /// Lowers an expression; closed ones once for each environment.
    pub fn lower(&mut self, id: ExprId, env: &Env) -> Sym {
        let moment = if self.is_timed(id) { env.moment } else { 0 };
        let key = (id, env.step, env.state_version, moment);
        let is_closed = self.open_depth(id) == 0;
        if is_closed && let Some(done) = self.memo.get(&key) {
            return done.clone();
        }
        let sym = self.lower_node(id, env);
        if is_closed {
            self.memo.insert(key, sym.clone());
        }
        sym
    }

    /// Where an expression of this kind is true, and where it is false.
    pub fn truth(&mut self, id: ExprId, env: &Env) -> Truth {
        let sym = self.lower(id, env);
        self.truth_of(&sym)
    }

    fn truth_of(&mut self, sym: &Sym) -> Truth {
        let live = self.live(sym);
        let value = match sym.shape {
            Shape::Bool(value) => value,
            _ => self.terms.var("opaque", Sort::Bool),
        };
        let not = self.terms.not(value);
        Truth {
            yes: self.terms.and([live, value]),
            no: self.terms.and([live, not]),
        }
    }

    /// Where a value is defined and not null.
    fn live(&mut self, sym: &Sym) -> Term {
        let not_null = self.terms.not(sym.null);
        self.terms.and([sym.defined, not_null])
    }

    fn root(&mut self, root: Root, env: &Env) -> Sym {
        match root {
            Root::Request => self.slot_sym(env.request),
            Root::Sent => self.always(Shape::Sent(env.request)),
            Root::Now => self.now(env),
            Root::Earlier(index) => match env.earlier.get(index as usize) {
                Some(slot) => self.slot_sym(*slot),
                None => self.undefined(),
            },
            Root::Resource(index) | Root::Old(index) => match env.resources.get(&index) {
                Some(state) => self.always(Shape::Resource(*state)),
                None => self.undefined(),
            },
            Root::After(index) => match env.after.get(&index).copied() {
                Some(state) => {
                    let exists = self.exists(state);
                    self.when(exists, Shape::Resource(state))
                }
                None => self.undefined(),
            },
            Root::All(index) => match env.all.get(&index) {
                Some(all) => self.all_of(all),
                None => self.undefined(),
            },
        }
    }

    /// The list of all resources of a kind.
    fn all_of(&mut self, all: &AllOf) -> Sym {
        let items = all.states.iter().map(|state| Item {
            active: self.exists(*state),
            value: self.always(Shape::Resource(*state)),
        });
        let list = List {
            items: items.collect(),
            sources: all.any_number.map(Source::All).into_iter().collect(),
            ..List::default()
        };
        self.always(Shape::List(list))
    }

    /// A value that is always there.
    fn always(&mut self, shape: Shape) -> Sym {
        Sym {
            defined: self.terms.bool(true),
            null: self.terms.bool(false),
            shape,
        }
    }

    /// A value where `defined` holds.
    fn when(&mut self, defined: Term, shape: Shape) -> Sym {
        Sym {
            defined,
            null: self.terms.bool(false),
            shape,
        }
    }

    fn undefined(&mut self) -> Sym {
        let never = self.terms.bool(false);
        self.when(never, Shape::Nothing)
    }

    fn condition(&mut self, truth: Truth) -> Sym {
        let defined = self.terms.or([truth.yes, truth.no]);
        self.when(defined, Shape::Bool(truth.yes))
    }
}

/// Where a condition is true and where it is false; elsewhere it is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Where it is true.
    pub yes: Term,
    /// Where it is false.
    pub no: Term,
}
