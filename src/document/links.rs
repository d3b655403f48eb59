//! Links of answers.

use super::location::pointer_step;
use super::read::{Document, Listed};
use super::reference::follow;
use crate::tree::Node;

/// Why a link leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// No accepting answer has such a link; it has these.
    NoLink(Vec<String>),
    /// The link has no such parameter; it has these.
    NoParameter(Vec<String>),
    /// It has several parameters, and none is named.
    Several(Vec<String>),
}

impl Document {
    /// What a link of an accepting answer of an operation gives to a parameter:
    /// a runtime expression such as `$response.body#/id`. Without a name, its
    /// only parameter is meant.
    ///
    /// # Errors
    /// There is no such link or parameter.
    pub fn link_source(
        &self,
        listed: &Listed,
        link: &str,
        parameter: Option<&str>,
    ) -> Result<String, LinkProblem> {
        let answers = format!("{}/responses", listed.pointer);
        let statuses = self.tree.root.at_pointer(&answers).map(Node::entries);
        let mut known = Vec::new();
        for status in statuses.unwrap_or_default() {
            if !status.key.starts_with('2') && status.key != "default" {
                continue;
            }
            let place = format!("{answers}/{}", pointer_step(&status.key));
            let Ok((answer, place)) = follow(&self.tree, &place) else {
                continue;
            };
            let links = answer.get("links").map(Node::entries).unwrap_or_default();
            known.extend(links.iter().map(|own| own.key.clone()));
            if links.iter().any(|own| own.key == link) {
                let place = format!("{place}/links/{}", pointer_step(link));
                if let Ok((found, _)) = follow(&self.tree, &place) {
                    return parameter_of(found, parameter);
                }
            }
        }
        Err(LinkProblem::NoLink(known))
    }
}

fn parameter_of(link: &Node, wanted: Option<&str>) -> Result<String, LinkProblem> {
    let parameters = link
        .get("parameters")
        .map(Node::entries)
        .unwrap_or_default();
    let names = || parameters.iter().map(|own| own.key.clone()).collect();
    let found = match (wanted, parameters) {
        (Some(wanted), all) => all.iter().find(|own| own.key == wanted),
        (None, [only]) => Some(only),
        (None, [_, _, ..]) => return Err(LinkProblem::Several(names())),
        (None, []) => None,
    };
    let source = found.and_then(|own| own.value.as_str());
    source.map_or_else(
        || Err(LinkProblem::NoParameter(names())),
        |text| Ok(text.to_owned()),
    )
}
