//! Displays, documents and figures; PDF, RTF and HTML.
