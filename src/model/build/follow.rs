//! Requests that follow accepted ones: `await`, and `deletedBy` of resources.

use super::Builder;
use crate::expr::ACTOR;
use crate::model::{
    Await, FollowUp, KeyFrom, NOW, OperationRef, Resource, ResourceRef, resource_key,
};
use crate::rulefile::{self, Located};
use crate::source::{Code, Diagnostic};
use crate::value::Value;
use crate::value::location::Location;

/// A thousandth of a second, in nanoseconds.
const MILLISECOND: i128 = 1_000_000;

impl Builder<'_> {
    /// What is waited for after requests, and how what they make is deleted.
    pub(super) fn read_follow_ups(&mut self, resources: &[Resource]) {
        let file = self.file;
        for entry in &file.operations {
            let operation = self.operation_named(&entry.operation.value);
            if let (Some(operation), Some(own)) = (operation, &entry.awaits) {
                let read = self.awaited(operation, own, resources);
                if let Some(found) = self.operations.get_mut(operation.0 as usize) {
                    found.awaits = read;
                }
            }
        }
        let mut declared: Vec<&rulefile::Resource> = file.resources.iter().collect();
        declared.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        let numbers = (0..).map(ResourceRef);
        for ((number, resource), declared) in numbers.zip(resources).zip(declared) {
            if let (Some(by), Some(named)) = (resource.deleted_by, &declared.deleted_by) {
                self.deletion(number, resource, by, named);
            }
        }
    }

    fn awaited(
        &mut self,
        operation: OperationRef,
        own: &rulefile::Await,
        resources: &[Resource],
    ) -> Option<Await> {
        let until = self.answer(&own.until, None)?;
        let asked = self.operation_named(&own.operation.value)?;
        let paths: Vec<Vec<String>> = until.checks.iter().map(|own| own.path.clone()).collect();
        for path in &paths {
            self.answer_member(asked, &[200], path, own.until.span());
        }
        let request = self.follow_up(operation, asked, resources)?;
        if request.keys.is_empty() && self.has_open_path(asked, &request.request) {
            let finding = self.whose(operation, &own.operation, resources);
            self.diagnostics.push(finding);
            return None;
        }
        let milliseconds = |long: i128| u64::try_from(long / MILLISECOND).unwrap_or(u64::MAX);
        Some(Await {
            request,
            until,
            timeout_ms: milliseconds(own.timeout),
            every_ms: milliseconds(own.every).max(1),
        })
    }

    /// A request to `asked` about what one to `after` made or is about.
    fn follow_up(
        &mut self,
        after: OperationRef,
        asked: OperationRef,
        resources: &[Resource],
    ) -> Option<FollowUp> {
        let first = self.operations.get(after.0 as usize)?;
        let found = self.operations.get(asked.0 as usize)?;
        let mut request = self.plain_request(asked)?;
        let mut keys = Vec::new();
        for bind in &found.binds {
            let made = first.creates == Some(bind.resource);
            let mut bound = first.binds.iter();
            let bound = bound.find(|own| own.resource == bind.resource);
            let from = match (resources.get(bind.resource.0 as usize), bound) {
                (Some(resource), _) if made => KeyFrom::Answer(resource.key.clone()),
                (_, Some(bound)) => KeyFrom::Request(bound.location.clone()),
                _ => continue,
            };
            let _ = bind.location.write(&mut request, resource_key(keys.len()));
            keys.push((bind.location.clone(), from));
        }
        Some(FollowUp {
            operation: asked,
            request,
            keys,
        })
    }

    /// The first baseline of an operation; who sends it only where the rule
    /// file says so.
    fn plain_request(&self, operation: OperationRef) -> Option<Value> {
        let found = self.operations.get(operation.0 as usize)?;
        let mut request = found.baselines.first()?.request.clone();
        let mut entries = self.file.operations.iter();
        let entry =
            entries.find(|own| self.operation_named(&own.operation.value) == Some(operation));
        let baseline = entry.and_then(|own| own.baselines.first());
        let is_said = baseline.is_some_and(|own| own.actor.is_some());
        if let Value::Map(members) = &mut request {
            members.shift_remove(NOW);
            if !is_said {
                members.shift_remove(ACTOR);
            }
        }
        Some(request)
    }

    /// Whether a request has path parameters that nothing fills in.
    fn has_open_path(&self, operation: OperationRef, request: &Value) -> bool {
        let found = self.operations.get(operation.0 as usize);
        if found.is_none_or(|own| !own.path.contains('{')) {
            return false;
        }
        let values = super::values::server_values(self.file);
        let Some(Value::Map(members)) = request.get("path") else {
            return false;
        };
        let mut held = members.values();
        !held.any(|held| values.iter().any(|value| value.stand_in == *held))
    }

    fn whose(
        &self,
        after: OperationRef,
        asked: &Located<String>,
        resources: &[Resource],
    ) -> Diagnostic {
        let first = self.operations.get(after.0 as usize);
        let made = first.and_then(|own| {
            let bound = own.binds.first().map(|bind| bind.resource);
            own.creates.or(bound)
        });
        let name = made.and_then(|own| resources.get(own.0 as usize));
        let id = first.map_or("", |own| own.id.as_str());
        let message = format!(
            "nothing says what `{}` asks about after `{id}`",
            asked.value
        );
        let help = match name {
            Some(resource) => format!(
                "bind it: `operations: {{{}: {{bind: {{{}: path.…}}}}}}`",
                asked.value, resource.name
            ),
            None => format!(
                "declare what `{id}` makes under `resources`, and bind `{}` to it",
                asked.value
            ),
        };
        Diagnostic::error(Code::MissingKey, message)
            .at(asked.span, "which one?")
            .help(help)
    }

    /// How a resource is deleted by an operation that is bound to it.
    fn deletion(
        &mut self,
        number: ResourceRef,
        resource: &Resource,
        by: OperationRef,
        named: &Located<String>,
    ) {
        let found = self.operations.get(by.0 as usize);
        let bind = found.and_then(|own| own.binds.iter().find(|bind| bind.resource == number));
        let Some(location) = bind.map(|bind| bind.location.clone()) else {
            let message = format!("`{}` isn't bound to a `{}`", named.value, resource.name);
            let finding = Diagnostic::error(Code::MissingKey, message)
                .at(named.span, "deletes which one?")
                .help(format!(
                    "bind it: `operations: {{{}: {{bind: {{{}: path.…}}}}}}`",
                    named.value, resource.name
                ));
            self.diagnostics.push(finding);
            return;
        };
        let Some(request) = self.deleting(by, &location) else {
            return;
        };
        let maker = resource.created_by;
        if let Some(maker) = maker.and_then(|own| self.operations.get_mut(own.0 as usize)) {
            maker.clean_up = Some(FollowUp {
                operation: by,
                request,
                keys: vec![(location, KeyFrom::Answer(resource.key.clone()))],
            });
        }
    }

    fn deleting(&self, by: OperationRef, location: &Location) -> Option<Value> {
        let mut request = self.plain_request(by)?;
        let _ = location.write(&mut request, resource_key(0));
        Some(request)
    }
}
