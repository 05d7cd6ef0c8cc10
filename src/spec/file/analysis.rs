//! An analysis file, or the defaults of a review, as written.

use super::super::claim::Claim;
use super::super::figures::Figure;
use super::super::mapping::{Mapping, Written, expect_scalar, scalar, wrong_type};
use super::super::measure::{Kind, Measure};
use super::super::model::{
    Acceptance, Benefit, Filter, ModeratorScale, ModeratorSpec, MultiArm, Permutation,
};
use super::super::tables::AskedTable;
use super::super::yaml::{Node, Value};
use super::claim::{read_acceptances, read_claim};
use super::columns::{ColumnsFile, EstimatesFile};
use super::conventions::{ConventionsFile, STANDARDISED_VARIANCES};
use super::figures::read_figures;
use super::filter::read_filter;
use super::model::ModelFile;
use super::small_study::SmallStudyFile;
use super::tables::{TableFile, read_asked};
use super::updates::UpdatesFile;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::stats::binary::AddTo;
use crate::stats::continuous::{DifferenceVariance, StandardisedVariance};
use crate::stats::survival::IntervalScale;

/// An analysis file, or the `defaults` of a review.
#[derive(Debug, Default)]
pub(in crate::spec) struct AnalysisFile {
    pub(in crate::spec) id: Option<Spanned<String>>,
    pub(in crate::spec) title: Option<Spanned<String>>,
    pub(in crate::spec) note: Vec<String>,
    pub(in crate::spec) sensitivity_of: Option<Spanned<String>>,
    pub(in crate::spec) event: Option<Spanned<String>>,
    pub(in crate::spec) kind: Option<Spanned<KindFile>>,
    pub(in crate::spec) data: Option<Spanned<String>>,
    pub(in crate::spec) filter: Vec<Filter>,
    pub(in crate::spec) columns: ColumnsFile,
    pub(in crate::spec) estimates: EstimatesFile,
    pub(in crate::spec) multi_arm: Option<Spanned<MultiArm>>,
    pub(in crate::spec) experimental: Option<String>,
    pub(in crate::spec) control: Option<String>,
    pub(in crate::spec) measure: Option<Spanned<Measure>>,
    pub(in crate::spec) benefit: Option<Benefit>,
    pub(in crate::spec) add: Option<f64>,
    pub(in crate::spec) to: Option<AddTo>,
    pub(in crate::spec) drop00: Option<bool>,
    pub(in crate::spec) vtype: Option<Spanned<VarianceType>>,
    pub(in crate::spec) model: ModelFile,
    pub(in crate::spec) subgroups: Option<Spanned<String>>,
    pub(in crate::spec) moderators: Vec<ModeratorSpec>,
    pub(in crate::spec) permutation: Option<Permutation>,
    pub(in crate::spec) small_study: SmallStudyFile,
    pub(in crate::spec) conventions: ConventionsFile,
    pub(in crate::spec) sensitivity: SensitivityFile,
    pub(in crate::spec) figures: Option<Vec<Spanned<Figure>>>,
    pub(in crate::spec) risk_of_bias_columns: Option<Spanned<bool>>,
    pub(in crate::spec) survival: SurvivalFile,
    pub(in crate::spec) table: Option<TableFile>,
    pub(in crate::spec) tables: Vec<Spanned<AskedTable>>,
    /// The organ classes of adverse events in the order of print.
    pub(in crate::spec) classes: Vec<Spanned<String>>,
    pub(in crate::spec) updates: UpdatesFile,
    pub(in crate::spec) published: Option<Claim>,
    pub(in crate::spec) accept: Vec<Acceptance>,
    pub(in crate::spec) written: Written,
    /// Whether reading it met a mistake: what its data seem to show may then be a consequence.
    pub(in crate::spec) has_mistakes: bool,
}

/// The kinds of analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spec) enum KindFile {
    Pooled(Kind),
    Survival,
    Table,
    Narrative,
    AdverseEvents,
}

/// The kinds without studies whose effects are pooled.
pub(in crate::spec) const OTHER_KINDS: [(&str, KindFile); 4] = [
    ("survival", KindFile::Survival),
    ("table", KindFile::Table),
    ("narrative", KindFile::Narrative),
    ("adverse-events", KindFile::AdverseEvents),
];

/// metafor's `vtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spec) enum VarianceType {
    /// LS: of a difference, or of a standardised difference.
    Usual,
    /// HO: of a difference.
    Difference(DifferenceVariance),
    /// Of a standardised difference.
    Standardised(StandardisedVariance),
}

/// The `sensitivity` of a spec.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct SensitivityFile {
    pub(in crate::spec) other_models: Option<bool>,
    pub(in crate::spec) influence: Option<bool>,
    pub(in crate::spec) leave_one_out: Option<bool>,
    pub(in crate::spec) cumulative: Option<bool>,
}

/// The `survival` of a spec.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct SurvivalFile {
    pub(in crate::spec) unit: Option<String>,
    pub(in crate::spec) landmarks: Option<Vec<f64>>,
    pub(in crate::spec) intervals: Option<IntervalScale>,
}

impl AnalysisFile {
    /// Reads the tree of an analysis file in a review with these defaults.
    pub(in crate::spec) fn read(
        node: &Node,
        defaults: &Self,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        Self::read_part(node, Some(defaults), diagnostics)
    }

    /// Reads the `defaults` of a review.
    pub(super) fn read_defaults(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Self::read_part(node, None, diagnostics)
    }

    fn read_part(node: &Node, defaults: Option<&Self>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let before = diagnostics.len();
        let mut file = Self::read_keys(node, defaults, diagnostics);
        file.has_mistakes = diagnostics.len() > before;
        file
    }

    fn read_keys(node: &Node, defaults: Option<&Self>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let is_defaults = defaults.is_none();
        let what = if is_defaults { "the defaults of a review" } else { "an analysis" };
        let Some(mut map) = Mapping::open(node, what, diagnostics) else {
            return Self::default();
        };
        let mut file = Self::default();
        if !is_defaults {
            file.id = map.text("id", diagnostics);
            file.title = map.line("title", diagnostics);
            file.note = map.texts("note", diagnostics);
            file.sensitivity_of = map.text("sensitivity_of", diagnostics);
            file.event = map.line("event", diagnostics);
            if let Some(accept) = map.take("accept") {
                file.accept = read_acceptances(accept, diagnostics);
            }
        }
        let mut kinds = Kind::ALL.map(|kind| (kind.name(), KindFile::Pooled(kind))).to_vec();
        kinds.extend(OTHER_KINDS);
        let kind = map.spanned_choice("kind", &kinds, diagnostics);
        let of_defaults = defaults.and_then(|defaults| defaults.kind.as_ref());
        let measures = match kind.as_ref().or(of_defaults).map(|kind| &kind.value) {
            Some(KindFile::Pooled(kind)) => kind.measures(),
            _ => &Measure::ALL,
        };
        file = Self {
            kind,
            data: map.text("data", diagnostics),
            measure: map.likely_choice(
                "measure",
                &Measure::ALL.map(|measure| (measure.code(), measure)),
                measures.iter().map(|measure| measure.code()),
                diagnostics,
            ),
            benefit: map.choice(
                "benefit",
                &[("lower", Benefit::Lower), ("higher", Benefit::Higher)],
                diagnostics,
            ),
            add: map.number("add", diagnostics),
            to: map.choice(
                "to",
                &[
                    ("only0", AddTo::OnlyZero),
                    ("all", AddTo::All),
                    ("if0all", AddTo::IfAnyZero),
                    ("none", AddTo::None),
                ],
                diagnostics,
            ),
            drop00: map.boolean("drop00", diagnostics),
            vtype: map.spanned_choice("vtype", &variance_types(), diagnostics),
            multi_arm: map.spanned_choice(
                "multi_arm",
                &[("split", MultiArm::Split), ("combine", MultiArm::Combine)],
                diagnostics,
            ),
            written: map.written(),
            ..file
        };
        file.published = map.take("published").and_then(|node| read_claim(node, diagnostics));
        if let Some(filter) = map.take("filter") {
            file.filter = read_filter(filter, diagnostics);
        }
        if let Some(columns) = map.take("columns") {
            file.columns = ColumnsFile::read(columns, diagnostics);
        }
        if let Some(estimates) = map.mapping("estimates", diagnostics) {
            file.estimates = EstimatesFile::read(estimates, diagnostics);
        }
        if let Some(mut arms) = map.mapping("arms", diagnostics) {
            file.experimental = arms.line("experimental", diagnostics).map(|text| text.value);
            file.control = arms.line("control", diagnostics).map(|text| text.value);
            arms.close(diagnostics);
        }
        if let Some(model) = map.mapping("model", diagnostics) {
            file.model = ModelFile::read(model, diagnostics);
        }
        file.subgroups = map.text("subgroups", diagnostics);
        if let Some(moderators) = map.take("moderators") {
            file.moderators = read_moderators(moderators, diagnostics);
        }
        if let Some(permutation) = map.mapping("permutation", diagnostics) {
            file.permutation = Some(read_permutation(permutation, diagnostics));
        }
        if let Some(small_study) = map.mapping("small_study", diagnostics) {
            file.small_study = SmallStudyFile::read(small_study, diagnostics);
        }
        if let Some(conventions) = map.mapping("conventions", diagnostics) {
            file.conventions = ConventionsFile::read(conventions, diagnostics);
        }
        if let Some(sensitivity) = map.mapping("sensitivity", diagnostics) {
            file.sensitivity = SensitivityFile::read(sensitivity, diagnostics);
        }
        file.figures = map.take("figures").map(|node| read_figures(node, diagnostics));
        let choices = [("true", true), ("false", false)];
        file.risk_of_bias_columns =
            map.spanned_choice("risk_of_bias_columns", &choices, diagnostics);
        if let Some(survival) = map.mapping("survival", diagnostics) {
            file.survival = SurvivalFile::read(survival, diagnostics);
        }
        file.table =
            map.take("table").and_then(|node| TableFile::read(node, "table", false, diagnostics));
        file.tables = read_asked(&mut map, diagnostics);
        file.classes = map.spanned_texts("classes", diagnostics);
        if let Some(updates) = map.mapping("updates", diagnostics) {
            file.updates = UpdatesFile::read(updates, diagnostics);
        }
        map.close(diagnostics);
        file
    }

    /// This file with `defaults` where it says nothing; mappings are merged key by key.
    pub(in crate::spec) fn over(self, defaults: &Self) -> Self {
        let mut filter: Vec<Filter> = defaults
            .filter
            .iter()
            .filter(|inherited| {
                self.filter.iter().all(|own| own.column.value != inherited.column.value)
            })
            .cloned()
            .collect();
        filter.extend(self.filter);
        let moderators =
            if self.moderators.is_empty() { defaults.moderators.clone() } else { self.moderators };
        Self {
            id: self.id,
            title: self.title,
            note: self.note,
            sensitivity_of: self.sensitivity_of,
            event: self.event,
            kind: self.kind.or_else(|| defaults.kind.clone()),
            data: self.data.or_else(|| defaults.data.clone()),
            filter,
            columns: self.columns.over(&defaults.columns),
            estimates: self.estimates.over(&defaults.estimates),
            multi_arm: self.multi_arm.or_else(|| defaults.multi_arm.clone()),
            experimental: self.experimental.or_else(|| defaults.experimental.clone()),
            control: self.control.or_else(|| defaults.control.clone()),
            measure: self.measure.or_else(|| defaults.measure.clone()),
            benefit: self.benefit.or(defaults.benefit),
            add: self.add.or(defaults.add),
            to: self.to.or(defaults.to),
            drop00: self.drop00.or(defaults.drop00),
            vtype: self.vtype.or_else(|| defaults.vtype.clone()),
            model: self.model.over(&defaults.model),
            subgroups: self.subgroups.or_else(|| defaults.subgroups.clone()),
            moderators,
            permutation: self.permutation.or(defaults.permutation),
            small_study: self.small_study.over(&defaults.small_study),
            conventions: self.conventions.over(&defaults.conventions),
            sensitivity: self.sensitivity.over(&defaults.sensitivity),
            figures: self.figures.or_else(|| defaults.figures.clone()),
            risk_of_bias_columns: self
                .risk_of_bias_columns
                .or_else(|| defaults.risk_of_bias_columns.clone()),
            survival: self.survival.over(&defaults.survival),
            table: self.table.or_else(|| defaults.table.clone()),
            tables: if self.tables.is_empty() { defaults.tables.clone() } else { self.tables },
            classes: if self.classes.is_empty() { defaults.classes.clone() } else { self.classes },
            updates: self.updates.over(&defaults.updates),
            published: self.published.map(|claim| Claim {
                source: claim.source.or_else(|| defaults.published.as_ref()?.source.clone()),
                ..claim
            }),
            accept: self.accept,
            written: self.written.and(&defaults.written),
            has_mistakes: self.has_mistakes || defaults.has_mistakes,
        }
    }
}

impl SensitivityFile {
    fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let file = Self {
            other_models: map.boolean("other_models", diagnostics),
            influence: map.boolean("influence", diagnostics),
            leave_one_out: map.boolean("leave_one_out", diagnostics),
            cumulative: map.boolean("cumulative", diagnostics),
        };
        map.close(diagnostics);
        file
    }

    fn over(self, defaults: &Self) -> Self {
        super::inherit!(self, defaults, { other_models, influence, leave_one_out, cumulative })
    }
}

impl SurvivalFile {
    fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let written = map.spanned_texts("landmarks", diagnostics);
        let mut landmarks = Vec::new();
        for text in &written {
            match text.value.parse::<f64>().ok().filter(|time| time.is_finite() && *time >= 0.0) {
                Some(time) => landmarks.push(time),
                None => diagnostics.push(
                    Diagnostic::error(
                        Code::WrongType,
                        text.place,
                        format!("a landmark is `{}`", text.value),
                    )
                    .label("expected a time of 0 or more"),
                ),
            }
        }
        let file = Self {
            unit: map.text("unit", diagnostics).map(|unit| unit.value),
            landmarks: (!landmarks.is_empty()).then_some(landmarks),
            intervals: map.choice(
                "intervals",
                &[
                    ("log", IntervalScale::Log),
                    ("log-log", IntervalScale::LogLog),
                    ("plain", IntervalScale::Plain),
                ],
                diagnostics,
            ),
        };
        map.close(diagnostics);
        file
    }

    fn over(self, defaults: &Self) -> Self {
        super::inherit!(self, defaults, { unit, landmarks, intervals })
    }
}

fn variance_types() -> Vec<(&'static str, VarianceType)> {
    let mut types = vec![
        ("LS", VarianceType::Usual),
        ("HO", VarianceType::Difference(DifferenceVariance::Pooled)),
    ];
    types.extend(
        STANDARDISED_VARIANCES
            .iter()
            .filter(|(name, _)| *name != "LS" && *name != "revman")
            .map(|(name, variance)| (*name, VarianceType::Standardised(*variance))),
    );
    types
}

/// A list whose items are names of columns, or mappings with `column`, `type` and `reference`.
fn read_moderators(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<ModeratorSpec> {
    let items = match &node.value {
        Value::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut moderators: Vec<ModeratorSpec> = Vec::new();
    for item in items {
        let Some(moderator) = read_moderator(item, diagnostics) else { continue };
        let first = moderators.iter().find(|known| known.column.value == moderator.column.value);
        if let Some(first) = first {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    moderator.column.place,
                    format!("the moderator `{}` stands twice", moderator.column.value),
                )
                .related(first.column.place, "the first one"),
            );
        } else {
            moderators.push(moderator);
        }
    }
    moderators
}

fn read_moderator(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<ModeratorSpec> {
    if let Some(column) = scalar(node) {
        return Some(ModeratorSpec { column, scale: None, reference: None });
    }
    if !matches!(node.value, Value::Mapping(_)) {
        diagnostics.push(wrong_type(node, "a moderator", "a column, or a mapping with `column`"));
        return None;
    }
    let mut map = Mapping::open(node, "a moderator", diagnostics)?;
    let column = map.take("column");
    let scale = map.choice(
        "type",
        &[("numeric", ModeratorScale::Numeric), ("categorical", ModeratorScale::Categorical)],
        diagnostics,
    );
    let reference = map.text("reference", diagnostics);
    map.close(diagnostics);
    let Some(column) = column else {
        diagnostics.push(Diagnostic::error(
            Code::MissingKey,
            node.place,
            "a moderator has no `column`",
        ));
        return None;
    };
    let column = expect_scalar(column, "column", diagnostics)?;
    if let (Some(ModeratorScale::Numeric), Some(reference)) = (scale, &reference) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                reference.place,
                "a numeric moderator has no reference level",
            )
            .help("remove `reference`, or say `type: categorical`"),
        );
    }
    let scale = scale.or(reference.as_ref().map(|_| ModeratorScale::Categorical));
    Some(ModeratorSpec { column, scale, reference })
}

/// The largest number of arrangements: each is a fit.
const MOST_PERMUTATIONS: f64 = 100_000.0;

fn read_permutation(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Permutation {
    let whole = |number: f64| number.fract() == 0.0 && number <= MOST_PERMUTATIONS;
    let place = map.place();
    let iterations = map.number("iterations", diagnostics);
    let seed = map.number("seed", diagnostics);
    map.close(diagnostics);
    for (key, number) in [("iterations", iterations), ("seed", seed)] {
        if number.is_some_and(|number| !whole(number) || (key == "iterations" && number < 1.0)) {
            diagnostics.push(Diagnostic::error(
                Code::WrongType,
                place,
                format!("`{key}` is not a whole number up to {MOST_PERMUTATIONS}"),
            ));
        }
    }
    Permutation {
        iterations: iterations.unwrap_or(1000.0) as usize,
        seed: seed.unwrap_or(1.0) as u64,
    }
}
