//! Versions that were built apart, each in an output folder of its own, before they are put into one.

use super::kept::{Flaw, Kept};
use super::manifest::{Maker, Manifest, ONLY, Status};
use super::plan::{Cause, maker_causes};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::{Path, PathBuf};

/// A version in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands.
    pub folder: PathBuf,
    /// Id of the review.
    pub review: String,
    /// The name of its folder.
    pub label: String,
    /// The hash of all that its manifest says.
    pub seal: String,
}

/// Why parts cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// A version is not what was built.
    Flawed(PathBuf, Vec<Flaw>),
    /// A version is released; what is gathered are drafts.
    Released(PathBuf),
    /// A version stands under another name than its own.
    Renamed(PathBuf, String),
    /// Two versions were made otherwise.
    Makers(PathBuf, PathBuf, Vec<Cause>),
    /// Two versions of one name have different contents.
    Contents(PathBuf, PathBuf),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flawed(folder, flaws) => {
                let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
                write!(f, "`{}` is not what was built: {}", folder.display(), flaws.join(", "))
            }
            Self::Released(folder) => {
                write!(f, "`{}` is released, but drafts are gathered", folder.display())
            }
            Self::Renamed(folder, name) => {
                write!(f, "`{}` is the version `{name}`", folder.display())
            }
            Self::Makers(one, other, causes) => {
                write!(f, "`{}` was not built as `{}` was", other.display(), one.display())?;
                causes.iter().try_for_each(|cause| write!(f, "\n  {cause}"))
            }
            Self::Contents(one, other) => write!(
                f,
                "`{}` and `{}` are the same version with different contents",
                one.display(),
                other.display()
            ),
        }
    }
}

impl Part {
    /// A kept version as a part, with what made it but for the choice of analyses, in which versions
    /// that belong together differ.
    ///
    /// # Errors
    /// If it is not a whole draft under its own name.
    pub fn of(kept: &Kept) -> Result<(Self, Maker), Misfit> {
        let folder = kept.folder.clone();
        let (flaws, manifest) = (kept.flaws(), kept.manifest());
        let (Some(manifest), Some(seal), true) = (manifest, kept.seal(), flaws.is_empty()) else {
            return Err(Misfit::Flawed(folder, flaws));
        };
        if manifest.status == Status::Released {
            return Err(Misfit::Released(folder));
        }
        let label = manifest.label();
        let Manifest { review, mut maker, .. } = manifest.clone();
        maker.options.remove(ONLY);
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if (folder.parent().map(name), name(&folder)) != (Some(review.clone()), label.clone()) {
            return Err(Misfit::Renamed(folder, format!("{review}/{label}")));
        }
        Ok((Self { folder, review, label, seal }, maker))
    }
}

/// The parts that were looked at so far.
#[derive(Debug, Clone, Default)]
pub struct Gathering {
    /// The first part, with what made it.
    first: Option<(PathBuf, Maker)>,
    /// The folder and seal of each version, by review and label.
    versions: BTreeMap<(String, String), (PathBuf, String)>,
}

impl Gathering {
    /// Whether a part brings a version that is not there yet; `false` where one with the same
    /// contents is.
    ///
    /// # Errors
    /// If it was made otherwise than the first, or its version is there with other contents.
    pub fn add(&mut self, part: &Part, maker: Maker) -> Result<bool, Misfit> {
        let (first, first_maker) =
            self.first.get_or_insert_with(|| (part.folder.clone(), maker.clone()));
        if *first_maker != maker {
            let causes = maker_causes(first_maker, &maker);
            return Err(Misfit::Makers(first.clone(), part.folder.clone(), causes));
        }
        let name = (part.review.clone(), part.label.clone());
        match self.versions.entry(name) {
            Entry::Occupied(there) if there.get().1 != part.seal => {
                Err(Misfit::Contents(there.get().0.clone(), part.folder.clone()))
            }
            Entry::Occupied(_) => Ok(false),
            Entry::Vacant(place) => {
                place.insert((part.folder.clone(), part.seal.clone()));
                Ok(true)
            }
        }
    }
}
