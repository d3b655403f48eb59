//! Documents from elsewhere, where CROSSFIELD_SPECS leads to them.

use std::path::PathBuf;

use crossfield::document::Document;
use crossfield::generate::{Fate, Options, case_file, generate};
use crossfield::import::idl::from_document;
use crossfield::model::build;
use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources};

/// A document, and how many dependencies it has.
const DOCUMENTS: [(&str, usize); 4] = [
    ("idl/AmadeusHotel__swagger.yaml", 4),
    ("idl/Stripe__swagger.yaml", 6),
    ("idl/Yelp__swagger.yaml", 5),
    ("idl/languagetool__swagger.json", 3),
];

/// Every dependency becomes a rule, every rule has a proven case, and every
/// fault that can be detected is.
#[test]
fn dependencies_of_real_documents_have_proven_cases() {
    let Some(specs) = std::env::var_os("CROSSFIELD_SPECS").map(PathBuf::from) else {
        println!("skipped: CROSSFIELD_SPECS is not set");
        return;
    };
    for (name, count) in DOCUMENTS {
        let mut sources = Sources::new();
        let document = Document::open(&mut sources, &specs.join(name)).unwrap();
        let operations: Vec<_> = document.operations.iter().collect();
        let mut found = Diagnostics::new();
        let imported = from_document(&document, &operations, "api.yaml", &mut found);
        assert!(
            !found.has_errors(),
            "{}",
            found.render_human(&sources, false)
        );
        let settled = crossfield::import::settle(
            imported,
            &document,
            &sources,
            ("api.yaml", name),
            crate::NOW,
        );
        let settled = settled.unwrap();
        assert_eq!(settled.imported.lost, [], "{name}");
        assert_eq!(settled.imported.rules.len(), count, "{name}");
        let file = sources.add("imported.rules.yaml", settled.text);
        let (parsed, _) = RuleFile::parse(&sources, file);
        let mut built = build(&document, &parsed.unwrap(), crate::NOW, &mut found).unwrap();
        let generated = generate(&mut built, &Options::default(), &|_, _| {});
        assert_eq!(generated.internal, Vec::<String>::new());
        let fates = generated.fates.iter();
        let is_settled = |fate: &&Fate| matches!(fate.name(), "detected" | "untestable");
        let open: Vec<&Fate> = fates.filter(|fate| !is_settled(fate)).collect();
        assert!(open.is_empty(), "{name}: {open:?}");
        let file = case_file(&built, &generated, "imported.rules.yaml", "z3").unwrap();
        for rule in &settled.imported.rules {
            let own = format!("{}-", rule.id);
            let mut cases = file.cases.iter();
            assert!(cases.any(|case| case.id.starts_with(&own)), "{name}: {own}");
        }
    }
}
