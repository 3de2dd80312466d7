//! How do the datasets describe themselves? define.xml from their metadata, lineage and headings.

use super::is_analysis;
use crate::datasets::Made;
use crate::error::StudyError;
use crate::sources::Sources;
use crate::statement::Statement;
use crate::tabulation::annotated::Annotations;
use crate::world::Maker;
use croft_cdisc::define::build::{
    self as define, Comment, Document, DocumentRef, Item, ItemGroup, Method, Origin, OriginKind, OriginSource,
    Standard, Study,
};
use croft_cdisc::library::{self, Library};
use croft_core::Dataset;

/// The comment on datasets without records.
const NO_DATA: &str = "NODATA";

/// The metadata of the tabulation datasets or of the analysis datasets, which follow this guide (`sdtmig`, `3.4`).
pub fn describe(
    sources: &Sources,
    made: &Made,
    annotations: Option<&Annotations>,
    (product, version): (&str, &str),
    analysis: bool,
) -> Study {
    let identity = &sources.definition.study;
    let guide = Library::of(product, version);
    let name = guide.map_or_else(|| product.to_uppercase(), |guide| guide.name());
    let mut study = Study {
        id: identity.id.clone(),
        name: identity.id.clone(),
        description: match sources.codes.watermark() {
            Some(words) => format!("{words}. {}", identity.title),
            None => identity.title.clone(),
        },
        protocol: identity.id.clone(),
        creation_date_time: sources.snapshot.frozen.locked_at.clone(),
        source_system: Some(("croft".to_owned(), env!("CARGO_PKG_VERSION").to_owned())),
        standards: vec![Standard {
            id: "IG".to_owned(),
            name: name.split(' ').next().unwrap_or_default().to_owned(),
            publishing_set: None,
            version: version.to_owned(),
        }],
        ..Study::default()
    };
    for name in made.order.iter().filter(|name| is_analysis(name) == analysis) {
        if let Some(data) = made.world.datasets.get(name) {
            let mut group = Describer { sources, made, annotations, guide, data }.group(&mut study);
            if group.no_data {
                group.comment = Some(NO_DATA.to_owned());
            }
            study.datasets.push(group);
        }
    }
    if study.datasets.iter().any(|group| group.no_data) {
        study.comments.push(Comment {
            id: NO_DATA.to_owned(),
            text: "Nothing of this kind was recorded in the study: the dataset has no records and is not submitted."
                .to_owned(),
            ..Comment::default()
        });
    }
    define::add_codelists(&mut study, |name| made.world.datasets.get(name));
    study
}

/// Names the annotated case report form, and refers what was collected by people to its pages.
pub fn add_annotated(study: &mut Study, annotations: &Annotations) {
    const ANNOTATED: &str = "acrf";
    study.documents.push(Document {
        id: ANNOTATED.to_owned(),
        href: "acrf.pdf".to_owned(),
        title: "Annotated case report form".to_owned(),
    });
    study.annotated_crf.push(ANNOTATED.to_owned());
    for group in &mut study.datasets {
        for item in &mut group.items {
            if let Some(origin) = &mut item.origin
                && origin.kind == OriginKind::Collected
                && origin.source == Some(OriginSource::Investigator)
            {
                let pages = annotations.pages(&group.name, &item.name).unwrap_or_default();
                origin.documents.push(DocumentRef { document: ANNOTATED.to_owned(), pages });
            }
        }
    }
}

/// The text of define.xml.
pub fn write(study: &Study) -> Result<String, StudyError> {
    define::write(study).map_err(|e| StudyError::Method {
        file: "define.xml".to_owned(),
        message: e.to_string(),
        hint: e.hint().to_owned(),
    })
}

struct Describer<'a> {
    sources: &'a Sources,
    made: &'a Made,
    annotations: Option<&'a Annotations>,
    guide: Option<&'static library::Standard>,
    data: &'a Dataset,
}

impl Describer<'_> {
    fn statement(&self) -> Option<&Statement> {
        match self.made.world.makers.get(&self.data.name)? {
            Maker::Statement { stage: "tabulate", position } => self.sources.tabulate.get(*position),
            Maker::Statement { position, .. } => self.sources.derive.get(*position),
            _ => None,
        }
    }

    /// The file that computes the dataset.
    fn file(&self) -> &str {
        match self.made.world.makers.get(&self.data.name) {
            Some(Maker::Method(position)) => &self.sources.methods[*position].file,
            _ => self.statement().map_or("", |s| &s.file),
        }
    }

    fn group(&self, study: &mut Study) -> ItemGroup {
        let mut group = define::describe(self.data, Some("IG"));
        if let Some(statement) = self.statement() {
            if !statement.class.is_empty() {
                group.class.clone_from(&statement.class);
            }
            if !statement.structure.is_empty() {
                group.structure.clone_from(&statement.structure);
            }
        }
        for item in &mut group.items {
            self.describe_item(item, study);
        }
        define::add_value_level(&mut group, self.data);
        group
    }

    fn describe_item(&self, item: &mut Item, study: &mut Study) {
        if let Some(known) = self.guide.and_then(|guide| guide.dataset(&self.data.name)?.variable(&item.name)) {
            item.role = Some(known.role.to_owned()).filter(|role| !role.is_empty());
        }
        let variable = self.data.variables().iter().find(|v| v.name == item.name);
        let origin = match variable.and_then(|v| v.origin.as_deref()).unwrap_or("Derived") {
            // Decoding, joining and stacking is no derivation: the variable still holds what the form asked for.
            "Derived" if self.is_annotated(&item.name) => "Collected",
            // The number of a subject, a site: from the record, though no form asks for it.
            "Collected" if self.annotations.is_some_and(|a| a.pages(&self.data.name, &item.name).is_none()) => {
                "Assigned"
            }
            origin => origin,
        };
        let sponsor = Some(OriginSource::Sponsor);
        item.origin = Some(match origin {
            "Collected" if self.is_from_laboratory(&item.name) => {
                Origin::new(OriginKind::Collected, Some(OriginSource::Vendor))
            }
            "Collected" => Origin::new(OriginKind::Collected, Some(OriginSource::Investigator)),
            "Assigned" => Origin::new(OriginKind::Assigned, sponsor),
            "Protocol" => Origin::new(OriginKind::Protocol, sponsor),
            "Predecessor" => match self.made.copied.get(&self.data.name).and_then(|c| c.get(&item.name)) {
                Some((table, column)) => Origin::predecessor(&format!("{table}.{column}")),
                None => Origin::new(OriginKind::Derived, sponsor),
            },
            _ => Origin::new(OriginKind::Derived, sponsor),
        });
        if origin == "Derived" {
            item.method = Some(self.add_method(&item.name, study));
        }
    }

    fn is_annotated(&self, variable: &str) -> bool {
        let described = self.statement().is_some_and(|s| s.methods.contains_key(variable));
        !described && self.annotations.is_some_and(|a| a.pages(&self.data.name, variable).is_some())
    }

    fn is_from_laboratory(&self, variable: &str) -> bool {
        let sources = self.made.lineage.get(&self.data.name).and_then(|l| l.get(variable));
        sources.into_iter().flatten().any(|(table, _)| match self.made.world.makers.get(table) {
            Some(Maker::Record { form, group }) => self.sources.forms[*form].groups[*group].source.is_some(),
            _ => false,
        })
    }

    fn add_method(&self, variable: &str, study: &mut Study) -> String {
        let id = format!("{}.{variable}", self.data.name);
        let file = self.file();
        let statement = self.statement();
        let sequence = statement.and_then(|s| s.sequence.as_ref()).filter(|(name, _)| name == variable);
        let numbered =
            sequence.map(|(_, within)| format!("Number of the record within {within}, in the order of the keys"));
        let words = numbered.or_else(|| statement?.methods.get(variable).cloned());
        let document = file.replace(['/', '.'], "-");
        let analysis = is_analysis(&self.data.name);
        if analysis && !study.documents.iter().any(|d| d.id == document) {
            let href = format!("../programs/{}", file.replace('/', "-"));
            study.documents.push(Document { id: document.clone(), href, title: file.to_owned() });
        }
        study.methods.push(Method {
            id: id.clone(),
            name: format!("Derivation of {id}"),
            imputation: false,
            description: words.unwrap_or_else(|| format!("As computed by the program {file}")),
            expression: None,
            documents: if analysis { vec![DocumentRef { document, pages: Vec::new() }] } else { Vec::new() },
        });
        id
    }
}
