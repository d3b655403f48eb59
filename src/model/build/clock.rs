//! Which times are counted from the moment of a test.
//!
//! Nobody knows when a test runs. For the verdict on a case to be the same at
//! any moment, all times that rules compare with `now`, with each other or
//! with what earlier requests left move along with it: expressions may only
//! compare them, take their differences and add durations, which moving them
//! all together doesn't change. What else is asked of them (the hour, a
//! comparison with a fixed moment) needs a clock that tests can set.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::document::SchemaId;
use crate::expr::{ExprId, Fold, Node, Op, Position, Root, TextOp, TextView, TimePart, Type};
use crate::model::{Anchor, Clock, Model, Place};
use crate::rulefile::{self, ClockKind};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::text::{Taste, TextSet};
use crate::value::Value;
use crate::value::time::{DAY, SECOND, parse_date, parse_time};
use crate::value::writings::written_like;

/// What a time comes from. What can be asked of the first is least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// The clock.
    Now,
    /// An attribute of a resource.
    Attribute(u32, Arc<str>),
    /// A member of an object, by the object's schema.
    Member(SchemaId, Arc<str>),
    /// What doesn't move: a constant, a text that is put together, a field whose
    /// schema lists what it may be.
    Fixed,
}

/// What an expression gives, as far as times matter.
#[derive(Clone, Debug)]
enum Kind {
    Moment(Source),
    /// A list or a map.
    List(Box<Kind>),
    Other,
}

/// Where something is said of times.
type At = (Place, Position);

/// A part of a time that is asked for.
struct Asked {
    source: Source,
    is_of_week: bool,
    zone: String,
    at: At,
}

struct Survey<'m> {
    model: &'m Model,
    place: Place,
    items: Vec<Kind>,
    /// Times that are compared with each other.
    ties: Vec<(Source, Source, At)>,
    /// Times of which more is asked.
    looks: Vec<(Source, At)>,
    reads_now: bool,
    /// Days among the sources.
    days: BTreeSet<Source>,
    /// Hours and weekdays of times of requests.
    asked: Vec<Asked>,
    /// Objects that are compared with others than of their own schema.
    wholes: Vec<(SchemaId, At)>,
}

/// The clock of a model, without the moment that `now` stands for, and what
/// rules ask of it that tests can't know.
pub(super) fn clock(model: &Model, declared: Option<&rulefile::Clock>) -> (Clock, Diagnostics) {
    let mut findings = Diagnostics::new();
    if let Some(ClockKind::Fixed(at)) = declared.map(|own| &own.kind) {
        return (Clock::fixed(at.value), findings);
    }
    let mut survey = Survey {
        model,
        place: Place::Rule(crate::model::RuleRef(0)),
        items: Vec::new(),
        ties: Vec::new(),
        looks: Vec::new(),
        reads_now: false,
        days: BTreeSet::new(),
        asked: Vec::new(),
        wholes: Vec::new(),
    };
    for place in model.places() {
        survey.place(place);
    }
    if !survey.reads_now {
        return (Clock::fixed(0), findings);
    }
    let moving = survey.moving();
    for (a, b, at) in &survey.ties {
        if (*a == Source::Fixed && moving.contains(b))
            || (*b == Source::Fixed && moving.contains(a))
        {
            let words = "compares a time that moves with `now` with one that doesn't (a constant, \
                         a text that is put together, a field with an `enum` or a `pattern`)";
            findings.push(survey.finding(at, words));
        }
    }
    findings.extend(standing(model, &moving));
    for (source, at) in &survey.looks {
        if moving.contains(source) {
            let words = "asks more of a time that moves with `now` than how far it is from others";
            findings.push(survey.finding(at, words));
        }
    }
    let anchor = survey.anchor(&moving).unwrap_or_else(|at| {
        let words = "asks for the hour in another time zone than other rules, of a time that \
                     moves with `now`";
        findings.push(survey.finding(at, words));
        Anchor::Moment
    });
    let members = moving.iter().filter_map(|source| match source {
        Source::Member(schema, key) => Some((*schema, key.clone())),
        _ => None,
    });
    let anchored: BTreeSet<(SchemaId, Arc<str>)> = members.collect();
    for (schema, at) in &survey.wholes {
        let parts = model.schemas.reachable(*schema);
        if anchored.iter().any(|(own, _)| parts.contains(own)) {
            let words = "compares an object with times that move with `now` as a whole";
            findings.push(survey.finding(at, words));
        }
    }
    let tolerance = declared.map_or(rulefile::Clock::TOLERANCE, |own| own.tolerance);
    let mut clock = Clock::running(tolerance, anchor, anchored);
    if let Some(ClockKind::Running {
        examples: Some(examples),
    }) = declared.map(|own| &own.kind)
    {
        clock.is_declared = true;
        clock.set(examples.value);
    }
    (clock, findings)
}

/// What is there before and has a time where times move along with `now`: that one
/// doesn't.
fn standing(model: &Model, moving: &BTreeSet<Source>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for there in &model.existing {
        for (name, value) in &there.attributes {
            let source = Source::Attribute(there.resource.0, name.as_ref().into());
            let is_time = match value {
                Value::Time(_) => true,
                Value::String(text) => parse_date(text).or_else(|| parse_time(text)).is_some(),
                _ => false,
            };
            if is_time && moving.contains(&source) {
                let message = format!(
                    "`{name}` of `{}` stays as it is, and rules compare it with times that move \
                     with `now`: what they say depends on when the tests run",
                    there.name
                );
                findings.push(needs_clock(message, there.span));
            }
        }
    }
    findings
}

fn needs_clock(message: String, at: Span) -> Diagnostic {
    Diagnostic::error(Code::NeedsClock, message)
        .at(at, "needs a clock that tests know")
        .help(
            "for a server whose clock stands still, say at what moment: \
             `clock: {fixed: 2030-01-01T12:00:00Z}`; for one that takes it from the request, in \
             which header: `clock: {header: X-Date}`; for one that an operation sets, by which: \
             `clock: {set: setClock}`",
        )
}

impl Survey<'_> {
    fn place(&mut self, place: Place) {
        self.place = place;
        let (root, _) = self.model.expression(place);
        let kind = self.visit(root, &Position::default());
        if let (Some(target), Kind::Moment(source)) = (self.target(place), kind) {
            self.ties
                .push((target, source, (place, Position::default())));
        }
    }

    /// The attribute that an expression becomes the value of.
    fn target(&self, place: Place) -> Option<Source> {
        let (resource, index) = self.model.written_at(place)?;
        let attribute = self.model.resource(resource).attributes.get(index)?;
        Some(Source::Attribute(
            resource.0,
            attribute.name.as_str().into(),
        ))
    }

    fn visit(&mut self, id: ExprId, at: &Position) -> Kind {
        match self.visited(id, at) {
            Kind::Other if *self.model.arena.ty(id) == Type::Time => Kind::Moment(Source::Fixed),
            kind => kind,
        }
    }

    fn visited(&mut self, id: ExprId, at: &Position) -> Kind {
        match self.model.arena.node(id).clone() {
            Node::Const(_) => self.constant(id),
            Node::Root(Root::Now) => {
                self.reads_now = true;
                Kind::Moment(Source::Now)
            }
            Node::Root(_) => Kind::Other,
            Node::Item { depth, .. } => {
                let index = self.items.len().checked_sub(depth as usize + 1);
                let item = index.and_then(|index| self.items.get(index));
                item.cloned().unwrap_or(Kind::Other)
            }
            Node::Get(base, key) => {
                let found = self.visit(base, &at.child(0));
                self.member(id, base, &key).unwrap_or(match found {
                    // The entry of a map literal.
                    Kind::List(entry) => *entry,
                    _ => Kind::Other,
                })
            }
            Node::Has(base, _) => {
                self.visit(base, &at.child(0));
                Kind::Other
            }
            Node::Fold(fold, list, body) => {
                let list = self.visit(list, &at.child(0));
                self.items.push(entry(&list));
                let body = self.visit(body, &at.child(1));
                self.items.pop();
                match fold {
                    Fold::Filter => list,
                    Fold::Map | Fold::MapPresent => Kind::List(Box::new(body)),
                    Fold::All | Fold::Exists | Fold::ExistsOne => Kind::Other,
                }
            }
            Node::List(_) | Node::Map(_) => {
                let parts = self.operands(id, at);
                Kind::List(Box::new(self.tied(parts, at)))
            }
            Node::Call(op, _) => self.call(id, op, at),
        }
    }

    fn operands(&mut self, id: ExprId, at: &Position) -> Vec<Kind> {
        let children = (0..).zip(self.model.arena.node(id).children());
        children
            .map(|(index, child)| self.visit(child, &at.child(index)))
            .collect()
    }

    /// A constant moment, or a text that may name one.
    fn constant(&self, id: ExprId) -> Kind {
        match self.model.arena.ty(id) {
            Type::Time | Type::String(_) => Kind::Moment(Source::Fixed),
            Type::List(_) | Type::Map(_) => Kind::List(Box::new(Kind::Moment(Source::Fixed))),
            _ => Kind::Other,
        }
    }

    /// A member that holds times, or lists of them.
    fn member(&mut self, id: ExprId, base: ExprId, key: &Arc<str>) -> Option<Kind> {
        let source = match self.model.arena.ty(base) {
            Type::Object(schema) => Source::Member(*schema, key.clone()),
            Type::Resource(index) => Source::Attribute(*index, key.clone()),
            _ => return None,
        };
        let schema = self.model.schema_read(id);
        let source = match schema.is_some_and(|schema| self.lists_times(schema)) {
            true => Source::Fixed,
            false => source,
        };
        self.held(self.model.arena.ty(id), &source)
    }

    /// Whether a schema, or that of its items, allows certain times only.
    fn lists_times(&self, schema: SchemaId) -> bool {
        let found = self.model.schemas.get(schema);
        let is_listed = found.enumeration.is_some()
            || (!found.patterns.is_empty() && !moves_freely(&found.text_set()));
        is_listed || found.items.is_some_and(|items| self.lists_times(items))
    }

    fn held(&mut self, ty: &Type, source: &Source) -> Option<Kind> {
        match ty {
            Type::List(item) => Some(Kind::List(Box::new(self.held(item, source)?))),
            Type::String(TextView::Date) => {
                self.days.insert(source.clone());
                Some(Kind::Moment(source.clone()))
            }
            Type::String(TextView::DateTime) | Type::Time => Some(Kind::Moment(source.clone())),
            _ => None,
        }
    }

    fn call(&mut self, id: ExprId, op: Op, at: &Position) -> Kind {
        if let Some(day) = self.built_of_day(id, op, at) {
            return day;
        }
        let parts = self.operands(id, at);
        match op {
            Op::Timestamp => parts.into_iter().next().unwrap_or(Kind::Other),
            Op::TimePart(part) => {
                for kind in &parts {
                    if let Kind::Moment(source) = kind {
                        self.part(id, part, source, at);
                    }
                }
                Kind::Other
            }
            Op::TimeAdd | Op::TimeSub => {
                let moment = parts
                    .into_iter()
                    .find(|part| matches!(part, Kind::Moment(_)));
                moment.unwrap_or(Kind::Other)
            }
            Op::If | Op::Where | Op::OrElse | Op::Min | Op::Max => {
                let parts = parts.iter();
                let parts = parts.skip(usize::from(matches!(op, Op::If | Op::Where)));
                let flat = parts.map(|part| match (op, part) {
                    (Op::Min | Op::Max, Kind::List(item)) => (**item).clone(),
                    (_, part) => part.clone(),
                });
                let flat = flat.collect();
                self.tied(flat, at)
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::In | Op::TimeDiff => {
                let parts: Vec<Kind> = parts.iter().map(innermost).collect();
                self.tied(parts, at);
                self.compared(id, at);
                Kind::Other
            }
            Op::Index => match parts.into_iter().next() {
                Some(Kind::List(item)) => *item,
                _ => Kind::Other,
            },
            Op::List(_) => {
                let parts = parts.iter().map(innermost).collect();
                let item = self.tied(parts, at);
                match self.model.arena.ty(id) {
                    Type::List(_) => Kind::List(Box::new(item)),
                    Type::Time | Type::String(_) => item,
                    _ => Kind::Other,
                }
            }
            Op::Size | Op::Not | Op::And | Op::Or | Op::Guard => Kind::Other,
            _ => {
                for part in &parts {
                    if let Kind::Moment(source) = innermost(part) {
                        self.looks.push((source, (self.place, at.clone())));
                    }
                }
                Kind::Other
            }
        }
    }

    /// Objects of one schema move alike, others need not.
    fn compared(&mut self, id: ExprId, at: &Position) {
        let arena = &self.model.arena;
        let operands = arena.node(id).children();
        let types = operands.iter().map(|operand| arena.ty(*operand));
        let objects = types.map(|ty| match ty {
            Type::List(item) => (**item).clone(),
            ty => ty.clone(),
        });
        let objects: BTreeSet<Type> = objects.filter(|ty| *ty != Type::Null).collect();
        if objects.len() > 1 {
            let at = (self.place, at.clone());
            let own = objects.iter().filter_map(|ty| match ty {
                Type::Object(schema) => Some((*schema, at.clone())),
                _ => None,
            });
            self.wholes.extend(own);
        }
    }

    /// `timestamp(date + 'T09:00:00Z')` moves along with the date.
    fn built_of_day(&mut self, id: ExprId, op: Op, at: &Position) -> Option<Kind> {
        let arena = &self.model.arena;
        let concat = *arena.node(id).children().first()?;
        let Node::Call(Op::Text(TextOp::Concat), parts) = arena.node(concat) else {
            return None;
        };
        let (first, rest) = parts.split_first()?;
        let is_day = *arena.ty(*first) == Type::String(TextView::Date);
        let is_constant = |id: &ExprId| arena.as_const(*id).is_some();
        if op != Op::Timestamp || !is_day || !rest.iter().all(is_constant) {
            return None;
        }
        let first = *first;
        Some(self.visit(first, &at.child(0).child(0)))
    }

    /// The hour of a time of the request stays as it is where that is counted
    /// from the start of a day, its weekday where it is from that of a week.
    fn part(&mut self, id: ExprId, part: TimePart, source: &Source, at: &Position) {
        let at = (self.place, at.clone());
        let is_of_week = part == TimePart::DayOfWeek;
        let is_counted = part.is_of_day() || is_of_week;
        if matches!(source, Source::Member(..))
            && is_counted
            && let Some(zone) = self.zone(id)
        {
            let asked = Asked {
                source: source.clone(),
                is_of_week,
                zone,
                at,
            };
            self.asked.push(asked);
        } else {
            self.looks.push((source.clone(), at));
        }
    }

    /// The zone of a part of a moment, if it is a constant.
    fn zone(&self, id: ExprId) -> Option<String> {
        let children = self.model.arena.node(id).children();
        let Some(zone) = children.get(1) else {
            return Some("UTC".to_owned());
        };
        let zone = self.model.arena.as_const(*zone)?.as_str()?;
        Some(zone.to_owned())
    }

    /// What the times that move have to be counted from; the place of a rule
    /// that doesn't fit in.
    fn anchor(&self, moving: &BTreeSet<Source>) -> Result<Anchor, &At> {
        let asked = self.asked.iter();
        let asked: Vec<&Asked> = asked.filter(|own| moving.contains(&own.source)).collect();
        let Some(first) = asked.first() else {
            let reads_days = self.days.iter().any(|day| moving.contains(day));
            let day = || Anchor::Day("UTC".to_owned());
            return Ok(if reads_days { day() } else { Anchor::Moment });
        };
        if let Some(other) = asked.iter().find(|own| own.zone != first.zone) {
            return Err(&other.at);
        }
        let zone = first.zone.clone();
        let is_of_week = asked.iter().any(|own| own.is_of_week);
        Ok(if is_of_week {
            Anchor::Week(zone)
        } else {
            Anchor::Day(zone)
        })
    }

    /// Ties the moments among `parts` to each other; what one of them is.
    fn tied(&mut self, parts: Vec<Kind>, at: &Position) -> Kind {
        let mut moments = parts.iter().filter_map(|part| match part {
            Kind::Moment(source) => Some(source.clone()),
            _ => None,
        });
        let Some(first) = moments.next() else {
            let list = parts.into_iter().find(|part| matches!(part, Kind::List(_)));
            return list.unwrap_or(Kind::Other);
        };
        let mut least = first.clone();
        for other in moments {
            let tie = (first.clone(), other.clone(), (self.place, at.clone()));
            self.ties.push(tie);
            least = least.min(other);
        }
        Kind::Moment(least)
    }

    /// All that is tied to the clock.
    fn moving(&self) -> BTreeSet<Source> {
        let mut moving = BTreeSet::from([Source::Now]);
        loop {
            let before = moving.len();
            for (a, b, _) in &self.ties {
                if *a == Source::Fixed || *b == Source::Fixed {
                    continue;
                }
                if moving.contains(a) || moving.contains(b) {
                    moving.extend([a.clone(), b.clone()]);
                }
            }
            if moving.len() == before {
                return moving;
            }
        }
    }

    fn finding(&self, (place, position): &At, words: &str) -> Diagnostic {
        let span: Span = self.model.expression(*place).1.at(position).span;
        let message = format!("this {words}: what it says depends on when the tests run");
        needs_clock(message, span)
    }
}

/// Whether a time of the set, moved to other days, is one of the set: patterns
/// often say no more than the format does.
fn moves_freely(set: &TextSet) -> bool {
    let Ok(text) = set.nth(0, &Taste::default()) else {
        return false;
    };
    let Some(at) = parse_date(&text).or_else(|| parse_time(&text)) else {
        return false;
    };
    (0..OTHER_DAYS).all(|day| {
        let moved = written_like(at + day * (DAY + 3_607 * SECOND), &text);
        moved.is_some_and(|moved| set.contains(&moved))
    })
}

/// How many other days are tried: all of a year.
const OTHER_DAYS: i128 = 400;

/// What the items of a list are.
fn entry(kind: &Kind) -> Kind {
    match kind {
        Kind::List(item) => (**item).clone(),
        _ => Kind::Other,
    }
}

/// What stands in lists of lists.
fn innermost(kind: &Kind) -> Kind {
    match kind {
        Kind::List(item) => innermost(item),
        other => other.clone(),
    }
}
