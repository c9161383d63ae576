//! `cargo local up`: the stack, until Ctrl-C.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "progress goes to stderr, what is ready to stdout")]

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

/// Whom the token is for.
pub(crate) const USER: &str = "u1";

/// Runs the stack until Ctrl-C or SIGTERM.
///
/// # Errors
/// When a part cannot be started, or the functions' server ends by itself.
pub async fn run(args: &UpArgs) -> Result<()> {
    let _lock = paths::lock("up.lock", || {
        let at = State::read().map(|state| format!(" at {}", state.api)).unwrap_or_default();
        Failure::new(format!("a stack of this checkout already runs{at}; stop it first (Ctrl-C there)"))
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
        // Runs of due tasks take a minute each and overlap; `cargo local tick` needs another.
        concurrency: 4,
        reload: true,
        log: None,
        report,
    };
    let real = options.providers.real();
    let kept = if args.memory { None } else { Some(paths::local_path("sandbox-grants.json")?) };
    tokio::select! {
        ended = serve(options, &real, kept.as_deref()) => ended,
        asked = shutdown_signal() => {
            asked.context("waiting for Ctrl-C")?;
            report("stopped");
            Ok(())
        }
    }
}

async fn serve(options: Options, real: &[&str], kept: Option<&Path>) -> Result<()> {
    let mut stack = Stack::start(options).await?;
    let sandbox = stack.sandbox.sandbox.clone();
    if let Some(path) = kept {
        saved_grants::restore(&sandbox, path)?;
    }
    let keeping = async {
        match kept {
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
        failed = keeping => failed,
        failure = stack.wait_for_exit() => Err(failure),
    }
}

/// Returns when the person, or whoever started this, wants an end.
pub(crate) async fn shutdown_signal() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

pub(crate) fn report(what: &str) {
    eprintln!("local: {what}");
}

fn print_ready(stack: &Stack, token: &str, real: &[&str]) {
    println!("ready {}", stack.api);
    println!("\nA token for user {USER}, valid for 12 hours (another: cargo local token --user <id>):\n\n{token}\n");
    if !real.is_empty() {
        println!("Real providers, from your environment: {}. The others are the sandbox.\n", real.join(", "));
    }
    let connect = if real.contains(&"gmail") { CONNECT_REAL_STEPS } else { CONNECT_SANDBOX_STEPS };
    let lines = [OPENING_STEPS, connect, INTENT_STEPS].concat();
    println!("{}", lines.replace("<api>", &stack.api).replace("<user>", USER).replace("<sandbox>", &stack.sandbox.url));
    println!("Stop with Ctrl-C.");
}

// Lines that run as they stand, one after the other. No remarks in them: not every shell takes those at its prompt.

const OPENING_STEPS: &str = r#"To try it, in another terminal, in this folder:

  API=<api>/api/plugin-engine; TOKEN=$(cargo -q local token --user <user>)
  call() { curl -sS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' "$@"; echo; }

The tools and their intents:

  call "$API"

Connect Gmail, in the two steps of a browser and its frontend:

  URL=$(call "$API/oauth/authorize?tool=gmail" | sed 's/.*"authUrl":"\([^"]*\)".*/\1/')
"#;

const CONNECT_SANDBOX_STEPS: &str = r#"  BACK=$(curl -sS -o /dev/null -w '%{redirect_url}' "$URL&auto=allow")
  CODE=$(curl -sS -o /dev/null -D - "$BACK" | tr -d '\r' | sed -n 's/.*#connectCode=\([^&]*\).*/\1/p')
"#;

const CONNECT_REAL_STEPS: &str = r#"  echo "Consent at $URL and paste the connectCode of the address you land on:"; read -r CODE
"#;

const INTENT_STEPS: &str = r#"  call "$API/integrations" -d '{"connectCode":"'"$CODE"'"}'

Send an e-mail now, and another as a scheduled task; see what became of it, and what the provider saw:

  MAIL='"agentId":"a1","tool":"gmail","intent":"send_email","context":{"to":"sam@example.com","subject":"Hello","body":"Hi!"}'
  call "$API" -d "{$MAIL}"
  call "$API" -d "{$MAIL,\"executeAt\":\"$(date -u +%FT%TZ)\"}"
  sleep 3; call "$API/tasks?agentId=a1"
  curl -sS <sandbox>/_control/ledger; echo
"#;
