//! One analysis, from its file to its resolved spec.

use super::method::{
    Outcome, expect_method_fits, expect_structure_fits, expect_test_fits, has_mantel_haenszel,
    model_choice,
};
use super::part::Part;
use super::{columns, described, expect_folder_name, figures, find_table, survival};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, Spanned};
use crate::spec::conventions::defaults;
use crate::spec::conventions::{Conventions, DlCentre, Profile};
use crate::spec::file::{
    AnalysisFile, ConventionsFile, KindFile, MethodFile, SmallStudyFile, VarianceType,
};
use crate::spec::measure::{Kind, Measure};
use crate::spec::method::{ModelSpec, Structure, ZeroCellOptions};
use crate::spec::model::{Analysis, Arms, Entry, MultiArm, RegressionSpec, Sensitivity};
use crate::spec::small_study::SmallStudy;
use crate::spec::tables::AskedTable;

/// One analysis of whatever kind.
pub(super) fn resolve_entry(
    place: Place,
    file: AnalysisFile,
    profile: Profile,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Entry> {
    if let (Some(repeated), Some(kind)) = (&file.sensitivity_of, &file.kind)
        && !matches!(kind.value, KindFile::Pooled(_))
    {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                repeated.place,
                "only an analysis that pools effects can be a sensitivity analysis",
            )
            .help("take `sensitivity_of` away, or pool the effects"),
        );
    }
    let counts_events = |kind| matches!(kind, KindFile::Pooled(kind) if kind.counts_events());
    if let (Some(event), Some(kind)) = (&file.event, &file.kind)
        && !counts_events(kind.value)
    {
        let message = "only an analysis of `binary`, `proportion` or `rate` data counts events";
        diagnostics.push(
            Diagnostic::error(Code::Impossible, event.place, message)
                .help("take `event` away, or name the outcome in the title"),
        );
    }
    match file.kind {
        Some(Spanned { value: KindFile::Survival, .. }) => {
            let resolved = survival::resolve(place, file, inputs, diagnostics)?;
            Some(Entry::Survival(Box::new(resolved)))
        }
        Some(Spanned {
            value: kind @ (KindFile::Table | KindFile::Narrative | KindFile::AdverseEvents),
            ..
        }) => {
            let resolved = described::resolve(kind, place, file, inputs, diagnostics)?;
            Some(Entry::Description(Box::new(resolved)))
        }
        _ => {
            let resolved = resolve_pooled(place, file, profile, inputs, diagnostics)?;
            Some(Entry::Pooled(Box::new(resolved)))
        }
    }
}

fn resolve_pooled(
    place: Place,
    file: AnalysisFile,
    profile: Profile,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Analysis> {
    let before = diagnostics.len();
    let mut part = Part::new("the analysis", place, &file.written);
    let id = part.require(file.id, "id");
    let title = part.require(file.title, "title");
    let kind = part.require(file.kind, "kind");
    let data = part.require(file.data, "data");
    let measure = part.require(file.measure, "measure");
    part.report_missing(diagnostics);
    let kind = kind.and_then(|kind| match kind.value {
        KindFile::Pooled(value) => Some(Spanned { value, place: kind.place }),
        _ => None,
    });
    if let Some(id) = &id {
        expect_folder_name(id, diagnostics);
    }
    let measure = measure.filter(|measure| {
        kind.as_ref().is_none_or(|kind| expect_measure_fits(kind, measure, diagnostics))
    });
    let data = data.and_then(|data| find_table(&data, inputs, diagnostics));
    // without a kind, the columns of two-group counts are what most analyses mean
    let of_kind = kind.as_ref().map_or(Kind::Binary, |kind| kind.value);
    let columns = columns::resolve(
        of_kind,
        measure.as_ref().map(|measure| measure.value),
        &file.columns,
        &file.estimates,
        place,
        diagnostics,
    );
    let of_measure = measure.as_ref().map_or(Measure::OR, |measure| measure.value);
    let mut defaults = defaults(profile, of_kind, of_measure);
    let (method, choice) = match &file.model.method {
        None => (defaults.method, None),
        Some(Spanned { value: MethodFile::Fixed(method), .. }) => (*method, None),
        Some(Spanned { value: MethodFile::ByHeterogeneity, place }) => {
            let low = file.model.low.as_ref().map(|low| low.value);
            let high = file.model.high.as_ref().map(|high| high.value);
            match model_choice(file.model.rule, low, high, defaults.common, *place, diagnostics) {
                Some(choice) => (choice.high, Some(choice)),
                None => (defaults.method, None),
            }
        }
    };
    let model = ModelSpec {
        method,
        test: file.model.test.as_ref().map_or(defaults.test, |test| test.value),
        level: file.model.level.unwrap_or(0.95),
        structure: file.model.structure.as_ref().map_or(Structure::TwoLevel, |s| s.value),
        is_robust: file.model.robust.as_ref().is_some_and(|robust| robust.value),
    };
    if let (Some(measure), Some(given)) = (&measure, &file.model.method) {
        let outcome = Outcome { kind: of_kind, measure };
        expect_method_fits(outcome, method, given.place, diagnostics);
        if let Some(choice) = choice {
            expect_method_fits(outcome, choice.low, given.place, diagnostics);
        }
    }
    if let Some(given) = &file.model.test {
        expect_test_fits(model, given, diagnostics);
    }
    expect_structure_fits(&file.model, method, columns.as_ref(), diagnostics);
    if let (Some(vtype), Some(measure)) = (&file.vtype, &measure) {
        apply_variance_type(vtype, measure, &mut defaults.conventions, diagnostics);
    }
    expect_tables_fit(of_kind, &file.tables, diagnostics);
    if let Some(multi_arm) = &file.multi_arm {
        expect_multi_arm_fits(of_kind, of_measure, multi_arm, diagnostics);
    }
    let updates = file.updates.clone().resolve(of_measure.is_ratio(), diagnostics);
    let figures = figures::resolve(file.figures, kind.as_ref(), &file.moderators, diagnostics);
    if diagnostics.len() > before || file.has_mistakes {
        return None;
    }
    let mut conventions = conventions(&file.conventions, defaults.conventions);
    if !has_mantel_haenszel(of_kind, of_measure) {
        conventions.dl_centre = DlCentre::InverseVariance;
    }
    Some(Analysis {
        id: id?.value,
        place,
        title: title?.value,
        note: file.note,
        sensitivity_of: file.sensitivity_of,
        event: file.event.map(|event| event.value),
        data: data?,
        data_path: inputs.sources.get(data?).name.clone(),
        is_plain: true,
        filter: file.filter,
        kind: kind?.value,
        columns: columns?,
        multi_arm: file.multi_arm.map(|multi_arm| multi_arm.value),
        arms: Arms {
            experimental: file.experimental.unwrap_or_else(|| "Experimental".to_owned()),
            control: file.control.unwrap_or_else(|| "Control".to_owned()),
        },
        measure: measure?.value,
        benefit: file.benefit,
        zero_cells: ZeroCellOptions {
            add: file.add.unwrap_or(defaults.zero_cells.add),
            to: file.to.unwrap_or(defaults.zero_cells.to),
            drop00: file.drop00.unwrap_or(defaults.zero_cells.drop00),
        },
        choice,
        model,
        subgroups: file.subgroups.or_else(|| file.columns.get("subgroup")),
        regression: (!file.moderators.is_empty()).then_some(RegressionSpec {
            moderators: file.moderators,
            permutation: file.permutation,
        }),
        small_study: small_study(&file.small_study, defaults.small_study),
        conventions,
        sensitivity: Sensitivity {
            other_models: file.sensitivity.other_models.unwrap_or(true),
            influence: file.sensitivity.influence.unwrap_or(true),
            leave_one_out: file.sensitivity.leave_one_out.unwrap_or(true),
            cumulative: file.sensitivity.cumulative.unwrap_or(true),
        },
        figures,
        risk_of_bias_columns: file.risk_of_bias_columns,
        tables: file.tables.iter().map(|table| table.value).collect(),
        published: file.published,
        accept: file.accept,
        updates,
    })
}

/// Single proportions are those of one group.
fn expect_tables_fit(
    kind: Kind,
    tables: &[Spanned<AskedTable>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let single = tables.iter().find(|table| table.value == AskedTable::SingleArm);
    if let Some(table) = single.filter(|_| kind != Kind::Proportion) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                table.place,
                format!("kind `{}` has no table `single_arm`", kind.name()),
            )
            .help("the table is for kind `proportion`"),
        );
    }
}

fn expect_measure_fits(
    kind: &Spanned<Kind>,
    measure: &Spanned<Measure>,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let fits = kind.value.measures().contains(&measure.value);
    if !fits {
        let valid = kind.value.measures().iter().map(|measure| measure.code());
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                measure.place,
                format!("kind `{}` has no measure {}", kind.value.name(), measure.value.code()),
            )
            .related(kind.place, "the kind")
            .help(nearest_hint(measure.value.code(), valid)),
        );
    }
    fits
}

fn apply_variance_type(
    vtype: &Spanned<VarianceType>,
    measure: &Spanned<Measure>,
    conventions: &mut Conventions,
    diagnostics: &mut Vec<Diagnostic>,
) {
    use crate::stats::continuous::{DifferenceVariance, StandardisedVariance};
    let means = &mut conventions.means;
    match (vtype.value, measure.value) {
        (VarianceType::Usual, Measure::MD) => {
            means.difference_variance = DifferenceVariance::Separate;
        }
        (VarianceType::Usual, Measure::SMD) => {
            means.standardised_variance = StandardisedVariance::LargeSample;
        }
        (VarianceType::Difference(variance), Measure::MD) => means.difference_variance = variance,
        (VarianceType::Standardised(variance), Measure::SMD) => {
            means.standardised_variance = variance;
        }
        (VarianceType::Usual, _) => {}
        _ => diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                vtype.place,
                format!("{} has no such `vtype`", measure.value.code()),
            )
            .related(measure.place, "the measure")
            .help("MD has `LS` and `HO`; SMD has `LS`, `LS2`, `UB` and `AV`; the others `LS` only"),
        ),
    }
}

/// A control group can be divided, or arms added up, only where there are two groups of rows' own.
fn expect_multi_arm_fits(
    kind: Kind,
    measure: Measure,
    multi_arm: &Spanned<MultiArm>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let has_groups = matches!(kind, Kind::Binary | Kind::Continuous)
        || (kind == Kind::Rate && !measure.is_single_group());
    if !has_groups {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                multi_arm.place,
                format!("kind `{}` has no control group to be shared", kind.name()),
            )
            .help("remove `multi_arm`"),
        );
    }
}

/// A profile's conventions with those that the spec names in their place.
fn conventions(given: &ConventionsFile, of_profile: Conventions) -> Conventions {
    let mut conventions = of_profile;
    let correction = &mut conventions.correction;
    correction.risk_ratio_total = given.rr_total.unwrap_or(correction.risk_ratio_total);
    correction.corrects_risk_difference =
        given.rd_corrected.unwrap_or(correction.corrects_risk_difference);
    let sums = &mut conventions.mantel_haenszel;
    sums.corrects_sums = given.mh_corrected.unwrap_or(sums.corrects_sums);
    sums.risk_difference_variance = given.rd_variance.unwrap_or(sums.risk_difference_variance);
    conventions.dl_centre = given.dl_centre.unwrap_or(conventions.dl_centre);
    conventions.i_squared = given.i_squared.unwrap_or(conventions.i_squared);
    conventions.prediction = given.prediction.unwrap_or(conventions.prediction);
    let means = &mut conventions.means;
    means.difference_variance = given.md_variance.unwrap_or(means.difference_variance);
    means.standardised_variance = given.smd_variance.unwrap_or(means.standardised_variance);
    means.correction = given.smd_correction.unwrap_or(means.correction);
    means.ratio = given.rom.unwrap_or(means.ratio);
    means.from_quantiles = given.from_quantiles.unwrap_or(means.from_quantiles);
    conventions.study_interval = given.study_interval.unwrap_or(conventions.study_interval);
    conventions
}

/// A profile's examination of small-study effects with what the spec names in its place.
fn small_study(given: &SmallStudyFile, of_profile: SmallStudy) -> SmallStudy {
    let mut choices = of_profile;
    choices.regression.scatter = given.scatter.unwrap_or(choices.regression.scatter);
    choices.regression.predictor = given.predictor.unwrap_or(choices.regression.predictor);
    choices.estimator = given.estimator.unwrap_or(choices.estimator);
    choices.side = given.side.unwrap_or(choices.side);
    choices.trimming = given.trimming.unwrap_or(choices.trimming);
    choices.fail_safe = given.fail_safe.unwrap_or(choices.fail_safe);
    choices.target = given.target.or(choices.target);
    choices.selection = given.selection.clone().or(choices.selection);
    choices.henmi_copas = given.henmi_copas.unwrap_or(choices.henmi_copas);
    choices
}
