//! The progress bar of a build: how much is done, and what is being done.

use crate::pipeline::Stage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// The steps of one review: computing, setting, writing.
const STEPS: u64 = 3;

/// How often the time is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// A progress bar over the steps of several reviews, which may be at work at once.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// The bar of so many reviews, drawn on standard error where it is `shown`.
    pub(super) fn new(reviews: usize, shown: bool) -> Self {
        if !shown || reviews == 0 {
            return Self(ProgressBar::hidden());
        }
        let length = STEPS * reviews as u64;
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:30} {elapsed} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style);
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// A stage of the pipeline begins.
    pub(super) fn begin(&self, review: &str, stage: Stage) {
        match stage {
            Stage::Computing => self.0.set_message(format!("{review}: computing")),
            Stage::Setting => {
                self.0.inc(1);
                self.0.set_message(format!("{review}: setting the report"));
            }
        }
    }

    /// A report is set, and its files are written.
    pub(super) fn begin_writing(&self, review: &str) {
        self.0.inc(1);
        self.0.set_message(format!("{review}: writing"));
    }

    /// A review is done.
    pub(super) fn finish_one(&self) {
        self.0.inc(1);
    }

    /// Prints something without touching the bar.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
