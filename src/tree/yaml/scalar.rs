//! What a YAML scalar means: the core schema of YAML 1.2.

use granit_parser::{ScalarStyle, Tag};
use num_bigint::BigInt;
use num_traits::Num;

use crate::tree::{NodeKind, TextStyle};
use crate::value::{Number, parse_number};

/// A resolved scalar.
pub(super) enum Scalar {
    /// A text.
    Text,
    /// Null, a Boolean or a number.
    Other(NodeKind),
}

/// A scalar that is a number, but none that is supported: infinite, not a
/// number, or with a huge exponent.
#[derive(Debug)]
pub(super) struct OutOfRange;

/// Resolves a scalar by its tag, else, when it is plain, by its form.
/// `absent`: nothing is written there.
pub(super) fn resolve(
    value: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    absent: bool,
) -> Result<Scalar, OutOfRange> {
    match tag.and_then(Tag::core_suffix) {
        Some("str" | "timestamp") => Ok(Scalar::Text),
        Some(_) => by_form(value),
        None if style != ScalarStyle::Plain => Ok(Scalar::Text),
        None if absent => Ok(Scalar::Other(NodeKind::Null)),
        None => by_form(value),
    }
}

/// Whether a tag is one of those that [`resolve`] knows.
pub(super) fn is_core(tag: &Tag) -> bool {
    let known = [
        "str",
        "timestamp",
        "int",
        "float",
        "bool",
        "null",
        "seq",
        "map",
    ];
    tag.core_suffix().is_some_and(|name| known.contains(&name))
}

pub(super) fn text_style(style: ScalarStyle) -> TextStyle {
    match style {
        ScalarStyle::Plain => TextStyle::Plain,
        ScalarStyle::SingleQuoted => TextStyle::SingleQuoted,
        ScalarStyle::DoubleQuoted => TextStyle::DoubleQuoted,
        ScalarStyle::Literal | ScalarStyle::Folded => TextStyle::Block,
    }
}

fn by_form(value: &str) -> Result<Scalar, OutOfRange> {
    let kind = match value {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ if is_special_float(value) => return Err(OutOfRange),
        _ => match number(value)? {
            Some(number) => NodeKind::Number {
                value: number,
                text: value.to_owned(),
            },
            None => return Ok(Scalar::Text),
        },
    };
    Ok(Scalar::Other(kind))
}

fn is_special_float(value: &str) -> bool {
    let name = value.strip_prefix(['-', '+']).unwrap_or(value);
    matches!(name, ".inf" | ".Inf" | ".INF") || matches!(value, ".nan" | ".NaN" | ".NAN")
}

/// The number that a plain scalar is; none where it is a text.
fn number(value: &str) -> Result<Option<Number>, OutOfRange> {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok(None);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = value.strip_prefix(prefix) {
            let plain = digits.chars().all(|c| c.is_digit(radix));
            let parsed = BigInt::from_str_radix(digits, radix).ok();
            return Ok(parsed.filter(|_| plain).map(Number::from_integer));
        }
    }
    if !is_decimal(digits) {
        return Ok(None);
    }
    parse_number(value).map(Some).ok_or(OutOfRange)
}

/// `12`, `1.5`, `.5`, `1.`, `1e3`, without a leading zero before other digits.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole)
        && digits(fraction)
        && exponent_fits
        && !leading_zero
        && !(whole.is_empty() && fraction.is_empty())
}
