//! Where requests may hold values of the server that are numbers.
//!
//! Texts that stand for such a value are told from others wherever they are. A
//! number isn't: an amount may be the same. So only these places count.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{Model, OperationRef, schema_at};
use crate::document::SchemaId;
use crate::value::location::{Location, Segment};

/// Members of objects that may hold a value of the server that is a number, each with
/// a name for all that it is compared with: the first of these values.
pub type Identifiers = BTreeMap<(SchemaId, Arc<str>), String>;

/// Places that are listed of an operation, at most: schemas that refer to each other
/// have more than anybody needs.
const MAX_PLACES: usize = 200;

impl Model {
    /// Places of an operation's requests that may hold a value of the server that is
    /// a number, as [`Location::every_item`] writes them, with the names of
    /// [`Identifiers`]; the outermost ones where there are many.
    pub fn identifier_places(&self, operation: OperationRef) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        if self.identifiers.is_empty() {
            return found;
        }
        let request = self.operation(operation).request;
        let mut next = VecDeque::from([(request, Location::default())]);
        let mut looked_at = 0;
        while let Some((schema, place)) = next.pop_front() {
            looked_at += 1;
            if found.len() > MAX_PLACES || looked_at > MAX_PLACES * MAX_PLACES {
                break;
            }
            let own = self.identifiers.iter();
            let own = own.filter(|((of, _), _)| *of == schema);
            found.extend(
                own.map(|((_, member), name)| {
                    (place.key(member.clone()).every_item(), name.clone())
                }),
            );
            let members = self.schemas.get(schema).properties.iter();
            next.extend(members.map(|(name, member)| (*member, place.key(name.as_str()))));
            let item = self.schemas.item(schema, 0);
            next.extend(item.map(|item| (item, place.index(0))));
        }
        found
    }

    /// Whether a place of an operation's requests may hold such a value.
    pub fn is_identifier(&self, operation: OperationRef, place: &Location) -> bool {
        let request = self.operation(operation).request;
        let around = schema_at(&self.schemas, request, &place.parent());
        let (Some(around), Some(Segment::Key(member))) = (around, place.0.last()) else {
            return false;
        };
        self.identifiers.contains_key(&(around, member.clone()))
    }
}
