//! Rule instances.

use super::targets::Target;
use super::way::ITEM;
use super::within::{Around, KEY, POSITION};
use super::{Builder, Documented, RuleText};
use crate::document::Document;
use crate::expr::{Elaborated, Enclosing, ExprId, Member, Node, Op, SpanTree, Type, member};
use crate::model::{Answer, Model, OperationRef, RuleInstance, RuleRef};
use crate::rulefile::{Check, Def, DefKind, Expect, Expression, Located, Rule, Undefined};
use crate::source::{Code, Diagnostic, Span};

impl Builder<'_> {
    /// The instances of the rules, each with what its author wrote.
    pub(super) fn read_rules(
        &mut self,
        document: &Document,
        documented: &[Documented],
    ) -> Vec<(RuleInstance, RuleText)> {
        let file = self.file;
        let mut instances = Vec::new();
        for rule in &file.rules {
            let expect = self.expect(rule);
            self.reads_item(rule);
            for target in self.targets(document, documented, rule) {
                self.expected_members(target.operation, rule, &expect);
                self.field_path(target.operation, rule);
                let instance = self.instance(rule, &target, expect.clone());
                self.enclosing = Enclosing::default();
                instances.extend(instance);
            }
        }
        instances
    }

    fn instance(
        &mut self,
        rule: &Rule,
        target: &Target,
        expect: Answer,
    ) -> Option<(RuleInstance, RuleText)> {
        let operation = target.operation;
        if let Check::Ensure { text, .. } = &rule.check {
            let id = format!("{}{}", rule.id.value, target.suffix);
            return self.ensured(rule, operation, id, text);
        }
        let mut around = Around::default();
        around.counts = self.mentions(rule, POSITION);
        if let (Some(at), Some(way)) = (&rule.at, &target.place) {
            self.enter_place(operation, at, way, &mut around)?;
        }
        if let Some(each) = &rule.each {
            self.enter_each(operation, each, &mut around)?;
        }
        let earlier = match &rule.across {
            Some(across) => Some((across, self.enter_across(operation, across)?)),
            None => None,
        };
        let (inner, condition) = self.guarded(operation, rule)?;
        let across = match earlier {
            Some((across, _)) if !self.reads_no_clock(across, inner.expr) => return None,
            Some((across, earlier)) => Some(self.across(operation, across, earlier)?),
            None => None,
        };
        let written = match rule.across {
            Some(_) => RuleText::default(),
            None => text_of(rule, &around),
        };
        let about = around.about.clone();
        let whole = self.surrounded(around, inner, condition);
        let id = format!("{}{}", rule.id.value, target.suffix);
        let instance = RuleInstance {
            about,
            across,
            ..instance_of(rule, id, operation, whole, expect)
        };
        Some((instance, written))
    }

    /// Tells of `each` where a rule reads nothing of the item.
    fn reads_item(&mut self, rule: &Rule) {
        let Some(each) = rule.each.as_ref().filter(|_| rule.at.is_none()) else {
            return;
        };
        if [ITEM, POSITION, KEY]
            .iter()
            .any(|name| self.mentions(rule, name))
        {
            return;
        }
        let message = "`each` makes no difference: the rule doesn't read `item`".to_owned();
        let finding = Diagnostic::warning(Code::DeadClause, message)
            .at(each.span(), "says the same of every item")
            .help("leave `each` out, or write `item.` before what is a member of the item");
        self.diagnostics.push(finding);
    }

    /// Whether a rule may read a name: its text or that of a definition has
    /// the word.
    fn mentions(&self, rule: &Rule, name: &str) -> bool {
        let mut texts: Vec<&str> = rule.expressions().map(Expression::source).collect();
        let mut open: Vec<&Def> = self.file.defs.iter().collect();
        loop {
            let used = |def: &&Def| texts.iter().any(|text| has_word(text, &def.name.value));
            let (known, rest): (Vec<&Def>, Vec<&Def>) = open.into_iter().partition(used);
            if known.is_empty() {
                return texts.iter().any(|text| has_word(text, name));
            }
            texts.extend(known.into_iter().filter_map(|def| match &def.kind {
                DefKind::Expression(text) | DefKind::Macro { body: text, .. } => {
                    Some(text.source())
                }
                DefKind::Data(_) => None,
            }));
            open = rest;
        }
    }

    /// The condition of a rule with its guard, and where the condition was
    /// written.
    fn guarded(&mut self, operation: OperationRef, rule: &Rule) -> Option<(Elaborated, Span)> {
        let guard = rule
            .when
            .as_ref()
            .map(|when| self.condition(operation, "a guard", when));
        let body = match &rule.check {
            Check::Rule(text) => self.condition(operation, "a rule", text),
            Check::Shorthand { key, shorthand } => self.shorthand(operation, *key, shorthand),
            Check::Table(table) => self.table(operation, table),
            // It has no condition.
            Check::Ensure { .. } => return None,
        };
        let condition = match &rule.check {
            Check::Rule(text) => text.span(),
            Check::Shorthand { key, .. } => *key,
            Check::Table(table) => table.key,
            Check::Ensure { key, .. } => *key,
        };
        let Some(guard) = guard else {
            return Some((body?, condition));
        };
        let (guard, body) = (guard?, body?);
        let expr = self.arena.call_bool(Op::Guard, &[guard.expr, body.expr]);
        let spans = SpanTree {
            span: rule.span,
            def: None,
            children: vec![guard.spans, body.spans],
        };
        Some((Elaborated { expr, spans }, condition))
    }

    /// An expression that must be a condition.
    pub(super) fn condition(
        &mut self,
        operation: OperationRef,
        what: &str,
        text: &Expression,
    ) -> Option<Elaborated> {
        let found = self.expression(operation, text)?;
        let ty = self.arena.ty(found.expr).clone();
        if ty == Type::Bool {
            return Some(found);
        }
        let message = format!("{what} must be true or false, this is of type {ty}");
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(text.span(), "not a condition")
            .maybe_help(self.condition_instead(text.source().trim(), found.expr));
        self.diagnostics.push(finding);
        None
    }

    /// What may have been asked of the field at `path`.
    fn condition_instead(&self, path: &str, id: ExprId) -> Option<String> {
        let is_step = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let Node::Get(base, key) = self.arena.node(id) else {
            return None;
        };
        let Type::Object(object) = self.arena.ty(*base) else {
            return None;
        };
        if !path.contains('.') || !path.chars().all(is_step) {
            return None;
        }
        match member(&self.schemas, *object, key)? {
            Member::Declared(_, true) => None,
            Member::Declared(_, false) | Member::Additional(_) => {
                Some(format!("whether it is there is asked by `has({path})`"))
            }
        }
    }

    pub(super) fn expect(&mut self, rule: &Rule) -> Answer {
        match &rule.expect {
            Some(expect) => self.expected(expect, &rule.id.value),
            None => Answer::default(),
        }
    }

    /// The same of what isn't said of a single rule; `id` is what `rule.id` stands
    /// for.
    pub(super) fn expected(&mut self, expect: &Expect, id: &str) -> Answer {
        let body = expect.body.as_ref();
        let body = body.and_then(|text| self.answer(text, Some(id)));
        let mut answer = body.unwrap_or_default();
        answer
            .statuses
            .extend(expect.status.iter().map(|status| status.value));
        answer.statuses.sort_unstable();
        answer.statuses.dedup();
        answer
    }
}

/// An instance of a rule, about nothing in particular.
pub(super) fn instance_of(
    rule: &Rule,
    id: String,
    operation: OperationRef,
    condition: Elaborated,
    expect: Answer,
) -> RuleInstance {
    let text = |located: &Option<Located<String>>| located.as_ref().map(|text| text.value.clone());
    RuleInstance {
        id,
        rule: rule.id.value.clone(),
        operation,
        about: None,
        expr: condition.expr,
        spans: condition.spans,
        when: rule.when.as_ref().map(Expression::span),
        message: text(&rule.message).unwrap_or_else(|| rule.id.value.clone()),
        source: text(&rule.source),
        field_path: text(&rule.field_path),
        severity: Some(rule.severity.name().to_owned()),
        tags: rule.tags.iter().map(|tag| tag.value.clone()).collect(),
        expect,
        undefined_rejects: rule.undefined == Undefined::Reject,
        needs: Vec::new(),
        across: None,
        ensures: Vec::new(),
        is_derived: false,
        span: rule.id.span,
    }
}

/// Whether a text holds a word that is no part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).any(|part| part == word)
}

/// What the author wrote, as far as it is CEL.
fn text_of(rule: &Rule, around: &Around) -> RuleText {
    let guard = rule.when.as_ref().map(Expression::source);
    let condition = match &rule.check {
        Check::Rule(text) if rule.at.is_none() => text.source(),
        Check::Rule(_) | Check::Shorthand { .. } | Check::Table(_) | Check::Ensure { .. } => {
            return RuleText::default();
        }
    };
    if around.is_empty() {
        return RuleText {
            guard: guard.map(str::to_owned),
            rule: Some(condition.to_owned()),
        };
    }
    let inner = match guard {
        Some(guard) => format!("({guard}) ? ({condition}) : true"),
        None => condition.to_owned(),
    };
    RuleText {
        guard: None,
        rule: around.text(inner),
    }
}

impl Model {
    /// Notes at each operation which rules it has.
    pub(super) fn index_rules(&mut self) {
        let owners: Vec<(RuleRef, OperationRef)> = self
            .rule_refs()
            .map(|(rule, found)| (rule, found.operation))
            .collect();
        for (rule, operation) in owners {
            if let Some(found) = self.operations.get_mut(operation.0 as usize) {
                found.rules.push(rule);
            }
        }
    }
}
