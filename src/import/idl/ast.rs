//! Dependencies as IDL writes them.

use std::ops::Range;

/// A dependency between parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// `IF`: where this is false, nothing is said.
    pub premise: Option<Predicate>,
    /// What must hold.
    pub predicate: Predicate,
    /// The bytes of all of it, without the semicolon.
    pub range: Range<usize>,
}

/// The name of a parameter and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// The name, without brackets.
    pub name: String,
    /// Where it stands.
    pub range: Range<usize>,
}

/// A value that a parameter is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `'a'|'b'`: one of these.
    Texts(Vec<String>),
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(String),
}

/// Groups of predicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// At least one holds.
    Or,
    /// Exactly one holds.
    OnlyOne,
    /// All hold, or none does.
    AllOrNone,
    /// At most one holds.
    ZeroOrOne,
}

/// A computation with parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    /// A parameter.
    Param(Param),
    /// `a + b`
    Binary(char, Box<Sum>, Box<Sum>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// A parameter is given.
    Given(Param),
    /// A parameter is given and compares so with a value.
    Value(Param, &'static str, Literal),
    /// A parameter is given and looks like a pattern, in which `*` is any text.
    Like(Param, String),
    /// Both parameters compare so.
    Relation(Param, &'static str, Param),
    /// A computation compares so with a number.
    Arithmetic(Sum, &'static str, String),
    /// A group.
    Group(Group, Vec<Predicate>),
    /// It doesn't hold.
    Not(Box<Predicate>),
    /// All hold.
    And(Vec<Predicate>),
    /// One holds.
    Or(Vec<Predicate>),
}
