//! Real documents, where they are at hand.

use std::collections::BTreeMap;

use super::*;

/// Every operation of the real documents in `CROSSFIELD_SPECS` is modelled or
/// refused with a place.
#[test]
fn real_documents_are_modelled() {
    let Some(folder) = std::env::var_os("CROSSFIELD_SPECS") else {
        eprintln!("skipped: CROSSFIELD_SPECS is not set");
        return;
    };
    let mut files = Vec::new();
    for folder in [PathBuf::from(&folder), Path::new(&folder).join("idl")] {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| {
            path.extension()
                .is_some_and(|own| own == "yaml" || own == "json")
        }));
    }
    files.sort();
    let mut documents = 0;
    for path in files {
        let mut sources = Sources::new();
        let started = std::time::Instant::now();
        let document = match load(&mut sources, &path) {
            Ok(document) => document,
            Err(findings) => {
                assert!(findings.has_errors());
                continue;
            }
        };
        documents += 1;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for listed in &document.operations {
            let key = match document.operation(listed) {
                Ok(operation) => {
                    for (_, own) in operation.unmodelled() {
                        *counts
                            .entry(format!("not modelled {}", own.keyword))
                            .or_default() += 1;
                    }
                    *counts.entry("schemas".into()).or_default() +=
                        operation.schemas.reachable(operation.request).len();
                    judged(&document, &operation)
                }
                Err(findings) => format!("refused: {}", findings.iter().next().unwrap().message),
            };
            *counts.entry(key).or_default() += 1;
        }
        eprintln!("{}: {:?} {counts:#?}", path.display(), started.elapsed());
    }
    assert!(documents >= 3);
}

fn judged(document: &Document, operation: &Operation) -> String {
    let validator = match Validator::new(document, operation) {
        Ok(validator) => validator,
        Err(finding) => return format!("no validator: {}", finding.message),
    };
    match baseline(operation, None, NOW) {
        Ok(baseline) => match validator.validate(&baseline.value).first() {
            None => "baseline valid".to_owned(),
            Some(first) => format!("baseline refused by {}", first.keyword),
        },
        Err(findings) => format!("no baseline: {}", findings.iter().next().unwrap().message),
    }
}
