//! Nodes and operators as terms. The matches are exhaustive: a new operator
//! doesn't compile until it is said here what it means to the solver.

use super::any::is_double;
use super::sym::Literals;
use super::{Env, List, Lowering, Num, Shape, Sym, Text, Truth};
use crate::expr::{Convert, ExprId, KEY, ListOp, Node, Op, TextOp, Type};
use crate::model::EXISTS;
use crate::search::smt::{Sort, Term};
use crate::value::Value;
use crate::value::location::Segment;

impl Lowering<'_> {
    pub(super) fn lower_node(&mut self, id: ExprId, env: &Env) -> Sym {
        match self.model.arena.node(id).clone() {
            Node::Const(constant) => self.constant(&constant.0),
            Node::Root(root) => self.root(root, env),
            Node::Item { depth, .. } => {
                let at = env.items.len().checked_sub(depth as usize + 1);
                match at.and_then(|at| env.items.get(at)) {
                    Some(item) => item.clone(),
                    None => self.undefined(),
                }
            }
            Node::Get(base, key) => {
                let base = self.lower(base, env);
                self.get(id, &base, &key)
            }
            Node::Has(base, key) => {
                let base = self.lower(base, env);
                let there = self.member(&base, &key).1;
                let always = self.terms.bool(true);
                self.when(always, Shape::Bool(there))
            }
            Node::Call(op, operands) => self.call(id, op, &operands, env),
            Node::Fold(fold, list, body) => self.fold(id, (fold, list, body), env),
            Node::List(items) => {
                let items: Vec<Sym> = items.iter().map(|item| self.lower(*item, env)).collect();
                self.list_literal(items)
            }
            Node::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.lower(*value, env)))
                    .collect();
                let defined: Vec<Term> = entries.iter().map(|(_, value)| value.defined).collect();
                let defined = self.terms.and(defined);
                self.when(defined, Shape::Map(entries))
            }
        }
    }

    pub(super) fn constant(&mut self, value: &Value) -> Sym {
        let shape = match value {
            Value::Null => {
                let yes = self.terms.bool(true);
                return Sym {
                    defined: yes,
                    null: yes,
                    shape: Shape::Nothing,
                };
            }
            Value::Bool(value) => Shape::Bool(self.terms.bool(*value)),
            Value::Number(value) => Shape::Number(Num::constant(&mut self.terms, value)),
            Value::String(text) => Shape::Text(self.text_constant(text)),
            Value::Time(nanos) => Shape::Time(self.seconds(*nanos)),
            Value::Duration(nanos) => Shape::Duration(self.seconds(*nanos)),
            Value::List(items) => {
                let items: Vec<Sym> = items.iter().map(|item| self.constant(item)).collect();
                return self.list_literal(items);
            }
            Value::Map(members) => {
                let entries = members.iter().map(|(k, v)| (k.clone(), self.constant(v)));
                Shape::Map(entries.collect())
            }
        };
        self.always(shape)
    }

    /// The member of an object that `id` reads: of its type also where the
    /// object is one of which nothing is known.
    fn get(&mut self, id: ExprId, base: &Sym, key: &str) -> Sym {
        let Shape::Either(c, a, b) = &base.shape else {
            return self.member(base, key).0;
        };
        let [a, b] = [a, b].map(|shape| {
            let side = Sym {
                shape: (**shape).clone(),
                ..base.clone()
            };
            match side.shape {
                Shape::Opaque => {
                    let live = self.live(&side);
                    self.free_where(id, live)
                }
                _ => self.get(id, &side, key),
            }
        });
        self.ite(*c, &a, &b)
    }

    /// A member of an object: its value, and whether it is there.
    pub(super) fn member(&mut self, base: &Sym, key: &str) -> (Sym, Term) {
        let live = self.live(base);
        let nothing = self.terms.bool(false);
        match &base.shape {
            Shape::Object(slot) => {
                let Some(child) = self.child(*slot, &Segment::Key(key.into())) else {
                    return (self.undefined(), nothing);
                };
                let mut value = self.slot_sym(child);
                value.defined = self.terms.and([live, value.defined]);
                let there = value.defined;
                (value, there)
            }
            Shape::Sent(slot) => {
                let Some(child) = self.child(*slot, &Segment::Key(key.into())) else {
                    return (self.undefined(), nothing);
                };
                let mut value = self.slot_sym(child);
                as_sent(&mut value.shape);
                let there = self.slot(child).there;
                value.defined = self.terms.and([live, there]);
                (value.clone(), value.defined)
            }
            Shape::Resource(state) => {
                let mut found = self.attribute(*state, key);
                found.defined = self.terms.and([live, found.defined]);
                let there = found.defined;
                (found, there)
            }
            Shape::Map(entries) => {
                let found = entries.iter().find(|(name, _)| &**name == key);
                match found {
                    Some((_, value)) => (value.clone(), live),
                    None => (self.undefined(), nothing),
                }
            }
            Shape::Either(c, a, b) => {
                let side = |shape: &Shape| Sym {
                    shape: shape.clone(),
                    ..base.clone()
                };
                let (a, in_a) = self.member(&side(a), key);
                let (b, in_b) = self.member(&side(b), key);
                (self.ite(*c, &a, &b), self.terms.ite(*c, in_a, in_b))
            }
            Shape::Opaque | Shape::Any(_) => {
                let there = self.terms.var("opaque", Sort::Bool);
                let there = self.terms.and([live, there]);
                let mut value = self.when(there, Shape::Opaque);
                value.null = self.terms.var("opaque", Sort::Bool);
                (value, there)
            }
            _ => (self.undefined(), nothing),
        }
    }

    /// The attribute of a remembered state: states hold them in the order of
    /// the resource's declaration, named by their position there.
    fn attribute(&mut self, state: usize, key: &str) -> Sym {
        let resource = self.state_resource(state);
        if key == KEY {
            let own = self.state_key(state).cloned();
            return own.unwrap_or_else(|| self.undefined());
        }
        let attributes = &self.model.resource(resource).attributes;
        let position = attributes
            .iter()
            .position(|attribute| attribute.name == key);
        let found = position.and_then(|position| self.state(state).get(position).cloned());
        found.unwrap_or_else(|| self.undefined())
    }

    fn call(&mut self, id: ExprId, op: Op, operands: &[ExprId], env: &Env) -> Sym {
        match op {
            Op::Not => self.logic(operands, env, |this, parts| match parts {
                [a] => Truth {
                    yes: a.no,
                    no: a.yes,
                },
                _ => this.never(),
            }),
            Op::And => self.logic(operands, env, |this, parts| Truth {
                yes: this.terms.and(parts.iter().map(|part| part.yes)),
                no: this.terms.or(parts.iter().map(|part| part.no)),
            }),
            Op::Or => self.logic(operands, env, |this, parts| Truth {
                yes: this.terms.or(parts.iter().map(|part| part.yes)),
                no: this.terms.and(parts.iter().map(|part| part.no)),
            }),
            Op::Guard => self.logic(operands, env, |this, parts| match parts {
                [guard, rule] => {
                    let holds = this.terms.and([guard.yes, rule.yes]);
                    Truth {
                        yes: this.terms.or([guard.no, holds]),
                        no: this.terms.and([guard.yes, rule.no]),
                    }
                }
                _ => this.never(),
            }),
            Op::Eq | Op::Ne => {
                let equal = self.equality(id, operands, env);
                self.condition(if op == Op::Eq {
                    equal
                } else {
                    Truth {
                        yes: equal.no,
                        no: equal.yes,
                    }
                })
            }
            Op::Lt | Op::Le | Op::Gt | Op::Ge => self.order(id, op, operands, env),
            Op::Add
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
            | Op::DurationSub => self.arithmetic(id, op, operands, env),
            Op::Timestamp => self.timestamp(id, operands, env),
            Op::If => self.conditional(operands, env),
            Op::In => self.within(id, operands, env),
            Op::Size => self.size(id, operands, env),
            Op::Index => self.index(id, operands, env),
            Op::Sum => self.sum(id, operands, env),
            Op::Min | Op::Max => self.extreme(id, op, operands, env),
            Op::List(op) => self.list_function(id, op, operands, env),
            Op::TimePart(part) => self.time_part(id, part, operands, env),
            Op::Text(op) => {
                let predicate = self.predicate(id, op, operands, env);
                predicate.unwrap_or_else(|| self.unencoded(id, operands, env))
            }
            Op::Convert(to) => self.convert(id, to, operands, env),
            Op::TypeOf => match operands.first() {
                Some(of) => {
                    let is_double = is_double(self.model.arena.ty(*of));
                    let of = self.lower(*of, env);
                    self.type_of(id, &of, is_double)
                }
                None => self.undefined(),
            },
            Op::As(demand) => match operands.first() {
                Some(of) => {
                    let of = self.lower(*of, env);
                    self.demanded(id, demand, of)
                }
                None => self.undefined(),
            },
            Op::OrElse => self.or_else(operands, env),
            Op::Where => self.where_true(operands, env),
            Op::Exists => self.existence(operands, env),
        }
    }

    fn never(&mut self) -> Truth {
        let no = self.terms.bool(false);
        Truth { yes: no, no }
    }

    fn logic(
        &mut self,
        operands: &[ExprId],
        env: &Env,
        combine: impl FnOnce(&mut Self, &[Truth]) -> Truth,
    ) -> Sym {
        let parts: Vec<Truth> = operands.iter().map(|part| self.truth(*part, env)).collect();
        let truth = combine(self, &parts);
        self.condition(truth)
    }

    pub(super) fn pair(&mut self, operands: &[ExprId], env: &Env) -> Option<(Sym, Sym)> {
        match operands {
            [a, b] => Some((self.lower(*a, env), self.lower(*b, env))),
            _ => None,
        }
    }

    fn conditional(&mut self, operands: &[ExprId], env: &Env) -> Sym {
        let [condition, yes, no] = operands else {
            return self.undefined();
        };
        let condition = self.truth(*condition, env);
        let (yes, no) = (self.lower(*yes, env), self.lower(*no, env));
        let mut merged = self.ite(condition.yes, &yes, &no);
        let known = self.terms.or([condition.yes, condition.no]);
        merged.defined = self.terms.and([known, merged.defined]);
        merged
    }

    fn or_else(&mut self, operands: &[ExprId], env: &Env) -> Sym {
        match self.pair(operands, env) {
            Some((first, second)) => self.ite(first.defined, &first, &second),
            None => self.undefined(),
        }
    }

    fn where_true(&mut self, operands: &[ExprId], env: &Env) -> Sym {
        let [condition, value] = operands else {
            return self.undefined();
        };
        let condition = self.truth(*condition, env);
        let mut value = self.lower(*value, env);
        value.defined = self.terms.and([condition.yes, value.defined]);
        value
    }

    /// Whether the request is about a resource that is there.
    fn existence(&mut self, operands: &[ExprId], env: &Env) -> Sym {
        let of = operands.first().map(|of| self.lower(*of, env));
        let exists = match of.map(|of| of.shape) {
            Some(Shape::Resource(state)) => self.exists(state),
            _ => self.terms.bool(false),
        };
        self.always(Shape::Bool(exists))
    }

    /// Where the resource in a state is there, and hasn't been deleted.
    pub fn exists(&mut self, state: usize) -> Term {
        let there = self.there.get(&state).copied();
        let there = there.unwrap_or_else(|| self.terms.bool(true));
        match self.attribute(state, EXISTS).shape {
            Shape::Bool(exists) => self.terms.and([there, exists]),
            _ => there,
        }
    }

    /// Whether two locations hold the same.
    pub fn are_equal(&mut self, a: super::SlotId, b: super::SlotId) -> Truth {
        let (a, b) = (self.slot_sym(a), self.slot_sym(b));
        self.equal(&a, &b)
    }

    /// Whether a location holds a value.
    pub fn is_equal_to(&mut self, slot: super::SlotId, value: &Sym) -> Truth {
        let own = self.slot_sym(slot);
        self.equal(&own, value)
    }

    /// `c ? a : b` of two symbolic values.
    pub fn ite(&mut self, c: Term, a: &Sym, b: &Sym) -> Sym {
        match self.terms.as_bool(c) {
            Some(true) => return a.clone(),
            Some(false) => return b.clone(),
            None => {}
        }
        Sym {
            defined: self.terms.ite(c, a.defined, b.defined),
            null: self.terms.ite(c, a.null, b.null),
            shape: self.ite_shape(c, &a.shape, &b.shape),
        }
    }

    fn ite_shape(&mut self, c: Term, a: &Shape, b: &Shape) -> Shape {
        match (a, b) {
            (Shape::Nothing, other) | (other, Shape::Nothing) => other.clone(),
            (Shape::Bool(a), Shape::Bool(b)) => Shape::Bool(self.terms.ite(c, *a, *b)),
            (Shape::Number(a), Shape::Number(b)) => {
                Shape::Number(Num::ite(&mut self.terms, c, a, b))
            }
            (Shape::Time(a), Shape::Time(b)) => Shape::Time(Num::ite(&mut self.terms, c, a, b)),
            (Shape::Duration(a), Shape::Duration(b)) => {
                Shape::Duration(Num::ite(&mut self.terms, c, a, b))
            }
            (Shape::Text(a), Shape::Text(b)) => {
                let text = self.ite_text(c, a, b);
                text.map_or(Shape::Opaque, Shape::Text)
            }
            (Shape::Object(a), Shape::Object(b)) if a == b => Shape::Object(*a),
            (Shape::Resource(a), Shape::Resource(b)) if a == b => Shape::Resource(*a),
            (Shape::List(a), Shape::List(b)) => {
                // One list's items after the other's: order is kept in each.
                let not = self.terms.not(c);
                let mut merged = List::default();
                for (side, list) in [(c, a), (not, b)] {
                    for item in &list.items {
                        let mut item = item.clone();
                        item.active = self.terms.and([side, item.active]);
                        merged.items.push(item);
                    }
                    merged.sources.extend(&list.sources);
                }
                if let (Some(a), Some(b)) = (a.length, b.length) {
                    merged.length = Some(self.terms.ite(c, a, b));
                }
                if a.unknown.is_some() || b.unknown.is_some() {
                    let known = self.terms.bool(false);
                    let (a, b) = (a.unknown.unwrap_or(known), b.unknown.unwrap_or(known));
                    merged.unknown = Some(self.terms.ite(c, a, b));
                }
                Shape::List(merged)
            }
            (Shape::Any(_), _) | (_, Shape::Any(_)) => self.ite_any(c, a, b),
            (Shape::Opaque, Shape::Opaque) => Shape::Opaque,
            (a, b) if a.may_be_record() && b.may_be_record() => {
                Shape::Either(c, Box::new(a.clone()), Box::new(b.clone()))
            }
            _ => Shape::Opaque,
        }
    }

    /// `None` where a date and a text that may be none can't be told apart
    /// any more.
    pub(super) fn ite_text(&mut self, c: Term, a: &Text, b: &Text) -> Option<Text> {
        let (a, b) = match (&a.time, &b.time) {
            (Some(_), None) => (a.clone(), self.as_moment(b)?),
            (None, Some(_)) => (self.as_moment(a)?, b.clone()),
            _ => (a.clone(), b.clone()),
        };
        let time = match (&a.time, &b.time) {
            (Some(a), Some(b)) => Some(Num::ite(&mut self.terms, c, a, b)),
            _ => None,
        };
        Some(Text {
            identity: self.terms.ite(c, a.identity, b.identity),
            length: match (a.length, b.length) {
                (Some(a), Some(b)) => Some(self.terms.ite(c, a, b)),
                _ => None,
            },
            time,
            literals: self.ite_literals(c, &a.literals, &b.literals),
            may_be_dated: a.may_be_dated || b.may_be_dated,
        })
    }

    fn ite_literals(&mut self, c: Term, a: &Literals, b: &Literals) -> Literals {
        if a.is_empty() || b.is_empty() {
            return Vec::new();
        }
        let not = self.terms.not(c);
        let mut found: Literals = Vec::new();
        for (arm, literals) in [(c, a), (not, b)] {
            for (condition, text) in literals {
                let condition = self.terms.and([arm, *condition]);
                found.push((condition, text.clone()));
            }
        }
        found
    }

    /// One of some constants as the date or date-time that it names.
    fn as_moment(&mut self, text: &Text) -> Option<Text> {
        let mut found: Option<(Term, Num)> = None;
        for (condition, literal) in &text.literals {
            let canonical = Self::canonical_moment(literal);
            let (moment, is_date) = canonical.filter(|(moment, _)| moment.is_integer())?;
            let time = Num::constant(&mut self.terms, &moment);
            let identity = self.time_identity(&time, is_date);
            found = Some(match found {
                None => (identity, time),
                Some((other, moment)) => (
                    self.terms.ite(*condition, identity, other),
                    Num::ite(&mut self.terms, *condition, &time, &moment),
                ),
            });
        }
        let (identity, time) = found?;
        Some(Text {
            identity,
            time: Some(time),
            ..text.clone()
        })
    }

    /// What stands for an operator without an encoding: a table where operands
    /// are tried one by one, else a free value where the operands have one.
    pub(super) fn unencoded(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        if let Node::Call(op, _) = *self.model.arena.node(id) {
            if let Some(split) = self.by_default(id, op, operands, env) {
                return split;
            }
            if let Some(table) = self.table(id, op, operands, env) {
                return table;
            }
        }
        self.unencoded.insert(id);
        let operands: Vec<Sym> = operands.iter().map(|id| self.lower(*id, env)).collect();
        let live: Vec<Term> = operands.iter().map(|sym| self.live(sym)).collect();
        let live = self.terms.and(live);
        let mut free = self.free(id);
        free.defined = if is_total(self.model.arena.node(id)) {
            live
        } else {
            self.terms.and([live, free.defined])
        };
        free.null = self.terms.bool(false);
        if let (Node::Call(Op::Convert(Convert::Text), _), Shape::Text(text)) =
            (self.model.arena.node(id), &free.shape)
            && let (Some(length), [operand]) = (text.length, operands.as_slice())
            && !matches!(operand.shape, Shape::Text(_))
        {
            // Whatever is written has a character.
            let one = self.terms.int(1);
            let some = self.terms.le(one, length);
            self.facts.push(some);
        }
        free
    }

    /// An operator without an encoding over `a, or else b`: where `a` is
    /// defined, what it is of `a`, so that both servers share it.
    fn by_default(&mut self, id: ExprId, op: Op, operands: &[ExprId], env: &Env) -> Option<Sym> {
        let arena = &self.model.arena;
        let (at, first, second) =
            operands
                .iter()
                .enumerate()
                .find_map(|(at, operand)| match arena.node(*operand) {
                    Node::Call(Op::OrElse, both) => match **both {
                        [first, second] => Some((at, first, second)),
                        _ => None,
                    },
                    _ => None,
                })?;
        let ty = arena.ty(id).clone();
        let mut of_first = operands.to_vec();
        *of_first.get_mut(at)? = first;
        let of_first = arena.find(Node::Call(op, of_first.into()), ty.clone())?;
        let of_second: Vec<Sym> = operands
            .iter()
            .enumerate()
            .map(|(index, operand)| if index == at { second } else { *operand })
            .map(|operand| self.lower(operand, env))
            .collect();
        let otherwise = self.table_of(id, op, &of_second);
        let otherwise = otherwise.unwrap_or_else(|| self.free(id));
        let defined = self.lower(first, env).defined;
        let of_first = self.lower(of_first, env);
        Some(self.ite(defined, &of_first, &otherwise))
    }

    /// A free value of the type of `id`: for what has no encoding.
    pub(super) fn free(&mut self, id: ExprId) -> Sym {
        let ty = self.model.arena.ty(id).clone();
        self.free_of(&ty, &format!("free{}", id.index()))
    }

    /// A free value of the type of `id`, defined at most where `live`.
    pub(super) fn free_where(&mut self, id: ExprId, live: Term) -> Sym {
        let mut free = self.free(id);
        free.defined = self.terms.and([live, free.defined]);
        free
    }

    /// A free value of a type; may be undefined.
    pub fn free_of(&mut self, ty: &Type, name: &str) -> Sym {
        let shape = match ty {
            Type::Bool => Shape::Bool(self.terms.var(name, Sort::Bool)),
            Type::Int => Shape::Number(Num::int(self.terms.var(name, Sort::Int))),
            Type::Decimal => Shape::Number(Num::int(self.terms.var(name, Sort::Real))),
            Type::Time => Shape::Time(Num::int(self.terms.var(name, Sort::Real))),
            Type::Duration => Shape::Duration(Num::int(self.terms.var(name, Sort::Real))),
            Type::Kind => return self.free_of(&Type::TEXT, name),
            Type::String(view) => {
                let length = self.terms.var(format!("length:{name}"), Sort::Int);
                let zero = self.terms.int(0);
                let natural = self.terms.le(zero, length);
                self.facts.push(natural);
                let is_time = *view != crate::expr::TextView::Plain;
                Shape::Text(Text {
                    identity: self.terms.var(name, Sort::Int),
                    length: Some(length),
                    time: is_time
                        .then(|| Num::int(self.terms.var(format!("time:{name}"), Sort::Real))),
                    literals: Vec::new(),
                    may_be_dated: true,
                })
            }
            Type::Null => Shape::Nothing,
            Type::Any => self.free_any(name),
            Type::List(_) | Type::Object(_) | Type::Map(_) | Type::Resource(_) => Shape::Opaque,
        };
        let defined = self.terms.var(format!("defined:{name}"), Sort::Bool);
        let null = self.terms.var(format!("null:{name}"), Sort::Bool);
        Sym {
            defined,
            null,
            shape,
        }
    }
}

/// Whether a call has a value wherever its operands have one.
fn is_total(node: &Node) -> bool {
    let Node::Call(op, operands) = node else {
        return false;
    };
    match op {
        Op::Text(op) => match op {
            TextOp::StartsWith
            | TextOp::EndsWith
            | TextOp::Contains
            | TextOp::Matches
            | TextOp::LowerAscii
            | TextOp::UpperAscii
            | TextOp::Trim
            | TextOp::Replace
            | TextOp::Split
            | TextOp::Concat => true,
            TextOp::IndexOf | TextOp::LastIndexOf => operands.len() == 2,
            TextOp::Substring | TextOp::CharAt | TextOp::Join => false,
        },
        Op::Convert(Convert::Text) => true,
        Op::List(ListOp::Distinct | ListOp::Unique | ListOp::Keys) => true,
        // Of texts: all others have an encoding.
        Op::Lt | Op::Le | Op::Gt | Op::Ge => true,
        _ => false,
    }
}

/// Objects as they were sent, also in lists.
fn as_sent(shape: &mut Shape) {
    match shape {
        Shape::Object(object) => *shape = Shape::Sent(*object),
        Shape::List(list) => {
            for item in &mut list.items {
                as_sent(&mut item.value.shape);
            }
        }
        _ => {}
    }
}
