//! Which operation a request is to.

use super::template::{Template, segments};
use crate::document::Document;
use crate::model::{Model, OperationRef};

/// All operations of an API document, as requests find them.
#[derive(Clone, Debug)]
pub struct Routes {
    all: Vec<Route>,
    /// What stands before the paths of the document, each as segments.
    bases: Vec<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Route {
    method: String,
    template: Template,
    name: String,
    /// Its place in the model; none: no rule is about it.
    operation: Option<OperationRef>,
}

/// The operation of a request, and what its path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// One that rules are about; parameters of the path are still encoded.
    Known(OperationRef, Vec<(String, String)>),
    /// One that no rule is about, by its name.
    Other(String),
    /// None, for this reason.
    Nothing(String),
}

impl Routes {
    /// The operations of a document and its model. `bases` are what stands
    /// before its paths, beside what the document says.
    pub fn new(document: &Document, model: &Model, bases: &[String]) -> Self {
        let listed = document.operations.iter().map(|listed| Route {
            method: listed.method.clone(),
            template: Template::new(&listed.path),
            name: listed.id(),
            operation: model.operation_named(&listed.id()),
        });
        let mut all: Vec<Route> = listed.collect();
        all.sort_by_key(|route| route.template.rank());
        let mut found: Vec<Vec<String>> = vec![Vec::new()];
        let stated = document.base_paths();
        for base in bases.iter().chain(&stated) {
            let own: Vec<String> = segments(base).into_iter().map(str::to_owned).collect();
            if !found.contains(&own) {
                found.push(own);
            }
        }
        // The longest first: what it leaves is the path of the document.
        found.sort_by_key(|own| std::cmp::Reverse(own.len()));
        Self { all, bases: found }
    }

    /// The operation that a request of this method and path is to.
    pub fn find(&self, method: &str, path: &str) -> Matched {
        let whole = segments(path);
        let mut methods: Vec<&str> = Vec::new();
        for base in &self.bases {
            let Some(rest) = below(&whole, base) else {
                continue;
            };
            for route in &self.all {
                let Some(values) = route.template.matched(rest) else {
                    continue;
                };
                if route.method == method {
                    return match route.operation {
                        Some(operation) => Matched::Known(operation, values),
                        None => Matched::Other(route.name.clone()),
                    };
                }
                methods.push(&route.method);
            }
        }
        Matched::Nothing(self.reason(method, &whole, &methods))
    }

    /// Why nothing matches.
    fn reason(&self, method: &str, whole: &[&str], methods: &[&str]) -> String {
        if !methods.is_empty() {
            return format!("its path takes {} but not {method}", methods.join(", "));
        }
        let below = self.all.iter().find_map(|route| {
            let start = whole.len().checked_sub(route.template.len())?;
            let (base, rest) = whole.split_at_checked(start)?;
            let is_plausible = route.method == method && start > 0 && !rest.is_empty();
            route.template.matched(rest).filter(|_| is_plausible)?;
            Some((base.join("/"), route.name.clone()))
        });
        match below {
            Some((base, name)) => format!(
                "the API document has no such path; below /{base} it would be {name}: see --base"
            ),
            None => "the API document has no such path".to_owned(),
        }
    }
}

fn below<'p>(whole: &'p [&'p str], base: &[String]) -> Option<&'p [&'p str]> {
    let (start, rest) = whole.split_at_checked(base.len())?;
    start
        .iter()
        .zip(base)
        .all(|(own, base)| own == base)
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::build;
    use crate::rulefile::RuleFile;
    use crate::source::{Diagnostics, Sources};

    const API: &str = r#"
openapi: 3.0.3
info: {title: t, version: "1"}
servers: [{url: "https://api.example/{stage}/", variables: {stage: {default: v1}}}]
paths:
  /users/{id}:
    post:
      operationId: change
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}, example: {n: 1}}}}
      responses: {'200': {description: ok}}
  /users/me:
    post: {operationId: own, responses: {'200': {description: ok}}}
"#;

    #[test]
    fn requests_find_their_operation_behind_what_servers_say() {
        let mut sources = Sources::new();
        let api = sources.add("api.yaml", API);
        let rules =
            "crossfield: 1\napi: api.yaml\nrules: [{id: r, operation: change, rule: body.n > 0}]";
        let rules = sources.add("t.rules.yaml", rules);
        let document = Document::read(&sources, api).unwrap();
        let (parsed, _) = RuleFile::parse(&sources, rules);
        let mut findings = Diagnostics::new();
        let model = build(&document, &parsed.unwrap(), 0, &mut findings)
            .unwrap()
            .model;
        let routes = Routes::new(&document, &model, &["/proxy/api".to_owned()]);
        let change = model.operation_named("change").unwrap();
        let known = |id: &str| Matched::Known(change, vec![("id".to_owned(), id.to_owned())]);
        for path in ["/users/7", "/v1/users/7", "/proxy/api/users/7/"] {
            assert_eq!(routes.find("POST", path), known("7"), "{path}");
        }
        // What is spelled out comes first.
        assert_eq!(
            routes.find("POST", "/users/me"),
            Matched::Other("own".to_owned())
        );
        for (method, path, reason) in [
            ("GET", "/users/7", "its path takes POST but not GET"),
            ("POST", "/orders", "the API document has no such path"),
            (
                "POST",
                "/v2/users/7",
                "the API document has no such path; below /v2 it would be change: see --base",
            ),
        ] {
            assert_eq!(
                routes.find(method, path),
                Matched::Nothing(reason.to_owned())
            );
        }
    }
}
