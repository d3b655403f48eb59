//! `lifecycle`: the rules that follow from the phases of a resource.
//!
//! Each change of the attribute is a rule of its own at the operation that
//! makes it: it is refused unless a move leads from the present phase to the
//! new one.

use super::{Builder, RuleText};
use crate::expr::{Elaborated, ExprId, Node, Op, Root, SpanTree, Type};
use crate::model::{OperationRef, Resource, ResourceRef, RuleInstance, StateChange};
use crate::rulefile::{Lifecycle, Located, RuleFile, RuleSeverity};
use crate::source::{Code, Diagnostic, Span, did_you_mean};
use crate::value::Value;

/// An attribute with phases.
struct Phased<'f> {
    resource: ResourceRef,
    attribute: usize,
    /// `payment.status`
    name: String,
    lifecycle: &'f Lifecycle,
    /// The read of the attribute.
    phase: ExprId,
}

impl Builder<'_> {
    /// The rules that follow from lifecycles, one for each operation that
    /// changes a phase.
    pub(super) fn lifecycle_rules(
        &mut self,
        resources: &[Resource],
    ) -> Vec<(RuleInstance, RuleText)> {
        let file = self.file;
        let mut found = Vec::new();
        for phased in self.phased(file, resources) {
            let resource = resources.get(phased.resource.0 as usize);
            let attribute = resource.and_then(|of| of.attributes.get(phased.attribute));
            let Some(attribute) = attribute else { continue };
            if !matches!(attribute.ty, Type::String(_)) {
                let message = format!("`{}` has phases, but is a {}", phased.name, attribute.ty);
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(attribute.spans.span, "not a text")
                    .also(phased.lifecycle.key, "phases are texts");
                self.diagnostics.push(finding);
                continue;
            }
            self.known_phases(&phased, attribute.init, attribute.spans.span);
            for (operation, change) in self.changes_of(&phased) {
                self.known_phases(&phased, change.expr, change.spans.span);
                found.extend(self.move_rule(&phased, operation, &change));
            }
        }
        found
    }

    fn phased<'f>(&mut self, file: &'f RuleFile, resources: &[Resource]) -> Vec<Phased<'f>> {
        let mut found = Vec::new();
        for (resource, modelled) in (0..).map(ResourceRef).zip(resources) {
            let declared = file.resources.iter();
            let declared = declared.filter(|declared| declared.name.value == modelled.name);
            for (attribute, own) in declared.flat_map(|declared| &declared.state).enumerate() {
                let (Some(lifecycle), Some(of)) =
                    (&own.lifecycle, modelled.attributes.get(attribute))
                else {
                    continue;
                };
                let root = Node::Root(Root::Resource(resource.0));
                let state = self.arena.add(root, Type::Resource(resource.0));
                let read = Node::Get(state, of.name.as_str().into());
                found.push(Phased {
                    resource,
                    attribute,
                    name: format!("{}.{}", modelled.name, of.name),
                    lifecycle,
                    phase: self.arena.add(read, of.ty.clone()),
                });
            }
        }
        found
    }

    fn changes_of(&self, phased: &Phased<'_>) -> Vec<(OperationRef, StateChange)> {
        let operations = (0..).map(OperationRef).zip(&self.operations);
        let changes = operations.flat_map(|(operation, found)| {
            let own = found.changes.iter().filter(|change| {
                (change.resource, change.attribute) == (phased.resource, phased.attribute)
            });
            own.map(move |change| (operation, change.clone()))
        });
        changes.collect()
    }

    /// Reports constants that are no phase.
    fn known_phases(&mut self, phased: &Phased<'_>, expr: ExprId, span: Span) {
        let phases = phased.lifecycle.phases();
        for leaf in self.arena.outcomes(expr) {
            let Some(Value::String(text)) = self.arena.as_const(leaf) else {
                continue;
            };
            if phases.contains(&&**text) {
                continue;
            }
            let message = format!("`{text}` is no phase of `{}`", phased.name);
            let help = did_you_mean(text, phases.iter().copied());
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(span, "not in the lifecycle")
                .also(phased.lifecycle.key, "its phases")
                .help(help.unwrap_or_else(|| format!("add it: `{text}: []`")));
            self.diagnostics.push(finding);
        }
    }

    fn move_rule(
        &mut self,
        phased: &Phased<'_>,
        operation: OperationRef,
        change: &StateChange,
    ) -> Option<(RuleInstance, RuleText)> {
        let key = phased.lifecycle.key;
        let allowed = self.allowed(phased, change.expr, &change.spans)?;
        let operation_id = &self.operations.get(operation.0 as usize)?.id;
        let rule = format!("{}-lifecycle", phased.name);
        let id = format!("{rule}@{operation_id}");
        let moves: Vec<String> = phased
            .lifecycle
            .moves
            .iter()
            .filter(|(_, to)| !to.is_empty())
            .map(|(from, to)| {
                let to: Vec<&str> = to.iter().map(|to| to.value.as_str()).collect();
                format!("from {} to {}", from.value, to.join(" or "))
            })
            .collect();
        let told = &phased.lifecycle.rules;
        let text = |own: &Option<Located<String>>| own.as_ref().map(|own| own.value.clone());
        let expect = told.expect.as_ref();
        let expect = expect.map(|expect| self.expected(expect, &rule));
        let own = format!("`{}` changes {} only.", phased.name, moves.join(", "));
        let severity = told.severity.map_or("high", RuleSeverity::name);
        let tags = told.tags.as_ref();
        let tags = tags.map(|tags| tags.iter().map(|tag| tag.value.clone()).collect());
        let instance = RuleInstance {
            rule,
            id,
            operation,
            about: None,
            expr: allowed.expr,
            spans: allowed.spans,
            when: None,
            message: text(&told.message).unwrap_or(own),
            source: text(&told.source),
            field_path: None,
            severity: Some(severity.to_owned()),
            tags: tags.unwrap_or_else(|| vec!["state".to_owned()]),
            expect: expect.unwrap_or_default(),
            undefined_rejects: false,
            needs: Vec::new(),
            across: None,
            ensures: Vec::new(),
            is_derived: true,
            span: key,
        };
        Some((instance, RuleText::default()))
    }

    /// Whether a move leads from the present phase to what `new` comes out as.
    /// What leaves the attribute as it is needs none.
    fn allowed(
        &mut self,
        phased: &Phased<'_>,
        new: ExprId,
        spans: &SpanTree,
    ) -> Option<Elaborated> {
        let key = phased.lifecycle.key;
        let made = |expr, children| Elaborated {
            expr,
            spans: SpanTree {
                span: key,
                def: None,
                children,
            },
        };
        if new == phased.phase {
            return Some(made(self.arena.boolean(true), Vec::new()));
        }
        if let Node::Call(Op::If, operands) = self.arena.node(new).clone()
            && let [condition, yes, no] = *operands
        {
            let within = |index: usize| spans.children.get(index).unwrap_or(spans).clone();
            let yes = self.allowed(phased, yes, &within(1))?;
            let no = self.allowed(phased, no, &within(2))?;
            let both = [condition, yes.expr, no.expr];
            let expr = self.arena.call_bool(Op::If, &both);
            return Some(made(expr, vec![within(0), yes.spans, no.spans]));
        }
        let leaf = SpanTree::leaf(key);
        if let Some(Value::String(phase)) = self.arena.as_const(new).cloned() {
            let before = phased.lifecycle.before(&phase);
            let of: Vec<ExprId> = before.iter().map(|from| self.text(from)).collect();
            return match *of {
                [] => {
                    let message = format!("no move leads to `{phase}`");
                    let finding = Diagnostic::error(Code::WrongValue, message)
                        .at(spans.span, "never possible")
                        .also(key, "the moves that there are")
                        .help(format!(
                            "name it behind the phase that it follows on: `PHASE: [{phase}]`"
                        ));
                    self.diagnostics.push(finding);
                    None
                }
                [only] => {
                    let expr = self.arena.call_bool(Op::Eq, &[phased.phase, only]);
                    Some(made(expr, vec![leaf.clone(), leaf]))
                }
                _ => {
                    let list = Node::List(of.into());
                    let list = self.arena.add(list, Type::list(Type::TEXT));
                    let expr = self.arena.call_bool(Op::In, &[phased.phase, list]);
                    Some(made(expr, vec![leaf.clone(), leaf]))
                }
            };
        }
        let stays = self.arena.call_bool(Op::Eq, &[new, phased.phase]);
        let next = self.table_of_moves(phased);
        let next = self
            .arena
            .call(Op::Index, &[next, phased.phase], Type::list(Type::TEXT));
        let moves = self.arena.call_bool(Op::In, &[new, next]);
        let expr = self.arena.call_bool(Op::Or, &[stays, moves]);
        let one = |children| SpanTree {
            span: spans.span,
            def: None,
            children,
        };
        let stays = one(vec![spans.clone(), leaf.clone()]);
        let moves = one(vec![spans.clone(), leaf]);
        Some(made(expr, vec![stays, moves]))
    }

    /// `{'authorized': ['captured', 'voided'], ...}`, of every phase.
    fn table_of_moves(&mut self, phased: &Phased<'_>) -> ExprId {
        let mut entries = Vec::new();
        for phase in phased.lifecycle.phases() {
            let moves = phased.lifecycle.moves.iter();
            let to = moves.filter(|(from, _)| from.value == phase);
            let to: Vec<&str> = to
                .flat_map(|(_, to)| to)
                .map(|to| to.value.as_str())
                .collect();
            let to: Vec<ExprId> = to.into_iter().map(|to| self.text(to)).collect();
            let list = self
                .arena
                .add(Node::List(to.into()), Type::list(Type::TEXT));
            entries.push((phase.into(), list));
        }
        let ty = Type::Map(std::sync::Arc::new(Type::list(Type::TEXT)));
        self.arena.add(Node::Map(entries.into()), ty)
    }

    fn text(&mut self, text: &str) -> ExprId {
        self.arena.constant(Value::string(text), Type::TEXT)
    }
}
