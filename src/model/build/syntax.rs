//! Findings for expressions that can't be parsed.

use crate::expr::{Correction, SyntaxError};
use crate::rulefile::Expression;
use crate::source::{Applicability, Code, Diagnostic, Fix};
use crate::tree::{TextStyle, quoted};

/// What a text that YAML reads as it stands doesn't begin with.
const NOT_PLAIN: [char; 11] = ['!', '&', '*', '[', '{', '\'', '"', '%', '@', '|', '>'];

/// A finding for what is wrong with the text of an expression.
pub(super) fn syntax_error(of: &Expression, error: &SyntaxError) -> Diagnostic {
    let span = of.span_of(error.span.clone());
    let finding = Diagnostic::error(Code::ExpressionSyntax, error.message.clone());
    let finding = finding.at(span, "here");
    let finding = error.help.iter().cloned().fold(finding, Diagnostic::help);
    let finding = in_yaml(finding, of);
    match &error.fix {
        Some(fix) => with_correction(finding, of, fix),
        None => finding,
    }
}

/// A finding with the edit that mends it, as far as YAML leaves the text as it
/// is meant.
fn with_correction(finding: Diagnostic, of: &Expression, fix: &Correction) -> Diagnostic {
    let title = match fix.text.is_empty() {
        true => "leave it out".to_owned(),
        false => format!("write `{}`", fix.text),
    };
    let applicability = match fix.is_certain {
        true => Applicability::Certain,
        false => Applicability::Maybe,
    };
    let mut mended = of.source().to_owned();
    mended.replace_range(fix.span.clone(), &fix.text);
    let needs_quotes =
        mended.starts_with(NOT_PLAIN) || mended.contains(": ") || mended.contains(" #");
    let text = &of.text;
    let (span, replacement) = match text.style {
        TextStyle::Plain if needs_quotes => {
            let Some(whole) = quoted(&mended) else {
                return finding;
            };
            let help = format!("with the quotes that YAML needs around it: `{whole}`");
            return finding
                .help(help)
                .fix(Fix::replace(title, applicability, text.span, whole));
        }
        TextStyle::SingleQuoted => (fix.span.clone(), fix.text.replace('\'', "''")),
        TextStyle::DoubleQuoted if fix.text.contains(['"', '\\']) => return finding,
        _ => (fix.span.clone(), fix.text.clone()),
    };
    let place = of.span_of(span);
    finding.fix(Fix::replace(title, applicability, place, replacement))
}

/// A finding whose advice says what YAML asks for besides.
pub(super) fn in_yaml(finding: Diagnostic, of: &Expression) -> Diagnostic {
    let advised = |mark: char| {
        let mut help = finding.help.iter();
        // What is to be written stands between backticks.
        help.any(|help| {
            help.split('`')
                .skip(1)
                .step_by(2)
                .any(|code| code.contains(mark))
        })
    };
    match of.text.style {
        TextStyle::SingleQuoted if advised('\'') => {
            finding.help("within the single quotes of YAML, `'` is written `''`")
        }
        TextStyle::DoubleQuoted if advised('"') => {
            finding.help("within the double quotes of YAML, `\"` is written `\\\"`")
        }
        _ => finding,
    }
}
