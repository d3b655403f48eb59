//! Warnings about expressions that mean something else than they seem to.

use super::syntax::in_yaml;
use crate::expr::{comment_before_conditions, misread, parse, placeholder_in};
use crate::rulefile::{Assignment, DefKind, Expression, RuleFile};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::tree::TextStyle;

/// What is read otherwise than it seems to be in the expressions of a file that
/// can be parsed.
pub(super) fn findings(file: &RuleFile) -> Diagnostics {
    let found = expressions(file).into_iter();
    let found = found.filter(|of| {
        let odd = ["//", "\\b", "\u{8}", "${"];
        odd.iter().any(|mark| of.source().contains(mark)) && parse(of.source()).is_ok()
    });
    let baselines = file.operations.iter().flat_map(|own| &own.baselines);
    let given = baselines.flat_map(|own| &own.set);
    found
        .flat_map(of_expression)
        .chain(given.filter_map(not_replaced))
        .collect()
}

/// `body.merchant: '${MERCHANT_ID}'` in a baseline.
fn not_replaced(given: &Assignment) -> Option<Diagnostic> {
    let text = given.value.as_text()?;
    let (place, name, own) = placeholder_in(&text.value)?;
    let message = format!("nothing replaces `${{{name}}}` in a text");
    let own = own.unwrap_or_else(|| "name".to_owned());
    let help = format!(
        "a value of the environment is declared at the top of the file, \
         `values: {{{own}: {{env: {}}}}}`, and given as `${own}`",
        name.to_ascii_uppercase().replace('.', "_")
    );
    let finding = Diagnostic::warning(Code::Misread, message);
    Some(
        finding
            .at(text.span_of(place), "sent as it stands")
            .help(help),
    )
}

fn expressions(file: &RuleFile) -> Vec<&Expression> {
    let rules = file.rules.iter().flat_map(|rule| {
        let each = rule.each.iter();
        rule.expressions().chain(each)
    });
    let defs = file.defs.iter().filter_map(|def| match &def.kind {
        DefKind::Expression(text) | DefKind::Macro { body: text, .. } => Some(text),
        DefKind::Data(_) => None,
    });
    let changes = file.operations.iter().flat_map(|own| &own.set);
    let states = file.resources.iter().flat_map(|own| &own.state);
    let changes = changes.map(|own| &own.value);
    let states = states.flat_map(|own| &own.init);
    rules.chain(defs).chain(changes).chain(states).collect()
}

fn of_expression(of: &Expression) -> Vec<Diagnostic> {
    let found = misread(of.source()).into_iter().map(|error| {
        let finding = Diagnostic::warning(Code::Misread, error.message)
            .at(of.span_of(error.span), "not what it seems");
        in_yaml(error.help.into_iter().fold(finding, Diagnostic::help), of)
    });
    let mut found: Vec<Diagnostic> = found.collect();
    found.extend(joined_lines(of).filter(|_| found.is_empty()));
    found
}

/// A comment that takes the lines behind it along, as YAML makes one line of
/// them.
fn joined_lines(of: &Expression) -> Option<Diagnostic> {
    let comment = comment_before_conditions(of.source())?;
    let length = comment.len();
    let place = of.span_of(comment);
    let may_fold = matches!(of.text.style, TextStyle::Block | TextStyle::Plain);
    if !may_fold || place.end - place.start <= length {
        return None;
    }
    let mut start = place;
    start.end = start.start + 2;
    let message = "`//` starts a comment, and the lines below belong to it";
    let help = match of.text.style {
        TextStyle::Block => "write `|-` in place of `>-`: it keeps the lines apart",
        _ => "write `|-` behind the colon: it keeps the lines below apart",
    };
    Some(
        Diagnostic::warning(Code::Misread, message)
            .at(start, "YAML makes one line of these")
            .help(help),
    )
}
