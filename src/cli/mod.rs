//! The command line: the only floor that prints, asks the clock or reads the environment.

mod args;
mod build;
mod check;
mod claims;
mod decide;
mod diff;
mod eval;
mod explain;
mod gather;
mod init;
mod manual;
mod messages;
mod only;
mod pages;
mod plans;
mod progress;
mod release;
mod reviews;
mod schema;
mod sound;
mod terminal;
mod translations;
mod verify;
mod versions;
mod watch;

use args::{Args, Command};
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::Terminal;

/// How a command ended; the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Done.
    Done,
    /// The input has errors, or a gate tripped.
    InputErrors,
    /// The program could not work: usage, disk.
    CannotWork,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::InputErrors => 1,
            Outcome::CannotWork => 2,
        })
    }
}

/// Runs the program with its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // help goes to standard output, mistakes to standard error; both as clap does it
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            };
        }
    };
    let terminal = Terminal::new(args.color, args.quiet);
    let outcome = match args.command() {
        Command::Build(args) => build::run(&args, &terminal),
        Command::Watch(args) => watch::run(&args, &terminal),
        Command::Check(args) => match &args.claims {
            Some(file) => claims::run(file, &args, &terminal),
            None => check::run(&args, &terminal),
        },
        Command::Eval(args) => eval::run(&args, &terminal),
        Command::Translations(args) => translations::run(&args, &terminal),
        Command::Init(args) => init::run(&args, &terminal),
        Command::Schema(args) => schema::run(&args, &terminal),
        Command::Completions(args) => manual::completions(&args, &terminal),
        Command::Man(args) => manual::run(&args, &terminal),
        Command::Explain(args) => explain::run(&args, &terminal),
        Command::Gather(args) => gather::run(&args, &terminal),
        Command::Release(args) => release::run(&args, &terminal),
        Command::Verify(args) => verify::run(&args, &terminal),
        Command::Versions(args) => versions::run(&args, &terminal),
        Command::Diff(args) => diff::run(&args, &terminal),
    };
    outcome.into()
}
