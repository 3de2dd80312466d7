//! Displays, documents and figures; PDF, RTF, DOCX and HTML.
//!
//! ```text
//! display/*.toml  --display::parse--> Definition --render(results, datasets)--> block::Display
//! document/*.md   --document::parse-> Draft ------render(results, displays)---> block::Document
//!                                                                                 |  pdf::write, rtf::write, docx::write, html::write
//! ```
//! [`block`] is what the writers read; [`layout`] breaks it into pages for PDF and RTF.

mod decimal;
mod inline;
mod select;
mod template;

pub mod block;
pub mod display;
pub mod document;
pub mod docx;
pub mod figure;
pub mod font;
pub mod fuzz;
pub mod html;
pub mod layout;
pub mod number;
pub mod pdf;
pub mod rtf;
pub mod value;
