//! Reading how an operation wants its requests to be authenticated.

use super::location::pointer_step;
use super::model::{Fallible, Modeller, keys};
use super::operation::{Credential, Place, Scheme};
use super::read::Listed;
use super::reference;
use crate::source::{Code, Diagnostic, Span};
use crate::tree::Node;

/// Where security schemes are declared.
const SCHEMES: &str = "/components/securitySchemes";

impl Modeller<'_> {
    /// The operation's security, else the document's.
    pub(super) fn security(&mut self, listed: &Listed) -> Vec<Vec<Credential>> {
        let root = &self.tree.root;
        let own = root.at_pointer(&format!("{}/security", listed.pointer));
        let Some(node) = own.or_else(|| root.get("security")) else {
            return Vec::new();
        };
        let mut ways = Vec::new();
        for way in node.items() {
            let mut credentials = Vec::new();
            for entry in way.entries() {
                let read = self.credential(&entry.key, entry.key_span);
                credentials.extend(self.keep(read));
            }
            ways.push(credentials);
        }
        ways
    }

    fn credential(&self, name: &str, span: Span) -> Fallible<Credential> {
        let pointer = format!("{SCHEMES}/{}", pointer_step(name));
        if self.tree.root.at_pointer(&pointer).is_none() {
            let known = self
                .tree
                .root
                .at_pointer(SCHEMES)
                .map(keys)
                .unwrap_or_default();
            let message = format!("there is no security scheme `{name}`");
            let finding = Diagnostic::error(Code::BadReference, message)
                .at(span, "not among the document's security schemes")
                .maybe_help(crate::source::did_you_mean(
                    name,
                    known.iter().map(String::as_str),
                ));
            return Err(Box::new(finding));
        }
        let (node, _) = reference::follow(self.tree, &pointer)?;
        Ok(Credential {
            name: name.to_owned(),
            scheme: scheme(node)?,
        })
    }
}

fn scheme(node: &Node) -> Fallible<Scheme> {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    Ok(match text("type") {
        // Their flows don't matter here: what is sent is a bearer token.
        Some("oauth2" | "openIdConnect") => Scheme::Bearer,
        Some("http") => match text("scheme") {
            Some(name) if name.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
            Some(name) if name.eq_ignore_ascii_case("basic") => Scheme::Basic,
            Some(name) => Scheme::Authorization(name.to_owned()),
            None => return Err(wrong(node, "an `http` security scheme has no `scheme`")),
        },
        Some("apiKey") => {
            let places = [Place::Query, Place::Header, Place::Cookie];
            let place = text("in").and_then(|name| {
                let mut places = places.into_iter();
                places.find(|place| place.name() == name)
            });
            match (place, text("name")) {
                (Some(place), Some(name)) => Scheme::ApiKey {
                    place,
                    name: name.to_owned(),
                },
                _ => {
                    let what = "an `apiKey` security scheme needs a `name`, and `in: query`, `header` or `cookie`";
                    return Err(wrong(node, what));
                }
            }
        }
        Some("mutualTLS") => Scheme::MutualTls,
        Some(other) => {
            return Err(wrong(
                node,
                &format!("`{other}` is no type of a security scheme"),
            ));
        }
        None => return Err(wrong(node, "a security scheme has no `type`")),
    })
}

fn wrong(node: &Node, message: &str) -> Box<Diagnostic> {
    let span = node
        .entry("type")
        .map_or(node.span.at_start(), |own| own.value_span());
    Box::new(Diagnostic::error(Code::WrongValue, message).at(span, "of this security scheme"))
}
