//! Names that nothing declares: what was meant by them.

use super::{ACTOR, Elaborator, Env, Local, StateRead, member, type_of};
use crate::document::{Group, SchemaId};
use crate::expr::written::quoted;
use crate::expr::{Op, Syntax, SyntaxKind, Type};
use crate::source::{Code, Diagnostic, Span, suggest};
use crate::value::Value;
use crate::value::location::is_identifier;

/// What other languages call null.
const NOTHING: [&str; 6] = ["None", "NULL", "Null", "nil", "undefined", "none"];

/// How deep fields are looked for.
const DEPTH: usize = 3;

/// A field somewhere in the request.
struct Field {
    path: String,
    name: String,
    /// How many steps lead to it.
    depth: usize,
    /// The list whose items have it.
    of_items: Option<String>,
}

/// Whether a name is null in another language.
fn is_nothing(name: &str) -> bool {
    NOTHING.contains(&name)
}

impl<'a> Elaborator<'_, 'a> {
    pub(super) fn unknown_name(&mut self, syntax: &'a Syntax, name: &str, env: &Env<'a>) {
        let span = env.span(syntax);
        let unbound = self.scope.resources.iter().any(|r| r.name == name);
        if unbound {
            let message = format!("the operation isn't bound to a resource `{name}`");
            let diagnostic = Diagnostic::error(Code::UndefinedName, message)
                .at(span, "not bound here")
                .help(format!(
                    "say which one the request is about: `bind: {{{name}: path.…}}` \
                     under `operations:`"
                ));
            return self.diagnostics.push(diagnostic);
        }
        if name == ACTOR && !self.is_field(name, env) {
            let message = "nobody knows who sends this request";
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(span, "no actor here")
                .help("say who sends requests: `actors: {staff: {credential: {env: STAFF_TOKEN}, role: staff}}`")
                .help("the API document must say that the operation asks for credentials: `security`");
            return self.diagnostics.push(finding);
        }
        if ["item", "i", "key"].contains(&name) {
            let message = format!("`{name}` is only there under `each`");
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(span, "of what list?")
                .help("add `each: body.…` to the rule, or write `list.all(item, …)`");
            return self.diagnostics.push(finding);
        }
        if ["first", "second", "third"].contains(&name) && !self.is_field(name, env) {
            let message = format!("`{name}` is only there in rules about several requests");
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(span, "which request?")
                .help("add `across: {first: createPayment, second: createPayment}` and `same`");
            return self.diagnostics.push(finding);
        }
        if name == "response" && !self.is_field(name, env) {
            return self.no_response(span);
        }
        if name == "self" || Group::named(name).is_some() {
            let message = format!("the operation has no `{name}` that rules can read");
            return self.error(Code::UnknownField, message, span, "not in the API document");
        }
        let is_whole = env.whole == syntax.span;
        let diagnostic = Diagnostic::error(Code::UndefinedName, format!("undefined name `{name}`"))
            .at(span, "nothing declares this name");
        let help = self.meant_by(name, is_whole, env);
        self.diagnostics
            .push(help.into_iter().fold(diagnostic, Diagnostic::help));
    }

    /// The answer is only there where it is told what it must hold.
    fn no_response(&mut self, span: Span) {
        let finding = match self.scope.state {
            StateRead::Before => {
                let message = "rules judge requests: there is no answer yet";
                Diagnostic::error(Code::UndefinedName, message)
                    .at(span, "no answer here")
                    .help(
                        "write `ensure: response.body.total == …` in place of `rule` to say what \
                         the answer to an accepted request holds",
                    )
            }
            StateRead::After { .. } => {
                let message = "what an answer holds can't depend on the answer";
                Diagnostic::error(Code::Unsupported, message).at(span, "the answer")
            }
        };
        self.diagnostics.push(finding);
    }

    /// `x == None`, where a field is asked for.
    pub(super) fn is_nothing_asked(
        &mut self,
        op: Op,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> bool {
        let named = |of: &Syntax| match &of.kind {
            SyntaxKind::Name(name) if is_nothing(name) => Some(name.clone()),
            _ => None,
        };
        let is_field = |of: &Syntax| of.is_path() && !matches!(of.kind, SyntaxKind::Name(_));
        let (at, name, path) = match (named(a), named(b)) {
            (Some(name), None) if is_field(b) => (a, name, b),
            (None, Some(name)) if is_field(a) => (b, name, a),
            _ => return false,
        };
        let is_known = env.find(&name).is_some() || self.scope.defs.entry(&name).is_some();
        let Some(path) = path.written().filter(|_| !is_known) else {
            return false;
        };
        let (not, sign) = match op {
            Op::Eq => ("!", "=="),
            _ => ("", "!="),
        };
        let finding = Diagnostic::error(Code::UndefinedName, format!("undefined name `{name}`"))
            .at(env.span(at), "nothing declares this name")
            .help(format!(
                "write `{not}has({path})`; for an explicit null, where the schema allows it, \
                 `{path} {sign} null`"
            ));
        self.diagnostics.push(finding);
        true
    }

    fn is_field(&self, name: &str, env: &Env<'a>) -> bool {
        self.fields(env).iter().any(|field| field.name == name)
    }

    /// What to write instead of a name.
    fn meant_by(&self, name: &str, is_whole: bool, env: &Env<'a>) -> Vec<String> {
        let fields = self.fields(env);
        let mut help = exact(name, &fields);
        if self.is_enumerated(name) {
            let text = quoted(name);
            help.push(match is_whole {
                true => format!(
                    "or if the text is meant: texts need quotes, and YAML others around them: \
                     `\"{text}\"`"
                ),
                false => format!("or if the text is meant: texts need quotes: `{text}`"),
            });
        }
        if let [only] = help.as_mut_slice()
            && let Some(text) = only.strip_prefix("or if the text is meant: ")
        {
            *only = text.to_owned();
        }
        if !help.is_empty() {
            return help;
        }
        if let Some(foreign) = foreign(name) {
            return vec![foreign.to_owned()];
        }
        let known = self.known_names(env);
        if let Some(near) = suggest(name, known.iter().map(String::as_str)) {
            return vec![format!("did you mean `{near}`?")];
        }
        let names = fields.iter().filter(|field| field.of_items.is_none());
        let near = suggest(name, names.clone().map(|field| field.name.as_str()));
        let near = near.and_then(|near| names.clone().find(|field| field.name == near));
        vec![match near {
            Some(near) => format!("did you mean `{}`?", near.path),
            None => format!(
                "fields are read by their paths, such as `body.…` or `query.…`; \
                 a text needs quotes: `{}`",
                quoted(name)
            ),
        }]
    }

    pub(super) fn known_names(&self, env: &Env<'a>) -> Vec<String> {
        let mut names: Vec<String> = self.scope.defs.names().map(str::to_owned).collect();
        let bound = self.scope.bound.iter();
        let resources = bound.filter_map(|index| self.scope.resources.get(*index as usize));
        names.extend(resources.map(|resource| resource.name.clone()));
        names.extend(["body", "path", "query", "header"].map(str::to_owned));
        names.extend(self.enclosing.names().map(str::to_owned));
        let mut at = env.locals.as_ref();
        while let Some(entry) = at {
            names.push(entry.name.clone());
            at = entry.outer.as_ref();
        }
        names
    }

    /// The fields that paths lead to here, those of items first.
    fn fields(&self, env: &Env<'a>) -> Vec<Field> {
        let mut found = Vec::new();
        let mut at = env.locals.as_ref();
        while let Some(entry) = at {
            if let Local::Item { ty, .. } = &entry.local {
                self.collect(&entry.name, ty, 1, None, &mut found);
            }
            at = entry.outer.as_ref();
        }
        for given in self.enclosing.given.iter().rev() {
            let ty = self.arena.ty(given.expr);
            self.collect(&given.name, ty, 1, None, &mut found);
        }
        for index in self.scope.bound {
            if let Some(resource) = self.scope.resources.get(*index as usize) {
                for (attribute, _) in &resource.attributes {
                    found.push(Field {
                        path: format!("{}.{attribute}", resource.name),
                        name: attribute.clone(),
                        depth: 1,
                        of_items: None,
                    });
                }
            }
        }
        for part in Group::ALL.map(Group::name) {
            if let Some(ty) = self.part(part) {
                self.collect(part, &ty, 1, None, &mut found);
            }
        }
        found
    }

    fn part(&self, part: &str) -> Option<Type> {
        let found = member(self.scope.schemas, self.scope.request, part)?;
        let (super::Member::Declared(schema, _) | super::Member::Additional(schema)) = found;
        type_of(self.scope.schemas, schema).ok()
    }

    /// The fields of a value of the type `ty` at `path`.
    fn collect(
        &self,
        path: &str,
        ty: &Type,
        depth: usize,
        of_items: Option<&str>,
        out: &mut Vec<Field>,
    ) {
        let object = match ty {
            Type::Object(object) => *object,
            Type::List(item) if of_items.is_none() => {
                return self.collect("x", item, depth, Some(path), out);
            }
            _ => return,
        };
        for (name, schema) in &self.scope.schemas.get(object).properties {
            let path = match is_identifier(name) {
                true => format!("{path}.{name}"),
                false => format!("{path}[{}]", quoted(name)),
            };
            if depth < DEPTH
                && let Ok(ty) = type_of(self.scope.schemas, *schema)
            {
                self.collect(&path, &ty, depth + 1, of_items, out);
            }
            out.push(Field {
                path,
                name: name.clone(),
                depth,
                of_items: of_items.map(str::to_owned),
            });
        }
    }

    /// Whether a text is a member of an enumeration of the request.
    fn is_enumerated(&self, text: &str) -> bool {
        self.enumerates(self.scope.request, text, 2 * DEPTH)
    }

    fn enumerates(&self, schema: SchemaId, text: &str, depth: usize) -> bool {
        let found = self.scope.schemas.get(schema);
        let own = found.enumeration.iter().flat_map(|own| &own.value);
        if own.filter_map(Value::as_str).any(|own| own == text) {
            return true;
        }
        let mut parts = found.properties.values().chain(&found.items);
        depth > 0 && parts.any(|part| self.enumerates(*part, text, depth - 1))
    }
}

/// The fields of exactly that name.
fn exact(name: &str, fields: &[Field]) -> Vec<String> {
    let same = || fields.iter().filter(|field| field.name == name);
    let plain: Vec<&Field> = same().filter(|field| field.of_items.is_none()).collect();
    let Some(nearest) = plain.iter().map(|field| field.depth).min() else {
        let Some((field, list)) =
            same().find_map(|field| field.of_items.as_ref().map(|list| (field, list)))
        else {
            return Vec::new();
        };
        let in_item = field.path.strip_prefix('x').unwrap_or(&field.path);
        return vec![format!(
            "each item of `{list}` has it: `{list}.all(x, x{in_item} …)`, or with \
             `each: {list}` beside the rule `item{in_item}`"
        )];
    };
    let mut paths: Vec<&str> = Vec::new();
    for field in plain.iter().filter(|field| field.depth == nearest) {
        if !paths.contains(&field.path.as_str()) {
            paths.push(&field.path);
        }
    }
    match paths.as_slice() {
        [one] => vec![format!("did you mean `{one}`?")],
        [one, other] => vec![format!("did you mean `{one}` or `{other}`?")],
        [one, other, third, ..] => {
            vec![format!("did you mean `{one}`, `{other}` or `{third}`?")]
        }
        [] => Vec::new(),
    }
}

/// What to write instead of a name of other languages.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "True" | "TRUE" => "did you mean `true`?",
        "False" | "FALSE" => "did you mean `false`?",
        _ if is_nothing(name) => {
            "whether a field is there is asked by `has(body.x)`, or `!has(body.x)`; \
             an explicit null is written `null`"
        }
        "Math" | "math" => {
            "functions stand alone: `round(x)`, `floor(x)`, `ceil(x)`, `min(a, b)`, `max(a, b)`"
        }
        "request" | "req" | "input" => {
            "the parts of a request stand alone: `body`, `path`, `query`, `header`, `cookie`"
        }
        "params" | "parameters" => "parameters are read as `query.…` or `path.…`",
        "this" => "the body is read as `body.…`",
        "today" | "Date" | "datetime" => {
            "the moment of the request is `now`; a date is compared with it as its midnight"
        }
        "optional" => "an optional read is written `body.?x.orValue(0)`",
        _ => return None,
    })
}
