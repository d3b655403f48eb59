//! What a request is about: the resources that it names, and what else ties it
//! to other requests.

use super::groups::{Holding, Name};
use super::prepare::Ready;
use super::standing::Standing;
use super::world::World;
use crate::model::{Bind, Maker, RuleRef, unknown_key};
use crate::simulate::expected;
use crate::traffic::When;
use crate::value::{Value, print_number};

/// What a request is about.
#[derive(Default)]
pub struct About {
    /// What ties it to a group.
    pub names: Vec<Name>,
    /// The resources that it names, where they are known.
    pub makers: Vec<(Name, Maker)>,
    /// Why it can't be judged.
    pub problem: Option<String>,
}

impl World<'_, '_> {
    /// What ties a request to others.
    pub(super) fn about(&self, ready: &Ready) -> About {
        let model = &self.watch.built.model;
        let operation = self.model_operation(ready);
        let mut about = About::default();
        for bind in &operation.binds {
            self.bound(ready, bind, &mut about);
        }
        for own in &operation.correlated {
            if let Some(text) = own.location.read(&ready.request).and_then(Value::as_str) {
                about
                    .names
                    .push(Name::Text(own.template.clone(), text.to_owned()));
            }
        }
        let all = &self.watch.needs(ready.operation).all;
        if !self.watch.from_start
            && let Some(first) = all.iter().find(|own| operation.ranges.contains(own))
        {
            let resource = model.resource(*first);
            let plural = resource.plural.as_ref().unwrap_or(&resource.name);
            let words = format!(
                "rules look at all {plural}, also at those from before the recording: see --from-start"
            );
            about.problem.get_or_insert(words);
        }
        about
            .names
            .extend(all.iter().map(|resource| Name::All(*resource)));
        about
    }

    /// The resource that a request names at one place.
    fn bound(&self, ready: &Ready, bind: &Bind, about: &mut About) {
        let model = &self.watch.built.model;
        let name = &model.resource(bind.resource).name;
        let key = match bind.location.read(&ready.request) {
            None | Some(Value::Null) => return,
            Some(key) => key,
        };
        if let Some(maker @ Maker::Before(_)) = model.maker_of(key) {
            if self.changed.contains(&maker) {
                let words =
                    format!("what it is about ({name}) was changed in a way that isn't known");
                about.problem.get_or_insert(words);
            }
            if self.watch.changes(bind.resource) {
                about.names.push(Name::Before(maker));
            }
            return;
        }
        let named = Name::Key(bind.resource, key_text(key));
        match self.groups.holding(&named) {
            Some(Holding::Made(maker)) => {
                about.names.push(named.clone());
                about.makers.push((named, maker));
            }
            Some(Holding::Unknown) => {
                let words = format!(
                    "state unknown: what became of the {name} that it is about can't be told"
                );
                about.problem.get_or_insert(words);
            }
            None if self.is_missing(ready, bind, key) => {}
            None => {
                let words = format!(
                    "state unknown: nothing in the recording makes the {name} that it is about"
                );
                about.problem.get_or_insert(words);
            }
        }
    }

    /// Whether a key that nothing in the recording made names nothing at all: the
    /// answer says so and nothing else, or our own tests send it for that.
    fn is_missing(&self, ready: &Ready, bind: &Bind, key: &Value) -> bool {
        let model = &self.watch.built.model;
        if key_text(&unknown_key(model, ready.operation, bind)) == key_text(key) {
            return true;
        }
        // Nothing is there but what the recording makes: cases make all they need.
        let is_case = ready.at == When::Planned && ready.standing != Standing::Planned;
        if is_case || self.watch.from_start {
            return true;
        }
        if ready
            .named
            .is_some_and(|rule| model.asks_for(rule, bind.resource))
        {
            return true;
        }
        let Standing::Refused(status) = ready.standing else {
            return false;
        };
        let operation = self.model_operation(ready);
        let exists = |rule: &RuleRef| model.asks_for(*rule, bind.resource);
        let mut others = operation.rules.iter().filter(|rule| !exists(rule));
        let others_too = others.any(|rule| {
            expected(&model.rule(*rule).expect)
                .statuses
                .contains(&status)
        });
        let binds = operation
            .binds
            .iter()
            .filter(|own| own.resource != bind.resource);
        let mut binds = binds.filter(|own| own.location.read(&ready.request).is_some());
        let binds_too = binds.any(|own| own.missing.statuses.contains(&status));
        bind.missing.statuses.contains(&status) && !others_too && !binds_too
    }
}

/// A key as text: paths write numbers as texts.
pub fn key_text(key: &Value) -> String {
    match key {
        Value::Number(number) => print_number(number),
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}
