//! The label of a study in its forest plot, as a house style prints it.

use crate::data::Study;
use crate::report::style::Pattern;
use crate::spec::{Segment, segments, without_citations};
use serde::Serialize;

/// A label in pieces, so that the citation of the study can stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StudyLabel {
    /// What stands before the citation.
    pub before: String,
    /// The keys of the author's references for the study; none where the style cites none.
    pub citations: Vec<String>,
    /// What stands behind it.
    pub after: String,
}

impl StudyLabel {
    /// The label by the pattern of a style. A label that gives no author and year is left as it is,
    /// and has the citation behind it. What a study cites stands in its label or its source.
    pub(super) fn new(study: &Study, pattern: &Pattern) -> Self {
        if !pattern.is_of("author") {
            return Self::plain(study.label.clone());
        }
        let citations = match pattern.is_of("citation") {
            true => citations(study),
            false => Vec::new(),
        };
        let label = without_citations(&study.label);
        match author_and_year(label.trim(), study.year.as_deref()) {
            Some((author, year)) => {
                let author = match author.strip_suffix("al.") {
                    Some(start) => format!("{start}al"),
                    None => author.to_owned(),
                };
                let filled = |part: Pattern| part.fill(&[("author", &author), ("year", year)]);
                let [before, after] = pattern.around("citation").map(filled);
                Self { before, citations, after }
            }
            None => Self { citations, ..Self::plain(label.into_owned()) },
        }
    }

    fn plain(label: String) -> Self {
        Self { before: label, citations: Vec::new(), after: String::new() }
    }

    /// The label without a citation.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.before, self.after).trim_end().to_owned()
    }
}

/// The keys that the label and the source of a study cite, each once.
fn citations(study: &Study) -> Vec<String> {
    let texts = [Some(study.label.as_str()), study.source.as_deref()];
    let mut keys: Vec<String> = Vec::new();
    for segment in texts.into_iter().flatten().flat_map(segments) {
        if let Segment::Citation(cited) = segment {
            for key in cited {
                if !keys.iter().any(|known| known == key) {
                    keys.push(key.to_owned());
                }
            }
        }
    }
    keys
}

/// Author and year of a label that ends in a year, or of one without any whose year has a column.
fn author_and_year<'a>(label: &'a str, year: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    let year = year.map(str::trim).filter(|year| is_year(year));
    if let Some((author, last)) = label.rsplit_once(char::is_whitespace) {
        let bare = last.strip_prefix('(').and_then(|last| last.strip_suffix(')')).unwrap_or(last);
        if is_year(bare) {
            let author = author.trim_end().trim_end_matches(',');
            let agrees = year.is_none_or(|year| bare.starts_with(&year[..4]));
            let fits = agrees && !author.is_empty() && !has_year(author);
            return fits.then_some((author, bare));
        }
    }
    let year = year.filter(|_| !has_year(label) && !label.is_empty())?;
    Some((label, year))
}

/// A year, perhaps with the letter that tells two papers of it apart.
fn is_year(text: &str) -> bool {
    let digits = text.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(text);
    digits.len() == 4
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && ["19", "20"].iter().any(|century| digits.starts_with(century))
}

fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 4)
}

#[cfg(test)]
mod tests {
    use super::author_and_year;

    #[test]
    fn labels_are_taken_apart_only_where_they_are_author_and_year() {
        let fit = |label, year| author_and_year(label, year);
        assert_eq!(fit("Smith et al 2014", None), Some(("Smith et al", "2014")));
        assert_eq!(fit("Smith, 2014b", Some("2014")), Some(("Smith", "2014b")));
        assert_eq!(fit("van der Berg (2014)", None), Some(("van der Berg", "2014")));
        assert_eq!(fit("ISIS-2", Some("1988")), Some(("ISIS-2", "1988")));
        for whole in ["ISIS-2", "2014", "Smith 2014, high dose", "(Smith 2014)", "Smith 2014 (2)"] {
            assert_eq!(fit(whole, None), None, "{whole}");
            assert_eq!(fit("Smith 2014, high dose", Some("2014")), None);
        }
        assert_eq!(fit("Smith 2014", Some("2015")), None);
        assert_eq!(fit("Smith 2013 2014", None), None);
        assert_eq!(fit("王伟2021", Some("2021")), None);
        assert_eq!(fit("Smith", Some("in press")), None);
    }
}
