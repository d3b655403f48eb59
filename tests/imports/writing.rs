//! What is written is read back as the same rule.

use crossfield::import::{Cel, Demand, Imported, ImportedRule, write};
use crossfield::rulefile::{Api, Check, Rule, RuleFile, Shorthand};
use crossfield::source::{Sources, Span};
use fastrand::Rng;

/// Pieces that YAML has a meaning for, and others.
const PIECES: [&str; 48] = [
    "!has(body.x)",
    "a ? b : c",
    "'a' in b",
    "\"",
    "'",
    ": ",
    " #",
    "#",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*b",
    "|",
    ">",
    "-",
    "- ",
    "%",
    "@",
    "`",
    "\\",
    "\n",
    "\r",
    "\t",
    "  ",
    " ",
    "true",
    "null",
    "12",
    "0x1F",
    "1e3",
    ".5",
    "~",
    "é",
    "\u{1F600}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{7}",
    "&&",
    "||",
    "body.a == 'b  c'",
    "yes",
    "? ",
    "---",
    "..",
];

fn text(rng: &mut Rng) -> String {
    loop {
        let most = if rng.u8(0..4) == 0 { 40 } else { 5 };
        let count = rng.usize(1..most);
        let pieces: Vec<&str> = (0..count).map(|_| rng.choice(PIECES).unwrap()).collect();
        let text = pieces.join(rng.choice(["", " "]).unwrap());
        if !text.trim().is_empty() {
            return text;
        }
    }
}

fn rule(rng: &mut Rng, index: usize, span: Span) -> ImportedRule {
    let paths = |rng: &mut Rng| -> Vec<String> {
        (0..rng.usize(2..5))
            .map(|number| format!("{number}{}", text(rng)))
            .collect()
    };
    let raw = |rng: &mut Rng| Cel::Raw(text(rng));
    let demand = match rng.u8(0..4) {
        0 => Demand::Rule(raw(rng)),
        1 => {
            let keys = ["anyOf", "onlyOne", "allOrNone", "zeroOrOne"];
            Demand::Fields(rng.choice(keys).unwrap(), paths(rng))
        }
        2 => Demand::Requires(text(rng), paths(rng)),
        _ => Demand::Conditional(
            rng.choice(["onlyWhen", "neededWhen"]).unwrap(),
            text(rng),
            raw(rng),
        ),
    };
    let when = match rng.bool() {
        true => raw(rng),
        false => Cel::Bool(true),
    };
    let mut rule = ImportedRule::new(format!("r{index}"), &text(rng), when, demand, span);
    rule.message = rng.bool().then(|| text(rng));
    rule.source = rng.bool().then(|| text(rng));
    rule.field_path = rng.bool().then(|| format!(".{}", text(rng)));
    rule.tags = if rng.bool() { paths(rng) } else { Vec::new() };
    rule.comments = if rng.bool() {
        vec![text(rng)]
    } else {
        Vec::new()
    };
    rule
}

/// Everything of a rule that was read, in the words of an import.
fn read_back(rule: &Rule, like: &ImportedRule) -> ImportedRule {
    let texts = |all: &[crossfield::rulefile::Expression]| -> Vec<String> {
        all.iter().map(|one| one.source().to_owned()).collect()
    };
    let raw = |text: &str| Cel::Raw(text.to_owned());
    let Check::Shorthand { shorthand, .. } = &rule.check else {
        let Check::Rule(text) = &rule.check else {
            unreachable!()
        };
        return whole(rule, like, Demand::Rule(raw(text.source())));
    };
    let demand = match shorthand {
        Shorthand::Requires { field, needs } => {
            Demand::Requires(field.source().to_owned(), texts(needs))
        }
        Shorthand::AnyOf(paths)
        | Shorthand::OnlyOne(paths)
        | Shorthand::AllOrNone(paths)
        | Shorthand::ZeroOrOne(paths) => Demand::Fields(shorthand.key(), texts(paths)),
        Shorthand::ExactlyWhen { field, is }
        | Shorthand::OnlyWhen { field, is }
        | Shorthand::NeededWhen { field, is } => {
            let field = field.source().to_owned();
            Demand::Conditional(shorthand.key(), field, raw(is.source()))
        }
    };
    whole(rule, like, demand)
}

fn whole(rule: &Rule, like: &ImportedRule, demand: Demand) -> ImportedRule {
    let text = |own: &Option<crossfield::rulefile::Located<String>>| {
        own.as_ref().map(|own| own.value.clone())
    };
    ImportedRule {
        id: rule.id.value.clone(),
        operations: rule
            .operations
            .iter()
            .map(|own| own.value.clone())
            .collect(),
        when: rule
            .when
            .as_ref()
            .map(|when| Cel::Raw(when.source().to_owned())),
        demand,
        message: text(&rule.message),
        source: text(&rule.source),
        field_path: text(&rule.field_path),
        tags: rule.tags.iter().map(|tag| tag.value.clone()).collect(),
        comments: like.comments.clone(),
        span: like.span,
    }
}

#[test]
fn rules_are_read_back_as_they_were_written() {
    let mut rng = Rng::with_seed(3);
    let mut sources = Sources::new();
    let span = Span::new(sources.add("x", "x"), 0, 1);
    for _ in 0..400 {
        let imported = Imported {
            undefined_rejects: rng.bool(),
            rules: (0..8).map(|index| rule(&mut rng, index, span)).collect(),
            ..Imported::default()
        };
        let (api, title) = (text(&mut rng), text(&mut rng));
        let written = write(&imported, &api, &title, &|_| String::new());
        let file = sources.add("a.rules.yaml", written.text.as_str());
        let (read, found) = RuleFile::parse(&sources, file);
        assert!(
            !found.has_errors(),
            "{}\n{}",
            written.text,
            found.render_human(&sources, false)
        );
        let read = read.unwrap();
        let Api::Document(path) = &read.api else {
            panic!("{:?}", read.api)
        };
        assert_eq!(path.value, api);
        assert_eq!(read.rules.len(), imported.rules.len(), "{}", written.text);
        for (own, like) in read.rules.iter().zip(&imported.rules) {
            assert_eq!(read_back(own, like), *like, "{}", written.text);
        }
    }
}
