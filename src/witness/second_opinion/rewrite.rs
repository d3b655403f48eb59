//! The parsed text with the meaning that rule files give it: `has()` is false
//! where any step of its path is absent or null, and header names ignore case.

use std::collections::BTreeMap;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use crate::value::Value;

/// The expression to run; an error where it names what is no variable.
pub(super) fn rewrite(
    expr: &IdedExpr,
    names: &BTreeMap<String, Value>,
) -> Result<IdedExpr, &'static str> {
    let mut expr = expr.clone();
    let mut known: Vec<String> = names.keys().cloned().collect();
    walk(&mut expr, &mut known)?;
    Ok(expr)
}

fn walk(expr: &mut IdedExpr, known: &mut Vec<String>) -> Result<(), &'static str> {
    lower_header(expr);
    if let Expr::Select(select) = &expr.expr
        && select.test
    {
        let id = expr.id;
        expr.expr = presence(select, id)?;
        return check_names(expr, known);
    }
    let before = known.len();
    if let Expr::Comprehension(fold) = &mut expr.expr {
        walk(&mut fold.iter_range, known)?;
        known.extend([fold.iter_var.clone(), fold.accu_var.clone()]);
        known.extend(fold.iter_var2.clone());
        let parts = [
            &mut fold.accu_init,
            &mut fold.loop_cond,
            &mut fold.loop_step,
            &mut fold.result,
        ];
        for part in parts {
            walk(part, known)?;
        }
        known.truncate(before);
        return Ok(());
    }
    if let Expr::Ident(name) = &expr.expr {
        let is_known = known.iter().any(|known| known == name);
        return is_known.then_some(()).ok_or("a name is no variable");
    }
    if let Expr::Call(call) = &expr.expr
        && is_unknown(&call.func_name)
    {
        return Err("it calls what CEL lacks");
    }
    for child in children_mut(&mut expr.expr) {
        walk(child, known)?;
    }
    Ok(())
}

/// Whether this is a function (operators are no words) that rules don't share
/// with CEL: a macro, or one whose meaning differs.
fn is_unknown(name: &str) -> bool {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
    is_word && !["size", "timestamp", "duration"].contains(&name)
}

/// The names of a presence test, which is not walked again.
fn check_names(expr: &IdedExpr, known: &[String]) -> Result<(), &'static str> {
    if let Expr::Ident(name) = &expr.expr
        && !known.contains(name)
    {
        return Err("a name is no variable");
    }
    children(&expr.expr)
        .into_iter()
        .try_for_each(|child| check_names(child, known))
}

/// `has(a.b.c)` as `a != null && has(a.b) && a.b != null && has(a.b.c)`.
fn presence(select: &SelectExpr, id: u64) -> Result<Expr, &'static str> {
    let base = &select.operand;
    let mut test = select.clone();
    test.test = true;
    lower_header(&mut test.operand);
    if is_header(base) {
        test.field = test.field.to_lowercase();
    }
    let there = IdedExpr {
        id,
        expr: Expr::Select(test),
    };
    let null = IdedExpr {
        id,
        expr: Expr::Literal(LiteralValue::Null),
    };
    let not_null = call(operators::NOT_EQUALS, [(**base).clone(), null], id);
    let own = call(operators::LOGICAL_AND, [not_null, there], id);
    match &base.expr {
        Expr::Ident(_) => Ok(own.expr),
        Expr::Select(above) if !above.test => {
            let above = IdedExpr {
                id,
                expr: presence(above, id)?,
            };
            Ok(call(operators::LOGICAL_AND, [above, own], id).expr)
        }
        _ => Err("has() looks into an entry"),
    }
}

fn call(name: &str, args: [IdedExpr; 2], id: u64) -> IdedExpr {
    let call = CallExpr {
        func_name: name.to_owned(),
        target: None,
        args: args.into(),
    };
    IdedExpr {
        id,
        expr: Expr::Call(call),
    }
}

fn is_header(expr: &IdedExpr) -> bool {
    matches!(&expr.expr, Expr::Ident(name) if name == "header")
}

/// `header['If-Match']` and `header.Accept` in small letters.
fn lower_header(expr: &mut IdedExpr) {
    match &mut expr.expr {
        Expr::Select(select) if is_header(&select.operand) => {
            select.field = select.field.to_lowercase();
        }
        Expr::Call(call) if call.func_name == operators::INDEX => {
            if let [base, key] = call.args.as_mut_slice()
                && is_header(base)
                && let Expr::Literal(LiteralValue::String(name)) = &key.expr
            {
                let lower = name.inner().to_lowercase();
                key.expr = Expr::Literal(LiteralValue::String(lower.into()));
            }
        }
        _ => {}
    }
}

/// The direct parts of an expression.
pub(super) fn children(expr: &Expr) -> Vec<&IdedExpr> {
    match expr {
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Comprehension(fold) => vec![
            &fold.iter_range,
            &fold.accu_init,
            &fold.loop_cond,
            &fold.loop_step,
            &fold.result,
        ],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map
            .entries
            .iter()
            .flat_map(|entry| entry_parts(&entry.expr))
            .collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Struct(message) => {
            let entries = message.entries.iter();
            entries.flat_map(|entry| entry_parts(&entry.expr)).collect()
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

/// As [`children`], of what has no names of its own.
fn children_mut(expr: &mut Expr) -> Vec<&mut IdedExpr> {
    match expr {
        Expr::Call(call) => {
            let target = call.target.as_deref_mut().into_iter();
            target.chain(&mut call.args).collect()
        }
        Expr::List(list) => list.elements.iter_mut().collect(),
        Expr::Map(map) => {
            let entries = map.entries.iter_mut();
            entries
                .flat_map(|entry| match &mut entry.expr {
                    EntryExpr::MapEntry(entry) => vec![&mut entry.key, &mut entry.value],
                    EntryExpr::StructField(field) => vec![&mut field.value],
                })
                .collect()
        }
        Expr::Select(select) => vec![&mut *select.operand],
        Expr::Comprehension(_)
        | Expr::Struct(_)
        | Expr::Ident(_)
        | Expr::Literal(_)
        | Expr::Unspecified => Vec::new(),
    }
}
