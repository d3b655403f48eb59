//! What an import found.

use super::Cel;
use crate::source::{Code, Diagnostic, Span};

/// Rules that exist elsewhere, in the words of rule files.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Whether a rule that can't be evaluated refuses the request.
    pub undefined_rejects: bool,
    /// The rules, in the order of their source.
    pub rules: Vec<ImportedRule>,
    /// Keywords of the document that the rules take the place of.
    pub fields: Vec<Replaced>,
    /// What could not be carried over.
    pub lost: Vec<Lost>,
}

/// A rule of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRule {
    /// A wish; made unique before it is written.
    pub id: String,
    /// What the rule is about: operationIds, or methods and paths.
    pub operations: Vec<String>,
    /// Where this is false, the rule says nothing.
    pub when: Option<Cel>,
    /// What must hold.
    pub demand: Demand,
    /// The rule in words.
    pub message: Option<String>,
    /// Where the rule comes from.
    pub source: Option<String>,
    /// The field to blame.
    pub field_path: Option<String>,
    /// Words to group rules by.
    pub tags: Vec<String>,
    /// What to know about it, one line each.
    pub comments: Vec<String>,
    /// Where the rule stands in its source.
    pub span: Span,
}

/// What a rule demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// `rule`: an expression.
    Rule(Cel),
    /// `anyOf`, `onlyOne`, `allOrNone` or `zeroOrOne`: the key, and the paths.
    Fields(&'static str, Vec<String>),
    /// `requires`: a path, and those it needs.
    Requires(String, Vec<String>),
    /// `onlyWhen` or `neededWhen`: the key, the path, the condition.
    Conditional(&'static str, String, Cel),
}

/// A keyword of a document whose place rules take: `fields` removes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replaced {
    /// The operation.
    pub operation: String,
    /// The path of the field.
    pub path: String,
    /// The keyword.
    pub keyword: String,
    /// Why.
    pub why: String,
    /// Where the keyword stands.
    pub span: Span,
}

/// Something that could not be carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What it is, as it is written.
    pub what: String,
    /// Why.
    pub why: String,
    /// A way out.
    pub help: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Whether it stands as a comment beside its rule already.
    pub is_noted: bool,
    /// The kind of finding: whether rule files can't say it, or the source
    /// itself is at fault.
    pub code: Code,
}

impl ImportedRule {
    /// A rule with nothing but what it needs.
    pub fn new(id: String, operation: &str, when: Cel, demand: Demand, span: Span) -> Self {
        let demand = match demand {
            Demand::Rule(rule) => Demand::Rule(rule.given(&when)),
            other => other,
        };
        Self {
            id,
            operations: vec![operation.to_owned()],
            when: (when != Cel::Bool(true)).then_some(when),
            demand,
            message: None,
            source: None,
            field_path: None,
            tags: Vec::new(),
            comments: Vec::new(),
            span,
        }
    }
}

/// One rule for all operations for which a place of the source says the same.
pub fn merge_operations(rules: &mut Vec<ImportedRule>) {
    let mut kept: Vec<ImportedRule> = Vec::new();
    for rule in std::mem::take(rules) {
        let same = |own: &&mut ImportedRule| {
            (own.span, &own.id, &own.when, &own.demand)
                == (rule.span, &rule.id, &rule.when, &rule.demand)
        };
        match kept.iter_mut().find(same) {
            Some(own) => own.operations.extend(rule.operations),
            None => kept.push(rule),
        }
    }
    *rules = kept;
}

impl Lost {
    /// Something that rule files can't say.
    pub fn new(what: impl Into<String>, why: impl Into<String>, span: Span) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            help: None,
            span,
            is_noted: false,
            code: Code::NotCarriedOver,
        }
    }

    /// A way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A way out, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// It stands as a comment beside its rule.
    #[must_use]
    pub fn noted(mut self) -> Self {
        self.is_noted = true;
        self
    }

    /// The source itself is at fault.
    #[must_use]
    pub fn wrong(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// The finding: a warning, or an error where the source is at fault.
    pub fn diagnostic(&self) -> Diagnostic {
        let finding = if self.code == Code::NotCarriedOver {
            let message = format!("not carried over: {}", self.why);
            Diagnostic::warning(self.code, message)
        } else {
            Diagnostic::error(self.code, self.why.clone())
        };
        finding.at(self.span, "").maybe_help(self.help.clone())
    }
}

/// `text` as an id: other characters than letters, digits, `_`, `.` and `-`
/// become dashes.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') => out.push(c),
            _ if !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    let kept = out.trim_matches(['-', '.']);
    if kept.is_empty() { "rule" } else { kept }.to_owned()
}

/// The ids as they are, where they are unique; otherwise after the operation,
/// and then numbered.
pub fn unique_ids(rules: &mut [ImportedRule]) {
    let mut taken: Vec<String> = Vec::new();
    for rule in rules {
        let operation = rule.operations.first().map(|name| slug(name));
        let long = format!("{}-{}", operation.unwrap_or_default(), rule.id);
        let numbered = (2..).map(|number| format!("{long}-{number}"));
        let mut wishes = [rule.id.clone(), long.clone()].into_iter().chain(numbered);
        if let Some(id) = wishes.find(|id| !taken.contains(id)) {
            taken.push(id.clone());
            rule.id = id;
        }
    }
}
