//! The claims and sentences of a review against its own results.

use super::claim::{Claim, Field, Word};
use super::effect::covers_null;
use super::finding::{Certainty, Finding, about, as_printed, digits};
use super::lexicon::{Class, Lexicons, Statement};
use super::message::{Message, Value};
use super::range::Range;
use super::recompute::compare_with_itself;
use super::rule::Rule;
use super::{check_claim, check_claims, check_sentence};
use crate::analysis::{Findings, Pooled};
use crate::diagnostic::{Code, Diagnostic, Severity, nearest_hint};
use crate::source::{Place, Sources, Span, Spanned};
use crate::spec::{self, Analysis, Bound, Printed, Scale};
use crate::stats::distribution::normal_quantile;
use libm::{exp, expm1};
use serde::Serialize;

/// What the check says about one analysis, or about one claim of the review's table.
#[derive(Debug, Clone)]
pub struct Consistency {
    /// Id of the analysis or claim.
    pub id: String,
    /// Title of the analysis; of a claim what it is about.
    pub title: String,
    /// Each printed number beside the recomputed one.
    pub comparisons: Vec<Comparison>,
    /// What was found in the claims, between claims and results, and in the review's sentences.
    pub findings: Vec<Finding>,
}

/// A printed number beside the recomputed one.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Which number.
    pub field: Field,
    /// As it was printed.
    pub printed: Printed,
    /// Its scale, where it has one.
    pub scale: Option<Scale>,
    /// The value of this review on the same scale.
    pub recomputed: Option<f64>,
    /// What the two say together.
    pub judgement: Judgement,
}

/// What a printed and a recomputed number say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// Every printed digit is the recomputed one.
    Reproduced,
    /// Other digits and the same conclusion: an estimate within the other's interval, a P on the
    /// same side of alpha, limits that cover the null or do not.
    Consistent,
    /// Another conclusion.
    Inconsistent,
    /// Nothing to compare with.
    NotCheckable(Obstacle),
}

/// Why a printed number cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// This review has no pooled result.
    NoResult,
    /// The method of this review does not give the number.
    NotComputed,
    /// It was printed on a scale that the measure has not.
    OtherScale,
    /// It was printed at another confidence level.
    OtherLevel,
    /// No analysis and no other printed number gives it.
    NoData,
}

/// What a review says besides its analyses.
#[derive(Debug, Clone, Copy)]
pub struct ReviewClaims<'a> {
    /// Paragraphs about the review.
    pub about: &'a [String],
    /// Its table of claims.
    pub claims: &'a [Claim],
}

/// Everything that is found in a review: analysis by analysis, then claim by claim; and the
/// acceptances that nothing needed.
#[must_use]
pub fn check_review(
    analyses: &[(&Analysis, &Findings)],
    said: ReviewClaims<'_>,
    lexicons: &Lexicons,
    sources: &Sources,
) -> (Vec<Consistency>, Vec<Diagnostic>) {
    let mut unused = Vec::new();
    let mut checked: Vec<Consistency> = analyses
        .iter()
        .map(|(spec, found)| {
            let mut checked = check_analysis(spec, found, lexicons);
            let sentences = own_sentences(spec, said.about, sources);
            checked.findings.extend(check_sentences(spec, found, &sentences, lexicons));
            for accepted in &spec.accept {
                let rule = Rule::accepted_as(&accepted.code.value);
                let mut is_used = false;
                for finding in &mut checked.findings {
                    if Some(finding.rule) == rule {
                        finding.accepted = Some(accepted.reason.clone());
                        is_used = true;
                    }
                }
                if !is_used {
                    unused.push(unused_acceptance(&accepted.code));
                }
            }
            checked
        })
        .collect();
    let mut findings = check_claims(said.claims, lexicons);
    for claim in said.claims {
        let (of_claim, others) = findings.into_iter().partition(|it| it.claim == claim.id);
        findings = others;
        checked.push(check_listed(claim, of_claim, analyses, &mut unused));
    }
    (checked, unused)
}

/// A claim of the review's table: against the analysis that it names, or else against itself.
fn check_listed(
    claim: &Claim,
    mut findings: Vec<Finding>,
    analyses: &[(&Analysis, &Findings)],
    unused: &mut Vec<Diagnostic>,
) -> Consistency {
    let named = claim.word(Word::Analysis);
    let analysis = named.and_then(|id| analyses.iter().find(|(spec, _)| spec.id == id));
    let mut comparisons =
        analysis.map(|(spec, found)| compare(claim, spec, found)).unwrap_or_default();
    let is_compared = |field: Field| comparisons.iter().any(|it| it.field == field);
    let of_itself: Vec<Comparison> = compare_with_itself(claim, &findings)
        .into_iter()
        .filter(|other| !is_compared(other.field))
        .collect();
    if analysis.is_some() {
        findings.extend(differing(claim, &comparisons));
    }
    comparisons.extend(of_itself);
    if let Some(reason) = claim.words.get(&Word::Accept) {
        let problems = findings.iter_mut().filter(|it| it.severity != Severity::Note);
        let mut is_used = false;
        for finding in problems {
            finding.accepted = Some(reason.value.clone());
            is_used = true;
        }
        if !is_used {
            unused
                .push(unused_acceptance(&Spanned { value: claim.id.clone(), place: reason.place }));
        }
    }
    let subject = claim.word(Word::Subject).unwrap_or(&claim.id);
    let whom = claim.word(Word::Study).or(claim.word(Word::Population));
    let title = whom.map_or_else(|| subject.to_owned(), |whom| format!("{subject}, {whom}"));
    Consistency { id: claim.id.clone(), title, comparisons, findings }
}

/// Errors about acceptances of findings that no rule makes.
#[must_use]
pub fn unknown_acceptances<'a>(analyses: impl Iterator<Item = &'a Analysis>) -> Vec<Diagnostic> {
    let accepted = analyses.flat_map(|spec| &spec.accept).map(|accepted| &accepted.code);
    let unknown = accepted.filter(|code| Rule::accepted_as(&code.value).is_none());
    let told = unknown.map(|code| {
        let is_name = code.value.contains('-');
        let known = Rule::ALL.iter().map(|rule| if is_name { rule.name() } else { rule.code() });
        let message = format!("no rule of the consistency check is `{}`", code.value);
        Diagnostic::error(Code::UnknownChoice, code.place, message)
            .help(nearest_hint(&code.value, known))
    });
    told.collect()
}

fn unused_acceptance(code: &Spanned<String>) -> Diagnostic {
    let message = format!("`{}` is accepted, but nothing of the kind is found here", code.value);
    Diagnostic::error(Code::UnusedAcceptance, code.place, message)
        .help("remove the acceptance, or correct its code")
        .as_warning()
}

fn check_analysis(spec: &Analysis, found: &Findings, lexicons: &Lexicons) -> Consistency {
    let mut checked = Consistency {
        id: spec.id.clone(),
        title: spec.title.clone(),
        comparisons: Vec::new(),
        findings: Vec::new(),
    };
    let Some(published) = &spec.published else { return checked };
    let claim = published_claim(spec, published);
    checked.findings = check_claim(&claim, lexicons);
    for statement in &published.statements {
        let mut said = claim.clone();
        said.words.insert(Word::Statement, statement.clone());
        checked.findings.extend(check_sentence(&said, lexicons));
    }
    checked.comparisons = compare(&claim, spec, found);
    checked.findings.extend(differing(&claim, &checked.comparisons));
    checked
}

/// The numbers of another conclusion than the recomputed ones.
fn differing(claim: &Claim, comparisons: &[Comparison]) -> Vec<Finding> {
    let is_other = |it: &&Comparison| it.judgement == Judgement::Inconsistent;
    let k_differs = comparisons.iter().filter(is_other).any(|it| it.field == Field::K);
    let others = comparisons.iter().filter(is_other);
    others.filter_map(|it| differs(claim, it, k_differs)).collect()
}

/// A number of another conclusion than the recomputed one; a note where the studies differ anyway.
fn differs(claim: &Claim, comparison: &Comparison, k_differs: bool) -> Option<Finding> {
    let words = (
        Message::NumberPrinted {
            number: Value::Field(comparison.field),
            value: as_printed(&comparison.printed).into(),
        },
        Message::ReviewGives { value: about(comparison.recomputed?) },
    );
    let finding = if k_differs {
        Finding::note(Rule::RecomputedDiffers, claim, words)
    } else {
        Finding::check(Rule::RecomputedDiffers, claim, words)
    };
    Some(finding.at(comparison.field.name(), Some(comparison.printed.place)))
}

/// What a publication printed for an analysis, as a claim.
fn published_claim(spec: &Analysis, published: &spec::Claim) -> Claim {
    let mut claim = Claim {
        id: spec.id.clone(),
        place: Some(spec.place),
        measure: Some(spec.measure),
        ..Claim::default()
    };
    let mut put = |field: Field, printed: &Option<Printed>| {
        if let Some(printed) = printed {
            claim.numbers.insert(field, printed.clone());
        }
    };
    put(Field::K, &published.k);
    put(Field::P, &published.p);
    put(Field::I2, &published.i2);
    put(Field::RankP, &published.rank_p);
    put(Field::RegressionP, &published.regression_p);
    put(Field::Threshold, &published.threshold);
    put(Field::Level, &published.level);
    put(Field::Se, &published.se);
    put(Field::Q, &published.q);
    put(Field::Df, &published.df);
    put(Field::QP, &published.q_p);
    put(Field::Tau2, &published.tau2);
    put(Field::N1, &published.n1);
    put(Field::N2, &published.n2);
    put(Field::Events1, &published.events1);
    put(Field::Events2, &published.events2);
    put(Field::Estimate, &published.estimate.as_ref().map(|(value, _)| value.clone()));
    if let Some(ci) = &published.ci {
        put(Field::CiLow, &ci.low);
        put(Field::CiHigh, &ci.high);
    }
    claim.scale = published.estimate.as_ref().map(|(_, scale)| *scale);
    claim.ci_scale = published.ci.as_ref().map(|ci| ci.scale);
    if let Some(source) = &published.source {
        let source = Spanned { value: source.clone(), place: spec.place };
        claim.words.insert(Word::Source, source);
    }
    claim
}

/// The numbers of a claim that a review can recompute, in the order of its table.
const COMPARED: [Field; 18] = [
    Field::K,
    Field::Events1,
    Field::N1,
    Field::Events2,
    Field::N2,
    Field::Estimate,
    Field::CiLow,
    Field::CiHigh,
    Field::Se,
    Field::P,
    Field::Q,
    Field::Df,
    Field::QP,
    Field::Tau2,
    Field::I2,
    Field::RankP,
    Field::RegressionP,
    Field::Threshold,
];

fn compare(claim: &Claim, spec: &Analysis, found: &Findings) -> Vec<Comparison> {
    COMPARED
        .iter()
        .filter_map(|field| {
            let printed = claim.number(*field)?.clone();
            let scale = match field {
                Field::Estimate => claim.estimate_scale(),
                Field::CiLow | Field::CiHigh => claim.interval_scale(),
                _ => None,
            };
            let (recomputed, judgement) = match recomputed(*field, scale, claim, spec, found) {
                Ok(value) => (Some(value), judge(*field, value, claim, spec, found)),
                Err(obstacle) => (None, Judgement::NotCheckable(obstacle)),
            };
            Some(Comparison { field: *field, printed, scale, recomputed, judgement })
        })
        .collect()
}

/// The value of this review on the scale of the claim.
fn recomputed(
    field: Field,
    scale: Option<Scale>,
    claim: &Claim,
    spec: &Analysis,
    found: &Findings,
) -> Result<f64, Obstacle> {
    let totals = [&found.totals.group1, &found.totals.group2];
    let count = |value: Option<f64>| value.ok_or(Obstacle::NotComputed);
    match field {
        Field::Events1 => return count(totals[0].events),
        Field::Events2 => return count(totals[1].events),
        Field::N1 => return count(totals[0].participants),
        Field::N2 => return count(totals[1].participants),
        _ => {}
    }
    let pooled = found.pooled.as_ref().map_err(|_| Obstacle::NoResult)?;
    let small_study = || found.small_study.as_ref().map_err(|_| Obstacle::NotComputed);
    let q = || pooled.q.map_err(|_| Obstacle::NotComputed);
    let value = match field {
        Field::K => pooled.k as f64,
        Field::Estimate => on_scale(pooled.effect.estimate, scale, spec)?,
        Field::CiLow | Field::CiHigh if (claim.level() - spec.model.level).abs() > 1e-9 => {
            return Err(Obstacle::OtherLevel);
        }
        Field::CiLow => on_scale(pooled.effect.ci_lower, scale, spec)?,
        Field::CiHigh => on_scale(pooled.effect.ci_upper, scale, spec)?,
        Field::Se => pooled.effect.standard_error,
        Field::P => pooled.effect.p_value,
        Field::Q => q()?.statistic,
        Field::Df => q()?.df,
        Field::QP => q()?.p_value,
        Field::Tau2 => pooled.tau_squared.map_err(|_| Obstacle::NotComputed)?.value,
        Field::I2 => pooled.inconsistency.map_err(|_| Obstacle::NotComputed)?.i_squared,
        Field::RankP => small_study()?.rank.as_ref().map_err(|_| Obstacle::NotComputed)?.p_value,
        Field::RegressionP => {
            small_study()?.regression.as_ref().map_err(|_| Obstacle::NotComputed)?.slope.p_value
        }
        // the threshold of as many studies as were printed, which need not be ours
        Field::Threshold if let Some(k) = claim.count(Field::K).filter(|k| *k >= 1.0) => {
            normal_quantile(1.0 - 0.05 / (2.0 * k))
        }
        Field::Threshold => {
            let diagnostics = found.diagnostics.as_ref().map_err(|_| Obstacle::NotComputed)?;
            let influence = diagnostics.influence.as_ref().map_err(|_| Obstacle::NotComputed)?;
            influence.outlier_threshold
        }
        _ => return Err(Obstacle::NotComputed),
    };
    if value.is_finite() { Ok(value) } else { Err(Obstacle::NotComputed) }
}

fn on_scale(value: f64, scale: Option<Scale>, spec: &Analysis) -> Result<f64, Obstacle> {
    match (scale, spec.measure.is_ratio()) {
        (Some(Scale::Log), true) => Ok(value),
        (Some(Scale::Ratio), true) => Ok(exp(value)),
        (Some(Scale::Percent), true) => Ok(100.0 * expm1(value)),
        (Some(Scale::Difference), false) => Ok(value),
        _ => Err(Obstacle::OtherScale),
    }
}

fn judge(field: Field, value: f64, claim: &Claim, spec: &Analysis, found: &Findings) -> Judgement {
    let Some(range) = claim.range(field) else {
        return Judgement::NotCheckable(Obstacle::NotComputed);
    };
    let is_bound = claim.number(field).is_some_and(|printed| printed.bound != Bound::Exact);
    let is_met = if field == Field::Threshold { range.absolute() } else { range }.contains(value);
    if is_met {
        return if is_bound { Judgement::Consistent } else { Judgement::Reproduced };
    }
    let is_consistent = match field {
        Field::P => is_same_side(range, value, 1.0 - spec.model.level),
        Field::RankP | Field::RegressionP | Field::QP => is_same_side(range, value, 0.05),
        Field::Estimate | Field::CiLow | Field::CiHigh => {
            found.pooled.as_ref().is_ok_and(|pooled| is_same_effect(claim, pooled))
        }
        Field::I2 => within(found, range, |intervals| intervals.i_squared),
        Field::Tau2 => within(found, range, |intervals| {
            (intervals.tau_squared.lower, intervals.tau_squared.upper)
        }),
        Field::Se | Field::Q => {
            value > 0.0 && range.low <= 1.25 * value && range.high >= 0.8 * value
        }
        _ => false,
    };
    if is_consistent { Judgement::Consistent } else { Judgement::Inconsistent }
}

fn is_same_side(range: Range, value: f64, alpha: f64) -> bool {
    if value <= alpha { range.low <= alpha } else { range.high > alpha }
}

/// Whether a printed effect lies within the interval of this review, and comes to its conclusion.
fn is_same_effect(claim: &Claim, pooled: &Pooled) -> bool {
    let effect = &pooled.effect;
    let interval = Range { low: effect.ci_lower, high: effect.ci_upper };
    let own_covers = interval.contains(0.0);
    let estimate = claim.on_analysis_scale(Field::Estimate);
    estimate.is_none_or(|estimate| estimate.meets(interval))
        && covers_null(claim).is_none_or(|covers| covers == own_covers)
        && (estimate.is_some()
            || claim.on_analysis_scale(Field::CiLow).is_none_or(|low| low.low <= interval.high))
        && (estimate.is_some()
            || claim.on_analysis_scale(Field::CiHigh).is_none_or(|high| high.high >= interval.low))
}

fn within(
    found: &Findings,
    range: Range,
    of: impl Fn(&crate::stats::pooling::inverse_variance::HeterogeneityIntervals) -> (f64, f64),
) -> bool {
    let intervals = found.pooled.as_ref().ok().and_then(|pooled| pooled.intervals.as_ref().ok());
    intervals.is_some_and(|intervals| {
        let (low, high) = of(intervals);
        range.meets(Range { low, high })
    })
}

/// The sentences of the review that name an analysis, by its id or its title.
fn own_sentences(spec: &Analysis, about: &[String], sources: &Sources) -> Vec<Spanned<String>> {
    let names = [spec.id.to_lowercase(), spec.title.to_lowercase()];
    let is_named = |sentence: &str| {
        let sentence = sentence.to_lowercase();
        names.iter().any(|name| names_it(&sentence, name))
    };
    let paragraphs = spec.note.iter().chain(about);
    paragraphs
        .flat_map(|paragraph| sentences(paragraph))
        .filter(|sentence| is_named(sentence))
        .map(|sentence| {
            let place = find_place(sentence, spec, sources);
            Spanned { value: sentence.to_owned(), place }
        })
        .collect()
}

/// Whether a text names something, as words of its own.
fn names_it(text: &str, name: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !is_letter(text[..at].chars().next_back())
                && !is_letter(text[at + name.len()..].chars().next())
        })
}

/// The sentences of a paragraph.
fn sentences(paragraph: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in paragraph.char_indices() {
        let end = at + c.len_utf8();
        let is_end = match c {
            '。' | '！' | '？' | '!' | '?' | '\n' => true,
            '.' => paragraph[end..].chars().next().is_none_or(char::is_whitespace),
            _ => false,
        };
        if is_end {
            found.push(paragraph[start..end].trim());
            start = end;
        }
    }
    found.push(paragraph[start..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// Where a sentence stands in the specs; lines may break differently there, so that its beginning
/// decides.
fn find_place(sentence: &str, spec: &Analysis, sources: &Sources) -> Place {
    let beginning: String = sentence.chars().take(24).collect();
    let own = std::iter::once(spec.place.source);
    own.chain(sources.ids())
        .find_map(|source| {
            let start = sources.get(source).text.find(&beginning)?;
            Some(Place { source, span: Span { start, end: start + beginning.len() } })
        })
        .unwrap_or(spec.place)
}

/// The review's own sentences about an analysis, against its verdict.
fn check_sentences(
    spec: &Analysis,
    found: &Findings,
    sentences: &[Spanned<String>],
    lexicons: &Lexicons,
) -> Vec<Finding> {
    let Ok(pooled) = &found.pooled else { return Vec::new() };
    if spec.measure.is_single_group() {
        return Vec::new();
    }
    sentences
        .iter()
        .filter_map(|sentence| {
            let statement = lexicons.statement(&sentence.value);
            let claim = own_claim(spec, pooled, sentence);
            let follows =
                against_verdict(spec, pooled, &statement).or_else(|| of_rules(&claim, lexicons))?;
            let printed = Message::Said { said: Value::Quote(sentence.value.clone()) };
            let words = (printed, follows);
            let finding = Finding::new(
                Rule::SentenceVsVerdict,
                Severity::Error,
                Certainty::Likely,
                &claim,
                words,
            );
            Some(finding.at("note", Some(sentence.place)))
        })
        .collect()
}

/// Significance and direction of a sentence that the verdict does not allow.
fn against_verdict(spec: &Analysis, pooled: &Pooled, statement: &Statement) -> Option<Message> {
    let effect = &pooled.effect;
    let alpha = 1.0 - spec.model.level;
    let is_significant = effect.p_value <= alpha;
    let p = || Message::Equals { value: about(effect.p_value) }.into();
    let analysis = Value::Analysis { id: spec.id.clone(), title: spec.title.clone() };
    let (called, denied) =
        (statement.claims(Class::Significant), statement.claims(Class::NotSignificant));
    if called && !denied && !is_significant {
        return Some(Message::AnalysisNotSignificant { analysis, p: p() });
    }
    if denied && !called && is_significant {
        return Some(Message::AnalysisSignificant { analysis, p: p() });
    }
    let is_up = super::wording::direction_of(statement)?;
    let is_plain = !denied && !statement.claims(Class::Improvement);
    let is_above = effect.estimate > 0.0;
    let follows = if is_above {
        Message::AnalysisAbove { analysis }
    } else {
        Message::AnalysisBelow { analysis }
    };
    (is_plain && is_significant && is_above != is_up).then_some(follows)
}

/// What the rules of wording say of a sentence beside the review's own numbers.
fn of_rules(claim: &Claim, lexicons: &Lexicons) -> Option<Message> {
    let rules = [Rule::OddsAsRisk, Rule::EquivalenceClaimWithWideCi, Rule::ScaleMix];
    let finding =
        check_sentence(claim, lexicons).into_iter().find(|it| rules.contains(&it.rule))?;
    Some(finding.follows)
}

/// A pooled result as a claim with all its digits, and a sentence beside it.
fn own_claim(spec: &Analysis, pooled: &Pooled, sentence: &Spanned<String>) -> Claim {
    let scale = if spec.measure.is_ratio() { Scale::Ratio } else { Scale::Difference };
    let mut claim = Claim {
        id: spec.id.clone(),
        place: Some(spec.place),
        measure: Some(spec.measure),
        scale: Some(scale),
        ci_scale: Some(scale),
        ..Claim::default()
    };
    let on = |value: f64| if scale == Scale::Ratio { exp(value) } else { value };
    let effect = &pooled.effect;
    let numbers = [
        (Field::Estimate, on(effect.estimate)),
        (Field::CiLow, on(effect.ci_lower)),
        (Field::CiHigh, on(effect.ci_upper)),
        (Field::Level, 100.0 * spec.model.level),
    ];
    for (field, value) in numbers {
        let text = digits(value, 4);
        if let Some((bound, text, value)) = super::range::parse_printed(&text) {
            claim.numbers.insert(field, Printed { text, bound, value, place: sentence.place });
        }
    }
    claim.words.insert(Word::Statement, sentence.clone());
    claim
}
