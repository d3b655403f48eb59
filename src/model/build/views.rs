//! `view`: which answers show what the server remembers.

use super::Builder;
use crate::expr::{Node, Root, TextView, Type};
use crate::model::{Attribute, Compared, Model, OperationRef, Resource, ResourceRef, View, Viewed};
use crate::rulefile::{self, Expression, Located};
use crate::source::{Code, Diagnostic, Diagnostics};

/// The statuses of answers that show something.
const SHOWING: [u16; 2] = [200, 203];

impl Builder<'_> {
    /// The view of each resource; what resources change is known by now.
    pub(super) fn read_views(&mut self, resources: &mut [Resource]) {
        let file = self.file;
        for declared in &file.resources {
            let Some(view) = &declared.view else {
                continue;
            };
            let mut numbered = (0..).map(ResourceRef).zip(resources.iter());
            let found = numbered.find(|(_, own)| own.name == declared.name.value);
            let Some((number, found)) = found else {
                continue;
            };
            let attributes = found.attributes.clone();
            if let Some(view) = self.view(number, declared, &attributes, view)
                && let Some(found) = resources.get_mut(number.0 as usize)
            {
                found.view = Some(view);
            }
        }
    }

    fn view(
        &mut self,
        number: ResourceRef,
        declared: &rulefile::Resource,
        attributes: &[Attribute],
        view: &rulefile::View,
    ) -> Option<View> {
        let operation = self.about_one((number, declared), &view.operation, "shows")?;
        self.changes_nothing(operation, &view.operation)?;
        let shown = view.shown.iter();
        let shown: Vec<Option<Viewed>> = shown
            .map(|(name, place)| self.viewed((operation, number), attributes, name, place))
            .collect();
        Some(View {
            operation,
            shown: shown.into_iter().collect::<Option<_>>()?,
            span: view.key,
        })
    }

    /// A view is sent between other requests: it mustn't change what they find.
    fn changes_nothing(&mut self, operation: OperationRef, name: &Located<String>) -> Option<()> {
        let found = self.operations.get(operation.0 as usize)?;
        let (method, id) = (found.method.clone(), &name.value);
        let problem = if method == "HEAD" {
            format!("`{id}` is a HEAD: its answer has no body that could show anything")
        } else if method != "GET" {
            format!("`{id}` is a {method}: a request that only looks is a GET")
        } else if found.creates.is_some() || !found.changes.is_empty() {
            format!("`{id}` changes what the server remembers: a view only looks")
        } else {
            return Some(());
        };
        let finding = Diagnostic::error(Code::WrongValue, problem)
            .at(name.span, "can't be a view")
            .help("name an operation that shows the resource and changes nothing, such as the GET of its path");
        self.diagnostics.push(finding);
        None
    }

    fn viewed(
        &mut self,
        (operation, resource): (OperationRef, ResourceRef),
        attributes: &[Attribute],
        name: &Located<String>,
        place: &Expression,
    ) -> Option<Viewed> {
        let path = self.response_path(place);
        let Some(attribute) = attributes.iter().position(|own| own.name == name.value) else {
            self.unknown_attribute(name, attributes);
            return None;
        };
        let path = path?;
        self.answer_member(operation, &SHOWING, &path, place.span());
        let ty = attributes.get(attribute).map(|own| own.ty.clone())?;
        let Some(compared) = compared(&ty) else {
            let message = format!(
                "`{}` has the type {ty}, which can't be compared with what an answer shows",
                name.value
            );
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(name.span, "not comparable")
                .help(
                    "texts, numbers, Booleans and lists of these can: leave this one out, or \
                     remember the parts of it that matter as attributes of their own",
                );
            self.diagnostics.push(finding);
            return None;
        };
        let state = Node::Root(Root::Resource(resource.0));
        let state = self.arena.add(state, Type::Resource(resource.0));
        let read = Node::Get(state, name.value.as_str().into());
        Some(Viewed {
            attribute,
            expr: self.arena.add(read, ty),
            path,
            compared,
            span: name.span,
        })
    }
}

/// How values of a type are compared with what an answer holds; none where
/// servers write them in ways of their own.
fn compared(ty: &Type) -> Option<Compared> {
    match ty {
        Type::Int | Type::Decimal => Some(Compared::AsNumbers),
        Type::String(TextView::DateTime) => Some(Compared::AsMoments),
        Type::Null | Type::Bool | Type::String(_) | Type::Any => Some(Compared::AsJson),
        Type::List(item) => match **item {
            Type::String(TextView::DateTime) | Type::List(_) => None,
            ref item => compared(item).map(|_| Compared::AsJson),
        },
        Type::Time
        | Type::Duration
        | Type::Object(_)
        | Type::Map(_)
        | Type::Resource(_)
        | Type::Kind => None,
    }
}

/// Findings about attributes in views whose value depends on the moment of the
/// test: nobody knows it before.
pub(super) fn findings(model: &Model) -> Diagnostics {
    let mut findings = Diagnostics::new();
    if !model.clock.is_running {
        return findings;
    }
    let places = model.places().into_iter();
    let of_now = places.filter(|place| {
        let (root, _) = model.expression(*place);
        let mut nodes = model.arena.reachable(&[root]).into_iter();
        nodes.any(|id| *model.arena.node(id) == Node::Root(Root::Now))
    });
    let of_now = model.reached_by(of_now);
    for (resource, found) in model.resource_refs() {
        let shown = found.view.iter().flat_map(|view| &view.shown);
        for viewed in shown.filter(|own| of_now.contains(&(resource, own.attribute))) {
            let name = found.attributes.get(viewed.attribute);
            let message = format!(
                "`{}` depends on the moment of the request, which tests don't know",
                name.map_or("", |own| &own.name)
            );
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(viewed.span, "not known before")
                .help(
                    "leave it out of the view; or give the server a clock that tests set (`clock`)",
                );
            findings.push(finding);
        }
    }
    findings
}
