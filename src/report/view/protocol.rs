//! Eligibility, search and process of a review as printed.

use super::grid::{GridColumn, GridRow, GridText, GridView};
use crate::spec::{AboutStudies, Criteria, Picos, Registration, Search, Step};
use serde::Serialize;

/// What the methods say before any number.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProtocolView {
    /// Whether there is anything to say.
    pub is_given: bool,
    /// Whose protocol it is, where it is another review's.
    pub of: Option<String>,
    /// The eligibility criteria.
    pub picos: Option<GridView>,
    /// The databases with the periods searched.
    pub databases: Vec<DatabaseView>,
    /// Periods, records and search strings of the databases.
    pub searches: Option<GridView>,
    /// Other ways of searching.
    pub other_ways: Vec<String>,
    /// Restrictions.
    pub restrictions: Option<String>,
    /// Screening.
    pub screening: Option<StepView>,
    /// Extraction.
    pub extraction: Option<StepView>,
    /// Assessment of the risk of bias.
    pub risk_of_bias: Option<StepView>,
    /// The registration of the protocol.
    pub registration: Option<RegistrationView>,
}

/// A database with its period.
#[derive(Debug, Clone, Serialize)]
pub struct DatabaseView {
    /// Name.
    pub name: String,
    /// Start of the period.
    pub from: Option<String>,
    /// End of the period.
    pub to: Option<String>,
}

/// One step and those who took it.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// Number of reviewers.
    pub reviewers: usize,
    /// Whether they worked independently.
    pub is_independent: bool,
    /// Who settled disagreements.
    pub disagreements: Option<String>,
    /// The tool.
    pub tool: Option<String>,
}

/// The registration of a protocol; without a register there is none.
#[derive(Debug, Clone, Serialize)]
pub struct RegistrationView {
    /// The register.
    pub register: Option<String>,
    /// The number there.
    pub number: Option<String>,
    /// When.
    pub date: Option<String>,
}

/// The codes of the principles.
pub(in crate::report) const PRINCIPLES: [&str; 5] =
    ["population", "intervention", "comparison", "outcome", "study_design"];

pub(super) fn protocol_view(about: &AboutStudies) -> ProtocolView {
    let mut view = ProtocolView {
        is_given: about.picos.is_some() || about.search.is_some() || about.process.is_some(),
        of: about.protocol_of.clone(),
        picos: about.picos.as_ref().map(|picos| picos_grid(picos).laid_out(&about.abbreviations)),
        ..ProtocolView::default()
    };
    if let Some(search) = &about.search {
        view.databases = search
            .databases
            .iter()
            .map(|database| DatabaseView {
                name: database.name.clone(),
                from: database.from.clone(),
                to: database.to.clone(),
            })
            .collect();
        view.searches = search_grid(search).map(|grid| grid.laid_out(&about.abbreviations));
        view.other_ways = search.other.clone();
        view.restrictions = search.restrictions.clone();
    }
    if let Some(process) = &about.process {
        let step = |step: &Option<Step>| step.as_ref().map(step_view);
        view.screening = step(&process.screening);
        view.extraction = step(&process.extraction);
        view.risk_of_bias = step(&process.risk_of_bias);
        view.registration = process.registration.as_ref().map(registration_view);
    }
    view
}

fn step_view(step: &Step) -> StepView {
    StepView {
        reviewers: step.reviewers,
        is_independent: step.is_independent,
        disagreements: step.disagreements.clone(),
        tool: step.tool.clone(),
    }
}

fn registration_view(registration: &Registration) -> RegistrationView {
    match registration {
        Registration::None => RegistrationView { register: None, number: None, date: None },
        Registration::In { register, number, date } => RegistrationView {
            register: Some(register.clone()),
            number: Some(number.clone()),
            date: date.clone(),
        },
    }
}

fn picos_grid(picos: &Picos) -> GridView {
    let wide = |code| GridColumn { title: GridText::label(code), align: "left", width: Some(1) };
    let narrow = GridColumn { title: GridText::label("principle"), align: "left", width: None };
    let rows = PRINCIPLES.iter().zip(&picos.rows).map(|(principle, criteria)| {
        let Criteria { inclusion, exclusion } = criteria;
        GridRow::new("row", vec![GridText::label(principle), cell(inclusion), cell(exclusion)])
    });
    GridView::plain(vec![narrow, wide("inclusion"), wide("exclusion")], rows.collect())
}

/// Nothing, one sentence, or a numbered list.
fn cell(sentences: &[String]) -> GridText {
    match sentences {
        [] => GridText::label("not_applicable"),
        [sentence] => sentence.as_str().into(),
        sentences => GridText::list(sentences.to_vec()),
    }
}

/// What the databases gave; none where the review says no more than their names.
fn search_grid(search: &Search) -> Option<GridView> {
    let databases = &search.databases;
    let has_records = databases.iter().any(|database| database.records.is_some());
    let has_query = databases.iter().any(|database| database.query.is_some());
    if !has_records && !has_query {
        return None;
    }
    let column = |code, align| GridColumn { title: GridText::label(code), align, width: None };
    let mut columns = vec![column("database", "left"), column("period", "left")];
    if has_records {
        columns.push(column("records", "right"));
    }
    if has_query {
        columns.push(column("query", "left"));
    }
    let absent = || "\u{2013}".to_owned();
    let rows = databases.iter().map(|database| {
        let period = match (&database.from, &database.to) {
            (Some(from), Some(to)) => format!("{from} – {to}"),
            (None, Some(to)) => format!("– {to}"),
            (Some(from), None) => format!("{from} –"),
            (None, None) => absent(),
        };
        let mut cells: Vec<GridText> = vec![database.name.as_str().into(), period.into()];
        if has_records {
            cells.push(database.records.clone().unwrap_or_else(absent).into());
        }
        if has_query {
            cells.push(database.query.clone().unwrap_or_else(absent).into());
        }
        GridRow::new("row", cells)
    });
    Some(GridView::plain(columns, rows.collect()))
}
