//! The report as one page: no server, no network, useful without script, better with it.
//!
//! Rules with findings come first. Each shows its findings as a table with the whole record behind a fold, so that the reader
//! need not open the file. A few lines of script sort by a column and filter by words; the address keeps the filter.

use super::xlsx::variables;
use super::{FindingLine, Report, RuleLine};
use crate::study::Study;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Findings shown of one rule; the page says how many there are in all.
const SHOWN_A_RULE: usize = 200;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d6dae0;--soft:#5b6570;--accent:#0b57a4;--tint:#f3f5f8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171b;--line:#353b44;--soft:#9aa4b0;--accent:#7db4f0;--tint:#1c2127}}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
main{max-width:1400px;margin:0 auto;padding:16px 24px 64px}
h1{font-size:20px;margin:8px 0}h2{font-size:16px;margin:28px 0 8px}h3{font-size:14px;margin:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid var(--line)}
th{position:sticky;top:0;background:var(--paper);font-weight:600}
td.n,th.n{text-align:right}td.id{white-space:nowrap}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--accent)}
section.rule{border-top:1px solid var(--line);padding:12px 0;margin-top:12px}
section.rule>p{margin:4px 0;max-width:95ch}.soft{color:var(--soft)}
a{color:var(--accent)}input{font:inherit;padding:4px 8px;width:28ch;border:1px solid var(--line);background:var(--paper);color:inherit}
details summary{cursor:pointer;color:var(--accent)}details dl{background:var(--tint);padding:8px}
tr.accepted td{color:var(--soft)}.wide{overflow-x:auto}
@media print{th{position:static}input,label.filter{display:none}details{display:none}}
";

const SCRIPT: &str = "
'use strict';
const box=document.querySelector('#filter');
function filter(){const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);
for(const row of document.querySelectorAll('[data-row]')){const text=row.textContent.toLowerCase();row.hidden=!words.every(w=>text.includes(w));}
history.replaceState(null,'',box.value?'#q='+encodeURIComponent(box.value):location.pathname+location.search);}
if(location.hash.startsWith('#q=')){box.value=decodeURIComponent(location.hash.slice(3));filter();}
box.addEventListener('input',filter);
for(const head of document.querySelectorAll('th[data-sort]')){const button=document.createElement('button');button.textContent=head.textContent;head.replaceChildren(button);
button.addEventListener('click',()=>{const at=head.cellIndex,body=head.closest('table').tBodies[0],up=head.ariaSort!=='ascending';
for(const other of head.parentNode.cells)other.ariaSort=null;head.ariaSort=up?'ascending':'descending';
const key=row=>row.cells[at].textContent,number=head.dataset.sort==='n';
[...body.rows].sort((a,b)=>(number?Number(key(a))-Number(key(b)):key(a).localeCompare(key(b)))*(up?1:-1)).forEach(row=>body.append(row));});}
";

/// The base64 of a text's SHA-256, as a content security policy names it.
fn digest(text: &str) -> String {
    data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes()))
}

/// Writes the page. `study` gives the records behind the findings; without it the page shows the findings alone. The page's
/// own policy allows this one style and script, by their digests, and nothing else.
pub fn write(report: &Report, study: Option<&Study>, title: &str) -> String {
    let mut page = String::new();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        escaped(title)
    );
    head(&mut page, report);
    let by_rule = by_rule(report);
    overview(&mut page, report);
    for rule in report.rules.iter().filter(|rule| rule.count > 0) {
        let findings = by_rule.get(rule.rule.as_str()).map(Vec::as_slice).unwrap_or_default();
        section(&mut page, rule, findings, study);
    }
    rest(&mut page, report);
    let _ = write!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    page
}

fn by_rule(report: &Report) -> BTreeMap<&str, Vec<&FindingLine>> {
    let mut by_rule: BTreeMap<&str, Vec<&FindingLine>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    by_rule
}

fn head(page: &mut String, report: &Report) {
    let against = &report.against;
    let total: usize = report.datasets.iter().map(|dataset| dataset.records).sum();
    let status = |word: &str| report.rules.iter().filter(|rule| rule.status == word).count();
    let accepted = report.findings.iter().filter(|finding| finding.accepted.is_some()).count();
    let mut lines = vec![
        ("Standard", format!("{} ({})", against.standard, against.standard_from)),
        ("Terminology", against.terminology.clone()),
        ("define.xml", against.define.clone().unwrap_or_else(|| "none".to_owned())),
        ("Datasets", format!("{} with {total} records", report.datasets.len())),
        (
            "Rules",
            format!(
                "{} with findings, {} passed, {} skipped, {} failed",
                status("findings"),
                status("passed"),
                status("skipped"),
                status("failed")
            ),
        ),
        ("Findings", format!("{}, of them {accepted} accepted", report.findings.len())),
        ("Numbers", "compare at 15 significant digits".to_owned()),
        ("Program", format!("croft {}", report.croft)),
    ];
    lines.extend(against.rules.iter().map(|rules| ("Rules from", rules.clone())));
    lines.extend(report.notes.iter().map(|note| ("Note", note.clone())));
    page.push_str("<dl>");
    for (what, value) in lines {
        let _ = write!(page, "<dt>{what}</dt><dd>{}</dd>", escaped(&value));
    }
    page.push_str("</dl>\n");
}

fn overview(page: &mut String, report: &Report) {
    page.push_str(
        "<h2>Rules with findings</h2>\n<label class=\"filter\">Filter <input id=\"filter\" type=\"search\" placeholder=\"rule, dataset, subject, word\"></label>\n\
         <div class=\"wide\"><table><thead><tr><th data-sort=\"t\">Rule</th><th class=\"n\" data-sort=\"n\">Findings</th>\
         <th class=\"n\" data-sort=\"n\">Accepted</th><th data-sort=\"t\">Datasets</th><th data-sort=\"t\">What to do</th></tr></thead><tbody>\n",
    );
    let mut with: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in &report.findings {
        let datasets = with.entry(&finding.rule).or_default();
        if !datasets.contains(&finding.dataset.as_str()) {
            datasets.push(&finding.dataset);
        }
    }
    for rule in report.rules.iter().filter(|rule| rule.count > 0) {
        let datasets = with.get(rule.rule.as_str()).map(|names| names.join(", ")).unwrap_or_default();
        let _ = writeln!(
            page,
            "<tr data-row><td class=\"id\"><a href=\"#{0}\">{0}</a></td><td class=\"n\">{1}</td><td class=\"n\">{2}</td><td>{3}</td><td>{4}</td></tr>",
            escaped(&rule.rule),
            rule.count,
            rule.accepted,
            escaped(&datasets),
            escaped(&rule.message)
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn section(page: &mut String, rule: &RuleLine, findings: &[&FindingLine], study: Option<&Study>) {
    let _ = write!(
        page,
        "<section class=\"rule\" id=\"{0}\"><h3>{0}</h3><p>{1}</p>",
        escaped(&rule.rule),
        escaped(&rule.message)
    );
    if rule.description != rule.message {
        let _ = write!(page, "<p class=\"soft\">{}</p>", escaped(&rule.description));
    }
    if !rule.cites.is_empty() {
        let _ = write!(page, "<p class=\"soft\">{}</p>", escaped(&rule.cites.join("; ")));
    }
    if findings.len() > SHOWN_A_RULE {
        let _ = write!(page, "<p>The first {SHOWN_A_RULE} of {} findings:</p>", findings.len());
    }
    page.push_str(
        "<div class=\"wide\"><table><thead><tr><th data-sort=\"t\">Dataset</th><th class=\"n\" data-sort=\"n\">Record</th>\
         <th data-sort=\"t\">Keys</th><th data-sort=\"t\">Values</th><th>Record in full</th></tr></thead><tbody>\n",
    );
    for finding in findings.iter().take(SHOWN_A_RULE) {
        let keys: Vec<String> = finding.keys.iter().map(|(key, value)| format!("{key} {value}")).collect();
        let row = finding.row.map(|row| row.to_string()).unwrap_or_default();
        let class = if finding.accepted.is_some() { " class=\"accepted\"" } else { "" };
        let place = finding.path.clone().unwrap_or_else(|| keys.join(", "));
        let _ = write!(
            page,
            "<tr data-row{class}><td>{}</td><td class=\"n\">{row}</td><td>{}</td><td>{}",
            escaped(&finding.dataset),
            escaped(&place),
            escaped(&variables(finding))
        );
        if let Some(reason) = &finding.accepted {
            let _ = write!(page, "<br>accepted: {}", escaped(reason));
        }
        page.push_str("</td><td>");
        record(page, finding, study);
        page.push_str("</td></tr>\n");
    }
    page.push_str("</tbody></table></div></section>\n");
}

/// The whole record behind a fold.
fn record(page: &mut String, finding: &FindingLine, study: Option<&Study>) {
    let table = study.and_then(|study| study.tables.iter().find(|table| table.name == finding.dataset));
    let row = finding.row.and_then(|row| usize::try_from(row).ok()).and_then(|row| row.checked_sub(1));
    let (Some(table), Some(row)) = (table, row) else { return };
    if row >= table.frame().rows() {
        return;
    }
    page.push_str("<details><summary>show</summary><dl>");
    for name in table.frame().names() {
        if let Some(column) = table.frame().column(name) {
            let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(&column.value(row).to_string()));
        }
    }
    page.push_str("</dl></details>");
}

/// Rules without findings: what failed and why first, then what was skipped, then what passed.
fn rest(page: &mut String, report: &Report) {
    for (status, title) in [
        ("failed", "Rules that could not be asked"),
        ("skipped", "Rules that looked at nothing"),
        ("passed", "Rules that passed"),
    ] {
        let rules: Vec<&RuleLine> = report.rules.iter().filter(|rule| rule.status == status).collect();
        if rules.is_empty() {
            continue;
        }
        let _ = write!(
            page,
            "<h2>{title} ({})</h2>\n<details><summary>show</summary><div class=\"wide\"><table><thead><tr><th data-sort=\"t\">Rule</th>\
             <th data-sort=\"t\">What it asks</th><th data-sort=\"t\">Why</th></tr></thead><tbody>\n",
            rules.len()
        );
        for rule in rules {
            let _ = writeln!(
                page,
                "<tr data-row><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(&rule.rule),
                escaped(&rule.description),
                escaped(rule.why.as_deref().unwrap_or_default())
            );
        }
        page.push_str("</tbody></table></div></details>\n");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
