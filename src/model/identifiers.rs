//! Where requests may hold values of the server that are numbers.
//!
//! Texts that stand for such a value are told from others wherever they are. A
//! number isn't: an amount may be the same. So only these places count.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Model, OperationRef};
use crate::document::SchemaId;
use crate::value::location::Location;

/// Members of objects that may hold a value of the server that is a number, each with
/// a name for all that it is compared with: the first of these values.
pub type Identifiers = BTreeMap<(SchemaId, Arc<str>), String>;

impl Model {
    /// The places of an operation's requests that may hold a value of the server
    /// that is a number, as [`Location::every_item`] writes them, with the names of
    /// [`Identifiers`].
    pub fn identifier_places(&self, operation: OperationRef) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        if !self.identifiers.is_empty() {
            let request = self.operation(operation).request;
            self.gather(request, &Location::default(), &mut Vec::new(), &mut found);
        }
        found
    }

    fn gather(
        &self,
        schema: SchemaId,
        place: &Location,
        above: &mut Vec<SchemaId>,
        found: &mut BTreeMap<String, String>,
    ) {
        // A schema that contains itself has no last place.
        if above.contains(&schema) {
            return;
        }
        above.push(schema);
        let own = self.identifiers.iter();
        let own = own.filter(|((of, _), _)| *of == schema);
        found.extend(
            own.map(|((_, member), name)| (place.key(member.clone()).every_item(), name.clone())),
        );
        for (name, member) in &self.schemas.get(schema).properties {
            self.gather(*member, &place.key(name.as_str()), above, found);
        }
        if let Some(item) = self.schemas.item(schema, 0) {
            self.gather(item, &place.index(0), above, found);
        }
        above.pop();
    }
}
