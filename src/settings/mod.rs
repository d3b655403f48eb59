//! `crossfield.toml`: what people decided against, and why.
//!
//! The file that counts for a rule file is the nearest one, in its folder or one
//! above. Each `[[off]]` switches faults off: a class, a layer, all of a rule, or
//! one by its id.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::fault::{Fault, FaultClass, Layer, Owner};
use crate::model::Model;
use crate::source::{Code, Diagnostic, Span};

pub use read::{FILE, nearest, read};

/// What a settings file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// In the order of the file.
    pub off: Vec<Switch>,
}

/// Faults that are switched off: those that all of this fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The name of their class.
    pub class: Option<String>,
    /// Their layer.
    pub layer: Option<Layer>,
    /// The id of the rule that they belong to, or of another owner.
    pub rule: Option<String>,
    /// The id of the one.
    pub fault: Option<String>,
    /// Why.
    pub reason: String,
    /// Where the entry stands; none for what an option says.
    pub span: Option<Span>,
}

impl Switch {
    fn fits(&self, model: &Model, fault: &Fault) -> bool {
        let is = |wanted: &Option<String>, own: &str| {
            let mut wanted = wanted.iter();
            wanted.all(|wanted| wanted == own)
        };
        is(&self.class, fault.class.name())
            && self.layer.is_none_or(|layer| layer == fault.layer())
            && is(&self.fault, &fault.id)
            && self.belongs(model, fault)
    }

    fn fits_field(&self, owner: &str, fault: &str) -> bool {
        let is = |wanted: &Option<String>, own: &str| {
            let mut wanted = wanted.iter();
            wanted.all(|wanted| wanted == own)
        };
        is(&self.class, FaultClass::Field.name())
            && self.layer.is_none_or(|layer| layer == Layer::Field)
            && is(&self.rule, owner)
            && is(&self.fault, fault)
    }

    fn belongs(&self, model: &Model, fault: &Fault) -> bool {
        let Some(wanted) = &self.rule else {
            return true;
        };
        let declared = match &fault.owner {
            Owner::Rule(rule) => Some(&model.rule(*rule).rule),
            Owner::Def(_) | Owner::State(_) => None,
        };
        declared == Some(wanted) || fault.owner.id(model) == *wanted
    }
}

impl Settings {
    /// The first entry that switches a fault off.
    pub fn switch(&self, model: &Model, fault: &Fault) -> Option<&Switch> {
        self.off.iter().find(|switch| switch.fits(model, fault))
    }

    /// The first entry that switches a field fault off, by its owner's id and its own.
    pub fn field_switch(&self, owner: &str, fault: &str) -> Option<&Switch> {
        self.off
            .iter()
            .find(|switch| switch.fits_field(owner, fault))
    }

    /// With all layers but these switched off.
    #[must_use]
    pub fn with_layers(mut self, layers: &[Layer]) -> Self {
        // The field layer is off where nobody asks for it.
        let others = Layer::ALL.iter().filter(|layer| **layer != Layer::Field);
        let others = others.filter(|layer| !layers.contains(layer));
        self.off.extend(others.map(|layer| Switch {
            class: None,
            layer: Some(*layer),
            rule: None,
            fault: None,
            reason: format!("the layer {} isn't asked for", layer.name()),
            span: None,
        }));
        self
    }
}

/// Says which entries of settings switch nothing off, all rule files taken together;
/// `used` are those that do.
pub fn unused(settings: &[&Settings], used: &[Span]) -> Vec<Diagnostic> {
    let all = settings.iter().flat_map(|own| &own.off);
    let all = all.filter_map(|switch| switch.span);
    let unused: BTreeSet<Span> = all.filter(|span| !used.contains(span)).collect();
    let findings = unused.into_iter().map(|span| {
        Diagnostic::warning(Code::UnusedSwitch, "this entry switches no fault off")
            .at(span, "nothing is of this kind")
            .help("`crossfield explain RULE PATH` lists the faults of a rule with their classes")
    });
    findings.collect()
}
