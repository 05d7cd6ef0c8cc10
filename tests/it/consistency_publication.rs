//! A law of the consistency check: a whole publication that is true, rounded as it likes and told
//! again in its abstract and tables, is met with silence.

use crate::consistency::{fixed, found, p_text, problems};
use build_report::stats::distribution::chi_squared_upper_tail;
use build_report::stats::pooling::Reference;
use proptest::prelude::*;

const COLUMNS: &str = "id,source,place,study,subject,part_of,quotes,measure,scale,ci_scale,estimate,ci_low,ci_high,level,\
    se,p,k,q,df,q_p,i2,method,threshold,events1,n1,percent1,events2,n2,percent2,events,n,percent,episodes,start,\
    removed,left,enrolled,lost,analysed,parts,total,list,count,statement";

/// A row of the table of claims: the cells that are not empty.
type Row = Vec<(&'static str, String)>;

fn table(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let cell = |column: &str| {
            let value = row.iter().find(|(name, _)| *name == column);
            value.map(|(_, value)| format!("\"{value}\"")).unwrap_or_default()
        };
        COLUMNS.split(',').map(|column| cell(column.trim())).collect::<Vec<_>>().join(",")
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    format!("{COLUMNS}\n{}\n", lines.join("\n"))
}

/// How a journal prints.
#[derive(Debug, Clone)]
struct Style {
    decimals: [usize; 6],
    p: usize,
    level: f64,
    is_t: bool,
    /// Scales of the estimate and of its interval.
    scales: (&'static str, &'static str),
    /// U+2212, commas between thousands, no zero before the point.
    is_typographic: bool,
}

impl Style {
    fn number(&self, text: String) -> String {
        if !self.is_typographic {
            return text;
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("\u{2212}", digits),
            None => ("", text.as_str()),
        };
        let digits = digits.strip_prefix("0.").map_or(digits.to_owned(), |rest| format!(".{rest}"));
        let whole = digits.split('.').next().unwrap_or_default().len();
        if whole > 3 && whole <= 6 {
            return format!("{sign}{},{}", &digits[..whole - 3], &digits[whole - 3..]);
        }
        format!("{sign}{digits}")
    }

    fn percent(&self, part: f64, whole: f64) -> String {
        let sign = if self.is_typographic { "%" } else { "" };
        format!("{}{sign}", fixed(100.0 * part / whole, self.decimals[5]))
    }

    fn effect(&self, value: f64, scale: &str, decimals: usize) -> String {
        self.number(match scale {
            "ratio" => fixed(value.exp(), decimals),
            "percent" => fixed(100.0 * value.exp_m1(), decimals),
            _ => fixed(value, decimals),
        })
    }

    fn reference(&self, k: usize) -> Reference {
        if self.is_t { Reference::T(k as f64 - 1.0) } else { Reference::Normal }
    }

    /// Estimate, interval and P of `k` studies, or of one by the normal distribution.
    fn result(&self, value: f64, se: f64, k: Option<usize>) -> Row {
        let reference = k.map_or(Reference::Normal, |k| self.reference(k));
        let half = reference.critical(self.level / 100.0) * se;
        let [a, b, c, ..] = self.decimals;
        let (scale, ci_scale) = self.scales;
        let mut row = vec![
            ("measure", "OR".to_owned()),
            ("scale", scale.to_owned()),
            ("ci_scale", ci_scale.to_owned()),
            ("estimate", self.effect(value, scale, a)),
            ("ci_low", self.effect(value - half, ci_scale, b)),
            ("ci_high", self.effect(value + half, ci_scale, c)),
            ("level", self.level.to_string()),
            ("p", p_text(reference.two_sided(value / se), self.p)),
        ];
        row.extend(k.map(|k| ("k", k.to_string())));
        row
    }

    fn groups(&self, [a, n1, c, n2]: [f64; 4]) -> Row {
        vec![
            ("events1", self.number(a.to_string())),
            ("n1", self.number(n1.to_string())),
            ("percent1", self.percent(a, n1)),
            ("events2", self.number(c.to_string())),
            ("n2", self.number(n2.to_string())),
            ("percent2", self.percent(c, n2)),
        ]
    }
}

fn style() -> impl Strategy<Value = Style> {
    let scales = prop_oneof![
        Just(("log", "log")),
        Just(("ratio", "ratio")),
        Just(("ratio", "log")),
        Just(("percent", "ratio")),
    ];
    let levels = prop_oneof![Just(90.0), Just(95.0), Just(99.0)];
    (prop::array::uniform6(1usize..5), 0usize..6, levels, any::<bool>(), scales, any::<bool>())
        .prop_map(|(decimals, p, level, is_t, scales, is_typographic)| Style {
            decimals,
            p,
            level,
            is_t,
            scales,
            is_typographic,
        })
}

/// Log odds ratio and its standard error.
fn log_odds_ratio([a, n1, c, n2]: [f64; 4]) -> (f64, f64) {
    let (b, d) = (n1 - a, n2 - c);
    ((a * d / (b * c)).ln(), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt())
}

/// What a publication of these studies says in its results, its abstract and its tables.
fn publication(studies: &[[f64; 4]], part: f64, styles: [&Style; 2]) -> String {
    let [style, other] = styles;
    let k = studies.len();
    let effects: Vec<(f64, f64)> = studies.iter().map(|it| log_odds_ratio(*it)).collect();
    let weights: Vec<f64> = effects.iter().map(|(_, se)| se.powi(-2)).collect();
    let total: f64 = weights.iter().sum();
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        effects.iter().zip(&weights).map(|((y, _), w)| of(*y, *w)).sum()
    };
    let estimate = sum(&|y, w| w * y) / total;
    let q = sum(&|y, w| w * (y - estimate).powi(2));
    let (df, se) = (k as f64 - 1.0, total.powf(-0.5));
    let i2 = if q > df { 100.0 * (q - df) / q } else { 0.0 };
    let [.., x, y, z] = style.decimals;
    let p = style.reference(k).two_sided(estimate / se);
    let alpha = 1.0 - style.level / 100.0;
    let side = if estimate > 0.0 { "higher" } else { "lower" };
    let statement = if p <= alpha.min(0.05) {
        format!("The odds of death were significantly {side}")
    } else if p > alpha.max(0.05) {
        format!("The odds of death were not significantly {side}")
    } else {
        String::new()
    };
    let groups = studies.iter().fold([0.0; 4], |sum, it| std::array::from_fn(|i| sum[i] + it[i]));
    let of = |id: &str, rest: Vec<Row>| -> Row {
        let ids = vec![("id", id.to_owned()), ("source", "Trialists 2020".to_owned())];
        ids.into_iter().chain(rest.into_iter().flatten()).collect()
    };
    let about = |subject: &str| vec![("subject", subject.to_owned())];
    let mut rows = vec![of(
        "result",
        vec![
            about("Death"),
            style.result(estimate, se, Some(k)),
            style.groups(groups),
            vec![
                ("se", style.number(fixed(se, x.max(2)))),
                ("q", style.number(fixed(q, y))),
                ("df", df.to_string()),
                ("q_p", p_text(chi_squared_upper_tail(q, df), style.p)),
                ("i2", fixed(i2, z)),
                ("method", "EE".to_owned()),
                ("threshold", fixed(Reference::Normal.critical(1.0 - 0.05 / k as f64), x)),
                ("list", "renal; immune; nervous".to_owned()),
                ("count", "3".to_owned()),
                ("statement", statement),
            ],
        ],
    )];
    for (id, place, style) in [("abstract", "abstract", other), ("table", "Table 2", style)] {
        let words = vec![
            ("place", place.to_owned()),
            ("quotes", "result".to_owned()),
            ("list", "Renal; nervous".to_owned()),
        ];
        rows.push(of(id, vec![about("death"), words, style.result(estimate, se, Some(k))]));
    }
    let of_part = [0, 2].map(|at| (groups[at] * part).floor());
    let groups_of_part = [of_part[0], groups[1], of_part[1], groups[3]];
    let words = vec![("part_of", "death".to_owned())];
    rows.push(of("part", vec![about("Sudden death"), words, style.groups(groups_of_part)]));
    for (at, (study, (value, se))) in studies.iter().zip(&effects).enumerate() {
        let name = vec![("study", format!("Trial {at}"))];
        let result = style.result(*value, *se, None);
        rows.push(of(
            &format!("study{at}"),
            vec![name, about("death"), result, style.groups(*study)],
        ));
    }
    let (lost, enrolled) = (groups[0], groups[1] + groups[0]);
    let parts: Vec<String> = studies.iter().map(|it| it[1].to_string()).collect();
    rows.push(of(
        "flow",
        vec![vec![
            ("start", style.number(enrolled.to_string())),
            ("removed", style.number(lost.to_string())),
            ("left", style.number(groups[1].to_string())),
            ("enrolled", enrolled.to_string()),
            ("lost", lost.to_string()),
            ("analysed", groups[1].to_string()),
            ("parts", parts.join("; ")),
            ("total", groups[1].to_string()),
            ("events", groups[0].to_string()),
            ("n", groups[1].to_string()),
            ("percent", style.percent(groups[0], groups[1])),
            ("episodes", (groups[0] + 2.0).to_string()),
        ]],
    ));
    table(&rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_true_publication_is_met_with_silence(
        sizes in prop::collection::vec((20u32..90, 20u32..90, 0.05..0.95f64, 0.05..0.95f64), 2..9),
        part in 0.0..=1.0f64,
        (first, mut second) in (style(), style()),
    ) {
        // told again with other digits and on other scales, but with the same test and level
        (second.is_t, second.level) = (first.is_t, first.level);
        let studies: Vec<[f64; 4]> = sizes
            .iter()
            .enumerate()
            .map(|(at, (n1, n2, share1, share2))| {
                // no two studies of one size
                let (n1, n2) = (f64::from(*n1) + 400.0 * at as f64, f64::from(*n2));
                [(n1 * share1).floor().max(1.0), n1, (n2 * share2).floor().max(1.0), n2]
            })
            .collect();
        let csv = publication(&studies, part, [&first, &second]);
        let findings = found(&csv);
        prop_assert!(problems(&findings).is_empty(), "{}{csv}", problems(&findings));
    }

    /// The same publication with one number spoilt is not.
    #[test]
    fn a_publication_that_quotes_itself_wrongly_is_told(
        sizes in prop::collection::vec((40u32..90, 40u32..90), 2..6),
        style in style(),
    ) {
        let studies: Vec<[f64; 4]> = sizes
            .iter()
            .enumerate()
            .map(|(at, (n1, n2))| {
                let n1 = f64::from(*n1) + 400.0 * at as f64;
                [(n1 * 0.3).floor(), n1, (f64::from(*n2) * 0.2).floor(), f64::from(*n2)]
            })
            .collect();
        let mut wrong = style.clone();
        wrong.decimals = [4; 6];
        wrong.is_typographic = false;
        let csv = publication(&studies, 0.5, [&wrong, &wrong]);
        let k = format!("\"{}\"", studies.len());
        let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|line| line.starts_with("\"abstract\"")).unwrap();
        lines[at] = lines[at].replacen(&format!(",{k},"), ",\"99\",", 1);
        let findings = found(&lines.join("\n"));
        let drifts = findings.iter().filter(|it| {
            [it.rule.name(), &it.claim] == ["claim-drift", "abstract"]
        });
        prop_assert_eq!(drifts.count(), 1, "{}", problems(&findings));
    }
}
