//! Writes a document of any size: its head first, then subject by subject.

use super::element::Element;
use super::error::WriteError;
use super::model::data::SubjectData;
use super::xml_write::Writer;
use super::{Odm, head};
use std::io::{self, Write};

/// A document at work. What was written of it is not kept.
pub struct Stream<'o> {
    writer: Writer,
    out: &'o mut dyn Write,
    /// Study and version of the `ClinicalData` that is open.
    open: Option<(String, String)>,
}

/// Why a document cannot be written on.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// What cannot be said in XML.
    #[error("the document has something that XML cannot carry")]
    Content(#[from] WriteError),
    /// Where it goes takes no more.
    #[error("the document cannot be written")]
    Output(#[from] io::Error),
}

impl<'o> Stream<'o> {
    /// Begins with the document's head: definitions, people and places. Its clinical data and associations are left out.
    pub fn begin(odm: &Odm, out: &'o mut dyn Write) -> Result<Self, StreamError> {
        let mut stream = Self { writer: head(odm), out, open: None };
        stream.hand_on()?;
        Ok(stream)
    }

    /// Data of one subject under a version of a study's definition.
    pub fn subject(&mut self, study: &str, version: &str, data: &SubjectData) -> Result<(), StreamError> {
        if self.open.as_ref().is_none_or(|(s, v)| (s.as_str(), v.as_str()) != (study, version)) {
            self.close();
            self.writer.start("ClinicalData");
            self.writer.attribute("StudyOID", study);
            self.writer.attribute("MetaDataVersionOID", version);
            self.open = Some((study.to_owned(), version.to_owned()));
        }
        data.write("SubjectData", &mut self.writer);
        self.hand_on()
    }

    /// Ends the document.
    pub fn finish(mut self) -> Result<(), StreamError> {
        self.close();
        self.writer.end();
        let text = self.writer.finish()?;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(())
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.writer.end();
        }
    }

    fn hand_on(&mut self) -> Result<(), StreamError> {
        let text = self.writer.drain()?;
        self.out.write_all(text.as_bytes())?;
        Ok(())
    }
}
