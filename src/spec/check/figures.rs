//! Figures that an analysis can have.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::spec::figures::{Figure, FigureChoice};
use crate::spec::measure::Kind;
use crate::spec::model::{ModeratorScale, ModeratorSpec};

/// The figures of an analysis; a message for each that its kind or its moderators rule out.
pub(super) fn resolve(
    given: Option<Vec<Spanned<Figure>>>,
    kind: Option<&Spanned<Kind>>,
    moderators: &[ModeratorSpec],
    diagnostics: &mut Vec<Diagnostic>,
) -> FigureChoice {
    let Some(given) = given else { return FigureChoice::Usual };
    let asked = |figure| given.iter().find(|given| given.value == figure);
    if let (Some(labbe), Some(kind)) = (asked(Figure::Labbe), kind)
        && kind.value != Kind::Binary
    {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                labbe.place,
                format!("kind `{}` has no figure `labbe`", kind.value.name()),
            )
            .related(kind.place, "the kind")
            .help("`labbe` shows the event rates of two groups: it is for kind `binary`"),
        );
    }
    if let Some(bubble) = asked(Figure::Bubble) {
        let may_be_numeric =
            |moderator: &ModeratorSpec| moderator.scale != Some(ModeratorScale::Categorical);
        if !moderators.iter().any(may_be_numeric) {
            diagnostics.push(no_numeric_moderator(bubble));
        }
    }
    FigureChoice::Chosen(given)
}

/// The message about a bubble plot without an axis.
#[must_use]
pub fn no_numeric_moderator(bubble: &Spanned<Figure>) -> Diagnostic {
    Diagnostic::error(
        Code::Impossible,
        bubble.place,
        "`bubble` needs a numeric moderator, and the analysis has none",
    )
    .help("name a column of numbers under `moderators`, or remove `bubble`")
}
