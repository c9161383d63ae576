//! A Lambda execution environment of one's own: it starts a function's real binary and hands it events, one at a time, as AWS
//! does. What the function is told of the world is in its variables; it inherits nothing.

mod api;

use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use api::{Invocation, RuntimeApi};

/// Variables of a function.
pub type Variables = BTreeMap<String, String>;

/// A function's process. Dropping it kills the process.
#[derive(Debug)]
pub struct Function {
    child: Child,
    invocations: mpsc::Sender<Invocation>,
    ready: watch::Receiver<bool>,
    invocation_timeout: Duration,
    /// The Runtime API; it ends with this value.
    _runtime_api: JoinSet<io::Result<()>>,
}

/// How an invocation ended.
#[derive(Debug)]
pub enum InvocationResult {
    /// The function answered.
    Response(Value),
    /// The function reported an error.
    Error(Value),
    /// The process ended without a word.
    Exited(ExitStatus),
}

impl Function {
    /// Starts `program` with these variables and those a runtime sets, and returns at once. Its log goes nowhere; what it
    /// writes to stderr (a panic, a setting that is missing) is shown.
    ///
    /// # Errors
    /// When no port is free or the program cannot be started.
    pub async fn start(program: &Path, variables: &Variables, timeout: Duration) -> io::Result<Self> {
        Self::start_command(Command::new(program), variables, timeout).await
    }

    /// As [`Function::start`], with a command line: a runtime of another language, or a tool that watches the program.
    ///
    /// # Errors
    /// When no port is free or the program cannot be started.
    pub async fn start_command(mut command: Command, variables: &Variables, timeout: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, waiting) = mpsc::channel(1);
        let (asked, ready) = watch::channel(false);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, RuntimeApi::new(waiting, asked).router()).await });
        let name = Path::new(command.as_std().get_program()).file_stem().unwrap_or_default().to_owned();
        let child = command
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child, invocations: events, ready, invocation_timeout: timeout, _runtime_api: serving })
    }

    /// Returns when the function asks for its first event: its cold start is over.
    ///
    /// # Errors
    /// When it ended instead.
    pub async fn ready(&mut self) -> io::Result<()> {
        tokio::select! {
            asked = self.ready.wait_for(|ready| *ready) => asked.map(|_| ()).map_err(io::Error::other),
            status = self.child.wait() => Err(io::Error::other(format!("it ended at its start: {}", status?))),
        }
    }

    /// Hands it one event and waits for what comes of it.
    ///
    /// # Errors
    /// When the process's end cannot be observed.
    pub async fn invoke(&mut self, event: &Value) -> io::Result<InvocationResult> {
        let (answer, answered) = oneshot::channel();
        let invocation =
            Invocation { event: event.to_string().into(), timeout: self.invocation_timeout, result_sender: answer };
        self.invocations.send(invocation).await.map_err(io::Error::other)?;
        tokio::select! {
            // What was said before the end counts.
            biased;
            Ok(ended) = answered => Ok(ended),
            status = self.child.wait() => Ok(InvocationResult::Exited(status?)),
        }
    }

    /// The process's id, while it lives.
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the process has ended by itself or by somebody's signal.
    ///
    /// # Errors
    /// When the operating system cannot say.
    pub async fn wait_exit(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Kills it (SIGKILL) and returns when it is gone.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.child.kill().await
    }
}
