//! Which tag holds what?
//!
//! The layout's nodes and the pieces of content drawn for them become krilla's tag tree: a node's own content first,
//! then its children in the order in which they were made, which is the order of reading.

use crate::layout::{Node, NodeKind};
use krilla::tagging::{Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// What belongs directly to a node.
enum Piece {
    Content(Identifier),
    /// A link, by its slot.
    Link(usize),
}

/// Content and annotation of a link.
struct LinkParts {
    content: Identifier,
    annotation: Option<Identifier>,
}

#[derive(Default)]
pub(super) struct Tree {
    pieces: BTreeMap<usize, Vec<Piece>>,
    links: Vec<LinkParts>,
}

impl Tree {
    /// Content of a node.
    pub(super) fn content(&mut self, node: usize, id: Identifier) {
        self.pieces.entry(node).or_default().push(Piece::Content(id));
    }

    /// Content of a node that is a link; its annotation follows.
    pub(super) fn link(&mut self, node: usize, content: Identifier) -> usize {
        self.links.push(LinkParts { content, annotation: None });
        let slot = self.links.len() - 1;
        self.pieces.entry(node).or_default().push(Piece::Link(slot));
        slot
    }

    /// The annotation of a link.
    pub(super) fn annotation(&mut self, slot: usize, id: Identifier) {
        self.links[slot].annotation = Some(id);
    }

    /// The tag tree.
    pub(super) fn finish(mut self, nodes: &[Node], language: String) -> TagTree {
        let mut children: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (i, node) in nodes.iter().enumerate() {
            children.entry(node.parent).or_default().push(i);
        }
        let mut tree = TagTree::new().with_lang(Some(language));
        for &top in children.get(&None).into_iter().flatten() {
            if let Some(group) = self.group(nodes, &children, top) {
                tree.push(group);
            }
        }
        tree
    }

    /// A node with everything in it; none when nothing of it was drawn.
    fn group(&mut self, nodes: &[Node], children: &BTreeMap<Option<usize>, Vec<usize>>, at: usize) -> Option<TagGroup> {
        let mut group = TagGroup::new(tag(&nodes[at].kind));
        let mut empty = true;
        for piece in self.pieces.remove(&at).unwrap_or_default() {
            empty = false;
            match piece {
                Piece::Content(id) => group.push(id),
                Piece::Link(slot) => {
                    let LinkParts { content, annotation } = &self.links[slot];
                    let mut link = TagGroup::new(Tag::Link);
                    if let Some(annotation) = annotation {
                        link.push(*annotation);
                    }
                    link.push(*content);
                    group.push(link);
                }
            }
        }
        for &child in children.get(&Some(at)).into_iter().flatten() {
            if let Some(child) = self.group(nodes, children, child) {
                empty = false;
                group.push(child);
            }
        }
        // An empty cell still stands in its row.
        let kept = matches!(nodes[at].kind, NodeKind::Cell | NodeKind::HeadCell | NodeKind::RowHeadCell);
        (!empty || kept).then_some(group)
    }
}

fn tag(kind: &NodeKind) -> TagKind {
    match kind {
        NodeKind::Heading(level, title) => {
            let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(title.clone())).into()
        }
        NodeKind::Paragraph => Tag::P.into(),
        NodeKind::Quote => Tag::BlockQuote.into(),
        NodeKind::Code => Tag::Code.into(),
        NodeKind::List { numbered } => {
            Tag::L(if *numbered { ListNumbering::Decimal } else { ListNumbering::Disc }).into()
        }
        NodeKind::Item => Tag::LI.into(),
        NodeKind::ItemLabel => Tag::Lbl.into(),
        NodeKind::ItemBody => Tag::LBody.into(),
        NodeKind::Contents => Tag::TOC.into(),
        NodeKind::ContentsItem => Tag::TOCI.into(),
        NodeKind::Caption => Tag::Caption.into(),
        NodeKind::Table => Tag::Table.into(),
        NodeKind::TableHead => Tag::THead.into(),
        NodeKind::TableBody => Tag::TBody.into(),
        NodeKind::Row => Tag::TR.into(),
        NodeKind::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        NodeKind::RowHeadCell => Tag::TH(TableHeaderScope::Row).into(),
        NodeKind::Cell => Tag::TD.into(),
        NodeKind::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
        NodeKind::Note => Tag::Note.into(),
    }
}
