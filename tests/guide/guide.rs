//! Test of the guide to writing an adapter, in the adapters' page: its files and lines are added to a copy of this workspace, and
//! the tests of the guide's adapter run there against the sandbox.
#![expect(clippy::unwrap_used, reason = "a panic names the place of the failure")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ADAPTER_LIST: &str = "shared/src/adapters.rs";
const TOOL_LIST: &str = "shared/src/tool.rs";
const GUIDE: &str = "shared/src/adapters/README.md";
/// The line that declares the adapter's module.
const NOTES_MODULE: &str = "pub mod notes;";
/// The adapter's entry in the list of all adapters.
const NOTES_ENTRY: &str = "&notes::ADAPTER";

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns the files of the guide: a line with a path, then a block of Rust.
fn guide_files(page: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for part in page.split("\n`shared/src/adapters/").skip(1) {
        let Some((path, rest)) = part.split_once("`\n\n```rust\n") else { continue };
        let (text, _) = rest.split_once("\n```\n").expect("the block ends");
        files.insert(format!("shared/src/adapters/{path}"), format!("{text}\n"));
    }
    files
}

/// The tool's entry in the list of tools.
const NOTES_TOOL: &str =
    r#"ToolFacts::new("notes", "Notes", "Notes could not do this right now. Please try again later."),"#;

/// A list with the guide's entries.
struct ChangedList {
    text: String,
    changed_lines: usize,
}

/// Adds the guide's adapter to the list of adapters.
fn with_notes_adapter(list: &str) -> ChangedList {
    let after = list.replacen("pub mod notion;", &format!("{NOTES_MODULE}\npub mod notion;"), 1).replacen(
        "&asana::ADAPTER]",
        &format!("&asana::ADAPTER, {NOTES_ENTRY}]"),
        1,
    );
    let before: Vec<&str> = list.lines().collect();
    let changed_lines = after.lines().filter(|line| !before.contains(line)).count();
    ChangedList { text: after, changed_lines }
}

/// Adds the guide's tool at the end of the list of tools.
fn with_notes_tool(list: &str) -> ChangedList {
    let after = list.replacen("\n];", &format!("\n    {NOTES_TOOL}\n];"), 1);
    let changed_lines = after.lines().count() - list.lines().count();
    ChangedList { text: after, changed_lines }
}

/// Changes the version of the workspace's packages in a manifest or lock file to a unique one.
fn with_guide_version(text: &str) -> String {
    let is_workspace_package = |block: &&str| !block.contains("\nsource = ");
    let blocks = text.split("\n\n").map(|block| match is_workspace_package(&block) {
        true => block.replacen("\nversion = \"0.1.0\"", "\nversion = \"0.1.0-guide\"", 1),
        false => block.to_owned(),
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// Writes a file unless its content is the same, so that a second run builds nothing.
fn write_if_changed(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|current| current == bytes) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn tracked_files(root: &Path) -> Vec<String> {
    let git_output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("git is on the path");
    assert!(git_output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&git_output.stderr));
    String::from_utf8(git_output.stdout).unwrap().split_terminator('\0').map(ToOwned::to_owned).collect()
}

#[test]
fn guide_adapter_builds_and_passes_its_tests() {
    let root = workspace_root();
    let copy = root.join("target/guide");
    for path in tracked_files(&root)
        .into_iter()
        .filter(|path| !["Cargo.toml", "Cargo.lock", ADAPTER_LIST, TOOL_LIST].contains(&path.as_str()))
    {
        // A deleted file that is not committed yet.
        let Ok(bytes) = fs::read(root.join(&path)) else { continue };
        write_if_changed(&copy.join(&path), &bytes);
    }
    let page = fs::read_to_string(root.join(GUIDE)).unwrap();
    for line in [NOTES_MODULE, NOTES_ENTRY] {
        assert!(page.contains(&format!("`{line}`")), "{GUIDE} does not name {line}");
    }
    assert!(page.contains(NOTES_TOOL), "{GUIDE} does not have {NOTES_TOOL}");
    let files = guide_files(&page);
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    for (path, text) in &files {
        assert!(path.starts_with("shared/src/adapters/notes"), "{path} is the adapter's file or in its folder");
        write_if_changed(&copy.join(path), text.as_bytes());
    }
    let list = with_notes_adapter(&fs::read_to_string(root.join(ADAPTER_LIST)).unwrap());
    assert_eq!(list.changed_lines, 2, "the module, and its entry in the list");
    write_if_changed(&copy.join(ADAPTER_LIST), list.text.as_bytes());
    let list = with_notes_tool(&fs::read_to_string(root.join(TOOL_LIST)).unwrap());
    assert_eq!(list.changed_lines, 1, "the entry in the list of tools");
    write_if_changed(&copy.join(TOOL_LIST), list.text.as_bytes());

    // The target folder is shared, because external crates are built with the same settings there already. The version differs so
    // that cargo, which identifies crates by name and version and not by path, does not reuse the original workspace's crates.
    for manifest in ["Cargo.toml", "Cargo.lock"] {
        let text = fs::read_to_string(root.join(manifest)).unwrap();
        write_if_changed(&copy.join(manifest), with_guide_version(&text).as_bytes());
    }
    // All packages are selected, or external crates would be built again with other features. Excluded are packages that no
    // adapter changes and that take long to link.
    let finished = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--locked", "--workspace", "--exclude", "local", "--exclude", "bench"])
        .args(["--lib", "--test", "it", "--", "adapters::notes::", "catalogue::", "every_action_is_described"])
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .output()
        .unwrap();
    let output = format!("{}{}", String::from_utf8_lossy(&finished.stdout), String::from_utf8_lossy(&finished.stderr));
    assert!(finished.status.success(), "{output}");
    for test in [
        "adapters::notes::create_note::",
        "adapters::notes::list_notes::",
        "catalogue::",
        "tidy::every_action_is_described",
    ] {
        assert!(output.contains(&format!("test {test}")), "{test} did not run: {output}");
    }
}
