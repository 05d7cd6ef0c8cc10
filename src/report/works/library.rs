//! How the works are printed: their bibliography, and the author's entries for the same works.

use super::Work;
use crate::data::{References, plain_doi};
use std::collections::BTreeMap;

/// The bibliography of the works that reports cite by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkLibrary {
    text: String,
    dois: BTreeMap<String, Work>,
}

impl WorkLibrary {
    /// Reads it from Hayagriva's YAML, with the program's version in the place of `{version}`.
    ///
    /// # Errors
    /// What is wrong with it: no YAML of this form, a work without an entry, an entry of no work.
    pub fn read(text: &str, version: &str) -> Result<Self, String> {
        let text = text.replace("{version}", version);
        let library = hayagriva::io::from_yaml_str(&text).map_err(|error| error.to_string())?;
        let mut dois = BTreeMap::new();
        for work in Work::ALL {
            let entry = library.get(work.key());
            let entry = entry.ok_or_else(|| format!("it has no entry `{}`", work.key()))?;
            if let Some(doi) = entry.doi() {
                dois.insert(plain_doi(doi), *work);
            }
        }
        match library.keys().find(|key| Work::ALL.iter().all(|work| work.key() != *key)) {
            Some(unknown) => Err(format!("no report cites its entry `{unknown}`")),
            None => Ok(Self { text, dois }),
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The author's entries that stand for works, by the works' keys: those with the same DOI that
    /// a text of the review cites, so that no work is listed twice.
    #[must_use]
    pub fn stand_ins(&self, author: &References) -> BTreeMap<&'static str, String> {
        let same = |(doi, key): (&String, &String)| Some((self.dois.get(doi)?.key(), key.clone()));
        author.dois.iter().filter_map(same).collect()
    }
}
