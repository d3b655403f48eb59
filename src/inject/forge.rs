//! Makes up answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::body::{echo, json_of, new_key, put, write};
use crate::audit::Standing;
use crate::document::{Document, Listed, complete};
use crate::model::{Check, CheckOperator, Model, OperationRef, RuleRef};
use crate::record::{Answered, Asked, MadeUp};
use crate::simulate::{Shows, expected};

/// What accepting answers are, where nobody says so: the first is the usual one.
const ACCEPTED: [u16; 4] = [200, 201, 202, 204];
/// What refusing ones are.
const REFUSED: u16 = 422;

/// Makes up answers from those that the API gave before, else from its document.
pub struct Forge<'f> {
    model: &'f Model,
    document: &'f Document,
    /// The latest accepting answers.
    accepted: BTreeMap<OperationRef, (u16, Json)>,
    /// The latest refusing ones, by status.
    refused: BTreeMap<(OperationRef, u16), Json>,
}

impl<'f> Forge<'f> {
    /// For the operations of a model and its document.
    pub fn new(model: &'f Model, document: &'f Document) -> Self {
        Self {
            model,
            document,
            accepted: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Remembers what an answer looks like.
    pub fn learn(&mut self, operation: OperationRef, standing: Standing, answered: &Answered) {
        let body = serde_json::from_slice(&answered.body).unwrap_or(Json::Null);
        let status = answered.status;
        match standing {
            Standing::Accepted(_) => drop(self.accepted.insert(operation, (status, body))),
            Standing::Refused(_) => drop(self.refused.insert((operation, status), body)),
            _ => {}
        }
    }

    /// The answer of a server that accepts a request, and makes something new if
    /// the operation does. `shown` is what the rules say of what such a server
    /// computes and remembers.
    pub fn accepted(&self, operation: OperationRef, asked: &Asked, shown: &[Shows]) -> MadeUp {
        let found = self.model.operation(operation);
        let known = self.accepted.get(&operation);
        let status = known.map_or_else(
            || self.status(operation, &found.accept.statuses, &ACCEPTED),
            |known| known.0,
        );
        let mut body = match known {
            Some((_, body)) => body.clone(),
            None => self.declared(operation, status),
        };
        echo(&mut body, &asked.body);
        write(&mut body, shown);
        apply(&mut body, &found.accept.checks);
        if let Some(resource) = found.creates {
            let path = &self.model.resource(resource).key;
            let pointer: String = path.iter().map(|step| format!("/{step}")).collect();
            let key = new_key(body.pointer(&pointer));
            put(&mut body, path, key);
        }
        made_up(status, &body)
    }

    /// The answer of a server that refuses a request for one of these rules.
    pub fn refused(&self, operation: OperationRef, rules: &BTreeSet<RuleRef>) -> MadeUp {
        let rule = rules.iter().next().map(|rule| self.model.rule(*rule));
        let fits = rule.map(|rule| expected(&rule.expect));
        let statuses = fits.iter().flat_map(|own| own.statuses.iter().copied());
        let statuses: Vec<u16> = statuses.collect();
        let status = self.status(operation, &[], &statuses);
        let known = self.refused.get(&(operation, status)).cloned();
        let mut body = known.unwrap_or_else(|| self.declared(operation, status));
        apply(&mut body, fits.as_ref().map_or(&[], |own| &own.checks));
        made_up(status, &body)
    }

    /// The answer of a server that broke down.
    pub fn crashed() -> MadeUp {
        made_up(500, &Json::Null)
    }

    /// The first status that is given, else the first usual one that the
    /// document declares, else the first usual one.
    fn status(&self, operation: OperationRef, given: &[u16], usual: &[u16]) -> u16 {
        if let [first, ..] = given {
            return *first;
        }
        let declared = self.statuses(operation);
        let mut known = usual.iter().filter(|status| declared.contains(*status));
        let first = known.next().or(usual.first());
        first.copied().unwrap_or(REFUSED)
    }

    fn statuses(&self, operation: OperationRef) -> BTreeSet<u16> {
        let mut declared = BTreeSet::new();
        if let Some(listed) = self.listed(operation) {
            let seen = std::cell::RefCell::new(&mut declared);
            self.document.answer_bodies(listed, |status| {
                seen.borrow_mut().extend(status.parse::<u16>().ok());
                false
            });
        }
        declared
    }

    /// A body that the document allows; null where it says nothing.
    fn declared(&self, operation: OperationRef, status: u16) -> Json {
        let number = status.to_string();
        let class = format!("{}xx", status / 100);
        let is_meant = |own: &str| own == number || own.eq_ignore_ascii_case(&class);
        let bodies = self
            .listed(operation)
            .map(|listed| self.document.answer_bodies(listed, is_meant));
        let bodies = bodies.into_iter().flatten();
        let mut values = bodies.filter_map(|(schemas, id)| complete(&schemas, id, None).ok());
        values.next().map_or(Json::Null, |value| json_of(&value))
    }

    fn listed(&self, operation: OperationRef) -> Option<&'f Listed> {
        let id = &self.model.operation(operation).id;
        let mut all = self.document.operations.iter();
        all.find(|listed| listed.id() == *id || listed.name() == *id)
    }
}

/// Makes checks of a body true.
fn apply(body: &mut Json, checks: &[Check]) {
    for check in checks {
        if check.operator == CheckOperator::Eq
            && let Ok(literal) = serde_json::from_str(&check.literal)
        {
            put(body, &check.path, literal);
        }
    }
}

fn made_up(status: u16, body: &Json) -> MadeUp {
    let has_body = status != 204 && *body != Json::Null;
    let empty = Json::Object(Map::new());
    let text = if has_body { body } else { &empty }.to_string();
    MadeUp {
        status,
        content_type: (status != 204).then(|| "application/json".to_owned()),
        headers: Vec::new(),
        body: match status {
            204 => Vec::new(),
            _ => text.into_bytes(),
        },
    }
}
