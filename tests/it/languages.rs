//! The languages of a report: complete, in the field's terms, with glyphs for every character, and
//! with the same numbers.

use crate::support::{copy_tree, fixture, run, stderr, tree, whole};
use build_report::consistency::{Lexicons, Message, Phrases, Rule, check_claims, read_claims};
use build_report::data::Table;
use build_report::render::assets::Assets;
use build_report::source::Sources;
use build_report::spec::Language;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use ttf_parser::Face;

const CHINESE: [&str; 2] = ["zh-Hans", "zh-Hant"];

/// The names of the sentences of the review of an update.
fn sentences(tag: &str) -> Vec<String> {
    let assets = Assets::embedded();
    let words = assets.text(&format!("changes/words-{tag}.jinja")).unwrap();
    let heads = words.split("{%- macro ").skip(1).filter_map(|head| head.split_once(')'));
    heads.map(|(head, _)| head.to_owned()).collect()
}

fn words(path: &str) -> Value {
    serde_saphyr::from_str(Assets::embedded().text(path).unwrap()).unwrap()
}

/// The labels and the messages of the consistency check by their path; a list has the number of its
/// items in the path.
fn leaves(tag: &str) -> BTreeMap<String, String> {
    fn collect(value: &Value, path: &str, leaves: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| {
                    collect(value, &format!("{path}/{key}"), leaves);
                });
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| {
                collect(value, &format!("{path}/{at} of {}", items.len()), leaves);
            }),
            value => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                leaves.insert(path.to_owned(), text);
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&words(&format!("labels/{tag}.yaml")), "", &mut found);
    collect(&words(&format!("changes/labels-{tag}.yaml")), "/changes", &mut found);
    collect(&words(&format!("consistency/messages/{tag}.yaml")), "/messages", &mut found);
    // how Typst calls the language, and its fonts, are no words of the report
    let is_word = |path: &str| {
        !["/language", "/typst/", "/typefaces/"].iter().any(|start| path.starts_with(start))
    };
    found.retain(|path, _| is_word(path));
    found
}

/// The prose of a language by file name.
fn prose(tag: &str) -> BTreeMap<String, String> {
    let assets = Assets::embedded();
    let files = assets.iter().filter_map(|(path, bytes)| {
        let name = path.strip_prefix(&format!("prose/{tag}/"))?;
        Some((name.to_owned(), String::from_utf8(bytes.to_vec()).unwrap()))
    });
    let words = assets.text(&format!("changes/words-{tag}.jinja")).unwrap();
    files.chain([("words of an update".to_owned(), words.to_owned())]).collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// The runs of Latin letters of a text, without what stands in braces.
fn latin_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            c if depth == 0 && c.is_alphabetic() && !is_han(c) && c < '\u{300}' => {
                words.last_mut().unwrap().push(c);
            }
            _ => words.push(String::new()),
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

#[test]
fn every_language_has_every_label_and_every_template() {
    let english: BTreeSet<String> = leaves("en").into_keys().collect();
    let files: Vec<String> = prose("en").into_keys().collect();
    assert!(english.len() > 400 && files.len() > 40);
    for language in Language::ALL {
        let tag = language.tag();
        let own: BTreeSet<String> = leaves(tag).into_keys().collect();
        let differing: Vec<&String> = english.symmetric_difference(&own).collect();
        assert!(differing.is_empty(), "{tag}: {differing:?}");
        assert_eq!(prose(tag).into_keys().collect::<Vec<_>>(), files, "{tag}");
        assert_eq!(sentences(tag), sentences("en"), "{tag}");
    }
}

/// The values that a pattern of a label names are those of the English one.
#[test]
fn the_patterns_name_the_same_values() {
    let named = |text: &str| -> BTreeSet<String> {
        let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
        parts.map(|(name, _)| name.to_owned()).collect()
    };
    let english = leaves("en");
    for tag in CHINESE {
        for (path, text) in leaves(tag) {
            assert_eq!(named(&text), named(&english[&path]), "{tag}{path}");
        }
    }
}

/// Letters of statistics, abbreviations that Chinese journals print, and names.
const LATIN: &str = "SHA AIC AICc AS BIC CI DFFITS DL EB GLMM HE HR HS IRD IRR IRSD IV MD ML OR PI PICOS PM \
    RD REML ROM RR SJ SMD SMDH M H I J L N P Q R d f g n p r t z Meta logit Abbé Baujat Clopper Cook DerSimonian \
    Egger Greenland Hartung Haenszel Hedges Hunter Jonkman Kaplan Knapp Laird Luo Mandel Mantel Manager Meier Orwin \
    Paule Pearson Peto Review Robins Rosenberg Rosenthal Rothman Sato Schmidt Sidik Wan Wilson SE Cochrane What s new";

#[test]
fn no_chinese_label_is_still_english() {
    let allowed: BTreeSet<&str> = LATIN.split_whitespace().collect();
    for tag in CHINESE {
        for (path, text) in leaves(tag) {
            for word in latin_words(&text) {
                assert!(allowed.contains(word.as_str()), "{tag}{path}: `{word}` of `{text}`");
            }
        }
    }
}

/// The terms of the glossary: a label, and what stands in it.
const TERMS: &[(&str, &str, &str)] = &[
    ("/report_kind", "Meta分析", "統合分析"),
    ("/study", "研究", "研究"),
    ("/source", "来源", "來源"),
    ("/included_studies", "纳入研究", "納入研究"),
    ("/figure_name/funnel", "漏斗图", "漏斗圖"),
    ("/figure_name/leave_one_out", "逐一剔除法", "逐一排除法"),
    ("/experimental", "试验组", "實驗組"),
    ("/control", "对照组", "對照組"),
    ("/column/events", "事件数", "事件數"),
    ("/column/total", "总例数", "總人數"),
    ("/participants", "受试者", "受試者"),
    ("/predictor/ni", "样本量", "樣本數"),
    ("/column/mean", "均数", "平均值"),
    ("/column/sd", "标准差", "標準差"),
    ("/se", "标准误", "標準誤"),
    ("/weight", "权重", "權重"),
    ("/effect", "效应量", "效果量"),
    ("/measure/OR/name", "比值比（OR）", "勝算比（OR）"),
    ("/measure/RR/name", "相对危险度（RR）", "風險比（RR）"),
    ("/measure/RD/name", "危险差（RD）", "風險差（RD）"),
    ("/measure/HR/name", "风险比（HR）", "風險比（HR）"),
    ("/measure/IRR/name", "发病密度比（IRR）", "發生率比（IRR）"),
    ("/measure/MD/name", "均数差（MD）", "平均差（MD）"),
    ("/measure/SMD/name", "标准化均数差（SMD）", "標準化平均差（SMD）"),
    ("/measure/PLO/name", "率", "比例"),
    ("/figures/radial/interval", "置信区间", "信賴區間"),
    ("/prediction_interval", "预测区间", "預測區間"),
    ("/consistency/key/ci_low", "下限", "下限"),
    ("/consistency/key/ci_high", "上限", "上限"),
    ("/grid/df", "自由度", "自由度"),
    ("/model_short/fixed", "固定效应", "固定效果"),
    ("/method_long/DL", "随机效应模型", "隨機效果模型"),
    ("/method_long/EE", "共同效应模型", "共同效果模型"),
    ("/figures/funnel/pooled", "合并效应量", "合併效果量"),
    ("/pooled", "合计", "合計"),
    ("/heterogeneity", "异质性检验", "異質性檢定"),
    ("/overall", "总体效应检验", "整體效果檢定"),
    ("/subgroup", "亚组", "次群組"),
    ("/figures/bubble/line", "Meta回归", "統合迴歸"),
    ("/reason/moderators-do-not-vary", "协变量", "調節變項"),
    ("/grid/publication_bias", "发表偏倚", "出版偏誤"),
    ("/regression_test/lm", "Egger检验", "Egger檢定"),
    ("/figures/funnel/imputed", "剪补法", "修剪與填補法"),
    ("/grid/fail_safe_n", "失安全数", "失安全N"),
    ("/method/MH", "Mantel-Haenszel法", "Mantel-Haenszel法"),
    ("/method/EE", "倒方差法", "反變異數法"),
    ("/method/PETO", "Peto法", "Peto法"),
    ("/method/REML", "限制性极大似然法", "限制最大概似法"),
    ("/not_estimable", "无法估计", "無法估計"),
    ("/grid/not_applicable", "不适用", "不適用"),
    ("/favours", "支持{arm}", "支持{arm}"),
    ("/risk_of_bias", "偏倚风险", "偏誤風險"),
    ("/figures/risk_of_bias/judgements/low", "低风险", "低風險"),
    ("/figures/risk_of_bias/judgements/some_concerns", "有一定风险", "有些疑慮"),
    ("/figures/risk_of_bias/rob2/D1", "随机化过程", "隨機化過程"),
    ("/figures/risk_of_bias/rob2/D2", "偏离既定干预", "偏離預定介入"),
    ("/figures/risk_of_bias/rob2/D3", "结局数据缺失", "結果資料缺失"),
    ("/figures/risk_of_bias/rob2/D5", "结果选择性报告", "選擇性報告結果"),
    ("/certainty_heading", "证据确定性", "證據確定性"),
    ("/absolute_effects", "预期绝对效应", "預期絕對效果"),
    ("/figures/prisma/records_screened", "筛选文献", "篩選文獻"),
    ("/figures/prisma/identified", "检索获得文献", "檢索文獻"),
];

#[test]
fn labels_use_the_terms_of_the_glossary() {
    let [hans, hant] = CHINESE.map(leaves);
    for (path, simplified, traditional) in TERMS.iter().copied() {
        for (labels, term) in [(&hans, simplified), (&hant, traditional)] {
            let text = labels.get(path).unwrap_or_else(|| panic!("no label `{path}`"));
            assert!(text.contains(term), "{path}: `{text}` is not `{term}`");
        }
    }
}

/// Words of the one side of the strait in a text for the other.
#[test]
fn each_chinese_keeps_to_its_own_terms() {
    let texts = |tag: &str| -> String {
        leaves(tag).into_values().chain(prose(tag).into_values()).collect::<Vec<_>>().join("\n")
    };
    let (hans, hant) = (texts("zh-Hans"), texts("zh-Hant"));
    let mainland = [
        "效應",
        "檢驗",
        "置信",
        "均數差",
        "亞組",
        "偏倚",
        "樣本量",
        "比值比",
        "危險",
        "協變量",
        "似然",
        "方差",
        "試驗組",
        "數據",
        "結局",
        "剔除",
        "剪補",
        "簇",
        "支援",
        "儲存格",
        "程式碼",
        "回歸",
        "統計學意義",
        "例受試者",
        "Meta",
    ];
    for word in mainland {
        assert!(!hant.contains(word), "zh-Hant has `{word}`");
    }
    for word in ["荟萃", "元分析", "可信区间", "优势比", "显著"] {
        assert!(!hans.contains(word), "zh-Hans has `{word}`");
    }
    assert!(hant.contains("統計上顯著") && hans.contains("差异有统计学意义"));
    // a character of the one script that the other does not have
    for c in "为与应检验误义项组类据级险".chars() {
        assert!(!hant.contains(c), "zh-Hant has `{c}`");
    }
}

/// Within Chinese sentences, punctuation is full-width.
#[test]
fn chinese_prose_has_full_width_punctuation() {
    for tag in CHINESE {
        for (name, text) in prose(tag) {
            let chars: Vec<char> = text.chars().collect();
            for (at, pair) in chars.windows(2).enumerate() {
                let is_half = is_han(pair[0]) && ",;:?!(".contains(pair[1]);
                // names of formulas stand in half-width brackets
                let around: String =
                    chars[at.saturating_sub(8)..(at + 2).min(chars.len())].iter().collect();
                assert!(!is_half, "{tag}/{name}: `{around}`");
            }
        }
    }
}

/// No character of labels and prose is left to another typeface than the one of its place.
#[test]
fn the_chinese_typefaces_hold_all_labels_and_prose() {
    let assets = Assets::embedded();
    for (tag, region) in [("zh-Hans", "sc"), ("zh-Hant", "tc")] {
        let texts = leaves(tag).into_values().chain(prose(tag).into_values());
        let printed: BTreeSet<char> = texts
            .flat_map(|text| text.chars().collect::<Vec<_>>())
            .filter(|c| is_han(*c))
            .collect();
        assert!(printed.len() > 300);
        for font in ["Sans", "Serif"].iter().flat_map(|kind| {
            let weights: &[&str] =
                if *kind == "Sans" { &["Regular", "Bold"] } else { &["Regular"] };
            weights.iter().map(move |weight| format!("fonts/Noto{kind}CJK{region}-{weight}.otf"))
        }) {
            let (_, bytes) = assets.fonts().find(|(path, _)| *path == font).unwrap();
            let face = Face::parse(bytes, 0).unwrap();
            let missing: String =
                printed.iter().filter(|c| face.glyph_index(**c).is_none()).collect();
            assert!(missing.is_empty(), "{font} has no `{missing}`");
        }
    }
}

/// What stands in the bodies of the tables, as runs of digits.
fn table_numbers(source: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    for table in source.split("three-line(").skip(1) {
        let body = table.split_once("body: (").unwrap().1;
        let end = body.find("notes: (").or_else(|| body.find("caption: [")).unwrap();
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let runs = body[..end].split(|c: char| !is_digit(c));
        numbers.extend(
            runs.filter(|run| run.contains(|c: char| c.is_ascii_digit())).map(str::to_owned),
        );
        numbers.push("end of a table".to_owned());
    }
    numbers
}

#[test]
fn numbers_are_the_same_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/fleiss1993"), &folder.path().join("fleiss1993"));
    let built: Vec<BTreeMap<String, Vec<u8>>> = Language::ALL
        .iter()
        .map(|language| {
            let arguments = [
                "fleiss1993",
                "--language",
                language.tag(),
                "--format",
                "typ",
                "--out",
                language.tag(),
            ];
            let output = run(folder.path(), &arguments);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            tree(&folder.path().join(language.tag()).join("fleiss1993/1")).into_iter().collect()
        })
        .collect();
    let english = &built[0];
    let source = |files: &BTreeMap<String, Vec<u8>>| {
        let sources = files.iter().filter_map(|(path, bytes)| {
            Some((path.strip_prefix("typst/")?.to_owned(), String::from_utf8(bytes.clone()).ok()?))
        });
        whole(&sources.collect())
    };
    let expected = table_numbers(&source(english));
    assert!(expected.len() > 100, "{}", expected.len());
    for (language, files) in Language::ALL.iter().zip(&built).skip(1) {
        let tag = language.tag();
        for (name, bytes) in english {
            if name == "results.json" || name == "metafor.R" || name.starts_with("tables/") {
                assert_eq!(&files[name], bytes, "{tag}: {name}");
            }
        }
        let text = source(files);
        assert_eq!(table_numbers(&text), expected, "{tag}");
        let word = if tag == "zh-Hans" { "异质性检验" } else { "異質性檢定" };
        assert!(text.contains(word) && !text.contains("Heterogeneity"), "{tag}");
    }
}

#[test]
fn the_spec_names_the_language() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/fleiss1993"), &folder.path().join("review"));
    let path = folder.path().join("review/review.yaml");
    let spec = fs::read_to_string(&path).unwrap();
    let check = |language: &str| {
        fs::write(&path, format!("{spec}\nlanguage: {language}\n")).unwrap();
        let output = run(folder.path(), &["check", "review", "--color", "never"]);
        (output.status.code(), stderr(&output))
    };
    for tag in CHINESE {
        let (code, message) = check(tag);
        assert!(code == Some(0) && message.contains("sound"), "{tag}: {message}");
    }
    let (code, message) = check("zh-Hand");
    assert_eq!(code, Some(1));
    assert!(message.contains("zh-Hand") && message.contains("zh-Han"), "{message}");
}

/// The same sentence claims the same in both scripts.
#[test]
fn the_lexicon_reads_both_scripts() {
    let assets = Assets::embedded();
    let text = |path: &str| assets.text(path).unwrap();
    let lexicons =
        Lexicons::read(text("consistency/en.yaml"), text("consistency/zh.yaml")).unwrap();
    let pairs = [
        ("感染风险显著升高38%", "感染風險顯著升高38%"),
        ("两组差异无统计学意义", "兩組無統計上顯著差異"),
        ("差异有统计学意义（P=0.03）", "具統計上顯著差異（P=0.03）"),
        ("与无效值的差异无统计学意义", "未達統計上顯著"),
        ("95%置信区间跨越无效线", "95%信賴區間跨越無效線"),
        ("95%置信区间包含无效值", "95%信賴區間包含無效值"),
        ("比值比为1.52，事件较多", "勝算比為1.52，事件較多"),
        ("不良事件发生率较低", "不良事件發生率較低"),
        ("安全性得到证实，两组等效", "安全性得到證實，兩組等效"),
        ("未观察到显著差异", "未觀察到顯著差異"),
        ("疼痛明显缓解，患者获益", "疼痛明顯緩解，病人獲益"),
        ("建议用于临床，为全球首个", "建議用於臨床，為全球首個"),
        ("下限跨负值", "下限跨負值"),
    ];
    for (simplified, traditional) in pairs {
        let [simplified, traditional] = [simplified, traditional].map(|it| lexicons.statement(it));
        assert!(!simplified.classes.is_empty(), "{}", simplified.text);
        assert_eq!(simplified.classes, traditional.classes, "{}", traditional.text);
    }
}

/// The messages of a report in a language.
fn phrases(tag: &str) -> Phrases {
    let assets = Assets::embedded();
    let text = |path: &str| assets.text(path).unwrap();
    let path = format!("consistency/messages/{tag}.yaml");
    let labels = format!("labels/{tag}.yaml");
    Phrases::read(&path, text(&path)).unwrap().in_report(&labels, text(&labels), "−").unwrap()
}

#[test]
fn every_message_is_a_pattern_of_its_values() {
    let text = Assets::embedded().text("consistency/messages/en.yaml").unwrap().to_owned();
    let read = |text: &str| Phrases::read("en.yaml", text).map_err(|error| error.message);
    assert!(read(&text).is_ok() && Message::KEYS.len() > 100);
    for (wrong, told) in [
        (text.replacen("covers_null:", "covers_nul:", 1), "`covers_null`"),
        (text.replacen("{alpha}", "{alfa}", 1), "`{alfa}`"),
        (format!("{text}another: text\n"), "`another`"),
    ] {
        let message = read(&wrong).unwrap_err();
        assert!(message.contains(told), "{message}");
    }
}

/// Text without what stands in quotation marks, where others' words are.
fn without_quotes(text: &str) -> String {
    let mut depth = 0;
    let is_own = |c: &char| {
        match c {
            '“' | '「' => depth += 1,
            '”' | '」' => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(is_own).collect()
}

/// Every message of every rule of the cases is in the language of the report.
#[test]
fn findings_speak_the_language_of_the_report() {
    let assets = Assets::embedded();
    let text = |path: &str| assets.text(path).unwrap();
    let lexicons =
        Lexicons::read(text("consistency/en.yaml"), text("consistency/zh.yaml")).unwrap();
    let mut findings = Vec::new();
    for name in ["rules.csv", "lint_claims.csv"] {
        let mut sources = Sources::default();
        let table = fs::read_to_string(fixture("consistency").join(name)).unwrap();
        let source = sources.add(name.to_owned(), table);
        let table = Table::parse(&sources, source).unwrap();
        findings.extend(check_claims(&read_claims(&sources, &table).unwrap(), &lexicons));
    }
    let rules: BTreeSet<Rule> = findings.iter().map(|finding| finding.rule).collect();
    // the results of a review are needed by the other two
    assert_eq!(rules.len(), Rule::ALL.len() - 2);
    let allowed: BTreeSet<&str> = LATIN.split_whitespace().collect();
    let mut keys = BTreeSet::new();
    for tag in CHINESE {
        let phrases = phrases(tag);
        for finding in &findings {
            for message in [&finding.printed, &finding.follows] {
                keys.insert(message.key());
                // subjects are the author's, and translated with the review
                let mut message = message.clone();
                message.visit_texts(&mut |_, text| *text = "甲".to_owned());
                let text = phrases.text(&message);
                assert!(!text.contains(['{', '`', '"']), "{tag}: {text}");
                for word in latin_words(&without_quotes(&text)) {
                    assert!(allowed.contains(word.as_str()), "{tag}: `{word}` of `{text}`");
                }
            }
        }
    }
    assert!(keys.len() > 80, "{}", keys.len());
}
