//! Functions of other languages, and functions that are called otherwise.

use super::{Elaborator, Env};
use crate::expr::{EXTENSIONS, Syntax, SyntaxKind, Type};
use crate::source::{Code, Diagnostic, suggest};

/// Functions of other languages with what to write instead: `{0}` is the
/// first operand, or what a method is called on, `{1}` the second.
const FOREIGN: [(&[&str], &str); 41] = [
    (&["len", "length", "strlen", "cardinality"], "size({0})"),
    (
        &["count"],
        "size({0})` or, for some of the items, `size({0}.filter(x, …))",
    ),
    (&["any", "some", "anymatch"], "{0}.exists(x, …)"),
    (&["every", "allmatch", "forall"], "{0}.all(x, …)"),
    (&["none", "nonematch"], "!{0}.exists(x, …)"),
    (&["find", "findfirst"], "{0}.filter(x, …)[0]"),
    (&["reduce", "fold"], "sum({0}.map(x, …))"),
    (
        &["exist"],
        "{0}.exists(x, …)` for a list, `has({0})` for a field",
    ),
    (
        &[
            "defined",
            "isset",
            "isdefined",
            "ispresent",
            "present",
            "isnotnull",
            "notnull",
        ],
        "has({0})",
    ),
    (
        &["isnull", "isnone", "isnil", "isundefined", "isabsent"],
        "!has({0})",
    ),
    (&["isempty", "empty", "isblank"], "size({0}) == 0"),
    (&["isnotempty", "notempty"], "size({0}) > 0"),
    (
        &["datetime", "parsedate", "todate", "date", "todatetime"],
        "timestamp({0})",
    ),
    (&["total"], "sum({0})"),
    (&["not"], "!({0})"),
    (
        &["lower", "tolowercase", "lowercase", "tolower", "downcase"],
        "{0}.lowerAscii()",
    ),
    (
        &["upper", "touppercase", "uppercase", "toupper", "upcase"],
        "{0}.upperAscii()",
    ),
    (&["strip", "trimspace"], "{0}.trim()"),
    (&["str", "tostring", "text"], "string({0})"),
    (
        &["float", "number", "parsefloat", "tonumber"],
        "double({0})",
    ),
    (&["integer", "parseint", "toint"], "int({0})"),
    (&["boolean", "tobool"], "bool({0})"),
    (&["abs"], "math.abs({0})"),
    (&["avg", "average", "mean"], "sum({0}) / double(size({0}))"),
    (
        &["today", "currentdate"],
        "now`: a date is compared with it as its midnight, and `days(now, x)` counts whole days",
    ),
    (&["currenttimestamp", "utcnow"], "now"),
    (&["get", "getordefault"], "{0}.?key.orValue(…)"),
    (&["first", "head"], "{0}[0]"),
    (&["last", "tail"], "{0}[size({0}) - 1]"),
    (&["substr", "slice", "mid"], "{0}.substring(0, 3)"),
    (&["replaceall", "sub", "gsub"], "{0}.replace('a', 'b')"),
    (&["concat"], "{0} + {1}"),
    (&["typeof"], "type({0})"),
    (&["isinstance"], "type({0}) == string"),
    (
        &["coalesce", "ifnull", "nvl", "isnullor"],
        "body.?x.orValue({1})",
    ),
    (&["iif", "ifelse"], "condition ? then : else"),
    (&["datediff", "daysbetween"], "days({0}, {1})"),
    (
        &["test", "match", "regexmatch", "rematch", "regex"],
        "{0}.matches('…')",
    ),
    (
        &["dayofweek", "weekday", "isoweekday"],
        "{0}.getDayOfWeek()",
    ),
    (&["year"], "{0}.getFullYear()"),
    (&["hour", "hours"], "{0}.getHours()"),
];

/// How functions are called, by name.
const FORMS: [(&str, &str); 18] = [
    ("days", "`days(from, to)`"),
    ("type", "`type(x)`"),
    ("dyn", "`dyn(x)`"),
    ("has", "`has(body.x)`"),
    ("size", "`size(x)`"),
    ("sum", "`sum(list)`, or `sum(list.map(x, x.price))`"),
    (
        "round",
        "`round(x)`, `round(x, 2)` or `round(x, 2, half_even)`",
    ),
    ("floor", "`floor(x)`"),
    ("ceil", "`ceil(x)`"),
    ("timestamp", "`timestamp(x)`"),
    ("duration", "`duration('2h')`"),
    ("orValue", "`body.?x.orValue(0)`"),
    ("hasValue", "`body.?x.hasValue()`"),
    ("value", "`body.?x.value()`"),
    ("optMap", "`body.?x.optMap(v, v + 1)`"),
    ("or", "`body.?x.or(body.?y)`; between conditions `a || b`"),
    ("transformList", "`list.transformList(i, x, …)`"),
    ("double", "`double(x)`"),
];

/// Functions over lists, which are methods.
const METHODS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "map", "filter"];

impl<'a> Elaborator<'_, 'a> {
    /// Says how a function is called that there is.
    pub(super) fn misused(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) {
        let message = format!("`{name}` isn't used like this");
        let form = exact_form(name, operands).or_else(|| form(name));
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(syntax), "wrong operands")
            .maybe_help(form.map(|form| format!("write {form}")));
        self.diagnostics.push(finding);
    }

    /// `has('body.price')`, `has(body.list[0])`, `has(body.price > 3)`
    pub(super) fn has_of_no_path(&mut self, of: &'a Syntax, env: &Env<'a>) {
        let help = match &of.kind {
            SyntaxKind::Literal(..) => of
                .as_text()
                .filter(|text| text.contains('.'))
                .map(|text| format!("write the path without quotes: `has({text})`")),
            SyntaxKind::Call { .. } => presence_of_call(of),
            _ => None,
        };
        let message = "has() needs a path to a field, such as has(body.note)".to_owned();
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(of), "not a field")
            .maybe_help(help);
        self.diagnostics.push(finding);
    }

    /// Says how the functions of a library of CEL are called, where one isn't
    /// known or has other operands.
    pub(super) fn misused_library(
        &mut self,
        syntax: &'a Syntax,
        (library, name): (&str, &str),
        env: &Env<'a>,
    ) -> bool {
        let known = EXTENSIONS.iter().map(|(written, ..)| *written);
        let own = known.filter(|written| written.split('.').next() == Some(library));
        let own: Vec<&str> = own.collect();
        if own.is_empty() || self.known_names(env).iter().any(|known| known == library) {
            return false;
        }
        let called = format!("{library}.{name}");
        let form = own
            .iter()
            .find(|written| written.split('(').next() == Some(&called));
        let span = env.span(syntax);
        let finding = match form {
            Some(form) => {
                let message = format!("`{called}` has other operands");
                Diagnostic::error(Code::TypeMismatch, message)
                    .at(span, "wrong operands")
                    .help(format!("write `{form}`"))
            }
            None => {
                let message = format!("rules have no function `{called}`");
                Diagnostic::error(Code::Unsupported, message)
                    .at(span, "not a function of rules")
                    .help(format!("there are `{}`", own.join("`, `")))
            }
        };
        self.diagnostics.push(finding);
        true
    }

    /// `list.contains(x)`, which texts have.
    pub(super) fn is_list_asked(
        &mut self,
        syntax: &'a Syntax,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) -> bool {
        let [list, item] = operands else {
            return false;
        };
        let before = self.diagnostics.len();
        let Some(read) = self.expr(list, env) else {
            return self.diagnostics.len() > before;
        };
        let Type::List(of) = self.arena.ty(read.expr) else {
            return false;
        };
        let (list, item) = (list.operand_or("list"), item.operand_or("x"));
        let help = match **of {
            Type::Object(_) => format!("the items are objects: `{list}.exists(x, x.… == {item})`"),
            _ => format!("write `{item} in {list}`"),
        };
        let finding = Diagnostic::error(Code::TypeMismatch, "a list has no `contains`".to_owned())
            .at(env.span(syntax), "texts have it")
            .help(help);
        self.diagnostics.push(finding);
        true
    }

    /// Says that a function doesn't exist, or that rules don't have it.
    pub(super) fn unknown_function(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) {
        let span = env.span(syntax);
        let mut others = super::calls::OTHER_FUNCTIONS.iter();
        // `list.find(…)` of other languages has no pattern.
        let is_of_lists = name == "find" && !operands.iter().any(|of| of.as_text().is_some());
        if let Some((_, help)) = others.find(|(own, _)| *own == name && !is_of_lists) {
            let message = format!("rules have no function `{name}`");
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(
                    span,
                    "a function of CEL's or Kubernetes' that rules don't have",
                )
                .help(*help);
            self.diagnostics.push(finding);
            return;
        }
        let is_method = matches!(
            &syntax.kind,
            SyntaxKind::Call {
                target: Some(_),
                ..
            }
        );
        let help = self.function_meant(name, operands, is_method, env);
        let Some(help) = help else {
            // What is wrong with an operand has been said.
            return;
        };
        let message = format!("undefined function `{name}`");
        let diagnostic = Diagnostic::error(Code::UndefinedName, message)
            .at(span, "no function or macro has this name")
            .maybe_help(help);
        self.diagnostics.push(diagnostic);
    }

    /// What was meant by a function; nothing where its operand is wrong too.
    #[expect(clippy::option_option, reason = "an error, or advice or none")]
    fn function_meant(
        &mut self,
        name: &str,
        operands: &[&'a Syntax],
        is_method: bool,
        env: &Env<'a>,
    ) -> Option<Option<String>> {
        if name == "now" {
            return Some(Some("write `now`, without parentheses".to_owned()));
        }
        if let ("date", [target]) = (name, operands)
            && is_method
        {
            let target = target.operand_or("x");
            return Some(Some(format!(
                "parts of a moment are `{target}.getFullYear()`, `.getMonth()`, `.getDate()`, \
                 `.getHours()`; whole days between two moments are `days(a, b)`"
            )));
        }
        if let ("includes" | "include", [target, part]) = (name, operands) {
            let read = self.expr(target, env)?;
            let is_list = matches!(self.arena.ty(read.expr), Type::List(_));
            let (target, part) = (target.operand_or("list"), part.operand_or("'x'"));
            let of_objects = matches!(self.arena.ty(read.expr),
                Type::List(item) if matches!(**item, Type::Object(_)));
            return Some(Some(match is_list {
                true if of_objects => {
                    format!("the items are objects: `{target}.exists(x, x.… == {part})`")
                }
                true => format!("write `{part} in {target}`"),
                false => format!("write `{target}.contains({part})`"),
            }));
        }
        if let ("get" | "getOrDefault", [target, key, ..]) = (name, operands)
            && let (Some(base), Some(key)) = (target.operand(), key.as_text())
        {
            let default = operands.get(2).and_then(|default| default.written());
            let default = default.unwrap_or_else(|| "…".to_owned());
            return Some(Some(format!("write `{base}.?{key}.orValue({default})`")));
        }
        if let ("coalesce" | "ifNull" | "ifnull" | "nvl" | "IFNULL" | "COALESCE", [of, default]) =
            (name, operands)
            && let (SyntaxKind::Select(base, member), Some(default)) = (&of.kind, default.written())
            && let Some(base) = base.operand()
        {
            return Some(Some(format!("write `{base}.?{member}.orValue({default})`")));
        }
        if let Some(template) = foreign(name) {
            let filled = filled(template, operands);
            let end = if filled.matches('`').count().is_multiple_of(2) {
                "`"
            } else {
                ""
            };
            return Some(Some(format!("write `{filled}{end}")));
        }
        let macros = self.scope.defs.names();
        let hint = suggest(name, macros.chain(super::calls::functions()));
        Some(hint.map(|hint| format!("did you mean `{hint}`?")))
    }
}

/// `has(list[0])`, `has(a.b == 1)`
fn presence_of_call(of: &Syntax) -> Option<String> {
    use cel::common::ast::operators;
    let SyntaxKind::Call { name, args, .. } = &of.kind else {
        return None;
    };
    let (first, second) = (args.first()?, args.get(1)?);
    if name == operators::INDEX {
        let base = first.operand()?;
        return Some(match second.as_text() {
            Some(key) if crate::value::location::is_identifier(key) => {
                format!("write `has({base}.{key})`")
            }
            Some(_) => format!("write `{} in {base}`", second.written()?),
            None => format!("write `size({base}) > {}`", second.written()?),
        });
    }
    let is_field = matches!(&first.kind, SyntaxKind::Select(..)) && first.is_path();
    let path = first.written().filter(|_| is_field)?;
    Some(format!("write `has({path}) && {}`", of.written()?))
}

fn foreign(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(|c| *c != '_').collect();
    let plain = plain.to_ascii_lowercase();
    let mut known = FOREIGN.iter();
    known
        .find(|(names, _)| names.contains(&plain.as_str()))
        .map(|(_, template)| *template)
}

fn filled(template: &str, operands: &[&Syntax]) -> String {
    let first = operands.first().map(|first| {
        // In a call the operand needs no parentheses of its own.
        let is_alone = template.contains("({0})") && !template.contains("{0}.");
        match is_alone {
            true => first.written().unwrap_or_else(|| "x".to_owned()),
            false => first.operand_or("x"),
        }
    });
    let first = first.unwrap_or_else(|| "x".to_owned());
    let second = operands.get(1).map(|second| second.operand_or("y"));
    template
        .replace("{0}", &first)
        .replace("{1}", &second.unwrap_or_else(|| "y".to_owned()))
}

fn form(name: &str) -> Option<String> {
    let mut known = FORMS.iter();
    let found = known.find(|(own, _)| *own == name);
    found.map(|(_, form)| (*form).to_owned()).or_else(|| {
        METHODS
            .contains(&name)
            .then(|| format!("`list.{name}(x, …)`"))
    })
}

/// What was meant, with the operands that are there.
fn exact_form(name: &str, operands: &[&Syntax]) -> Option<String> {
    let is_name = |syntax: &Syntax| matches!(syntax.kind, SyntaxKind::Name(_));
    match (name, operands) {
        ("sum", [list, item, body]) if is_name(item) => Some(format!(
            "`sum({}.map({}, {}))`",
            list.operand()?,
            item.written()?,
            body.written()?
        )),
        ("has", [base, key]) => {
            let key = key.as_text()?;
            Some(format!("`has({}.{key})`", base.operand()?))
        }
        ("exists", [path]) if matches!(path.kind, SyntaxKind::Select(..)) => {
            Some(format!("`has({})`", path.written()?))
        }
        (name, [list, item, body]) if METHODS.contains(&name) && is_name(item) => Some(format!(
            "`{}.{name}({}, {})`",
            list.operand()?,
            item.written()?,
            body.written()?
        )),
        (name, [list, ..]) if METHODS.contains(&name) => {
            Some(format!("`{}.{name}(x, …)`", list.operand()?))
        }
        _ => None,
    }
}
