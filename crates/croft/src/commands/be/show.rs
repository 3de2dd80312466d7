//! What `croft be` prints.

use croft_core::{Finding, Severity};
use croft_pk::be::compare::Answer;
use croft_pk::be::{BeData, BeResult, Condition, DesignKind};
use serde_json::{Value, json};

/// The facts of one analysis; `analysis` holds all of them.
pub fn facts(result: &BeResult) -> Value {
    let e = &result.estimate;
    let mut facts = json!({
        "pe_pct": e.pe_pct,
        "ci90_lo_pct": e.ci_lo_pct,
        "ci90_hi_pct": e.ci_hi_pct,
        "df": e.df,
        "cv_wr_pct": cv_wr_pct(result),
        "decision": verdict(result.decision.pass),
        "confidence_pct": confidence_pct(result),
        "method": result.options.method,
        "regulator": result.criterion.regulator,
        "design": result.design.name,
        "subjects": result.counts.subjects_used,
        "observations": result.counts.observations_used,
    });
    if let Some(scaled) = &result.scaled {
        facts["s_wr"] = json!(scaled.s_wr);
        facts["criterion_bound"] = json!(scaled.criterion_bound);
        facts["s_wt"] = json!(result.ntid.map(|n| n.s_wt));
        facts["ratio_lo"] = json!(result.ntid.map(|n| n.ratio_lo));
        facts["ratio_hi"] = json!(result.ntid.map(|n| n.ratio_hi));
    }
    facts["analysis"] = json!(result);
    facts
}

/// CV_wR where the reference is replicated; elsewhere the residual's, which test and reference share; none in parallel groups.
fn cv_wr_pct(result: &BeResult) -> Option<f64> {
    let v = &result.variability;
    v.reference.or(v.common).map(|w| w.cv_pct)
}

fn confidence_pct(result: &BeResult) -> f64 {
    100.0 * (1.0 - 2.0 * result.options.alpha)
}

fn verdict(pass: bool) -> &'static str {
    if pass { "pass" } else { "fail" }
}

/// One analysis for people.
pub fn result(result: &BeResult) {
    let counts = &result.counts;
    outln!(
        "{} of {} subjects, {} values of {}, {}",
        counts.subjects_used,
        counts.subjects,
        counts.observations_used,
        result.parameter,
        result.design
    );
    outln!("  model       {}", result.model);
    estimate(result);
    variability(result);
    anova(result);
    scaled(result);
    if let Some(unscaled) = &result.unscaled {
        outln!("unscaled: {}", unscaled.model);
        estimate(unscaled);
    }
    outln!("{} ({}), {}", result.criterion.id, result.criterion.dated, result.criterion.guideline);
    for condition in &result.decision.conditions {
        outln!("  {}", sentence(condition, result.criterion.round_decimals));
    }
    outln!("{}", if result.decision.pass { "PASS" } else { "FAIL" });
    talk(result);
}

fn estimate(result: &BeResult) {
    let e = &result.estimate;
    outln!(
        "  ratio T/R   {:.2} %   {:.0} % interval {:.2} – {:.2} %   df {}   se(ln) {:.5}",
        e.pe_pct,
        confidence_pct(result),
        e.ci_lo_pct,
        e.ci_hi_pct,
        Shortest(e.df),
        e.ln_se
    );
    if let Some(mixed) = &result.mixed {
        outln!("  −2 REML     {:.4}", mixed.minus_two_reml);
    }
}

fn variability(result: &BeResult) {
    let v = &result.variability;
    if let Some(w) = v.common {
        outln!("  CV within   {:.2} %   (both products, residual)", w.cv_pct);
    }
    if let Some(w) = v.reference {
        outln!("  CV_wR       {:.2} %   s_wR {:.4}   df {}", w.cv_pct, w.s, Shortest(w.df));
    }
    if let Some(w) = v.test {
        outln!("  CV_wT       {:.2} %   s_wT {:.4}   df {}", w.cv_pct, w.s, Shortest(w.df));
    }
    if let Some(r) = v.ratio {
        outln!("  s_wT/s_wR   {:.4}    upper bound {:.4}", r.ratio, r.upper);
    }
    if let Some([t, r]) = v.total {
        outln!("  CV          T {:.2} %   R {:.2} %   (between and within subjects)", t.cv_pct, r.cv_pct);
    }
    if let Some(o) = &result.outliers
        && !o.outliers.is_empty()
    {
        let without =
            o.reference_without.map(|w| format!("; CV_wR without them {:.2} %", w.cv_pct)).unwrap_or_default();
        outln!("  outliers    {}   (box plot of studentised residuals{without})", o.outliers.join(", "));
    }
}

fn anova(result: &BeResult) {
    if result.anova.is_empty() {
        return;
    }
    outln!("  source               df           SS           MS         F        p");
    for row in &result.anova {
        let test = match (row.f, row.p) {
            (Some(f), Some(p)) if p < 0.000_05 => format!("{f:>10.4}  <0.0001"),
            (Some(f), Some(p)) => format!("{f:>10.4}   {p:.4}"),
            _ => String::new(),
        };
        outln!("  {:<18} {:>4} {:>12.6} {:>12.6}{test}", row.source, row.df, row.ss, row.ms);
    }
}

fn scaled(result: &BeResult) {
    if let Some(s) = &result.scaled {
        outln!(
            "  criterion   bound {:.6}   s_wR {:.5}   ({} subjects for the ratio, {} for s_wR)",
            s.criterion_bound,
            s.s_wr,
            s.n_ilat,
            s.n_dlat
        );
    }
    if let Some(n) = &result.ntid {
        outln!("  s_wT/s_wR   interval {:.4} – {:.4}", n.ratio_lo, n.ratio_hi);
    }
}

fn sentence(condition: &Condition, decimals: u8) -> String {
    let decimals = if condition.lower.is_some() { usize::from(decimals) } else { 4 };
    let values: Vec<String> = condition.values.iter().map(|v| format!("{v:.decimals$}")).collect();
    let met = if condition.met { "met    " } else { "not met" };
    match (values.is_empty(), condition.lower) {
        (true, _) => format!("{met}  {}: could not be had", condition.what),
        (false, Some(lower)) => format!(
            "{met}  {} {} within {lower:.decimals$} – {:.decimals$}",
            condition.what,
            values.join(" – "),
            condition.upper
        ),
        (false, None) => format!("{met}  {} {} at most {}", condition.what, values.join(" – "), condition.upper),
    }
}

/// Remarks, to standard error.
fn talk(result: &BeResult) {
    for of_reason in result.counts.left_out.chunk_by(|a, b| a.reason == b.reason) {
        let subjects: Vec<&str> = of_reason.iter().map(|l| l.subject.as_str()).collect();
        let noun = if subjects.len() == 1 { "subject" } else { "subjects" };
        eprintln!("left out: {noun} {}: {}", subjects.join(", "), of_reason[0].reason);
    }
    for finding in &result.findings {
        remark(finding);
    }
    if let Some(remark) = &result.criterion.remark {
        eprintln!("remark: {}: {remark}", result.criterion.id);
    }
    let replicate = result.design.replicates_reference();
    if replicate && result.options.method == croft_pk::be::Method::Abe {
        eprintln!("hint: the reference is replicated; --compare shows each regulator's scaled method");
    }
    if result.design.kind == DesignKind::TestReplicate {
        eprintln!("hint: the reference is not replicated, so that no scaled method can be used");
    }
}

fn remark(finding: &Finding) {
    let word = if finding.severity == Severity::Note { "remark" } else { "warning" };
    let row = finding.row.map(|r| format!("row {r}: ")).unwrap_or_default();
    eprintln!("{word}: {row}{}", finding.message);
    if let Some(hint) = &finding.hint {
        eprintln!("  hint: {hint}");
    }
}

/// Every regulator's answer as facts.
pub fn comparison_facts(answers: &[Answer]) -> Value {
    let answer = |a: &Answer| match &a.result {
        Ok(result) => facts(result),
        Err(error) => json!({ "regulator": a.regulator, "error": error.to_string(), "hint": error.hint() }),
    };
    json!({ "answers": answers.iter().map(answer).collect::<Vec<_>>() })
}

/// Every regulator's answer for people.
pub fn comparison(data: &BeData, answers: &[Answer]) {
    outln!("{} subjects, {}, {}", data.subjects().len(), data.parameter(), data.design());
    outln!("  {:<15}{:<13}{:>9}  {:>19}  {:>19}  decision", "regulator", "rule", "T/R %", "interval %", "limits %");
    for answer in answers {
        let name = answer.regulator.name();
        let result = match &answer.result {
            Ok(result) => result,
            Err(error) => {
                outln!("  {name:<15}{error}");
                continue;
            }
        };
        let e = &result.estimate;
        let interval = format!("{:.2} – {:.2}", e.ci_lo_pct, e.ci_hi_pct);
        outln!(
            "  {name:<15}{:<13}{:>9.2}  {interval:>19}  {:>19}  {}",
            result.criterion.id,
            e.pe_pct,
            limits(result),
            if result.decision.pass { "PASS" } else { "FAIL" }
        );
    }
}

fn limits(result: &BeResult) -> String {
    let bound = |s: &croft_pk::be::ScaledFacts| format!("bound {:.4} ≤ 0", s.criterion_bound);
    match (&result.scaled, &result.unscaled) {
        (Some(scaled), None) => bound(scaled),
        _ => result
            .decision
            .conditions
            .first()
            .and_then(|c| c.lower.map(|lower| format!("{lower:.2} – {:.2}", c.upper)))
            .unwrap_or_default(),
    }
}

/// A number with two decimals, or none when it is whole.
struct Shortest(f64);

impl std::fmt::Display for Shortest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if (self.0 - self.0.round()).abs() < 5e-7 { write!(f, "{:.0}", self.0) } else { write!(f, "{:.2}", self.0) }
    }
}
