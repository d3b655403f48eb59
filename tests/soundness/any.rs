//! Random conditions on values of any type.

use crate::rules::{Generator, Ty, quoted};

const KINDS: [&str; 7] = [
    "bool",
    "int",
    "double",
    "string",
    "list",
    "map",
    "null_type",
];

impl Generator<'_> {
    /// A condition on a value of any type.
    pub(crate) fn of_any(&mut self) -> String {
        let Some(read) = self.of(&Ty::Any) else {
            return "true".into();
        };
        let path = read.path;
        let ty = [Ty::Int, Ty::Decimal, Ty::Text, Ty::Bool, Ty::Any][self.rng.usize(..5)].clone();
        match self.rng.u8(..11) {
            0..3 => {
                let sign = ["==", "!="][self.rng.usize(..2)];
                format!("(type({path}) {sign} {})", KINDS[self.rng.usize(..7)])
            }
            3..5 => {
                let sign = ["==", "!="][self.rng.usize(..2)];
                format!("({path} {sign} {})", self.leaf(&ty))
            }
            5..7 => {
                let sign = ["<", "<=", ">", ">="][self.rng.usize(..4)];
                let side = ["", " + 1", " * 2"][self.rng.usize(..3)];
                format!("({path}{side} {sign} {})", self.leaf(&Ty::Decimal))
            }
            7 => format!("({path} in {})", self.list_of(&Ty::Int, 0)),
            8 => format!(
                "(type({path}) == string && {path}.startsWith({}))",
                quoted("a")
            ),
            9 => {
                let name = ["int", "decimal"][self.rng.usize(..2)];
                format!("({name}({path}) <= {})", self.leaf(&Ty::Int))
            }
            _ => match self.rng.u8(..3) {
                0 => format!("(size({path}) > 1)"),
                1 => format!("({path} && true)"),
                _ => format!("bool({path})"),
            },
        }
    }
}
