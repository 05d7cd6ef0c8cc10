//! What the program is built from: licences and sources as `deny.toml` allows them, also where
//! cargo-deny is not installed.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The licences that `deny.toml` allows.
fn allowed() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = fs::read_to_string(root.join("deny.toml")).unwrap();
    let list = rules.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a licence expression can be met with the allowed licences: `OR` of `AND`s, one bracket
/// deep, as the registry writes them.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let flat = expression.replace(" / ", " OR ").replace('/', " OR ");
    match flat.split_once('(') {
        Some((before, rest)) => {
            let (inside, behind) = rest.split_once(')').expect("a bracket closes");
            let others = [before.trim().strip_suffix("AND"), behind.trim().strip_prefix("AND")];
            let others =
                others.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty());
            is_met(inside, allowed) && others.into_iter().all(|part| is_met(part, allowed))
        }
        None => flat
            .split(" OR ")
            .any(|choice| choice.split(" AND ").all(|licence| allowed.contains(licence.trim()))),
    }
}

#[test]
fn licences_and_sources_are_allowed_ones() {
    let version = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // what other platforms need was not downloaded
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let allowed = allowed();
    for package in packages {
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_met(licence, &allowed), "{name} is under {licence:?}");
        let source = package["source"].as_str().unwrap_or("ours");
        let is_known = source == "ours" || source.starts_with("registry+");
        assert!(is_known, "{name} comes from {source}");
    }
}

#[test]
fn expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "Unicode-3.0".to_owned()]);
    for met in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR X) AND Unicode-3.0"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR X) AND GPL-3.0", "(X OR Y) AND MIT"] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}
