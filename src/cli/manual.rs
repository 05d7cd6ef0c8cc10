//! `build-report man` and `completions`: the command line as shells and `man` know it.

use super::Outcome;
use super::args::{Args, CompletionsArgs, ManArgs};
use super::terminal::Terminal;
use crate::versions::write_file;
use clap::CommandFactory;
use clap_mangen::Man;

const NAME: &str = env!("CARGO_PKG_NAME");

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs, terminal: &Terminal) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut <Args as CommandFactory>::command(),
        NAME,
        &mut script,
    );
    terminal.bytes(&script)
}

/// Prints the manual page, or writes one for every command.
pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Outcome {
    let mut command = <Args as CommandFactory>::command();
    command.build();
    let Some(folder) = &args.out else {
        return match page(command) {
            Ok((_, text)) => terminal.bytes(&text),
            Err(error) => unrendered(&error, terminal),
        };
    };
    let commands: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    let mut written = String::new();
    for command in std::iter::once(command).chain(commands) {
        let (name, text) = match page(command) {
            Ok(page) => page,
            Err(error) => return unrendered(&error, terminal),
        };
        let file = folder.join(name);
        if let Err(error) = write_file(&file, &text) {
            terminal.store_error(&error);
            return Outcome::CannotWork;
        }
        written.push_str(&format!("{}\n", file.display()));
    }
    terminal.data(&written)
}

/// The name of a page's file, and the page.
fn page(command: clap::Command) -> std::io::Result<(String, Vec<u8>)> {
    let man = Man::new(command);
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok((man.get_filename(), text))
}

fn unrendered(error: &std::io::Error, terminal: &Terminal) -> Outcome {
    terminal.error(&format!("cannot write the manual: {error}"));
    Outcome::CannotWork
}
