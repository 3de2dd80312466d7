//! How is a table of attributes and children a type with a reader and a writer?
//!
//! [`elements!`] takes the standard's own table: of each element its identifying attributes, its other attributes, whether it has text, and
//! its children in the order of the schema. From it come the struct, the reader and the writer, so that the three cannot disagree.
//! What is not in the table goes to `extra`: unknown attributes and elements, values that are not of their type, a second element where one
//! is allowed, text where none belongs.

use super::error::OdmError;
use super::node::Node;
use super::xml_read::{Reader, Tag};
use super::xml_write::Writer;
use std::borrow::Cow;

/// An element that can be read and written.
pub(crate) trait Element: Sized {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError>;
    fn write(&self, name: &str, out: &mut Writer);
}

/// The value of an attribute. What does not parse comes back, and is kept as it is.
pub(crate) trait Value: Sized {
    fn parse(text: String) -> Result<Self, String>;
    fn text(&self) -> Cow<'_, str>;
}

impl Value for String {
    fn parse(text: String) -> Result<Self, String> {
        Ok(text)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Value for u32 {
    /// Only what would be written the same: `007` and `1.0` are kept as they are.
    fn parse(text: String) -> Result<Self, String> {
        match text.parse::<u32>() {
            Ok(number) if number.to_string() == text => Ok(number),
            _ => Err(text),
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

/// The type of a child: `one`, `many`; `late` and `late_many` come last in version 2.
macro_rules! child_type {
    (one $t:ty) => { Option<$t> };
    (late $t:ty) => { Option<Box<$t>> };
    (many $t:ty) => { Vec<$t> };
    (late_many $t:ty) => { Vec<$t> };
}

/// Whether there is a place for one more.
macro_rules! child_free {
    (one $place:expr) => {
        $place.is_none()
    };
    (late $place:expr) => {
        $place.is_none()
    };
    (many $place:expr) => {
        true
    };
    (late_many $place:expr) => {
        true
    };
}

macro_rules! child_put {
    (one $place:expr, $value:expr) => {
        $place = Some($value)
    };
    (late $place:expr, $value:expr) => {
        $place = Some(Box::new($value))
    };
    (many $place:expr, $value:expr) => {
        $place.push($value)
    };
    (late_many $place:expr, $value:expr) => {
        $place.push($value)
    };
}

macro_rules! child_is_late {
    (one) => {
        false
    };
    (many) => {
        false
    };
    (late) => {
        true
    };
    (late_many) => {
        true
    };
}

macro_rules! first_name {
    ($first:literal $(, $more:literal)*) => {
        $first
    };
}

macro_rules! elements {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $(ids { $($id:ident = $id_q:literal),* $(,)? })?
            $(attributes { $($a:ident: $a_t:ty = $a_q:literal),* $(,)? })?
            $(text { $text:ident })?
            $(children { $($c:ident: $card:ident $c_t:ty = $($c_q:literal)|+),* $(,)? })?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = concat!("`", $id_q, "`.")] pub $id: String,)*)?
            $($(#[doc = concat!("`", $a_q, "`.")] pub $a: Option<$a_t>,)*)?
            $(#[doc = "The element's text."] pub $text: String,)?
            $($(#[doc = concat!("`<", first_name!($($c_q),+), ">`.")] pub $c: child_type!($card $c_t),)*)?
            /// What else there is.
            pub extra: $crate::odm::node::Extra,
            /// Where the element stood.
            pub place: $crate::odm::node::Place,
        }

        #[allow(dead_code, unreachable_code, unused_variables, unused_mut, unused_assignments, clippy::unused_self, clippy::needless_return, reason = "not each element has each kind of part")]
        impl $name {
            /// The element without its content.
            pub(crate) fn start(
                tag: &$crate::odm::xml_read::Tag,
                reader: &$crate::odm::xml_read::Reader<'_>,
            ) -> Result<Self, $crate::odm::error::OdmError> {
                let mut this = Self { place: tag.place, ..Self::default() };
                $($(let mut $id: Option<String> = None;)*)?
                for attribute in reader.attributes(tag)? {
                    match attribute.known() {
                        $($(Some($id_q) => $id = Some(attribute.value),)*)?
                        $($(Some($a_q) => match <$a_t as $crate::odm::element::Value>::parse(attribute.value) {
                            Ok(value) => this.$a = Some(value),
                            Err(value) => this.extra.attributes.push($crate::odm::node::ExtraAttribute {
                                local: $a_q.to_owned(),
                                value,
                                ..Default::default()
                            }),
                        },)*)?
                        _ => this.extra.attributes.push(attribute.into_extra()),
                    }
                }
                $($(this.$id = $id.ok_or_else(|| $crate::odm::error::OdmError::NoIdentity {
                    place: tag.place,
                    element: tag.name().to_owned(),
                    attribute: $id_q,
                })?;)*)?
                Ok(this)
            }

            /// Takes one child.
            pub(crate) fn take(
                &mut self,
                tag: $crate::odm::xml_read::Tag,
                reader: &mut $crate::odm::xml_read::Reader<'_>,
            ) -> Result<(), $crate::odm::error::OdmError> {
                match tag.odm_name() {
                    $($(Some($($c_q)|+) if child_free!($card self.$c) => {
                        let value = <$c_t as $crate::odm::element::Element>::read(tag, reader)?;
                        child_put!($card self.$c, value);
                    })*)?
                    _ => {
                        let node = reader.node(&tag)?;
                        self.extra.content.push($crate::odm::node::Content::Element(node));
                    }
                }
                Ok(())
            }

            /// Takes text between the children.
            pub(crate) fn take_text(&mut self, text: &mut String, has_elements: bool) {
                $(
                    // An element of text keeps each blank, unless it turns out to have elements.
                    if !(has_elements && text.trim().is_empty()) {
                        self.$text.push_str(text);
                    }
                    text.clear();
                    return;
                )?
                if !text.trim().is_empty() {
                    self.extra.content.push($crate::odm::node::Content::Text(text.trim().to_owned()));
                }
                text.clear();
            }

            pub(crate) fn write_attributes(&self, out: &mut $crate::odm::xml_write::Writer) {
                $($(out.attribute($id_q, &self.$id);)*)?
                $($(if let Some(value) = &self.$a {
                    out.attribute($a_q, &$crate::odm::element::Value::text(value));
                })*)?
                out.extra_attributes(&self.extra.attributes);
            }

            pub(crate) fn write_content(&self, out: &mut $crate::odm::xml_write::Writer) {
                $(if !self.$text.is_empty() {
                    out.text(&self.$text);
                })?
                for late in [false, true] {
                    $($(if late == (child_is_late!($card) && out.is_v2) {
                        for child in self.$c.iter() {
                            $crate::odm::element::Element::write(child, first_name!($($c_q),+), out);
                        }
                    })*)?
                }
                out.extra_content(&self.extra);
            }
        }

        impl $crate::odm::element::Element for $name {
            fn read(
                tag: $crate::odm::xml_read::Tag,
                reader: &mut $crate::odm::xml_read::Reader<'_>,
            ) -> Result<Self, $crate::odm::error::OdmError> {
                let mut this = Self::start(&tag, reader)?;
                let mut text = String::new();
                let mut has_elements = false;
                while let Some(child) = reader.child(&mut text)? {
                    has_elements = true;
                    this.take_text(&mut text, true);
                    this.take(child, reader)?;
                }
                this.take_text(&mut text, has_elements);
                Ok(this)
            }

            fn write(&self, name: &str, out: &mut $crate::odm::xml_write::Writer) {
                out.start(name);
                self.write_attributes(out);
                self.write_content(out);
                out.end();
            }
        }
    )*};
}

/// An element that no table describes, kept in its place.
impl Element for Node {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        reader.node(&tag)
    }

    fn write(&self, _: &str, out: &mut Writer) {
        out.node(self);
    }
}

impl<T: Element> Element for Box<T> {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        T::read(tag, reader).map(Box::new)
    }

    fn write(&self, name: &str, out: &mut Writer) {
        (**self).write(name, out);
    }
}
