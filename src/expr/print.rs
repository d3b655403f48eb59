//! Expressions as text, close to how an author writes them.

use std::fmt::Write;

use num_traits::Signed;

use super::{ACTOR, Arena, ExprId, Fold, NOW, Node, Notation, Op, Root, Rounding, Type, actor_of};
use crate::value::Value;
use crate::value::location::is_identifier;
use crate::value::time::{print_duration, print_time};

/// What expressions call a resource, and all that there are of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceName {
    /// The one that a request is about.
    pub one: String,
    /// All of them.
    pub all: String,
}

impl ResourceName {
    /// For resources of which expressions never name all.
    pub fn single(name: impl Into<String>) -> Self {
        let one = name.into();
        let all = format!("all of {one}");
        Self { one, all }
    }
}

/// Prints an expression; `resources` names what [`Root::Resource`] and
/// [`Root::All`] count.
///
/// The item of the outermost fold is called `item`, those of the folds within
/// it `item2`, `item3`, ..., since the form holds no names.
pub fn print(arena: &Arena, id: ExprId, resources: &[ResourceName]) -> String {
    print_within(arena, id, resources, 0, &mut |_, _| Put::Inside)
}

/// Prints a part of an expression that stands within `outer` folds, with other
/// texts in place of parts of it: `put` says which, given the part and how many
/// folds that are printed enclose it.
pub fn print_within(
    arena: &Arena,
    id: ExprId,
    resources: &[ResourceName],
    outer: usize,
    put: &mut dyn FnMut(ExprId, usize) -> Put,
) -> String {
    let mut printer = Printer {
        arena,
        resources,
        put,
        is_plain: false,
        outer,
        items: (0..outer).map(item_name).collect(),
        out: String::new(),
    };
    printer.expr(id, 0);
    printer.out
}

/// Prints a value as an author writes a constant.
pub fn print_constant(value: &Value) -> String {
    let mut out = String::new();
    constant(&mut out, value);
    out
}

/// What is printed in place of a part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// This text, and how strongly its parts are bound: in parentheses where
    /// what stands around it binds more.
    Text(String, u8),
    /// The part as it is, with nothing put into it.
    Plain,
    /// This expression, with what is put in place of its parts.
    Part(ExprId),
    /// The part, with what is put in place of its own parts.
    Inside,
}

struct Printer<'a> {
    arena: &'a Arena,
    resources: &'a [ResourceName],
    put: &'a mut dyn FnMut(ExprId, usize) -> Put,
    /// Whether nothing is put in any more.
    is_plain: bool,
    /// How many folds enclose what is printed.
    outer: usize,
    /// What the items of the enclosing folds are called, outermost first.
    items: Vec<String>,
    out: String,
}

impl Printer<'_> {
    /// Prints `id`, or what is put in its place.
    fn expr(&mut self, id: ExprId, strength: u8) {
        if self.is_plain {
            return self.own(id, strength);
        }
        match (self.put)(id, self.items.len().saturating_sub(self.outer)) {
            Put::Part(part) => self.expr(part, strength),
            Put::Text(text, own) => {
                self.open(own < strength);
                self.text(&text);
                self.close(own < strength);
            }
            Put::Inside => self.own(id, strength),
            Put::Plain => {
                self.is_plain = true;
                self.own(id, strength);
                self.is_plain = false;
            }
        }
    }

    /// Prints `id`, in parentheses if it binds less than `strength`.
    fn own(&mut self, id: ExprId, strength: u8) {
        let arena = self.arena;
        match arena.node(id) {
            Node::Const(constant) => {
                let number = constant.0.as_number();
                let negative = strength > 8 && number.is_some_and(Signed::is_negative);
                self.open(negative);
                match &constant.0 {
                    Value::String(kind) if *arena.ty(id) == Type::Kind => self.text(kind),
                    value => self.constant(value),
                }
                self.close(negative);
            }
            Node::Root(root) => self.root(*root),
            Node::Item { depth, .. } => self.item(*depth),
            Node::Get(base, key) => self.member(*base, key),
            Node::Has(base, key) => {
                self.out.push_str("has(");
                self.member(*base, key);
                self.out.push(')');
            }
            Node::Call(op, operands) => self.call(*op, operands, strength),
            Node::Fold(fold, list, body) => self.fold(*fold, *list, *body),
            Node::List(items) => self.listed("[", items, "]"),
            Node::Map(entries) => {
                self.out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.comma(index);
                    self.constant(&Value::String(key.clone()));
                    self.out.push_str(": ");
                    self.expr(*value, 0);
                }
                self.out.push('}');
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push_str(", ");
        }
    }

    fn item(&mut self, depth: u32) {
        let outer = self.items.iter().rev().nth(depth as usize).cloned();
        // A part of a fold that is printed alone has no name for its item.
        self.text(outer.as_deref().unwrap_or("item"));
    }

    fn root(&mut self, root: Root) {
        match root {
            Root::Request => self.out.push_str("request"),
            Root::Sent => self.out.push_str("sent"),
            Root::Now => self.out.push_str("now"),
            Root::Earlier(index) => self.text(match index {
                0 => "first",
                1 => "second",
                _ => "earlier",
            }),
            Root::Resource(index) | Root::After(index) => {
                let name = self.resources.get(index as usize);
                let name = name.map(|name| name.one.clone());
                self.text(&name.unwrap_or_else(|| format!("resource{index}")));
            }
            Root::Old(index) => {
                self.text("old(");
                self.root(Root::Resource(index));
                self.text(")");
            }
            Root::All(index) => {
                let name = self.resources.get(index as usize);
                let name = name.map(|name| name.all.clone());
                self.text(&name.unwrap_or_else(|| format!("resources{index}")));
            }
        }
    }

    fn member(&mut self, base: ExprId, key: &str) {
        let is_request = *self.arena.node(base) == Node::Root(Root::Request);
        if is_request {
            return self.text(key);
        }
        match actor_of(self.arena, base) {
            Some(request) => self.member(request, ACTOR),
            None => self.expr(base, 9),
        }
        if is_identifier(key) {
            self.out.push('.');
            self.text(key);
        } else {
            self.out.push('[');
            self.constant(&Value::string(key));
            self.out.push(']');
        }
    }

    /// Whether this is the moment that tests set the clock to.
    fn is_now(&self, id: ExprId) -> bool {
        let Node::Get(base, key) = self.arena.node(id) else {
            return false;
        };
        &**key == NOW && *self.arena.node(*base) == Node::Root(Root::Request)
    }

    fn call(&mut self, op: Op, operands: &[ExprId], strength: u8) {
        match (op, op.info().notation, operands) {
            (Op::Timestamp, _, [read]) if self.is_now(*read) => self.out.push_str(NOW),
            (Op::If, _, [condition, yes, no]) => {
                self.open(strength > 1);
                self.expr(*condition, 2);
                self.out.push_str(" ? ");
                self.expr(*yes, 2);
                self.out.push_str(" : ");
                self.expr(*no, 1);
                self.close(strength > 1);
            }
            (Op::Guard, _, [guard, rule]) => {
                self.open(strength > 0);
                self.out.push_str("when ");
                self.expr(*guard, 1);
                self.out.push_str(": ");
                self.expr(*rule, 1);
                self.close(strength > 0);
            }
            (Op::Where, _, [condition, value]) => {
                self.open(strength > 0);
                self.text("where ");
                self.expr(*condition, 1);
                self.text(": ");
                self.expr(*value, 1);
                self.close(strength > 0);
            }
            // What reads it says what it needs.
            (Op::As(_), _, [of]) => self.expr(*of, strength),
            (Op::Index, _, [list, index]) => {
                self.expr(*list, 9);
                self.out.push('[');
                self.expr(*index, 0);
                self.out.push(']');
            }
            (Op::Round(mode), _, [number, digits]) => {
                self.out.push_str("round(");
                self.expr(*number, 0);
                self.out.push_str(", ");
                self.expr(*digits, 0);
                if mode != Rounding::HalfAway {
                    let _infallible = write!(self.out, ", {}", mode.name());
                }
                self.out.push(')');
            }
            (_, Notation::Prefix(symbol, own), [operand]) => {
                // CEL reads `--x` as `x`: one within the other is bracketed.
                self.open(own < strength);
                self.text(symbol);
                self.expr(*operand, own + 1);
                self.close(own < strength);
            }
            (_, Notation::Infix(symbol, own), _) => self.infix(symbol, own, operands, strength),
            (_, Notation::Method(name), [target, operands @ ..]) => {
                self.expr(*target, 9);
                self.out.push('.');
                self.text(name);
                self.listed("(", operands, ")");
            }
            (_, Notation::Function(name), _) => {
                self.text(name);
                self.listed("(", operands, ")");
            }
            _ => self.listed("(", operands, ")"),
        }
    }

    fn infix(&mut self, symbol: &str, own: u8, operands: &[ExprId], strength: u8) {
        self.open(own < strength);
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                let _infallible = write!(self.out, " {symbol} ");
            }
            self.expr(*operand, if index > 0 { own + 1 } else { own });
        }
        self.close(own < strength);
    }

    fn fold(&mut self, fold: Fold, list: ExprId, body: ExprId) {
        if fold == Fold::MapPresent && self.is_path(body) {
            let before = std::mem::take(&mut self.out);
            self.expr(list, 9);
            let every = format!("{}[*]", std::mem::replace(&mut self.out, before));
            return self.within(every, body);
        }
        let item = item_name(self.items.len());
        self.expr(list, 9);
        let _infallible = write!(self.out, ".{}({item}, ", fold.name());
        self.within(item, body);
        self.out.push(')');
    }

    /// Prints the body of a fold whose item is called `item`.
    fn within(&mut self, item: String, body: ExprId) {
        self.items.push(item);
        self.expr(body, 0);
        self.items.pop();
    }

    /// Whether this is a member of a member ... of the innermost item.
    fn is_path(&self, id: ExprId) -> bool {
        match self.arena.node(id) {
            Node::Item { depth, .. } => *depth == 0,
            Node::Get(base, _) => self.is_path(*base),
            _ => false,
        }
    }

    fn listed(&mut self, open: &str, items: &[ExprId], close: &str) {
        self.text(open);
        for (index, item) in items.iter().enumerate() {
            self.comma(index);
            self.expr(*item, 0);
        }
        self.text(close);
    }

    fn open(&mut self, needed: bool) {
        if needed {
            self.out.push('(');
        }
    }

    fn close(&mut self, needed: bool) {
        if needed {
            self.out.push(')');
        }
    }

    fn constant(&mut self, value: &Value) {
        constant(&mut self.out, value);
    }
}

/// What the item of a fold is called that stands within `outer` others.
fn item_name(outer: usize) -> String {
    match outer {
        0 => "item".to_owned(),
        outer => format!("item{}", outer + 1),
    }
}

fn constant(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => {
            out.push('\'');
            for c in text.chars() {
                match c {
                    '\\' | '\'' => out.extend(['\\', c]),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    _ => out.push(c),
                }
            }
            out.push('\'');
        }
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                constant(out, item);
            }
            out.push(']');
        }
        Value::Duration(nanos) => {
            let _infallible = write!(out, "duration('{}')", print_duration(*nanos));
        }
        Value::Time(nanos) => {
            let text = print_time(*nanos);
            let _infallible = write!(out, "timestamp('{text}')");
        }
        other => {
            let _infallible = write!(out, "{other}");
        }
    }
}
