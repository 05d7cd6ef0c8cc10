//! What stands in the file of a report: tags, bookmarks, attachments, metadata.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A version folder with its report.
pub(crate) struct Report {
    pub(crate) folder: PathBuf,
    pub(crate) pdf: Pdf,
}

impl Report {
    pub(crate) fn read(folder: PathBuf) -> Self {
        let pdf = Pdf::new(fs::read(folder.join("report.pdf")).unwrap()).unwrap();
        Self { folder, pdf }
    }

    pub(crate) fn name(&self) -> String {
        self.folder.display().to_string()
    }

    pub(crate) fn catalog(&self) -> Dict<'_> {
        self.pdf.xref().get(self.pdf.xref().root_id()).unwrap()
    }

    /// The metadata as XMP.
    pub(crate) fn metadata(&self) -> String {
        let stream: Stream<'_> = self.catalog().get("Metadata").unwrap();
        String::from_utf8(stream.decoded().unwrap().into_owned()).unwrap()
    }

    /// The tags in reading order.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        let root: Dict<'_> = self.catalog().get("StructTreeRoot").unwrap();
        let mut tags = Vec::new();
        read_tags(root.get("K").unwrap(), &mut tags);
        tags
    }

    /// The titles of the bookmarks, in reading order.
    pub(crate) fn bookmarks(&self) -> Vec<String> {
        self.outline().into_iter().map(|bookmark| bookmark.title).collect()
    }

    /// The bookmarks, in reading order.
    pub(crate) fn outline(&self) -> Vec<Bookmark> {
        let mut bookmarks = Vec::new();
        let root: Dict<'_> = self.catalog().get("Outlines").unwrap();
        self.read_bookmarks(&root, 1, &mut bookmarks);
        bookmarks
    }

    /// The bookmarks below an entry of the outline.
    fn read_bookmarks(&self, above: &Dict<'_>, level: usize, bookmarks: &mut Vec<Bookmark>) {
        let mut next = above.get::<Dict<'_>>("First");
        while let Some(bookmark) = next {
            let place: Array<'_> = bookmark.get("Dest").unwrap();
            let target = place.iter::<Dict<'_>>().next().unwrap().obj_id();
            let pages = self.pdf.pages();
            let page = pages.iter().position(|page| page.raw().obj_id() == target).unwrap();
            let height = place.iter::<Object<'_>>().nth(3).and_then(Object::into_f32).unwrap();
            bookmarks.push(Bookmark {
                title: text(bookmark.get::<PdfString<'_>>("Title").unwrap().as_bytes()),
                level,
                page,
                below_top: pages[page].media_box().height() as f32 - height,
            });
            self.read_bookmarks(&bookmark, level + 1, bookmarks);
            next = bookmark.get("Next");
        }
    }

    /// The attached files by name.
    pub(crate) fn attachments(&self) -> BTreeMap<String, Attachment> {
        let names: Dict<'_> = self.catalog().get("Names").unwrap();
        let files: Dict<'_> = names.get("EmbeddedFiles").unwrap();
        let entries: Array<'_> = files.get("Names").unwrap();
        let entries: Vec<Object<'_>> = entries.iter().collect();
        entries.chunks(2).map(|pair| attachment(&pair[0], &pair[1])).collect()
    }
}

/// A bookmark.
#[derive(Debug)]
pub(crate) struct Bookmark {
    pub(crate) title: String,
    /// From 1.
    pub(crate) level: usize,
    /// Where it leads, from 0.
    pub(crate) page: usize,
    /// How far below the upper edge of its page, in points.
    pub(crate) below_top: f32,
}

pub(crate) struct Attachment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) relationship: String,
    pub(crate) mime_type: String,
    pub(crate) description: String,
    pub(crate) filters: usize,
}

fn attachment(key: &Object<'_>, file: &Object<'_>) -> (String, Attachment) {
    let file = file.clone().into_dict().unwrap();
    let name = text(file.get::<PdfString<'_>>("UF").unwrap().as_bytes());
    assert_eq!(name.as_bytes(), file.get::<PdfString<'_>>("F").unwrap().as_bytes());
    assert_eq!(name.as_bytes(), key.clone().into_string().unwrap().as_bytes());
    let stream: Stream<'_> = file.get::<Dict<'_>>("EF").unwrap().get("F").unwrap();
    let parameters: Dict<'_> = stream.dict().get("Params").unwrap();
    assert!(parameters.contains_key("ModDate"), "{name}");
    let attachment = Attachment {
        bytes: stream.decoded().unwrap().into_owned(),
        relationship: file.get::<Name<'_>>("AFRelationship").unwrap().as_str().to_owned(),
        mime_type: stream.dict().get::<Name<'_>>("Subtype").unwrap().as_str().to_owned(),
        description: text(file.get::<PdfString<'_>>("Desc").unwrap().as_bytes()),
        filters: stream.filters().len(),
    };
    (name, attachment)
}

/// An element of the structure tree.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) role: String,
    pub(crate) title: Option<String>,
    pub(crate) alt: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) children: Vec<Tag>,
}

impl Tag {
    /// The element and all below it, in reading order.
    pub(crate) fn all(&self) -> Vec<&Tag> {
        let below = self.children.iter().flat_map(Tag::all);
        std::iter::once(self).chain(below).collect()
    }

    /// 1 to 6 where it is a heading.
    pub(crate) fn level(&self) -> Option<usize> {
        self.role.strip_prefix('H')?.parse().ok()
    }
}

/// Elements in `K`: one, several, or content, which has no element.
fn read_tags(kids: Object<'_>, tags: &mut Vec<Tag>) {
    match kids {
        Object::Array(kids) => kids.iter().for_each(|kid| read_tags(kid, tags)),
        Object::Dict(element) => {
            let Some(role) = element.get::<Name<'_>>("S") else { return };
            let mut children = Vec::new();
            if let Some(kids) = element.get::<Object<'_>>("K") {
                read_tags(kids, &mut children);
            }
            let string = |key| element.get::<PdfString<'_>>(key).map(|s| text(s.as_bytes()));
            tags.push(Tag {
                role: role.as_str().to_owned(),
                title: string("T"),
                alt: string("Alt"),
                scope: element.get::<Object<'_>>("A").and_then(scope),
                children,
            });
        }
        _ => {}
    }
}

/// The scope among the attributes of an element.
fn scope(attributes: Object<'_>) -> Option<String> {
    match attributes {
        Object::Array(attributes) => attributes.iter().find_map(scope),
        Object::Dict(attributes) => {
            attributes.get::<Name<'_>>("Scope").map(|scope| scope.as_str().to_owned())
        }
        _ => None,
    }
}

/// A text string: UTF-16 with its mark, or one byte a character.
pub(crate) fn text(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(wide) => {
            let units: Vec<u16> =
                wide.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).unwrap()
        }
        None => bytes.iter().copied().map(char::from).collect(),
    }
}
