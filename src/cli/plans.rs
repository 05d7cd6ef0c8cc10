//! What becomes of versions, in words.

use super::Outcome;
use super::terminal::{RAISE, Terminal};
use crate::diagnostic::Code;
use crate::versions::{Cause, Plan};

/// How many causes are told; the rest is counted.
const MOST_CAUSES: usize = 5;

/// Why the version `label` of a review is written, or not.
pub(super) fn tell(review: &str, label: &str, plan: &Plan, terminal: &Terminal) {
    let name = format!("{review} {label}");
    let (title, causes) = match plan {
        Plan::New => (format!("{name}: new"), &[][..]),
        Plan::Unchanged => (format!("{name}: nothing changed"), &[][..]),
        Plan::Rebuild(causes) => (format!("{name}: built again"), &causes[..]),
        Plan::Stays(causes) => (format!("{name}: released, and stays as it is"), &causes[..]),
        Plan::Refused(_) | Plan::Damaged(_) => return,
    };
    terminal.progress(&title);
    for line in cause_lines(causes) {
        terminal.progress(&line);
    }
}

/// Tells that a released version stands in the way, if it does.
pub(super) fn refuse(review: &str, label: &str, plan: &Plan, terminal: &Terminal) -> Outcome {
    let (code, what, causes, help) = match plan {
        Plan::Refused(causes) => {
            let what = "is released and never changes, but its inputs did";
            (Code::Released, what, causes, RAISE.to_owned())
        }
        Plan::Damaged(causes) => {
            let help = format!("bring it back from a copy, or {RAISE}");
            (Code::Damaged, "is released, but not what was released", causes, help)
        }
        Plan::New | Plan::Unchanged | Plan::Rebuild(_) | Plan::Stays(_) => return Outcome::Done,
    };
    let message = format!("`{review}` {label} {what}\n{}", cause_lines(causes).join("\n"));
    terminal.failure(code, &message, &help);
    Outcome::InputErrors
}

fn cause_lines(causes: &[Cause]) -> Vec<String> {
    let mut lines: Vec<String> =
        causes.iter().take(MOST_CAUSES).map(|cause| format!("  {cause}")).collect();
    if causes.len() > MOST_CAUSES {
        lines.push(format!("  and {} more", causes.len() - MOST_CAUSES));
    }
    lines
}
