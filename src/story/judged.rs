//! What a server makes of a rule, with the values put in.

use super::moments::Words;
use super::put_in::Putter;
use super::way::{Turn, Way, is_alike, is_guard, step, turn};
use crate::case::Judged;
use crate::eval::{Env, Evaluator, Remembered, Shared};
use crate::expr::{ExprId, Node, Op, Put, ResourceName, Type, print, print_constant, print_within};
use crate::model::{KEY, Model, RuleRef, Trace, step_of_key};
use crate::simulate::{Run, State, apply_defaults, as_sent};
use crate::value::Value;

/// How long a condition may be: longer ones say less than the fields do.
const LONGEST: usize = 160;

/// The last request of a trace before a server.
pub(super) struct Bench<'a> {
    model: &'a Model,
    words: &'a Words,
    names: Vec<ResourceName>,
    request: Value,
    sent: Value,
    remembered: Remembered,
    /// What the server remembers before it.
    before: State,
}

/// The earlier requests that a rule is about.
type Earlier = Vec<Value>;

impl<'a> Bench<'a> {
    /// `run` is the server's way through `trace`.
    pub fn new(model: &'a Model, run: &Run, trace: &Trace, words: &'a Words) -> Option<Self> {
        let last = trace.steps.len().checked_sub(1)?;
        let asked = trace.steps.get(last)?;
        let sent = as_sent(model, &asked.request);
        Some(Self {
            model,
            words,
            names: model.resource_names(),
            request: apply_defaults(model, asked.operation, &sent),
            sent,
            remembered: run.read_at(model, trace, last),
            before: match last.checked_sub(1) {
                Some(before) => run.states.get(before).cloned().unwrap_or_default(),
                None => State::at_first(model),
            },
        })
    }

    /// Whether there is something to tell of a rule: of one about several
    /// requests, that there are earlier ones.
    pub fn has_said(&self, rule: RuleRef) -> bool {
        let across = self.model.rule(rule).across.as_ref();
        across.is_none_or(|across| !self.before.choice(&across.earlier, |_| true).is_empty())
    }

    /// The part of `root`, the condition of a rule, that decides.
    pub fn told(&mut self, rule: RuleRef, root: ExprId) -> Judged {
        let way = self.way(rule, root);
        self.told_along(rule, root, &way)
    }

    /// The way to the part that decides.
    pub fn way(&mut self, rule: RuleRef, root: ExprId) -> Way {
        let earlier = self.earlier(rule, root);
        let earlier: Vec<&Value> = earlier.iter().collect();
        let mut evaluator = self.evaluator(&earlier);
        let mut way = Way::new();
        self.go(&mut evaluator, root, &mut way);
        way
    }

    /// The part of `root`, the condition of a rule, that a way through the
    /// rule's own condition leads to, as far as that can be followed.
    pub fn told_along(&mut self, rule: RuleRef, root: ExprId, way: &[Turn]) -> Judged {
        let mut earlier = self.earlier(rule, root);
        let across = self.model.rule(rule).across.as_ref();
        let apart = across.filter(|_| earlier.is_empty());
        if let Some(across) = apart {
            earlier = self.before.choice(&across.earlier, |_| true);
        }
        let earlier: Vec<&Value> = earlier.iter().collect();
        let mut evaluator = self.evaluator(&earlier);
        let mut told = Judged {
            rule: self.model.rule(rule).id.clone(),
            at: None,
            guard: false,
            condition: String::new(),
            put_in: None,
            holds: None,
        };
        if let Some(across) = apart {
            told.guard = true;
            self.tell(&mut evaluator, across.same, &mut told);
            return told;
        }
        let own = self.model.rule(rule).expr;
        self.follow(&mut evaluator, (root, own), way, &mut told);
        told
    }

    /// The part of `root` that a way leads to, where that holds; else what
    /// decides instead.
    pub fn told_held(&mut self, rule: RuleRef, root: ExprId, way: &[Turn]) -> Judged {
        let along = self.told_along(rule, root, way);
        match along.holds {
            Some(true) => along,
            _ => self.told(rule, root),
        }
    }

    fn evaluator<'e>(&'e self, earlier: &'e [&'e Value]) -> Evaluator<'e> {
        let env = Env {
            request: &self.request,
            sent: &self.sent,
            resources: &self.remembered.bound,
            after: &[],
            all: &self.remembered.all,
            earlier,
            now: self.model.clock.now,
        };
        Evaluator::plain(&self.model.arena, env)
    }

    /// The requests that belong together with the last one: first those for which
    /// the condition is false.
    fn earlier(&self, rule: RuleRef, root: ExprId) -> Earlier {
        let Some(across) = &self.model.rule(rule).across else {
            return Earlier::new();
        };
        let belongs = |earlier: &[&Value]| self.evaluator(earlier).holds(across.same) == Ok(true);
        let broken = self.before.choice(&across.earlier, |earlier| {
            belongs(earlier) && self.evaluator(earlier).holds(root) == Ok(false)
        });
        if !broken.is_empty() {
            return broken;
        }
        self.before
            .choice(&across.earlier, |earlier| belongs(earlier))
    }

    fn go<'e>(&'e self, evaluator: &mut Evaluator<'e>, id: ExprId, way: &mut Way) {
        let arena = &self.model.arena;
        let Some(next) = turn(evaluator, arena, id) else {
            return;
        };
        let Some((part, item)) = step(evaluator, arena, id, next) else {
            return;
        };
        way.push(next);
        self.inside(evaluator, item, |evaluator| self.go(evaluator, part, way));
    }

    /// Goes on where both conditions, the server's and the rule's own, part
    /// into the same operands.
    fn follow<'e>(
        &'e self,
        evaluator: &mut Evaluator<'e>,
        (id, own): (ExprId, ExprId),
        way: &[Turn],
        told: &mut Judged,
    ) {
        let arena = &self.model.arena;
        let next = way.split_first().filter(|_| is_alike(arena, id, own));
        let next = next.and_then(|(turn, rest)| {
            let (part, item) = step(evaluator, arena, id, *turn)?;
            let (own, _) = step(evaluator, arena, own, *turn)?;
            Some((part, own, item, *turn, rest))
        });
        let Some((part, own, item, turn, rest)) = next else {
            return self.tell(evaluator, id, told);
        };
        told.guard |= is_guard(arena, id, turn);
        if let (Turn::Item(index), Some(item)) = (turn, &item) {
            told.at = Some(self.place(id, index, item, told.at.as_deref()));
        }
        self.inside(evaluator, item, |evaluator| {
            self.follow(evaluator, (part, own), rest, told);
        });
    }

    fn inside<'e>(
        &'e self,
        evaluator: &mut Evaluator<'e>,
        item: Option<Shared<'e>>,
        look: impl FnOnce(&mut Evaluator<'e>),
    ) {
        match item {
            Some(item) => evaluator.among(item, look),
            None => look(evaluator),
        }
    }

    /// What the items of a fold over resources are called.
    fn resource_of(&self, fold: ExprId) -> &str {
        let arena = &self.model.arena;
        let list = arena
            .node(fold)
            .children()
            .first()
            .map(|list| arena.ty(*list));
        let name = match list {
            Some(Type::List(item)) => match **item {
                Type::Resource(index) => self.names.get(index as usize),
                _ => None,
            },
            _ => None,
        };
        name.map_or("resource", |name| &name.one)
    }

    /// Which item it is: the place of an object or a list, else the item itself.
    fn place(&self, fold: ExprId, index: usize, item: &Shared<'_>, outer: Option<&str>) -> String {
        let arena = &self.model.arena;
        let list = match arena.node(fold) {
            Node::Fold(_, list, _) => *list,
            _ => fold,
        };
        let is_place = matches!(arena.node(list), Node::Get(..) | Node::Item { .. });
        if let Some(made_by) = item.get().get(KEY).and_then(step_of_key) {
            let resource = self.resource_of(fold);
            return format!("the {resource} of request {}", made_by + 1);
        }
        let there = item.get().get(KEY).and_then(|key| self.words.existing(key));
        if let Some(name) = there {
            return format!("the {} {name}", self.resource_of(fold));
        }
        if !is_place || !matches!(item.get(), Value::Map(_) | Value::List(_)) {
            return format!("item {}", print_constant(item.get()));
        }
        let list = print(arena, list, &self.names);
        let inner = outer.and_then(|outer| {
            list.strip_prefix("item")
                .map(|rest| format!("{outer}{rest}"))
        });
        format!("{}[{index}]", inner.unwrap_or(list))
    }

    fn tell<'e>(&'e self, evaluator: &mut Evaluator<'e>, id: ExprId, told: &mut Judged) {
        let arena = &self.model.arena;
        let outer = evaluator.depth();
        let mut plain = |_, _| Put::Inside;
        let condition = print_within(arena, id, &self.names, outer, &mut plain);
        told.holds = evaluator.holds(id).ok();
        let mut putter = Putter {
            model: self.model,
            words: self.words,
            evaluator,
        };
        let put_in = print_within(arena, id, &self.names, outer, &mut |id, inner| {
            putter.put(id, inner)
        });
        // Whether a resource exists is said by the rule itself; what only faulty
        // servers do is told in words.
        let is_plain = arena
            .reachable(&[id])
            .into_iter()
            .all(|part| !matches!(arena.node(part), Node::Call(Op::Exists | Op::OrElse, _)));
        let fits = |text: &String| is_plain && text.chars().count() <= LONGEST;
        told.put_in = Some(put_in).filter(|text| *text != condition && fits(text));
        told.condition = condition;
    }
}
