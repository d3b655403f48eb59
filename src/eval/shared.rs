//! Values that are cheap to pass on.

use std::rc::Rc;

use crate::value::Value;

/// The value of an expression: part of the environment or of the arena, or
/// made on the way. A clone copies no value.
#[derive(Clone, Debug)]
pub enum Shared<'e> {
    /// It stands in the environment or in the arena.
    Borrowed(&'e Value),
    /// An operator made it.
    Made(Rc<Value>),
}

static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

impl<'e> Shared<'e> {
    /// A new value.
    pub(super) fn made(value: Value) -> Self {
        Self::Made(Rc::new(value))
    }

    /// `true` or `false`.
    pub(super) fn bool(value: bool) -> Self {
        Self::Borrowed(if value { &TRUE } else { &FALSE })
    }

    /// The value itself.
    pub fn get(&self) -> &Value {
        match self {
            Self::Borrowed(value) => value,
            Self::Made(value) => value,
        }
    }

    /// The part of the value that `part` leads to, if it leads anywhere.
    pub(super) fn part(&self, part: impl Fn(&Value) -> Option<&Value>) -> Option<Self> {
        match self {
            Self::Borrowed(value) => part(value).map(Shared::Borrowed),
            Self::Made(value) => part(value).cloned().map(Shared::made),
        }
    }

    /// The items, if this is a list.
    pub fn items(&self) -> Option<Vec<Shared<'e>>> {
        match self {
            Self::Borrowed(Value::List(items)) => {
                Some(items.iter().map(Shared::Borrowed).collect())
            }
            Self::Made(value) => match &**value {
                Value::List(items) => Some(items.iter().cloned().map(Shared::made).collect()),
                _ => None,
            },
            Self::Borrowed(_) => None,
        }
    }
}
