//! Forms read like the paper form: the label above, the hint under it, the error beside the field and in a list on top that leads to it.

use crate::context::Context;
use crate::csrf;
use croft_record::{Fault, Refusal};
use maud::{Markup, html};

/// What is wrong with a form, in the order of reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<Wrong>);

/// What is wrong with a field. In the list on top its label stands before the sentence; beside the field the label is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong {
    field: String,
    label: String,
    message: String,
}

impl Errors {
    /// Nothing is wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Says what is wrong with a field; the name `""` means the form as a whole.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Wrong { field: field.into(), label: String::new(), message: message.into() });
    }

    /// The same in words that begin where the field's label ends: `is empty`.
    pub fn add_to(&mut self, field: impl Into<String>, label: impl Into<String>, message: impl Into<String>) {
        self.0.push(Wrong { field: field.into(), label: label.into(), message: message.into() });
    }

    /// What the record found wrong, or the refusal itself where it is of another kind. `fields` names the form's fields, as the record names
    /// them, with their labels; what is wrong elsewhere stands on top alone.
    pub fn from_refusal(refusal: Refusal, fields: &[(&str, String)]) -> Result<Self, Refusal> {
        let Refusal::Invalid { faults } = refusal else { return Err(refusal) };
        let mut errors = Self::none();
        for fault in &faults {
            match fields.iter().find(|(name, _)| *name == fault.place) {
                Some((name, label)) => errors.add_to(*name, label, sentence(fault)),
                None => errors.add_to("", &fault.place, sentence(fault)),
            }
        }
        Ok(errors)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.message.as_str())
    }
}

/// What is wrong and what to do, in one sentence.
pub(crate) fn sentence(fault: &Fault) -> String {
    match fault.hint.as_str() {
        "" => fault.message.clone(),
        hint => format!("{}: {hint}", fault.message),
    }
}

/// The list on top; each error leads to its field. Nothing when nothing is wrong.
pub fn error_summary(c: &Context, errors: &Errors) -> Markup {
    html! {
        @if !errors.is_empty() {
            div #errors.error-summary role="alert" tabindex="-1" aria-labelledby="errors-title" {
                h2 #errors-title { (t!(c, "errors-title", count = errors.0.len())) }
                ul { @for Wrong { field, label, message } in &errors.0 {
                    @let told = if label.is_empty() { message.clone() } else { format!("{label}: {message}") };
                    li { @if field.is_empty() { (told) } @else { a href={ "#" (id(field)) } { (told) } } }
                } }
            }
        }
    }
}

/// A form that changes something.
pub fn form(c: &Context, action: &str, body: Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate {
            input type="hidden" name=(csrf::FIELD) value=(c.csrf_token());
            (body)
        }
    }
}

/// A form that sends files. Its handler's route takes `crate::upload_limit`.
pub fn upload_form(c: &Context, action: &str, body: Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" novalidate {
            input type="hidden" name=(csrf::FIELD) value=(c.csrf_token());
            (body)
        }
    }
}

/// A form that changes what a page shows: its values go into the address. `keep` are names and values of the address that stay.
pub fn filter_form(action: &str, keep: &[(String, String)], body: Markup) -> Markup {
    html! {
        form.filter method="get" action=(action) {
            @for (name, value) in keep { input type="hidden" name=(name) value=(value); }
            (body)
        }
    }
}

/// Fields that belong together, under a heading.
pub fn group(legend: &str, body: Markup) -> Markup {
    html! { fieldset { legend { (legend) } (body) } }
}

/// The main button of a form; a verb: "Sign 12 forms".
pub fn button(label: &str) -> Markup {
    html! { button.button.main type="submit" { (label) } }
}

/// A button that is not the main one.
pub fn quiet_button(label: &str) -> Markup {
    html! { button.button type="submit" { (label) } }
}

/// A button for what cannot be undone.
pub fn danger_button(label: &str) -> Markup {
    html! { button.button.danger type="submit" { (label) } }
}

/// A button that says which one was pressed: its name and value are sent along.
pub fn named_button(name: &str, value: &str, label: &str) -> Markup {
    html! { button.button type="submit" name=(name) value=(value) { (label) } }
}

/// A link that looks like a button: it leads to a page where something is done.
pub fn link_button(address: &str, label: &str) -> Markup {
    html! { a.button href=(address) { (label) } }
}

/// Buttons in a line, the main one first.
pub fn actions(buttons: Markup) -> Markup {
    html! { div.actions { (buttons) } }
}

/// One of several values of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A labelled field.
///
/// ```
/// use croft_server::components::{Errors, Field};
/// let mut errors = Errors::none();
/// errors.add("weight", "Weight is 700 kg: at most 300");
/// let field = Field::new("weight", "Weight").value("700").unit("kg").hint("Without shoes").errors(&errors).text();
/// assert!(field.into_string().contains("aria-invalid=\"true\""));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Field {
    name: String,
    label: String,
    value: String,
    hint: Option<String>,
    unit: Option<String>,
    error: Option<String>,
    autocomplete: Option<&'static str>,
    input_mode: Option<&'static str>,
    required: bool,
    disabled: bool,
    size: Option<u32>,
    beside: Option<Markup>,
}

/// The id of the field of this name; what is wrong with it is told at this id with `-error` behind.
pub(crate) fn id(name: &str) -> String {
    let safe = |ch: char| if ch.is_ascii_alphanumeric() || ch == '-' || ch == '_' { ch } else { '.' };
    format!("f-{}", name.chars().map(safe).collect::<String>())
}

impl Field {
    /// A field with this name and label.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), ..Self::default() }
    }

    /// What stands in it.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// How it is filled in.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The unit, inside the field's right edge.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Takes what is wrong with it from the form's errors.
    #[must_use]
    pub fn errors(mut self, errors: &Errors) -> Self {
        self.error = errors.of(&self.name).map(str::to_owned);
        self
    }

    /// What the browser may fill in: `username`, `current-password`, `one-time-code`; `off` elsewhere.
    #[must_use]
    pub fn autocomplete(mut self, what: &'static str) -> Self {
        self.autocomplete = Some(what);
        self
    }

    /// Which keys a tablet shows: `numeric`, `decimal`, `email`.
    #[must_use]
    pub fn input_mode(mut self, mode: &'static str) -> Self {
        self.input_mode = Some(mode);
        self
    }

    /// It must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It is shown and cannot be changed.
    #[must_use]
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// How many characters wide; without it as wide as the column.
    #[must_use]
    pub fn size(mut self, characters: u32) -> Self {
        self.size = Some(characters);
        self
    }

    /// What stands at the end of its line: history, a query.
    #[must_use]
    pub fn beside(mut self, markup: Markup) -> Self {
        self.beside = Some(markup);
        self
    }

    /// A line of text.
    pub fn text(&self) -> Markup {
        self.line("text")
    }

    /// A secret.
    pub fn password(&self) -> Markup {
        self.line("password")
    }

    /// A file; `accept` as in HTML (`.xml,.json`).
    pub fn file(&self, accept: &str) -> Markup {
        self.wrap(html! {
            input id=(id(&self.name)) name=(self.name) type="file" accept=(accept) required[self.required] disabled[self.disabled]
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        })
    }

    fn line(&self, kind: &str) -> Markup {
        // A secret is typed again: it never stands in a page.
        let value = if kind == "password" { "" } else { &self.value };
        self.wrap(html! {
            span.input.has-unit[self.unit.is_some()] {
                input id=(id(&self.name)) name=(self.name) type=(kind) value=(value) size=[self.size]
                    autocomplete=(self.autocomplete.unwrap_or("off")) inputmode=[self.input_mode] aria-required=[self.needed()]
                    disabled[self.disabled] aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
                @if let Some(unit) = &self.unit { span.unit id={ (id(&self.name)) "-unit" } { (unit) } }
            }
        })
    }

    /// Several lines of text.
    pub fn area(&self, rows: u32) -> Markup {
        self.wrap(html! {
            textarea id=(id(&self.name)) name=(self.name) rows=(rows) aria-required=[self.needed()] disabled[self.disabled]
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] { (self.value) }
        })
    }

    /// One of a list.
    pub fn select(&self, choices: &[Choice]) -> Markup {
        self.wrap(html! {
            select id=(id(&self.name)) name=(self.name) aria-required=[self.needed()] disabled[self.disabled]
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] {
                @for choice in choices { option value=(choice.value) selected[choice.value == self.value] { (choice.label) } }
            }
        })
    }

    /// One of a few, all to be seen.
    pub fn radios(&self, choices: &[Choice]) -> Markup {
        let first = id(&self.name);
        html! {
            fieldset.field.wrong[self.error.is_some()] aria-describedby=[self.described_by()] {
                legend { (self.label) (self.mark()) }
                (self.hint_line()) (self.error_line())
                div.choices {
                    @for (n, choice) in choices.iter().enumerate() {
                        @let own = if n == 0 { first.clone() } else { format!("{first}-{n}") };
                        span.choice {
                            input id=(own) type="radio" name=(self.name) value=(choice.value) checked[choice.value == self.value]
                                disabled[self.disabled] aria-invalid=[self.invalid()];
                            label for=(own) { (choice.label) }
                        }
                    }
                    @if let Some(beside) = &self.beside { span.beside { (beside) } }
                }
            }
        }
    }

    /// Yes or not; sends `yes` when ticked, which it is when its value is `yes`.
    pub fn checkbox(&self) -> Markup {
        html! {
            div.field.wrong[self.error.is_some()] {
                (self.error_line())
                span.choice {
                    input id=(id(&self.name)) type="checkbox" name=(self.name) value="yes" checked[self.value == "yes"]
                        disabled[self.disabled] aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
                    label for=(id(&self.name)) { (self.label) }
                }
                (self.hint_line())
            }
        }
    }

    fn wrap(&self, control: Markup) -> Markup {
        html! {
            div.field.wrong[self.error.is_some()] {
                label for=(id(&self.name)) { (self.label) (self.mark()) }
                div.field-line { (control) @if let Some(beside) = &self.beside { span.beside { (beside) } } }
                (self.hint_line()) (self.error_line())
            }
        }
    }

    fn mark(&self) -> Markup {
        html! { @if self.required { span.required aria-hidden="true" { " *" } } }
    }

    fn hint_line(&self) -> Markup {
        html! { @if let Some(hint) = &self.hint { p.hint id={ (id(&self.name)) "-hint" } { (hint) } } }
    }

    fn error_line(&self) -> Markup {
        html! { @if let Some(error) = &self.error { p.error id={ (id(&self.name)) "-error" } { (error) } } }
    }

    fn needed(&self) -> Option<&'static str> {
        self.required.then_some("true")
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    fn described_by(&self) -> Option<String> {
        let own = id(&self.name);
        let parts = [
            self.error.as_ref().map(|_| format!("{own}-error")),
            self.hint.as_ref().map(|_| format!("{own}-hint")),
            self.unit.as_ref().map(|_| format!("{own}-unit")),
        ];
        let all: Vec<String> = parts.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_text_and_never_markup() {
        let field = Field::new("x\"><script>", "L<b>").value("\"><script>alert(1)</script>").text().into_string();
        assert!(!field.contains("<script>") && !field.contains("<b>"), "{field}");
    }

    #[test]
    fn a_secret_never_stands_in_a_page() {
        assert!(!Field::new("password", "Password").value("hunter2").password().into_string().contains("hunter2"));
    }

    #[test]
    fn error_hint_and_unit_are_read_with_the_field() {
        let mut errors = Errors::none();
        errors.add("dose", "too high");
        let field = Field::new("dose", "Dose").hint("once").unit("mg").errors(&errors).text().into_string();
        assert!(field.contains("aria-describedby=\"f-dose-error f-dose-hint f-dose-unit\""), "{field}");
    }
}
