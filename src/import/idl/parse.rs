//! IDL (Inter-parameter Dependency Language) by recursive descent.
//!
//! ```text
//! dependency := 'IF' predicate 'THEN' predicate | predicate
//! predicate  := conjunction ('OR' conjunction)*
//! conjunction:= clause ('AND' clause)*
//! clause     := 'NOT'? ('(' predicate ')' | group | term)
//! group      := ('Or' | 'OnlyOne' | 'AllOrNone' | 'ZeroOrOne') '(' predicate (',' predicate)+ ')'
//! term       := param | param relation value | param 'LIKE' text | param relation param
//!             | sum relation number
//! ```

use std::ops::Range;

use super::SyntaxError;
use super::ast::{Dependency, Group, Literal, Param, Predicate, Sum};
use super::lex::{Kind, Token, lex};

type Parsed<T> = Result<T, SyntaxError>;

/// The dependencies of a text, each with what is wrong with it in its place.
pub fn parse(text: &str) -> Vec<Result<Dependency, (Range<usize>, SyntaxError)>> {
    let (tokens, errors) = lex(text);
    let ends = tokens.split_inclusive(|token| token.kind == Kind::Sign(';'));
    let mut found = Vec::new();
    let mut start = 0;
    for tokens in ends {
        let (end, tokens) = match tokens.split_last() {
            Some((last, rest)) if last.kind == Kind::Sign(';') => (last.range.end, rest),
            _ => (text.len(), tokens),
        };
        let broken = errors
            .iter()
            .find(|error| (start..end).contains(&error.range.start));
        start = end;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            continue;
        };
        let range = first.range.start..last.range.end;
        found.push(match broken {
            Some(error) => Err((range, error.clone())),
            None => one(tokens, range.clone()).map_err(|error| (range, error)),
        });
    }
    let behind = errors.iter().filter(|error| error.range.start >= start);
    found.extend(behind.map(|error| Err((error.range.clone(), error.clone()))));
    found
}

fn one(tokens: &[Token], range: Range<usize>) -> Parsed<Dependency> {
    let mut parser = Parser {
        tokens,
        next: 0,
        end: range.end,
        depth: 0,
    };
    let mut premise = None;
    if parser.word("IF") {
        premise = Some(parser.predicate()?);
        if !parser.word("THEN") {
            return Err(parser.expected("`THEN`, `AND` or `OR`"));
        }
    }
    let predicate = parser.predicate()?;
    match parser.peek() {
        None => Ok(Dependency {
            premise,
            predicate,
            range,
        }),
        Some(_) => Err(parser.expected("`;`, `AND` or `OR`")),
    }
}

/// How deep predicates nest.
const MAX_DEPTH: usize = 64;

struct Parser<'t> {
    tokens: &'t [Token],
    next: usize,
    /// Where the text ends.
    end: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|kind| kind.is_word(word));
        self.next += usize::from(found);
        found
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Kind::Sign(sign));
        self.next += usize::from(found);
        found
    }

    fn relation(&mut self) -> Option<&'static str> {
        match self.peek() {
            Some(&Kind::Relation(relation)) => {
                self.next += 1;
                Some(relation)
            }
            _ => None,
        }
    }

    /// The error that something else stands at the next token.
    fn expected(&self, what: &str) -> SyntaxError {
        let token = self.tokens.get(self.next);
        let (message, help) = match token.map(|token| &token.kind) {
            None => (
                format!("the dependency ends where {what} is expected"),
                None,
            ),
            Some(Kind::Name { name, .. }) => {
                (format!("{what} is expected, not `{name}`"), word_help(name))
            }
            Some(_) => (format!("{what} is expected here"), None),
        };
        SyntaxError {
            range: token.map_or(self.end..self.end, |token| token.range.clone()),
            message,
            help,
        }
    }

    fn predicate(&mut self) -> Parsed<Predicate> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.expected("less nesting"));
        }
        let mut parts = vec![self.conjunction()?];
        while self.word("OR") {
            parts.push(self.conjunction()?);
        }
        self.depth -= 1;
        Ok(single(parts, Predicate::Or))
    }

    fn conjunction(&mut self) -> Parsed<Predicate> {
        let mut parts = vec![self.clause()?];
        while self.word("AND") {
            parts.push(self.clause()?);
        }
        Ok(single(parts, Predicate::And))
    }

    fn clause(&mut self) -> Parsed<Predicate> {
        if self.word("NOT") {
            return Ok(Predicate::Not(Box::new(self.positive()?)));
        }
        self.positive()
    }

    fn positive(&mut self) -> Parsed<Predicate> {
        let group = match self.peek() {
            Some(kind) if kind.is_word("Or") => Some(Group::Or),
            Some(kind) if kind.is_word("OnlyOne") => Some(Group::OnlyOne),
            Some(kind) if kind.is_word("AllOrNone") => Some(Group::AllOrNone),
            Some(kind) if kind.is_word("ZeroOrOne") => Some(Group::ZeroOrOne),
            _ => None,
        };
        if let Some(group) = group {
            self.next += 1;
            return self.group(group);
        }
        let (start, depth) = (self.next, self.depth);
        if self.peek() == Some(&Kind::Sign('(')) {
            // A computation in parentheses, or a predicate.
            if let Ok(sum) = self.sum()
                && let Some(relation) = self.relation()
            {
                return Ok(Predicate::Arithmetic(sum, relation, self.number()?));
            }
            (self.next, self.depth) = (start + 1, depth);
            let inner = self.predicate()?;
            if !self.sign(')') {
                return Err(self.expected("`)`, `AND` or `OR`"));
            }
            return Ok(inner);
        }
        self.term()
    }

    fn group(&mut self, group: Group) -> Parsed<Predicate> {
        if !self.sign('(') {
            return Err(self.expected("`(`"));
        }
        let mut parts = vec![self.predicate()?];
        while self.sign(',') {
            parts.push(self.predicate()?);
        }
        if parts.len() < 2 {
            return Err(self.expected("`,` and a second predicate"));
        }
        if !self.sign(')') {
            return Err(self.expected("`,` or `)`"));
        }
        Ok(Predicate::Group(group, parts))
    }

    fn term(&mut self) -> Parsed<Predicate> {
        let start = self.next;
        let param = self.param()?;
        if self.word("LIKE") {
            let Some(Kind::Text(pattern)) = self.peek() else {
                return Err(self.expected("a pattern in quotes"));
            };
            self.next += 1;
            return Ok(Predicate::Like(param, pattern.clone()));
        }
        if matches!(self.peek(), Some(Kind::Sign('+' | '-' | '*' | '/'))) {
            self.next = start;
            let sum = self.sum()?;
            let Some(relation) = self.relation() else {
                return Err(self.expected("a comparison such as `<=`"));
            };
            return Ok(Predicate::Arithmetic(sum, relation, self.number()?));
        }
        match self.relation() {
            None => Ok(Predicate::Given(param)),
            Some(relation) => self.compared(param, relation),
        }
    }

    /// What stands behind a comparison.
    fn compared(&mut self, param: Param, relation: &'static str) -> Parsed<Predicate> {
        let literal = match self.peek() {
            Some(Kind::Text(_)) => Literal::Texts(self.texts(relation)?),
            Some(kind) if kind.is_word("true") || kind.is_word("false") => {
                let value = kind.is_word("true");
                self.next += 1;
                Literal::Bool(value)
            }
            Some(Kind::Number(_) | Kind::Sign('-')) => Literal::Number(self.number()?),
            Some(Kind::Name { .. }) => {
                return Ok(Predicate::Relation(param, relation, self.param()?));
            }
            _ => return Err(self.expected("a value or a parameter")),
        };
        if !matches!(literal, Literal::Number(_)) && !matches!(relation, "==" | "!=") {
            self.next -= 1;
            return Err(self.expected("a number or a parameter"));
        }
        Ok(Predicate::Value(param, relation, literal))
    }

    fn texts(&mut self, relation: &str) -> Parsed<Vec<String>> {
        let mut texts = Vec::new();
        loop {
            let Some(Kind::Text(text)) = self.peek() else {
                return Err(self.expected("a value in quotes"));
            };
            self.next += 1;
            texts.push(text.clone());
            if relation != "==" || !self.sign('|') {
                return Ok(texts);
            }
        }
    }

    fn number(&mut self) -> Parsed<String> {
        let sign = if self.sign('-') { "-" } else { "" };
        match self.peek() {
            Some(Kind::Number(digits)) => {
                self.next += 1;
                Ok(format!("{sign}{digits}"))
            }
            _ => Err(self.expected("a number")),
        }
    }

    fn param(&mut self) -> Parsed<Param> {
        let token = self.tokens.get(self.next);
        let Some(Token {
            kind: Kind::Name { name, bracketed },
            range,
        }) = token
        else {
            return Err(self.expected("a parameter"));
        };
        let words = ["IF", "THEN", "AND", "OR", "NOT", "LIKE", "true", "false"];
        if !bracketed && words.contains(&name.as_str()) {
            return Err(self.expected("a parameter"));
        }
        self.next += 1;
        Ok(Param {
            name: name.clone(),
            range: range.clone(),
        })
    }

    /// Additions of products: `*` and `/` bind tighter.
    fn sum(&mut self) -> Parsed<Sum> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.expected("less nesting"));
        }
        let mut sum = self.product()?;
        while let Some(&Kind::Sign(sign @ ('+' | '-'))) = self.peek() {
            self.next += 1;
            sum = Sum::Binary(sign, Box::new(sum), Box::new(self.product()?));
        }
        self.depth -= 1;
        Ok(sum)
    }

    fn product(&mut self) -> Parsed<Sum> {
        let mut product = self.operand()?;
        while let Some(&Kind::Sign(sign @ ('*' | '/'))) = self.peek() {
            self.next += 1;
            product = Sum::Binary(sign, Box::new(product), Box::new(self.operand()?));
        }
        Ok(product)
    }

    fn operand(&mut self) -> Parsed<Sum> {
        if !self.sign('(') {
            return self.param().map(Sum::Param);
        }
        let inner = self.sum()?;
        if !self.sign(')') {
            return Err(self.expected("`)`"));
        }
        Ok(inner)
    }
}

fn single(mut parts: Vec<Predicate>, make: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            make(parts)
        }
    }
}

/// Words of the language that are written another way.
fn word_help(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "if" => "the word is written `IF`",
        "then" => "the word is written `THEN`",
        "and" => "the word is written `AND`",
        "or" => "the word is written `OR`, a group `Or(a, b)`",
        "not" => "the word is written `NOT`",
        "like" => "the word is written `LIKE`",
        "onlyone" | "allornone" | "zeroorone" => {
            "the groups are `Or`, `OnlyOne`, `AllOrNone` and `ZeroOrOne`"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        let parsed = parse(text);
        let shapes = parsed.into_iter().map(|one| match one {
            Ok(Dependency {
                premise, predicate, ..
            }) => match premise {
                Some(premise) => format!("{} => {}", show(&premise), show(&predicate)),
                None => show(&predicate),
            },
            Err((_, error)) => {
                let at = text.get(error.range).unwrap_or_default();
                format!("`{at}`: {}", error.message)
            }
        });
        shapes.collect::<Vec<_>>().join("; ")
    }

    fn show(predicate: &Predicate) -> String {
        let all = |parts: &[Predicate], word: &str| {
            let parts: Vec<String> = parts.iter().map(show).collect();
            format!("({})", parts.join(word))
        };
        match predicate {
            Predicate::Given(param) => param.name.clone(),
            Predicate::Value(param, relation, literal) => {
                format!("{}{relation}{literal:?}", param.name)
            }
            Predicate::Like(param, pattern) => format!("{}~{pattern}", param.name),
            Predicate::Relation(a, relation, b) => format!("{}{relation}{}", a.name, b.name),
            Predicate::Arithmetic(sum, relation, number) => {
                format!("{}{relation}{number}", show_sum(sum))
            }
            Predicate::Group(group, parts) => format!("{group:?}{}", all(parts, ", ")),
            Predicate::Not(inner) => format!("!{}", show(inner)),
            Predicate::And(parts) => all(parts, " & "),
            Predicate::Or(parts) => all(parts, " | "),
        }
    }

    fn show_sum(sum: &Sum) -> String {
        match sum {
            Sum::Param(param) => param.name.clone(),
            Sum::Binary(sign, a, b) => format!("({}{sign}{})", show_sum(a), show_sum(b)),
        }
    }

    #[test]
    fn dependencies_are_read_as_the_language_says() {
        for (text, wanted) in [
            (
                "IF a AND NOT b THEN c <= 980;",
                "(a & !b) => c<=Number(\"980\")",
            ),
            ("a OR b AND c;", "(a | (b & c))"),
            ("IF x THEN NOT (ll OR radius)", "x => !(ll | radius)"),
            (
                "Or(keyword, name=='a'|'b', NOT OnlyOne(c, d));",
                "Or(keyword, name==Texts([\"a\", \"b\"]), !OnlyOne(c, d))",
            ),
            ("a - b * c >= -1.5; p1 != p2;", "(a-(b*c))>=-1.5; p1!=p2"),
            ("(a + b) * c <= 10", "((a+b)*c)<=10"),
            ("(a AND b)", "(a & b)"),
            (
                "AllOrNone([p[height]], [X-Day], owner.name);",
                "AllOrNone(p[height], X-Day, owner.name)",
            ),
            ("a LIKE '*x*'; b == true # why\n;", "a~*x*; b==Bool(true)"),
            ("// nothing\n /* here */ ;", ""),
        ] {
            assert_eq!(shape(text), wanted, "{text}");
        }
    }

    #[test]
    fn mistakes_are_found_where_they_are_and_the_rest_is_read() {
        for (text, wanted) in [
            (
                "Or(a); b;",
                "`)`: `,` and a second predicate is expected here; b",
            ),
            (
                "IF a b; c",
                "`b`: `THEN`, `AND` or `OR` is expected, not `b`; c",
            ),
            ("a = 1; b", "`=`: `=` means nothing in IDL; b"),
            (
                "IF a THEN",
                "``: the dependency ends where a parameter is expected",
            ),
            (
                "a <= 'x'",
                "`'x'`: a number or a parameter is expected here",
            ),
            (
                "ZeroOrOnea, b OR c);",
                "`,`: `;`, `AND` or `OR` is expected here",
            ),
            ("b; a == 'x", "b; `'x`: a text isn't closed"),
        ] {
            assert_eq!(shape(text), wanted, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(shape(&text).contains("less nesting"));
    }
}
