//! A local Lambda execution environment: it starts a function's real binary and sends it one event at a time, as AWS does. The
//! function's only configuration is the given environment variables; it inherits none.

mod api;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
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

/// Environment variables of a function.
pub type Variables = BTreeMap<String, String>;

/// A function's process. Dropping it kills the process.
#[derive(Debug)]
pub struct Function {
    child: Child,
    invocations: mpsc::Sender<Invocation>,
    /// True after the first poll.
    polled: watch::Receiver<bool>,
    invocation_timeout: Duration,
    /// The Runtime API's server; it stops when this value is dropped.
    _runtime_api: JoinSet<io::Result<()>>,
}

/// The result of an invocation.
#[derive(Debug)]
pub enum InvocationResult {
    /// The function responded.
    Response(Value),
    /// The function reported an error.
    Error(Value),
    /// The process exited without a response.
    Exited(ExitStatus),
}

impl Function {
    /// Starts `program` with these variables and those of the Lambda runtime, and returns immediately. Its log (stdout) is
    /// discarded; stderr (a panic, a missing setting) is shown.
    ///
    /// # Errors
    /// If no port is free or the program cannot be started.
    pub async fn start(program: &Path, variables: &Variables, timeout: Duration) -> io::Result<Self> {
        Self::start_command(Command::new(program), variables, timeout).await
    }

    /// Like [`Function::start`] with a command line, for a runtime of another language or a profiling tool.
    ///
    /// # Errors
    /// If no port is free or the program cannot be started.
    pub async fn start_command(mut command: Command, variables: &Variables, timeout: Duration) -> io::Result<Self> {
        command.stdout(Stdio::null());
        Self::spawn(command, variables, timeout).await
    }

    /// Like [`Function::start`], with stdout and stderr appended to `log`, and in a process group of its own, so that a Ctrl-C
    /// at the terminal does not reach the function.
    ///
    /// # Errors
    /// If no port is free or the program cannot be started.
    pub async fn start_logged(
        program: &Path,
        variables: &Variables,
        timeout: Duration,
        log: &File,
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.process_group(0).stdout(log.try_clone()?).stderr(log.try_clone()?);
        Self::spawn(command, variables, timeout).await
    }

    async fn spawn(mut command: Command, variables: &Variables, timeout: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (invocations, pending) = mpsc::channel(1);
        let (polled_sender, polled) = watch::channel(false);
        let mut runtime_api = JoinSet::new();
        runtime_api.spawn(async move { axum::serve(listener, RuntimeApi::new(pending, polled_sender).router()).await });
        let name = Path::new(command.as_std().get_program()).file_stem().unwrap_or_default().to_owned();
        let child = command
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child, invocations, polled, invocation_timeout: timeout, _runtime_api: runtime_api })
    }

    /// Waits for the function's first poll, the end of its cold start.
    ///
    /// # Errors
    /// If the process exits first.
    pub async fn wait_ready(&mut self) -> io::Result<()> {
        tokio::select! {
            polled = self.polled.wait_for(|polled| *polled) => polled.map(|_| ()).map_err(io::Error::other),
            status = self.child.wait() => Err(io::Error::other(format!("the process exited before its first poll: {}", status?))),
        }
    }

    /// Sends an event and waits for the result.
    ///
    /// # Errors
    /// If the process's exit cannot be observed.
    pub async fn invoke(&mut self, event: &Value) -> io::Result<InvocationResult> {
        let (result_sender, result) = oneshot::channel();
        let invocation =
            Invocation { event: event.to_string().into(), timeout: self.invocation_timeout, result_sender };
        self.invocations.send(invocation).await.map_err(io::Error::other)?;
        tokio::select! {
            // A response sent before the exit takes precedence.
            biased;
            Ok(result) = result => Ok(result),
            status = self.child.wait() => Ok(InvocationResult::Exited(status?)),
        }
    }

    /// Returns the process id while the process runs.
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// True if the process has exited.
    pub fn has_exited(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until the process exits by itself or by a signal.
    ///
    /// # Errors
    /// If the operating system reports an error.
    pub async fn wait_exit(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Kills the process (SIGKILL) and waits for its exit.
    ///
    /// # Errors
    /// If the operating system reports an error.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.child.kill().await
    }
}
