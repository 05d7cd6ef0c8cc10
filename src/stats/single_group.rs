//! Single groups: proportions and incidence rates, their transformations and exact intervals.

use super::Effect;
use super::binary::AddTo;
use super::distribution::{beta_quantile, normal_quantile};
use libm::{asin, cos, exp, log, sin};

/// Events among the participants of one group; whole counts, events not above the total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// Participants with an event.
    pub events: f64,
    /// Participants.
    pub total: f64,
}

/// Events in the person-time of one group; the count is whole, the time positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Events.
    pub events: f64,
    /// Person-time.
    pub time: f64,
}

/// The scale on which proportions are analysed; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProportionMeasure {
    /// The proportion itself (PR).
    Raw,
    /// Its logarithm (PLN).
    Log,
    /// Its log odds (PLO).
    Logit,
    /// The arcsine of its square root (PAS).
    Arcsine,
    /// The double arcsine (PFT; Freeman & Tukey 1950).
    DoubleArcsine,
}

/// The scale on which incidence rates are analysed; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateMeasure {
    /// The rate itself, per unit of time (IR).
    Raw,
    /// Its logarithm (IRLN).
    Log,
    /// Its square root (IRS).
    SquareRoot,
    /// The mean of two square roots (IRFT; Freeman & Tukey 1950).
    DoubleSquareRoot,
}

/// The treatment of zero counts, in metafor's terms. A proportion has a zero where no participant
/// or every participant had the event; the amount is added to events and non-events. A rate has a
/// zero where there was no event; the amount is added to the events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZeroCounts {
    /// The amount added, usually ½.
    pub add: f64,
    /// The groups it is added to.
    pub to: AddTo,
}

impl ProportionMeasure {
    /// metafor's default: ½ for a group with a zero count, nothing on the arcsine scales.
    #[must_use]
    pub fn usual_zero_counts(self) -> ZeroCounts {
        let add = match self {
            Self::Raw | Self::Log | Self::Logit => 0.5,
            Self::Arcsine | Self::DoubleArcsine => 0.0,
        };
        ZeroCounts { add, to: AddTo::OnlyZero }
    }

    /// The proportion that a value on this scale stands for. `size` is the number of participants,
    /// or the [`harmonic_mean`] of several groups' numbers; only the double arcsine needs it
    /// (Miller 1978). Values beyond the ends of the arcsine scales become 0 or 1; a raw or log
    /// proportion may pass 0 or 1 and is left as it is.
    #[must_use]
    pub fn back_transform(self, value: f64, size: f64) -> f64 {
        match self {
            Self::Raw => value,
            Self::Log => exp(value),
            Self::Logit if value < 0.0 => exp(value) / (1.0 + exp(value)),
            Self::Logit => 1.0 / (1.0 + exp(-value)),
            Self::Arcsine => {
                let sine = sin(value.clamp(0.0, std::f64::consts::FRAC_PI_2));
                sine * sine
            }
            Self::DoubleArcsine => from_double_arcsine(value, size),
        }
    }
}

impl RateMeasure {
    /// metafor's default: ½ for a group without events, nothing on the square root scales.
    #[must_use]
    pub fn usual_zero_counts(self) -> ZeroCounts {
        let add = match self {
            Self::Raw | Self::Log => 0.5,
            Self::SquareRoot | Self::DoubleSquareRoot => 0.0,
        };
        ZeroCounts { add, to: AddTo::OnlyZero }
    }

    /// The rate that a value on this scale stands for. `time` is the person-time, or the
    /// [`harmonic_mean`] of several groups' times; only the double square root needs it. Values
    /// below the square root scales become 0; a raw rate may be negative and is left as it is.
    #[must_use]
    pub fn back_transform(self, value: f64, time: f64) -> f64 {
        match self {
            Self::Raw => value,
            Self::Log => exp(value),
            Self::SquareRoot => value.max(0.0) * value.max(0.0),
            Self::DoubleSquareRoot => from_double_square_root(value, time),
        }
    }
}

/// The effect of each group on the scale of `measure`. `None` where it is not defined: no
/// participants, more events than participants, or a logarithm of zero.
///
/// With x events among n, p = x/n: p, v = p(1 − p)/n; log p, v = 1/x − 1/n; log(p/(1 − p)),
/// v = 1/x + 1/(n − x); asin √p, v = 1/(4n); ½(asin √(x/(n + 1)) + asin √((x + 1)/(n + 1))),
/// v = 1/(4n + 2).
#[must_use]
pub fn proportion_effects(
    measure: ProportionMeasure,
    groups: &[Proportion],
    rule: ZeroCounts,
) -> Vec<Option<Effect>> {
    let has_zero = |group: &Proportion| group.events == 0.0 || group.events == group.total;
    let any_zero = groups.iter().any(|group| is_possible(group) && has_zero(group));
    groups
        .iter()
        .map(|group| {
            if !is_possible(group) {
                return None;
            }
            let adds = rule.to.applies(has_zero(group), any_zero);
            let add = if adds { rule.add } else { 0.0 };
            defined(proportion_effect(
                measure,
                group.events + add,
                group.total - group.events + add,
            ))
        })
        .collect()
}

/// The effect of each group on the scale of `measure`. `None` where it is not defined: no
/// person-time, or a logarithm of zero.
///
/// With x events in time t, r = x/t: r, v = r/t; log r, v = 1/x; √r, v = 1/(4t);
/// ½(√r + √(r + 1/t)), v = 1/(4t).
#[must_use]
pub fn rate_effects(
    measure: RateMeasure,
    groups: &[Rate],
    rule: ZeroCounts,
) -> Vec<Option<Effect>> {
    let is_possible = |group: &Rate| group.events >= 0.0 && group.time > 0.0;
    let any_zero = groups.iter().any(|group| is_possible(group) && group.events == 0.0);
    groups
        .iter()
        .map(|group| {
            if !is_possible(group) {
                return None;
            }
            let adds = rule.to.applies(group.events == 0.0, any_zero);
            let add = if adds { rule.add } else { 0.0 };
            defined(rate_effect(measure, group.events + add, group.time))
        })
        .collect()
}

/// The interval of a proportion at confidence `level` (0 to 1) by inverting the binomial test
/// (Clopper & Pearson 1934): the beta quantiles of (1 − level)/2 with shapes x, n − x + 1 and of
/// (1 + level)/2 with shapes x + 1, n − x; 0 or 1 at the ends. `None` without participants, with
/// more events than participants, or for a level not between 0 and 1.
#[must_use]
pub fn clopper_pearson(group: Proportion, level: f64) -> Option<(f64, f64)> {
    if !(is_possible(&group) && level > 0.0 && level < 1.0) {
        return None;
    }
    let tail = 0.5 * (1.0 - level);
    let (x, rest) = (group.events, group.total - group.events);
    let lower = if x == 0.0 { 0.0 } else { beta_quantile(tail, x, rest + 1.0) };
    let upper = if rest == 0.0 { 1.0 } else { beta_quantile(1.0 - tail, x + 1.0, rest) };
    Some((lower, upper))
}

/// The score interval of a proportion at confidence `level` (0 to 1) (Wilson 1927):
/// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²))/(1 + z²/n). `None` as for [`clopper_pearson`].
#[must_use]
pub fn wilson(group: Proportion, level: f64) -> Option<(f64, f64)> {
    if !(is_possible(&group) && level > 0.0 && level < 1.0) {
        return None;
    }
    let z = -normal_quantile(0.5 - 0.5 * level);
    let (n, p) = (group.total, group.events / group.total);
    let square = z * z / n;
    let half_width = (square * (p * (1.0 - p) + 0.25 * square)).sqrt();
    let upper = (p + 0.5 * square + half_width) / (1.0 + square);
    // the product of both limits is p²/(1 + z²/n), which leaves the lower one all its digits
    let lower = p * p / ((1.0 + square) * upper);
    Some((lower, if group.events == n { 1.0 } else { upper.min(1.0) }))
}

/// n / Σ(1/n_i), the number that stands for several groups in a back-transformation. `None` where
/// there are no groups or a size is not positive.
#[must_use]
pub fn harmonic_mean(sizes: &[f64]) -> Option<f64> {
    if sizes.is_empty() || sizes.iter().any(|size| !(*size > 0.0 && size.is_finite())) {
        return None;
    }
    Some(sizes.len() as f64 / sizes.iter().map(|size| 1.0 / size).sum::<f64>())
}

fn is_possible(group: &Proportion) -> bool {
    group.total > 0.0 && group.total.is_finite() && (0.0..=group.total).contains(&group.events)
}

/// The effect of x events and `rest` participants without one.
fn proportion_effect(measure: ProportionMeasure, x: f64, rest: f64) -> Effect {
    let n = x + rest;
    let p = x / n;
    let (estimate, variance) = match measure {
        ProportionMeasure::Raw => (p, p * (rest / n) / n),
        ProportionMeasure::Log => (log(p), rest / (x * n)),
        ProportionMeasure::Logit => (log(x / rest), 1.0 / x + 1.0 / rest),
        ProportionMeasure::Arcsine => (asin(p.sqrt()), 1.0 / (4.0 * n)),
        ProportionMeasure::DoubleArcsine => (double_arcsine(x, n), 1.0 / (4.0 * n + 2.0)),
    };
    Effect { estimate, variance }
}

fn rate_effect(measure: RateMeasure, x: f64, t: f64) -> Effect {
    let r = x / t;
    let (estimate, variance) = match measure {
        RateMeasure::Raw => (r, r / t),
        RateMeasure::Log => (log(r), 1.0 / x),
        RateMeasure::SquareRoot => (r.sqrt(), 1.0 / (4.0 * t)),
        RateMeasure::DoubleSquareRoot => (0.5 * (r.sqrt() + (r + 1.0 / t).sqrt()), 1.0 / (4.0 * t)),
    };
    Effect { estimate, variance }
}

fn double_arcsine(x: f64, n: f64) -> f64 {
    0.5 * (asin((x / (n + 1.0)).sqrt()) + asin(((x + 1.0) / (n + 1.0)).sqrt()))
}

/// Miller 1978: p = ½ (1 − sgn(c) √(1 − (s + (s − 1/s)/n)²)) with s = sin 2t, c = cos 2t. As
/// s − 1/s = −c²/s, the root is |c| √(1 + 2/n − (c/(ns))²), which stays exact about p = ½.
fn from_double_arcsine(value: f64, n: f64) -> f64 {
    if value <= double_arcsine(0.0, n) {
        return 0.0;
    }
    if value >= double_arcsine(n, n) {
        return 1.0;
    }
    let (s, c) = (sin(2.0 * value), cos(2.0 * value));
    let ratio = c / (n * s);
    0.5 * (1.0 - c * (1.0 + 2.0 / n - ratio * ratio).max(0.0).sqrt())
}

/// r = (y − 1/(4ty))² for y = ½(√r + √(r + 1/t)), and 0 below the least value ½√(1/t) of y.
fn from_double_square_root(value: f64, t: f64) -> f64 {
    if value <= 0.5 * (1.0 / t).sqrt() {
        return 0.0;
    }
    let root = value - 1.0 / (4.0 * t * value);
    root * root
}

fn defined(effect: Effect) -> Option<Effect> {
    (effect.estimate.is_finite() && effect.variance.is_finite()).then_some(effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of metafor 3.8-1 for no, some and nothing but events; its default rule.
    #[test]
    fn the_usual_zero_rules_agree_with_metafor() {
        let groups = [(0.0, 10.0), (3.0, 12.0), (12.0, 12.0)]
            .map(|(events, total)| Proportion { events, total });
        let expected = [
            (
                ProportionMeasure::Raw,
                [0.045_454_545_454_545_46, 0.25, 0.961_538_461_538_461_6],
                [0.003_944_402_704_733_284, 0.015_625, 0.002_844_788_347_746_925],
            ),
            (
                ProportionMeasure::Log,
                [-3.091_042_453_358_316, -1.386_294_361_119_891, -0.039_220_713_153_281_27],
                [1.909_090_909_090_909, 0.25, 0.003_076_923_076_923_074],
            ),
            (
                ProportionMeasure::Logit,
                [-3.044_522_437_723_423, -1.098_612_288_668_11, 3.218_875_824_868_201],
                [2.095_238_095_238_095, 0.444_444_444_444_444_4, 2.08],
            ),
            (
                ProportionMeasure::Arcsine,
                [0.0, 0.523_598_775_598_298_9, 1.570_796_326_794_897],
                [0.025, 0.020_833_333_333_333_33, 0.020_833_333_333_333_33],
            ),
            (
                ProportionMeasure::DoubleArcsine,
                [0.153_138_684_584_834_7, 0.544_547_808_406_462_3, 1.430_278_876_043_49],
                [0.023_809_523_809_523_81, 0.02, 0.02],
            ),
        ];
        for (measure, estimates, variances) in expected {
            let found = proportion_effects(measure, &groups, measure.usual_zero_counts());
            check(&found, estimates, variances);
        }
        let every = ZeroCounts { add: 0.5, to: AddTo::IfAnyZero };
        check(
            &proportion_effects(ProportionMeasure::DoubleArcsine, &groups, every),
            [0.283_468_027_533_940_8, 0.563_196_664_175_281_9, 1.308_996_938_995_747],
            [0.021_739_130_434_782_61, 0.018_518_518_518_518_52, 0.018_518_518_518_518_52],
        );
        let groups =
            [(0.0, 10.0), (3.0, 12.0), (12.0, 120.0)].map(|(events, time)| Rate { events, time });
        let expected = [
            (RateMeasure::Raw, [0.05, 0.25, 0.1], [0.005, 0.25 / 12.0, 0.1 / 120.0]),
            (
                RateMeasure::Log,
                [-2.995_732_273_553_991, -1.386_294_361_119_891, -2.302_585_092_994_045],
                [2.0, 1.0 / 3.0, 1.0 / 12.0],
            ),
            (
                RateMeasure::SquareRoot,
                [0.0, 0.5, 0.316_227_766_016_837_9],
                [0.025, 1.0 / 48.0, 1.0 / 480.0],
            ),
            (
                RateMeasure::DoubleSquareRoot,
                [0.158_113_883_008_419, 0.538_675_134_594_812_9, 0.322_684_030_159_514_8],
                [0.025, 1.0 / 48.0, 1.0 / 480.0],
            ),
        ];
        for (measure, estimates, variances) in expected {
            let found = rate_effects(measure, &groups, measure.usual_zero_counts());
            check(&found, estimates, variances);
        }
    }

    fn check(found: &[Option<Effect>], estimates: [f64; 3], variances: [f64; 3]) {
        for ((found, estimate), variance) in found.iter().zip(estimates).zip(variances) {
            let found = found.unwrap();
            assert!((found.estimate - estimate).abs() < 2e-15 * estimate.abs().max(1.0));
            assert!((found.variance - variance).abs() < 2e-15 * variance.abs().max(1.0));
        }
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let nothing = ZeroCounts { add: 0.0, to: AddTo::None };
        let group = |events, total| [Proportion { events, total }];
        let found =
            |group: &[Proportion]| proportion_effects(ProportionMeasure::Log, group, nothing);
        assert_eq!(found(&group(0.0, 10.0)), [None]);
        assert_eq!(found(&group(11.0, 10.0)), [None]);
        assert_eq!(found(&group(0.0, 0.0)), [None]);
        let rate = [Rate { events: 0.0, time: 10.0 }, Rate { events: 1.0, time: 0.0 }];
        assert_eq!(rate_effects(RateMeasure::Log, &rate, nothing), [None, None]);
        assert_eq!(clopper_pearson(Proportion { events: 11.0, total: 10.0 }, 0.95), None);
        assert_eq!(clopper_pearson(Proportion { events: 1.0, total: 10.0 }, 1.0), None);
        assert_eq!(wilson(Proportion { events: 0.0, total: 0.0 }, 0.95), None);
        assert_eq!(harmonic_mean(&[]), None);
        assert_eq!(harmonic_mean(&[3.0, 0.0]), None);
    }

    /// R's binom.test and prop.test without continuity correction.
    #[test]
    fn intervals_agree_with_r() {
        let expected = [
            (0.0, 20.0, 0.8, (0.0, 0.108_749_061_866_254_44), (0.0, 0.075_886_979_110_764_45)),
            (0.0, 20.0, 0.95, (0.0, 0.168_433_470_983_085_36), (0.0, 0.161_125_158_052_819_3)),
            (0.0, 20.0, 0.999, (0.0, 0.316_169_447_954_169_35), (0.0, 0.351_230_003_391_152_96)),
            (
                1.0,
                20.0,
                0.8,
                (0.005_254_174_069_468_943, 0.180_960_963_436_738_5),
                (0.015_078_196_553_383_874, 0.153_220_084_646_304_13),
            ),
            (
                1.0,
                20.0,
                0.95,
                (0.001_265_089_497_949_805_1, 0.248_732_762_772_027_72),
                (0.008_881_448_800_795_38, 0.236_131_193_446_741_97),
            ),
            (
                1.0,
                20.0,
                0.999,
                (2.5005939430399393e-05, 0.401_592_288_198_118_1),
                (0.003_935_068_978_355_478, 0.412_171_934_073_682_2),
            ),
            (20.0, 20.0, 0.8, (0.891_250_938_133_745_6, 1.0), (0.924_113_020_889_235_5, 1.0)),
            (20.0, 20.0, 0.95, (0.831_566_529_016_914_6, 1.0), (0.838_874_841_947_180_6, 1.0)),
            (20.0, 20.0, 0.999, (0.683_830_552_045_834_4, 1.0), (0.648_769_996_608_846_9, 1.0)),
            (
                7.0,
                1000.0,
                0.8,
                (0.003_898_877_513_619_116_7, 0.011_742_837_752_829_25),
                (0.004_336_925_730_722_809, 0.011_279_800_173_353_744),
            ),
            (
                7.0,
                1000.0,
                0.95,
                (0.002_818_858_759_620_522_3, 0.014_369_194_978_918_642),
                (0.003_394_868_400_990_766_3, 0.014_378_315_465_766_586),
            ),
            (
                7.0,
                1000.0,
                0.999,
                (0.001_351_510_317_385_108, 0.020_513_437_492_510_89),
                (0.002_164_329_896_861_214, 0.022_397_293_669_379_34),
            ),
            (
                500.0,
                100_000.0,
                0.8,
                (0.004_716_310_540_473_069, 0.005_298_113_184_140_077),
                (0.004_722_170_049_370_284, 0.005_294_089_190_302_107),
            ),
            (
                500.0,
                100_000.0,
                0.95,
                (0.004_572_244_150_070_587_5, 0.005_456_841_177_010_281),
                (0.004_581_445_312_245_603, 0.005_456_583_669_211_609),
            ),
            (
                500.0,
                100_000.0,
                0.999,
                (0.004_298_299_010_677_503, 0.005_777_170_005_817_83),
                (0.004_317_733_968_238_354, 0.005_789_447_331_725_034),
            ),
            (
                99_999.0,
                100_000.0,
                0.8,
                (0.999_961_103_360_307_1, 0.999_998_946_395_398_4),
                (0.999_966_567_946_333_8, 0.999_997_008_907_719_3),
            ),
            (
                99_999.0,
                100_000.0,
                0.95,
                (0.999_944_284_839_652_3, 0.999_999_746_821_952_3),
                (0.999_943_352_903_409_9, 0.999_998_234_752_269_8),
            ),
            (
                99_999.0,
                100_000.0,
                0.999,
                (0.999_900_017_723_642_9, 0.999_999_994_998_749_6),
                (0.999_872_522_593_729, 0.999_999_215_632_193),
            ),
        ];
        for (events, total, level, exact, score) in expected {
            let group = Proportion { events, total };
            for (found, expected) in [
                (clopper_pearson(group, level).unwrap(), exact),
                (wilson(group, level).unwrap(), score),
            ] {
                let agrees =
                    |found: f64, expected: f64| (found - expected).abs() <= 1e-10 * expected;
                assert!(agrees(found.0, expected.0), "{events}/{total}: {found:?}");
                assert!(agrees(found.1, expected.1), "{events}/{total}: {found:?}");
            }
        }
    }

    /// Roots of the regularised incomplete beta function with 40 digits.
    #[test]
    fn exact_intervals_keep_their_digits_in_large_groups() {
        let expected = [
            (7.0, 1e3, (0.002_818_858_759_620_526_2, 0.014_369_194_978_918_632)),
            (7.0, 1e6, (2.814_367_534_302_22e-6, 1.442_262_183_433_103e-5)),
        ];
        for (events, total, expected) in expected {
            let found = clopper_pearson(Proportion { events, total }, 0.95).unwrap();
            assert!((found.0 / expected.0 - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.1 / expected.1 - 1.0).abs() < 1e-9, "{found:?}");
        }
    }

    /// The formulas of metafor's transf.ipft for n = 25.5, computed with 40 digits as they lose
    /// digits about one half, and its transf.iirft for t = 4.5.
    #[test]
    fn freeman_and_tukey_return_as_by_their_formulas() {
        let expected = [
            (0.3, 0.072_107_930_630_646_3, 0.013_182_441_700_960_213),
            (0.7, 0.411_748_514_749_663_45, 0.385_187_704_711_514_2),
            (0.785, 0.499_586_517_109_021_2, 0.510_122_481_128_876_7),
            (1.0, 0.716_046_876_087_409_47, 0.891_975_308_641_975_4),
            (1.4, 0.986_469_864_357_645_5, 1.850_463_592_844_545),
            (1.55, 1.0, 2.292_673_558_921_391_1),
            (0.05, 0.0, 0.0),
        ];
        for (value, proportion, rate) in expected {
            let found = ProportionMeasure::DoubleArcsine.back_transform(value, 25.5);
            assert!((found - proportion).abs() < 1e-14, "{value}: {found}");
            let found = RateMeasure::DoubleSquareRoot.back_transform(value, 4.5);
            assert!((found - rate).abs() < 1e-14, "{value}: {found}");
        }
    }

    #[test]
    fn every_transformation_returns_to_the_proportion_it_came_from() {
        let nothing = ZeroCounts { add: 0.0, to: AddTo::None };
        for events in [1.0, 2.0, 50.0, 99.0, 100.0, 101.0, 199.0] {
            let (group, rate) = (Proportion { events, total: 200.0 }, Rate { events, time: 200.0 });
            for measure in [
                ProportionMeasure::Raw,
                ProportionMeasure::Log,
                ProportionMeasure::Logit,
                ProportionMeasure::Arcsine,
                ProportionMeasure::DoubleArcsine,
            ] {
                let effect = proportion_effects(measure, &[group], nothing)[0].unwrap();
                let found = measure.back_transform(effect.estimate, 200.0);
                assert!((found - events / 200.0).abs() < 1e-15, "{measure:?} {events}: {found}");
            }
            for measure in [
                RateMeasure::Raw,
                RateMeasure::Log,
                RateMeasure::SquareRoot,
                RateMeasure::DoubleSquareRoot,
            ] {
                let effect = rate_effects(measure, &[rate], nothing)[0].unwrap();
                let found = measure.back_transform(effect.estimate, 200.0);
                assert!((found - events / 200.0).abs() < 1e-15, "{measure:?} {events}: {found}");
            }
        }
    }
}
