//! The members of an object, shared until they are changed.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use indexmap::IndexMap;

use super::Value;

type Map = IndexMap<Arc<str>, Value>;

/// The members of a JSON object in document order; equality ignores the order.
///
/// A copy shares them with the original, and a change makes it a copy of its
/// own: a search looks at thousands of requests that differ in one place.
#[derive(Clone, Debug, Default, Eq)]
pub struct Members(Arc<Map>);

impl Members {
    /// No members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether this is an unchanged copy of `other`, or the other way round.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0 == other.0
    }
}

impl Deref for Members {
    type Target = Map;

    fn deref(&self) -> &Map {
        &self.0
    }
}

impl DerefMut for Members {
    fn deref_mut(&mut self) -> &mut Map {
        Arc::make_mut(&mut self.0)
    }
}

impl FromIterator<(Arc<str>, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(members: I) -> Self {
        Self(Arc::new(members.into_iter().collect()))
    }
}

impl IntoIterator for Members {
    type Item = (Arc<str>, Value);
    type IntoIter = indexmap::map::IntoIter<Arc<str>, Value>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'m> IntoIterator for &'m Members {
    type Item = (&'m Arc<str>, &'m Value);
    type IntoIter = indexmap::map::Iter<'m, Arc<str>, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'m> IntoIterator for &'m mut Members {
    type Item = (&'m Arc<str>, &'m mut Value);
    type IntoIter = indexmap::map::IterMut<'m, Arc<str>, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.deref_mut().iter_mut()
    }
}
