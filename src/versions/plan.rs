//! Whether a version has to be built, and why.

use super::input_changes::{InputChange, input_changes};
use super::kept::{Flaw, Kept};
use super::manifest::{Maker, Status};
use crate::project::{Inputs, TEMPLATES, is_spec};
use crate::spec::Review;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What becomes of the version that a review is to be built as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// There is none yet.
    New,
    /// It is what a build would write.
    Unchanged,
    /// It is a draft, and a build would write another.
    Rebuild(Vec<Cause>),
    /// It is released and stays as it is, although a build by this program would write another.
    Stays(Vec<Cause>),
    /// It is released, and the inputs are no longer those it was built from.
    Refused(Vec<Cause>),
    /// It is released, and its folder is gone or not what was released.
    Damaged(Vec<Cause>),
}

/// Why a version is not what a build would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The folder is not what was written.
    Flaw(Flaw),
    /// The inputs changed, with the ids of the analyses that the change is about.
    Input(Vec<String>, InputChange),
    /// Something that a build depends on has another value: its name, the value before and now.
    Setting(&'static str, String, String),
    /// A command-line argument has another value.
    Option(String, String, String),
    /// A template or font changed.
    Asset(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaw(flaw) => flaw.fmt(f),
            Self::Input(analyses, change) => {
                const MOST: usize = 3;
                match analyses.len() {
                    0 => {}
                    1..=MOST => write!(f, "{}: ", analyses.join(", "))?,
                    n => write!(f, "{} and {} more: ", analyses[..MOST].join(", "), n - MOST)?,
                }
                change.fmt(f)
            }
            Self::Setting(name, old, new) => write!(f, "{name} is `{new}`, was `{old}`"),
            Self::Option(name, old, new) => write!(f, "`--{name}` is `{new}`, was `{old}`"),
            Self::Asset(name) => write!(f, "the template or font `{name}` changed"),
        }
    }
}

impl Plan {
    /// Compares a kept version with what `review`, read from `inputs`, would be built into.
    #[must_use]
    pub fn of(
        kept: Option<&Kept>,
        is_released: bool,
        review: &Review,
        inputs: &Inputs,
        maker: &Maker,
    ) -> Self {
        let Some(kept) = kept else {
            return if is_released {
                Self::Damaged(vec![Cause::Flaw(Flaw::Gone)])
            } else {
                Self::New
            };
        };
        let flaws: Vec<Cause> = kept.flaws().into_iter().map(Cause::Flaw).collect();
        let manifest = kept.manifest();
        let is_released =
            is_released || manifest.is_some_and(|manifest| manifest.status == Status::Released);
        if is_released && !flaws.is_empty() {
            return Self::Damaged(flaws);
        }
        let Some(manifest) = manifest else { return Self::Rebuild(flaws) };
        let inputs_changed = changes(kept, review, inputs);
        let makers = maker_causes(&manifest.maker, maker);
        let all =
            || flaws.iter().chain(&inputs_changed).chain(&makers).cloned().collect::<Vec<_>>();
        match (is_released, all()) {
            (_, causes) if causes.is_empty() => Self::Unchanged,
            (false, causes) => Self::Rebuild(causes),
            (true, causes) if inputs_changed.is_empty() => Self::Stays(causes),
            (true, _) => Self::Refused(inputs_changed),
        }
    }
}

/// How the inputs differ from those that a version was built from.
#[must_use]
pub fn changes(kept: &Kept, review: &Review, inputs: &Inputs) -> Vec<Cause> {
    let mut tables: BTreeSet<String> = review.table_paths().map(str::to_owned).collect();
    tables.extend(kept.manifest().into_iter().flat_map(|manifest| manifest.inputs.keys().cloned()));
    tables.retain(|name| !is_spec(name) && !name.starts_with(TEMPLATES));
    let ids = |change: &InputChange| {
        let analyses = change.analyses(&review.entries, inputs);
        analyses.into_iter().map(str::to_owned).collect()
    };
    input_changes(&kept.inputs(), inputs, &tables)
        .into_iter()
        .map(|change| Cause::Input(ids(&change), change))
        .collect()
}

/// How two makers differ.
#[must_use]
pub fn maker_causes(old: &Maker, new: &Maker) -> Vec<Cause> {
    let mut causes = Vec::new();
    let epoch =
        |maker: &Maker| maker.source_date_epoch.map_or("not set".to_owned(), |s| s.to_string());
    for (name, old, new) in [
        ("the program", old.program.clone(), new.program.clone()),
        ("the engine", old.engine.clone(), new.engine.clone()),
        ("`SOURCE_DATE_EPOCH`", epoch(old), epoch(new)),
    ] {
        if old != new {
            causes.push(Cause::Setting(name, old, new));
        }
    }
    for (name, old, new) in differing(&old.options, &new.options) {
        let text = |value: Option<&String>| value.map_or("not given", String::as_str).to_owned();
        causes.push(Cause::Option(name.clone(), text(old), text(new)));
    }
    let assets = [(&old.templates, &new.templates), (&old.fonts, &new.fonts)];
    for (old, new) in assets {
        causes.extend(differing(old, new).map(|(name, _, _)| Cause::Asset(name.clone())));
    }
    causes
}

fn differing<'a>(
    old: &'a BTreeMap<String, String>,
    new: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (&'a String, Option<&'a String>, Option<&'a String>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .map(|name| (name, old.get(name), new.get(name)))
        .filter(|(_, old, new)| old != new)
}
