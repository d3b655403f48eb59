//! The fault classes in canonical order.

/// The kind of change that a fault makes. The order is canonical: of equal
/// faults the first is kept, and identities of cases follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultClass {
    /// The rule or its guard isn't enforced.
    Dropped,
    /// A state that the rule accepts is refused.
    RejectsValid,
    /// A comparison by another operator.
    Relational,
    /// The border of a comparison moved by one step.
    Boundary,
    /// A condition left out, negated, replaced or inserted.
    Clause,
    /// An arm of `?:` dropped, or both swapped.
    Branch,
    /// Another field or number in a calculation.
    Operand,
    /// An entry of a table or list missing or wrong.
    Table,
    /// Absent, null, empty and zero confused.
    Presence,
    /// A value calculated in another way.
    Arithmetic,
    /// Not every item of a list is looked at.
    Collection,
    /// Texts are compared or taken apart in another way.
    Text,
    /// A moment is read in another zone, or another part of it.
    Time,
    /// What the server remembers is wrong.
    State,
    /// Who asks is taken for somebody else.
    Actor,
    /// What the schema demands of a single place.
    Field,
}

/// What a fault is about: one request against a rule, what servers remember and who
/// asks, or single places of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Rules.
    Rule,
    /// What the server remembers, and who asks.
    State,
    /// What the schema demands of single places.
    Field,
}

impl Layer {
    /// All layers.
    pub const ALL: [Self; 3] = [Self::Rule, Self::State, Self::Field];

    /// The name that settings use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::State => "state",
            Self::Field => "field",
        }
    }

    /// The layer of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|layer| layer.name() == name)
    }
}

impl FaultClass {
    /// All classes in canonical order.
    pub const ALL: [Self; 16] = [
        Self::Dropped,
        Self::RejectsValid,
        Self::Relational,
        Self::Boundary,
        Self::Clause,
        Self::Branch,
        Self::Operand,
        Self::Table,
        Self::Presence,
        Self::Arithmetic,
        Self::Collection,
        Self::Text,
        Self::Time,
        Self::State,
        Self::Actor,
        Self::Field,
    ];

    /// The name that reports and ids use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::RejectsValid => "rejects-valid",
            Self::Relational => "relational",
            Self::Boundary => "boundary",
            Self::Clause => "clause",
            Self::Branch => "branch",
            Self::Operand => "operand",
            Self::Table => "table",
            Self::Presence => "presence",
            Self::Arithmetic => "arithmetic",
            Self::Collection => "collection",
            Self::Text => "text",
            Self::Time => "time",
            Self::State => "state",
            Self::Actor => "actor",
            Self::Field => "field",
        }
    }

    /// One line about the wrong implementations of this class.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Dropped => {
                "the rule isn't enforced, or its guard is ignored; an answer lacks what is ensured"
            }
            Self::RejectsValid => {
                "a request that the rule accepts is refused: one fault for each way in which \
                 the rule can hold"
            }
            Self::Relational => "a comparison by another operator, or always true or false",
            Self::Boundary => "the border of a comparison is one step too high or too low",
            Self::Clause => {
                "a condition is left out, negated, replaced by or mixed with another of the \
                 rule; `&&` and `||` swapped; one direction of an equivalence only"
            }
            Self::Branch => {
                "an arm of `?:` is always taken, or the arms are swapped; the rule is skipped for \
                 one kind of request (an early return)"
            }
            Self::Operand => "another field, or a wrong number, stands in a calculation",
            Self::Table => {
                "an entry of a table or list is missing or has its neighbour's value; an enum \
                 member is wrongly included"
            }
            Self::Presence => "absent, null, empty and zero are confused; has() is left out",
            Self::Arithmetic => {
                "a value is calculated with another operator, without a term, in another order, \
                 or rounded another way, too early or not at all"
            }
            Self::Collection => {
                "only the first or last item of a list is looked at, any is taken for all, or none \
                 for enough; only what the caller owns is looked at"
            }
            Self::Text => {
                "texts are compared without regard to case or blanks or by their beginning; a \
                 step in preparing them is left out, or the wrong end is looked at"
            }
            Self::Time => "a zone is left out, or one part of a moment taken for another",
            Self::State => {
                "a change of what the server remembers is forgotten, counted twice, replaces \
                 what was there, is made to all, or though the request is refused; a rule ignores \
                 it; an answer shows the state before the request"
            }
            Self::Actor => "who asks isn't looked at: everybody is taken for one of the actors",
            Self::Field => {
                "a keyword of the schema isn't checked at a place of the request, or is one off; \
                 off by default: `generate --layers rule,state,field`"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FaultClass;

    #[test]
    fn all_classes_are_listed_in_order() {
        assert!(FaultClass::ALL.is_sorted());
        let names: Vec<&str> = FaultClass::ALL.iter().map(|class| class.name()).collect();
        assert_eq!(names.len(), 16);
        assert!(FaultClass::ALL.iter().all(|class| !class.doc().is_empty()));
    }
}
