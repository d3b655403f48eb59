//! What the environment tells of recorded requests: who sent them, and which
//! texts stand for values of the server under test.

use percent_encoding::percent_decode_str;

use crate::model::{Model, Operation, Security};
use crate::run::Environment;
use crate::traffic::Exchange;
use crate::value::{Value, changed_items, print_number};

/// Begins what `record` writes in place of a secret.
const MASKED: &str = "***";
/// The same where a variable holds it, whose name follows.
const NAMED: &str = "***$";

/// What the environment says.
pub struct Known<'m> {
    model: &'m Model,
    /// For each value of the model, its text on the server.
    values: Vec<Option<String>>,
    /// Credentials of actors, by name.
    credentials: Vec<(String, Option<String>)>,
}

impl<'m> Known<'m> {
    /// Of a model's values and actors.
    pub fn new(model: &'m Model, environment: &Environment) -> Self {
        let read = |name: &str| environment.get(name).map(str::to_owned);
        // Numbers stay what they are: an amount may be the same as one.
        let values = model.values.iter();
        let values = values.map(|value| {
            let variable = value.variable.as_deref().filter(|_| !value.is_number());
            variable.and_then(read)
        });
        let actors = model.actors.iter().filter_map(|actor| {
            let credential = actor.variable.as_deref().map(read);
            let is_anybody = actor.variable.is_none() && actor.saved.is_none();
            match credential {
                Some(credential) => Some((actor.name.clone(), Some(credential?))),
                None => is_anybody.then(|| (actor.name.clone(), None)),
            }
        });
        Self {
            model,
            values: values.collect(),
            credentials: actors.collect(),
        }
    }

    /// Whether the text of a value is known.
    pub fn has_value(&self, value: usize) -> bool {
        self.values.get(value).is_some_and(Option::is_some)
    }

    /// The variables that aren't set, in order.
    pub fn unset(&self) -> Vec<&'m str> {
        let values = self.model.values.iter().zip(&self.values);
        let unset = values.filter(|(value, text)| text.is_none() && !value.is_number());
        unset
            .filter_map(|(value, _)| value.variable.as_deref())
            .collect()
    }

    /// The actor who sent a request.
    pub fn actor(&self, operation: &Operation, exchange: &Exchange) -> Option<String> {
        if exchange.actor.is_some() {
            return exchange.actor.clone();
        }
        let mut sent = operation
            .security
            .iter()
            .filter_map(|way| credential(way, exchange))
            .peekable();
        if sent.peek().is_none() {
            let mut nobody = self.credentials.iter().filter(|(_, own)| own.is_none());
            return nobody.next().map(|(name, _)| name.clone());
        }
        sent.find_map(|text| {
            if let Some(variable) = text.strip_prefix(NAMED) {
                let mut actors = self.model.actors.iter();
                let found = actors.find(|own| own.variable.as_deref() == Some(variable));
                return found.map(|own| own.name.clone());
            }
            let mut all = self.credentials.iter();
            let found = all.find(|(_, own)| own.as_deref() == Some(text.as_str()));
            found.map(|(name, _)| name.clone())
        })
    }

    /// A request state with the texts that stand for values of the server.
    pub fn in_states(&self, request: &Value) -> Option<Value> {
        match request {
            Value::String(text) => self.text(text),
            Value::List(items) => changed_items(items, |item| self.in_states(item)),
            Value::Map(members) => {
                let mut made = members.clone();
                for (key, member) in members {
                    if let Some(member) = self.in_states(member) {
                        made.insert(key.clone(), member);
                    }
                }
                (!made.is_same(members)).then_some(Value::Map(made))
            }
            _ => None,
        }
    }

    /// A key as states have it; that of paths may be a number.
    pub fn key(&self, key: &Value) -> Option<Value> {
        match key {
            Value::Number(number) => self.text(&print_number(number)),
            key => self.text(key.as_str()?),
        }
    }

    fn text(&self, text: &str) -> Option<Value> {
        let position = self
            .values
            .iter()
            .position(|own| own.as_deref() == Some(text))?;
        let value = self.model.values.get(position)?;
        Some(value.stand_in.clone())
    }
}

/// The credential that a request carries in one way.
fn credential(way: &Security, exchange: &Exchange) -> Option<String> {
    match way {
        Security::Bearer => {
            let header = exchange.header("authorization")?;
            header
                .split_once(' ')
                .map(|(_, token)| token.trim().to_owned())
        }
        Security::Basic => {
            let header = exchange.header("authorization")?;
            let (_, token) = header.split_once(' ')?;
            if token.starts_with(MASKED) {
                return Some(token.to_owned());
            }
            let bytes = crate::traffic::decoded(token.trim())?;
            String::from_utf8(bytes).ok()
        }
        Security::ApiKeyHeader(name) => exchange.header(name),
        Security::ApiKeyQuery(name) => {
            let (_, query) = exchange.url.split_once('?')?;
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(own, _)| own == name);
            found.map(|(_, text)| percent_decode_str(text).decode_utf8_lossy().into_owned())
        }
        Security::ApiKeyCookie(name) => {
            let cookies = super::forms::cookies(&exchange.header("cookie")?);
            let found = cookies.into_iter().find(|pair| pair.name == *name);
            found.map(|pair| pair.text)
        }
    }
}
