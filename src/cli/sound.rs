//! A review without mistakes, between the steps of a build.

use super::args::BuildArgs;
use super::build::override_presentation;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::{self, CheckedReview};
use crate::project::Inputs;
use crate::spec::Entry;
use std::borrow::Cow;

/// Reviews that are kept with their reports between the check and the build. Of more only names are
/// kept, and each is checked and prepared again in its turn, so that memory does not grow with them.
const KEPT: usize = 8;

/// Whether so many reviews are kept.
pub(super) fn are_kept(reviews: usize) -> bool {
    reviews <= KEPT
}

/// A review without mistakes, or some of its analyses.
pub(super) struct Sound<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) id: String,
    /// The label of its version.
    pub(super) label: String,
    /// The ids of its analyses.
    pub(super) analyses: Vec<String>,
    is_part: bool,
    kept: Option<CheckedReview>,
}

impl<'a> Sound<'a> {
    /// Checks a review, and keeps what was read if it `keeps` it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn check(
        inputs: &'a Inputs,
        keeps: bool,
        args: &BuildArgs,
    ) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self::of(inputs, read(inputs, args)?, false, keeps))
    }

    fn of(inputs: &'a Inputs, checked: CheckedReview, is_part: bool, keeps: bool) -> Self {
        let ids = checked.review.entries.iter().map(Entry::id);
        Self {
            inputs,
            id: checked.review.id.clone(),
            label: checked.label(),
            analyses: ids.map(str::to_owned).collect(),
            is_part,
            kept: keeps.then_some(checked),
        }
    }

    /// Only the analyses with these ids.
    ///
    /// # Errors
    /// An id that none of its analyses has, and a hint.
    pub(super) fn only(&self, ids: &[String], args: &BuildArgs) -> Result<Self, (String, String)> {
        let whole = self.review(args).map(Cow::into_owned);
        let part = whole.and_then(|whole| part(whole, ids)).map_err(|errors| {
            let messages = errors.into_iter().map(|error| error.message);
            (messages.collect::<Vec<_>>().join("; "), String::new())
        })?;
        Ok(Self::of(self.inputs, part, true, self.kept.is_some()))
    }

    /// The review as it was checked, or checked again.
    ///
    /// # Errors
    /// None where it was without mistakes: its inputs are the same.
    pub(super) fn review(
        &self,
        args: &BuildArgs,
    ) -> Result<Cow<'_, CheckedReview>, Vec<Diagnostic>> {
        if let Some(checked) = &self.kept {
            return Ok(Cow::Borrowed(checked));
        }
        let checked = read(self.inputs, args)?;
        let checked = if self.is_part { part(checked, &self.analyses)? } else { checked };
        Ok(Cow::Owned(checked))
    }
}

fn read(inputs: &Inputs, args: &BuildArgs) -> Result<CheckedReview, Vec<Diagnostic>> {
    let mut checked = pipeline::check(inputs)?;
    override_presentation(&mut checked, args);
    Ok(checked)
}

fn part(checked: CheckedReview, ids: &[String]) -> Result<CheckedReview, Vec<Diagnostic>> {
    checked.only(ids).map_err(|unknown| {
        let message = format!("no analysis has the id `{}`", unknown.join("`, `"));
        vec![Diagnostic::program_error(Code::UnknownChoice, message)]
    })
}
