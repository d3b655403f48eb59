//! The hash-consed arena of typed expressions.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Op, Type};
use crate::value::{Value, hash_number};

/// A reference to an expression of an [`Arena`]. Equal expressions have equal
/// ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(u32);

impl ExprId {
    /// The position in the arena, dense from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a read begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// The request state: an object with the members `path`, `query`,
    /// `header`, `cookie` and `body`.
    Request,
    /// The same without the schema's defaults: what a server sees that forgets
    /// them.
    Sent,
    /// The request state of an earlier accepted request, that of a rule about
    /// several: 0 the first.
    Earlier(u32),
    /// What the server remembers of the resource with this index, which the
    /// request is about.
    Resource(u32),
    /// In what is ensured of an answer: what the server remembers of the
    /// resource once it has accepted the request; also of one that the request
    /// makes.
    After(u32),
    /// In what is ensured of an answer: the same before the request.
    Old(u32),
    /// The list of all resources with this index that there are, in the order
    /// in which they were made.
    All(u32),
    /// The moment of the request by the server's clock.
    Now,
}

/// Folds and comprehensions: a list and an expression over each of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fold {
    /// True when the expression holds for all items; absorbs undefined items
    /// where one is false, as `&&` does.
    All,
    /// True when it holds for an item; absorbs like `||`.
    Exists,
    /// True when it holds for exactly one item; undefined if any item is.
    ExistsOne,
    /// The list of the expression's values.
    Map,
    /// The items for which the expression holds.
    Filter,
    /// As `Map`, but items for which the expression is undefined are skipped
    /// (the path form `[*]`).
    MapPresent,
}

impl Fold {
    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Map | Self::MapPresent => "map",
            Self::Filter => "filter",
        }
    }
}

/// One expression; its operands are ids of the same arena.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A constant.
    Const(Constant),
    /// The start of a read.
    Root(Root),
    /// The item of the `depth`-th enclosing [`Node::Fold`], 0 the innermost.
    Item {
        /// How many folds lie between.
        depth: u32,
        /// The type of the item.
        ty: Type,
    },
    /// The member of an object; undefined where it is absent.
    Get(ExprId, Arc<str>),
    /// Whether the object is there and has the member, null included.
    Has(ExprId, Arc<str>),
    /// An operator applied to operands.
    Call(Op, Box<[ExprId]>),
    /// A list, and an expression over each of its items.
    Fold(Fold, ExprId, ExprId),
    /// A list of expressions.
    List(Box<[ExprId]>),
    /// A map literal: constant keys in written order.
    Map(Box<[(Arc<str>, ExprId)]>),
}

/// A constant in the arena: a [`Value`] that can be hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant(pub Value);

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Compound constants are rare: their kind suffices, equality decides.
        std::mem::discriminant(&self.0).hash(state);
        match &self.0 {
            Value::Bool(value) => value.hash(state),
            Value::Number(value) => hash_number(value, state),
            Value::String(value) => value.hash(state),
            Value::Time(value) | Value::Duration(value) => value.hash(state),
            Value::Null | Value::List(_) | Value::Map(_) => {}
        }
    }
}

impl Node {
    /// The operands, in the order that positions count them.
    pub fn children(&self) -> Vec<ExprId> {
        match self {
            Self::Const(_) | Self::Root(_) | Self::Item { .. } => Vec::new(),
            Self::Get(base, _) | Self::Has(base, _) => vec![*base],
            Self::Call(_, operands) | Self::List(operands) => operands.to_vec(),
            Self::Fold(_, list, body) => vec![*list, *body],
            Self::Map(entries) => entries.iter().map(|(_, value)| *value).collect(),
        }
    }

    /// Whether there are no operands.
    pub fn is_leaf(&self) -> bool {
        matches!(self, Self::Const(_) | Self::Root(_) | Self::Item { .. })
    }

    /// The same node over other operands, given in the order of
    /// [`Node::children`]; operands that are missing stay as they are.
    pub(crate) fn with_children(&self, children: &[ExprId]) -> Self {
        let at = |index: usize, old: ExprId| children.get(index).copied().unwrap_or(old);
        let all = |old: &[ExprId]| old.iter().enumerate().map(|(i, id)| at(i, *id)).collect();
        match self {
            Self::Const(_) | Self::Root(_) | Self::Item { .. } => self.clone(),
            Self::Get(base, key) => Self::Get(at(0, *base), key.clone()),
            Self::Has(base, key) => Self::Has(at(0, *base), key.clone()),
            Self::Call(op, operands) => Self::Call(*op, all(operands)),
            Self::List(items) => Self::List(all(items)),
            Self::Fold(fold, list, body) => Self::Fold(*fold, at(0, *list), at(1, *body)),
            Self::Map(entries) => Self::Map(
                entries
                    .iter()
                    .enumerate()
                    .map(|(i, (key, value))| (key.clone(), at(i, *value)))
                    .collect(),
            ),
        }
    }
}

/// Owns all expressions of a model, each once, with its type.
#[derive(Clone, Debug, Default)]
pub struct Arena {
    nodes: Vec<(Node, Type)>,
    ids: HashMap<(Node, Type), ExprId>,
}

impl Arena {
    /// The id of `node` with the type `ty`, added if it is new.
    pub fn add(&mut self, node: Node, ty: Type) -> ExprId {
        let key = (node, ty);
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        // 2^32 expressions don't fit in memory; saturating keeps this total.
        let id = ExprId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(key.clone());
        self.ids.insert(key, id);
        id
    }

    /// The id of `node` with the type `ty`, if it was added before.
    pub fn find(&self, node: Node, ty: Type) -> Option<ExprId> {
        self.ids.get(&(node, ty)).copied()
    }

    /// How many expressions there are; ids run below this.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// `roots` and all expressions below them.
    pub fn reachable(&self, roots: &[ExprId]) -> BTreeSet<ExprId> {
        let mut found = BTreeSet::new();
        let mut open = roots.to_vec();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.node(id).children());
            }
        }
        found
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node of an expression.
    #[expect(
        clippy::indexing_slicing,
        reason = "an ExprId is only made by `add` and nodes are never removed"
    )]
    pub fn node(&self, id: ExprId) -> &Node {
        &self.nodes[id.index()].0
    }

    /// The type of an expression.
    #[expect(
        clippy::indexing_slicing,
        reason = "an ExprId is only made by `add` and nodes are never removed"
    )]
    pub fn ty(&self, id: ExprId) -> &Type {
        &self.nodes[id.index()].1
    }

    /// A constant of the type `ty`.
    pub fn constant(&mut self, value: Value, ty: Type) -> ExprId {
        self.add(Node::Const(Constant(value)), ty)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) -> ExprId {
        self.constant(Value::Bool(value), Type::Bool)
    }

    /// Whether an expression is the constant true.
    pub fn is_true(&self, id: ExprId) -> bool {
        self.as_const(id) == Some(&Value::Bool(true))
    }

    /// An operator of a Boolean result.
    pub fn call_bool(&mut self, op: Op, operands: &[ExprId]) -> ExprId {
        self.add(Node::Call(op, operands.into()), Type::Bool)
    }

    /// An operator with a result of the type `ty`.
    pub fn call(&mut self, op: Op, operands: &[ExprId], ty: Type) -> ExprId {
        self.add(Node::Call(op, operands.into()), ty)
    }

    /// The value of a constant expression.
    pub fn as_const(&self, id: ExprId) -> Option<&Value> {
        match self.node(id) {
            Node::Const(constant) => Some(&constant.0),
            _ => None,
        }
    }

    /// What an expression may come out as: the arms of conditions.
    pub fn outcomes(&self, id: ExprId) -> Vec<ExprId> {
        match self.node(id) {
            Node::Call(Op::If, operands) => {
                let arms = operands.iter().skip(1);
                arms.flat_map(|arm| self.outcomes(*arm)).collect()
            }
            _ => vec![id],
        }
    }

    /// The expression at `position` below `root`.
    pub fn at(&self, root: ExprId, position: &Position) -> Option<ExprId> {
        position.steps().iter().try_fold(root, |id, step| {
            self.node(id).children().get(usize::from(*step)).copied()
        })
    }

    /// `root` with the expression at `position` replaced; the spine above is
    /// rebuilt in the arena, so that equal results have equal ids.
    pub fn replace(&mut self, root: ExprId, position: &Position, new: ExprId) -> ExprId {
        self.replace_below(root, position.steps(), new)
    }

    fn replace_below(&mut self, id: ExprId, steps: &[u16], new: ExprId) -> ExprId {
        let Some((step, rest)) = steps.split_first() else {
            return new;
        };
        let mut children = self.node(id).children();
        let Some(child) = children.get_mut(usize::from(*step)) else {
            return id;
        };
        *child = self.replace_below(*child, rest, new);
        let node = self.node(id).with_children(&children);
        let ty = self.ty(id).clone();
        self.add(node, ty)
    }

    /// Every position below `root`, itself first, in pre-order.
    pub fn positions(&self, root: ExprId) -> Vec<(Position, ExprId)> {
        let mut found = Vec::new();
        self.walk(root, &mut Position::default(), &mut found);
        found
    }

    fn walk(&self, id: ExprId, position: &mut Position, found: &mut Vec<(Position, ExprId)>) {
        found.push((position.clone(), id));
        for (index, child) in (0_u16..).zip(self.node(id).children()) {
            position.0.push(index);
            self.walk(child, position, found);
            position.0.pop();
        }
    }
}

/// A place in an expression: which operand to follow, from the root down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(Vec<u16>);

impl Position {
    /// The operand indexes from the root.
    pub fn steps(&self) -> &[u16] {
        &self.0
    }

    /// The position of an operand.
    pub fn child(&self, index: u16) -> Self {
        let mut steps = self.0.clone();
        steps.push(index);
        Self(steps)
    }

    /// This position, seen from a root above: `prefix` leads to its root.
    pub fn below(&self, prefix: &Position) -> Self {
        Self([prefix.steps(), self.steps()].concat())
    }

    /// Whether `self` lies at or below `other`.
    pub fn is_within(&self, other: &Position) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl FromIterator<u16> for Position {
    fn from_iter<I: IntoIterator<Item = u16>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}
