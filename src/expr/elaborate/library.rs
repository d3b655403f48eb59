//! Functions of the library, by their signatures.

use super::{Elaborated, Elaborator, Env};
use crate::expr::{Convert, Demand, ListOp, Op, Syntax, TextOp, TextView, TimePart, Type};
use crate::source::{Code, Diagnostic, Span};
use crate::text::search_error;
use crate::value::Value;
use crate::value::time::is_time_zone;

/// What an operand has to be.
#[derive(Clone, Copy)]
enum Operand {
    Text,
    Int,
    Texts,
    List,
    Lists,
    OrderedList,
    Convertible(Convert),
    Moment,
    Zone,
    Pattern,
}

/// How a function is called.
struct Signature {
    op: Op,
    needed: &'static [Operand],
    optional: &'static [Operand],
}

impl<'a> Elaborator<'_, 'a> {
    /// A function of the library; `None` if `name` is none. A method's target
    /// is its first operand.
    pub(super) fn library(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) -> Option<Option<Elaborated>> {
        if name == "min" || name == "max" {
            let op = if name == "min" { Op::Min } else { Op::Max };
            return Some(self.extreme(syntax, op, operands, env));
        }
        if let (Some(op @ (ListOp::IndexOf | ListOp::LastIndexOf)), [list, item]) =
            (ListOp::named(name), operands)
        {
            let before = self.diagnostics.len();
            let read = self.expr(list, env);
            if read.is_none() && self.diagnostics.len() > before {
                return Some(None);
            }
            if let Some(list) =
                read.filter(|list| matches!(self.arena.ty(list.expr), Type::List(_)))
            {
                return Some(self.position_in(syntax, op, list, item, env));
            }
        }
        let signature = signature(name)?;
        Some(self.apply(syntax, name, &signature, operands, env))
    }

    fn apply(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        signature: &Signature,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let (least, most) = (
            signature.needed.len(),
            signature.needed.len() + signature.optional.len(),
        );
        if !(least..=most).contains(&operands.len()) {
            let message = if least == most {
                format!(
                    "`{name}` takes {least} operands, here are {}",
                    operands.len()
                )
            } else {
                format!(
                    "`{name}` takes {least} to {most} operands, here are {}",
                    operands.len()
                )
            };
            self.error(
                Code::TypeMismatch,
                message,
                env.span(syntax),
                "wrong operands",
            );
            return None;
        }
        if signature.op == Op::Text(TextOp::Contains) && self.is_list_asked(syntax, operands, env) {
            return None;
        }
        let wanted = signature.needed.iter().chain(signature.optional);
        let read = operands.iter().zip(wanted).map(|(operand, wanted)| {
            let read = self.expr(operand, env)?;
            self.fitted(read, *wanted, env.span(operand))
        });
        let read: Vec<Option<Elaborated>> = read.collect();
        let read: Vec<Elaborated> = read.into_iter().collect::<Option<_>>()?;
        let first = read.first().map(|first| self.arena.ty(first.expr).clone());
        if let (Op::TimePart(_), Some(Type::Duration), [_, zone]) =
            (signature.op, &first, read.as_slice())
        {
            let message = format!("`{name}` of a duration takes no time zone");
            let span = zone.spans.span;
            self.error(Code::TypeMismatch, message, span, "only moments have one");
            return None;
        }
        let ty = result(signature.op, first.as_ref());
        Some(self.applied(syntax, signature.op, read, ty, env))
    }

    /// `list.indexOf(item)` and the like.
    fn position_in(
        &mut self,
        syntax: &'a Syntax,
        op: ListOp,
        list: Elaborated,
        item: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let item = self.expr(item, env)?;
        if self.is_beyond_listed(&item, &list) {
            return None;
        }
        let of = match self.arena.ty(list.expr) {
            Type::List(of) => (**of).clone(),
            _ => return None,
        };
        let ty = self.arena.ty(item.expr).clone();
        if !ty.comparable(&of) {
            let wanted = format!("{of}, as the items are,");
            self.wrong_type(&wanted, &ty, item.spans.span);
            return None;
        }
        Some(self.applied(syntax, Op::List(op), vec![list, item], Type::Int, env))
    }

    fn applied(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        operands: Vec<Elaborated>,
        ty: Type,
        env: &Env<'a>,
    ) -> Elaborated {
        let ids: Vec<_> = operands.iter().map(|operand| operand.expr).collect();
        let spans = operands.into_iter().map(|operand| operand.spans).collect();
        Elaborated {
            expr: self.arena.call(op, &ids, ty),
            spans: env.tree(syntax, spans),
        }
    }

    /// An operand as the function takes it.
    fn fitted(&mut self, read: Elaborated, wanted: Operand, span: Span) -> Option<Elaborated> {
        let read = match (wanted, self.arena.ty(read.expr)) {
            (Operand::Text, Type::Any) => self.demanded(read, Demand::Text),
            (Operand::Int, Type::Any) => self.demanded(read, Demand::Int),
            _ => read,
        };
        let ty = self.arena.ty(read.expr).clone();
        let fits = match wanted {
            Operand::Text | Operand::Pattern | Operand::Zone => matches!(ty, Type::String(_)),
            Operand::Int => ty == Type::Int,
            Operand::Texts => {
                matches!(&ty, Type::List(item) if matches!(**item, Type::String(_) | Type::Null))
            }
            Operand::List => matches!(ty, Type::List(_)),
            Operand::Lists => matches!(&ty, Type::List(item) if matches!(**item, Type::List(_))),
            Operand::OrderedList => matches!(&ty, Type::List(item) if item.has_order()),
            Operand::Convertible(to) => converts(to, &ty),
            Operand::Moment => {
                if matches!(ty, Type::String(TextView::Date | TextView::DateTime)) {
                    return self.as_time(read);
                }
                matches!(ty, Type::Time | Type::Duration)
            }
        };
        if !fits {
            self.wrong_type(words(wanted), &ty, span);
            return None;
        }
        match wanted {
            Operand::Pattern => self.pattern(read, span),
            Operand::Zone => self.zone(read, span),
            _ => Some(read),
        }
    }

    fn pattern(&mut self, read: Elaborated, span: Span) -> Option<Elaborated> {
        let written = self.arena.as_const(read.expr).and_then(Value::as_str);
        let Some(written) = written else {
            let message = "the pattern of matches() must be a constant".to_owned();
            self.error(Code::Unsupported, message, span, "not a constant");
            return None;
        };
        if let Some(problem) = search_error(written) {
            let message = format!("this is no regular expression: {problem}");
            self.error(Code::WrongValue, message, span, "not a regular expression");
            return None;
        }
        Some(read)
    }

    fn zone(&mut self, read: Elaborated, span: Span) -> Option<Elaborated> {
        let written = self.arena.as_const(read.expr).and_then(Value::as_str);
        if let Some(written) = written
            && !is_time_zone(written)
        {
            let message = format!("there is no time zone `{written}`");
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(span, "unknown zone")
                .help("write a name such as 'Europe/Berlin', or an offset such as '+02:00'");
            self.diagnostics.push(finding);
            return None;
        }
        Some(read)
    }

    /// `min(a, b)`, `min(list)` and the like.
    fn extreme(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        operands: &[&'a Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let read: Vec<Option<Elaborated>> = operands
            .iter()
            .map(|operand| self.expr(operand, env))
            .collect();
        let read: Vec<Elaborated> = read.into_iter().collect::<Option<_>>()?;
        let types: Vec<Type> = read
            .iter()
            .map(|one| self.arena.ty(one.expr).clone())
            .collect();
        let ty = match types.as_slice() {
            [Type::List(item)] => Some((**item).clone()),
            types => {
                let mut types = types.iter().cloned().map(Some);
                let first = types.next().flatten();
                types.fold(first, |joined, next| joined?.join(&next?))
            }
        };
        match ty.filter(Type::has_order) {
            Some(ty) => Some(self.applied(syntax, op, read, ty, env)),
            None if types.is_empty() => {
                let name = if op == Op::Min { "min" } else { "max" };
                let message = format!("`{name}` of nothing");
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(env.span(syntax), "wrong operands")
                    .help(format!("write `{name}(a, b)` or `{name}(list)`"));
                self.diagnostics.push(finding);
                None
            }
            None => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                let message = format!(
                    "numbers or moments are needed, or one list of them; these are: {}",
                    types.join(", ")
                );
                self.error(Code::TypeMismatch, message, env.span(syntax), "no order");
                None
            }
        }
    }
}

fn signature(name: &str) -> Option<Signature> {
    let found = |op, needed, optional| Signature {
        op,
        needed,
        optional,
    };
    if let Some(op) = TextOp::named(name) {
        use Operand::{Int, Pattern, Text, Texts};
        let (needed, optional): (&[Operand], &[Operand]) = match op {
            TextOp::StartsWith | TextOp::EndsWith | TextOp::Contains => (&[Text, Text], &[]),
            TextOp::Matches => (&[Text, Pattern], &[]),
            TextOp::LowerAscii | TextOp::UpperAscii | TextOp::Trim => (&[Text], &[]),
            TextOp::Substring => (&[Text, Int], &[Int]),
            TextOp::CharAt => (&[Text, Int], &[]),
            TextOp::IndexOf | TextOp::LastIndexOf | TextOp::Split => (&[Text, Text], &[Int]),
            TextOp::Replace => (&[Text, Text, Text], &[Int]),
            TextOp::Join => (&[Texts], &[Text]),
            TextOp::Concat => return None,
        };
        return Some(found(Op::Text(op), needed, optional));
    }
    if let Some(op) = ListOp::named(name) {
        let needed: &[Operand] = match op {
            ListOp::Distinct | ListOp::Unique => &[Operand::List],
            ListOp::Flatten => &[Operand::Lists],
            ListOp::IsSorted => &[Operand::OrderedList],
            // Written as an operator, or only within comprehensions.
            ListOp::Concat | ListOp::Keys | ListOp::Indexes => return None,
            // Texts have functions of that name, which came first.
            ListOp::IndexOf | ListOp::LastIndexOf => return None,
        };
        return Some(found(Op::List(op), needed, &[]));
    }
    if let Some(part) = TimePart::named(name) {
        return Some(found(
            Op::TimePart(part),
            &[Operand::Moment],
            &[Operand::Zone],
        ));
    }
    let convert = match name {
        // A double of CEL is exact here.
        "double" => Convert::Decimal,
        _ => Convert::named(name)?,
    };
    let needed: &[Operand] = match convert {
        Convert::Int => &[Operand::Convertible(Convert::Int)],
        Convert::Decimal => &[Operand::Convertible(Convert::Decimal)],
        Convert::Text => &[Operand::Convertible(Convert::Text)],
        Convert::Bool => &[Operand::Convertible(Convert::Bool)],
    };
    Some(found(Op::Convert(convert), needed, &[]))
}

fn converts(to: Convert, from: &Type) -> bool {
    if *from == Type::Any {
        return true;
    }
    match to {
        Convert::Int => from.is_number() || matches!(from, Type::String(_) | Type::Time),
        Convert::Decimal => from.is_number() || matches!(from, Type::String(_)),
        Convert::Bool => matches!(from, Type::String(_) | Type::Bool),
        Convert::Text => {
            from.is_number()
                || matches!(
                    from,
                    Type::String(_) | Type::Bool | Type::Time | Type::Duration
                )
        }
    }
}

/// The type of a result, by that of the first operand.
fn result(op: Op, first: Option<&Type>) -> Type {
    match op {
        Op::Text(op) => match op {
            TextOp::StartsWith | TextOp::EndsWith | TextOp::Contains | TextOp::Matches => {
                Type::Bool
            }
            TextOp::IndexOf | TextOp::LastIndexOf => Type::Int,
            TextOp::Split => Type::list(Type::TEXT),
            TextOp::LowerAscii
            | TextOp::UpperAscii
            | TextOp::Trim
            | TextOp::Substring
            | TextOp::CharAt
            | TextOp::Replace
            | TextOp::Join
            | TextOp::Concat => Type::TEXT,
        },
        Op::List(op) => match (op, first) {
            (ListOp::Distinct | ListOp::IsSorted, _) => Type::Bool,
            (ListOp::Flatten, Some(Type::List(inner))) => (**inner).clone(),
            (_, Some(list)) => list.clone(),
            (_, None) => Type::Null,
        },
        Op::Convert(Convert::Decimal) => Type::Decimal,
        Op::Convert(Convert::Text) => Type::TEXT,
        Op::Convert(Convert::Bool) => Type::Bool,
        _ => Type::Int,
    }
}

fn words(wanted: Operand) -> &'static str {
    match wanted {
        Operand::Text | Operand::Pattern => "a string",
        Operand::Int => "an integer",
        Operand::Texts => "a list of strings",
        Operand::List => "a list",
        Operand::Lists => "a list of lists",
        Operand::OrderedList => "a list of numbers or moments",
        Operand::Convertible(Convert::Text) => "a number, a boolean or a moment",
        Operand::Convertible(Convert::Bool) => "a string or a boolean",
        Operand::Convertible(_) => "a number or a string",
        Operand::Moment => "a moment or a duration",
        Operand::Zone => "the name of a time zone",
    }
}
