//! A small bad example for each code, and its mend. A test runs all of them
//! through `check`: the first must lead to the code, the second must not.

use super::Code;

/// What an example is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExamplePart {
    /// The list behind `rules:` of a rule file over the orders API.
    Rules,
    /// A whole rule file over the orders API.
    RuleFile,
    /// Properties of an order, in the API document.
    Properties,
    /// The same in a document of OpenAPI 3.1.
    NewerProperties,
    /// The documented example of an order, in the API document.
    OrderExample,
    /// A whole API document.
    Document,
    /// Keys of the operation that creates orders, read by `import idl`.
    Dependencies,
    /// Keys of the schema of an order, read by `import jsonschema`.
    Conditionals,
}

/// A bad example and its mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeExample {
    /// What they are a part of.
    pub part: ExamplePart,
    /// Leads to the code.
    pub bad: &'static str,
    /// Says what was meant.
    pub good: &'static str,
}

/// The API document of the examples. `PROPERTIES` and `EXAMPLE` stand for what
/// examples put there.
pub const ORDERS: &str = "\
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
            example: EXAMPLE
      responses: {'201': {description: made}, '422': {description: refused}}
  /orders/{id}/cancel:
    post:
      operationId: cancelOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: o_1}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [fee]
              properties:
                fee: {type: number, minimum: 0, maximum: 100, multipleOf: 0.01}
            example: {fee: 2}
      responses: {'204': {description: cancelled}, '422': {description: refused}}
components:
  schemas:
    Order:
      type: object
      required: [amount, discount, count, tier]
      properties:
        amount: {type: number, minimum: 1, maximum: 1000, multipleOf: 0.01}
        discount: {type: number, minimum: 0, maximum: 1000, multipleOf: 0.01}
        count: {type: integer, minimum: 1, maximum: 100}
        tier: {type: string, enum: [standard, premium]}
        fee: {type: number, minimum: 0, maximum: 100, multipleOf: 0.01}
        city: {type: string, maxLength: 40}
        sender_city: {type: string, maxLength: 40}
        valid_until: {type: string, format: date}
PROPERTIES
";

/// What `EXAMPLE` stands for where an example says nothing of it.
pub const ORDER: &str = "{amount: 40, discount: 3, count: 4, tier: standard}";

impl ExamplePart {
    /// What an example of this kind is about: completes "in".
    pub fn words(self) -> &'static str {
        match self {
            Self::Rules => "the rules of an order",
            Self::RuleFile => "a rule file",
            Self::Properties => "the schema of an order",
            Self::NewerProperties => "the schema of an order, in OpenAPI 3.1",
            Self::OrderExample => "the documented example of an order",
            Self::Document => "an API document",
            Self::Dependencies => "an operation of an API document, read by `import idl`",
            Self::Conditionals => "a schema of an API document, read by `import jsonschema`",
        }
    }
}

const fn rules(bad: &'static str, good: &'static str) -> Option<CodeExample> {
    part(ExamplePart::Rules, bad, good)
}

const fn file(bad: &'static str, good: &'static str) -> Option<CodeExample> {
    part(ExamplePart::RuleFile, bad, good)
}

const fn part(part: ExamplePart, bad: &'static str, good: &'static str) -> Option<CodeExample> {
    Some(CodeExample { part, bad, good })
}

const ONE_RULE: &str = "\
crossfield: 1
api: orders.openapi.yaml
rules:
  - {id: some, operation: createOrder, rule: body.discount <= body.amount}
";

impl Code {
    /// A bad example with its mend; none for what a few lines can't show.
    pub fn example(self) -> Option<CodeExample> {
        match self {
            Self::UnreadableFile
            | Self::NoRuleFile
            | Self::TooLarge
            | Self::JsonSyntax
            | Self::Unsupported
            | Self::NotModelled
            | Self::NoValue
            | Self::Undecided => None,
            Self::YamlSyntax
            | Self::YamlTag
            | Self::YamlAlias
            | Self::YamlMerge
            | Self::DuplicateKey
            | Self::NumberRange
            | Self::NeedsQuotes => self.of_yaml(),
            Self::ApiVersion
            | Self::BadReference
            | Self::BadDefault
            | Self::BadExample
            | Self::Placeholder
            | Self::BadEnum
            | Self::BadPattern
            | Self::IgnoredKeyword
            | Self::PastDate => self.of_document(),
            Self::IdlSyntax | Self::NotCarriedOver | Self::NothingToImport => self.of_imports(),
            Self::ExpressionSyntax
            | Self::Misread
            | Self::UndefinedName
            | Self::UnknownField
            | Self::RecursiveDef
            | Self::TypeMismatch => self.of_expressions(),
            Self::NeverHolds
            | Self::UndeclaredValue
            | Self::NeverBroken
            | Self::Contradiction
            | Self::Implied
            | Self::DeadClause
            | Self::MayBeUndefined
            | Self::TruncatedDivision
            | Self::FreeText
            | Self::NeedsClock
            | Self::NeverSet
            | Self::SharedData
            | Self::AlwaysThere
            | Self::TableRow
            | Self::ExampleBreaksRule => self.of_analysis(),
            _ => self.of_keys(),
        }
    }

    fn of_yaml(self) -> Option<CodeExample> {
        match self {
            Self::YamlSyntax => rules(
                "- id: small\n\toperation: createOrder\n\trule: body.amount < 500",
                "- id: small\n  operation: createOrder\n  rule: body.amount < 500",
            ),
            Self::YamlTag => rules(
                "- id: no-fee\n  operation: createOrder\n  when: body.tier == 'standard'\n  rule: !has(body.fee)",
                "- id: no-fee\n  operation: createOrder\n  when: body.tier == 'standard'\n  rule: \"!has(body.fee)\"",
            ),
            Self::YamlAlias => rules(
                "- {id: small, operation: *create, rule: body.amount < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::YamlMerge => rules(
                "- id: small\n  <<: 5\n  operation: createOrder\n  rule: body.amount < 500",
                "- id: small\n  <<: {severity: low}\n  operation: createOrder\n  rule: body.amount < 500",
            ),
            Self::DuplicateKey => rules(
                "- id: small\n  operation: createOrder\n  rule: body.amount < 500\n  rule: body.count < 50",
                "- id: small\n  operation: createOrder\n  rule: body.amount < 500 && body.count < 50",
            ),
            Self::NumberRange => file(
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 1e999\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < most}",
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 500\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < most}",
            ),
            Self::NeedsQuotes => rules(
                "- id: known-tier\n  operation: createOrder\n  rule: 'premium' == body.tier",
                "- id: known-tier\n  operation: createOrder\n  rule: \"'premium' == body.tier\"",
            ),
            _ => None,
        }
    }

    fn of_keys(self) -> Option<CodeExample> {
        match self {
            Self::FormatVersion => file(
                "api: orders.openapi.yaml\nrules:\n  - {id: some, operation: createOrder, rule: body.discount <= body.amount}",
                ONE_RULE,
            ),
            Self::UnknownKey => rules(
                "- {id: small, operation: createOrder, rul: body.amount < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::MissingKey => rules(
                "- {id: small, rule: body.amount < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::ConflictingKeys => rules(
                "- {id: one, operation: createOrder, rule: body.amount < 500, onlyOne: [body.fee, body.city]}",
                "- {id: one, operation: createOrder, onlyOne: [body.fee, body.city]}",
            ),
            Self::WrongKind => rules(
                "- {id: small, operation: createOrder, rule: body.amount < 500, tags: money}",
                "- {id: small, operation: createOrder, rule: body.amount < 500, tags: [money]}",
            ),
            Self::WrongValue => rules(
                "- {id: small, operation: createOrder, rule: body.amount < 500, severity: severe}",
                "- {id: small, operation: createOrder, rule: body.amount < 500, severity: high}",
            ),
            Self::BadId => rules(
                "- {id: small order, operation: createOrder, rule: body.amount < 500}",
                "- {id: small-order, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::DuplicateId => rules(
                "- {id: small, operation: createOrder, rule: body.amount < 500}\n- {id: small, operation: createOrder, rule: body.count < 50}",
                "- {id: small-amount, operation: createOrder, rule: body.amount < 500}\n- {id: small-count, operation: createOrder, rule: body.count < 50}",
            ),
            Self::NameClash => file(
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 500\n  most(x): x * 2\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < most}",
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 500\n  twice(x): x * 2\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < twice(most)}",
            ),
            Self::Unused => file(
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 500\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < 500}",
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  most: 500\nrules:\n  - {id: small, operation: createOrder, rule: body.amount < most}",
            ),
            Self::UnknownOperation => rules(
                "- {id: small, operation: creatOrder, rule: body.amount < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            _ => None,
        }
    }

    fn of_document(self) -> Option<CodeExample> {
        match self {
            Self::ApiVersion => part(
                ExamplePart::Document,
                "openapi: 9.0.0\ninfo: {title: Orders, version: '1'}\npaths: {}",
                ORDERS,
            ),
            Self::BadReference => part(
                ExamplePart::Properties,
                "note: {$ref: '#/components/schemas/Note'}",
                "note: {type: string}",
            ),
            Self::BadDefault => part(
                ExamplePart::Properties,
                "express: {type: boolean, default: 'no'}",
                "express: {type: boolean, default: false}",
            ),
            Self::BadExample => part(
                ExamplePart::OrderExample,
                "{amount: 40, discount: 3, count: none, tier: standard}",
                ORDER,
            ),
            Self::BadEnum => part(
                ExamplePart::Properties,
                "size: {type: string, enum: [1, 2, 3]}",
                "size: {type: integer, enum: [1, 2, 3]}",
            ),
            Self::BadPattern => part(
                ExamplePart::Properties,
                "zip: {type: string, pattern: '^[0-9{5}$'}",
                "zip: {type: string, pattern: '^[0-9]{5}$'}",
            ),
            Self::IgnoredKeyword => part(
                ExamplePart::NewerProperties,
                "note: {type: string, nullable: true}",
                "note: {type: [string, 'null']}",
            ),
            Self::PastDate => part(
                ExamplePart::OrderExample,
                "{amount: 40, discount: 3, count: 4, tier: standard, valid_until: '2001-05-01'}",
                "{amount: 40, discount: 3, count: 4, tier: standard, valid_until: '2099-05-01'}",
            ),
            Self::Placeholder => part(
                ExamplePart::OrderExample,
                "{amount: 40, discount: 3, count: 4, tier: standard, city: string}",
                "{amount: 40, discount: 3, count: 4, tier: standard, city: Oslo}",
            ),
            _ => None,
        }
    }

    fn of_expressions(self) -> Option<CodeExample> {
        match self {
            Self::ExpressionSyntax => rules(
                "- {id: both, operation: createOrder, rule: body.amount < 500 and body.count < 50}",
                "- {id: both, operation: createOrder, rule: body.amount < 500 && body.count < 50}",
            ),
            Self::Misread => rules(
                "- {id: pairs, operation: createOrder, rule: body.count < 50 && body.amount > body.count // 2}",
                "- {id: pairs, operation: createOrder, rule: body.count < 50 && body.amount > floor(body.count / 2)}",
            ),
            Self::UndefinedName => rules(
                "- {id: small, operation: createOrder, rule: bodi.amount < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::UnknownField => rules(
                "- {id: small, operation: createOrder, rule: body.amuont < 500}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            Self::RecursiveDef => file(
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  net: net - body.discount\nrules:\n  - {id: pays, operation: createOrder, rule: net > 0}",
                "crossfield: 1\napi: orders.openapi.yaml\ndefs:\n  net: body.amount - body.discount\nrules:\n  - {id: pays, operation: createOrder, rule: net > 0}",
            ),
            Self::TypeMismatch => rules(
                "- {id: small, operation: createOrder, rule: \"body.amount < '500'\"}",
                "- {id: small, operation: createOrder, rule: body.amount < 500}",
            ),
            _ => None,
        }
    }

    fn of_imports(self) -> Option<CodeExample> {
        match self {
            Self::IdlSyntax => part(
                ExamplePart::Dependencies,
                "parameters:\n  - {name: express, in: query, schema: {type: boolean}}\n  - {name: hour, in: query, schema: {type: integer}}\nx-dependencies:\n  - IF express hour;",
                "parameters:\n  - {name: express, in: query, schema: {type: boolean}}\n  - {name: hour, in: query, schema: {type: integer}}\nx-dependencies:\n  - IF express THEN hour;",
            ),
            Self::NotCarriedOver => part(
                ExamplePart::Conditionals,
                "anyOf:\n  - properties: {fee: {type: integer}}\n  - required: [city]",
                "anyOf:\n  - properties: {fee: {maximum: 50}}\n  - required: [city]",
            ),
            Self::NothingToImport => part(
                ExamplePart::Conditionals,
                "description: an order needs a fee or a city",
                "anyOf:\n  - required: [fee]\n  - required: [city]",
            ),
            _ => None,
        }
    }

    fn of_analysis(self) -> Option<CodeExample> {
        match self {
            Self::NeverHolds => rules(
                "- {id: large, operation: createOrder, rule: body.amount > 2000}",
                "- {id: large, operation: createOrder, rule: body.amount > 20}",
            ),
            Self::NeverBroken => rules(
                "- {id: no-negative, operation: createOrder, rule: body.discount >= 0}",
                "- {id: no-negative, operation: createOrder, rule: body.amount - body.discount >= 0}",
            ),
            Self::Contradiction => rules(
                "- {id: large, operation: createOrder, rule: body.amount >= 200}\n- {id: small, operation: createOrder, rule: body.amount <= 100}",
                "- {id: large, operation: createOrder, rule: body.amount >= 20}\n- {id: small, operation: createOrder, rule: body.amount <= 100}",
            ),
            Self::Implied => rules(
                "- {id: at-most-50, operation: createOrder, rule: body.amount <= 50}\n- {id: at-most-90, operation: createOrder, rule: body.amount <= 90}",
                "- {id: at-most-50, operation: createOrder, rule: body.amount <= 50}",
            ),
            Self::DeadClause => rules(
                "- {id: worth-it, operation: createOrder, rule: body.amount > 0 && body.discount < body.amount}",
                "- {id: worth-it, operation: createOrder, rule: body.discount < body.amount}",
            ),
            Self::MayBeUndefined => rules(
                "- {id: small-fee, operation: createOrder, rule: body.fee < body.amount}",
                "- {id: small-fee, operation: createOrder, when: has(body.fee), rule: body.fee < body.amount}",
            ),
            Self::TruncatedDivision => rules(
                "- {id: half, operation: createOrder, rule: body.count / 2 <= 20}",
                "- {id: half, operation: createOrder, rule: decimal(body.count) / 2 <= 20}",
            ),
            Self::FreeText => file(
                "crossfield: 1\napi: orders.openapi.yaml\nrules:\n  - id: within-a-city\n    operation: createOrder\n    when: has(body.city) && has(body.sender_city)\n    rule: body.city == body.sender_city",
                "crossfield: 1\napi: orders.openapi.yaml\noperations:\n  createOrder:\n    fields:\n      body.city: {enum: [Oslo, Bergen]}\n      body.sender_city: {enum: [Oslo, Bergen]}\nrules:\n  - id: within-a-city\n    operation: createOrder\n    when: has(body.city) && has(body.sender_city)\n    rule: body.city == body.sender_city",
            ),
            Self::NeedsClock => file(
                "crossfield: 1\napi: orders.openapi.yaml\nrules:\n  - {id: by-noon, operation: createOrder, rule: now.getHours() < 12 || body.count < 10}",
                "crossfield: 1\napi: orders.openapi.yaml\nclock: {fixed: '2030-01-01T15:00:00Z'}\nrules:\n  - {id: by-noon, operation: createOrder, rule: now.getHours() < 12 || body.count < 10}",
            ),
            Self::NeverSet => file(
                "crossfield: 1\napi: orders.openapi.yaml\nresources:\n  order:\n    createdBy: createOrder\n    key: response.body.id\n    state:\n      cancelled: {init: false}\noperations:\n  cancelOrder:\n    bind: {order: path.id}\nrules:\n  - {id: once, operation: cancelOrder, rule: '!order.cancelled || body.fee > 0'}",
                "crossfield: 1\napi: orders.openapi.yaml\nresources:\n  order:\n    createdBy: createOrder\n    key: response.body.id\n    state:\n      cancelled: {init: false}\noperations:\n  cancelOrder:\n    bind: {order: path.id}\n    set: {order.cancelled: 'true'}\nrules:\n  - {id: once, operation: cancelOrder, rule: '!order.cancelled || body.fee > 0'}",
            ),
            Self::SharedData => file(
                "crossfield: 1\napi: orders.openapi.yaml\nresources:\n  order:\n    plural: orders\n    createdBy: createOrder\n    key: response.body.id\n    state:\n      city: {init: body.city}\nrules:\n  - id: two-of-a-city\n    operation: createOrder\n    when: has(body.city)\n    rule: orders.size() < 2",
                "crossfield: 1\napi: orders.openapi.yaml\nresources:\n  order:\n    plural: orders\n    createdBy: createOrder\n    key: response.body.id\n    state:\n      city: {init: body.city}\nrules:\n  - id: two-of-a-city\n    operation: createOrder\n    when: has(body.city)\n    rule: orders.filter(o, has(o.city) && o.city == body.city).size() < 2",
            ),
            Self::AlwaysThere => file(
                "crossfield: 1\napi: orders.openapi.yaml\noperations:\n  createOrder:\n    fields:\n      body.fee: {default: 0}\nrules:\n  - {id: fee-for-many, operation: createOrder, rule: '!has(body.fee) || body.count > 1'}",
                "crossfield: 1\napi: orders.openapi.yaml\nrules:\n  - {id: fee-for-many, operation: createOrder, rule: '!has(body.fee) || body.count > 1'}",
            ),
            Self::TableRow => rules(
                "- id: sizes\n  operation: createOrder\n  table:\n    columns: [body.tier, body.count]\n    forbid:\n      - [standard, '> 10']\n      - [standard, '> 50']",
                "- id: sizes\n  operation: createOrder\n  table:\n    columns: [body.tier, body.count]\n    forbid:\n      - [standard, '> 10']",
            ),
            Self::UndeclaredValue => rules(
                "- {id: premium, operation: createOrder, rule: \"body.tier in ['standard', 'premum'] || body.count < 5\"}",
                "- {id: premium, operation: createOrder, rule: \"body.tier == 'standard' || body.count < 5\"}",
            ),
            Self::ExampleBreaksRule => rules(
                "- {id: many, operation: createOrder, rule: body.count >= 10}",
                "- {id: some, operation: createOrder, rule: body.count >= 2}",
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_codes_have_an_example() {
        let without = Code::ALL.iter().filter(|code| code.example().is_none());
        let without: Vec<&str> = without.map(|code| code.name()).collect();
        assert_eq!(
            without,
            [
                "unreadable-file",
                "no-rule-file",
                "json-syntax",
                "too-large",
                "unsupported",
                "no-value",
                "not-modelled",
                "settings-syntax",
                "unused-switch",
                "undecided",
            ]
        );
    }
}
