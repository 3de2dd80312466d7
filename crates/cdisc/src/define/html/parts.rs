//! Text, links and tables of the page.

/// The page being written.
pub(super) struct Page(String);

/// An identifier on the page: of the kind and the definition's identifier, without what an address cannot hold.
pub(super) fn id(kind: &str, oid: &str) -> String {
    let mut id = format!("{kind}.");
    for c in oid.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') => id.push(c),
            c => id.push_str(&format!("_{:x}_", u32::from(c))),
        }
    }
    id
}

/// Whether a path may be a link: relative, an anchor, or of the web.
fn may_link(href: &str) -> bool {
    let head = href.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = head.split_once(':').map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    let clean = !href.chars().any(char::is_control);
    clean && !href.is_empty() && scheme.is_none_or(|scheme| scheme == "http" || scheme == "https")
}

impl Page {
    pub(super) fn new() -> Self {
        Self(String::new())
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words of the file.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                c => self.0.push(c),
            }
        }
        self
    }

    pub(super) fn link(&mut self, href: &str, words: &str) -> &mut Self {
        if !may_link(href) {
            return self.text(words);
        }
        self.raw("<a href=\"").text(href).raw("\">").text(words).raw("</a>")
    }

    /// ` id="…"` of a definition.
    pub(super) fn anchor(&mut self, kind: &str, oid: &str) -> &mut Self {
        self.raw(" id=\"").raw(&id(kind, oid)).raw("\"")
    }

    pub(super) fn heading(&mut self, level: u8, id: &str, words: &str) {
        self.raw(&format!("<h{level} id=\"{id}\">")).text(words).raw(&format!("</h{level}>\n"));
    }

    pub(super) fn table(&mut self, columns: &[&str]) {
        self.raw("<div class=\"wide\"><table><thead><tr>");
        for column in columns {
            let number = matches!(*column, "Length" | "Key");
            self.raw(if number { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" })
                .text(column)
                .raw("</th>");
        }
        self.raw("</tr></thead><tbody>\n");
    }

    pub(super) fn end_table(&mut self) {
        self.raw("</tbody></table></div>\n");
    }

    pub(super) fn cell(&mut self, words: &str) {
        self.raw("<td>").text(words).raw("</td>");
    }

    /// Facts that are there, by name.
    pub(super) fn facts(&mut self, facts: &[(&str, &str)]) {
        self.raw("<dl>");
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            self.raw("<dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd>\n");
        }
        self.raw("</dl>\n");
    }

    pub(super) fn code(&mut self, context: Option<&str>, code: &str) {
        if let Some(context) = context {
            self.raw("<div class=\"q\">").text(context).raw("</div>");
        }
        self.raw("<div class=\"code\">").text(code.trim_matches('\n')).raw("</div>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_file_are_never_markup_and_never_run() {
        let mut page = Page::new();
        page.text("<script>")
            .link("javascript:alert(1)", "x")
            .link("sub/acrf.pdf#page=3", "<b>")
            .link(" JAVASCRIPT:a", "y")
            .link("a\u{1}b", "z");
        assert_eq!(page.finish(), "&lt;script&gt;x<a href=\"sub/acrf.pdf#page=3\">&lt;b&gt;</a>yz");
    }

    #[test]
    fn identifiers_stay_apart() {
        assert_ne!(id("c", "CL A"), id("c", "CL_A"));
        assert_eq!(id("d", "IG.DM"), "d.IG.DM");
    }
}
