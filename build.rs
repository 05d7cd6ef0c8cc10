//! The hashes of the templates and fonts inside the program, so that no run has to make them again.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads files and talks to cargo"
)]

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=templates");
    let root = Path::new("templates");
    let mut files = Vec::new();
    collect(root, &mut files)?;
    let mut hashes = BTreeMap::new();
    for file in &files {
        let path = file.strip_prefix(root).map_err(io::Error::other)?;
        let path = path.to_str().ok_or_else(|| io::Error::other("a path is not UTF-8"))?;
        let hash = Sha256::digest(fs::read(file)?).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        hashes.insert(path.replace('\\', "/"), hash);
    }
    let table = format!("{:?}", hashes.into_iter().collect::<Vec<_>>());
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("asset_hashes.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
