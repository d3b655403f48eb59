//! The resolution of comparisons: how far apart two neighbouring values are.

use num_traits::One;

use super::reads::schema_of;
use super::scene::Scene;
use crate::document::Schema;
use crate::expr::{Convert, ExprId, Fold, Node, Op, Root, TextView, Type};
use crate::value::time::{DAY, SECOND};
use crate::value::{Number, Value, decimal_places, power_of_ten, print_number, to_i64};

const HOUR: i128 = 3_600 * SECOND;

/// One step of a resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Of numbers.
    Number(Number),
    /// Of moments and durations, in nanoseconds.
    Nanos(i128),
}

impl Step {
    /// As words name it: `0.01`, "a day".
    pub fn words(&self) -> String {
        match self {
            Self::Number(step) => print_number(step),
            Self::Nanos(DAY) => "a day".to_owned(),
            Self::Nanos(HOUR) => "an hour".to_owned(),
            Self::Nanos(nanos) if nanos % DAY == 0 => format!("{} days", nanos / DAY),
            Self::Nanos(_) => "a second".to_owned(),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Number(step) => Value::Number(step.clone()),
            Self::Nanos(nanos) => Value::Duration(*nanos),
        }
    }
}

/// The step of a `number` without multipleOf.
fn cent() -> Number {
    Number::new(1.into(), 100.into())
}

/// 10 to the power of `-places`.
fn decimal_step(places: u32) -> Number {
    Number::new(1.into(), power_of_ten(places))
}

/// By how much the border between the two sides of a comparison can be off:
/// 1 where both are integers; a day where only dates are compared, else a
/// second (an hour or a day where one is `now`); of decimals the finest step among the fields and constants that
/// are added up to the two sides, else among all that they are made of.
pub(super) fn step_between(scene: &Scene<'_>, left: ExprId, right: ExprId) -> Option<Step> {
    let types = (scene.arena.ty(left), scene.arena.ty(right));
    match types {
        (Type::Int, Type::Int) => Some(Step::Number(Number::one())),
        (a, b) if a.is_number() && b.is_number() => {
            let steps = |products| {
                let mut found = Found::new(products);
                found.collect(scene, left);
                found.collect(scene, right);
                found.finest()
            };
            Some(Step::Number(
                steps(false).or_else(|| steps(true)).unwrap_or_else(cent),
            ))
        }
        (Type::Time | Type::Duration, Type::Time | Type::Duration) => {
            let sides = [left, right];
            if scene.clock.is_running && sides.iter().any(|side| reads_now(scene, *side)) {
                return Some(Step::Nanos(step_from_now(scene, sides)));
            }
            let days = sides.iter().all(|side| whole_days(scene, *side));
            let read = sides.iter().any(|side| reads_dates(scene, *side));
            Some(Step::Nanos(if days && read { DAY } else { SECOND }))
        }
        _ => None,
    }
}

/// Whether `id` is the number that a text names.
pub(super) fn reads_text(scene: &Scene<'_>, id: ExprId) -> bool {
    match scene.arena.node(id) {
        Node::Call(Op::Convert(Convert::Int | Convert::Decimal), of) => {
            let mut types = of.iter().map(|of| scene.arena.ty(*of));
            types.any(|ty| matches!(ty, Type::String(_)))
        }
        _ => false,
    }
}

/// One unit in the last place that the texts can have which `id` reads.
fn text_step(scene: &Scene<'_>, id: ExprId) -> Number {
    let children = scene.arena.node(id).children();
    let schema = children
        .first()
        .and_then(|text| schema_of(scene.arena, scene.schemas, *text));
    let places = schema.and_then(Schema::text_places);
    places.map_or_else(cent, decimal_step)
}

/// The step of one field, or of the number that its text names.
pub(super) fn field_step(scene: &Scene<'_>, id: ExprId) -> Option<Step> {
    let number = match scene.arena.ty(id) {
        Type::Decimal if reads_text(scene, id) => text_step(scene, id),
        Type::Int => Number::one(),
        Type::Decimal => multiple_of(scene, id).unwrap_or_else(cent),
        _ => return None,
    };
    Some(Step::Number(number))
}

fn multiple_of(scene: &Scene<'_>, id: ExprId) -> Option<Number> {
    let schema = schema_of(scene.arena, scene.schemas, id)?;
    schema
        .multiple_of
        .as_ref()
        .map(|multiple| multiple.value.clone())
}

/// `id` moved by one step: a constant is replaced, anything else gets a term.
pub(super) fn shifted(scene: &mut Scene<'_>, id: ExprId, step: &Step, up: bool) -> ExprId {
    let ty = scene.arena.ty(id).clone();
    let moved = match (scene.arena.as_const(id), step) {
        (Some(Value::Number(number)), Step::Number(step)) => Some(Value::Number(if up {
            number + step
        } else {
            number - step
        })),
        (Some(Value::Time(at)), Step::Nanos(step)) => {
            Some(Value::Time(if up { at + step } else { at - step }))
        }
        (Some(Value::Duration(long)), Step::Nanos(step)) => {
            Some(Value::Duration(if up { long + step } else { long - step }))
        }
        _ => None,
    };
    if let Some(value) = moved {
        let ty = number_type(&value, ty);
        return scene.arena.constant(value, ty);
    }
    let value = step.value();
    let step_type = match step {
        Step::Number(_) => number_type(&value, Type::Int),
        Step::Nanos(_) => Type::Duration,
    };
    let by = scene.arena.constant(value, step_type.clone());
    let op = match (&ty, up) {
        (Type::Time, true) => Op::TimeAdd,
        (Type::Time, false) => Op::TimeSub,
        (Type::Duration, true) => Op::DurationAdd,
        (Type::Duration, false) => Op::DurationSub,
        (_, true) => Op::Add,
        (_, false) => Op::Sub,
    };
    let ty = if ty.is_number() {
        ty.join(&step_type).unwrap_or(ty)
    } else {
        ty
    };
    scene.arena.call(op, &[id, by], ty)
}

/// An integer that became a fraction is a decimal.
fn number_type(value: &Value, ty: Type) -> Type {
    match value {
        Value::Number(number) if !number.is_integer() => Type::Decimal,
        _ => ty,
    }
}

/// Gathers the steps of what a number is made of.
struct Found {
    fields: Vec<Number>,
    constants: Vec<Number>,
    /// Whether to look into products and quotients, whose steps are finer
    /// than those of the results that people write.
    products: bool,
}

impl Found {
    fn new(products: bool) -> Self {
        Self {
            fields: Vec::new(),
            constants: Vec::new(),
            products,
        }
    }

    /// The finest step; constants alone say nothing.
    fn finest(self) -> Option<Number> {
        let fields = self.fields.into_iter().min()?;
        Some(self.constants.into_iter().fold(fields, Ord::min))
    }

    fn collect(&mut self, scene: &Scene<'_>, id: ExprId) {
        match scene.arena.node(id) {
            Node::Const(constant) => self.constant(&constant.0),
            Node::Get(..) | Node::Item { .. } => self.field(scene, id),
            Node::Call(op, operands) => self.call(scene, id, *op, operands),
            Node::Fold(Fold::Map | Fold::MapPresent, _, body) => self.collect(scene, *body),
            Node::Fold(_, list, _) => self.collect(scene, *list),
            Node::List(items) => items.iter().for_each(|item| self.collect(scene, *item)),
            Node::Map(entries) => entries.iter().for_each(|(_, v)| self.collect(scene, *v)),
            Node::Root(_) | Node::Has(..) => {}
        }
    }

    fn constant(&mut self, value: &Value) {
        let places = value.as_number().and_then(decimal_places);
        self.constants
            .extend(places.filter(|places| *places > 0).map(decimal_step));
    }

    fn field(&mut self, scene: &Scene<'_>, id: ExprId) {
        if let Type::List(_) = scene.arena.ty(id) {
            let schema = schema_of(scene.arena, scene.schemas, id);
            let items = schema.and_then(|schema| schema.items);
            let items = items.map(|items| scene.schemas.get(items));
            let step = items.and_then(|items| items.multiple_of.as_ref());
            self.fields.extend(step.map(|step| step.value.clone()));
        } else if let Some(Step::Number(step)) = field_step(scene, id) {
            self.fields.push(step);
        }
    }

    fn call(&mut self, scene: &Scene<'_>, id: ExprId, op: Op, operands: &[ExprId]) {
        let all = |this: &mut Self| operands.iter().for_each(|o| this.collect(scene, *o));
        match (op, operands) {
            _ if reads_text(scene, id) => self.field(scene, id),
            (Op::Round(_), [_, digits]) => {
                let digits = scene.arena.as_const(*digits).and_then(Value::as_number);
                let places = digits.and_then(to_i64).and_then(|n| u32::try_from(n).ok());
                self.fields.push(places.map_or_else(cent, decimal_step));
            }
            (Op::If, [_, yes, no]) => [yes, no].iter().for_each(|arm| self.collect(scene, **arm)),
            (Op::Index, [list, _]) => self.collect(scene, *list),
            (Op::Mul | Op::Div, _) if self.products => all(self),
            (Op::Mul | Op::Div, _) => {}
            _ if *scene.arena.ty(id) == Type::Int => self.fields.push(Number::one()),
            _ => all(self),
        }
    }
}

/// How far the border of a comparison with `now` is off by mistake: a unit of
/// the durations in it, as no test on a running clock could see a second; more
/// where times are counted from a day or a week, in which `now` is anything.
fn step_from_now(scene: &Scene<'_>, sides: [ExprId; 2]) -> i128 {
    let mut durations = Vec::new();
    for side in sides {
        for id in scene.arena.reachable(&[side]) {
            if let Some(Value::Duration(nanos)) = scene.arena.as_const(id) {
                durations.push(*nanos);
            }
        }
    }
    let all_of = |unit: i128| durations.iter().all(|nanos| nanos % unit == 0);
    let reads_days = sides.iter().any(|side| reads_dates(scene, *side));
    let unit = if reads_days || (!durations.is_empty() && all_of(DAY)) {
        DAY
    } else if all_of(HOUR) {
        HOUR
    } else {
        SECOND
    };
    let span = scene.clock.span();
    // A date moves by whole days, as the day does that it is counted from.
    let is_seen = span == 0 || unit > span || (reads_days && unit == span);
    if is_seen { unit } else { span + DAY }
}

fn reads_now(scene: &Scene<'_>, id: ExprId) -> bool {
    let nodes = scene.arena.reachable(&[id]);
    let now = Node::Root(Root::Now);
    nodes.iter().any(|id| *scene.arena.node(*id) == now)
}

/// Whether every moment in `id` is a date, and every duration whole days.
fn whole_days(scene: &Scene<'_>, id: ExprId) -> bool {
    match (scene.arena.node(id), scene.arena.ty(id)) {
        (Node::Const(constant), _) => match &constant.0 {
            Value::Time(nanos) | Value::Duration(nanos) => nanos % DAY == 0,
            _ => true,
        },
        (Node::Call(Op::Timestamp, operands), _) => operands
            .iter()
            .all(|text| *scene.arena.ty(*text) == Type::String(TextView::Date)),
        (_, Type::Bool) => true,
        (Node::Call(..), _) => {
            let operands = scene.arena.node(id).children();
            operands.iter().all(|operand| whole_days(scene, *operand))
        }
        _ => false,
    }
}

/// Whether `id` reads a field of format date.
fn reads_dates(scene: &Scene<'_>, id: ExprId) -> bool {
    *scene.arena.ty(id) == Type::String(TextView::Date)
        || scene
            .arena
            .node(id)
            .children()
            .iter()
            .any(|child| reads_dates(scene, *child))
}
