//! One expression of the model with what generators want to know of it.

use super::defnames::DefNames;
use super::edit::Edit;
use super::limits::Limit;
use super::{FaultClass, OmittedPaths};
use crate::document::Schemas;
use crate::expr::{Arena, ExprId, Node, Op, Position, ResourceName, Type, print};
use crate::model::{
    Attribute, Baseline, Clock, EXISTS, Model, OperationRef, Place, Relation, Resource, ResourceRef,
};

/// The longest text that words quote whole.
const LONGEST_QUOTE: usize = 90;

/// The expression at one place, and its surroundings.
pub(super) struct Scene<'m> {
    /// All expressions.
    pub arena: &'m mut Arena,
    /// All schemas.
    pub schemas: &'m Schemas,
    /// All resources.
    pub resources: &'m [Resource],
    /// The server's clock.
    pub clock: &'m Clock,
    /// The place.
    pub place: Place,
    /// The right expression there.
    pub root: ExprId,
    /// The type that the value must have.
    pub ty: Type,
    /// Whether an undefined rule refuses.
    pub undefined_rejects: bool,
    /// Whether the server tells null from absent.
    pub nulls_distinct: bool,
    /// What is ensured of an answer, if that is what this is.
    pub ensured: Option<(String, Relation)>,
    /// For a rule that authors wrote: what else its operation computes: other
    /// rules, changes and first values. For repeats that are known before other
    /// rules are looked at: these, as far as they are about one request.
    pub beside: Option<Vec<ExprId>>,
    /// Attributes that rules keep at or below others; see [`super::limits`].
    pub limits: &'m [Limit],
    /// For a rule: the baselines of its operation.
    pub baselines: &'m [Baseline],
    names: Vec<ResourceName>,
    defs: DefNames,
    nodes: Vec<(Position, ExprId)>,
    /// The resource that the request makes of whose answer this speaks.
    made: Option<ResourceRef>,
    /// The attribute whose value this is; of a change also by which operation.
    target: Option<(ResourceRef, usize, Option<String>)>,
}

impl<'m> Scene<'m> {
    /// The expression at `place`.
    pub fn new(model: &'m mut Model, place: Place, limits: &'m [Limit]) -> Self {
        let root = model.expression(place).0;
        let target = target(model, place);
        let ty = match &target {
            _ if place.is_whether() => Type::Bool,
            None if matches!(place, Place::Ensure(..)) => model.arena.ty(root).clone(),
            None => Type::Bool,
            Some((resource, index, _)) => attribute(model.resource(*resource), *index)
                .map_or_else(|| model.arena.ty(root).clone(), |found| found.ty.clone()),
        };
        let undefined_rejects = match place {
            Place::Rule(rule) => model.rule(rule).undefined_rejects,
            Place::Init(..)
            | Place::Set(..)
            | Place::Everywhere(..)
            | Place::Refused(..)
            | Place::Repeated(..)
            | Place::Kept(..)
            | Place::Counted(_)
            | Place::Same(_)
            | Place::Replay(_)
            | Place::Ensure(..) => false,
        };
        let made = made_by(model, place);
        let beside = beside(model, place);
        let asked = asked(model, place);
        let ensured = model.ensured(place);
        let ensured = ensured.map(|own| (own.place(), own.relation));
        Self {
            names: model.resource_names(),
            defs: DefNames::of(model, place),
            nodes: model.arena.positions(root),
            arena: &mut model.arena,
            schemas: &model.schemas,
            resources: &model.resources,
            clock: &model.clock,
            place,
            root,
            ty,
            undefined_rejects,
            nulls_distinct: model.nulls_distinct,
            beside,
            limits,
            baselines: asked
                .and_then(|asked| model.operations.get(asked.0 as usize))
                .map_or(&[], |asked| asked.baselines.as_slice()),
            made,
            ensured,
            target,
        }
    }

    /// Whether the value is all that stands at its place in the answer.
    pub fn determines(&self) -> bool {
        let ensured = self.ensured.as_ref();
        ensured.is_none_or(|(_, relation)| relation.determines())
    }

    /// Whether a position lies in what says when something is ensured.
    pub fn is_in_guard(&self, position: &Position) -> bool {
        let is_guarded = matches!(self.arena.node(self.root), Node::Call(Op::Where, _));
        is_guarded && position.steps().first() == Some(&0)
    }

    /// Whether the request of whose answer this speaks makes that resource.
    pub fn makes(&self, resource: ResourceRef) -> bool {
        self.made == Some(resource)
    }

    /// Whether this is a rule.
    pub fn is_rule(&self) -> bool {
        matches!(self.place, Place::Rule(_))
    }

    /// The resource and attribute whose value this is, unless it's a rule.
    pub fn attribute(&self) -> Option<(ResourceRef, &'m Attribute)> {
        let (reference, index, _) = self.target.as_ref()?;
        let resource = self.resources.get(reference.0 as usize)?;
        Some((*reference, attribute(resource, *index)?))
    }

    /// Whether the value says if a resource exists.
    pub fn is_existence(&self) -> bool {
        let attribute = self.attribute();
        attribute.is_some_and(|(_, attribute)| attribute.name == EXISTS)
    }

    /// Whether a view shows the attribute, for a first value or a change.
    pub fn is_shown(&self) -> bool {
        let target = self.target.as_ref();
        target.is_some_and(|(reference, index, _)| {
            let resource = self.resources.get(reference.0 as usize);
            let view = resource.and_then(|resource| resource.view.as_ref());
            let mut shown = view.into_iter().flat_map(|view| &view.shown);
            shown.any(|own| own.attribute == *index)
        })
    }

    /// `payment.refunded`, for a first value or a change.
    pub fn attribute_name(&self) -> String {
        let name = self.attribute().and_then(|(reference, attribute)| {
            let resource = self.resources.get(reference.0 as usize)?;
            Some(format!("{}.{}", resource.name, attribute.name))
        });
        name.unwrap_or_default()
    }

    /// Every position with its expression, in pre-order.
    pub fn nodes(&self) -> Vec<(Position, ExprId)> {
        self.nodes.clone()
    }

    /// The calls of an operator that `wanted` picks, with their operands.
    pub fn calls(&self, wanted: impl Fn(Op) -> bool) -> Vec<(Position, Op, Box<[ExprId]>)> {
        let call = |(position, id): &(Position, ExprId)| match self.arena.node(*id) {
            Node::Call(op, operands) if wanted(*op) => {
                Some((position.clone(), *op, operands.clone()))
            }
            _ => None,
        };
        self.nodes.iter().filter_map(call).collect()
    }

    /// The expression at `position`.
    pub fn at(&self, position: &Position) -> ExprId {
        self.arena.at(self.root, position).unwrap_or(self.root)
    }

    /// The expression above `position`.
    pub fn parent(&self, position: &Position) -> Option<(Position, ExprId)> {
        let (_, above) = position.steps().split_last()?;
        let above: Position = above.iter().copied().collect();
        let id = self.at(&above);
        Some((above, id))
    }

    /// The positions of the folds whose body `position` stands in: expressions
    /// mean the same at two positions of one context.
    pub fn context(&self, position: &Position) -> Vec<Position> {
        let steps = position.steps();
        let mut found = Vec::new();
        for (length, step) in steps.iter().enumerate() {
            let above: Position = steps.iter().take(length).copied().collect();
            let is_fold = matches!(self.arena.node(self.at(&above)), Node::Fold(..));
            if is_fold && *step == 1 {
                found.push(above);
            }
        }
        found
    }

    /// The text of an expression in backticks, shortened where it is long.
    pub fn quote(&self, id: ExprId) -> String {
        let text = self.text(id);
        if text.chars().count() <= LONGEST_QUOTE {
            return format!("`{text}`");
        }
        let half = LONGEST_QUOTE / 2;
        let start: String = text.chars().take(half).collect();
        let skipped = text.chars().count() - half;
        let end: String = text.chars().skip(skipped).collect();
        format!("`{start}…{end}`")
    }

    /// How long the text of an expression is, in characters.
    pub fn length(&self, id: ExprId) -> usize {
        self.text(id).chars().count()
    }

    /// The text of an expression, with definitions by their names.
    fn text(&self, id: ExprId) -> String {
        let text = print(self.arena, id, &self.names);
        self.defs.shorten(text)
    }

    /// "the rule says" or "the change says".
    pub fn says(&self) -> &'static str {
        match self.place {
            Place::Rule(_)
            | Place::Same(_)
            | Place::Counted(_)
            | Place::Replay(_)
            | Place::Ensure(..) => "the rule says",
            Place::Init(..) => "the first value says",
            Place::Set(..)
            | Place::Everywhere(..)
            | Place::Refused(..)
            | Place::Repeated(..)
            | Place::Kept(..) => "the change says",
        }
    }

    /// An edit with one change; `None` where the new expression is no fit for
    /// the position by its type.
    pub fn edit(
        &self,
        class: FaultClass,
        position: &Position,
        new: ExprId,
        variant: impl Into<String>,
        words: impl Into<String>,
    ) -> Option<Edit> {
        let expected = if position.steps().is_empty() {
            &self.ty
        } else {
            self.arena.ty(self.at(position))
        };
        fits(expected, self.arena.ty(new)).then(|| Edit {
            class,
            at: position.clone(),
            changes: vec![(position.clone(), new)],
            variant: variant.into(),
            words: words.into(),
            about: None,
        })
    }
}

/// See [`Scene::beside`].
fn beside(model: &Model, place: Place) -> Option<Vec<ExprId>> {
    let (Place::Rule(own) | Place::Replay(own)) = place else {
        return None;
    };
    let rule = model.rule(own);
    let operation = model.operation(rule.operation);
    let others = operation.rules.iter().filter(|rule| **rule != own);
    let others = others.filter(|rule| model.rule(**rule).ensures.is_empty());
    if let Place::Replay(_) = place {
        let across = rule.across.as_ref();
        let replay = across.and_then(|across| across.replay.as_ref());
        let single = others.filter(|rule| model.rule(**rule).across.is_none());
        let single = single.map(|rule| model.rule(*rule).expr);
        return replay
            .is_some_and(|own| own.is_first)
            .then(|| single.collect());
    }
    if rule.is_derived || !rule.ensures.is_empty() {
        return None;
    }
    let others = others.map(|rule| model.rule(*rule).expr);
    let changes = operation.changes.iter().map(|change| change.expr);
    let made = operation.creates.map(|made| model.resource(made));
    let made = made.into_iter().flat_map(|made| &made.attributes);
    let first = made.map(|attribute| attribute.init);
    Some(others.chain(changes).chain(first).collect())
}

/// The operation of a rule.
fn asked(model: &Model, place: Place) -> Option<OperationRef> {
    match place {
        Place::Rule(rule) => Some(model.rule(rule).operation),
        _ => None,
    }
}

/// The resource that the request makes of whose answer the expression at `place`
/// speaks, unless it is about another one of that kind.
fn made_by(model: &Model, place: Place) -> Option<ResourceRef> {
    let Place::Ensure(rule, _) = place else {
        return None;
    };
    let operation = model.operation(model.rule(rule).operation);
    let is_bound = |made: &ResourceRef| {
        let mut binds = operation.binds.iter();
        binds.any(|bind| bind.resource == *made)
    };
    operation.creates.filter(|made| !is_bound(made))
}

/// Whether a value of the type `found` may stand where `expected` is.
pub(super) fn fits(expected: &Type, found: &Type) -> bool {
    *found != Type::Null && expected.join(found).as_ref() == Some(expected)
}

/// The readable id of a first value or a change.
pub(super) fn state_name(model: &Model, place: Place) -> String {
    let Some((reference, index, operation)) = target(model, place) else {
        return String::new();
    };
    let resource = model.resource(reference);
    let attribute = attribute(resource, index).map_or("", |found| &found.name);
    let suffix = operation.map(|id| format!("@{id}")).unwrap_or_default();
    match place {
        Place::Kept(..) => format!("{}{suffix}", resource.name),
        _ => format!("{}.{attribute}{suffix}", resource.name),
    }
}

fn target(model: &Model, place: Place) -> Option<(ResourceRef, usize, Option<String>)> {
    let (resource, index) = model.written_at(place)?;
    let operation = match place {
        Place::Set(operation, _)
        | Place::Everywhere(operation, _)
        | Place::Refused(operation, _)
        | Place::Repeated(operation, _)
        | Place::Kept(operation, _) => Some(model.operation(operation).id.clone()),
        Place::Rule(_)
        | Place::Init(..)
        | Place::Counted(_)
        | Place::Same(_)
        | Place::Replay(_)
        | Place::Ensure(..) => None,
    };
    Some((resource, index, operation))
}

fn attribute(resource: &Resource, index: usize) -> Option<&Attribute> {
    resource.attributes.get(index)
}

/// Rules whose paths were omitted, as the list reports them.
pub(super) fn omitted(place: Place, omitted: u64) -> Option<OmittedPaths> {
    match place {
        Place::Rule(rule) if omitted > 0 => Some(OmittedPaths { rule, omitted }),
        _ => None,
    }
}
