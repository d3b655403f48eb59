//! Every rule file under `fixtures/rulefiles`: what is accepted, in an outline,
//! and what its author sees of what is refused.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

use crossfield::rulefile::{
    Api, Check, Credential, DefKind, Located, Rule, RuleFile, SavedFrom, SetupStep, Table,
    ValueKind,
};
use crossfield::source::{Diagnostics, Sources};

#[test]
fn accepted_files_are_read_as_meant() -> Result<()> {
    for path in fixtures("accepted")? {
        let (file, found, sources) = read(&path)?;
        let shown = found.render_human(&sources, false);
        assert!(!found.has_errors(), "{}:\n{shown}", path.display());
        let outline = format!("{}{shown}", outline(&file.unwrap()));
        snapshot("accepted", &path, &outline);
    }
    Ok(())
}

#[test]
fn refused_files_say_why() -> Result<()> {
    for path in fixtures("refused")? {
        let (_, found, sources) = read(&path)?;
        assert!(found.has_errors(), "{} is accepted", path.display());
        snapshot("refused", &path, &found.render_human(&sources, false));
    }
    Ok(())
}

#[test]
fn the_rules_of_the_example_are_accepted() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/payments.rules.yaml");
    let (file, found, sources) = read(&path)?;
    assert!(found.is_empty(), "{}", found.render_human(&sources, false));
    assert!(file.unwrap().rules.len() > 40);
    Ok(())
}

/// What the schema for editors can't tell: expressions that YAML cut short.
const BEYOND_THE_SCHEMA: [&str; 2] = ["comma_in_brackets", "comment_in_string"];

#[test]
fn the_schema_for_editors_agrees_with_the_reader() -> Result<()> {
    let validator = jsonschema::validator_for(&crossfield::rulefile::schema()).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut accepted = fixtures("accepted")?;
    accepted.extend(yaml_files(&own)?);
    for path in accepted {
        let file = as_json(&path)?.unwrap();
        let found = validator.iter_errors(&file);
        let found: Vec<String> = found
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
    let mut passed = Vec::new();
    for path in fixtures("refused")? {
        // What is no YAML, the editor says itself.
        if as_json(&path)?.is_some_and(|file| validator.is_valid(&file)) {
            passed.push(file_name(&path).replace(".rules.yaml", ""));
        }
    }
    assert_eq!(passed, BEYOND_THE_SCHEMA);
    Ok(())
}

/// A YAML file as editors see it; `None` where it is no YAML.
fn as_json(path: &Path) -> Result<Option<serde_json::Value>> {
    let mut sources = Sources::new();
    let file = sources.add(file_name(path), fs::read_to_string(path)?);
    let node = crossfield::tree::parse_yaml(&sources, file).ok();
    let json = node.map(|node| serde_json::from_str(&node.to_value().to_string()));
    Ok(json.transpose()?)
}

fn fixtures(outcome: &str) -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/rulefiles")
        .join(outcome);
    yaml_files(&folder)
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>>>()?
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no fixtures in {}", folder.display());
    Ok(paths)
}

fn read(path: &Path) -> Result<(Option<RuleFile>, Diagnostics, Sources)> {
    let mut sources = Sources::new();
    let file = sources.add(file_name(path), fs::read_to_string(path)?);
    let (read, found) = RuleFile::parse(&sources, file);
    Ok((read, found, sources))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn snapshot(outcome: &str, path: &Path, text: &str) {
    let name = file_name(path);
    let name = name.trim_end_matches(".rules.yaml");
    insta::with_settings!({
        snapshot_path => format!("fixtures/rulefiles/{outcome}"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

fn api(api: &Api) -> String {
    match api {
        Api::Document(path) => path.value.clone(),
        Api::Schema(own) => format!(
            "{} {} by {}, sample {:?}",
            own.method.value,
            own.path.value,
            own.schema.value,
            own.sample.as_ref().map(|sample| &sample.value)
        ),
    }
}

fn setup_step(step: &SetupStep) -> String {
    let named = |own: &Option<Located<String>>| {
        let text = own.as_ref().map(|own| own.value.clone());
        text.unwrap_or_else(|| "-".to_owned())
    };
    let save = step.save.iter().map(|own| match &own.from {
        SavedFrom::Path(path) => format!("{} from {}", own.name.value, path.source()),
        SavedFrom::Pointer(pointer) => format!("{} at {}", own.name.value, pointer.value),
        SavedFrom::Link { name, parameter } => {
            let parameter = named(parameter);
            format!("{} by {} {parameter}", own.name.value, name.value)
        }
    });
    let save: Vec<String> = save.collect();
    format!(
        "setup {} {} of {} at {} for {} {:?} as {} set {} unset {} save [{}]",
        step.request.name.value,
        step.operation.value,
        named(&step.api),
        named(&step.url),
        named(&step.of),
        step.each,
        named(&step.request.actor),
        step.request.set.len(),
        step.request.unset.len(),
        save.join(", ")
    )
}

/// The file in a few lines: everything that was read, nothing of its form.
fn outline(file: &RuleFile) -> String {
    let mut lines = vec![format!(
        "api {} undefined {:?} nulls {:?}",
        api(&file.api),
        file.undefined,
        file.nulls
    )];
    for def in &file.defs {
        let kind = match &def.kind {
            DefKind::Expression(body) => format!("= {}", body.source()),
            DefKind::Macro { parameters, body } => {
                let names: Vec<&str> = parameters.iter().map(|name| name.value.as_str()).collect();
                format!("({}) = {}", names.join(", "), body.source())
            }
            DefKind::Data(node) => format!("data {}", node.to_value()),
        };
        lines.push(format!("def {} {kind}", def.name.value));
    }
    for path in &file.includes {
        lines.push(format!("includes {}", path.value));
    }
    for value in &file.values {
        let kind = match &value.kind {
            ValueKind::Environment { variable, example } => format!(
                "from {} such as {}",
                variable.value,
                example.as_ref().and_then(|own| own.as_str()).unwrap_or("-")
            ),
            ValueKind::Saved { example } => format!(
                "saved such as {}",
                example.as_ref().and_then(|own| own.as_str()).unwrap_or("-")
            ),
            ValueKind::Constant(node) => node.to_value().to_string(),
        };
        lines.push(format!("value {} {kind}", value.name.value));
    }
    for actor in &file.actors {
        if let Some(Credential::Saved(name)) = &actor.credential {
            lines.push(format!("actor {} with {}", actor.name.value, name.value));
        }
    }
    lines.extend(file.setup.iter().map(setup_step));
    let awaits = file.operations.iter().filter_map(|own| own.awaits.as_ref());
    lines.extend(awaits.map(|own| {
        format!(
            "await {} until {} for {} every {}",
            own.operation.value,
            own.until.source(),
            own.timeout,
            own.every
        )
    }));
    for resource in &file.resources {
        let deleted = resource.deleted_by.as_ref();
        lines.extend(deleted.map(|own| format!("{} deletes", own.value)));
        lines.push(format!(
            "resource {} ({}) by {} key {}",
            resource.name.value,
            resource.plural.as_ref().map_or("-", |name| &name.value),
            resource.created_by.as_ref().map_or("-", |by| &by.value),
            resource.key.as_ref().map_or("-", |key| key.source())
        ));
        for there in &resource.existing {
            let attributes = there.attributes.iter();
            let attributes =
                attributes.map(|(name, value)| format!(", {} {}", name.value, value.to_value()));
            let attributes: String = attributes.collect();
            lines.push(format!("  existing {}{attributes}", there.key.value));
        }
        for view in resource.view.iter() {
            lines.push(format!("  shown by {}", view.operation.value));
            let shown = view.shown.iter();
            lines.extend(
                shown.map(|(name, place)| format!("    {} at {}", name.value, place.source())),
            );
        }
        for attribute in &resource.state {
            let schema = attribute
                .schema
                .as_ref()
                .map(|node| node.to_value().to_string());
            lines.push(format!(
                "  {} init {} schema {}",
                attribute.name.value,
                attribute.init.as_ref().map_or("-", |init| init.source()),
                schema.unwrap_or_default()
            ));
        }
    }
    for operation in &file.operations {
        lines.push(format!("operation {}", operation.operation.value));
        for baseline in &operation.baselines {
            let example = baseline.example.as_ref().map_or("-", |name| &name.value);
            lines.push(format!("  baseline {} from {example}", baseline.name.value));
            for set in &baseline.set {
                lines.push(format!(
                    "    {} := {}",
                    set.path.source(),
                    set.value.to_value()
                ));
            }
        }
        for field in &operation.fields {
            let keywords: Vec<String> = field
                .keywords
                .iter()
                .map(|(name, node)| format!("{} {}", name.value, node.to_value()))
                .collect();
            lines.push(format!(
                "  field {}: {}",
                field.path.source(),
                keywords.join(", ")
            ));
        }
        let answers = &operation.answers;
        for (name, check) in [
            ("accept", &answers.accept),
            ("reject", &answers.reject),
            ("schema", &answers.schema),
            ("replay", &answers.replay),
        ] {
            if let Some(check) = check {
                lines.push(format!("  answer {name}: {}", check.source()));
            }
        }
        for bind in &operation.bind {
            let missing = bind.missing.as_ref();
            let missing =
                missing.map(|own| own.status.iter().map(|own| own.value).collect::<Vec<u16>>());
            lines.push(format!(
                "  bind {} to {} missing {missing:?}",
                bind.resource.value,
                bind.to.source()
            ));
        }
        for change in &operation.set {
            lines.push(format!(
                "  set {}.{} to {}",
                change.resource.value,
                change.attribute.value,
                change.value.source()
            ));
        }
    }
    for rule in &file.rules {
        lines.extend(rule_outline(rule));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn rule_outline(rule: &Rule) -> Vec<String> {
    let operations: Vec<&str> = rule
        .operations
        .iter()
        .map(|name| name.value.as_str())
        .collect();
    let tags: Vec<&str> = rule.tags.iter().map(|tag| tag.value.as_str()).collect();
    let mut lines = vec![format!(
        "rule {} of {} {:?} [{}] owner {} undefined {:?}",
        rule.id.value,
        operations.join(", "),
        rule.severity,
        tags.join(", "),
        rule.owner.as_ref().map_or("-", |owner| &owner.value),
        rule.undefined,
    )];
    if let Some(at) = &rule.at {
        lines.push(format!("  at {}", at.value));
    }
    if let Some(each) = &rule.each {
        lines.push(format!("  each {}", each.source()));
    }
    if let Some(when) = &rule.when {
        lines.push(format!("  when {}", when.source()));
    }
    lines.push(match &rule.check {
        Check::Rule(expression) => format!("  rule {}", expression.source()),
        Check::Table(table) => table_outline(table),
        Check::Ensure { text, .. } => format!("  ensure {}", text.source()),
        Check::Shorthand { shorthand, .. } => {
            let texts = debug_sources(&format!("{shorthand:?}"));
            format!("  {} {}", shorthand.key(), texts.join(" | "))
        }
    });
    for (name, text) in [
        ("message", &rule.message),
        ("source", &rule.source),
        ("fieldPath", &rule.field_path),
    ] {
        if let Some(text) = text {
            lines.push(format!("  {name} {}", text.value));
        }
    }
    if let Some(expect) = &rule.expect {
        let status: Vec<u16> = expect.status.iter().map(|status| status.value).collect();
        let body = expect.body.as_ref().map_or("-", |body| body.source());
        lines.push(format!("  expect {status:?} {body}"));
    }
    lines
}

fn table_outline(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let heading = column.heading.as_ref();
        let heading = heading.map(|heading| format!("{}: ", heading.value));
        format!("{}{}", heading.unwrap_or_default(), column.value.source())
    });
    let columns: Vec<String> = columns.collect();
    let mut text = format!("  table {:?} by {}", table.effect, columns.join(" | "));
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| cell.to_value().to_string());
        text += &format!("\n    {}", cells.collect::<Vec<_>>().join(" | "));
    }
    let csv = table.csv.as_ref();
    text + &csv.map_or(String::new(), |csv| format!("\n    from {}", csv.value))
}

/// The texts in the debug form of a shorthand, in its order.
fn debug_sources(debug: &str) -> Vec<String> {
    debug
        .split("value: \"")
        .skip(1)
        .filter_map(|rest| rest.split_once("\", span:"))
        .map(|(text, _)| text.to_owned())
        .collect()
}
