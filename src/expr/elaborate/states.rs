//! Which state of the resources an expression reads: the one before the
//! request, or, in what is ensured of its answer, the one behind it.

use super::{Elaborated, Elaborator, Env};
use crate::expr::{ExprId, Node, Root, Syntax, Type};
use crate::source::{Code, Diagnostic, Span};

/// Which state of the resources an expression reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateRead {
    /// What the server remembers before the request.
    #[default]
    Before,
    /// What it remembers once it has accepted the request; `old(...)` reads what
    /// it remembered before.
    After {
        /// The resource that the request makes.
        made: Option<u32>,
    },
}

impl<'a> Elaborator<'_, 'a> {
    /// A resource that the request is about, or makes.
    pub(super) fn resource(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        env: &Env<'a>,
    ) -> Option<Option<Elaborated>> {
        let is_named = |index: &u32| {
            let signature = self.scope.resources.get(*index as usize);
            signature.is_some_and(|signature| signature.name == name)
        };
        let bound = self.scope.bound.iter().copied().find(is_named);
        let made = match self.scope.state {
            StateRead::After { made } => made.filter(is_named),
            StateRead::Before => None,
        };
        let index = bound.or(made)?;
        let root = match (self.scope.state, self.in_old) {
            (StateRead::Before, _) => Root::Resource(index),
            (StateRead::After { .. }, false) => Root::After(index),
            (StateRead::After { .. }, true) if bound.is_none() => {
                let message = format!("the request makes the {name}: there is no older one");
                let finding = Diagnostic::error(Code::UndefinedName, message)
                    .at(env.span(syntax), "not there before")
                    .help("leave `old()` out: what is read is what the request makes");
                self.diagnostics.push(finding);
                return Some(None);
            }
            (StateRead::After { .. }, true) => Root::Old(index),
        };
        Some(Some(Elaborated {
            expr: self.arena.add(Node::Root(root), Type::Resource(index)),
            spans: env.tree(syntax, Vec::new()),
        }))
    }

    /// What has the key of a resource: it never changes. That of what the request
    /// makes is known by the answer alone.
    pub(super) fn known_by(&mut self, base: ExprId, span: Span) -> Option<ExprId> {
        let Node::Root(Root::After(index)) = *self.arena.node(base) else {
            return Some(base);
        };
        if self.scope.bound.contains(&index) {
            let old = Node::Root(Root::Old(index));
            return Some(self.arena.add(old, Type::Resource(index)));
        }
        let message = "the key of what the request makes is known by its answer alone";
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(span, "no test knows it before")
            .help("that there is one is said by `has(response.body.id)`");
        self.diagnostics.push(finding);
        None
    }

    /// Reports all resources of a kind where what is behind a request is read.
    pub(super) fn is_behind(&mut self, plural: &str, span: Span) -> bool {
        let is_behind = self.scope.state != StateRead::Before;
        if is_behind {
            let message = format!("`{plural}` can't be read in `ensure` yet");
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(span, "all of a kind, as they are behind the request")
                .help("ensure what the answer shows of the one that the request is about");
            self.diagnostics.push(finding);
        }
        is_behind
    }

    /// `old(payment.refunded)`
    pub(super) fn old(
        &mut self,
        syntax: &'a Syntax,
        of: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if self.scope.state == StateRead::Before {
            let message = "`old()` is only there in `ensure`".to_owned();
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(
                    env.span(syntax),
                    "reads the state before the request anyway",
                )
                .help(
                    "leave `old()` out: rules, `init` and `set` read the state before the request",
                );
            self.diagnostics.push(finding);
            return None;
        }
        let outer = std::mem::replace(&mut self.in_old, true);
        let read = self.expr(of, env);
        self.in_old = outer;
        let read = read?;
        let is_old = |id| matches!(self.arena.node(id), Node::Root(Root::Old(_)));
        if !self.arena.reachable(&[read.expr]).into_iter().any(is_old) {
            let message = "`old()` is about what the server remembers".to_owned();
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(env.span(of), "reads no state")
                .help("leave `old()` out: the request doesn't change; `old(payment.refunded)` is the state before it");
            self.diagnostics.push(finding);
            return None;
        }
        Some(read)
    }
}
