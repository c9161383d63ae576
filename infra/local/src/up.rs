//! `cargo local up`: runs the stack until Ctrl-C.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "progress goes to stderr, the ready message to stdout")]

use std::io;
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::UpArgs;
use crate::environment::Providers;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;
use crate::saved_grants;
use crate::stack::{Options, Port, Stack};
use crate::state::State;
use crate::store::StoreLocation;
use crate::tick;

/// The user of the printed token.
pub(crate) const USER: &str = "u1";

/// Runs the stack until Ctrl-C or SIGTERM.
///
/// # Errors
/// If a part cannot be started, or the functions' server exits by itself.
pub async fn run(args: &UpArgs) -> Result<()> {
    let _lock = paths::lock("up.lock", || {
        let at = State::read().map(|state| format!(" at {}", state.api)).unwrap_or_default();
        Failure::new(format!(
            "a stack of this checkout is already running{at}; stop it first with Ctrl-C in its terminal"
        ))
    })?;
    let options = Options {
        port: Port::Fixed(args.port),
        store_location: if args.memory {
            StoreLocation::Memory
        } else {
            StoreLocation::File(paths::local_path("dynamodb.db")?)
        },
        issuer_key: paths::issuer_key()?,
        keyring: paths::keyring()?,
        providers: Providers::from_environment()?,
        // Runs of due tasks take a minute each and overlap; `cargo local tick` needs one more instance.
        concurrency: 4,
        reload: true,
        log: None,
        report,
    };
    let real = options.providers.real();
    let grants_file = if args.memory { None } else { Some(paths::local_path("sandbox-grants.json")?) };
    tokio::select! {
        result = serve(options, &real, grants_file.as_deref()) => result,
        signal = shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            report("stopped");
            Ok(())
        }
    }
}

/// Starts the stack and runs it until a part fails.
async fn serve(options: Options, real: &[&str], grants_file: Option<&Path>) -> Result<()> {
    let mut stack = Stack::start(options).await?;
    let sandbox = stack.sandbox.sandbox.clone();
    if let Some(path) = grants_file {
        saved_grants::restore(&sandbox, path)?;
    }
    let saving = async {
        match grants_file {
            Some(path) => saved_grants::persist(sandbox, path).await,
            None => std::future::pending().await,
        }
    };
    let token = stack.token(USER).await?;
    let _state = stack.state().write()?;
    print_ready(&stack, &token, real);
    let ticks = tick::run_every_minute(stack.client.clone(), stack.api.clone(), report);
    tokio::select! {
        () = ticks => Ok(()),
        failure = saving => failure,
        failure = stack.wait_for_exit() => Err(failure),
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn shutdown_signal() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Prints a progress message.
pub(crate) fn report(message: &str) {
    eprintln!("local: {message}");
}

fn print_ready(stack: &Stack, token: &str, real: &[&str]) {
    println!("ready {}", stack.api);
    println!(
        "\nA token for user {USER}, valid for 12 hours (for another user: cargo local token --user <id>):\n\n{token}\n"
    );
    if !real.is_empty() {
        println!(
            "Real providers, configured by your environment: {}. All other providers are the sandbox.\n",
            real.join(", ")
        );
    }
    let connect = if real.contains(&"gmail") { CONNECT_REAL_STEPS } else { CONNECT_SANDBOX_STEPS };
    let lines = [OPENING_STEPS, connect, INTENT_STEPS].concat();
    println!("{}", lines.replace("<api>", &stack.api).replace("<user>", USER).replace("<sandbox>", &stack.sandbox.url));
    println!("Stop with Ctrl-C.");
}

// Shell commands to be pasted one after the other. They contain no comments: not every shell accepts comments at its prompt.

const OPENING_STEPS: &str = r#"To try the API, run these commands in another terminal, in this folder:

  API=<api>/api/plugin-engine; TOKEN=$(cargo -q local token --user <user>)
  call() { curl -sS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' "$@"; echo; }

List the tools and their actions:

  call "$API"

Connect Gmail, in the place of a browser and a frontend:

  URL=$(call "$API/oauth/authorize?tool=gmail" | sed 's/.*"authUrl":"\([^"]*\)".*/\1/')
"#;

const CONNECT_SANDBOX_STEPS: &str = r#"  BACK=$(curl -sS -o /dev/null -w '%{redirect_url}' "$URL&auto=allow")
  CODE=$(curl -sS -o /dev/null -D - "$BACK" | tr -d '\r' | sed -n 's/.*#connectCode=\([^&]*\).*/\1/p')
"#;

const CONNECT_REAL_STEPS: &str = r#"  echo "Consent at $URL and paste the connectCode from the address of the page it ends at:"; read -r CODE
"#;

const INTENT_STEPS: &str = r#"  call "$API/integrations" -d '{"connectCode":"'"$CODE"'"}'

Send an e-mail immediately and another one as a scheduled task; list the tasks, and the effects at the provider:

  MAIL='"agentId":"a1","tool":"gmail","intent":"send_email","context":{"to":"sam@example.com","subject":"Hello","body":"Hi!"}'
  call "$API" -d "{$MAIL}"
  call "$API" -d "{$MAIL,\"executeAt\":\"$(date -u +%FT%TZ)\"}"
  sleep 3; call "$API/tasks?agentId=a1"
  curl -sS <sandbox>/_control/ledger; echo
"#;
