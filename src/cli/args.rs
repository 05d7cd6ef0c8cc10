//! The arguments.

use crate::pipeline::Format;
use crate::spec::Language;
use clap::{Parser, Subcommand, ValueEnum};
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
    build: BuildArgs,
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
    Build(BuildArgs),
    /// Check specs and data without setting a report
    Check(CheckArgs),
    /// Print the numbers: one JSON object a line, one line an analysis
    Eval(EvalArgs),
    /// Print the table of translations of a review's texts (CSV), for a translator to fill in
    Translations(TranslationsArgs),
    /// What a message means, with an example, and how to mend it
    Explain(ExplainArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    /// Folders that are or hold reviews
    #[arg(required = true)]
    pub(super) path: Vec<PathBuf>,
    /// Where versions are kept: OUT/<review>/<version>/
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Build a report of this analysis alone, beside the whole one (may be repeated)
    #[arg(long, value_name = "ID")]
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
    /// Messages for people on standard error, or as JSON lines on standard output
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
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArg {
    /// Typst inside this program
    #[cfg(feature = "embedded-typst")]
    Embedded,
    /// The `typst` program
    Cli,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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
