//! How does a study stand? Recruitment, completeness, verification, queries by age, sites, and what to do next.

use super::notices;
use super::place::{Inside, inside};
use crate::app::App;
use crate::components::{self, Column, Row, Status, Table, chart};
use crate::context::{Context, Signed};
use crate::layout::Page;
use crate::nav::StudyPart;
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use croft_design::definition::VisitKind;
use croft_record::access::{Operation, Scope};
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{Counts, Subject, SubjectStatus};
use croft_record::query::read::Filter;
use croft_record::query::{Query, Status as Stands};
use croft_record::study::Lock;
use croft_record::vault::state::CodeBreak;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}", get(show))
}

const DAY_MS: i64 = 86_400_000;
/// Ages of queries in days: up to these, and older.
const AGES: [i64; 3] = [7, 14, 28];

/// What the page shows.
pub(crate) struct Home {
    pub inside: Inside,
    pub now_ms: i64,
    /// Whether subjects' data may be read at all.
    pub reads: bool,
    pub publishes: bool,
    pub opens: bool,
    pub enrols: bool,
    pub subjects: Vec<Subject>,
    pub waiting: Vec<Query>,
    pub breaks: Vec<CodeBreak>,
}

impl Home {
    /// O(subjects + queries that wait).
    pub fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Home)?;
        let reads = r.may(Operation::Read, &Scope::study(study)) || !inside.sites_for(r, Operation::Read).is_empty();
        let enrols = !inside.sites_for(r, Operation::Enrol).is_empty();
        let may = |operation| r.may(operation, &Scope::study(study));
        let (publishes, opens) = (may(Operation::StudyPublish), may(Operation::SiteOpen));
        let (mut subjects, mut waiting) = (Vec::new(), Vec::new());
        if reads {
            subjects = r.matrix(study, &MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() })?;
            for status in [Stands::Open, Stands::Answered] {
                let filter = Filter { status: Some(status), limit: usize::MAX, ..Filter::default() };
                waiting.extend(r.queries(study, &filter)?);
            }
        }
        // A locked study's curve ends with the lock.
        let now_ms = match inside.study.lock {
            Lock::Locked { at_ms, .. } => at_ms,
            Lock::Open => r.now_ms,
        };
        Ok(Self {
            inside,
            now_ms,
            reads,
            publishes,
            opens,
            enrols,
            subjects,
            waiting,
            breaks: r.code_breaks_to_acknowledge(study)?,
        })
    }

    fn sums(&self, site: Option<&str>) -> Counts {
        let subjects = self.subjects.iter().filter(|s| site.is_none_or(|site| s.site == site));
        subjects.flat_map(|s| &s.visits).fold(Counts::default(), |sum, visit| sum.plus(&visit.sums))
    }

    /// Forms that every subject who takes part fills in the end: those of scheduled visits, without a condition.
    fn forms_of_a_subject(&self) -> u64 {
        let Some(definition) = &self.inside.current else { return 0 };
        let scheduled = definition.definition.visits.iter().filter(|v| v.kind == VisitKind::Scheduled);
        scheduled.map(|visit| definition.forms_at(&visit.code).filter(|f| f.when.is_none()).count() as u64).sum()
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let home = c.look(move |r| Home::gather(r, &study)).await?;
    Ok(Page::new(&c, home.inside.bar.title.clone())
        .study(home.inside.bar.clone())
        .above(crate::nav::Part::Studies.address(), t!(c, "part-studies"))
        .beside_title(lock_state(&c, &home.inside))
        .wide()
        .body(body(&c, &home)))
}

/// Open, or locked since when and by whom.
pub(crate) fn lock_state(c: &Context, inside: &Inside) -> Markup {
    match &inside.study.lock {
        Lock::Open => html! {},
        Lock::Locked { at_ms, by, .. } => html! {
            (components::status(c, Status::Locked)) " " span.quiet { (t!(c, "locked-by", name = by)) " " (c.time(*at_ms)) }
        },
    }
}

/// What the page says under its heading.
pub(crate) fn body(c: &Context, home: &Home) -> Markup {
    html! {
        @if !home.inside.bar.title.ends_with(&home.inside.study.title) { p.lead { (home.inside.study.title) } }
        (notices::code_breaks(c, home.inside.id(), &home.breaks))
        (next_step(c, home))
        @if home.reads && !home.subjects.is_empty() {
            (figures(c, home)) (recruitment(c, home)) (ageing(c, home))
        }
        @if !home.inside.sites.is_empty() { (sites(c, home)) }
    }
}

/// How to begin, while something is not there yet.
fn next_step(c: &Context, home: &Home) -> Markup {
    let id = home.inside.id();
    let go = |address: String, word: String| html! { p { (components::link_button(&address, &word)) } };
    if home.inside.current.is_none() {
        let publish = || go(StudyPart::Definition.address(id), t!(c, "home-publish"));
        return components::empty(
            &t!(c, "home-no-version"),
            if home.publishes {
                publish()
            } else {
                html! {}
            },
        );
    }
    if home.inside.sites.is_empty() {
        let open = || go(StudyPart::Access.address(id), t!(c, "home-open-site"));
        return components::empty(
            &t!(c, "home-no-site"),
            if home.opens {
                open()
            } else {
                html! {}
            },
        );
    }
    if home.reads && home.subjects.is_empty() {
        let how = if home.enrols {
            go(StudyPart::Subjects.address(id), t!(c, "matrix-enrol"))
        } else {
            html! {}
        };
        return components::empty(&t!(c, "home-no-subject"), how);
    }
    html! {}
}

fn figures(c: &Context, home: &Home) -> Markup {
    let taking_part = home.subjects.iter().filter(|s| s.status == SubjectStatus::Enrolled).count() as u64;
    let sums = home.sums(None);
    let due = taking_part * home.forms_of_a_subject();
    let count = |status| home.waiting.iter().filter(|q| q.status == status).count();
    components::facts(&[
        (t!(c, "home-enrolled"), html! { (home.subjects.len()) }),
        (t!(c, "home-withdrawn"), html! { (home.subjects.len() as u64 - taking_part) }),
        (t!(c, "home-complete"), chart::progress(u64::from(sums.complete), due.max(u64::from(sums.saved)))),
        (t!(c, "home-verified"), chart::progress(u64::from(sums.verified), u64::from(sums.items))),
        (t!(c, "home-signed"), chart::progress(u64::from(sums.signed), u64::from(sums.saved))),
        (t!(c, "home-queries-open"), html! { (count(Stands::Open)) }),
        (t!(c, "home-queries-answered"), html! { (count(Stands::Answered)) }),
    ])
}

/// Subjects over time, with the number that is planned as a dashed line.
fn recruitment(c: &Context, home: &Home) -> Markup {
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    for subject in &home.subjects {
        *days.entry(subject.enrolled_ms.div_euclid(DAY_MS) * DAY_MS).or_default() += 1;
    }
    let begin = days.keys().next().copied().unwrap_or(home.now_ms);
    let mut sum = 0;
    let mut points: Vec<(i64, u64)> = days
        .into_iter()
        .map(|(day, count)| {
            sum += count;
            (day, sum)
        })
        .collect();
    points.push((home.now_ms.max(begin), sum));
    let mut series = vec![chart::Series { name: t!(c, "home-enrolled"), points, planned: false }];
    let planned = home.inside.current.as_ref().and_then(|d| d.definition.capture.subjects_planned);
    if let Some(planned) = planned.map(u64::from) {
        let points = vec![(begin, planned), (home.now_ms.max(begin), planned)];
        series.push(chart::Series { name: t!(c, "home-planned"), points, planned: true });
    }
    chart::steps(c, &t!(c, "home-recruitment"), &series)
}

/// Queries that wait, by age.
fn ageing(c: &Context, home: &Home) -> Markup {
    let bucket = |query: &Query| {
        let days = (home.now_ms - query.opened_ms).div_euclid(DAY_MS);
        AGES.iter().position(|most| days <= *most).unwrap_or(AGES.len())
    };
    let count = |status, n| home.waiting.iter().filter(|q| q.status == status && bucket(q) == n).count();
    let address = StudyPart::Queries.address(home.inside.id());
    let row = |status: Stands| {
        let head = html! { a href={ (address) "?status=" (status.word()) } { (components::status(c, super::thread::state(status))) } };
        (0..=AGES.len()).fold(Row::new(head), |row, n| row.text(count(status, n)))
    };
    Table::new(t!(c, "home-ageing"))
        .column(Column::text(t!(c, "query-status")))
        .column(Column::number(t!(c, "home-age-week")).unit("d"))
        .column(Column::number(t!(c, "home-age-fortnight")).unit("d"))
        .column(Column::number(t!(c, "home-age-month")).unit("d"))
        .column(Column::number(t!(c, "home-age-older")).unit("d"))
        .row(row(Stands::Open))
        .row(row(Stands::Answered))
        .render(c)
}

fn sites(c: &Context, home: &Home) -> Markup {
    let subjects = StudyPart::Subjects.address(home.inside.id());
    let rows = home.inside.sites.iter().map(|site| {
        let sums = home.sums(Some(&site.id));
        let query: String = form_urlencoded::byte_serialize(site.id.as_bytes()).collect();
        let count = home.subjects.iter().filter(|s| s.site == site.id).count();
        let row = Row::new(html! { a href={ (subjects) "?site=" (query) } { (site.id) } })
            .text(&site.name)
            .text(&site.country)
            .text(if site.open { t!(c, "site-open") } else { t!(c, "site-closed") });
        if home.reads { row.text(count).text(sums.complete).text(sums.open).text(sums.answered) } else { row }
    });
    let table = Table::new(t!(c, "home-sites"))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "site-name")))
        .column(Column::text(t!(c, "site-country")))
        .column(Column::text(t!(c, "site-state")));
    let table = if home.reads {
        table
            .column(Column::number(t!(c, "part-subjects")))
            .column(Column::number(t!(c, "home-forms-complete")))
            .column(Column::number(t!(c, "home-queries-open")))
            .column(Column::number(t!(c, "home-queries-answered")))
    } else {
        table
    };
    table.rows(rows).render(c)
}
