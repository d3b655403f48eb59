//! Expressions, values and models from short texts.

use crossfield::expr::{Arena, ExprId, Fold, Node, Op, Root, Rounding, Syntax, SyntaxKind, Type};
use crossfield::expr::{SpanTree, parse};
use crossfield::source::{Sources, Span};
use crossfield::value::Value;
use crossfield::value::time::parse_duration;

/// A value from JSON text, exactly.
pub fn json(text: &str) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("value.json", text);
    let tree = crossfield::tree::parse_json(&sources, file);
    tree.unwrap_or_else(|e| panic!("{text}: {e:?}")).to_value()
}

/// A place of no meaning.
pub fn span() -> Span {
    let mut sources = Sources::new();
    Span::new(sources.add("x", "x"), 0, 1)
}

pub fn spans() -> SpanTree {
    SpanTree::leaf(span())
}

/// Adds the expression that `text` stands for. `/` truncates, `div(a, b)` is
/// exact; `guard(a, b)`, `or_else(a, b)`, `time_add(a, b)` and their like name
/// operators that have no notation of their own. Types are left open.
pub fn expr(arena: &mut Arena, text: &str, resources: &[&str]) -> ExprId {
    let syntax = parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    let mut builder = Builder {
        arena,
        resources,
        items: Vec::new(),
    };
    builder.build(&syntax)
}

struct Builder<'a> {
    arena: &'a mut Arena,
    resources: &'a [&'a str],
    items: Vec<String>,
}

impl Builder<'_> {
    fn add(&mut self, node: Node) -> ExprId {
        self.arena.add(node, Type::Null)
    }

    fn all<'s>(&mut self, parts: impl IntoIterator<Item = &'s Syntax>) -> Box<[ExprId]> {
        parts.into_iter().map(|part| self.build(part)).collect()
    }

    fn build(&mut self, syntax: &Syntax) -> ExprId {
        match &syntax.kind {
            SyntaxKind::Literal(value, _) => self.arena.constant(value.clone(), Type::Null),
            SyntaxKind::Name(name) => self.name(name),
            SyntaxKind::Select(base, member) => self.select(base, member),
            SyntaxKind::Every(base) => self.build(base),
            SyntaxKind::Has(inner) => {
                let inner = self.build(inner);
                let Node::Get(base, key) = self.arena.node(inner).clone() else {
                    panic!("has() of no member");
                };
                self.add(Node::Has(base, key))
            }
            SyntaxKind::Call { name, target, args } => self.call(name, target.as_deref(), args),
            SyntaxKind::List(items) => {
                let items = self.all(items);
                self.add(Node::List(items))
            }
            SyntaxKind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| match &key.kind {
                    SyntaxKind::Literal(Value::String(key), _) => (key.clone(), self.build(value)),
                    _ => panic!("a key is a text"),
                });
                let entries = entries.collect();
                self.add(Node::Map(entries))
            }
        }
    }

    fn name(&mut self, name: &str) -> ExprId {
        if let Some(found) = self.items.iter().rposition(|item| item == name) {
            return self.item(self.items.len() - 1 - found);
        }
        if let Some(index) = self.resources.iter().position(|known| *known == name) {
            return self.add(Node::Root(Root::Resource(index as u32)));
        }
        let request = self.add(Node::Root(Root::Request));
        self.add(Node::Get(request, name.into()))
    }

    fn item(&mut self, depth: usize) -> ExprId {
        let depth = depth as u32;
        self.add(Node::Item {
            depth,
            ty: Type::Null,
        })
    }

    fn select(&mut self, base: &Syntax, member: &str) -> ExprId {
        if let SyntaxKind::Every(list) = &base.kind {
            let list = self.build(list);
            let item = self.item(0);
            let body = self.add(Node::Get(item, member.into()));
            return self.add(Node::Fold(Fold::MapPresent, list, body));
        }
        let base = self.build(base);
        self.add(Node::Get(base, member.into()))
    }

    fn call(&mut self, name: &str, target: Option<&Syntax>, args: &[Syntax]) -> ExprId {
        if let Some(fold) = fold_named(name) {
            let list = self.build(target.unwrap());
            let SyntaxKind::Name(item) = &args[0].kind else {
                panic!("the first operand of a fold is a name");
            };
            self.items.push(item.clone());
            let body = self.build(&args[1]);
            self.items.pop();
            return self.add(Node::Fold(fold, list, body));
        }
        if name == "duration" {
            let SyntaxKind::Literal(Value::String(text), _) = &args[0].kind else {
                panic!("a duration is a text");
            };
            let nanos = parse_duration(text).unwrap();
            return self.arena.constant(Value::Duration(nanos), Type::Null);
        }
        if let ("round", [number, digits, mode]) = (name, args) {
            let operands = self.all([number, digits]);
            return self.add(Node::Call(Op::Round(rounding(mode)), operands));
        }
        let op = op_named(name).unwrap_or_else(|| panic!("no operator {name}"));
        let operands = self.all(target.into_iter().chain(args));
        self.add(Node::Call(op, operands))
    }
}

fn rounding(mode: &Syntax) -> Rounding {
    let SyntaxKind::Name(name) = &mode.kind else {
        panic!("a mode is a name");
    };
    let found = Rounding::ALL.into_iter().find(|mode| mode.name() == name);
    found.unwrap()
}

fn fold_named(name: &str) -> Option<Fold> {
    let all = [
        Fold::All,
        Fold::Exists,
        Fold::ExistsOne,
        Fold::Map,
        Fold::Filter,
    ];
    all.into_iter().find(|fold| fold.name() == name)
}

fn op_named(name: &str) -> Option<Op> {
    Some(match name {
        "!_" => Op::Not,
        "_&&_" => Op::And,
        "_||_" => Op::Or,
        "guard" => Op::Guard,
        "_?_:_" => Op::If,
        "_==_" => Op::Eq,
        "_!=_" => Op::Ne,
        "_<_" => Op::Lt,
        "_<=_" => Op::Le,
        "_>_" => Op::Gt,
        "_>=_" => Op::Ge,
        "_+_" => Op::Add,
        "_-_" => Op::Sub,
        "_*_" => Op::Mul,
        "div" => Op::Div,
        "_/_" => Op::DivTruncated,
        "_%_" => Op::Rem,
        "-_" => Op::Neg,
        "round" => Op::Round(Rounding::HalfAway),
        "floor" => Op::Floor,
        "ceil" => Op::Ceil,
        "time_add" => Op::TimeAdd,
        "time_sub" => Op::TimeSub,
        "time_diff" => Op::TimeDiff,
        "duration_add" => Op::DurationAdd,
        "duration_sub" => Op::DurationSub,
        "timestamp" => Op::Timestamp,
        "@in" => Op::In,
        "size" => Op::Size,
        "_[_]" => Op::Index,
        "sum" => Op::Sum,
        "or_else" => Op::OrElse,
        _ => return None,
    })
}
