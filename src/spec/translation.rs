//! The author's texts of a review: which there are, and the tables that translate them.

use super::model::{Arms, Chapter, Entry, Review};
use super::presentation::Language;
use super::protocol::{Registration, Step};
use super::tables::{DescriptionContent, TableSpec};
use crate::source::{Place, SourceId};

/// The table that translates a review's texts into a language.
#[derive(Debug, Clone, PartialEq)]
pub struct TranslationSpec {
    /// The language.
    pub language: Language,
    /// Where the spec names the table.
    pub place: Place,
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
}

/// What a text is to a translator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Words: without a translation they stand in the wrong language.
    Words,
    /// The name of a study, database or person: it stays unless the table has it.
    Name,
}

/// Looks at a text, and may put another in its place.
pub type Visit<'a> = dyn FnMut(TextKind, &mut String) + 'a;

impl Review {
    /// Visits every text of the specs that is printed and that its author wrote, in the order of
    /// the report. Ids, columns, filters, paths and numbers are none.
    pub fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        visit(TextKind::Words, &mut self.title);
        names(&mut self.authors, visit);
        words(&mut self.about, visit);
        self.visit_protocol(visit);
        let about = &mut self.about_studies;
        for finding in &mut about.findings {
            words(&mut finding.outcome, visit);
            words(finding.downgrades.iter_mut().map(|downgrade| &mut downgrade.reason), visit);
            words(&mut finding.comment, visit);
        }
        if let Some(table) = &mut about.characteristics {
            table.visit_texts(visit);
        }
        for (short, long) in &mut about.abbreviations {
            visit(TextKind::Name, short);
            visit(TextKind::Words, long);
        }
        let mut chapters = self.chapters.iter_mut().peekable();
        for entry in &mut self.entries {
            let begins = |chapter: &&mut Chapter| chapter.begins_with(entry.id());
            if let Some(chapter) = chapters.next_if(begins) {
                words(&mut chapter.title, visit);
            }
            entry.visit_texts(visit);
        }
    }

    fn visit_protocol(&mut self, visit: &mut Visit<'_>) {
        let about = &mut self.about_studies;
        names(&mut about.protocol_of, visit);
        for criteria in about.picos.iter_mut().flat_map(|picos| &mut picos.rows) {
            words(&mut criteria.inclusion, visit);
            words(&mut criteria.exclusion, visit);
        }
        if let Some(search) = &mut about.search {
            for database in &mut search.databases {
                visit(TextKind::Name, &mut database.name);
                words(&mut database.from, visit);
                words(&mut database.to, visit);
                words(&mut database.records, visit);
                names(&mut database.query, visit);
            }
            words(&mut search.other, visit);
            words(&mut search.restrictions, visit);
        }
        if let Some(process) = &mut about.process {
            let steps =
                [&mut process.screening, &mut process.extraction, &mut process.risk_of_bias];
            for Step { disagreements, tool, .. } in steps.into_iter().flatten() {
                words(disagreements, visit);
                names(tool, visit);
            }
            if let Some(Registration::In { register, date, .. }) = &mut process.registration {
                visit(TextKind::Name, register);
                words(date, visit);
            }
        }
    }
}

impl Entry {
    fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        match self {
            Self::Pooled(analysis) => {
                visit(TextKind::Words, &mut analysis.title);
                words(&mut analysis.note, visit);
                words(&mut analysis.event, visit);
                analysis.arms.visit_texts(visit);
                if let Some(claim) = &mut analysis.published {
                    words(&mut claim.source, visit);
                    words(&mut claim.note, visit);
                }
            }
            Self::Survival(analysis) => {
                visit(TextKind::Words, &mut analysis.title);
                words(&mut analysis.note, visit);
                visit(TextKind::Words, &mut analysis.unit);
            }
            Self::Description(description) => {
                visit(TextKind::Words, &mut description.title);
                words(&mut description.note, visit);
                match &mut description.content {
                    DescriptionContent::Table(table) | DescriptionContent::Narrative(table) => {
                        table.visit_texts(visit);
                    }
                    DescriptionContent::Counts(counts) => counts.arms.visit_texts(visit),
                    DescriptionContent::AdverseEvents(events) => events.arms.visit_texts(visit),
                }
            }
        }
    }
}

impl Arms {
    fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        visit(TextKind::Words, &mut self.experimental);
        visit(TextKind::Words, &mut self.control);
    }
}

impl TableSpec {
    /// The footnotes are texts of the rows that were read.
    fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        for column in &mut self.columns {
            words(&mut column.group, visit);
            visit(TextKind::Words, &mut column.title);
        }
        visit(TextKind::Words, &mut self.missing);
        words(&mut self.notes, visit);
    }
}

fn words<'a>(texts: impl IntoIterator<Item = &'a mut String>, visit: &mut Visit<'_>) {
    texts.into_iter().for_each(|text| visit(TextKind::Words, text));
}

fn names<'a>(texts: impl IntoIterator<Item = &'a mut String>, visit: &mut Visit<'_>) {
    texts.into_iter().for_each(|text| visit(TextKind::Name, text));
}
