//! `cargo local up`: runs the stack until Ctrl-C.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "progress goes to stderr, the ready message to stdout")]

use sandbox::Strangeness;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::UpArgs;
use crate::environment::Providers;
use crate::failure::{Context as _, Result};
use crate::stack::{Options, Port, Stack};
use crate::{build, paths, saved_grants, tick};

/// The user of the printed token.
pub(crate) const USER: &str = "u1";

/// Runs the stack until Ctrl-C or SIGTERM.
///
/// # Errors
/// If a part cannot be started.
pub async fn run(args: &UpArgs) -> Result<()> {
    let port = if args.port == 0 { Port::Free } else { Port::Fixed(args.port) };
    let options = Options {
        command: "up",
        port,
        // A free port is another one at the next start.
        persistent: !args.memory && args.port != 0,
        issuer_key: paths::issuer_key()?,
        keyring: paths::keyring()?,
        providers: Providers::from_environment()?,
        strangeness: if args.strict { Strangeness::strict() } else { Strangeness::content() },
        report,
    };
    tokio::select! {
        result = serve(options) => result,
        signal = shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            report("stopped");
            Ok(())
        }
    }
}

/// Starts the stack and runs it until a part fails.
async fn serve(options: Options) -> Result<()> {
    let real = options.providers.real();
    let persistent = options.persistent;
    let stack = Stack::start(options).await?;
    let grants = stack.folder.join("sandbox-grants.json");
    let sandbox = stack.sandbox.sandbox.clone();
    if persistent {
        saved_grants::restore(&sandbox, &grants)?;
    }
    let saving =
        async { if persistent { saved_grants::persist(sandbox, &grants).await } else { std::future::pending().await } };
    print_ready(&stack, &stack.token(USER).await?, &real);
    tokio::select! {
        () = tick::run_every_minute(stack.client.clone(), stack.api.clone(), report) => Ok(()),
        () = build::rebuild_on_change(stack.functions.clone(), report) => Ok(()),
        failure = saving => failure,
    }
}

/// A signal that ends the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM, or SIGHUP.
    Terminate,
}

impl Signal {
    /// Returns the exit code of a program that ended by this signal, as a shell reports it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Waits for Ctrl-C, SIGTERM or SIGHUP.
pub(crate) async fn shutdown_signal() -> io::Result<Signal> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // A terminal that is closed.
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(Signal::Interrupt),
        _ = terminate.recv() => Ok(Signal::Terminate),
        _ = hang_up.recv() => Ok(Signal::Terminate),
    }
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
    let lines = [OPENING_STEPS, connect, INTENT_STEPS, CLOSING_LINES].concat();
    let port = stack.port.to_string();
    let values = [("<api>", &*stack.api), ("<port>", &port), ("<user>", USER), ("<sandbox>", &stack.sandbox.url)];
    println!("{}", values.iter().fold(lines, |lines, (name, value)| lines.replace(name, value)));
}

// Shell commands to be pasted one after the other. They contain no comments: not every shell accepts comments at its prompt.

const OPENING_STEPS: &str = r#"To try the API, run these commands in another terminal, in this folder:

  API=<api>/api/plugin-engine; TOKEN=$(cargo -q local token --user <user> --port <port>)
  call() { curl -sS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' "$@"; echo; }

List the tools and their actions:

  call "$API"

Connect Gmail, in the place of a browser and a frontend. In a browser, open the authUrl; the page at its end shows how to go on:

  URL=$(call "$API/oauth/authorize?tool=gmail" | sed 's/.*"authUrl":"\([^"]*\)".*/\1/')
"#;

const CLOSING_LINES: &str = "
The functions' log: cargo local logs -f --port <port>. Changed sources are built again. Stop with Ctrl-C.";

const CONNECT_SANDBOX_STEPS: &str = r#"  BACK=$(curl -sS -o /dev/null -w '%{redirect_url}' "$URL&auto=allow")
  CODE=$(curl -sS -o /dev/null -D - "$BACK" | tr -d '\r' | sed -n 's/.*#connectCode=\([^&]*\).*/\1/p')
"#;

const CONNECT_REAL_STEPS: &str = r#"  echo "Consent at $URL and paste the connectCode from the address of the page it ends at:"; read -r CODE
"#;

const INTENT_STEPS: &str = r#"  call "$API/integrations/connect" -d '{"connectCode":"'"$CODE"'"}'

Send an e-mail immediately and another one as a scheduled task; list the tasks, and the effects at the provider:

  MAIL='"agentId":"a1","tool":"gmail","intent":"send_email","context":{"to":"sam@example.com","subject":"Hello","body":"Hi!"}'
  call "$API" -d "{$MAIL}"
  call "$API" -d "{$MAIL,\"executeAt\":\"$(date -u +%FT%TZ)\"}"
  sleep 3; call "$API/tasks?agentId=a1"
  SANDBOX=<sandbox>; curl -sS "$SANDBOX/_control/ledger"; echo
"#;
