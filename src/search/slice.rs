//! Slices: which rules of a plan's steps can matter to a question.
//!
//! Two expressions are connected when they read the same location, or
//! locations below one that may be absent, null or shorter. Whatever isn't
//! connected to the question stays as the baseline has it.

use std::collections::BTreeSet;

use super::plan::{Outcome, Plan};
use crate::document::JsonType;
use crate::expr::{ExprId, Fold, Node, Op, Root};
use crate::model::{EXISTS, Model, OperationRef, Place, ResourceRef, RuleRef};

/// What an expression reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// A location of the request; `*` stands for all items.
    Field(Vec<String>),
    /// A location of an earlier request.
    Earlier(Vec<String>),
    /// An attribute of a resource.
    Attribute(ResourceRef, String),
}

/// For each step of a plan, the rules that matter.
pub type Slice = Vec<BTreeSet<RuleRef>>;

/// Every rule of every step.
pub fn whole(model: &Model, plan: &Plan) -> Slice {
    let rules = |operation| model.operation(operation).rules.iter().copied().collect();
    plan.steps
        .iter()
        .map(|step| rules(step.operation))
        .collect()
}

/// The rules connected with `roots` (read at the last step) and with what
/// `places` hold.
pub fn connected(model: &Model, plan: &Plan, roots: &[ExprId], places: &[Place]) -> Slice {
    let mut slicer = Slicer {
        model,
        plan,
        reads: vec![BTreeSet::new(); plan.steps.len()],
        attributes: BTreeSet::new(),
        rules: vec![BTreeSet::new(); plan.steps.len()],
        is_state_asked: places.iter().any(|place| place.rule().is_none()),
    };
    if let Some(last) = plan.steps.len().checked_sub(1) {
        for root in roots {
            slicer.take(last, *root);
        }
    }
    for place in places {
        slicer.take_place(*place);
    }
    // Any rule may be the one that refuses, or that knows the repeat.
    for (rules, step) in slicer.rules.iter_mut().zip(&plan.steps) {
        if step.outcome != Outcome::New {
            rules.extend(&model.operation(step.operation).rules);
        }
    }
    slicer.take_shown(places);
    slicer.close();
    slicer.rules
}

struct Slicer<'a> {
    model: &'a Model,
    plan: &'a Plan,
    reads: Vec<BTreeSet<Vec<String>>>,
    attributes: BTreeSet<(ResourceRef, String)>,
    rules: Slice,
    /// Whether the question is about what a server remembers, which answers may
    /// show.
    is_state_asked: bool,
}

impl Slicer<'_> {
    fn operation(&self, step: usize) -> Option<OperationRef> {
        self.plan.steps.get(step).map(|step| step.operation)
    }

    fn take(&mut self, step: usize, expr: ExprId) {
        let Some(operation) = self.operation(step) else {
            return;
        };
        for read in reads(self.model, expr) {
            match read {
                Read::Field(path) => {
                    let key = anchor(self.model, operation, &path);
                    if let Some(reads) = self.reads.get_mut(step) {
                        reads.insert(key);
                    }
                }
                Read::Earlier(path) => self.take_earlier(step, &path),
                Read::Attribute(resource, name) => {
                    self.attributes.insert((resource, name));
                }
            }
        }
    }

    /// What a rule about several requests reads of those before `step`.
    fn take_earlier(&mut self, step: usize, path: &[String]) {
        for (earlier, planned) in self.plan.steps.iter().take(step).enumerate() {
            let key = anchor(self.model, planned.operation, path);
            if let Some(reads) = self.reads.get_mut(earlier) {
                reads.insert(key);
            }
        }
    }

    /// What belongs together, of a rule about several requests.
    fn take_across(&mut self, step: usize, rule: RuleRef) {
        if let Some(across) = &self.model.rule(rule).across {
            self.take(step, across.same);
        }
    }

    fn take_place(&mut self, place: Place) {
        match place {
            // It may read nothing that connects it.
            Place::Rule(rule)
            | Place::Same(rule)
            | Place::Counted(rule)
            | Place::Replay(rule)
            | Place::Ensure(rule, _) => {
                let last = self.plan.steps.len().checked_sub(1);
                let asked = last.and_then(|last| self.operation(last));
                if asked == Some(self.model.rule(rule).operation)
                    && let Some(rules) = self.rules.last_mut()
                {
                    rules.insert(rule);
                }
            }
            Place::Init(resource, index) => {
                let attributes = &self.model.resource(resource).attributes;
                if let Some(attribute) = attributes.get(index) {
                    self.attributes.insert((resource, attribute.name.clone()));
                }
            }
            Place::Set(..)
            | Place::Everywhere(..)
            | Place::Refused(..)
            | Place::Repeated(..)
            | Place::Kept(..) => {
                if let Some((resource, attribute)) = self.model.written_at(place) {
                    let attributes = &self.model.resource(resource).attributes;
                    if let Some(attribute) = attributes.get(attribute) {
                        self.attributes.insert((resource, attribute.name.clone()));
                    }
                }
            }
        }
    }

    /// What the last answer shows of the state that `places` get into.
    fn take_shown(&mut self, places: &[Place]) {
        let Some(last) = self.plan.steps.len().checked_sub(1) else {
            return;
        };
        let views = self.operation(last).into_iter();
        let mut views = views
            .flat_map(|operation| self.model.views_at(operation))
            .peekable();
        if views.peek().is_none() {
            return;
        }
        let reached = self.model.reached_by(places.iter().copied());
        let shown = views.flat_map(|(resource, view)| {
            let shown = view.shown.iter().map(|viewed| viewed.attribute);
            shown.map(move |attribute| (resource, attribute))
        });
        for (resource, attribute) in shown.filter(|shown| reached.contains(shown)) {
            let found = self.model.resource(resource).attributes.get(attribute);
            let name = found.map(|found| found.name.clone());
            self.attributes.extend(name.map(|name| (resource, name)));
        }
    }

    /// Grows until nothing more is connected.
    fn close(&mut self) {
        loop {
            let before = self.size();
            for step in 0..self.plan.steps.len() {
                self.grow(step);
            }
            if self.size() == before {
                return;
            }
        }
    }

    fn size(&self) -> (usize, usize, usize) {
        let count = |sets: &[BTreeSet<Vec<String>>]| sets.iter().map(BTreeSet::len).sum();
        let rules = self.rules.iter().map(BTreeSet::len).sum();
        (count(&self.reads), rules, self.attributes.len())
    }

    fn grow(&mut self, step: usize) {
        let Some(operation) = self.operation(step) else {
            return;
        };
        let model = self.model;
        let found = model.operation(operation);
        for rule in &found.rules {
            if model.rule(*rule).is_ensured() {
                self.grow_ensured(step, *rule);
                continue;
            }
            let expr = model.rule(*rule).expr;
            if self.touches(step, operation, expr) {
                self.take(step, expr);
                self.take_across(step, *rule);
                if let Some(rules) = self.rules.get_mut(step) {
                    rules.insert(*rule);
                }
            }
        }
        for change in &found.changes {
            let attributes = &model.resource(change.resource).attributes;
            let name = attributes.get(change.attribute).map(|a| a.name.clone());
            if name.is_some_and(|name| self.attributes.contains(&(change.resource, name))) {
                self.take(step, change.expr);
            }
        }
        if let Some(resource) = found.creates {
            for attribute in &model.resource(resource).attributes {
                let key = (resource, attribute.name.clone());
                if self.attributes.contains(&key) {
                    self.take(step, attribute.init);
                }
            }
        }
    }

    /// What an answer holds decides nothing by itself: it is only of interest
    /// where it shows what a server remembers.
    fn grow_ensured(&mut self, step: usize, rule: RuleRef) {
        let is_last = step + 1 == self.plan.steps.len();
        if !is_last || !self.is_state_asked {
            return;
        }
        let exprs = self.model.rule(rule).exprs();
        let mut read = exprs.iter().flat_map(|expr| reads(self.model, *expr));
        let shows = read.any(|read| match read {
            Read::Attribute(resource, name) => self.attributes.contains(&(resource, name)),
            Read::Field(_) | Read::Earlier(_) => false,
        });
        if !shows {
            return;
        }
        for expr in exprs {
            self.take(step, expr);
        }
        if let Some(rules) = self.rules.get_mut(step) {
            rules.insert(rule);
        }
    }

    fn touches(&self, step: usize, operation: OperationRef, expr: ExprId) -> bool {
        reads(self.model, expr).into_iter().any(|read| match read {
            Read::Field(path) => {
                let key = anchor(self.model, operation, &path);
                let known = self.reads.get(step);
                known.is_some_and(|known| {
                    known
                        .iter()
                        .any(|other| key.starts_with(other) || other.starts_with(&key))
                })
            }
            Read::Attribute(resource, name) => self.attributes.contains(&(resource, name)),
            Read::Earlier(_) => false,
        })
    }
}

/// The shortest part of a path at which presence, null or length is open:
/// whatever lies below is decided together.
fn anchor(model: &Model, operation: OperationRef, path: &[String]) -> Vec<String> {
    let mut schema = model.operation(operation).request;
    let mut anchor = Vec::new();
    for key in path {
        let found = model.schemas.get(schema);
        anchor.push(key.clone());
        let next = if key == "*" {
            found.items
        } else {
            model.schemas.property(schema, key)
        };
        let Some(next) = next else { break };
        let child = model.schemas.get(next);
        let is_open = !found.required.contains_key(key)
            || child.types.names(JsonType::Null)
            || child.types.names(JsonType::Array);
        if is_open {
            break;
        }
        schema = next;
    }
    anchor
}

/// The locations and attributes that an expression reads, the longest path of
/// each read only.
pub fn reads(model: &Model, expr: ExprId) -> BTreeSet<Read> {
    let mut reader = Reader {
        model,
        items: Vec::new(),
        found: BTreeSet::new(),
    };
    let path = reader.visit(expr);
    reader.note(path);
    reader.found
}

/// The path that an expression denotes, if it is one.
#[derive(Clone, Debug)]
enum Path {
    Request(Vec<String>),
    Earlier(Vec<String>),
    Resource(ResourceRef),
    /// All that there are.
    All(ResourceRef),
    None,
}

struct Reader<'a> {
    model: &'a Model,
    items: Vec<Path>,
    found: BTreeSet<Read>,
}

impl Reader<'_> {
    fn note(&mut self, path: Path) {
        match path {
            Path::Request(keys) => {
                self.found.insert(Read::Field(keys));
            }
            Path::Earlier(keys) => {
                self.found.insert(Read::Earlier(keys));
            }
            // How many there are depends on what was made and deleted.
            Path::All(resource) => {
                let read = Read::Attribute(resource, EXISTS.to_owned());
                self.found.insert(read);
            }
            Path::Resource(_) | Path::None => {}
        }
    }

    fn member(&mut self, base: ExprId, key: &str) -> Path {
        match self.visit(base) {
            Path::Request(mut keys) => {
                keys.push(key.to_owned());
                Path::Request(keys)
            }
            Path::Earlier(mut keys) => {
                keys.push(key.to_owned());
                Path::Earlier(keys)
            }
            Path::Resource(resource) => {
                let read = Read::Attribute(resource, key.to_owned());
                self.found.insert(read);
                Path::None
            }
            Path::All(_) | Path::None => Path::None,
        }
    }

    /// Notes what `id` reads; a path is left to the caller, who may go on.
    fn visit(&mut self, id: ExprId) -> Path {
        match self.model.arena.node(id).clone() {
            Node::Const(_) | Node::Root(Root::Now) => Path::None,
            Node::Root(Root::Request | Root::Sent) => Path::Request(Vec::new()),
            Node::Root(Root::Earlier(_)) => Path::Earlier(Vec::new()),
            Node::Root(Root::Resource(index) | Root::After(index) | Root::Old(index)) => {
                Path::Resource(ResourceRef(index))
            }
            Node::Root(Root::All(index)) => Path::All(ResourceRef(index)),
            Node::Item { depth, .. } => {
                let at = self.items.len().checked_sub(depth as usize + 1);
                at.and_then(|at| self.items.get(at).cloned())
                    .unwrap_or(Path::None)
            }
            Node::Get(base, key) => self.member(base, &key),
            Node::Has(base, key) => {
                let path = self.member(base, &key);
                self.note(path);
                Path::None
            }
            Node::Call(Op::Exists, operands) => {
                for of in &*operands {
                    self.member(*of, EXISTS);
                }
                Path::None
            }
            Node::Call(Op::Index, operands) => {
                let mut operands = operands.iter();
                let list = operands.next().map_or(Path::None, |list| self.visit(*list));
                for other in operands {
                    let path = self.visit(*other);
                    self.note(path);
                }
                each(list)
            }
            Node::Fold(fold, list, body) => {
                let list = self.visit(list);
                self.note(list.clone());
                self.items.push(each(list.clone()));
                let body = self.visit(body);
                self.note(body);
                self.items.pop();
                match fold {
                    Fold::Filter => list,
                    _ => Path::None,
                }
            }
            node @ (Node::Call(..) | Node::List(_) | Node::Map(_)) => {
                for child in node.children() {
                    let path = self.visit(child);
                    self.note(path);
                }
                Path::None
            }
        }
    }
}

fn each(list: Path) -> Path {
    match list {
        Path::Request(mut keys) => {
            keys.push("*".to_owned());
            Path::Request(keys)
        }
        Path::Earlier(mut keys) => {
            keys.push("*".to_owned());
            Path::Earlier(keys)
        }
        Path::All(resource) => Path::Resource(resource),
        other => other,
    }
}
