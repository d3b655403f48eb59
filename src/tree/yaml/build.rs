//! Events of the YAML parser into nodes.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, Span as EventSpan, StructureStyle, Tag};

use super::{errors, scalar};
use crate::source::{Diagnostic, Diagnostics, FileId, Span};
use crate::tree::{Entry, MAX_DEPTH, MAX_NODES, Node, NodeKind, Text};

/// Why the document can't be read any further.
type Fatal = Box<Diagnostic>;

/// Collections that are open, anchors seen, and what was found wrong.
pub(super) struct Builder<'a> {
    text: &'a str,
    file: FileId,
    /// Values that the parser didn't see, as they lack quotes.
    masks: &'a [Range<usize>],
    open: Vec<Frame>,
    anchors: BTreeMap<usize, Anchored>,
    /// Nodes made so far, copies for anchors and aliases included.
    nodes: usize,
    root: Option<Node>,
    found: Diagnostics,
}

/// A collection that is being read.
struct Frame {
    span: Span,
    /// Whether the span comes from brackets rather than from the content.
    flow: bool,
    anchor: usize,
    nodes_before: usize,
    /// The deepest nesting seen inside, this collection included.
    height: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<Key>,
        /// The values under `<<`.
        merged: Vec<Node>,
    },
}

struct Key {
    text: String,
    span: Span,
    merge: bool,
}

/// A node under an anchor.
struct Anchored {
    node: Node,
    size: usize,
    height: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, file: FileId, masks: &'a [Range<usize>]) -> Self {
        Self {
            text,
            file,
            masks,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            root: None,
            found: Diagnostics::new(),
        }
    }

    /// Takes in an event.
    pub(super) fn event(&mut self, event: Event<'_>, at: &EventSpan) -> Result<(), Fatal> {
        let span = self.span(at);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(errors::second_document(span));
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(&value, style, anchor, tag.as_deref(), span, at)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), span, at);
                self.open(span, style, anchor, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), span, at);
                let content = Content::Mapping {
                    entries: Vec::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(span, style, anchor, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(name) => {
                self.found.push(errors::unknown_alias(&name, span));
                let text = self.verbatim(span);
                self.add(text, 1)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The tree and what was found wrong.
    pub(super) fn finish(self) -> (Node, Diagnostics) {
        let empty = Node {
            span: Span::new(self.file, 0, 0),
            kind: NodeKind::Null,
        };
        (self.root.unwrap_or(empty), self.found)
    }

    /// What was found wrong, the last of which ended the reading.
    pub(super) fn give_up(mut self, last: Diagnostic) -> Diagnostics {
        self.found.push(last);
        self.found
    }

    fn span(&self, at: &EventSpan) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        Span::new(self.file, range.start, range.end)
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mut span: Span,
        at: &EventSpan,
    ) -> Result<(), Fatal> {
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            span = self.trimmed(span);
        }
        let merge = value == "<<" && style == ScalarStyle::Plain && tag.is_none();
        if let Some((text, span, merge)) = self.expects_key().then_some((value, span, merge)) {
            if let Some(tag) = tag {
                self.unless_core(tag, span, at);
            }
            return self.key(text.to_owned(), span, merge, anchor);
        }
        let node = self.scalar_node(value, style, tag, span, at);
        self.nodes += 1;
        self.keep_anchor(anchor, &node, 1, 0)?;
        self.add(node, 0)
    }

    fn scalar_node(
        &mut self,
        value: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        at: &EventSpan,
    ) -> Node {
        let hides = |mask: &&Range<usize>| mask.start < span.end && span.start < mask.end;
        if let Some(mask) = self.masks.iter().find(hides) {
            // Without the quotes around it, if there are any.
            return self.verbatim(Span::new(self.file, mask.start, mask.end));
        }
        if let Some(tag) = tag
            && let Some(whole) = self.unless_core(tag, span, at)
        {
            return self.verbatim(whole);
        }
        let read = scalar::resolve(value, style, tag, span.start == span.end);
        let kind = match read {
            Ok(scalar::Scalar::Other(kind)) => kind,
            Ok(scalar::Scalar::Text) => NodeKind::String(Text::new(
                self.text,
                value.to_owned(),
                span,
                scalar::text_style(style),
            )),
            Err(out_of_range) => {
                self.found.push(errors::number_range(out_of_range, span));
                NodeKind::Null
            }
        };
        Node { span, kind }
    }

    /// Reports a tag that isn't of the core schema; gives the span of tag and
    /// value, to its last character on the line.
    fn unless_core(&mut self, tag: &Tag, span: Span, at: &EventSpan) -> Option<Span> {
        if scalar::is_core(tag) {
            return None;
        }
        let tag_span = at.tag_span().map_or(span, |tag| self.span(&tag));
        let whole = if span.start == span.end {
            tag_span
        } else {
            tag_span.join(span)
        };
        self.found.push(errors::unknown_tag(self.text, whole));
        Some(whole)
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, span: Span, at: &EventSpan) {
        if let Some(tag) = tag {
            self.unless_core(tag, span.at_start(), at);
        }
    }

    /// What is written under `span`, as a text.
    fn verbatim(&self, span: Span) -> Node {
        let raw = self.text.get(span.start..span.end).unwrap_or_default();
        let style = scalar::text_style(ScalarStyle::Plain);
        let text = Text::new(self.text, raw.to_owned(), span, style);
        Node {
            span,
            kind: NodeKind::String(text),
        }
    }

    /// Without blanks and line breaks at the end.
    fn trimmed(&self, span: Span) -> Span {
        let raw = self.text.get(span.start..span.end).unwrap_or_default();
        Span::new(span.file, span.start, span.start + raw.trim_end().len())
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Frame {
                content: Content::Mapping { key: None, .. },
                ..
            })
        )
    }

    fn key(&mut self, text: String, span: Span, merge: bool, anchor: usize) -> Result<(), Fatal> {
        if anchor != 0 {
            let node = self.verbatim(span);
            self.keep_anchor(anchor, &node, 1, 0)?;
        }
        if let Some(Frame {
            content: Content::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = Some(Key { text, span, merge });
        }
        Ok(())
    }

    fn open(
        &mut self,
        span: Span,
        style: StructureStyle,
        anchor: usize,
        content: Content,
    ) -> Result<(), Fatal> {
        if self.expects_key() {
            return Err(errors::key_is_no_scalar(span));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(errors::too_deep(span));
        }
        self.open.push(Frame {
            span,
            flow: style == StructureStyle::Flow,
            anchor,
            nodes_before: self.nodes,
            height: 1,
            content,
        });
        self.nodes += 1;
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Fatal> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let content = match frame.content {
            Content::Sequence(items) => NodeKind::Sequence(items),
            Content::Mapping {
                mut entries,
                merged,
                ..
            } => {
                errors::report_duplicates(&mut entries, &mut self.found);
                self.merge(&mut entries, merged);
                NodeKind::Mapping(entries)
            }
        };
        let span = match (&content, frame.flow) {
            (_, true) => frame.span.join(end),
            (NodeKind::Sequence(items), _) => items
                .last()
                .map_or(frame.span, |last| frame.span.join(last.span)),
            (NodeKind::Mapping(entries), _) => own_entries(entries, frame.span),
            _ => frame.span,
        };
        let node = Node {
            span,
            kind: content,
        };
        let size = self.nodes - frame.nodes_before;
        self.keep_anchor(frame.anchor, &node, size, frame.height)?;
        self.add(node, frame.height)
    }

    /// Adds the entries under `<<` that the mapping doesn't have itself; of
    /// several merged mappings the earlier one counts.
    fn merge(&mut self, entries: &mut Vec<Entry>, merged: Vec<Node>) {
        let mut sources = Vec::new();
        for node in merged {
            match node.kind {
                NodeKind::Mapping(found) => sources.push(found),
                NodeKind::Sequence(items) if items.iter().all(Node::is_mapping) => {
                    sources.extend(items.into_iter().map(|item| match item.kind {
                        NodeKind::Mapping(found) => found,
                        _ => Vec::new(),
                    }));
                }
                _ => self.found.push(errors::merge_of_no_mapping(node.span)),
            }
        }
        for entry in sources.into_iter().flatten() {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry);
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Fatal> {
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(errors::alias_inside_its_anchor(span));
        };
        if self.expects_key() {
            let Some(text) = key_of(&target.node) else {
                return Err(errors::key_is_no_scalar(span));
            };
            return self.key(text, span, false, 0);
        }
        let (size, height) = (target.size, target.height);
        if self.open.len() + height > MAX_DEPTH {
            return Err(errors::too_deep(span));
        }
        self.grow(size, span)?;
        let node = self.anchors.get(&anchor).map(|target| target.node.clone());
        match node {
            Some(node) => self.add(node, height),
            None => Ok(()),
        }
    }

    fn keep_anchor(
        &mut self,
        anchor: usize,
        node: &Node,
        size: usize,
        height: usize,
    ) -> Result<(), Fatal> {
        if anchor != 0 {
            self.grow(size, node.span)?;
            let node = node.clone();
            self.anchors.insert(anchor, Anchored { node, size, height });
        }
        Ok(())
    }

    fn grow(&mut self, by: usize, span: Span) -> Result<(), Fatal> {
        self.nodes = self.nodes.saturating_add(by);
        if self.nodes > MAX_NODES {
            return Err(errors::too_many_nodes(span));
        }
        Ok(())
    }

    /// Puts a finished node, whose nesting is `height`, where it belongs.
    fn add(&mut self, node: Node, height: usize) -> Result<(), Fatal> {
        if self.nodes > MAX_NODES {
            return Err(errors::too_many_nodes(node.span));
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height + 1);
        match &mut frame.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping {
                entries,
                key,
                merged,
            } => match key.take() {
                Some(key) if key.merge => merged.push(node),
                Some(key) => entries.push(Entry {
                    key: key.text,
                    key_span: key.span,
                    value: node,
                }),
                None => {}
            },
        }
        Ok(())
    }
}

/// From the first to the last entry that is written at this place, and not
/// elsewhere under an alias.
fn own_entries(entries: &[Entry], start: Span) -> Span {
    let Some(first) = entries.first() else {
        return start;
    };
    entries.iter().fold(first.key_span, |span, entry| {
        let whole = span.join(entry.key_span);
        if entry.value.span.start >= entry.key_span.start {
            whole.join(entry.value.span)
        } else {
            whole
        }
    })
}

/// A scalar node as the text of a key.
fn key_of(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Null => Some("null".to_owned()),
        NodeKind::Bool(value) => Some(value.to_string()),
        NodeKind::Number { text, .. } => Some(text.clone()),
        NodeKind::String(text) => Some(text.value.clone()),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
    }
}
