//! From the command line to what is imported.

use std::path::Path;

use super::place::Target;
use crate::cli::arguments::{ImportArguments, RuleKind};
use crate::document::{Document, Listed};
use crate::import::{Imported, idl, jsonschema, kubernetes};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources};
use crate::tree::{self, Node};

/// Rules, and the document that they are about.
pub(super) struct Loaded {
    pub document: Document,
    /// The path of the document, as the rule file has it.
    pub api: String,
    pub imported: Imported,
}

/// What SPEC is.
enum Spec {
    /// An API document.
    Document(Node),
    /// A text in IDL.
    Idl,
    /// A JSON Schema or a custom resource definition.
    Schema(Node),
}

/// Reads everything; `None` where something can't be used.
pub(super) fn load(
    arguments: &ImportArguments,
    target: &Target,
    sources: &mut Sources,
    findings: &mut Diagnostics,
) -> Option<Loaded> {
    let file = match sources.read(&arguments.spec) {
        Ok(file) => file,
        Err(finding) => {
            findings.push(*finding);
            return None;
        }
    };
    let spec = match spec(arguments, sources, file) {
        Ok(spec) => spec,
        Err(found) => {
            findings.append(found);
            return None;
        }
    };
    let result = match &spec {
        Spec::Document(tree) => whole(arguments, target, sources, file, tree, findings),
        Spec::Idl => single(arguments, target, sources, findings, None, file),
        Spec::Schema(tree) => single(arguments, target, sources, findings, Some(tree), file),
    };
    result.map_err(|found| findings.append(found)).ok()
}

fn spec(arguments: &ImportArguments, sources: &Sources, file: FileId) -> Result<Spec, Diagnostics> {
    let is_idl = arguments.spec.extension().is_some_and(|own| own == "idl");
    if is_idl && arguments.kind == RuleKind::Idl {
        return Ok(Spec::Idl);
    }
    let tree = tree::parse(sources, file)?;
    let is_document = tree.entry("openapi").is_some() || tree.entry("swagger").is_some();
    let is_schema = match arguments.kind {
        RuleKind::Idl => false,
        RuleKind::Jsonschema => true,
        RuleKind::Kubernetes => kubernetes::is_definition(&tree),
    };
    if is_document {
        return Ok(Spec::Document(tree));
    }
    if is_schema && tree.is_mapping() {
        return Ok(Spec::Schema(tree));
    }
    let (message, help) = match arguments.kind {
        RuleKind::Idl => (
            "this is no API document: it has no `openapi:` key",
            "IDL stands under `x-dependencies` of an API document's operations, or in a file that \
             ends in `.idl`",
        ),
        RuleKind::Jsonschema => (
            "this is neither an API document nor a JSON Schema",
            "give a mapping with `openapi:`, or with keywords of JSON Schema",
        ),
        RuleKind::Kubernetes => (
            "this is neither an API document nor a custom resource definition",
            "give a file with `openapi:`, or with `kind: CustomResourceDefinition`",
        ),
    };
    let finding = Diagnostic::error(Code::ApiVersion, message);
    Err(finding.at(tree.span.at_start(), "").help(help).into())
}

/// An API document that holds the rules itself.
fn whole(
    arguments: &ImportArguments,
    target: &Target,
    sources: &mut Sources,
    file: FileId,
    tree: &Node,
    findings: &mut Diagnostics,
) -> Result<Loaded, Diagnostics> {
    if arguments.api.is_some() {
        let message = "this is an API document itself: its rules are about its own operations";
        let finding = Diagnostic::error(Code::WrongValue, message);
        return Err(placed(finding.help("leave out `--api`"), sources, file).into());
    }
    let document = Document::open(sources, &arguments.spec)?;
    let api = target.relative(&arguments.spec);
    let operations = operations(&document, &arguments.operation)?;
    let imported = match arguments.kind {
        RuleKind::Idl => idl::from_document(&document, &operations, &api, findings),
        RuleKind::Jsonschema => jsonschema::from_document(&document, &operations, &api),
        RuleKind::Kubernetes => kubernetes::from_document(&document, &operations, &api),
    };
    if imported.rules.is_empty() && imported.lost.is_empty() {
        return Err(nothing(arguments, tree).into());
    }
    Ok(Loaded {
        document,
        api,
        imported,
    })
}

/// A file with rules for one operation of an API document.
fn single(
    arguments: &ImportArguments,
    target: &Target,
    sources: &mut Sources,
    findings: &mut Diagnostics,
    tree: Option<&Node>,
    file: FileId,
) -> Result<Loaded, Diagnostics> {
    let Some(path) = &arguments.api else {
        let message = "the file doesn't say which API its rules are about";
        let finding = Diagnostic::error(Code::MissingKey, message)
            .help("name the API document by `--api`, and its operation by `--operation`");
        return Err(placed(finding, sources, file).into());
    };
    let document = Document::open(sources, path)?;
    let api = target.relative(path);
    let listed = one(&document, &arguments.operation)?;
    let own = target.relative(Path::new(&arguments.spec));
    let imported = match (arguments.kind, tree) {
        (RuleKind::Jsonschema, Some(tree)) => jsonschema::from_schema(tree, &own, &listed.id()),
        (RuleKind::Kubernetes, Some(tree)) => {
            kubernetes::from_definition(tree, &own, &listed.id()).map_err(|found| *found)?
        }
        _ => idl::from_file(sources, file, &document, listed, findings),
    };
    if imported.rules.is_empty() && imported.lost.is_empty() && !findings.has_errors() {
        let finding = Diagnostic::error(Code::NothingToImport, missing(arguments.kind));
        return Err(placed(finding, sources, file).into());
    }
    Ok(Loaded {
        document: document.clone(),
        api,
        imported,
    })
}

fn placed(finding: Diagnostic, sources: &Sources, file: FileId) -> Diagnostic {
    let length = sources.text(file).lines().next().map_or(0, str::len);
    finding.at(crate::source::Span::new(file, 0, length), "")
}

/// The operations of those names; without names all.
fn operations<'d>(
    document: &'d Document,
    names: &[String],
) -> Result<Vec<&'d Listed>, Diagnostics> {
    if names.is_empty() {
        return Ok(document.operations.iter().collect());
    }
    let found = names.iter().map(|name| document.find_operation(name));
    found
        .collect::<Result<_, _>>()
        .map_err(|finding| Diagnostics::from(*finding))
}

/// The operation that is meant: the only one, if none is named.
fn one<'d>(document: &'d Document, names: &[String]) -> Result<&'d Listed, Diagnostics> {
    match operations(document, names)?.as_slice() {
        [only] => Ok(only),
        found => {
            let ids: Vec<String> = found.iter().take(12).map(|own| own.id()).collect();
            let message = "the rules of such a file are about one operation";
            let finding = Diagnostic::error(Code::UnknownOperation, message);
            let help = format!("name it by `--operation`: one of {}", ids.join(", "));
            Err(finding.help(help).into())
        }
    }
}

fn nothing(arguments: &ImportArguments, tree: &Node) -> Diagnostic {
    let finding = Diagnostic::error(Code::NothingToImport, missing(arguments.kind));
    let finding = finding.at(tree.span.at_start(), "");
    if arguments.operation.is_empty() {
        return finding;
    }
    finding.help("without `--operation`, all operations are looked at")
}

fn missing(kind: RuleKind) -> String {
    match kind {
        RuleKind::Idl => format!("no operation has dependencies under `{}`", idl::KEY),
        RuleKind::Jsonschema => {
            "no request body has conditionals: `if`, `oneOf`, `dependentRequired` and the like"
                .to_owned()
        }
        RuleKind::Kubernetes => {
            format!("no request body has rules under `{}`", kubernetes::KEY)
        }
    }
}
