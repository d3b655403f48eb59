//! From what was generated to a case file.

use super::field::{Base, FieldCase};
use super::result::{Case, Generated, Twin};
use crate::case::{
    Builder, CaseFile, Detected, Draft, FieldDraft, FieldRule, NotSendable, Story, TwinKind,
    TwinTrace,
};
use crate::fault::{Fault, FaultClass};
use crate::model::{Built, Model};
use crate::simulate::Look;
use crate::story::Teller;

/// The case file of a rule file: `rule_file` is its name without folders.
///
/// # Errors
/// Where a request can't be sent by HTTP.
pub fn case_file(
    built: &Built,
    generated: &Generated,
    rule_file: &str,
    z3: &str,
) -> Result<CaseFile, NotSendable> {
    let model = &built.model;
    let mut builder = Builder::new(model);
    for baseline in &generated.baselines {
        builder.baseline(baseline.id.as_str(), &baseline.trace)?;
    }
    for case in &generated.cases {
        let fallback = String::new();
        let baseline = generated
            .baselines
            .get(case.baseline)
            .map(|baseline| &baseline.id);
        builder.case(Draft {
            id: case.id.clone(),
            rule: case.rule,
            trace: &case.trace,
            breaks: &case.breaks,
            detects: detected(model, generated, case),
            primary: primary(generated, case).map(|fault| fault.id.clone()),
            reason: reason(model, generated, case),
            value: Some(case.value),
            story: Some(story(model, generated, case)),
            baseline: baseline.unwrap_or(&fallback),
            twin: twin(generated, case),
            assumes: &case.assumes,
            is_view: case.is_view,
            looks: &case.looks,
            filled: &case.filled,
        })?;
    }
    fields(&mut builder, generated)?;
    let file = builder.finish(rule_file, built.title.as_str(), z3)?;
    Ok(CaseFile {
        shard: generated.shard,
        ..file
    })
}

/// The cases of the field layer.
fn fields(builder: &mut Builder<'_>, generated: &Generated) -> Result<(), NotSendable> {
    let layer = &generated.fields;
    for case in &layer.cases {
        let Some(demand) = layer.list.demands.get(case.demand) else {
            continue;
        };
        let base = match case.base {
            Base::Baseline(index) => baseline_twin(generated, index),
            Base::Case(index) => layer.cases.get(index).map(|own| TwinTrace {
                kind: TwinKind::Case,
                id: &own.id,
                trace: &own.trace,
            }),
        };
        let (Some(base), Some(baseline)) = (base, baseline_of(generated, case)) else {
            continue;
        };
        let detects = case.detects.iter();
        let detects = detects.filter_map(|fault| layer.list.faults.get(*fault));
        let detects = detects.map(|fault| Detected {
            fault: fault.id.clone(),
            class: FaultClass::Field.name().to_owned(),
            words: fault.words.clone(),
        });
        builder.field(FieldDraft {
            id: case.id.clone(),
            rule: FieldRule {
                id: &demand.id,
                operation: demand.operation,
                location: &demand.location,
                says: &demand.says,
                pointer: &demand.pointer,
            },
            trace: &case.trace,
            written: case.written.as_ref().map(|(place, text)| (place, &**text)),
            is_refused: case.is_refused,
            detects: detects.collect(),
            baseline,
            base,
            assumes: &case.assumes,
        })?;
    }
    Ok(())
}

/// The baseline at the end of the requests that a case is a change of.
fn baseline_of<'g>(generated: &'g Generated, case: &FieldCase) -> Option<&'g str> {
    let mut base = case.base;
    // Each rests on one before it.
    for _ in 0..=generated.fields.cases.len() {
        match base {
            Base::Baseline(index) => {
                return generated.baselines.get(index).map(|own| own.id.as_str());
            }
            Base::Case(index) => base = generated.fields.cases.get(index)?.base,
        }
    }
    None
}

fn primary<'g>(generated: &'g Generated, case: &Case) -> Option<&'g Fault> {
    case.primary
        .and_then(|fault| generated.faults.faults.get(fault))
}

/// What the case detects; of other owners' faults, whose they are is said.
fn detected(model: &Model, generated: &Generated, case: &Case) -> Vec<Detected> {
    let fault = |position: usize| generated.faults.faults.get(position);
    let own = case.primary.or(case.detects.first().copied());
    let own = own.and_then(fault).map(|fault| &fault.owner);
    let faults = case.detects.iter().filter_map(|position| fault(*position));
    let told = faults.map(|fault| Detected {
        fault: fault.id.clone(),
        class: fault.class.name().to_owned(),
        words: match own == Some(&fault.owner) {
            true => fault.words.clone(),
            false => format!("{}, in {}", fault.words, fault.owner.id(model)),
        },
    });
    told.collect()
}

fn twin<'g>(generated: &'g Generated, case: &Case) -> Option<TwinTrace<'g>> {
    match case.twin? {
        Twin::Case(index) => generated.cases.get(index).map(|twin| TwinTrace {
            kind: TwinKind::Case,
            id: &twin.id,
            trace: &twin.trace,
        }),
        Twin::Baseline(index) => baseline_twin(generated, index),
    }
}

fn baseline_twin(generated: &Generated, index: usize) -> Option<TwinTrace<'_>> {
    let twin = generated.baselines.get(index)?;
    Some(TwinTrace {
        kind: TwinKind::Baseline,
        id: &twin.id,
        trace: &twin.trace,
    })
}

/// What happens, step by step.
fn story(model: &Model, generated: &Generated, case: &Case) -> Story {
    let fault = primary(generated, case);
    let teller = Teller {
        model,
        trace: &case.trace,
        rule: case.rule,
        fault: fault.map(|fault| (&fault.patch, fault.words.as_str())),
        twin: twin(generated, case).map(|twin| twin.trace),
        look: match case.assumes.as_slice() {
            [] => Look::First,
            _ => Look::Second,
        },
        is_view: case.is_view,
    };
    teller.tell()
}

/// Why the verdict is what it is.
fn reason(model: &Model, generated: &Generated, case: &Case) -> String {
    let about = match primary(generated, case) {
        Some(fault) => format!("catches a server that {}", fault.words),
        None => "is the accepted neighbour of a refused request".to_owned(),
    };
    match case.breaks.as_slice() {
        [] if case.is_view => {
            format!("The last request only looks, and must show what is remembered; {about}.")
        }
        [] if model.rule(case.rule).is_ensured() => format!(
            "All rules hold, so the request must be accepted, and its answer hold what is ensured; \
             {about}."
        ),
        [] => format!("All rules hold, so the request must be accepted; {about}."),
        [one] => format!(
            "The rule {} is broken, and no other, so the request must be refused; {about}.",
            model.rule(*one).rule
        ),
        several => {
            let names: Vec<&str> = several
                .iter()
                .map(|rule| model.rule(*rule).rule.as_str())
                .collect();
            format!(
                "The rules {} are broken, so the request must be refused; {about}.",
                names.join(" and ")
            )
        }
    }
}
