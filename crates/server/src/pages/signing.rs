//! The fields by which a person proves again who they are, and what a refusal says beside them.

use crate::components::{Errors, Field};
use crate::context::{Context, Signed};
use crate::enter;
use crate::problem::Problem;
use croft_record::Refusal;
use croft_record::access::credential::Proof;
use maud::{Markup, html};

/// Password, and the code of a device for those who use one.
pub(crate) fn fields(c: &Context, errors: &Errors) -> Markup {
    html! {
        (Field::new("password", t!(c, "sign-in-password")).autocomplete("current-password").errors(errors).required().size(32).password())
        (Field::new("code", t!(c, "sign-in-code")).hint(t!(c, "sign-in-code-hint")).autocomplete("one-time-code").input_mode("numeric").size(12).text())
    }
}

/// The names of these fields, for what a refusal says of them.
pub(crate) fn names(c: &Context) -> [(&'static str, String); 2] {
    [("password", t!(c, "sign-in-password")), ("code", t!(c, "sign-in-code"))]
}

/// The proof in a form that was sent; a wrong password is told at its field.
pub(crate) async fn prove(c: &Signed, posted: &[(String, String)]) -> Result<Result<Proof, Refusal>, Problem> {
    let proof = c.prove(enter::value(posted, "password"), enter::value(posted, "code").trim()).await?;
    Ok(proof.map_err(|refusal| match refusal {
        Refusal::State { message, hint } => Refusal::invalid("password", message, hint),
        other => other,
    }))
}

/// What a page says of a refusal that its reader can mend; others are problems.
pub(crate) fn errors(refusal: Refusal, fields: &[(&str, String)]) -> Result<Errors, Problem> {
    if let Refusal::State { message, hint } = &refusal {
        let mut errors = Errors::none();
        errors.add("", format!("{message}: {hint}"));
        return Ok(errors);
    }
    Ok(Errors::from_refusal(refusal, fields)?)
}
