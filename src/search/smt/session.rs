//! A Z3 solver over terms: assertions are made once, every question is a set
//! of assumption literals. Limits count steps, never seconds.

use std::collections::BTreeMap;
use std::sync::Once;

use num_bigint::BigInt;
use z3::ast::{Bool, Dynamic, Int, Real};
use z3::{Config, Model, Params, SatResult, Solver, set_global_param, with_z3_config};

use super::term::{Sort, Term, TermNode, Terms};
use crate::value::{Number, parse_number};

/// How much work a question may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Z3's `rlimit`: deterministic steps.
    pub steps: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000 }
    }
}

/// The answer to one question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Values that satisfy everything.
    Sat(Assignment),
    /// Proven impossible; the assumptions that suffice for the proof.
    Unsat(Vec<Term>),
    /// The limit was reached, or Z3 gave up: its reason.
    Unknown(String),
}

/// The answer to one question whose model nobody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Satisfiable {
    /// It is.
    Yes,
    /// Proven that it isn't; the assumptions that suffice for the proof.
    No(Vec<Term>),
    /// The limit was reached, or Z3 gave up: its reason.
    Unknown(String),
}

/// The values of variables in a model, by term.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    bools: BTreeMap<Term, bool>,
    numbers: BTreeMap<Term, Number>,
}

impl Assignment {
    /// The value of a Boolean variable or constant; variables that don't
    /// matter are false.
    pub fn bool(&self, terms: &Terms, term: Term) -> bool {
        match terms.node(term) {
            TermNode::Bool(value) => *value,
            TermNode::Not(inner) => !self.bool(terms, *inner),
            TermNode::And(parts) => parts.iter().all(|part| self.bool(terms, *part)),
            TermNode::Or(parts) => parts.iter().any(|part| self.bool(terms, *part)),
            TermNode::Le(a, b) => self.number(terms, *a) <= self.number(terms, *b),
            TermNode::Eq(a, b) => self.number(terms, *a) == self.number(terms, *b),
            _ => self.bools.get(&term).copied().unwrap_or(false),
        }
    }

    /// The value of a numeric term over variables and linear operations.
    pub fn number(&self, terms: &Terms, term: Term) -> Number {
        match terms.node(term) {
            TermNode::Int(value) => Number::from_integer(value.clone()),
            TermNode::Real(value) => value.0.clone(),
            TermNode::Add(parts) => parts.iter().map(|part| self.number(terms, *part)).sum(),
            TermNode::Mul(a, b) => self.number(terms, *a) * self.number(terms, *b),
            TermNode::ToReal(a) => self.number(terms, *a),
            TermNode::Ite(c, a, b) if self.bool(terms, *c) => {
                let _ = b;
                self.number(terms, *a)
            }
            TermNode::Ite(_, _, b) => self.number(terms, *b),
            _ => self.numbers.get(&term).cloned().unwrap_or_default(),
        }
    }
}

/// Runs `work` in a fresh Z3 context: what is asked of one owner never
/// depends on what was asked before.
pub fn with_context<R: Send + Sync>(work: impl FnOnce() -> R + Send + Sync) -> R {
    CONFIGURED.call_once(|| set_global_param("lp.dio", "false"));
    with_z3_config(&Config::new(), work)
}

/// Z3 5.4 solves systems of Diophantine equations by a handler whose work counts
/// towards no limit: some questions never end. Set before the first context is
/// made, for all of them.
static CONFIGURED: Once = Once::new();

/// The size of the largest numbers that are looked at where numbers are
/// multiplied: what a double holds (IEEE 754, RFC 8259 section 6) has 1,024 bits,
/// and decimals are counted in steps.
const MAX_BITS: u32 = 1_100;

/// A brief question takes at most this part of the work of another.
const BRIEF: u32 = 20;

fn limit(solver: &Solver, steps: u32) {
    let mut params = Params::new();
    params.set_u32("rlimit", steps);
    params.set_u32("random_seed", 7);
    solver.set_params(&params);
}

/// A solver in the current context.
pub struct Session {
    solver: Solver,
    limits: Limits,
    /// Z3's terms, by ours.
    cache: Vec<Option<Dynamic>>,
    variables: Vec<Term>,
    /// Whether variables are multiplied or divided by others.
    is_nonlinear: bool,
    /// How many of the variables are told their range.
    ranged: usize,
    questions: u64,
}

impl Session {
    /// An empty solver.
    pub fn new(limits: Limits) -> Self {
        let solver = Solver::new();
        limit(&solver, limits.steps);
        Self {
            solver,
            limits,
            cache: Vec::new(),
            variables: Vec::new(),
            is_nonlinear: false,
            ranged: 0,
            questions: 0,
        }
    }

    /// How many questions were asked.
    pub fn questions(&self) -> u64 {
        self.questions
    }

    /// Asserts `fact` for all later questions.
    pub fn assert(&mut self, terms: &Terms, fact: Term) {
        if terms.as_bool(fact) != Some(true) {
            let fact = self.bool(terms, fact);
            self.solver.assert(&fact);
        }
    }

    /// Values for which all assertions and `assumptions` (literals) hold
    /// together.
    pub fn ask(&mut self, terms: &Terms, assumptions: &[Term]) -> Answer {
        match self.check(terms, assumptions) {
            Satisfiable::Yes => match self.solver.get_model() {
                Some(model) => match self.read(terms, &model) {
                    Some(assignment) => Answer::Sat(assignment),
                    None => Answer::Unknown("its model holds an irrational number".to_owned()),
                },
                None => Answer::Unknown("Z3 gave no model".to_owned()),
            },
            Satisfiable::No(core) => Answer::Unsat(core),
            Satisfiable::Unknown(reason) => Answer::Unknown(reason),
        }
    }

    /// The same with a small part of the work: for what is asked on the side.
    pub fn check_briefly(&mut self, terms: &Terms, assumptions: &[Term]) -> Satisfiable {
        limit(&self.solver, self.limits.steps / BRIEF);
        let found = self.check(terms, assumptions);
        limit(&self.solver, self.limits.steps);
        found
    }

    /// Whether all assertions and `assumptions` (literals) can hold together.
    pub fn check(&mut self, terms: &Terms, assumptions: &[Term]) -> Satisfiable {
        self.questions += 1;
        let literals: Vec<Bool> = assumptions.iter().map(|a| self.bool(terms, *a)).collect();
        self.tell_ranges();
        match self.solver.check_assumptions(&literals) {
            SatResult::Sat => Satisfiable::Yes,
            SatResult::Unsat => {
                let core = self.solver.get_unsat_core();
                let used = literals.iter().zip(assumptions);
                let used = used.filter(|(literal, _)| core.contains(literal));
                Satisfiable::No(used.map(|(_, term)| *term).collect())
            }
            SatResult::Unknown => {
                let reason = self.solver.get_reason_unknown();
                Satisfiable::Unknown(reason.unwrap_or_else(|| "no reason given".to_owned()))
            }
        }
    }

    /// Where numbers are multiplied, each is within [`MAX_BITS`]: bounds that Z3
    /// derives from each other would grow without end, and what they cost counts
    /// towards no limit.
    fn tell_ranges(&mut self) {
        if !self.is_nonlinear {
            return;
        }
        let most = BigInt::from(1) << MAX_BITS;
        for variable in self.variables.iter().skip(self.ranged) {
            let Some(Some(ast)) = self.cache.get(variable.index()) else {
                continue;
            };
            if let Some(number) = ast.as_int() {
                self.solver.assert(number.le(Int::from_big_int(&most)));
                self.solver.assert(number.ge(Int::from_big_int(&-&most)));
            } else if let Some(number) = ast.as_real() {
                let most = Number::from_integer(most.clone());
                self.solver
                    .assert(number.le(Real::from_big_rational(&most)));
                self.solver
                    .assert(number.ge(Real::from_big_rational(&-&most)));
            }
        }
        self.ranged = self.variables.len();
    }

    /// The values of a model; `None` where one can't be written down.
    fn read(&self, terms: &Terms, model: &Model) -> Option<Assignment> {
        let mut assignment = Assignment::default();
        for variable in &self.variables {
            let Some(Some(ast)) = self.cache.get(variable.index()) else {
                continue;
            };
            match terms.sort(*variable) {
                Sort::Bool => {
                    let value = ast.as_bool().and_then(|ast| model.eval(&ast, true));
                    let value = value.and_then(|value| value.as_bool());
                    assignment.bools.insert(*variable, value.unwrap_or(false));
                }
                Sort::Int | Sort::Real => {
                    let value = model.eval(ast, true).map(|value| value.to_string());
                    let value = parse_smt_number(&value?)?;
                    assignment.numbers.insert(*variable, value);
                }
            }
        }
        Some(assignment)
    }

    fn bool(&mut self, terms: &Terms, term: Term) -> Bool {
        let ast = self.translate(terms, term);
        ast.as_bool().unwrap_or_else(|| Bool::from_bool(false))
    }

    fn int(&mut self, terms: &Terms, term: Term) -> Int {
        let ast = self.translate(terms, term);
        ast.as_int().unwrap_or_else(|| Int::from_i64(0))
    }

    fn real(&mut self, terms: &Terms, term: Term) -> Real {
        let ast = self.translate(terms, term);
        ast.as_real().unwrap_or_else(|| Real::from_rational(0, 1))
    }

    fn translate(&mut self, terms: &Terms, term: Term) -> Dynamic {
        if let Some(Some(done)) = self.cache.get(term.index()) {
            return done.clone();
        }
        let is_real = |t: &Term| terms.sort(*t) == Sort::Real;
        self.is_nonlinear |= is_nonlinear(terms, term);
        let ast: Dynamic = match terms.node(term) {
            TermNode::Bool(value) => Bool::from_bool(*value).into(),
            TermNode::Int(value) => Int::from_big_int(value).into(),
            TermNode::Real(value) => Real::from_big_rational(&value.0).into(),
            TermNode::Var(number, sort) => {
                self.variables.push(term);
                match sort {
                    Sort::Bool => Bool::new_const(*number).into(),
                    Sort::Int => Int::new_const(*number).into(),
                    Sort::Real => Real::new_const(*number).into(),
                }
            }
            TermNode::Not(a) => self.bool(terms, *a).not().into(),
            TermNode::And(parts) => Bool::and(&self.bools(terms, parts)).into(),
            TermNode::Or(parts) => Bool::or(&self.bools(terms, parts)).into(),
            TermNode::Ite(c, a, b) if is_real(a) => {
                let c = self.bool(terms, *c);
                c.ite(&self.real(terms, *a), &self.real(terms, *b)).into()
            }
            TermNode::Ite(c, a, b) => {
                let c = self.bool(terms, *c);
                c.ite(&self.int(terms, *a), &self.int(terms, *b)).into()
            }
            TermNode::Eq(a, b) if is_real(a) => {
                self.real(terms, *a).eq(self.real(terms, *b)).into()
            }
            TermNode::Eq(a, b) => self.int(terms, *a).eq(self.int(terms, *b)).into(),
            TermNode::Le(a, b) if is_real(a) => {
                self.real(terms, *a).le(self.real(terms, *b)).into()
            }
            TermNode::Le(a, b) => self.int(terms, *a).le(self.int(terms, *b)).into(),
            TermNode::Add(parts) if parts.iter().any(is_real) => {
                let parts: Vec<Real> = parts.iter().map(|p| self.real(terms, *p)).collect();
                Real::add(&parts).into()
            }
            TermNode::Add(parts) => {
                let parts: Vec<Int> = parts.iter().map(|p| self.int(terms, *p)).collect();
                Int::add(&parts).into()
            }
            TermNode::Mul(a, b) if is_real(a) => {
                (self.real(terms, *a) * self.real(terms, *b)).into()
            }
            TermNode::Mul(a, b) => (self.int(terms, *a) * self.int(terms, *b)).into(),
            TermNode::Div(a, b) => (self.int(terms, *a) / self.int(terms, *b)).into(),
            TermNode::Mod(a, b) => self.int(terms, *a).modulo(self.int(terms, *b)).into(),
            TermNode::ToReal(a) => self.int(terms, *a).to_real().into(),
            TermNode::Quotient(a, b) => (self.real(terms, *a) / self.real(terms, *b)).into(),
            TermNode::Floor(a) => self.real(terms, *a).to_int().into(),
        };
        if self.cache.len() <= term.index() {
            self.cache.resize(term.index() + 1, None);
        }
        if let Some(slot) = self.cache.get_mut(term.index()) {
            *slot = Some(ast.clone());
        }
        ast
    }

    fn bools(&mut self, terms: &Terms, parts: &[Term]) -> Vec<Bool> {
        parts.iter().map(|part| self.bool(terms, *part)).collect()
    }
}

/// Whether a term multiplies or divides by what is no constant.
fn is_nonlinear(terms: &Terms, term: Term) -> bool {
    let is_constant =
        |term: &Term| matches!(terms.node(*term), TermNode::Int(_) | TermNode::Real(_));
    match terms.node(term) {
        TermNode::Mul(a, b) => !is_constant(a) && !is_constant(b),
        TermNode::Div(_, b) | TermNode::Mod(_, b) | TermNode::Quotient(_, b) => !is_constant(b),
        _ => false,
    }
}

/// Reads what Z3 prints for a number: `7`, `(- 7)`, `(/ 1.0 3.0)`,
/// `(- (/ 1.0 3.0))`. `None` for anything else, as an irrational root.
fn parse_smt_number(text: &str) -> Option<Number> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else {
        let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        return plain.then(|| parse_number(text)).flatten();
    };
    if let Some(operand) = inner.strip_prefix("- ") {
        return parse_smt_number(operand).map(|value| -value);
    }
    let (numerator, denominator) = inner.strip_prefix("/ ")?.rsplit_once(' ')?;
    let denominator = parse_smt_number(denominator)?;
    let is_zero = *denominator.numer() == BigInt::from(0);
    (!is_zero).then_some(parse_smt_number(numerator)? / denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_without_a_limit_is_off() {
        with_context(|| ());
        assert_eq!(z3::get_global_param("lp.dio").as_deref(), Some("false"));
    }

    #[test]
    fn numbers_end_where_they_are_multiplied() {
        let (linear, square) = with_context(|| {
            let mut t = Terms::default();
            let (x, huge) = (t.var("x", Sort::Int), t.int(BigInt::from(1) << 4_000));
            let (above, squared) = (t.le(huge, x), t.mul(x, x));
            let above_square = t.le(huge, squared);
            let ask = |fact| {
                let mut session = Session::new(Limits::default());
                session.assert(&t, fact);
                session.check(&t, &[])
            };
            (ask(above), ask(above_square))
        });
        assert_eq!(linear, Satisfiable::Yes);
        assert_eq!(square, Satisfiable::No(Vec::new()));
    }

    #[test]
    fn models_and_cores_come_back_in_our_terms() {
        let (sat, core_len) = with_context(|| {
            let mut t = Terms::default();
            let (x, ten) = (t.var("x", Sort::Int), t.int(10));
            let (small, large) = (t.var("small", Sort::Bool), t.var("large", Sort::Bool));
            let below = t.lt(x, ten);
            let above = t.lt(ten, x);
            let mut session = Session::new(Limits::default());
            for (literal, fact) in [(small, below), (large, above)] {
                let fact = t.implies(literal, fact);
                session.assert(&t, fact);
            }
            let Answer::Sat(model) = session.ask(&t, &[large]) else {
                panic!("expected a model");
            };
            let Answer::Unsat(core) = session.ask(&t, &[small, large]) else {
                panic!("expected a core");
            };
            (
                model.number(&t, x) > Number::from_integer(10.into()),
                core.len(),
            )
        });
        assert!(sat);
        assert_eq!(core_len, 2);
    }

    #[test]
    fn numbers_are_read_as_z3_prints_them() {
        let third = Number::new((-1).into(), 3.into());
        assert_eq!(parse_smt_number("(- (/ 1.0 3.0))"), Some(third));
        assert_eq!(
            parse_smt_number("(- 7)"),
            Some(Number::from_integer((-7).into()))
        );
        assert_eq!(parse_smt_number("(root-obj (+ (^ x 2) (- 2)) 1)"), None);
    }
}
