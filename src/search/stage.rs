//! One encoding with its solver, and the questions asked of it.

use std::collections::{BTreeMap, BTreeSet};

use super::concretize::{Failure, concretize};
use super::encode::{Encoding, Goal};
use super::lower::{Config, Label, SlotId};
use super::plan::Plan;
use super::slice::Slice;
use super::smt::{Answer, Assignment, Limits, Satisfiable, Session, Sort, Term};
use crate::expr::ExprId;
use crate::model::{Model, RuleRef, Trace};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// How often a question is asked again, once more is known of texts.
const MAX_LESSONS: usize = 24;

/// What a question led to.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A trace that the encoding says is one. Not verified yet.
    Trace(Trace),
    /// There is none: what the proof rests on.
    Unsat(Vec<Label>),
    /// The limit was reached, or the model could not be made concrete.
    Unknown(String),
}

/// Whether something can be the case.
#[derive(Clone, Debug)]
pub enum Possible {
    /// It can, as far as the encoding knows.
    Yes,
    /// It can't: a minimal core. Without any part of it there is no proof.
    No(Vec<Label>),
    /// Not decided: why.
    Unknown(String),
}

/// An encoding and its solver.
pub struct Stage<'m> {
    /// The encoding.
    pub encoding: Encoding<'m>,
    session: Session,
    asserted: usize,
    /// For each slot, the literals that keep it as the baseline has it, and
    /// that keep a changed number ordinary.
    wishes: BTreeMap<SlotId, (Option<Term>, Option<Term>)>,
}

/// A wish: a literal that is dropped where it is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    slot: SlotId,
    literal: Term,
    kind: WishKind,
    /// Whether the document declares what is kept.
    is_declared: bool,
}

/// What is wished for, what is dropped last first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum WishKind {
    /// A demand that is open in what will be completed.
    Valid,
    /// As the baseline has it.
    Kept,
    /// An ordinary value.
    Ordinary,
}

impl<'m> Stage<'m> {
    /// Encodes a plan.
    pub fn new(
        model: &'m Model,
        plan: &Plan,
        bases: Vec<Value>,
        slice: Slice,
        config: Config,
        free_states: bool,
        limits: Limits,
    ) -> Self {
        Self {
            encoding: Encoding::new(model, plan, bases, slice, config, free_states),
            session: Session::new(limits),
            asserted: 0,
            wishes: BTreeMap::new(),
        }
    }

    /// Whether values were narrowed beyond what schema and rules say.
    pub fn narrowed(&self) -> Vec<String> {
        let lowering = &self.encoding.lowering;
        let mut words: BTreeSet<String> = lowering.narrowed.clone();
        words.extend(lowering.overdrawn());
        words.into_iter().collect()
    }

    /// A trace that reaches `target` with the goal's other rules holding (or,
    /// with `undefined_too`, at least not broken), as close to the baselines
    /// as can be; changes go to what `focus` reads first.
    pub fn solve(
        &mut self,
        target: Term,
        goal: &Goal,
        undefined_too: bool,
        focus: &[ExprId],
    ) -> Reply {
        let posed = self.encoding.pose(target);
        let mut hard = self.encoding.hold(&goal.others, undefined_too);
        hard.push(posed);
        for _ in 0..MAX_LESSONS {
            let values = match self.nearest(hard.clone(), focus) {
                Ok(values) => values,
                Err(reply) => return reply,
            };
            match concretize(&self.encoding, &values) {
                Ok(trace) => return Reply::Trace(trace),
                Err(Failure::Text { slots, .. })
                    if self.encoding.lowering.learn(&slots, &values) => {}
                Err(failure) => return Reply::Unknown(words(&failure)),
            }
        }
        self.encoding.lowering.give_up_views();
        Reply::Unknown("no texts were found with all the properties that they need".to_owned())
    }

    /// Whether `target` can hold together with `others` (or, with
    /// `undefined_too`, while none of them is broken). Nothing is asked of the
    /// values.
    pub fn possible(&mut self, target: Term, others: &[RuleRef], undefined_too: bool) -> Possible {
        if self.encoding.lowering.terms.as_bool(target) == Some(false) {
            return Possible::No(Vec::new());
        }
        let posed = self.encoding.pose(target);
        let others = self.encoding.hold(others, undefined_too);
        loop {
            self.assert_facts();
            let mut assumptions = self.encoding.standing();
            assumptions.extend(&others);
            assumptions.push(posed);
            let asked = self
                .session
                .ask(&self.encoding.lowering.terms, &assumptions);
            match asked {
                Answer::Sat(values) if self.encoding.lowering.are_texts_right(&values) => {
                    return Possible::Yes;
                }
                Answer::Sat(_) => {}
                Answer::Unsat(core) => {
                    let core = self.minimal(core, posed);
                    return Possible::No(self.labels(&core));
                }
                Answer::Unknown(reason) => {
                    return Possible::Unknown(format!("Z3 gave up: {reason}"));
                }
            }
        }
    }

    /// A core from which nothing can be taken away: restrictions go first, so
    /// that a proof rests on one only if it must; then rules, then keywords.
    fn minimal(&mut self, core: Vec<Term>, posed: Term) -> Vec<Term> {
        let labels = self.encoding.lowering.literals.iter();
        let rank = |label: &Label| match label {
            Label::Restriction(_) => 0,
            Label::Rule(..) | Label::Unbroken(..) => 1,
            Label::Invariant(_) | Label::Alike(_) => 2,
            Label::Schema { .. } => 3,
        };
        let in_core = labels.filter(|(literal, _)| core.contains(literal));
        let mut order: Vec<(u8, Term)> = in_core
            .map(|(literal, label)| (rank(label), *literal))
            .collect();
        order.sort_by_key(|(rank, _)| *rank);
        let mut kept = core;
        for (_, literal) in order {
            if !kept.contains(&literal) || literal == posed {
                continue;
            }
            let without: Vec<Term> = kept.iter().copied().filter(|own| *own != literal).collect();
            if let Satisfiable::No(smaller) = self.check(&without) {
                kept = smaller;
            }
        }
        kept
    }

    fn check(&mut self, assumptions: &[Term]) -> Satisfiable {
        self.session
            .check(&self.encoding.lowering.terms, assumptions)
    }

    /// Drops wishes one by one until the rest can be granted.
    fn nearest(&mut self, hard: Vec<Term>, focus: &[ExprId]) -> Result<Assignment, Reply> {
        // Conditions of schemas bring slots along.
        self.assert_facts();
        let focused = self.focused(focus);
        let mut wishes = self.wishes();
        loop {
            self.assert_facts();
            let mut assumptions = self.encoding.standing();
            assumptions.extend(&hard);
            assumptions.extend(wishes.iter().map(|wish| wish.literal));
            match self
                .session
                .ask(&self.encoding.lowering.terms, &assumptions)
            {
                Answer::Sat(values) if self.encoding.lowering.are_texts_right(&values) => {
                    return Ok(values);
                }
                Answer::Sat(_) => {}
                Answer::Unknown(reason) if wishes.is_empty() => {
                    let reason = match reason.as_str() {
                        "canceled" => "Z3 reached the limit of its work".to_owned(),
                        _ => format!("Z3 gave up: {reason}"),
                    };
                    return Err(Reply::Unknown(reason));
                }
                // Fewer wishes may be easier.
                Answer::Unknown(_) => wishes.clear(),
                Answer::Unsat(core) => {
                    let Some(victim) = victim(&wishes, &core, &focused) else {
                        return Err(Reply::Unsat(self.proof(&hard, &core)));
                    };
                    wishes.retain(|wish| *wish != victim);
                    if victim.kind == WishKind::Kept
                        && let Some(ordinary) = self.ordinary(victim.slot)
                    {
                        wishes.push(Wish {
                            slot: victim.slot,
                            literal: ordinary,
                            kind: WishKind::Ordinary,
                            ..victim
                        });
                    }
                }
            }
        }
    }

    fn assert_facts(&mut self) {
        self.encoding.lowering.settle_texts();
        let lowering = &self.encoding.lowering;
        let new = lowering.facts.get(self.asserted..).unwrap_or(&[]);
        for fact in new {
            self.session.assert(&lowering.terms, *fact);
        }
        self.asserted = lowering.facts.len();
    }

    /// A wish for every slot to stay as the baseline has it.
    fn wishes(&mut self) -> Vec<Wish> {
        let slots: Vec<SlotId> = self.encoding.lowering.slots().map(|(id, _)| id).collect();
        let hopes = self.encoding.lowering.hopes.iter();
        let mut wishes: Vec<Wish> = hopes
            .map(|(slot, literal)| Wish {
                slot: *slot,
                literal: *literal,
                kind: WishKind::Valid,
                is_declared: true,
            })
            .collect();
        for slot in slots {
            if !self.wishes.contains_key(&slot) {
                let literal = self.keep(slot);
                self.wishes.insert(slot, (literal, None));
            }
            if let Some((Some(literal), _)) = self.wishes.get(&slot) {
                let lowering = &self.encoding.lowering;
                let schema = lowering.slot(slot).schema;
                wishes.push(Wish {
                    slot,
                    literal: *literal,
                    kind: WishKind::Kept,
                    is_declared: !lowering.model.schemas.is_undeclared(schema),
                });
            }
        }
        wishes
    }

    fn keep(&mut self, slot: SlotId) -> Option<Term> {
        if !self.encoding.lowering.slot(slot).parent_in_baseline {
            return None;
        }
        let kept = self.encoding.lowering.as_baseline(slot)?;
        Some(self.guarded("keep", kept))
    }

    fn ordinary(&mut self, slot: SlotId) -> Option<Term> {
        if let Some((_, Some(known))) = self.wishes.get(&slot) {
            return Some(*known);
        }
        let fact = self.encoding.lowering.is_ordinary(slot)?;
        let literal = self.guarded("ordinary", fact);
        if let Some((_, ordinary)) = self.wishes.get_mut(&slot) {
            *ordinary = Some(literal);
        }
        Some(literal)
    }

    fn guarded(&mut self, name: &str, fact: Term) -> Term {
        let lowering = &mut self.encoding.lowering;
        let literal = lowering.terms.var(name, Sort::Bool);
        let fact = lowering.terms.implies(literal, fact);
        lowering.facts.push(fact);
        literal
    }

    /// The slots of the last step that one of `exprs` reads.
    fn focused(&self, exprs: &[ExprId]) -> Vec<SlotId> {
        let model = self.encoding.lowering.model;
        let last = self.encoding.plan().steps.len().saturating_sub(1);
        let mut patterns = Vec::new();
        for expr in exprs {
            for read in super::slice::reads(model, *expr) {
                if let super::slice::Read::Field(path) = read {
                    patterns.push(path);
                }
            }
        }
        let slots = self.encoding.lowering.slots();
        slots
            .filter(|(_, slot)| slot.step == last)
            .filter(|(_, slot)| patterns.iter().any(|path| fits(&slot.location, path)))
            .map(|(id, _)| id)
            .collect()
    }

    /// What a proof rests on. Where that is a restriction, the proof is tried
    /// without any: a core isn't minimal.
    fn proof(&mut self, hard: &[Term], core: &[Term]) -> Vec<Label> {
        let labels = self.labels(core);
        let is_restriction = |label: &Label| matches!(label, Label::Restriction(_));
        if !labels.iter().any(is_restriction) {
            return labels;
        }
        let lowering = &self.encoding.lowering;
        let restrictions = lowering.literals.iter();
        let restrictions: Vec<Term> = restrictions
            .filter(|(_, label)| is_restriction(label))
            .map(|(literal, _)| *literal)
            .collect();
        let mut assumptions = self.encoding.standing();
        assumptions.retain(|literal| !restrictions.contains(literal));
        assumptions.extend(hard);
        let asked = self.session.check_briefly(&lowering.terms, &assumptions);
        match asked {
            Satisfiable::No(core) => self.labels(&core),
            Satisfiable::Yes | Satisfiable::Unknown(_) => labels,
        }
    }

    fn labels(&self, core: &[Term]) -> Vec<Label> {
        let literals = self.encoding.lowering.literals.iter();
        let used = literals.filter(|(literal, _)| core.contains(literal));
        used.map(|(_, label)| label.clone()).collect()
    }
}

/// The wish to drop: an ordinary value before a kept one, a declared member
/// before one that the server may not know, what the question reads before
/// what it doesn't, later slots before earlier ones.
fn victim(wishes: &[Wish], core: &[Term], focused: &[SlotId]) -> Option<Wish> {
    let in_core = wishes.iter().filter(|wish| core.contains(&wish.literal));
    in_core
        .max_by_key(|wish| {
            let is_read = focused.contains(&wish.slot);
            (wish.kind, wish.is_declared, is_read, wish.slot)
        })
        .copied()
}

/// Whether a location is one that the path (with `*` for items) leads to.
fn fits(location: &Location, path: &[String]) -> bool {
    location.0.len() == path.len()
        && location
            .0
            .iter()
            .zip(path)
            .all(|(segment, key)| match segment {
                Segment::Key(own) => **own == **key,
                Segment::Index(_) => key == "*",
            })
}

fn words(failure: &Failure) -> String {
    failure.to_string()
}
