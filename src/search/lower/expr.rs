//! Nodes and operators as terms. The matches are exhaustive: a new operator
//! doesn't compile until it is said here what it means to the solver.

use super::any::is_double;
use super::{Env, Lowering, Num, Shape, Sym, Text, Truth};
use crate::expr::{Convert, ExprId, ListOp, Node, Op, TextOp, Type};
use crate::search::smt::{Sort, Term};
use crate::value::Value;

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

    /// A value that is known.
    pub fn constant(&mut self, value: &Value) -> Sym {
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
