//! The `typst` program as engine: the same sources, attachments and fonts in a temporary folder.

#![expect(clippy::disallowed_methods, reason = "another program reads its input from disk")]

use super::assets::Assets;
use super::figures::{all, of_pages};
use super::{Documents, FIGURES, REPORT, RenderError, Rendered, Written};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version that the program reports.
pub(super) fn version(program: &Path) -> Result<String, RenderError> {
    let output = Command::new(program)
        .arg("--version")
        .output()
        .map_err(|error| cannot_run(program, &error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace()
        .nth(1)
        .map(str::to_owned)
        .ok_or_else(|| cannot_run(program, "it does not tell its version"))
}

/// Sets the report as PDF and the figures as SVG.
pub(super) fn render(
    program: &Path,
    documents: &Documents,
    assets: &Assets,
    source: &Written<'_>,
) -> Result<Rendered, RenderError> {
    let folder = TemporaryFolder::new()?;
    for (path, text) in &documents.sources {
        folder.write(path, text.as_bytes())?;
    }
    for (path, bytes) in assets.fonts() {
        folder.write(path, bytes)?;
    }
    for (path, bytes) in &documents.files {
        folder.write(path, bytes)?;
    }
    compile(program, &folder.path, REPORT, "report.pdf", &["--pdf-standard", STANDARDS])?;
    let pdf = folder.read("report.pdf")?;
    let pages = if documents.cuts_figures && !documents.figures.is_empty() {
        svg_pages(program, &folder, REPORT)?
    } else {
        Vec::new()
    };
    let cut = documents.figures.iter().map(|name| of_pages(&pages, name)).collect();
    let figures = all(documents, cut, source, |few| {
        for (path, text) in &few.sources {
            folder.write(path, text.as_bytes())?;
        }
        svg_pages(program, &folder, FIGURES)
    })?;
    Ok(Rendered { pdf, figures })
}

/// The pages of a document as SVG.
fn svg_pages(
    program: &Path,
    folder: &TemporaryFolder,
    main: &str,
) -> Result<Vec<String>, RenderError> {
    // the page number has as many digits as the last one needs: ask for a fixed order instead
    compile(program, &folder.path, main, &format!("{main}-{{0p}}-of-{{t}}.svg"), &[])?;
    let mut pages = Vec::new();
    for entry in fs::read_dir(&folder.path).map_err(|error| on_disk(&folder.path, &error))? {
        let entry = entry.map_err(|error| on_disk(&folder.path, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(main) && name.ends_with(".svg") {
            pages.push(name);
        }
    }
    pages.sort();
    let read = |name: &String| Ok(String::from_utf8_lossy(&folder.read(name)?).into_owned());
    pages.iter().map(read).collect()
}

/// A folder that is not there.
const NOWHERE: &str = "packages";
/// An address of this machine at which nothing listens: the discard port.
const NO_PROXY_LISTENS: &str = "http://127.0.0.1:9";

/// What the report conforms to.
const STANDARDS: &str = "a-3a,ua-1";

fn compile(
    program: &Path,
    root: &Path,
    main: &str,
    output: &str,
    options: &[&str],
) -> Result<(), RenderError> {
    let result = Command::new(program)
        .current_dir(root)
        .arg("compile")
        .args(["--root", ".", "--font-path", "fonts", "--diagnostic-format", "short"])
        .args(["--ignore-system-fonts", "--ignore-embedded-fonts", "--creation-timestamp", "0"])
        // packages come from nowhere: not from the caller's folders, not from the network
        .args(["--package-path", NOWHERE, "--package-cache-path", NOWHERE])
        .envs(
            ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
                .map(|name| (name, NO_PROXY_LISTENS)),
        )
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .args(options)
        .args([main, output])
        // nothing of the caller's settings may reach the document
        .env_remove("TYPST_FONT_PATHS")
        .env_remove("TYPST_ROOT")
        .env_remove("TYPST_FEATURES")
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| cannot_run(program, &error.to_string()))?;
    let messages: Vec<String> =
        String::from_utf8_lossy(&result.stderr).lines().map(str::to_owned).collect();
    // a warning may be a character that no font has, which would be lost in print
    if result.status.success() && messages.is_empty() {
        Ok(())
    } else {
        Err(RenderError::Typst(messages))
    }
}

fn cannot_run(program: &Path, reason: &str) -> RenderError {
    RenderError::Engine(format!("cannot run `{}`: {reason}", program.display()))
}

fn on_disk(path: &Path, error: &std::io::Error) -> RenderError {
    RenderError::Engine(format!("`{}`: {error}", path.display()))
}

/// A folder that is gone when the value is.
struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    fn new() -> Result<Self, RenderError> {
        let base = std::env::temp_dir();
        for attempt in 0..1000 {
            let path = base.join(format!("build-report-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(on_disk(&path, &error)),
            }
        }
        Err(RenderError::Engine(format!("no temporary folder in `{}`", base.display())))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RenderError> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| on_disk(parent, &error))?;
        }
        fs::write(&path, bytes).map_err(|error| on_disk(&path, &error))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, RenderError> {
        let path = self.path.join(name);
        fs::read(&path).map_err(|error| on_disk(&path, &error))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // a folder that cannot be removed harms nobody
        let _ = fs::remove_dir_all(&self.path);
    }
}
