//! The keys of `review.yaml`.

use super::super::certainty::{Certainty, Domain};
use super::super::conventions::Profile;
use super::super::judgement::BiasTool;
use super::super::presentation::Language;
use super::analysis;
use super::shape::{Key, Shape, choice, key, list, required, text_or, texts};
use super::tables;

/// Every key.
pub(super) fn keys() -> Vec<Key> {
    use Shape::{Flag, Mapping, Named, Text};
    let sides = || {
        Mapping(vec![
            key("inclusion", texts(), "What is included: a sentence, a list, or NA."),
            key("exclusion", texts(), "What is excluded: a sentence, a list, or NA."),
        ])
    };
    let step = |about| {
        let keys = vec![
            required("reviewers", Shape::Whole(1.0, 99.0), "How many did it."),
            key("independent", Flag, "Whether each worked without knowing what the others did."),
            key("disagreements", Text, "How they were settled."),
            key("tool", Text, "The software or the instrument."),
        ];
        (Mapping(keys), about)
    };
    let (screening, about_screening) = step("Who chose the studies.");
    let (extraction, about_extraction) = step("Who read out the data.");
    let (judging, about_judging) = step("Who judged the risk of bias.");
    let registration = Mapping(vec![
        required("register", Text, "The register, such as PROSPERO."),
        required("number", Text, "The number in it."),
        key("date", Text, "When it was registered."),
    ]);
    let database = text_or(vec![
        required("name", Text, "The database."),
        key("from", Text, "Where the search begins."),
        key("to", Text, "Where it ends."),
        key("records", Text, "How many records it gave."),
        key("query", Text, "The query, word for word."),
    ]);
    vec![
        required(
            "id",
            Text,
            "Name of the folder of its versions: letters, digits, `-`, `_` and `.`.",
        ),
        required("version", Text, "Label of the version being worked on, such as \"2026.1\"."),
        required("title", Text, "Title of the report."),
        key("authors", texts(), "Printed on the first page."),
        key("date", Shape::Date, "The report's date, as year-month-day."),
        key("about", texts(), "What the review is about; printed on the first page."),
        key("language", choice(Language::ALL.map(Language::tag)), "Language of the report."),
        key(
            "translations",
            Mapping(
                Language::ALL
                    .map(|language| key(language.tag(), Text, "CSV with `text` and `translation`."))
                    .to_vec(),
            ),
            "Tables that translate your own texts, one a language.",
        ),
        key(
            "profile",
            choice(Profile::ALL.map(Profile::name)),
            "Whose conventions hold, where programs differ.",
        ),
        key(
            "style",
            Text,
            "House style: major, revman, jama, bmj, lancet, cma-zh, or one of your own.",
        ),
        key(
            "encoding",
            Shape::Either(Box::new(Text), Box::new(Named(Box::new(Text)))),
            "What the files are that are not UTF-8, by their WHATWG label; or file by file.",
        ),
        key("flow", Text, "CSV of the PRISMA 2020 flow diagram, with `data` and `n`."),
        key("risk_of_bias", bias(), "Judgements of the risk of bias, as robvis reads them."),
        key("references", Text, "List of references: BibLaTeX, or Hayagriva's YAML."),
        key("claims", Text, "CSV of numbers that others printed, one row a claim."),
        key(
            "picos",
            Mapping(vec![
                required("population", sides(), "Who."),
                required("intervention", sides(), "What is given."),
                required("comparison", sides(), "Against what."),
                required("outcome", sides(), "What is measured."),
                required("study", sides(), "Designs."),
            ]),
            "Eligibility.",
        ),
        key(
            "search",
            Mapping(vec![
                key("databases", list(database), "Where was searched."),
                key("other", texts(), "Other sources."),
                key("restrictions", Text, "Language, years and the like."),
            ]),
            "How the studies were found.",
        ),
        key(
            "process",
            Mapping(vec![
                key("screening", screening, about_screening),
                key("extraction", extraction, about_extraction),
                key("risk_of_bias", judging, about_judging),
                key(
                    "registration",
                    Shape::Either(Box::new(choice(["none"])), Box::new(registration)),
                    "Where the protocol is registered, or `none`.",
                ),
            ]),
            "Who did what.",
        ),
        key("protocol_of", Text, "Whose picos, search and process these are, where retold."),
        key("characteristics", tables::characteristics(), "The table of the included studies."),
        key("summary_of_findings", list(outcome()), "GRADE: one outcome each."),
        key(
            "results_table",
            choice(["category", "comparison", "journal"]),
            "Form of the table of results.",
        ),
        key("abbreviations", Named(Box::new(Text)), "Short to long forms."),
        key(
            "defaults",
            Mapping(analysis::inherited()),
            "What every analysis of the review inherits, key by key.",
        ),
        key("order", texts(), "Ids of the analyses in the order of the report."),
        key(
            "chapters",
            list(Mapping(vec![
                required("title", Text, "Title of the chapter."),
                required("analyses", texts(), "Ids of its analyses in their order."),
            ])),
            "The analyses in chapters, in the order of the report; in place of `order`.",
        ),
    ]
}

fn bias() -> Shape {
    let domains = BiasTool::RobinsI
        .domains()
        .iter()
        .map(|code| key(code, Shape::Text, "Column of this domain."));
    let mut columns = vec![key("study", Shape::Text, "Column of the study.")];
    columns.extend(domains);
    columns.push(key("overall", Shape::Text, "Column of the overall judgement."));
    Shape::Mapping(vec![
        required("data", Shape::Text, "CSV: `Study, D1, ..., Overall`."),
        required("tool", choice(BiasTool::ALL.map(BiasTool::name)), "The instrument."),
        key("columns", Shape::Mapping(columns), "Columns of other names."),
        key("weights", Shape::Text, "Id of the analysis whose weights the bars show."),
    ])
}

fn outcome() -> Shape {
    let risk =
        Shape::Either(Box::new(Shape::Number(Some(0.0), Some(1.0))), Box::new(choice(["median"])));
    let reason = Shape::Mapping(vec![
        required("domain", choice(Domain::ALL.map(Domain::name)), "What lowers the certainty."),
        required("rating", choice(["serious", "very serious"]), "One level down, or two."),
        required("reason", Shape::Text, "Why."),
    ]);
    Shape::Mapping(vec![
        required("analysis", Shape::Text, "Id of the analysis."),
        key("outcome", Shape::Text, "Name of the outcome, if not the title of the analysis."),
        key(
            "baseline_risk",
            risk,
            "Risk without the intervention, 0 to 1, or `median` of the control groups.",
        ),
        key("start", choice(["high", "low"]), "Where the certainty starts."),
        required(
            "certainty",
            choice(Certainty::ALL.map(Certainty::name)),
            "Certainty of the evidence.",
        ),
        key("reasons", list(reason), "What lowers it; the levels must add up."),
        key("comment", Shape::Text, "Printed in the last column."),
    ])
}
