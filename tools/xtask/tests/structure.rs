//! The structure of the code: no file of a crate is part of a circle of files that use
//! each other, and no crate depends on one that stands above it.
//!
//! Read are `use` lines and paths that begin with `crate::`, `super::` or `self::`,
//! outside of tests; a `mod` line alone is no use.
#![allow(missing_docs, reason = "tests are named as claims")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates from the lowest to the highest. A crate may depend on those in rows above
/// its own, and on `channels`, which knows the domain alone.
const LAYERS: [&[&str]; 8] = [
    &["domain"],
    &["channels", "platform", "migrations", "simulator"],
    &["inbox"],
    &["orders"],
    &["app"],
    &["server", "frontend"],
    &["bench"],
    &["drills", "xtask"],
];

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap().to_owned()
}

/// The folders of all crates, by name.
fn crates() -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let name = package["name"].as_str().unwrap().to_owned();
            (name, manifest.parent().unwrap().to_owned())
        })
        .collect()
}

/// A crate's source files by the path of their module, such as `live::feed`.
fn modules(source: &Path) -> BTreeMap<String, PathBuf> {
    fn visit(folder: &Path, prefix: &str, found: &mut BTreeMap<String, PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let module = match (prefix, name.as_str()) {
                (_, "lib" | "main" | "mod") => prefix.to_owned(),
                ("", name) => name.to_owned(),
                (prefix, name) => format!("{prefix}::{name}"),
            };
            if name == "tests" {
                // They may use whatever they test.
            } else if path.is_dir() {
                visit(&path, &module, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.insert(module, path);
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(source, "", &mut found);
    found
}

/// The code without comments, and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    lines
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The paths that a `use` of several names, one after the other.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let (Some(open), Some(close)) = (tree.find('{'), tree.rfind('}')) else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let (prefix, list) = (&tree[..open], &tree[open + 1..close]);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in list.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    parts
        .iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(|part| expand(part))
        .map(|path| format!("{prefix}{path}"))
        .collect()
}

/// The paths a file names, as it writes them.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for keyword in ["\nuse ", "\npub use "] {
        for statement in code.split(keyword).skip(1) {
            if let Some(end) = statement.find(';') {
                found.extend(expand(&statement[..end].replace('\n', " ")));
            }
        }
    }
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            // A list of names is read above.
            if !rest[start.len()..].starts_with('{') {
                found.push(rest[..end.unwrap_or(rest.len())].to_owned());
            }
        }
    }
    found
}

/// The module that a path leads to, seen from a module.
fn resolve(path: &str, from: &str, modules: &BTreeMap<String, PathBuf>) -> Option<String> {
    let mut place: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let mut parts = path.split("::").map(str::trim).peekable();
    match *parts.peek()? {
        "crate" => {
            place.clear();
            parts.next();
        }
        "self" => drop(parts.next()),
        "super" => {
            while parts.peek() == Some(&"super") {
                place.pop();
                parts.next();
            }
        }
        first => {
            let mut child = place.clone();
            child.push(first);
            modules.get(&child.join("::"))?;
        }
    }
    for part in parts {
        place.push(part);
        if !modules.contains_key(&place.join("::")) {
            place.pop();
            break;
        }
    }
    Some(place.join("::"))
}

/// Which modules each module uses.
fn uses(modules: &BTreeMap<String, PathBuf>) -> BTreeMap<String, BTreeSet<String>> {
    let of = |module: &String, path: &PathBuf| -> BTreeSet<String> {
        let named = paths(&code(path));
        let used = named
            .iter()
            .filter_map(|path| resolve(path, module, modules));
        used.filter(|used| used != module).collect()
    };
    modules
        .iter()
        .map(|(module, path)| (module.clone(), of(module, path)))
        .collect()
}

/// Modules that can be reached from themselves.
fn circular(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let reaches = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = uses[start].iter().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(&uses[module]);
            }
        }
        seen.contains(start)
    };
    uses.keys()
        .filter(|module| reaches(module))
        .cloned()
        .collect()
}

#[test]
fn no_file_of_a_crate_is_part_of_a_circle() {
    let mut circles = Vec::new();
    for (name, folder) in crates() {
        let modules = modules(&folder.join("src"));
        let uses = uses(&modules);
        for module in circular(&uses) {
            let within = circular(&uses);
            let to: Vec<_> = uses[&module].intersection(&within).cloned().collect();
            circles.push(format!("{name}: '{module}' uses {to:?}"));
        }
    }
    assert!(
        circles.is_empty(),
        "circles of files:\n{}",
        circles.join("\n")
    );
}

#[test]
fn no_crate_depends_on_one_that_stands_above_it() {
    let crates = crates();
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    for (name, folder) in &crates {
        let own = layer(name).unwrap_or_else(|| panic!("{name} has no place in LAYERS"));
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        for other in crates.keys().filter(|other| *other != name) {
            let depends = dependencies
                .lines()
                .any(|line| line.split(['.', ' ']).next() == Some(other.as_str()));
            let below = layer(other).is_some_and(|other| other < own);
            assert!(!depends || below, "{name} depends on {other}");
        }
    }
}

#[test]
fn no_source_file_is_longer_than_four_hundred_lines() {
    for (name, folder) in crates() {
        for path in modules(&folder.join("src")).into_values() {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines < 400, "{name}: {} has {lines} lines", path.display());
        }
    }
}
