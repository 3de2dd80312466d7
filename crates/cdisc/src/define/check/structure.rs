//! What the schemas ask for.

use super::{About, Found, wrong};
use crate::define::Version;
use crate::define::read::{ARM, ODM, XLINK};
use crate::define::schema::{Content as Allowed, Row, Schema, schema};
use crate::odm::node::{Content, ExtraAttribute, Node};
use croft_core::Severity;
use std::collections::BTreeMap;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

pub(super) fn check(root: &Node, found: &mut Found) {
    let Some(version) = version(root) else {
        let message = "no element or attribute is of define.xml 2.0 or 2.1";
        let hint =
            "declare xmlns:def=\"http://www.cdisc.org/ns/def/v2.1\" and give <MetaDataVersion> its def:DefineVersion";
        return found.push("DEFINE-VERSION", root.place, wrong("xmlns:def", ""), message, hint);
    };
    let mut walk = Walk { schema: schema(version), version, ids: BTreeMap::new(), found };
    match walk.name(root).as_deref() {
        Some("ODM") => walk.element(root, "ODM"),
        _ => walk.found.push(
            "DEFINE-ELEMENT",
            root.place,
            wrong(&root.local, &root.namespace),
            format_args!("the root element is <{}> of `{}`, not <ODM> of `{ODM}`", root.local, root.namespace),
            "a define.xml begins with <ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" …>",
        ),
    }
}

/// The version of the first name that is of one.
fn version(node: &Node) -> Option<Version> {
    let of = |namespace: &str| Version::ALL.into_iter().find(|v| v.namespace() == namespace);
    let own = of(&node.namespace).or_else(|| node.attributes.iter().find_map(|a| of(&a.namespace)));
    own.or_else(|| elements(node).find_map(version))
}

fn elements(node: &Node) -> impl Iterator<Item = &Node> {
    node.content.iter().filter_map(|c| match c {
        Content::Element(node) => Some(node),
        Content::Text(_) => None,
    })
}

struct Walk<'f> {
    schema: &'static Schema,
    version: Version,
    /// Identifiers of the whole document and the line of each.
    ids: BTreeMap<String, u32>,
    found: &'f mut Found,
}

impl Walk<'_> {
    /// The name in the schema's table; `None` for a name of another vocabulary.
    fn name(&self, node: &Node) -> Option<String> {
        match node.namespace.as_str() {
            ODM => Some(node.local.clone()),
            ARM => Some(format!("arm:{}", node.local)),
            SIGNATURE => Some(format!("ds:{}", node.local)),
            own if own == self.version.namespace() => Some(format!("def:{}", node.local)),
            _ => None,
        }
    }

    fn attribute_name(&self, attribute: &ExtraAttribute) -> Option<String> {
        match attribute.namespace.as_str() {
            "" => Some(attribute.local.clone()),
            XML => Some(format!("xml:{}", attribute.local)),
            XLINK => Some(format!("xlink:{}", attribute.local)),
            own if own == self.version.namespace() => Some(format!("def:{}", attribute.local)),
            _ => None,
        }
    }

    fn element(&mut self, node: &Node, name: &str) {
        let Some(row) = self.schema.element(name) else { return };
        if matches!(row.content, Allowed::Any) {
            return;
        }
        self.attributes(node, name, row);
        match &row.content {
            Allowed::Any => return,
            Allowed::Text(kind) => return self.text(node, name, kind),
            Allowed::Elements(_) => self.children(node, name, row),
        }
        self.unique(node, name, row);
        for child in elements(node) {
            if let Some(name) = self.name(child) {
                self.element(child, &name);
            }
        }
    }

    fn attributes(&mut self, node: &Node, name: &str, row: &Row) {
        let mut given = Vec::new();
        for attribute in &node.attributes {
            let value = attribute.value.as_str();
            let Some(known) = self.attribute_name(attribute) else {
                self.foreign(
                    node,
                    &attribute.namespace,
                    &format!("the attribute {}:{}", attribute.prefix, attribute.local),
                );
                continue;
            };
            match row.attributes.iter().find(|a| a.name == known) {
                Some(allowed) => {
                    if let Some(must) = self.schema.refuses(allowed.kind, value) {
                        let message = format_args!("{known} of <{name}> is `{value}`, but {must}");
                        self.found.push("DEFINE-VALUE", node.place, wrong(&known, value), message, "correct the value");
                    } else if allowed.kind == "ID" {
                        self.id(node, name, &known, value);
                    }
                }
                None => {
                    let message =
                        format_args!("<{name}> has no attribute {known} in define.xml {}", self.version.number());
                    let allowed: Vec<&str> = row.attributes.iter().map(|a| a.name).collect();
                    let hint = format!("take it out; its attributes are {}", allowed.join(", "));
                    self.found.push("DEFINE-ATTRIBUTE", node.place, wrong(&known, value), message, &hint);
                }
            }
            given.push(known);
        }
        for missing in row.attributes.iter().filter(|a| a.required && !given.iter().any(|g| g == a.name)) {
            let message = format_args!("<{name}>{} lacks the attribute {}", called(node), missing.name);
            self.found.push(
                "DEFINE-ATTRIBUTE",
                node.place,
                wrong(missing.name, ""),
                message,
                "add it; the schema requires it",
            );
        }
    }

    fn id(&mut self, node: &Node, name: &str, attribute: &str, value: &str) {
        let value = value.trim();
        if let Some(first) = self.ids.get(value) {
            let message = format_args!("the {attribute} `{value}` of <{name}> is there already at line {first}");
            self.found.push("DEFINE-UNIQUE", node.place, wrong(attribute, value), message, "give each its own");
        } else {
            self.ids.insert(value.to_owned(), node.place.line);
        }
    }

    fn foreign(&mut self, node: &Node, namespace: &str, what: &str) {
        if namespace == INSTANCE {
            return;
        }
        if namespace.contains("cdisc.org/ns/def/") {
            let message =
                format_args!("{what} is of `{namespace}`, the file is a define.xml {}", self.version.number());
            let hint = "bind the prefix def: once, on <ODM>";
            return self.found.push("DEFINE-VERSION", node.place, wrong(what, namespace), message, hint);
        }
        if namespace == ODM || namespace == ARM || namespace.contains("cdisc.org/ns/") {
            let message = format_args!("{what} is of `{namespace}`, which define.xml does not build on");
            return self.found.push("DEFINE-ELEMENT", node.place, wrong(what, namespace), message, "take it out");
        }
        let about = About { severity: Severity::Note, name: what, value: namespace };
        let message = format_args!("{what} of `{namespace}` is a vendor's, not the standard's");
        self.found.push("DEFINE-EXTENSION", node.place, about, message, "regulators may ask for a file without it");
    }

    fn text(&mut self, node: &Node, name: &str, kind: &str) {
        for child in elements(node) {
            let message = format_args!("<{name}> holds text, not <{}>", child.local);
            self.found.push("DEFINE-ELEMENT", child.place, wrong(&child.local, ""), message, "take the element out");
        }
        let text = node.text();
        if let Some(must) = self.schema.refuses(kind, &text) {
            let message = format_args!("the text of <{name}> is `{text}`, but {must}");
            self.found.push("DEFINE-VALUE", node.place, wrong(name, &text), message, "correct the text");
        }
    }

    fn children(&mut self, node: &Node, name: &str, row: &Row) {
        let Allowed::Elements(model) = &row.content else { return };
        let text = node.content.iter().find_map(|c| match c {
            Content::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        });
        if let Some(text) = text {
            let message = format_args!("there is text in <{name}>: `{text}`");
            self.found.push(
                "DEFINE-ELEMENT",
                node.place,
                wrong(name, text),
                message,
                "take it out, or put it into <Description>",
            );
        }
        let mut known: Vec<&Node> = Vec::new();
        let mut names = Vec::new();
        for child in elements(node) {
            match self.name(child) {
                Some(name) => {
                    known.push(child);
                    names.push(name);
                }
                None => self.foreign(child, &child.namespace, &format!("<{}:{}>", child.prefix, child.local)),
            }
        }
        let Err(misplaced) = model.check(&names) else { return };
        let expected: Vec<String> = misplaced.expected.iter().map(|e| format!("<{e}>")).collect();
        let expected = expected.join(" or ");
        match (known.get(misplaced.at), names.get(misplaced.at)) {
            (Some(child), Some(found)) => {
                let message = format_args!("<{found}> cannot stand here in <{name}>{}", called(node));
                let hint = match expected.as_str() {
                    "" => "nothing may follow; look for a second one or a wrong order".to_owned(),
                    _ => format!("here may stand {expected}: is one missing before it, or does it stand too late?"),
                };
                self.found.push("DEFINE-ELEMENT", child.place, wrong(found, ""), message, &hint);
            }
            _ => {
                let message = format_args!("<{name}>{} lacks {expected}", called(node));
                self.found.push(
                    "DEFINE-ELEMENT",
                    node.place,
                    wrong(name, ""),
                    message,
                    "add it; the schema requires it",
                );
            }
        }
    }

    fn unique(&mut self, node: &Node, name: &str, row: &Row) {
        for (path, attribute) in &row.unique {
            let mut level = vec![node];
            for step in path.split('/') {
                let is = |child: &&Node| step == "*" || self.name(child).as_deref() == Some(step);
                level = level.into_iter().flat_map(elements).filter(is).collect();
            }
            let mut seen: BTreeMap<String, u32> = BTreeMap::new();
            for child in level {
                let given = child.attributes.iter().find(|a| self.attribute_name(a).as_deref() == Some(attribute));
                let Some(value) = given.map(|a| a.value.as_str()) else { continue };
                // Whole numbers are the same however they are written.
                let key = match value.trim().parse::<i64>() {
                    Ok(number) if attribute.ends_with("Number") || attribute.ends_with("Sequence") => {
                        number.to_string()
                    }
                    _ => value.to_owned(),
                };
                if let Some(first) = seen.get(&key) {
                    let told = child.local.as_str();
                    let message = format_args!(
                        "{attribute} `{value}` of <{told}> is there already at line {first} in <{name}>{}",
                        called(node)
                    );
                    let repeated = self.found.findings.last().is_some_and(|f| {
                        f.rule == "DEFINE-UNIQUE"
                            && f.row == Some(child.place.line as usize)
                            && f.value.as_deref() == Some(value)
                    });
                    if !repeated {
                        self.found.push(
                            "DEFINE-UNIQUE",
                            child.place,
                            wrong(attribute, value),
                            message,
                            "give each its own",
                        );
                    }
                } else {
                    seen.insert(key, child.place.line);
                }
            }
        }
    }
}

/// What identifies an element, for a message: ` IT.DM.AGE`.
fn called(node: &Node) -> String {
    let id = ["OID", "ID", "ItemOID", "Name"].iter().find_map(|name| node.attribute(name));
    id.map_or_else(String::new, |id| format!(" {id}"))
}
