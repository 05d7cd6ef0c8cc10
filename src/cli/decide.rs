//! Decisions on the changes between two versions: walked through, given by name, or checked.

use super::Outcome;
use super::args::DiffArgs;
use super::build::day_of;
use super::diff::Comparison;
use super::terminal::Terminal;
use crate::diagnostic::{Code, nearest_hint};
use crate::pipeline::ChangesForm;
use crate::report::view::DateView;
use crate::versions::review::{ChangesView, DecisionView};
use crate::versions::{Choice, Decision, Decisions, Item, Store, StoreError, items};
use std::io::BufRead;

/// The way out where the newer version is not kept.
const NOT_KEPT: &str =
    "decisions stand beside a kept version: build the review, and compare with that version";

/// What was decided on the changes that there are.
pub(super) fn decisions(comparison: &Comparison<'_>) -> Result<Vec<DecisionView>, StoreError> {
    let Some(folder) = &comparison.folder else { return Ok(Vec::new()) };
    let (store, label) = Store::of_version(folder);
    let decisions = store.decisions(&label)?;
    if decisions.decisions.is_empty() {
        return Ok(Vec::new());
    }
    let view = |item: Item| {
        let found = decisions.on(comparison.old_label(), &item)?;
        Some(DecisionView {
            item: item.id,
            decision: found.decision.name(),
            by: found.by.clone(),
            date: found.date.clone(),
            note: found.note.clone(),
        })
    };
    Ok(items(&comparison.json()).into_iter().filter_map(view).collect())
}

/// Runs `--review`, `--check`, `--accept` and `--reject`.
pub(super) fn run(args: &DiffArgs, comparison: &Comparison<'_>, terminal: &Terminal) -> Outcome {
    let Some(folder) = &comparison.folder else {
        terminal.failure(Code::NoVersion, "the newer version is not kept", NOT_KEPT);
        return Outcome::CannotWork;
    };
    let (store, label) = Store::of_version(folder);
    let desk = Desk { args, comparison, store, label, items: items(&comparison.json()), terminal };
    let done = if args.walk {
        let input = std::io::stdin().lock();
        desk.walk(input)
    } else {
        desk.decide_named()
    };
    match done {
        Ok(Outcome::Done) if args.check => desk.check().unwrap_or_else(|error| desk.told(&error)),
        Ok(outcome) => outcome,
        Err(error) => desk.told(&error),
    }
}

/// Where decisions are made.
struct Desk<'a> {
    args: &'a DiffArgs,
    comparison: &'a Comparison<'a>,
    store: Store,
    label: String,
    items: Vec<Item>,
    terminal: &'a Terminal,
}

impl Desk<'_> {
    fn told(&self, error: &StoreError) -> Outcome {
        self.terminal.store_error(error);
        Outcome::CannotWork
    }

    /// The changes on which nothing was decided yet.
    fn pending<'a>(&'a self, decisions: &Decisions) -> Vec<&'a Item> {
        let from = self.comparison.old_label();
        self.items.iter().filter(|item| decisions.on(from, item).is_none()).collect()
    }

    fn decide(&self, item: &Item, choice: Choice, note: &str) -> Result<(), StoreError> {
        let decision = Decision {
            from: self.comparison.old_label().to_owned(),
            item: item.id.clone(),
            fingerprint: item.fingerprint.clone(),
            decision: choice,
            by: self.args.by.clone().unwrap_or_else(user),
            date: today(),
            note: note.to_owned(),
        };
        let on_wait = || self.terminal.progress("a build of this review is at work: waiting");
        self.store.decide(&self.label, decision, on_wait).map(|_| ())
    }

    fn decide_named(&self) -> Result<Outcome, StoreError> {
        let asked = [(&self.args.accept, Choice::Accept), (&self.args.reject, Choice::Reject)];
        let is_known = |name: &&String| *name == "all" || self.items.iter().any(|i| i.id == **name);
        let names = asked.iter().flat_map(|(names, _)| names.iter());
        if let Some(unknown) = names.into_iter().find(|name| !is_known(name)) {
            let hint = nearest_hint(unknown, self.items.iter().map(|item| item.id.as_str()));
            self.terminal.failure(
                Code::Undecided,
                &format!("nothing changed in `{unknown}`"),
                &hint,
            );
            return Ok(Outcome::CannotWork);
        }
        for (names, choice) in asked {
            for item in &self.items {
                if names.iter().any(|name| name == "all" || *name == item.id) {
                    self.decide(item, choice, &self.args.note)?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn check(&self) -> Result<Outcome, StoreError> {
        let decisions = self.store.decisions(&self.label)?;
        let from = self.comparison.old_label();
        let rejected = self.items.iter().filter_map(|item| {
            let decision = decisions.on(from, item)?;
            (decision.decision == Choice::Reject).then_some((item, decision.note.as_str()))
        });
        let rejected: Vec<_> = rejected.collect();
        let pending = self.pending(&decisions);
        if pending.is_empty() && rejected.is_empty() {
            return Ok(Outcome::Done);
        }
        let mut lines = vec![format!(
            "{} undecided, {} rejected, of {}",
            pending.len(),
            rejected.len(),
            count(self.items.len())
        )];
        lines.extend(pending.iter().map(|item| format!("  undecided: {}", item.id)));
        lines.extend(rejected.iter().map(|(item, note)| match *note {
            "" => format!("  rejected: {}", item.id),
            note => format!("  rejected: {} ({note})", item.id),
        }));
        let help = "walk through them with `diff --review`, or accept one with `--accept CHANGE`";
        self.terminal.failure(Code::Undecided, &lines.join("\n"), help);
        Ok(Outcome::InputErrors)
    }

    /// Shows each undecided change and reads what to do with it, until the input ends.
    fn walk(&self, mut input: impl BufRead) -> Result<Outcome, StoreError> {
        let decisions = self.store.decisions(&self.label)?;
        let pending = self.pending(&decisions);
        let view = self.comparison.view();
        let mut decided = 0;
        'items: for (index, item) in pending.iter().enumerate() {
            let title = format!("\n[{}/{}] {}\n", index + 1, pending.len(), item.id);
            let outcome = self.terminal.data(&format!("{title}{}", self.shown(&view, item)));
            if outcome != Outcome::Done {
                return Ok(outcome);
            }
            let mut note = String::new();
            loop {
                self.terminal.data("a accept, r reject, n note, s skip, q quit: ");
                let Some(answer) = line(&mut input) else { break 'items };
                let choice = match answer.as_str() {
                    "a" | "accept" => Choice::Accept,
                    "r" | "reject" => Choice::Reject,
                    "s" | "skip" => break,
                    "q" | "quit" => break 'items,
                    "n" | "note" => {
                        self.terminal.data("note: ");
                        note = line(&mut input).unwrap_or_default();
                        continue;
                    }
                    _ => continue,
                };
                self.decide(item, choice, &note)?;
                decided += 1;
                break;
            }
        }
        let left = pending.len() - decided;
        self.terminal.progress(&format!("\n{} decided, {left} undecided", count(decided)));
        Ok(Outcome::Done)
    }

    fn shown(&self, view: &ChangesView, item: &Item) -> String {
        match self.comparison.form(&view.only(&item.id), ChangesForm::Item) {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(message) => format!("{message}\n"),
        }
    }
}

fn count(n: usize) -> String {
    format!("{n} {}", if n == 1 { "change" } else { "changes" })
}

/// The next line without its end; none where the input has ended.
fn line(input: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    match input.read_line(&mut text) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(text.trim().to_owned()),
    }
}

/// The name by which the system knows who runs the program.
#[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
fn user() -> String {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    name("USER").or_else(|| name("USERNAME")).unwrap_or_default()
}

/// The day on which a decision is made.
#[expect(clippy::disallowed_methods, reason = "a decision is made by a person on a day")]
fn today() -> String {
    let given = super::build::epoch().ok().flatten().map(|(seconds, _)| seconds);
    let now = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    let day = given.or_else(now).and_then(day_of);
    let text = |DateView { year, month, day }| format!("{year:04}-{month:02}-{day:02}");
    day.map(|(_, day)| text(day)).unwrap_or_default()
}
