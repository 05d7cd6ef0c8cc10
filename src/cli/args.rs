//! The arguments.

use crate::pipeline::Format;
use crate::spec::Language;
use crate::versions::ONLY;
use crate::versions::review::Gate;
use clap::{Parser, Subcommand, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Meta-analysis reports that rebuild byte for byte.
///
/// Reads reviews (folders with a `review.yaml`, one YAML file for each analysis, and CSV study
/// data) and writes each as a report with its tables, figures and numbers as data.
#[derive(Debug, Parser)]
#[command(
    name = "build-report",
    version,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 the input has errors, 2 the program could not work.\n\
                  Standard output carries data, standard error progress and messages."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Without a command: build
    #[command(flatten)]
    build: BuildOnceArgs,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Print no progress, only errors
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

impl Args {
    /// The command; without one, build.
    pub(super) fn command(self) -> Command {
        self.command.unwrap_or(Command::Build(self.build))
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build every review at or below the paths
    Build(BuildOnceArgs),
    /// Build again whenever something changes, and show messages as they come and go
    Watch(WatchArgs),
    /// Check specs and data without setting a report
    Check(CheckArgs),
    /// Print the numbers: one JSON object a line, one line an analysis
    Eval(EvalArgs),
    /// Put versions that were built apart into one output folder
    Gather(GatherArgs),
    /// Freeze the current version of each review: it never changes again
    Release(KeptArgs),
    /// Rebuild kept versions from their own inputs, and compare
    Verify(VerifyArgs),
    /// List what is kept of each review
    Versions(KeptArgs),
    /// Show what changed between two versions, conclusions first
    Diff(DiffArgs),
    /// Print the table of translations of a review's texts (CSV), for a translator to fill in
    Translations(TranslationsArgs),
    /// What a message means, with an example, and how to mend it
    Explain(ExplainArgs),
    /// Write a small review of invented data that builds at once
    Init(InitArgs),
    /// Print the JSON Schema of the specs, by which editors complete and check them
    Schema(OutFileArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// Folder of the review: new, or empty
    pub(super) folder: PathBuf,
    /// What the review pools, or shows
    #[arg(long, value_enum, default_value_t = StarterArg::Binary)]
    pub(super) kind: StarterArg,
    /// Language of the report
    #[arg(long, alias = "lang", value_enum, default_value_t = LanguageArg::En)]
    pub(super) language: LanguageArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StarterArg {
    /// Participants with an event in two groups
    Binary,
    /// Means and standard deviations of two groups
    Continuous,
    /// Participants with an event in one group
    #[value(alias = "single-arm")]
    Proportion,
    /// A table of studies, with nothing pooled
    Table,
}

#[derive(Debug, clap::Args)]
pub(super) struct OutFileArgs {
    /// File to write, in place of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Folder for the pages of all commands
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The version before: its folder, its label, the folder of a review, or a git revision
    #[arg(required_unless_present = "schema")]
    pub(super) old: Option<String>,
    /// The version now; without it, the review as it is
    pub(super) new: Option<String>,
    /// The review that a git revision, or no second version, is about
    #[arg(long = "in", value_name = "PATH", default_value = ".")]
    pub(super) review: PathBuf,
    /// How to show the changes; text and markdown are empty where nothing changed
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(super) format: DiffFormat,
    /// Language of the words, in place of that of the new version
    #[arg(long, alias = "lang", value_enum)]
    pub(super) language: Option<LanguageArg>,
    /// Walk through the changes, and accept or reject each; decisions are kept beside the version
    #[arg(long = "review", conflicts_with_all = ["check", "accept", "reject"])]
    pub(super) walk: bool,
    /// Exit with 1 while a change is undecided or rejected, and name it
    #[arg(long)]
    pub(super) check: bool,
    /// Accept this change, or `all` (may be repeated)
    #[arg(long, value_name = "CHANGE")]
    pub(super) accept: Vec<String>,
    /// Reject this change, or `all` (may be repeated)
    #[arg(long, value_name = "CHANGE")]
    pub(super) reject: Vec<String>,
    /// Why, for `--accept` and `--reject`
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) note: String,
    /// Who decides; without it, the user of this computer
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    /// Print the JSON Schema of `--format json`
    #[arg(long)]
    pub(super) schema: bool,
    /// Exit with 1 where a change is at least as grave as this
    #[arg(long, value_enum, default_value_t = FailOn::None)]
    pub(super) fail_on: FailOn,
    /// An estimate moved if it moved by more standard errors of the old one than this (0.05)
    #[arg(long, value_name = "NUMBER")]
    pub(super) se: Option<f64>,
    /// ... and by more than this on the analysis scale
    #[arg(long, value_name = "NUMBER")]
    pub(super) abs: Option<f64>,
    /// ... and by more than this part of the old estimate
    #[arg(long, value_name = "NUMBER")]
    pub(super) rel: Option<f64>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Templates, styles and fonts in place of those inside the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For a terminal
    Text,
    /// For the comment of a pull request
    Markdown,
    /// One file for a browser
    Html,
    /// A change report
    Pdf,
    /// One object, numbers with full precision
    Json,
    /// Paragraphs for the next report: What's new, and what PRISMA-LSR asks for
    Living,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Nothing
    None,
    /// Any change
    Any,
    /// An estimate that moved
    Moved,
    /// Heterogeneity that crossed its threshold, or graver
    Heterogeneity,
    /// Another certainty of the evidence, or graver
    Certainty,
    /// A test that became significant or is no longer, or graver
    Significance,
    /// An estimate on the other side of the null
    Direction,
}

impl From<FailOn> for Gate {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::None => Self::None,
            FailOn::Any => Self::Any,
            FailOn::Moved => Self::Moved,
            FailOn::Heterogeneity => Self::Heterogeneity,
            FailOn::Certainty => Self::Certainty,
            FailOn::Significance => Self::Significance,
            FailOn::Direction => Self::Direction,
        }
    }
}

/// Reviews, and where their versions are kept.
#[derive(Debug, clap::Args)]
pub(super) struct KeptArgs {
    /// Folders that are or hold reviews
    #[arg(required = true)]
    pub(super) path: Vec<PathBuf>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct GatherArgs {
    /// Output folders of builds: PART/<review>/<version>/
    #[arg(required = true)]
    pub(super) part: Vec<PathBuf>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// Folders of versions; without one, every released version
    pub(super) version: Vec<PathBuf>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Typst inside this program, or the `typst` program
    #[arg(long, value_enum)]
    pub(super) engine: Option<EngineArg>,
    /// The `typst` program for `--engine cli`
    #[arg(long, value_name = "FILE", default_value = "typst")]
    pub(super) typst: PathBuf,
    /// Templates and fonts that the versions were built with, if not those inside the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
}

impl BuildArgs {
    /// What of the arguments can change a byte of every version, by name; `--only` is about one.
    pub(super) fn options(&self) -> BTreeMap<String, String> {
        let mut formats = self.format.clone();
        formats.sort();
        formats.dedup();
        let mut options = BTreeMap::from([(
            "format".to_owned(),
            formats.iter().map(name_of).collect::<Vec<_>>().join(","),
        )]);
        let given =
            [("language", self.language.as_ref().map(name_of)), ("style", self.style.clone())];
        for (name, value) in given {
            options.extend(value.map(|value| (name.to_owned(), value)));
        }
        options
    }

    /// The arguments of a build that had these options.
    ///
    /// # Errors
    /// If this program does not know an option or its value.
    pub(super) fn from_options(options: &BTreeMap<String, String>) -> Result<Self, String> {
        let given = options.iter().flat_map(|(name, value)| {
            let values: Vec<&str> =
                if name == ONLY { value.split(',').collect() } else { vec![value.as_str()] };
            values
                .into_iter()
                .flat_map(|value| [format!("--{name}"), value.to_owned()])
                .collect::<Vec<_>>()
        });
        let words = ["build-report".to_owned(), "build".to_owned(), ".".to_owned()];
        match Args::try_parse_from(words.into_iter().chain(given)).map(Args::command) {
            Ok(Command::Build(args)) => Ok(args.build),
            _ => Err("this program does not know the arguments that the version was built with"
                .to_owned()),
        }
    }
}

/// A value as it is written on the command line.
fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    /// Folders that are or hold reviews
    #[arg(required = true)]
    pub(super) path: Vec<PathBuf>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Build this review only (REVIEW), or a report of this analysis alone, beside the whole one
    /// (REVIEW/ANALYSIS or ANALYSIS; may be repeated)
    #[arg(long, value_name = "NAME")]
    pub(super) only: Vec<String>,
    /// Documents to write; figures, tables and results are always written
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [FormatArg::Pdf])]
    pub(super) format: Vec<FormatArg>,
    /// Language of the report, in place of the review's own
    #[arg(long, alias = "lang", value_enum)]
    pub(super) language: Option<LanguageArg>,
    /// House style, in place of the review's own: major, revman, jama, bmj, lancet, cma-zh, or
    /// the name of a file in the `styles/` of `--templates`
    #[arg(long, value_name = "NAME")]
    pub(super) style: Option<String>,
    /// Typst inside this program, or the `typst` program
    #[arg(long, value_enum)]
    pub(super) engine: Option<EngineArg>,
    /// The `typst` program for `--engine cli`
    #[arg(long, value_name = "FILE", default_value = "typst")]
    pub(super) typst: PathBuf,
    /// Templates and fonts in place of those inside the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    /// Say what would be built, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct BuildOnceArgs {
    #[command(flatten)]
    pub(super) build: BuildArgs,
    #[command(flatten)]
    pub(super) messages: MessageArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("path", |path| path.required(false).default_value(".")))]
pub(super) struct WatchArgs {
    #[command(flatten)]
    pub(super) build: BuildArgs,
    /// Look at the files twice a second, where the system does not tell of changes (network folders)
    #[arg(long)]
    pub(super) poll: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Folders that are or hold reviews
    #[arg(required_unless_present = "claims")]
    pub(super) path: Vec<PathBuf>,
    /// Language whose translations are checked, in place of the review's own
    #[arg(long, alias = "lang", value_enum)]
    pub(super) language: Option<LanguageArg>,
    /// Templates and fonts in place of those inside the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    /// Check the printed numbers of a table (CSV, one row a claim) against each other instead
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub(super) claims: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) messages: MessageArgs,
}

/// How messages are told.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct MessageArgs {
    /// Messages for people on standard error, or for programs on standard output
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    pub(super) message_format: MessageFormat,
}

#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    /// Folders that are or hold reviews
    #[arg(required = true)]
    pub(super) path: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct TranslationsArgs {
    /// Folder that is or holds one review
    pub(super) path: PathBuf,
    /// Language to translate into, in place of the review's own
    #[arg(long, alias = "lang", value_enum)]
    pub(super) language: Option<LanguageArg>,
    /// Only texts that have no translation yet
    #[arg(long)]
    pub(super) missing: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The code of a message, such as E0301 or C201, or the name of a rule; without one, the list
    pub(super) code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// The source line, a caret and the way out
    Human,
    /// One JSON object a line
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// One SARIF 2.1.0 log, for code scanning
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArg {
    /// Typst inside this program
    #[cfg(feature = "embedded-typst")]
    Embedded,
    /// The `typst` program
    Cli,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum FormatArg {
    /// report.pdf
    Pdf,
    /// typst/: the Typst sources of the report
    Typ,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Pdf => Self::Pdf,
            FormatArg::Typ => Self::Typst,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LanguageArg {
    /// English
    En,
    /// Chinese in simplified characters, with the terms of mainland China
    #[value(name = "zh-Hans")]
    ZhHans,
    /// Chinese in traditional characters, with the terms of Taiwan
    #[value(name = "zh-Hant")]
    ZhHant,
}

impl From<LanguageArg> for Language {
    fn from(language: LanguageArg) -> Self {
        match language {
            LanguageArg::En => Self::English,
            LanguageArg::ZhHans => Self::SimplifiedChinese,
            LanguageArg::ZhHant => Self::TraditionalChinese,
        }
    }
}
