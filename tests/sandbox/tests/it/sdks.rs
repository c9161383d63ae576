//! Tests of the sandbox with the providers' official client libraries. They are not part of the repository; `.ci/sdks` installs
//! them and sets their path.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sandbox::{RunningSandbox, Sandbox, fixtures};

/// An official client library.
struct OfficialClient {
    provider: &'static str,
    /// The script in `tests/sdks` that uses it.
    script: &'static str,
    /// The scopes of its token.
    scopes: &'static [&'static str],
}

const OFFICIAL_CLIENTS: [OfficialClient; 4] = [
    OfficialClient { provider: "asana", script: "uses_asana.py", scopes: &["default"] },
    OfficialClient {
        provider: "gmail",
        script: "uses_gmail.py",
        scopes: &["https://www.googleapis.com/auth/gmail.modify"],
    },
    OfficialClient {
        provider: "slack",
        script: "uses_slack.py",
        scopes: &[
            "chat:write",
            "channels:read",
            "channels:history",
            "channels:join",
            "channels:manage",
            "groups:read",
            "im:write",
            "users:read",
            "users:read.email",
            "reactions:read",
            "reactions:write",
            "pins:read",
            "pins:write",
            "files:read",
            "files:write",
        ],
    },
    OfficialClient { provider: "notion", script: "uses_notion.cjs", scopes: &[] },
];

fn run_script(sdks: &Path, script: &str, url: &str, token: &str) -> Option<Output> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdks").join(script);
    let program = match script.ends_with(".py") {
        true => sdks.join("venv/bin/python"),
        false if sdks.join("node_modules").is_dir() => PathBuf::from("node"),
        false => return None,
    };
    let run = Command::new(program).arg(file).args([url, token]).env("NODE_PATH", sdks.join("node_modules")).output();
    Some(run.unwrap_or_else(|error| panic!("{script}: {error}")))
}

async fn run_client(running: &RunningSandbox, sdks: &Path, client: OfficialClient) {
    let OfficialClient { provider, script, scopes } = client;
    let token = running.sandbox.grant(provider, fixtures::ALEX, scopes).unwrap().access_token;
    let (sdks, url) = (sdks.to_owned(), format!("{}/{provider}", running.url));
    match tokio::task::spawn_blocking(move || run_script(&sdks, script, &url, &token)).await.unwrap() {
        Some(finished) => {
            let output =
                format!("{}{}", String::from_utf8_lossy(&finished.stdout), String::from_utf8_lossy(&finished.stderr));
            assert!(finished.status.success(), "{script}: {output}");
            print_past_harness(output.trim());
        }
        None => print_past_harness(&format!("SKIPPED: {script}: npm is not installed")),
    }
}

/// Prints to stderr directly, because the test harness captures the output of passing tests.
fn print_past_harness(text: &str) {
    let written = writeln!(std::io::stderr(), "\n{text}");
    assert!(written.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn official_clients_work_with_the_sandbox() {
    let Some(sdks) = std::env::var_os("PLUGIN_ENGINE_SDKS") else {
        return print_past_harness("SKIPPED: the official clients are not installed; .ci/sdks installs and runs them");
    };
    let running = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    for client in OFFICIAL_CLIENTS {
        run_client(&running, Path::new(&sdks), client).await;
    }
}
