//! An audit beside an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::{Audit, Worse};

/// An earlier result, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub struct Earlier {
    files: Vec<EarlierFile>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierFile {
    file: String,
    faults: Vec<EarlierFault>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierFault {
    fault: String,
    fate: String,
}

impl Earlier {
    /// Reads what `--format json` wrote.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Whether it tells of the rule file of an audit. Paths may be written in
    /// several ways: the file's name counts.
    pub fn knows(&self, audit: &Audit) -> bool {
        self.files.iter().any(|own| is_same(&own.file, &audit.file))
    }

    /// The rules of which faults aren't exercised any more that were; faults that
    /// are gone, or that nothing shows any more, don't count.
    pub fn worse(&self, audit: &Audit) -> Vec<Worse> {
        let own = self
            .files
            .iter()
            .filter(|own| is_same(&own.file, &audit.file));
        let faults = own.flat_map(|own| &own.faults);
        let before: BTreeSet<&str> = faults
            .filter(|fault| fault.fate == "exercised")
            .map(|fault| fault.fault.as_str())
            .collect();
        let mut worse: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for fault in &audit.faults {
            let is_lost = !fault.is_exercised() && fault.fate != "untestable";
            if is_lost && before.contains(fault.fault.as_str()) {
                worse
                    .entry(&fault.rule)
                    .or_default()
                    .push(fault.fault.clone());
            }
        }
        let worse = worse.into_iter();
        worse
            .map(|(rule, faults)| Worse {
                rule: rule.to_owned(),
                faults,
            })
            .collect()
    }
}

fn is_same(one: &str, other: &str) -> bool {
    Path::new(one).file_name() == Path::new(other).file_name()
}
