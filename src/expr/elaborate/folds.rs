//! Comprehensions: `list.all(x, …)` and its like, over lists and over the keys
//! of objects, with one variable or two.

use super::{Elaborated, Elaborator, Env, Local, SpanTree};
use crate::expr::{ExprId, Fold, ListOp, Node, Op, Syntax, SyntaxKind, Type, is_library};
use crate::source::{Code, Diagnostic};

/// How a comprehension is written.
pub(super) struct Form<'a> {
    /// The name of the item, or of the key of an object.
    one: Option<&'a str>,
    /// The names of position and item, or of key and value.
    two: Option<(&'a str, &'a str)>,
    /// Which items count, where `map` says so.
    condition: Option<&'a Syntax>,
    /// What is asked of each item.
    body: &'a Syntax,
}

/// The fold that rule files call `name`.
pub(super) fn fold_named(name: &str) -> Option<Fold> {
    Some(match name {
        "all" => Fold::All,
        "exists" => Fold::Exists,
        "exists_one" | "existsOne" => Fold::ExistsOne,
        "map" | "transformList" => Fold::Map,
        "filter" => Fold::Filter,
        _ => return None,
    })
}

fn form<'a>(name: &str, args: &'a [Syntax]) -> Option<Form<'a>> {
    let names: Vec<Option<&str>> = args
        .iter()
        .map(|arg| match &arg.kind {
            SyntaxKind::Name(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let (one, two, condition, body) = match (name, names.as_slice(), args) {
        ("transformList", [Some(a), Some(b), _], [_, _, body]) => {
            (None, Some((*a, *b)), None, body)
        }
        ("transformList", [Some(a), Some(b), ..], [_, _, condition, body]) => {
            (None, Some((*a, *b)), Some(condition), body)
        }
        ("transformList", ..) => return None,
        (_, [Some(x), _], [_, body]) => (Some(*x), None, None, body),
        // CEL's own meaning: a condition before what is mapped.
        ("map", [Some(x), _, _], [_, condition, body]) => (Some(*x), None, Some(condition), body),
        (_, [Some(a), Some(b), _], [_, _, body]) => (None, Some((*a, *b)), None, body),
        _ => return None,
    };
    Some(Form {
        one,
        two,
        condition,
        body,
    })
}

impl<'a> Elaborator<'_, 'a> {
    /// `list.all(x, body)` and its like. Over an object, a single variable is
    /// the key; of two variables the first is the position or the key.
    pub(super) fn comprehension(
        &mut self,
        syntax: &'a Syntax,
        fold: Fold,
        list: &'a Syntax,
        args: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let SyntaxKind::Call { name, .. } = &syntax.kind else {
            return None;
        };
        let Some(form) = form(name, args) else {
            self.bad_form(name, syntax, env);
            return None;
        };
        if self.names_a_library(&form, args, env) {
            return None;
        }
        let whole = self.expr(list, env)?;
        let is_list = match self.arena.ty(whole.expr) {
            Type::List(_) => true,
            Type::Object(_) | Type::Map(_) => false,
            other => {
                let other = other.clone();
                self.wrong_type("a list, or an object for its keys", &other, env.span(list));
                return None;
            }
        };
        let over = match (is_list, form.two) {
            (true, None) => whole,
            (true, Some(_)) => self.of_whole(ListOp::Indexes, Type::Int, whole),
            (false, _) => self.of_whole(ListOp::Keys, Type::TEXT, whole),
        };
        let inner = self.scope_of(&form, over.expr, list, env);
        match fold {
            Fold::Map => {
                if self.names_two(list, args, &inner, env) {
                    return None;
                }
                let over = match form.condition {
                    Some(condition) => self.filtered(syntax, over, condition, &inner, env)?,
                    None => over,
                };
                let body = self.within_fold(form.body, &inner)?;
                let ty = Type::list(self.arena.ty(body.expr).clone());
                Some(self.folded(syntax, Fold::Map, over, body, ty, env))
            }
            Fold::Filter => {
                let kept = self.filtered(syntax, over, form.body, &inner, env)?;
                match form.two {
                    Some((_, item)) if is_list => self.items_at(syntax, kept, item, &inner, env),
                    _ => Some(kept),
                }
            }
            _ => {
                let body = self.condition_of(form.body, &inner)?;
                Some(self.folded(syntax, fold, over, body, Type::Bool, env))
            }
        }
    }

    /// Refuses `list.all(math, …)`: `math.round(x)` is the library's.
    fn names_a_library(&mut self, form: &Form<'a>, args: &'a [Syntax], env: &Env<'a>) -> bool {
        let two = form.two.map(|(first, second)| [first, second]);
        let names = two.into_iter().flatten().chain(form.one);
        let mut names = names.zip(args);
        names.any(|(name, place)| self.is_library_name(name, place, env))
    }

    /// Whether a name for a value is that of a library; says so.
    pub(super) fn is_library_name(&mut self, name: &str, place: &'a Syntax, env: &Env<'a>) -> bool {
        if !is_library(name) {
            return false;
        }
        let message = format!("the name `{name}` is taken");
        let finding = Diagnostic::error(Code::BadId, message)
            .at(env.span(place), "CEL has a library of this name")
            .help("give the value another name");
        self.diagnostics.push(finding);
        true
    }

    /// `map(k, v, …)`: the second is a condition, and no name.
    fn names_two(
        &mut self,
        list: &'a Syntax,
        args: &'a [Syntax],
        inner: &Env<'a>,
        env: &Env<'a>,
    ) -> bool {
        let [first, second, body] = args else {
            return false;
        };
        let (SyntaxKind::Name(one), SyntaxKind::Name(two)) = (&first.kind, &second.kind) else {
            return false;
        };
        let others = ["self", "now", "cookie", "actor", "response"];
        let is_known = self.known_names(inner).contains(two) || others.contains(&two.as_str());
        if is_known || !reads_name(body, two) {
            return false;
        }
        let (list, body) = (list.operand_or("…"), body.written());
        let body = body.unwrap_or_else(|| "…".to_owned());
        let message = "`map` takes one name: what follows it is a condition".to_owned();
        let finding = Diagnostic::error(Code::UndefinedName, message)
            .at(env.span(second), "nothing declares this name")
            .help(format!(
                "for both write `{list}.transformList({one}, {two}, {body})`"
            ));
        self.diagnostics.push(finding);
        true
    }

    fn bad_form(&mut self, name: &str, syntax: &'a Syntax, env: &Env<'a>) {
        let usage = match name {
            "transformList" => "`list.transformList(i, x, …)`".to_owned(),
            "map" => "`list.map(x, …)`, with a condition `list.map(x, condition, …)`, with the \
                      position `list.transformList(i, x, …)`"
                .to_owned(),
            _ => format!("`list.{name}(x, …)`, or with the position `list.{name}(i, x, …)`"),
        };
        let message = format!("`{name}` takes names and then an expression");
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(syntax), "wrong operands")
            .help(format!("write {usage}"));
        self.diagnostics.push(finding);
    }

    /// The positions of a list, or the keys of an object.
    fn of_whole(&mut self, op: ListOp, item: Type, whole: Elaborated) -> Elaborated {
        let spans = SpanTree {
            span: whole.spans.span,
            def: whole.spans.def.clone(),
            children: vec![whole.spans],
        };
        let expr = self
            .arena
            .call(Op::List(op), &[whole.expr], Type::list(item));
        Elaborated { expr, spans }
    }

    /// The names that the body may use.
    fn scope_of(&self, form: &Form<'a>, over: ExprId, list: &'a Syntax, env: &Env<'a>) -> Env<'a> {
        let ty = match self.arena.ty(over) {
            Type::List(item) => (**item).clone(),
            _ => Type::Null,
        };
        let level = self.level;
        let item = Local::Item { level, ty };
        match (form.one, form.two) {
            (_, Some((first, second))) => {
                let entry = Local::Entry {
                    level,
                    of: list,
                    env: env.clone(),
                };
                env.with(first, item).with(second, entry)
            }
            (Some(one), None) => env.with(one, item),
            (None, None) => env.clone(),
        }
    }

    /// An expression that stands in one more fold.
    fn within_fold(&mut self, body: &'a Syntax, inner: &Env<'a>) -> Option<Elaborated> {
        self.level += 1;
        let read = self.expr(body, inner);
        self.level -= 1;
        read
    }

    fn condition_of(&mut self, body: &'a Syntax, inner: &Env<'a>) -> Option<Elaborated> {
        let read = self.within_fold(body, inner)?;
        if *self.arena.ty(read.expr) != Type::Bool {
            self.no_condition(body, &read, inner);
            return None;
        }
        Some(read)
    }

    fn filtered(
        &mut self,
        syntax: &'a Syntax,
        over: Elaborated,
        condition: &'a Syntax,
        inner: &Env<'a>,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let condition = self.condition_of(condition, inner)?;
        let ty = self.arena.ty(over.expr).clone();
        Some(self.folded(syntax, Fold::Filter, over, condition, ty, env))
    }

    /// The items at the positions that were kept.
    fn items_at(
        &mut self,
        syntax: &'a Syntax,
        kept: Elaborated,
        item: &str,
        inner: &Env<'a>,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let Some(Local::Entry {
            level,
            of,
            env: outer,
        }) = inner.find(item)
        else {
            return None;
        };
        self.level += 1;
        let entry = self.entry(syntax, level, of, &outer, inner);
        self.level -= 1;
        let entry = entry?;
        let ty = Type::list(self.arena.ty(entry.expr).clone());
        Some(self.folded(syntax, Fold::Map, kept, entry, ty, env))
    }

    fn folded(
        &mut self,
        syntax: &'a Syntax,
        fold: Fold,
        over: Elaborated,
        body: Elaborated,
        ty: Type,
        env: &Env<'a>,
    ) -> Elaborated {
        let node = Node::Fold(fold, over.expr, body.expr);
        Elaborated {
            expr: self.arena.add(node, ty),
            spans: env.tree(syntax, vec![over.spans, body.spans]),
        }
    }

    /// The second variable: the entry of `of`, as it is in `outer`, at the
    /// position or key that the fold of `level` is at.
    pub(super) fn entry(
        &mut self,
        syntax: &'a Syntax,
        level: u32,
        of: &'a Syntax,
        outer: &Env<'a>,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let whole = self.expr(of, outer)?;
        let (at, value) = match self.arena.ty(whole.expr).clone() {
            Type::List(item) => (Type::Int, (*item).clone()),
            other => (Type::TEXT, self.values_of(&other, env.span(syntax))?),
        };
        let node = Node::Item {
            depth: self.level - level - 1,
            ty: at.clone(),
        };
        let item = self.arena.add(node, at);
        let leaf = env.tree(syntax, Vec::new());
        Some(Elaborated {
            expr: self.arena.call(Op::Index, &[whole.expr, item], value),
            spans: env.tree(syntax, vec![whole.spans, leaf]),
        })
    }
}

/// Whether an expression holds a name.
fn reads_name(syntax: &Syntax, name: &str) -> bool {
    let reads = |syntax: &Syntax| reads_name(syntax, name);
    match &syntax.kind {
        SyntaxKind::Name(own) => own == name,
        SyntaxKind::Literal(..) => false,
        SyntaxKind::Select(base, _) | SyntaxKind::Every(base) | SyntaxKind::Has(base) => {
            reads(base)
        }
        SyntaxKind::Call { target, args, .. } => {
            target.as_deref().is_some_and(reads) || args.iter().any(reads)
        }
        SyntaxKind::List(items) => items.iter().any(reads),
        SyntaxKind::Map(entries) => entries
            .iter()
            .any(|(key, value)| reads(key) || reads(value)),
    }
}
