//! Modelling one operation.

use openapiv3 as v3;

use super::build::Builder;
use super::location::pointer_step;
use super::operation::{Body, Credential, Example, Operation, Parameter, Place, Scheme, Style};
use super::overlay::{self, Overlay};
use super::read::Listed;
use super::{defaults, reference, sendable, skeleton, synth};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::tree::Node;

/// Headers that the request's other parts decide.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

type Fallible<T> = Result<T, Box<Diagnostic>>;

/// Models `listed`, with `overlays` applied.
pub(super) fn operation(
    tree: &Node,
    listed: &Listed,
    overlays: Vec<Overlay>,
) -> Result<Operation, Diagnostics> {
    let mut modeller = Modeller {
        tree,
        builder: Builder::new(tree),
        findings: Diagnostics::new(),
    };
    let parameters = modeller.parameters(listed);
    let body = modeller.body(listed);
    let security = modeller.security(listed);
    let answers = tree.at_pointer(&format!("{}/responses", listed.pointer));
    let mut findings = modeller.findings;
    let (mut schemas, found) = modeller.builder.finish();
    findings.append(found);
    if findings.has_errors() {
        return Err(findings);
    }
    let parameters = sendable::keep_sendable(&schemas, parameters, &mut findings);
    if findings.has_errors() {
        return Err(findings);
    }
    findings.append(defaults::drop_refused(&mut schemas));
    let request = synth::request_schema(&mut schemas, listed, &parameters, body.as_ref());
    let mut operation = Operation {
        id: listed.id(),
        method: listed.method.clone(),
        path: listed.path.clone(),
        parameters,
        body,
        answers: answers.map(keys).unwrap_or_default(),
        security,
        schemas,
        request,
        span: listed.span,
        pointer: listed.pointer.clone(),
        findings,
        overlays: Vec::new(),
    };
    overlay::apply_all(&mut operation, overlays)?;
    Ok(operation)
}

fn keys(node: &Node) -> Vec<String> {
    let entries = node.entries().iter().map(|entry| entry.key.clone());
    entries.filter(|key| !key.starts_with("x-")).collect()
}

struct Modeller<'a> {
    tree: &'a Node,
    builder: Builder<'a>,
    findings: Diagnostics,
}

impl<'a> Modeller<'a> {
    /// Keeps a finding and goes on, so that all are shown in one go.
    fn keep<T>(&mut self, result: Fallible<T>) -> Option<T> {
        result.map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// The parameters of the path and of the operation, which go first.
    fn parameters(&mut self, listed: &Listed) -> Vec<Parameter> {
        let path = listed.pointer.rsplit_once('/').map_or("", |(path, _)| path);
        let mut parameters: Vec<Parameter> = Vec::new();
        for owner in [path, &listed.pointer] {
            let list = self.tree.at_pointer(&format!("{owner}/parameters"));
            for index in 0..list.map_or(0, |list| list.items().len()) {
                let read = self.parameter(&format!("{owner}/parameters/{index}"));
                let Some(Some(parameter)) = self.keep(read) else {
                    continue;
                };
                parameters.retain(|known| !is_same(known, &parameter));
                parameters.push(parameter);
            }
        }
        self.undeclared(listed, &parameters);
        parameters
    }

    /// Every `{name}` of the path needs a parameter.
    fn undeclared(&mut self, listed: &Listed, parameters: &[Parameter]) {
        let names = listed
            .path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'));
        for (name, _) in names {
            let declared =
                |parameter: &Parameter| parameter.place == Place::Path && parameter.name == name;
            if !parameters.iter().any(declared) {
                let message = format!("the path `{}` has no parameter `{name}`", listed.path);
                let finding = Diagnostic::error(Code::MissingKey, message)
                    .at(listed.span, "of this operation")
                    .help(format!("add {{name: {name}, in: path, required: true, schema: {{type: string}}}} to `parameters`"));
                self.findings.push(finding);
            }
        }
    }

    fn parameter(&mut self, pointer: &str) -> Fallible<Option<Parameter>> {
        let (node, pointer) = reference::follow(self.tree, pointer)?;
        for key in ["name", "in"] {
            if node.get(key).is_none() {
                let message = format!("a parameter has no `{key}`");
                return Err(Box::new(
                    Diagnostic::error(Code::MissingKey, message)
                        .at(node.span, format!("`{key}` is missing")),
                ));
            }
        }
        if node.get("schema").is_none() && node.get("content").is_none() {
            let message = "a parameter has neither `schema` nor `content`";
            return Err(Box::new(
                Diagnostic::error(Code::MissingKey, message).at(node.span, "`schema` is missing"),
            ));
        }
        let (data, place, style) = taken_apart(skeleton::typed(node, "a parameter")?);
        if place == Place::Header
            && OWN_HEADERS
                .iter()
                .any(|own| data.name.eq_ignore_ascii_case(own))
        {
            return Ok(None);
        }
        let (holder, at, style) = match &data.format {
            v3::ParameterSchemaOrContent::Schema(_) => (node, pointer.clone(), style),
            v3::ParameterSchemaOrContent::Content(content) => {
                let media = content
                    .keys()
                    .next()
                    .map(|media| pointer_step(media))
                    .unwrap_or_default();
                let at = format!("{pointer}/content/{media}");
                (self.tree.at_pointer(&at).unwrap_or(node), at, Style::Json)
            }
        };
        let examples = self.examples(holder)?;
        let schema = self.schema(&at);
        let explode = data.explode.unwrap_or(style == Style::Form);
        Ok(Some(Parameter {
            required: data.required || place == Place::Path,
            name: data.name,
            place,
            schema,
            style,
            explode,
            examples,
            span: node.span,
            pointer: format!("{at}/schema"),
        }))
    }

    fn schema(&mut self, holder: &str) -> super::schema::SchemaId {
        self.builder.at(&format!("{holder}/schema"))
    }

    /// `example` and `examples` beside a schema.
    fn examples(&mut self, holder: &Node) -> Fallible<Vec<Example>> {
        let mut examples: Vec<Example> = Vec::new();
        if let Some(entry) = holder.entry("example") {
            examples.push(example("default", &entry.value));
        }
        let named = holder
            .get("examples")
            .map(Node::entries)
            .unwrap_or_default();
        for entry in named {
            let node = match entry.value.entry("$ref") {
                Some(link) => {
                    let target = reference::resolve(self.tree, link)?;
                    reference::follow(self.tree, &target)?.0
                }
                None => &entry.value,
            };
            if let Some(value) = node.get("value") {
                examples.push(example(&entry.key, value));
            }
        }
        Ok(examples)
    }

    fn body(&mut self, listed: &Listed) -> Option<Body> {
        let pointer = format!("{}/requestBody", listed.pointer);
        self.tree.at_pointer(&pointer)?;
        let read = self.read_body(&pointer);
        self.keep(read)
    }

    fn read_body(&mut self, pointer: &str) -> Fallible<Body> {
        let (node, pointer) = reference::follow(self.tree, pointer)?;
        let body: v3::RequestBody = skeleton::typed(node, "a request body")?;
        let media_type = choose(body.content.keys(), node.span)?;
        let at = format!("{pointer}/content/{}", pointer_step(&media_type));
        let holder = self.tree.at_pointer(&at).unwrap_or(node);
        let examples = self.examples(holder)?;
        Ok(Body {
            required: body.required,
            schema: self.schema(&at),
            media_type: if media_type.contains('*') {
                "application/json".to_owned()
            } else {
                media_type
            },
            examples,
            span: node.span,
            pointer: format!("{at}/schema"),
        })
    }

    /// The operation's security, else the document's.
    fn security(&mut self, listed: &Listed) -> Vec<Vec<Credential>> {
        let own = self
            .tree
            .at_pointer(&format!("{}/security", listed.pointer));
        let Some(node) = own.or_else(|| self.tree.get("security")) else {
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
        let place = "/components/securitySchemes";
        let pointer = format!("{place}/{}", pointer_step(name));
        if self.tree.at_pointer(&pointer).is_none() {
            let known = self.tree.at_pointer(place).map(keys).unwrap_or_default();
            let message = format!("there is no security scheme `{name}`");
            let finding = Diagnostic::error(Code::BadReference, message)
                .at(span, "not among `components.securitySchemes`")
                .maybe_help(crate::source::did_you_mean(
                    name,
                    known.iter().map(String::as_str),
                ));
            return Err(Box::new(finding));
        }
        let (node, _) = reference::follow(self.tree, &pointer)?;
        let scheme = match node.get("type").and_then(Node::as_str) {
            // Their flows don't matter here: what is sent is a bearer token.
            Some("oauth2" | "openIdConnect") => Scheme::Bearer,
            _ => scheme(skeleton::typed(node, "a security scheme")?),
        };
        Ok(Credential {
            name: name.to_owned(),
            scheme,
        })
    }
}

/// A parameter of an operation replaces that of its path; names of headers
/// ignore case.
fn is_same(a: &Parameter, b: &Parameter) -> bool {
    let same_name = match a.place {
        Place::Header => a.name.eq_ignore_ascii_case(&b.name),
        _ => a.name == b.name,
    };
    a.place == b.place && same_name
}

fn example(name: &str, node: &Node) -> Example {
    Example {
        name: name.to_owned(),
        value: node.to_value(),
        node: node.clone(),
    }
}

fn scheme(scheme: v3::SecurityScheme) -> Scheme {
    match scheme {
        v3::SecurityScheme::APIKey { location, name, .. } => Scheme::ApiKey {
            place: match location {
                v3::APIKeyLocation::Query => Place::Query,
                v3::APIKeyLocation::Header => Place::Header,
                v3::APIKeyLocation::Cookie => Place::Cookie,
            },
            name,
        },
        v3::SecurityScheme::HTTP { scheme, .. } if scheme.eq_ignore_ascii_case("bearer") => {
            Scheme::Bearer
        }
        v3::SecurityScheme::HTTP { scheme, .. } if scheme.eq_ignore_ascii_case("basic") => {
            Scheme::Basic
        }
        v3::SecurityScheme::HTTP { scheme, .. } => Scheme::Authorization(scheme),
        v3::SecurityScheme::OAuth2 { .. } | v3::SecurityScheme::OpenIDConnect { .. } => {
            Scheme::Bearer
        }
    }
}

fn taken_apart(parameter: v3::Parameter) -> (v3::ParameterData, Place, Style) {
    match parameter {
        v3::Parameter::Query {
            parameter_data,
            style,
            ..
        } => {
            let style = match style {
                v3::QueryStyle::Form => Style::Form,
                v3::QueryStyle::SpaceDelimited => Style::SpaceDelimited,
                v3::QueryStyle::PipeDelimited => Style::PipeDelimited,
                v3::QueryStyle::DeepObject => Style::DeepObject,
            };
            (parameter_data, Place::Query, style)
        }
        v3::Parameter::Header { parameter_data, .. } => {
            (parameter_data, Place::Header, Style::Simple)
        }
        v3::Parameter::Path {
            parameter_data,
            style,
        } => {
            let style = match style {
                v3::PathStyle::Simple => Style::Simple,
                v3::PathStyle::Label => Style::Label,
                v3::PathStyle::Matrix => Style::Matrix,
            };
            (parameter_data, Place::Path, style)
        }
        v3::Parameter::Cookie { parameter_data, .. } => {
            (parameter_data, Place::Cookie, Style::Form)
        }
    }
}

/// The media type to send: JSON, then what is like JSON, then any.
fn choose<'k>(types: impl Iterator<Item = &'k String> + Clone, span: Span) -> Fallible<String> {
    let essence = |media: &str| {
        media
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase()
    };
    let tests: [fn(&str) -> bool; 3] = [
        |media| media == "application/json",
        |media| media.ends_with("+json"),
        |media| media == "*/*" || media == "application/*",
    ];
    for test in tests {
        if let Some(found) = types.clone().find(|media| test(&essence(media))) {
            return Ok(found.clone());
        }
    }
    let known: Vec<&str> = types.map(String::as_str).collect();
    let message = format!(
        "a request body of {} is not supported yet",
        known.join(", ")
    );
    Err(Box::new(
        Diagnostic::error(Code::Unsupported, message).at(span.at_start(), "JSON is needed"),
    ))
}
