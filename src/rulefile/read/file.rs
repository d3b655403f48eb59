//! The top level of a rule file.

use super::mapping::Fields;
use super::{Reader, keys, undefined};
use crate::rulefile::{Api, Clock, Located, Nulls, Operation, Resource, RuleFile, SchemaApi};
use crate::source::{Code, Diagnostic, FileId};
use crate::tree::{Node, NodeKind};
use crate::value::to_i64;

/// The methods that a request with a body may have.
const METHODS: [&str; 5] = ["POST", "PUT", "PATCH", "DELETE", "GET"];

/// The version of the format that is read.
const VERSION: i64 = 1;

impl Reader<'_> {
    pub(super) fn file(&mut self, file: FileId, node: &Node) -> Option<RuleFile> {
        if node.is_null() {
            self.report(
                Diagnostic::error(Code::FormatVersion, "the file is empty")
                    .at(node.span, "")
                    .help(format!("start it with `crossfield: {VERSION}`")),
            );
            return None;
        }
        let fields = self.fields(node, node.span, &keys::FILE)?;
        self.version(&fields);
        let api = self.api(&fields);
        let includes = self.includes(&fields);
        let undefined = undefined(self, &fields).unwrap_or_default();
        let nulls = self.nulls(&fields);
        let clock = fields.get("clock").map(|entry| self.whole_clock(entry));
        let defs = fields.get("defs").map(|entry| self.defs(entry));
        let values = fields.get("values").map(|entry| self.values(entry));
        let actors = fields.get("actors").map(|entry| self.actors(entry));
        let mut setup = self.named(&fields, "setup", Self::setup_step);
        self.rule_defaults = self.defaults(&fields, undefined);
        let resources = fields.get("resources").map(|entry| self.resources(entry));
        let operations = fields.get("operations").map(|entry| self.operations(entry));
        let rules = match fields.get("rules") {
            Some(entry) => self.rules(entry),
            None => Vec::new(),
        };
        let operations = operations.unwrap_or_default();
        setup.extend(operations.iter().flat_map(|own| own.setup.clone()));
        let mut values = values.unwrap_or_default();
        values.extend(setup.iter().flat_map(super::setup::saved_values));
        let read = RuleFile {
            file,
            api: api?,
            includes,
            undefined,
            nulls,
            clock: clock.flatten(),
            defs: defs.unwrap_or_default(),
            values,
            actors: actors.unwrap_or_default(),
            setup,
            operations,
            resources: resources.unwrap_or_default(),
            rules,
        };
        Some(read)
    }

    /// Looks at what only the whole of a file and of what it includes tells.
    pub(super) fn whole(&mut self, file: &RuleFile) {
        self.names_of(file);
        let steps = file.setup.iter().map(|step| &step.request.name);
        self.unique_names(steps);
        self.state_changes(&file.operations, &file.resources);
    }

    fn version(&mut self, fields: &Fields<'_>) {
        let Some(entry) = fields.get("crossfield") else {
            let diagnostic = Diagnostic::error(
                Code::FormatVersion,
                "the file doesn't say which format it is written in",
            );
            let start = fields.span().at_start();
            self.report(
                diagnostic
                    .at(start, "missing here")
                    .help(format!("start the file with `crossfield: {VERSION}`")),
            );
            return;
        };
        let version = entry.value.as_number().and_then(to_i64);
        if version == Some(VERSION) {
            return;
        }
        let newer = version.is_some_and(|version| version > VERSION);
        let help = if newer {
            "use a newer version of crossfield".to_owned()
        } else {
            format!("write `crossfield: {VERSION}`")
        };
        let written = self.sources.excerpt(entry.value.span);
        let message = format!("`{written}` is no format version that is known here");
        self.report(
            Diagnostic::error(Code::FormatVersion, message)
                .at(entry.value_span(), "")
                .help(help),
        );
    }

    /// A list of paths, or one path.
    fn includes(&mut self, fields: &Fields<'_>) -> Vec<Located<String>> {
        let Some(entry) = fields.get("includes") else {
            return Vec::new();
        };
        let paths = self.texts(entry);
        self.listed_once(&paths, "file");
        paths
    }

    fn api(&mut self, fields: &Fields<'_>) -> Option<Api> {
        if self.may_lack_api && fields.get("api").is_none() {
            let at = fields.span().at_start();
            return Some(Api::Document(Located::new(String::new(), at)));
        }
        let entry = self.required(fields, "api")?;
        if entry.value.is_mapping() {
            return self.schema_api(entry).map(Api::Schema);
        }
        let path = self.text(entry)?;
        if path.value.starts_with("http://") || path.value.starts_with("https://") {
            let message = "`api` names a file, and this is an address";
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(path.span, "documents are read from files")
                    .help("download the document, and name the file: `api: openapi.yaml`"),
            );
            return None;
        }
        Some(Api::Document(path))
    }

    /// A JSON Schema in place of an API document.
    fn schema_api(&mut self, entry: &crate::tree::Entry) -> Option<SchemaApi> {
        let fields = self.fields_of(entry, &keys::SCHEMA_API)?;
        let mut text = |key: &str| {
            let entry = self.required(&fields, key)?;
            self.text(entry)
        };
        let (schema, method, path) = (text("schema"), text("method"), text("path"));
        let sample = match fields.get("sample") {
            Some(entry) => Some(self.text(entry)?),
            None => None,
        };
        let mut method = method?;
        method.value.make_ascii_uppercase();
        let path = path?;
        if !METHODS.contains(&method.value.as_str()) {
            let message = format!("`{}` is no HTTP method", method.value);
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(method.span, format!("should be {}", METHODS.join(", ")))
                .maybe_help(crate::source::did_you_mean(&method.value, METHODS));
            self.report(finding);
            return None;
        }
        if !path.value.starts_with('/') {
            self.report(
                Diagnostic::error(Code::WrongValue, "a path starts with `/`")
                    .at(path.span, "doesn't")
                    .help(format!("write `/{}`", path.value)),
            );
            return None;
        }
        Some(SchemaApi {
            schema: schema?,
            method,
            path,
            sample,
        })
    }

    fn nulls(&mut self, fields: &Fields<'_>) -> Nulls {
        let allowed = [("distinct", Nulls::Distinct), ("absent", Nulls::Absent)];
        let entry = fields.get("nulls");
        entry
            .and_then(|entry| {
                self.about_the_server(entry);
                self.choice(entry, &allowed)
            })
            .unwrap_or_default()
    }

    fn whole_clock(&mut self, entry: &crate::tree::Entry) -> Option<Clock> {
        self.about_the_server(entry);
        self.clock(entry)
    }

    /// Reports a key that included files can't have.
    fn about_the_server(&mut self, entry: &crate::tree::Entry) {
        if !self.is_included {
            return;
        }
        let message = format!(
            "`{}` is about the whole server, and can't be said in an included file",
            entry.key
        );
        self.report(
            Diagnostic::error(Code::ConflictingKeys, message)
                .at(entry.key_span, "")
                .help("say it in the file that includes this one"),
        );
    }

    fn operations(&mut self, entry: &crate::tree::Entry) -> Vec<Operation> {
        self.named_entries(entry)
            .iter()
            .filter_map(|entry| self.operation(entry))
            .collect()
    }

    fn resources(&mut self, entry: &crate::tree::Entry) -> Vec<Resource> {
        self.named_entries(entry)
            .iter()
            .filter_map(|entry| self.resource(entry))
            .collect()
    }

    /// Definitions, values and resources share one space of names.
    fn names_of(&mut self, file: &RuleFile) {
        let mut names: Vec<&Located<String>> = file.defs.iter().map(|def| &def.name).collect();
        names.extend(file.values.iter().map(|value| &value.name));
        for resource in &file.resources {
            names.push(&resource.name);
            names.extend(&resource.plural);
        }
        names.sort_by_key(|name| name.span);
        self.unique_names(names.into_iter());
    }
}

/// The nodes of a list, if it is one.
pub(super) fn list(node: &Node) -> Option<&[Node]> {
    match &node.kind {
        NodeKind::Sequence(items) => Some(items),
        _ => None,
    }
}
