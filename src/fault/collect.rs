//! From edits to faults: patches, collapse, order, ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::canon::canon;
use super::edit::{Edit, slug};
use super::logic::{Simplifier, without_idle_guard};
use super::scene::omitted;
use super::{Fault, FaultClass, FaultList, OmittedPaths, Owner, Site};
use crate::expr::{ExprId, Node, Op, Position, print};
use crate::model::{Model, Patch, Place};

/// Edits that one fault makes together, at one or more places.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The edits by place; all make the same change.
    pub edits: Vec<(Place, Edit)>,
    /// What ids call the position.
    pub position: String,
    /// Completes "catches a server that ...".
    pub words: String,
}

/// Gathers what all generators make.
#[derive(Debug, Default)]
pub(super) struct Collector {
    /// The edits of each place, in canonical order.
    pub edits: BTreeMap<Place, Vec<Edit>>,
    drafts: BTreeMap<Owner, Vec<Draft>>,
    omitted: Vec<OmittedPaths>,
}

impl Collector {
    /// The edits that a place owns itself.
    pub fn own(&mut self, model: &Model, place: Place, edits: Vec<Edit>) {
        let owner = match place {
            Place::Rule(rule)
            | Place::Same(rule)
            | Place::Counted(rule)
            | Place::Replay(rule)
            | Place::Ensure(rule, _) => Owner::Rule(rule),
            Place::Init(..) | Place::Set(..) => Owner::State(place),
            Place::Everywhere(operation, index)
            | Place::Refused(operation, index)
            | Place::Repeated(operation, index) => Owner::State(Place::Set(operation, index)),
            Place::Kept(..) => Owner::State(model.first_kept(place)),
        };
        for edit in &edits {
            let draft = Draft {
                edits: vec![(place, edit.clone())],
                position: dotted(edit.at.steps()),
                words: edit.words.clone(),
            };
            self.draft(owner.clone(), draft);
        }
        self.edits.insert(place, edits);
    }

    /// A fault to be.
    pub fn draft(&mut self, owner: Owner, draft: Draft) {
        self.drafts.entry(owner).or_default().push(draft);
    }

    /// Accepting paths of the rule at `place` that weren't taken.
    pub fn omitted(&mut self, place: Place, count: u64) {
        self.omitted.extend(omitted(place, count));
    }

    /// Makes the faults.
    pub fn finish(self, model: &mut Model) -> FaultList {
        let mut list = FaultList {
            omitted_paths: self.omitted,
            ..FaultList::default()
        };
        let mut simplifier = Simplifier::default();
        let mut owners: Vec<(Owner, Vec<Draft>)> = self.drafts.into_iter().collect();
        owners.sort_by_cached_key(|(owner, _)| (kind(owner), owner.id(model)));
        let mut ids = BTreeSet::new();
        for (owner, drafts) in owners {
            let mut faults = collapse(model, &mut simplifier, &owner, drafts, &mut list);
            tell_apart(model, &mut faults);
            for mut fault in faults {
                fault.id = unique(&mut ids, fault.id, "~");
                list.faults.push(fault);
            }
        }
        list
    }
}

fn kind(owner: &Owner) -> u8 {
    match owner {
        Owner::Rule(_) => 0,
        Owner::Def(_) => 1,
        Owner::State(_) => 2,
    }
}

/// The faults of one owner, equal ones counted with the first.
fn collapse(
    model: &mut Model,
    simplifier: &mut Simplifier,
    owner: &Owner,
    mut drafts: Vec<Draft>,
    list: &mut FaultList,
) -> Vec<Fault> {
    let prefix = owner.id(model);
    drafts.sort_by_cached_key(|draft| {
        let first = draft.edits.first();
        first.map(|(place, edit)| (edit.class, *place, edit.at.clone()))
    });
    let mut faults: Vec<Fault> = Vec::new();
    let mut known: HashMap<Patch, usize> = HashMap::new();
    for draft in drafts {
        let Some(fault) = build(model, simplifier, owner, &prefix, draft) else {
            list.identical += 1;
            continue;
        };
        match known.get(&fault.patch).and_then(|at| faults.get_mut(*at)) {
            Some(first) => {
                first.equals += 1;
                list.collapsed += 1;
            }
            None => {
                known.insert(fault.patch.clone(), faults.len());
                faults.push(fault);
            }
        }
    }
    faults
}

/// `None` where the patched server is the right one.
fn build(
    model: &mut Model,
    simplifier: &mut Simplifier,
    owner: &Owner,
    prefix: &str,
    draft: Draft,
) -> Option<Fault> {
    let (place, edit) = draft.edits.first()?;
    let patch = patch(model, simplifier, &draft.edits);
    if patch.0.is_empty() {
        return None;
    }
    let class = edit.class;
    let span = model.expression(*place).1.at(&edit.at).span;
    let site = |place: Place, position: &Position| Site {
        place,
        position: position.clone(),
    };
    let sites = draft.edits.iter().flat_map(|(place, edit)| {
        let changes = edit.changes.iter();
        changes.map(|(position, new)| (site(*place, position), *new))
    });
    Some(Fault {
        id: format!(
            "{prefix}/{}/{}/{}",
            class.name(),
            draft.position,
            slug(&edit.variant)
        ),
        class,
        owner: owner.clone(),
        sites: sites.collect(),
        patch,
        words: draft.words.clone(),
        span,
        equals: 0,
        structural: structural(model, *place, edit),
    })
}

/// The expressions that differ from the right server's, simplified.
fn patch(model: &mut Model, simplifier: &mut Simplifier, edits: &[(Place, Edit)]) -> Patch {
    let mut changes: Vec<(Place, Position, ExprId)> = Vec::new();
    for (place, edit) in edits {
        let own = edit.changes.iter();
        changes.extend(own.map(|(position, new)| (*place, position.clone(), *new)));
    }
    // Deepest first: a use of a definition can stand in an argument of another
    // use, and a position only leads through what is still there.
    changes.sort_by(|a, b| b.1.cmp(&a.1));
    let mut patched: BTreeMap<Place, ExprId> = BTreeMap::new();
    for (place, position, new) in changes {
        let own = model.expression(place).0;
        let root = patched.get(&place).copied().unwrap_or(own);
        patched.insert(place, model.arena.replace(root, &position, new));
    }
    let mut patch = Patch::default();
    for (place, changed) in patched {
        let right = model.expression(place).0;
        let simple_right = simplifier.simplify(&mut model.arena, right);
        let mut simple = simplifier.simplify(&mut model.arena, changed);
        if !undefined_matters(model, place) {
            simple = without_own_guard(model, simple_right, simple);
        }
        if simple != simple_right {
            patch.0.insert(place, simple);
        }
    }
    patch
}

fn undefined_matters(model: &Model, place: Place) -> bool {
    match place {
        Place::Rule(rule) => model.rule(rule).undefined_rejects,
        Place::Init(..)
        | Place::Set(..)
        | Place::Everywhere(..)
        | Place::Refused(..)
        | Place::Repeated(..)
        | Place::Kept(..)
        | Place::Counted(_)
        | Place::Same(_)
        | Place::Replay(_)
        | Place::Ensure(..) => true,
    }
}

/// A rule that holds wherever its guard does is no rule. The two differ only
/// where the guard is undefined; if that is the right rule's own guard, the
/// right server's verdict is unclear there, and nothing could tell them apart.
fn without_own_guard(model: &mut Model, right: ExprId, id: ExprId) -> ExprId {
    let guard_of = |id: ExprId| match model.arena.node(id) {
        Node::Call(Op::Guard, operands) => operands.first().copied(),
        _ => None,
    };
    if guard_of(id) == guard_of(right) {
        without_idle_guard(&mut model.arena, id)
    } else {
        id
    }
}

/// What is changed into what, without positions.
fn structural(model: &Model, place: Place, edit: &Edit) -> String {
    let names = model.resource_names();
    let text = |id| canon(&model.arena, id, &names);
    let root = model.expression(place).0;
    let class = edit.class.name();
    if let Some(condition) = edit.about {
        return format!("{class}: {}", text(condition));
    }
    let mut changes: Vec<String> = Vec::new();
    // What concerns the rule as a whole is named by its variant: it stays the
    // same fault when the rule's text is edited.
    if !matches!(edit.class, FaultClass::Dropped | FaultClass::RejectsValid) {
        for (position, new) in &edit.changes {
            let right = model.arena.at(root, position).unwrap_or(root);
            changes.push(format!(" {} => {}", text(right), text(*new)));
        }
    }
    changes.sort();
    format!("{class} {}:{}", slug(&edit.variant), changes.join(";"))
}

/// `1.0.2`, or `all` for the root.
pub(super) fn dotted(steps: &[u16]) -> String {
    if steps.is_empty() {
        return "all".to_owned();
    }
    let steps: Vec<String> = steps.iter().map(u16::to_string).collect();
    steps.join(".")
}

/// Makes words and structural descriptions unique within an owner: by what
/// is around the site, at last by number.
fn tell_apart(model: &Model, faults: &mut [Fault]) {
    let names = model.resource_names();
    let printed = |id| print(&model.arena, id, &names);
    let canonical = |id| canon(&model.arena, id, &names);
    let repeated_words = repeated(faults.iter().map(|fault| &fault.words));
    let repeated_structural = repeated(faults.iter().map(|fault| &fault.structural));
    let (mut words, mut structural) = (BTreeSet::new(), BTreeSet::new());
    for fault in faults {
        if repeated_words.contains(&fault.words)
            && let Some(text) = around(model, fault, &fault.words, &printed)
        {
            fault.words = format!("{}, in `{text}`", fault.words);
        }
        if repeated_structural.contains(&fault.structural)
            && let Some(text) = around(model, fault, &fault.structural, &canonical)
        {
            fault.structural = format!("{} in {text}", fault.structural);
        }
        fault.words = unique(&mut words, fault.words.clone(), " no. ");
        fault.structural = unique(&mut structural, fault.structural.clone(), " #");
    }
}

fn repeated<'t>(texts: impl Iterator<Item = &'t String>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let repeated = texts.filter(|text| !known.insert(*text));
    repeated.cloned().collect()
}

/// The nearest expression around the first site of a fault that `said`
/// doesn't show yet.
fn around(
    model: &Model,
    fault: &Fault,
    said: &str,
    text: &dyn Fn(ExprId) -> String,
) -> Option<String> {
    let (site, _) = fault.sites.first()?;
    let root = model.expression(site.place).0;
    let steps = site.position.steps();
    let above = (0..=steps.len()).rev().map(|length| {
        let position: Position = steps.iter().take(length).copied().collect();
        model.arena.at(root, &position).map(text)
    });
    above.flatten().find(|text| !said.contains(text.as_str()))
}

/// `text`, with a number behind it if it was there before.
fn unique(known: &mut BTreeSet<String>, text: String, mark: &str) -> String {
    let numbered = (2_u32..).map(|number| format!("{text}{mark}{number}"));
    let mut candidates = std::iter::once(text.clone()).chain(numbered);
    let free = candidates.find(|candidate| !known.contains(candidate));
    let free = free.unwrap_or(text);
    known.insert(free.clone());
    free
}
