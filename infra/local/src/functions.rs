//! The functions: built programs, run as Lambda runs them. Each instance is a process that serves one event at a time; instances start
//! when they are needed and are replaced when their program has been built again.

use runtime_driver::{Function, InvocationResult};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{Notify, OwnedRwLockWriteGuard, RwLock, Semaphore};
use tokio::time::{sleep, timeout};

use crate::environment::Variables;
use crate::failure::{Context as _, Result};

/// The largest number of instances of a function. Runs of due tasks take a minute each and overlap.
const CONCURRENCY: usize = 10;
/// The time limit for a program that is being replaced by a build outside of this stack.
const PROGRAM_WAIT: Duration = Duration::from_secs(10);

/// The functions of a stack. A clone is another handle to the same functions.
#[derive(Clone, Debug)]
pub struct Functions(Arc<Shared>);

/// The result of an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// The function's response.
    Response(Value),
    /// The function failed: it reported an error, exited, was killed, or exceeded its timeout.
    Failed(Value),
}

#[derive(Debug)]
struct Shared {
    /// The folder of the built programs.
    folder: PathBuf,
    variables: Variables,
    log: PathBuf,
    pools: BTreeMap<String, Pool>,
    /// Held for writing while the programs are built.
    building: Arc<RwLock<()>>,
}

/// The instances of one function.
#[derive(Debug)]
struct Pool {
    timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Instance>>,
    /// The process ids of the busy instances.
    busy: Mutex<BTreeSet<u32>>,
    /// True once an instance was needed.
    used: AtomicBool,
    kill: Notify,
}

#[derive(Debug)]
struct Instance {
    function: Function,
    /// The time at which its program was built.
    built: SystemTime,
}

impl Functions {
    /// Creates the functions with these timeouts, whose programs are in `folder`. No process is started.
    pub fn new(folder: PathBuf, timeouts: &BTreeMap<String, Duration>, variables: Variables, log: PathBuf) -> Self {
        let pools = timeouts.iter().map(|(name, timeout)| (name.clone(), Pool::new(*timeout)));
        Self(Arc::new(Shared { folder, variables, log, pools: pools.collect(), building: Arc::default() }))
    }

    /// Sends an event to a function; `None` if there is no such function. The invocation continues if this future is dropped, as in
    /// AWS.
    pub async fn invoke(&self, name: &str, event: Value) -> Option<Outcome> {
        if !self.0.pools.contains_key(name) {
            return None;
        }
        let (shared, name) = (Arc::clone(&self.0), name.to_owned());
        let invocation = tokio::spawn(async move { shared.invoke(&name, &event).await });
        Some(invocation.await.unwrap_or_else(|error| failed("Runtime.Unknown", error)))
    }

    /// Kills (SIGKILL) the instances of a function that are busy, and returns their process ids.
    pub fn kill_busy(&self, name: &str) -> Vec<u32> {
        let Some(pool) = self.0.pools.get(name) else { return Vec::new() };
        let killed = locked(&pool.busy).iter().copied().collect();
        pool.kill.notify_waiters();
        killed
    }

    /// Returns the functions that were invoked.
    pub fn used(&self) -> Vec<String> {
        let used = self.0.pools.iter().filter(|(_, pool)| pool.used.load(Ordering::Relaxed));
        used.map(|(name, _)| name.clone()).collect()
    }

    /// Returns a guard for the time of a build: no program is started while it exists.
    pub async fn hold_starts(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.0.building).write_owned().await
    }
}

impl Pool {
    fn new(timeout: Duration) -> Self {
        let permits = Semaphore::new(CONCURRENCY);
        let (idle, busy, used) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        Self { timeout, permits, idle, busy, used, kill: Notify::new() }
    }
}

impl Shared {
    async fn invoke(&self, name: &str, event: &Value) -> Outcome {
        let Some(pool) = self.pools.get(name) else { return failed("ResourceNotFoundException", name) };
        // The semaphore is never closed.
        let _permit = pool.permits.acquire().await;
        let mut instance = match self.instance(name, pool).await {
            Ok(instance) => instance,
            Err(failure) => return failed("Runtime.InvalidEntrypoint", failure),
        };
        let process = instance.function.process_id().unwrap_or_default();
        locked(&pool.busy).insert(process);
        let result = tokio::select! {
            result = timeout(pool.timeout, instance.function.invoke(event)) => Some(result),
            () = pool.kill.notified() => None,
        };
        locked(&pool.busy).remove(&process);
        let outcome = match result {
            Some(Ok(Ok(InvocationResult::Response(response)))) => Outcome::Response(response),
            Some(Ok(Ok(InvocationResult::Error(error)))) => Outcome::Failed(error),
            Some(Ok(Ok(InvocationResult::Exited(status)))) => return failed("Runtime.ExitError", status),
            Some(Ok(Err(error))) => return failed("Runtime.Unknown", error),
            // Dropping the instance kills its process.
            Some(Err(_)) => return failed("Sandbox.Timedout", format!("timed out after {} s", pool.timeout.as_secs())),
            None => {
                // An error means that the process has exited already.
                let _ = instance.function.kill().await;
                return failed("Runtime.ExitError", format!("process {process} was killed"));
            }
        };
        locked(&pool.idle).push(instance);
        outcome
    }

    /// Returns an idle instance of the current program, or a new one.
    async fn instance(&self, name: &str, pool: &Pool) -> Result<Instance> {
        pool.used.store(true, Ordering::Relaxed);
        let _no_build = self.building.read().await;
        let program = self.folder.join(name);
        let built = build_time(&program).await.context(program.display())?;
        let idle = {
            let mut idle = locked(&pool.idle);
            // Instances of an earlier build are dropped, which kills their processes. A process can have been killed while idle.
            idle.retain_mut(|instance| instance.built == built && !instance.function.has_exited());
            idle.pop()
        };
        if let Some(instance) = idle {
            return Ok(instance);
        }
        let mut variables = self.variables.clone();
        variables.insert("PLUGIN_ENGINE_TIMEOUT_SECONDS".to_owned(), pool.timeout.as_secs().to_string());
        let log = File::options().create(true).append(true).open(&self.log).context(self.log.display())?;
        let mut function =
            Function::start_logged(&program, &variables, pool.timeout, &log).await.context(program.display())?;
        function.wait_ready().await.context(name)?;
        Ok(Instance { function, built })
    }
}

/// Returns the time at which a program was built. A build outside of this stack replaces the file, which is absent for a moment.
async fn build_time(program: &Path) -> io::Result<SystemTime> {
    let read = || fs::metadata(program).and_then(|file| file.modified());
    let present = async {
        loop {
            match read() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => sleep(Duration::from_millis(50)).await,
                result => return result,
            }
        }
    };
    timeout(PROGRAM_WAIT, present).await.unwrap_or_else(|_| read())
}

fn failed(kind: &str, message: impl std::fmt::Display) -> Outcome {
    Outcome::Failed(json!({ "errorType": kind, "errorMessage": message.to_string() }))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
