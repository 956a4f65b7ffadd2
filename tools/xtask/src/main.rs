//! Builds the browser bundle: `cargo xtask bundle [--release]`.
//!
//! Does what cargo-leptos would, without having to compile it first:
//! WebAssembly through wasm-bindgen, style sheets through Lightning CSS, and
//! the official socket.io-client copied from npm.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use domain::pages::Page;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// wasm-opt, from npm; only for release bundles.
const BINARYEN: &str = "binaryen@124.0.0";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bundle"] => bundle(false),
        ["bundle", "--release"] => bundle(true),
        _ => bail!("usage: cargo xtask bundle [--release]"),
    }
}

fn bundle(release: bool) -> Result<()> {
    let root = workspace_root()?;
    // Beside the binary it belongs to, or for development builds apart from it:
    // the two have different code.
    let site = root.join(if release {
        "target/release/site"
    } else {
        "target/site"
    });
    let pkg = site.join("pkg");
    let built = build_wasm(&root, release)?;
    if pkg.exists() {
        // Of earlier builds, under names of their own.
        fs::remove_dir_all(&pkg)?;
    }
    fs::create_dir_all(&pkg)?;
    remove_compressed(&site)?;
    for page in Page::ALL.map(Page::bundle) {
        Bindgen::new()
            .input_path(built.join(format!("{page}.wasm")))
            .out_name(page)
            .web(true)?
            .typescript(false)
            // Half of a development bundle; panics say where they were without it.
            .remove_name_section(true)
            .generate(&pkg)
            .context("wasm-bindgen")?;
        if release {
            optimise(&pkg.join(format!("{page}_bg.wasm")))?;
        }
    }
    bundle_css(&root, &pkg)?;
    copy_folder(&root.join("frontend/assets"), &site)?;
    copy_vendored(&root, &site.join("vendor"))?;
    if release {
        compress(&site)?;
    }
    Ok(())
}

fn workspace_root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .context("no workspace")?;
    Ok(root.to_owned())
}

/// Returns the folder it is in.
fn build_wasm(root: &Path, release: bool) -> Result<PathBuf> {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["build", "--package", "frontend", "--target", TARGET]);
    let profile = if release {
        cargo.args(["--profile", "wasm-release"]);
        "wasm-release"
    } else {
        // The dev profile, whose build scripts and macros the server shares,
        // but small enough for a browser to start quickly. These flags replace
        // those in .cargo/config.toml.
        cargo.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg erase_components -C opt-level=s -C debuginfo=0",
        );
        "debug"
    };
    run(cargo)?;
    Ok(root.join("target").join(TARGET).join(profile))
}

/// Lightly: brotli likes the code as LLVM wrote it. More makes the file smaller,
/// but longer on its way.
fn optimise(wasm: &Path) -> Result<()> {
    let mut wasm_opt = Command::new("npm");
    wasm_opt
        .args(["exec", "--yes", "--package", BINARYEN, "--", "wasm-opt"])
        .args(["-O1", "--all-features"])
        .arg(wasm)
        .arg("-o")
        .arg(wasm);
    run(wasm_opt)
}

fn bundle_css(root: &Path, pkg: &Path) -> Result<()> {
    let mut lightning = Command::new(root.join("frontend/node_modules/.bin/lightningcss"));
    lightning
        .args(["--bundle", "--minify"])
        .arg(root.join("style/main.css"))
        .arg("-o")
        .arg(pkg.join("orchestrator.css"));
    run(lightning)
}

/// What the browser takes from npm as it is.
fn copy_vendored(root: &Path, vendor: &Path) -> Result<()> {
    const FILES: [(&str, &str); 3] = [
        ("socket.io-client/dist", "socket.io.esm.min.js"),
        ("swagger-ui-dist", "swagger-ui-bundle.js"),
        ("swagger-ui-dist", "swagger-ui.css"),
    ];
    fs::create_dir_all(vendor)?;
    for (folder, file) in FILES {
        let source = root.join("frontend/node_modules").join(folder).join(file);
        fs::copy(&source, vendor.join(file)).with_context(|| source.display().to_string())?;
    }
    Ok(())
}

/// The server hands out a compressed file where there is one: an old one would
/// hide the new.
fn remove_compressed(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let is_compressed = path.extension().is_some_and(|it| it == "br" || it == "gz");
        if path.is_dir() {
            remove_compressed(&path)?;
        } else if is_compressed {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Compresses once, as well as it goes, what would otherwise be compressed for
/// every visitor. Node is there anyway, and brings both formats.
fn compress(site: &Path) -> Result<()> {
    const SCRIPT: &str = r#"
        import { readdirSync, readFileSync, writeFileSync } from "node:fs";
        import { brotliCompressSync, gzipSync } from "node:zlib";
        const site = process.argv[1];
        for (const name of readdirSync(site, { recursive: true })) {
          if (/\.(wasm|js|css|svg)$/.test(name)) {
            const path = `${site}/${name}`;
            const content = readFileSync(path);
            writeFileSync(`${path}.br`, brotliCompressSync(content));
            writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
          }
        }"#;
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", SCRIPT])
        .arg(site);
    run(node)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn run(mut command: Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}
