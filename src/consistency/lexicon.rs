//! Words that claim something, by language: the lexicons are data (`templates/consistency/`).

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Sources;
use crate::spec::{Node, Value, parse};
use std::collections::BTreeSet;

/// What words claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Statistical significance.
    Significant,
    /// Its absence.
    NotSignificant,
    /// A difference called clear, without saying significant.
    Marked,
    /// More, or higher.
    Increase,
    /// Fewer, or lower.
    Decrease,
    /// A change for the better.
    Improvement,
    /// Risk.
    Risk,
    /// Odds.
    Odds,
    /// Equality, or safety as established.
    Equivalence,
    /// An interval that covers the null.
    CoversNull,
    /// An interval that reaches below zero.
    CrossesNegative,
    /// Advice.
    Recommendation,
    /// Being the first.
    Priority,
    /// A rate or frequency.
    Rate,
}

const CLASSES: [(&str, Class); 14] = [
    ("significant", Class::Significant),
    ("not_significant", Class::NotSignificant),
    ("marked", Class::Marked),
    ("increase", Class::Increase),
    ("decrease", Class::Decrease),
    ("improvement", Class::Improvement),
    ("risk", Class::Risk),
    ("odds", Class::Odds),
    ("equivalence", Class::Equivalence),
    ("covers_null", Class::CoversNull),
    ("crosses_negative", Class::CrossesNegative),
    ("recommendation", Class::Recommendation),
    ("priority", Class::Priority),
    ("rate", Class::Rate),
];

/// The lexicons of the languages.
#[derive(Debug, Clone, Default)]
pub struct Lexicons {
    english: Lexicon,
    chinese: Lexicon,
}

#[derive(Debug, Clone, Default)]
struct Lexicon {
    /// Longest first, so that `not significant` is read before `significant`. One without a class
    /// claims nothing, and no part of it is a negator.
    patterns: Vec<(Vec<char>, Option<Class>)>,
    negators: Vec<Vec<char>>,
    breaks: Vec<Vec<char>>,
    drugs: Vec<String>,
}

/// A sentence, as the lexicon reads it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statement {
    /// The sentence.
    pub text: String,
    /// What its words claim; what is negated or asked is not claimed.
    pub classes: BTreeSet<Class>,
    /// Its numbers.
    pub numbers: Vec<Stated>,
}

/// A number in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// Its digits.
    pub text: String,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// The letters before its `=`, `<` or `>`, in capitals: `OR`, `P`.
    pub label: String,
}

/// The unit of a number in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// None.
    None,
    /// Percent.
    Percent,
    /// Times, or fold.
    Times,
}

impl Lexicons {
    /// Reads the lexicons from their YAML.
    ///
    /// # Errors
    /// A text that is no lexicon.
    pub fn read(english: &str, chinese: &str) -> Result<Self, Box<Diagnostic>> {
        Ok(Self {
            english: Lexicon::read("consistency/en.yaml", english)?,
            chinese: Lexicon::read("consistency/zh.yaml", chinese)?,
        })
    }

    /// Reads a sentence.
    #[must_use]
    pub fn statement(&self, text: &str) -> Statement {
        let is_chinese = text.chars().any(is_han);
        let lexicon = if is_chinese { &self.chinese } else { &self.english };
        Statement { text: text.to_owned(), classes: lexicon.classes(text), numbers: numbers(text) }
    }

    /// The names of drugs that are known, of all languages.
    pub fn drugs(&self) -> impl Iterator<Item = &str> {
        self.english.drugs.iter().chain(&self.chinese.drugs).map(String::as_str)
    }
}

impl Statement {
    /// Whether it claims something of a class.
    #[must_use]
    pub fn claims(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// Its numbers of a unit.
    pub fn of_unit(&self, unit: Unit) -> impl Iterator<Item = &Stated> {
        self.numbers.iter().filter(move |number| number.unit == unit)
    }

    /// The first number with a label.
    #[must_use]
    pub fn labelled(&self, labels: &[&str]) -> Option<&Stated> {
        self.numbers.iter().find(|number| labels.contains(&number.label.as_str()))
    }
}

impl Lexicon {
    fn read(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |message: String| {
            Box::new(Diagnostic::program_error(Code::Template, format!("`{path}`: {message}")))
        };
        let mut sources = Sources::default();
        let source = sources.add(path.to_owned(), text.to_owned());
        let tree = parse(&sources, source).map_err(|error| wrong(error.message))?;
        let mut lexicon = Self::default();
        let Value::Mapping(entries) = &tree.value else {
            return Err(wrong("a lexicon is a mapping".to_owned()));
        };
        for (key, value) in entries {
            let Value::Scalar(key) = &key.value else { continue };
            let words = texts(value);
            let patterns = || words.iter().map(|word| lowered(word)).collect::<Vec<_>>();
            match key.as_str() {
                "negators" => lexicon.negators = patterns(),
                "breaks" => lexicon.breaks = patterns(),
                "drugs" => lexicon.drugs.clone_from(&words),
                "neutral" => {
                    lexicon.patterns.extend(patterns().into_iter().map(|word| (word, None)));
                }
                name => {
                    let class = CLASSES.iter().find(|(known, _)| *known == name);
                    let Some((_, class)) = class else {
                        return Err(wrong(format!("there is no class of words `{name}`")));
                    };
                    lexicon
                        .patterns
                        .extend(patterns().into_iter().map(|word| (word, Some(*class))));
                }
            }
        }
        lexicon.patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        Ok(lexicon)
    }

    fn classes(&self, text: &str) -> BTreeSet<Class> {
        let text = lowered(text);
        let mut is_read = vec![false; text.len()];
        let mut matches = Vec::new();
        for (pattern, class) in &self.patterns {
            let mut at = 0;
            while let Some(start) = find(&text, pattern, at) {
                let end = start + pattern.len();
                at = start + 1;
                if is_read[start..end].iter().all(|read| !read) {
                    is_read[start..end].fill(true);
                    matches.extend(class.map(|class| (start, class)));
                }
            }
        }
        // a negator within a phrase, as in "covers no effect", negates nothing behind it
        let is_claimed = |(start, class): &(usize, Class)| {
            *class == Class::NotSignificant || !self.is_negated(&text, &is_read, *start)
        };
        matches.iter().filter(|found| is_claimed(found)).map(|(_, class)| *class).collect()
    }

    /// Whether a negation or a question stands before `at` in the same clause.
    fn is_negated(&self, text: &[char], is_read: &[bool], at: usize) -> bool {
        let punctuation = ['.', ',', ';', ':', '。', '，', '；', '：', '、', '(', '（'];
        let mut start = (0..at)
            .rev()
            .find(|i| {
                let is_decimal =
                    text[*i] == '.' && text.get(i + 1).is_some_and(char::is_ascii_digit);
                punctuation.contains(&text[*i]) && !is_decimal
            })
            .map_or(0, |i| i + 1);
        for word in &self.breaks {
            while let Some(found) = find(&text[..at], word, start) {
                start = found + word.len();
            }
        }
        self.negators.iter().any(|word| {
            let mut from = start;
            while let Some(found) = find(&text[..at], word, from) {
                if !is_read[found] {
                    return true;
                }
                from = found + 1;
            }
            false
        })
    }
}

/// Where a pattern stands in a text from `from` on; letters of a word have none beside them.
fn find(text: &[char], pattern: &[char], from: usize) -> Option<usize> {
    if pattern.is_empty() || text.len() < pattern.len() {
        return None;
    }
    let is_letter = |i: usize| text.get(i).is_some_and(char::is_ascii_alphanumeric);
    (from..=text.len() - pattern.len()).find(|start| {
        let end = start + pattern.len();
        text[*start..end] == *pattern
            && !(pattern[0].is_ascii_alphanumeric() && *start > 0 && is_letter(start - 1))
            && !(pattern[pattern.len() - 1].is_ascii_alphanumeric() && is_letter(end))
    })
}

fn lowered(text: &str) -> Vec<char> {
    // one character for one, so that places stay
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

fn texts(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar(text) => vec![text.clone()],
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        Value::Null | Value::Mapping(_) => Vec::new(),
    }
}

/// Whether a character is a Chinese one.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The numbers of a sentence; the percent of a confidence level is not one of its claims.
fn numbers(text: &str) -> Vec<Stated> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let is_start = chars[at].is_ascii_digit()
            && !(at > 0 && (chars[at - 1].is_ascii_alphanumeric() || chars[at - 1] == '.'));
        if !is_start {
            at += 1;
            continue;
        }
        let mut end = at;
        while chars.get(end).is_some_and(char::is_ascii_digit)
            || (chars.get(end) == Some(&'.')
                && chars.get(end + 1).is_some_and(char::is_ascii_digit))
        {
            end += 1;
        }
        let digits: String = chars[at..end].iter().collect();
        let rest: String = chars[end..].iter().collect::<String>().to_lowercase();
        let rest = rest.trim_start();
        let percent = rest.strip_prefix(['%', '\u{ff05}']).map(str::trim_start);
        let is_level = percent.is_some_and(|rest| {
            ["ci", "confidence", "置信", "可信", "信賴", "信赖"]
                .iter()
                .any(|word| rest.starts_with(word))
        });
        let unit = if percent.is_some() {
            Unit::Percent
        } else if ["times", "-fold", "fold", "倍"].iter().any(|word| rest.starts_with(word)) {
            Unit::Times
        } else {
            Unit::None
        };
        if let Ok(value) = digits.parse()
            && !is_level
        {
            found.push(Stated { text: digits, value, unit, label: label(&chars[..at]) });
        }
        at = end;
    }
    found
}

/// The letters before a relation at the end of `before`.
fn label(before: &[char]) -> String {
    let mut rest = before.iter().rev().skip_while(|c| c.is_whitespace()).peekable();
    if !rest.next().is_some_and(|c| "=<>\u{2264}\u{2265}\u{ff1d}".contains(*c)) {
        return String::new();
    }
    let letters: Vec<char> = rest
        .skip_while(|c| c.is_whitespace())
        .take_while(|c| c.is_ascii_alphabetic())
        .map(char::to_ascii_uppercase)
        .collect();
    letters.into_iter().rev().collect()
}
