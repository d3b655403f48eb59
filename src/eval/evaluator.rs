//! The walk over an expression, and what it remembers.

use std::collections::HashMap;

use super::{Reason, Shared, Undefined};
use crate::expr::{Arena, ExprId, Node, Op, Root};
use crate::value::Value;

/// What an expression may read.
#[derive(Clone, Copy, Debug)]
pub struct Env<'e> {
    /// The request state.
    pub request: &'e Value,
    /// The same without defaults, for [`Root::Sent`].
    pub sent: &'e Value,
    /// The state of the resources that the request is about: an object of
    /// attributes each, counted by [`Root::Resource`].
    pub resources: &'e [Option<Value>],
    /// The same once the request is accepted, for [`Root::After`].
    pub after: &'e [Option<Value>],
    /// All resources that there are: a list for each kind, as far as rules
    /// range over them, counted by [`Root::All`].
    pub all: &'e [Value],
    /// The earlier requests that a rule is about, for [`Root::Earlier`].
    pub earlier: &'e [&'e Value],
    /// What the server's clock says, in nanoseconds since 1970, for
    /// [`Root::Now`].
    pub now: i128,
}

/// What a server remembers, as far as the rules of a request read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The resources that the request is about, counted by [`Root::Resource`].
    pub bound: Vec<Option<Value>>,
    /// All resources that there are, counted by [`Root::All`].
    pub all: Vec<Value>,
}

impl<'e> Env<'e> {
    /// The same with what a server remembers.
    pub fn remembering(self, remembered: &'e Remembered) -> Self {
        Self {
            resources: &remembered.bound,
            all: &remembered.all,
            ..self
        }
    }

    /// For expressions of a right server, which never look at what was sent
    /// apart from its defaults.
    pub fn of_right(request: &'e Value, resources: &'e [Option<Value>], now: i128) -> Self {
        Self {
            request,
            sent: request,
            resources,
            after: &[],
            all: &[],
            earlier: &[],
            now,
        }
    }
}

/// The result of an evaluation.
pub(super) type Outcome<'e> = Result<Shared<'e>, Undefined>;

/// Evaluates expressions in one environment and remembers the value of every
/// expression that depends on the environment alone, so that expressions that
/// share parts (a rule and its patched versions) share the work.
#[derive(Debug)]
pub struct Evaluator<'e> {
    pub(super) arena: &'e Arena,
    env: Env<'e>,
    /// The items of the folds that enclose what is evaluated, outermost first.
    items: Vec<Shared<'e>>,
    /// The outermost of `items` that was read since the evaluation of the
    /// current expression began; beyond all of them where none was.
    outermost_read: usize,
    memo: Option<HashMap<ExprId, Outcome<'e>>>,
}

const NO_ITEM: usize = usize::MAX;

impl<'e> Evaluator<'e> {
    /// An evaluator that remembers.
    pub fn new(arena: &'e Arena, env: Env<'e>) -> Self {
        Self {
            memo: Some(HashMap::new()),
            ..Self::plain(arena, env)
        }
    }

    /// The expressions.
    pub fn arena(&self) -> &'e Arena {
        self.arena
    }

    /// The same environment with earlier requests.
    pub fn env_after<'s>(&self, earlier: &'s [&'s Value]) -> Env<'s>
    where
        'e: 's,
    {
        Env {
            earlier,
            ..self.env
        }
    }

    /// An evaluator that evaluates everything anew.
    pub fn plain(arena: &'e Arena, env: Env<'e>) -> Self {
        Self {
            arena,
            env,
            items: Vec::new(),
            outermost_read: NO_ITEM,
            memo: None,
        }
    }

    /// The environment.
    pub fn env(&self) -> Env<'e> {
        self.env
    }

    /// The value of `id`.
    pub fn eval(&mut self, id: ExprId) -> Result<Shared<'e>, Undefined> {
        let node = self.arena.node(id);
        if self.memo.is_none() || node.is_leaf() {
            return self.compute(id, node);
        }
        let known = self.memo.as_ref().and_then(|memo| memo.get(&id));
        if let Some(known) = known {
            return known.clone();
        }
        let before = std::mem::replace(&mut self.outermost_read, NO_ITEM);
        let outcome = self.compute(id, node);
        // What reads no item on this way reads none in any other context.
        if self.outermost_read == NO_ITEM
            && let Some(memo) = &mut self.memo
        {
            memo.insert(id, outcome.clone());
        }
        self.outermost_read = self.outermost_read.min(before);
        outcome
    }

    /// How many folds enclose what is evaluated.
    pub fn depth(&self) -> usize {
        self.items.len()
    }

    /// What `look` finds where `item` is the innermost item.
    pub fn among<T>(&mut self, item: Shared<'e>, look: impl FnOnce(&mut Self) -> T) -> T {
        self.items.push(item);
        let found = look(self);
        self.items.pop();
        found
    }

    /// Whether the condition `id` holds. A value that is no Boolean is as
    /// undefined as none.
    pub fn holds(&mut self, id: ExprId) -> Result<bool, Undefined> {
        let value = self.eval(id)?;
        let held = value.get().as_bool();
        held.ok_or(undefined(id, Reason::WrongKind))
    }

    fn compute(&mut self, id: ExprId, node: &'e Node) -> Outcome<'e> {
        match node {
            Node::Const(constant) => Ok(Shared::Borrowed(&constant.0)),
            Node::Root(root) => self.root(id, *root),
            Node::Item { depth, .. } => self.item(id, *depth),
            Node::Get(base, key) => self.get(id, *base, key),
            Node::Has(base, key) => Ok(self.has(*base, key)),
            Node::Call(op, operands) => self.call(id, *op, operands),
            Node::Fold(fold, list, body) => self.fold(id, *fold, *list, *body),
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
        }
    }

    fn root(&self, id: ExprId, root: Root) -> Outcome<'e> {
        match root {
            Root::Request => Ok(Shared::Borrowed(self.env.request)),
            Root::Sent => Ok(Shared::Borrowed(self.env.sent)),
            Root::Earlier(index) => {
                let found = self.env.earlier.get(index as usize);
                found
                    .map(|request| Shared::Borrowed(request))
                    .ok_or(undefined(id, Reason::Absent))
            }
            Root::Now => Ok(Shared::made(Value::Time(self.env.now))),
            Root::Resource(index) | Root::Old(index) => state(id, self.env.resources, index),
            Root::After(index) => state(id, self.env.after, index),
            Root::All(index) => {
                let found = self.env.all.get(index as usize);
                found
                    .map(Shared::Borrowed)
                    .ok_or(undefined(id, Reason::Absent))
            }
        }
    }

    fn item(&mut self, id: ExprId, depth: u32) -> Outcome<'e> {
        let position = self.items.len().checked_sub(depth as usize + 1);
        let found = position.and_then(|position| Some((position, self.items.get(position)?)));
        let (position, item) = found.ok_or(undefined(id, Reason::Absent))?;
        self.outermost_read = self.outermost_read.min(position);
        Ok(item.clone())
    }

    /// Evaluates the body of a fold with `item` as the innermost item.
    pub(super) fn with_item(&mut self, item: Shared<'e>, body: ExprId) -> Outcome<'e> {
        let own = self.items.len();
        self.items.push(item);
        let outcome = self.eval(body);
        self.items.pop();
        // Its own item is no part of the context that a fold depends on.
        if self.outermost_read >= own {
            self.outermost_read = NO_ITEM;
        }
        outcome
    }

    fn call(&mut self, id: ExprId, op: Op, operands: &[ExprId]) -> Outcome<'e> {
        match (op, operands) {
            (Op::Not, [a]) => self.not(*a),
            (Op::And, all) => self.and(all),
            (Op::Or, all) => self.or(all),
            (Op::Guard, [guard, rule]) => self.guard(*guard, *rule),
            (Op::If, [condition, yes, no]) => self.conditional(*condition, *yes, *no),
            (Op::OrElse, [a, b]) => self.or_else(*a, *b),
            (Op::Where, [condition, value]) => self.where_true(id, *condition, *value),
            (Op::Exists, [of]) => Ok(self.exists(*of)),
            (Op::Eq, [a, b]) => self.equal(*a, *b, true),
            (Op::Ne, [a, b]) => self.equal(*a, *b, false),
            (Op::Lt | Op::Le | Op::Gt | Op::Ge, [a, b]) => self.order(id, op, *a, *b),
            (Op::Add | Op::Sub | Op::Mul, [a, b]) => self.arithmetic(id, op, *a, *b),
            (Op::Div | Op::DivTruncated | Op::Rem, [a, b]) => self.divide(id, op, *a, *b),
            (Op::Neg, [a]) => self.negate(id, *a),
            (Op::Round(mode), [a, digits]) => self.round(id, mode, *a, *digits),
            (Op::Floor | Op::Ceil, [a]) => self.whole(id, op, *a),
            (Op::TimeAdd | Op::TimeSub | Op::TimeDiff, [a, b]) => self.moments(id, op, *a, *b),
            (Op::DurationAdd | Op::DurationSub, [a, b]) => self.durations(id, op, *a, *b),
            (Op::Timestamp, [text]) => self.timestamp(id, *text),
            (Op::In, [a, all]) => self.within(id, *a, *all),
            (Op::Size, [of]) => self.size(id, *of),
            (Op::Index, [base, index]) => self.index(id, *base, *index),
            (Op::Sum, [list]) => self.sum(id, *list),
            (Op::Min | Op::Max, all) => self.extreme(id, op, all),
            (Op::Text(op), all) => self.text(id, op, all),
            (Op::List(op), all) => self.listed(id, op, all),
            (Op::Convert(to), [of]) => self.convert(id, to, *of),
            (Op::TypeOf, [of]) => self.type_of(*of),
            (Op::As(demand), [of]) => self.demanded(id, demand, *of),
            (Op::TimePart(part), [of]) => self.time_part(id, part, *of, None),
            (Op::TimePart(part), [of, zone]) => self.time_part(id, part, *of, Some(*zone)),
            // Typing gives every operator its number of operands.
            (
                Op::Not
                | Op::Guard
                | Op::If
                | Op::OrElse
                | Op::Where
                | Op::Exists
                | Op::Eq
                | Op::Ne
                | Op::Lt
                | Op::Le
                | Op::Gt
                | Op::Ge
                | Op::Add
                | Op::Sub
                | Op::Mul
                | Op::Div
                | Op::DivTruncated
                | Op::Rem
                | Op::Neg
                | Op::Round(_)
                | Op::Floor
                | Op::Ceil
                | Op::TimeAdd
                | Op::TimeSub
                | Op::TimeDiff
                | Op::DurationAdd
                | Op::DurationSub
                | Op::Timestamp
                | Op::In
                | Op::Size
                | Op::Index
                | Op::Sum
                | Op::Convert(_)
                | Op::TypeOf
                | Op::As(_)
                | Op::TimePart(_),
                _,
            ) => Err(undefined(id, Reason::WrongKind)),
        }
    }
}

/// What is remembered of a resource, if it is there.
fn state(id: ExprId, states: &[Option<Value>], index: u32) -> Outcome<'_> {
    let found = states.get(index as usize).and_then(Option::as_ref);
    found
        .map(Shared::Borrowed)
        .ok_or(undefined(id, Reason::Absent))
}

/// `at` has no value.
pub(super) fn undefined(at: ExprId, reason: Reason) -> Undefined {
    Undefined { at, reason }
}
