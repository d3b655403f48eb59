//! What the crate `cel` makes of a rule's own text.
//!
//! It shares neither the typed form nor the evaluator with the rest: the text
//! is parsed, its `has()` is given the meaning that rule files give it, and the
//! interpreter runs it. That is only worth something where CEL's values are
//! those of rule files: no decimals, no integers beyond 2^53, no extensions.

mod applies;
mod convert;
mod rewrite;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, Program};

use crate::expr::{Arena, ExprId, Node, Root};
use crate::model::NOW;
use crate::value::time::parse_time;
use crate::value::{Members, Value};

thread_local! {
    /// Making it costs more than most questions do.
    static ENV: Arc<Env> = Arc::new(Env::stdlib());
    /// What was parsed: the same few texts are asked about again and again.
    static PARSED: RefCell<HashMap<String, Option<Rc<Program>>>> = RefCell::default();
}

/// A rule, and the state that it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Holds `expr`.
    pub arena: &'a Arena,
    /// The rule as it was understood. Only its types and operators are looked
    /// at, to see whether CEL's values are fit for it.
    pub expr: ExprId,
    /// The text of the rule's guard.
    pub guard: Option<&'a str>,
    /// The text of the rule.
    pub rule: &'a str,
    /// The request state, with defaults.
    pub request: &'a Value,
    /// The state of the resources that the request is about, by name.
    pub resources: &'a BTreeMap<String, Value>,
    /// The definitions that are data, by name.
    pub data: &'a BTreeMap<String, Value>,
    /// What the server's clock shows.
    pub now: i128,
}

/// What the second opinion says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// The same.
    Agree,
    /// Another value; none: undefined.
    Disagree(Option<bool>),
    /// Nothing, for this reason.
    NotApplicable(&'static str),
}

/// Asks for a second opinion of a rule, which `ours` says is true, false or
/// (none) undefined.
pub fn second_opinion(question: &Question<'_>, ours: Option<bool>) -> Opinion {
    match answer(question) {
        Ok(theirs) if theirs == ours => Opinion::Agree,
        Ok(theirs) => Opinion::Disagree(theirs),
        Err(reason) => Opinion::NotApplicable(reason),
    }
}

fn answer(question: &Question<'_>) -> Result<Option<bool>, &'static str> {
    let texts: Vec<&str> = question.guard.into_iter().chain([question.rule]).collect();
    applies::check(question.arena, question.expr, &texts)?;
    let mut names = question.data.clone();
    names.extend(question.resources.clone());
    names.extend(parts(question.request));
    let now = Node::Root(Root::Now);
    let read = question.arena.reachable(&[question.expr]);
    if read.iter().any(|id| *question.arena.node(*id) == now) {
        names.insert(NOW.to_owned(), Value::Time(question.now));
    }
    let set = question.request.get(NOW).and_then(Value::as_str);
    if let Some(moment) = set.and_then(parse_time) {
        names.insert(NOW.to_owned(), Value::Time(moment));
    }
    if let Some(guard) = question.guard {
        match interpret(guard, &names)? {
            Some(true) => {}
            Some(false) => return Ok(Some(true)),
            None => return Ok(None),
        }
    }
    interpret(question.rule, &names)
}

/// The parts of a request by name. An absent part is an empty object, whose
/// members are as undefined as those of none.
fn parts(request: &Value) -> BTreeMap<String, Value> {
    let part = |name: &str| {
        let found = request.get(name).cloned();
        found.unwrap_or_else(|| Value::Map(Members::new()))
    };
    let names = ["path", "query", "cookie", "body"].map(|name| (name.to_owned(), part(name)));
    let mut parts = BTreeMap::from(names);
    parts.insert("self".to_owned(), part("body"));
    parts.insert("header".to_owned(), convert::lower_keys(&part("header")));
    parts
}

/// The value of a CEL text over variables; none where it is undefined or no
/// Boolean. The error says why the interpreter has no say.
pub fn interpret(
    text: &str,
    names: &BTreeMap<String, Value>,
) -> Result<Option<bool>, &'static str> {
    let program = parse(text).ok_or("the text is more than CEL")?;
    let expr = rewrite::rewrite(program.expression(), names)?;
    let mut context = Context::with_env(ENV.with(Arc::clone));
    let used = program.references();
    for (name, value) in names.iter().filter(|(name, _)| used.has_variable(name)) {
        context.add_variable_from_value(name.as_str(), convert::to_cel(value)?);
    }
    match context.resolve(&expr) {
        Ok(cel::Value::Bool(value)) => Ok(Some(value)),
        Ok(_) => Ok(None),
        Err(error) => undefined(&error).map(|()| None),
    }
}

/// The parsed text; none if it is no CEL.
fn parse(text: &str) -> Option<Rc<Program>> {
    PARSED.with_borrow_mut(|parsed| {
        if let Some(known) = parsed.get(text) {
            return known.clone();
        }
        let program = ENV.with(|env| env.compile(text)).ok().map(Rc::new);
        parsed.insert(text.to_owned(), program.clone());
        program
    })
}

/// Whether an error is what rule files call undefined.
fn undefined(error: &ExecutionError) -> Result<(), &'static str> {
    match error {
        ExecutionError::Overflow(..) => Err("a number is beyond 64 bits"),
        ExecutionError::UndeclaredReference(_) => Err("a name is no variable"),
        ExecutionError::InternalError(_)
        | ExecutionError::InvalidArgumentCount { .. }
        | ExecutionError::NotSupportedAsMethod { .. }
        | ExecutionError::MissingArgumentOrTarget => Err("the interpreter can't run it"),
        _ => Ok(()),
    }
}
