//! Rules in the forms that rule files have beside expressions: for every item
//! of a list, and as tables.

use crossfield::value::Value;
use fastrand::Rng;

use crate::fields::hundredths;
use crate::rules::{Generator, Read, Ty, declared, quoted};
use crate::world::RuleText;

/// A rule for every item of a list, or a table, if what can be read allows it.
pub fn rule(rng: &mut Rng, scope: &[Read]) -> Option<RuleText> {
    match rng.u8(..2) {
        0 => each(rng, scope),
        _ => table(rng, scope),
    }
}

fn each(rng: &mut Rng, scope: &[Read]) -> Option<RuleText> {
    let lists: Vec<&Read> = scope
        .iter()
        .filter(|read| matches!(read.ty, Ty::List(_)))
        .collect();
    let list = *lists.get(rng.usize(..lists.len().max(1)))?;
    let Ty::List(item) = &list.ty else {
        unreachable!("only lists were asked for")
    };
    let mut own = vec![Read {
        path: "item".into(),
        ty: (**item).clone(),
        open: false,
    }];
    if rng.u8(..4) == 0 {
        own.push(Read {
            path: "i".into(),
            ty: Ty::Int,
            open: false,
        });
    }
    if let Ty::Object(members) = &**item {
        own.extend(declared(members).map(|member| Read {
            path: format!("item{}", member.path),
            ..member.clone()
        }));
    }
    // Later reads are preferred.
    let mut scope = scope.to_vec();
    scope.extend(own);
    let mut generator = Generator::new(rng, scope);
    let rule = generator.condition(2);
    let when = generator.condition(1);
    let when = (rng.u8(..3) == 0).then_some(when);
    Some(RuleText {
        across: None,
        when,
        demand: format!(
            r#""each": {}, "rule": {}"#,
            quoted(&list.path),
            quoted(&rule)
        ),
    })
}

fn table(rng: &mut Rng, scope: &[Read]) -> Option<RuleText> {
    let fits = |read: &&Read| matches!(read.ty, Ty::Bool | Ty::Int | Ty::Decimal | Ty::Text);
    let fields: Vec<&Read> = scope.iter().filter(fits).collect();
    if fields.is_empty() {
        return None;
    }
    let mut columns: Vec<Read> = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let field = fields[rng.usize(..fields.len())];
        if !columns.contains(field) {
            columns.push(field.clone());
        }
    }
    let rows: Vec<String> = (0..rng.usize(1..4)).map(|_| row(rng, &columns)).collect();
    let effect = ["allow", "forbid"][rng.usize(..2)];
    let paths: Vec<String> = columns.iter().map(|column| quoted(&column.path)).collect();
    Some(RuleText {
        across: None,
        when: None,
        demand: format!(
            r#""table": {{"columns": [{}], "{effect}": [{}]}}"#,
            paths.join(", "),
            rows.join(", ")
        ),
    })
}

fn row(rng: &mut Rng, columns: &[Read]) -> String {
    // One cell asks for something, since a row must.
    let asking = rng.usize(..columns.len());
    let cells = columns.iter().enumerate().map(|(at, column)| {
        if at != asking && rng.u8(..4) == 0 {
            return "\"-\"".to_owned();
        }
        cell(rng, column)
    });
    let cells: Vec<String> = cells.collect();
    format!("[{}]", cells.join(", "))
}

fn cell(rng: &mut Rng, column: &Read) -> String {
    match rng.u8(..8) {
        // Members of lists' items and of what may be absent only: the schema
        // gives everything else always.
        0 if column.open => "null".to_owned(),
        1 | 2 => {
            let parts = [(); 2].map(|()| literal(rng, &column.ty));
            format!("[{}]", parts.join(", "))
        }
        3 | 4 if matches!(column.ty, Ty::Int | Ty::Decimal) => {
            let sign = ["<", "<=", ">", ">=", "!="][rng.usize(..5)];
            quoted(&format!("{sign} {}", literal(rng, &column.ty)))
        }
        5 if matches!(column.ty, Ty::Int | Ty::Decimal) => {
            let low = rng.i64(-3..3);
            let (open, close) = [("", ""), ("(", ")"), ("[", ")")][rng.usize(..3)];
            quoted(&format!("{open}{low}..{}{close}", low + rng.i64(0..4)))
        }
        _ => literal(rng, &column.ty),
    }
}

fn literal(rng: &mut Rng, ty: &Ty) -> String {
    match ty {
        Ty::Bool => rng.bool().to_string(),
        Ty::Int => rng.i64(-3..5).to_string(),
        Ty::Decimal => hundredths(rng.i64(-3..12) * 5).to_string(),
        _ => Value::string(["a", "card", "ab", "xyz"][rng.usize(..4)]).to_string(),
    }
}
