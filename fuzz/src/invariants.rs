//! What must hold whatever the input is.

use build_report::analysis::Findings;
use build_report::diagnostic::{Diagnostic, Location};
use build_report::pipeline::CheckedReview;
use build_report::report::results::results;
use build_report::report::verdict::EffectVerdict;
use build_report::source::{Place, Sources};
use build_report::spec::Analysis;
use build_report::yaml::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use typst_syntax::{SyntaxKind, SyntaxNode};

/// The text at a place, which lies in its source between two characters.
pub(super) fn expect_place(sources: &Sources, place: Place) -> &str {
    let text = &sources.get(place.source).text;
    let (line, column) = sources.line_and_column(place);
    assert!(line >= 1 && column >= 1);
    text.get(place.span.start..place.span.end)
        .unwrap_or_else(|| panic!("{place:?} is not in the text"))
}

/// Every message says something, at a place that there is.
pub(super) fn expect_diagnostics(sources: &Sources, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty());
        if let Location::Place(place) = diagnostic.location {
            expect_place(sources, place);
        }
        for (place, _) in &diagnostic.related {
            expect_place(sources, *place);
        }
    }
}

pub(super) fn expect_node(sources: &Sources, node: &Node) {
    expect_place(sources, node.place);
    match &node.value {
        Value::Null | Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| expect_node(sources, item)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            expect_node(sources, key);
            expect_node(sources, value);
        }),
    }
}

/// Numbers are numbers, intervals hold their estimates, P values are probabilities, and verdicts
/// agree with them.
pub(super) fn expect_sound_findings(checked: CheckedReview) {
    let findings = checked.analyse();
    for (spec, found) in findings.analyses() {
        expect_sound_pooled(spec, found);
    }
    assert!(serde_json::to_string(&results(&findings)).is_ok());
}

fn expect_sound_pooled(spec: &Analysis, found: &Findings) {
    let alpha = 1.0 - spec.model.level;
    let pooled = found.pooled.as_ref().map_err(|reason| *reason);
    let verdict = EffectVerdict::of(spec.measure, pooled, alpha);
    let Ok(pooled) = pooled else {
        assert_eq!(verdict, EffectVerdict::NotEstimable);
        return;
    };
    let effect = &pooled.effect;
    let (estimate, p) = (effect.estimate, effect.p_value);
    let (lower, upper) = (effect.ci_lower, effect.ci_upper);
    assert!(estimate.is_finite() && lower.is_finite() && upper.is_finite(), "{effect:?}");
    assert!(lower <= estimate && estimate <= upper, "{effect:?}");
    assert!((0.0..=1.0).contains(&p), "{effect:?}");
    let expected = match (spec.measure.is_single_group(), p <= alpha, estimate > 0.0) {
        (true, ..) => EffectVerdict::Estimated,
        (_, false, _) => EffectVerdict::NotSignificant,
        (_, _, true) => EffectVerdict::Higher,
        (..) => EffectVerdict::Lower,
    };
    assert_eq!(verdict, expected, "{effect:?}");
    // the interval at the same level excludes the null where P does not allow it, away from the edge
    let is_far = (p - alpha).abs() > 1e-6;
    if is_far && !spec.measure.is_single_group() {
        assert_eq!(p < alpha, lower > 0.0 || upper < 0.0, "{effect:?} at {alpha}");
    }
}

/// What only markup makes.
const MARKUP: [SyntaxKind; 16] = [
    SyntaxKind::Strong,
    SyntaxKind::Emph,
    SyntaxKind::Raw,
    SyntaxKind::Link,
    SyntaxKind::Label,
    SyntaxKind::Ref,
    SyntaxKind::Heading,
    SyntaxKind::ListItem,
    SyntaxKind::EnumItem,
    SyntaxKind::TermItem,
    SyntaxKind::Equation,
    SyntaxKind::ModuleImport,
    SyntaxKind::ModuleInclude,
    SyntaxKind::LineComment,
    SyntaxKind::BlockComment,
    SyntaxKind::Shorthand,
];

/// The sources with `text` in every place parse, call what those with a plain word call, have no
/// other markup, and hold the text in a string literal.
pub(super) fn expect_no_markup(
    text: &str,
    sources: &BTreeMap<String, String>,
    benign: &BTreeMap<String, String>,
) {
    for (path, source) in sources {
        let (found, expected) = (Seen::of(source), Seen::of(&benign[path]));
        assert!(found.errors.is_empty(), "`{path}`: {:?}", found.errors);
        // a cell has room of its own where a text needs more than a line
        let is_new = |name: &&String| *name != "cell";
        let new: Vec<_> = found.called.difference(&expected.called).filter(is_new).collect();
        assert!(new.is_empty(), "`{path}` calls {new:?} with {text:?}");
        assert_eq!(found.markup, expected.markup, "`{path}` has other markup with {text:?}");
    }
}

#[derive(Default)]
struct Seen {
    errors: Vec<String>,
    /// What is called.
    called: BTreeSet<String>,
    /// How often there is markup of a kind.
    markup: BTreeMap<String, usize>,
}

impl Seen {
    fn of(source: &str) -> Self {
        let root = typst_syntax::parse(source);
        let (errors, _) = root.errors_and_warnings();
        let errors = errors.iter().map(|error| error.message.to_string()).collect();
        let mut seen = Self { errors, ..Self::default() };
        seen.visit(&root);
        seen
    }

    fn visit(&mut self, node: &SyntaxNode) {
        if is_data(node) {
            return;
        }
        if MARKUP.contains(&node.kind()) {
            *self.markup.entry(format!("{:?}", node.kind())).or_default() += 1;
        }
        if node.kind() == SyntaxKind::FuncCall
            && let Some(callee) = node.children().next()
        {
            self.called.insert(name_of(callee));
        }
        node.children().for_each(|child| self.visit(child));
    }
}

/// Whether this is `json(bytes("…"))`: data in a literal, of which nothing is called.
fn is_data(call: &SyntaxNode) -> bool {
    argument_of("json", call)
        .and_then(|bytes| argument_of("bytes", bytes))
        .is_some_and(|literal| literal.kind() == SyntaxKind::Str)
}

/// The only argument of a call of this function.
fn argument_of<'a>(function: &str, call: &'a SyntaxNode) -> Option<&'a SyntaxNode> {
    let parts: Vec<_> = call.children().collect();
    let [callee, arguments] = parts[..] else { return None };
    let is_call = call.kind() == SyntaxKind::FuncCall && name_of(callee) == function;
    let inner: Vec<_> = arguments.children().collect();
    match inner[..] {
        [_, argument, _] if is_call && callee.kind() == SyntaxKind::Ident => Some(argument),
        _ => None,
    }
}

/// The name of what is called: a function's, or a method's whatever it is called on.
fn name_of(callee: &SyntaxNode) -> String {
    let last = callee.children().next_back().unwrap_or(callee);
    match last.kind() {
        SyntaxKind::Ident | SyntaxKind::MathIdent => last.full_text().to_string(),
        kind => format!("{kind:?}"),
    }
}
