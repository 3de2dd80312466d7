//! Randomisation, code breaks, treatment codes.

use super::auth::Program;
use super::body::{Body, body};
use super::{Method, Route, list, object, text};
use crate::app::blocking;
use crate::problem::Problem;
use axum::Json;
use axum::extract::Path;
use axum::routing::{get, post};
use croft_record::vault::state::CodeBreak;
use croft_record::vault::{AcknowledgeBreak, AgreeUnblind, AskUnblind, Break, CloseStratum, NewScheme};
use serde_json::{Value, json};

body! {
    /// A scheme.
    SealedScheme {
        scheme: String = "the scheme as TOML", setup: String = "what everybody may know, as TOML", note: Option<String> = "what it is for",
        password: String = "the caller's", code: Option<String> = "the code of a device",
    }
}
body! {
    /// A proof.
    VaultProof { password: String = "the caller's", code: Option<String> = "the code of a device" }
}
body! {
    /// Why, and a proof.
    VaultReason { reason: String = "why", password: String = "the caller's", code: Option<String> = "the code of a device" }
}
body! {
    /// A stratum.
    StratumState { stratum: String = "its levels joined by -", closed: bool = "closes it, or opens it again", reason: String = "why" }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Get, Post};
    vec![
        Route::new(Get, "/studies/{study}/randomisation", "What everybody may know of the randomisation", get(facts))
            .gives([
                object(
                    "facts",
                    "schemes without their designs, closed strata, how far unblinding is; null: no scheme is sealed",
                ),
                list("randomised", "subjects with their numbers and levels, in the order of randomisation"),
                list("code_breaks", "who broke whose code, when and why, and who has acknowledged it"),
            ]),
        Route::new(Post, "/studies/{study}/randomisation/schemes", "Seal a scheme", post(seal))
            .gives([super::whole("version", "its number")])
            .takes::<SealedScheme>(),
        Route::new(Post, "/studies/{study}/randomisation/strata", "Close a stratum, or open it again", post(stratum))
            .takes::<StratumState>(),
        Route::new(
            Get,
            "/studies/{study}/subjects/{subject}/randomisation",
            "Whether a subject can be randomised, and what stands in the way",
            get(ready),
        )
        .gives([
            list("conditions", "what must be recorded, and whether it is"),
            list("levels", "factor and level"),
            list("obstacles", "what else stands in the way"),
        ]),
        Route::new(Post, "/studies/{study}/subjects/{subject}/randomisation", "Randomise a subject", post(randomise))
            .gives([text("subject", "the subject"), text("number", "its randomisation number")])
            .takes::<VaultProof>(),
        Route::new(
            Post,
            "/studies/{study}/subjects/{subject}/code-break",
            "Break the code of a subject",
            post(break_code),
        )
        .gives([
            text("subject", "the subject"),
            text("number", "its randomisation number"),
            text("arm", "the arm's code"),
            text("name", "the arm's name"),
            list("treatments", "the treatments of the arm"),
        ])
        .takes::<VaultReason>(),
        Route::new(Get, "/notices", "Code breaks that the caller is told of and has not acknowledged", get(notices))
            .gives([list("code_breaks", "study, subject, site, event, who broke the code, when and why")]),
        Route::new(
            Post,
            "/studies/{study}/code-breaks/{event}/acknowledgement",
            "Acknowledge a code break",
            post(acknowledge),
        ),
        Route::new(Post, "/studies/{study}/randomisation/codes", "Every treatment code of a study", post(codes))
            .gives([list("codes", "subject, number, site, levels, arm")])
            .takes::<VaultReason>(),
        Route::new(Post, "/studies/{study}/unblinding/ask", "Ask for a locked study to be unblinded", post(ask))
            .takes::<VaultReason>(),
        Route::new(Post, "/studies/{study}/unblinding/agree", "Agree to unblind a study", post(agree))
            .takes::<VaultProof>(),
    ]
}

async fn facts(p: Program, Path(study): Path<String>) -> Result<Json<Value>, Problem> {
    let look = p.look(move |r| Ok((r.randomisation(&study)?, r.randomised(&study)?, r.code_breaks(&study)?)));
    let (facts, randomised, breaks) = look.await?;
    Ok(Json(json!({ "facts": facts, "randomised": randomised, "code_breaks": breaks })))
}

async fn seal(p: Program, Path(study): Path<String>, Body(body): Body<SealedScheme>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let note = body.note.unwrap_or_default();
    let new = NewScheme { study, scheme: body.scheme, setup: body.setup, note, signature };
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    let version = blocking(move || Ok(vault.seal_scheme(&caller, new)?)).await?;
    Ok(Json(json!({ "version": version })))
}

async fn stratum(
    p: Program,
    Path(study): Path<String>,
    Body(body): Body<StratumState>,
) -> Result<Json<Value>, Problem> {
    p.execute(CloseStratum { study, stratum: body.stratum, closed: body.closed, reason: body.reason }).await?;
    Ok(Json(json!({})))
}

async fn ready(p: Program, Path((study, subject)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(p.look(move |r| r.ready(&study, &subject)).await?)))
}

async fn randomise(
    p: Program,
    Path((study, subject)): Path<(String, String)>,
    Body(body): Body<VaultProof>,
) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    let given = blocking(move || Ok(vault.randomise(&caller, &study, &subject, signature)?)).await?;
    Ok(Json(json!(given)))
}

async fn break_code(
    p: Program,
    Path((study, subject)): Path<(String, String)>,
    Body(body): Body<VaultReason>,
) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let wish = Break { study, subject, reason: body.reason, signature };
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    Ok(Json(json!(blocking(move || Ok(vault.break_code(&caller, wish)?)).await?)))
}

async fn notices(p: Program) -> Result<Json<Value>, Problem> {
    let breaks = p
        .look(|r| {
            let mut all = Vec::new();
            for study in r.studies()? {
                for one in r.code_breaks_to_acknowledge(&study.id)? {
                    let CodeBreak { subject, site, by, name, at_ms, reason, event, .. } = one;
                    all.push(json!({ "study": study.id, "subject": subject, "site": site, "event": event, "by": by, "name": name, "at_ms": at_ms, "reason": reason }));
                }
            }
            Ok(all)
        })
        .await?;
    Ok(Json(json!({ "code_breaks": breaks })))
}

async fn acknowledge(p: Program, Path((study, event)): Path<(String, u64)>) -> Result<Json<Value>, Problem> {
    p.execute(AcknowledgeBreak { study, event }).await?;
    Ok(Json(json!({})))
}

async fn codes(p: Program, Path(study): Path<String>, Body(body): Body<VaultReason>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    let codes = blocking(move || Ok(vault.codes(&caller, &study, &body.reason, signature)?)).await?;
    Ok(Json(json!({ "codes": codes.codes })))
}

async fn ask(p: Program, Path(study): Path<String>, Body(body): Body<VaultReason>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    p.execute(AskUnblind { study, reason: body.reason, signature }).await?;
    Ok(Json(json!({})))
}

async fn agree(p: Program, Path(study): Path<String>, Body(body): Body<VaultProof>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    p.execute(AgreeUnblind { study, signature }).await?;
    Ok(Json(json!({})))
}
