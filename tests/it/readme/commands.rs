//! Every command in a page is also run by a CI step, or a reason is given here why it is not.

use crate::reading::markdown::Page;
use crate::support::text;
use std::collections::BTreeSet;

const PAGES: [&str; 7] = [
    "README.md",
    "CONTRIBUTING.md",
    "functions/README.md",
    "infra/README.md",
    "infra/RUNBOOK.md",
    "shared/src/adapters/README.md",
    "tests/README.md",
];

/// The coverage of a command.
enum CommandStatus {
    /// A CI file runs the command: the file, and the text of the call in it.
    RunBy(&'static str, &'static str),
    /// No step runs the command: the reason.
    NotRun(&'static str),
}
use CommandStatus::{NotRun, RunBy};

const NEEDS_ACCOUNT: CommandStatus =
    NotRun("it needs an AWS account; its effect on the stack is tested over an emulated AWS API");
const TAKES_LONG: CommandStatus =
    NotRun("its arguments choose its duration; `.ci/run` runs the same program with its own arguments");
const PRINTS_FIGURES: CommandStatus = NotRun("it is a benchmark for an idle machine and takes minutes");

/// Command prefixes with their coverage. The longest matching prefix applies.
const COMMANDS: &[(&str, CommandStatus)] = &[
    ("cargo local demo", RunBy(".ci/run", "cargo local demo")),
    ("cargo local up", RunBy(".ci/events", "cargo local up")),
    ("cargo local token", RunBy(".ci/events", "cargo local token")),
    ("cargo local env", RunBy(".ci/events", "cargo local env")),
    ("cargo local tick", RunBy(".ci/events", "cargo local tick")),
    ("cargo local logs", RunBy(".ci/events", "cargo local logs")),
    ("cargo local with", RunBy(".ci/client", "cargo local with")),
    ("cargo local bench", PRINTS_FIGURES),
    ("cargo lambda watch", RunBy(".ci/events", "cargo lambda watch")),
    ("cargo lambda invoke", RunBy(".ci/events", "cargo lambda invoke")),
    (
        "cargo lambda build --release",
        NotRun("a release build of all functions takes minutes; what is deployed in CI is built by `cargo build`"),
    ),
    ("cargo test --workspace", RunBy(".ci/run", "cargo test --workspace")),
    ("cargo test --test it --", RunBy(".ci/run", "cargo test --workspace")),
    ("cargo test --test simulation -- --extent", RunBy(".ci/run", "--test simulation -- --extent full")),
    ("cargo test --test simulation -- --killers", RunBy(".ci/run", "--test simulation -- --extent full")),
    ("cargo test --test simulation -- --seed", TAKES_LONG),
    ("PLUGIN_ENGINE_KILLS=200 cargo test --test kills at_random", TAKES_LONG),
    ("cargo bench --bench processor", PRINTS_FIGURES),
    ("cargo clippy --workspace --all-targets", RunBy(".ci/run", "cargo clippy --workspace --all-targets")),
    ("cargo fmt", RunBy(".ci/run", "cargo fmt")),
    (".ci/run", NotRun("it is CI itself")),
    (".ci/venv", RunBy(".ci/templates", ".ci/venv")),
    // The first intent by hand, which `.ci/events` reads from the README.
    ("curl -s $SANDBOX/_control/", RunBy("tests/it/readme/controls.rs", "curl -s \\\"$SANDBOX")),
    ("curl -s", RunBy(".ci/events", "A first intent by hand")),
    ("curl -s -X PUT", RunBy(".ci/events", "## Files")),
    ("python3 -c import json,sys; print(", RunBy(".ci/events", "A first intent by hand")),
    ("sam deploy --config-env dev", RunBy("infra/local/src/deployment.rs", r#"&["deploy", "--config-env", STAGE"#)),
    ("aws apigatewayv2 create-api-mapping", NEEDS_ACCOUNT),
    ("aws apigatewayv2 create-domain-name", NEEDS_ACCOUNT),
    (
        "aws cloudformation deploy",
        NotRun(
            "it needs an AWS account, a domain and a certificate; `.ci/templates` and `.ci/checkov` read the template",
        ),
    ),
    ("aws cloudformation describe-stacks", NEEDS_ACCOUNT),
    ("aws dynamodb delete-table", NEEDS_ACCOUNT),
    ("aws dynamodb put-item", NEEDS_ACCOUNT),
    ("aws dynamodb restore-table-to-point-in-time", NEEDS_ACCOUNT),
    ("aws dynamodb scan", NEEDS_ACCOUNT),
    ("aws dynamodb wait table-exists", NEEDS_ACCOUNT),
    ("aws s3 rm", NEEDS_ACCOUNT),
    ("aws secretsmanager get-secret-value", NEEDS_ACCOUNT),
    ("aws secretsmanager list-secrets", NEEDS_ACCOUNT),
    ("aws secretsmanager put-secret-value", NEEDS_ACCOUNT),
    ("xargs -r -n1 aws secretsmanager delete-secret", NEEDS_ACCOUNT),
    ("output", NEEDS_ACCOUNT),
    ("python3 -c import json,secrets,sys; ring", NEEDS_ACCOUNT),
    ("python3 -c import json,sys; [print(", NEEDS_ACCOUNT),
];

/// Shell builtins, and commands of every system.
const SHELL_COMMANDS: [&str; 15] =
    ["cat", "cut", "do", "done", "echo", "export", "git", "printf", "read", "rm", "sed", "tr", "true", "while", "{"];

/// A space inside of quotes, which does not separate words.
const QUOTED_SPACE: &str = "\u{2423}";

/// The commands in the shell blocks of a page.
fn commands_of(page: &Page) -> Vec<String> {
    page.code_blocks("sh").flat_map(commands).collect()
}

/// The commands of a block, with their arguments as the shell parses them. The content of `$(...)` is a command of its own.
fn commands(block: &str) -> Vec<String> {
    let mut found = vec![];
    // The enclosing commands of the current one: their text so far, and true if they are inside double quotes.
    let mut open: Vec<(String, bool)> = vec![];
    let mut command = String::new();
    let mut quoted = false;
    let mut remaining = without_here_documents(block);
    while let Some(c) = remaining.chars().next() {
        let two = &remaining[..remaining.char_indices().nth(2).map_or(remaining.len(), |(at, _)| at)];
        let mut consumed = c.len_utf8();
        match c {
            '\\' if two == "\\\n" => consumed = 2,
            '\'' if !quoted => {
                let text = remaining[1..].split('\'').next().unwrap();
                command.push_str(&text.replace(' ', QUOTED_SPACE));
                consumed += text.len() + 1;
            }
            '"' => quoted = !quoted,
            '$' if two == "$(" => {
                open.push((std::mem::take(&mut command), std::mem::take(&mut quoted)));
                consumed = 2;
            }
            ')' if !quoted && !open.is_empty() => {
                found.push(std::mem::take(&mut command));
                (command, quoted) = open.pop().unwrap();
            }
            '#' if !quoted && (command.is_empty() || command.ends_with(' ')) => {
                consumed = remaining.find('\n').unwrap_or(remaining.len());
            }
            '|' | ';' | '\n' if !quoted => found.push(std::mem::take(&mut command)),
            '&' if !quoted && two == "&&" => {
                found.push(std::mem::take(&mut command));
                consumed = 2;
            }
            ' ' if quoted => command.push_str(QUOTED_SPACE),
            other => command.push(other),
        }
        remaining.drain(..consumed);
    }
    found.push(command);
    found.iter().map(|command| normalized(command)).filter(|command| !command.is_empty()).collect()
}

/// A block without its here-documents.
fn without_here_documents(block: &str) -> String {
    let mut commands = String::new();
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        commands.push_str(&format!("{line}\n"));
        if let Some((_, end)) = line.split_once("<<") {
            lines.find(|line| *line == end.trim_matches('\''));
        }
    }
    commands
}

/// A command without assignments, `-q`, function heads and loop keywords.
fn normalized(command: &str) -> String {
    let beside = |word: &&str| ["-q", "--quiet", "do", "{", "}", "||"].contains(word);
    let assigns = |word: &str| {
        let (name, _) = word.split_once('=').unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_name && !name.starts_with("PLUGIN_ENGINE_")
    };
    let words = command.split_whitespace().filter(|word| !beside(word));
    let words = words.skip_while(|word| assigns(word) || word.ends_with("()"));
    words.collect::<Vec<_>>().join(" ").replace(QUOTED_SPACE, " ")
}

fn known_command(command: &str) -> Option<&'static (&'static str, CommandStatus)> {
    COMMANDS.iter().filter(|(start, _)| command.starts_with(start)).max_by_key(|(start, _)| start.len())
}

/// True for a command that every system has.
fn is_plain(command: &str) -> bool {
    SHELL_COMMANDS.contains(&command.split(' ').next().unwrap_or_default())
}

/// The commands of a page that are not listed in [`COMMANDS`].
fn unknown_commands(page: &Page) -> Vec<String> {
    let unknown = |command: &String| !is_plain(command) && known_command(command).is_none();
    commands_of(page).into_iter().filter(unknown).collect()
}

/// The commands of a page that no CI step runs.
fn commands_not_run(page: &Page) -> Vec<String> {
    let runs = |command: &String| matches!(known_command(command), Some((_, RunBy(..))));
    commands_of(page).into_iter().filter(|command| !is_plain(command) && !runs(command)).collect()
}

#[test]
fn every_documented_command_runs_in_ci_or_has_a_reason() {
    for page in PAGES {
        let unknown = unknown_commands(&Page::read(page));
        assert_eq!(unknown, Vec::<String>::new(), "{page}: add them to COMMANDS, with what runs them");
    }
}

/// A newcomer's commands have no excuse: the front page's all run, and of the contributor's only CI itself does not.
#[test]
fn every_command_of_the_front_page_runs_in_ci() {
    assert_eq!(commands_not_run(&Page::read("README.md")), Vec::<String>::new());
    assert_eq!(commands_not_run(&Page::read("CONTRIBUTING.md")), [".ci/run"]);
    let planted = Page::parse("a.md", "```sh\ncargo local demo\ncargo local bench   # measures\n```\n");
    assert_eq!(commands_not_run(&planted), ["cargo local bench"]);
}

#[test]
fn the_stated_ci_step_runs_each_command() {
    let steps = text(".ci/run");
    for (start, known) in COMMANDS {
        let RunBy(file, words) = known else { continue };
        assert!(text(file).replace(" -q", "").contains(words), "{start}: {file} has no '{words}'");
        assert!(*file == ".ci/run" || !file.starts_with(".ci/") || steps.contains(file), "{start}: {file} is no step");
    }
}

#[test]
fn every_known_command_is_documented() {
    let documented: Vec<String> = PAGES.iter().flat_map(|page| commands_of(&Page::read(page))).collect();
    let used: BTreeSet<&str> =
        documented.iter().filter_map(|command| known_command(command)).map(|(start, _)| *start).collect();
    let unused: Vec<&str> = COMMANDS.iter().map(|(start, _)| *start).filter(|start| !used.contains(start)).collect();
    assert_eq!(unused, Vec::<&str>::new());
    let without_reason = |known: &CommandStatus| matches!(known, NotRun(why) if why.is_empty());
    assert!(!COMMANDS.iter().any(|(_, known)| without_reason(known)));
}

#[test]
fn an_unknown_command_is_reported() {
    let page = "```sh\ncargo local demo   # it runs; really\nA=$(cargo -q local token --user \"$(whoami)\") && cargo publish\n\
                cat > f <<'END'\nnot a command\nEND\naws dynamodb scan 'a; b' |\n  sort | tr a b\n```\ncargo no-block\n";
    assert_eq!(unknown_commands(&Page::parse("a.md", page)), ["whoami", "cargo publish", "sort"]);
}
