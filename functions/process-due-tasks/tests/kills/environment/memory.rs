//! The memory of a processor that reads long responses.

use runtime_driver::{Function, InvocationResult};
use sandbox::Fault;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{BINARY, FUNCTION_TIMEOUT, RUN_TIMEOUT, TestEnvironment, variables};
use crate::proxy::Proxy;

/// The bytes of a mail of 3.7 MB as Gmail sends it.
const MAIL_BYTES: usize = 4_900_000;

impl TestEnvironment {
    /// Makes every mail long.
    pub(crate) fn lengthen_mails(&self) {
        let mails = Fault::padded("gmail", MAIL_BYTES).at_path("/gmail/v1/users/me/messages/").times(10_000);
        self.sandbox.sandbox.fault(mails);
    }

    /// Runs the due tasks with a processor that has `limit_mib` of memory, as the kernel counts its data, and believes to have
    /// `believed_mib`. Returns the most resident memory that it has used, in MiB, its code included; `None` if it died of its limit.
    pub(crate) async fn run_with_memory(&self, limit_mib: usize, believed_mib: usize) -> Option<usize> {
        let proxy = Proxy::start(self.upstream.clone(), None).await;
        let mut variables = variables(&self.sandbox, &proxy.url, &proxy.url);
        variables.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), believed_mib.to_string());
        let mut function = Function::start(Path::new(BINARY), &variables, FUNCTION_TIMEOUT).await.unwrap();
        function.wait_ready().await.unwrap();
        let process = function.process_id().unwrap();
        limit_data(process, limit_mib);
        let result = tokio::time::timeout(RUN_TIMEOUT, function.invoke(&self.event(0))).await.unwrap().unwrap();
        let peak = match result {
            InvocationResult::Response(_) | InvocationResult::Error(_) => Some(peak_mib(process)),
            InvocationResult::Exited(_) => None,
        };
        function.kill().await.unwrap();
        proxy.wait_idle().await;
        peak
    }

    /// The states of all tasks.
    pub(crate) async fn states(&self) -> BTreeSet<&'static str> {
        self.rows().await.iter().map(|row| row.status.as_str()).collect()
    }
}

/// Limits the writable memory of a process: an allocation beyond it fails, and ends the process. `setrlimit(2)`, `RLIMIT_DATA`.
fn limit_data(process: u32, mib: usize) {
    let limit = format!("--data={}", mib * 1024 * 1024);
    let limited = Command::new("prlimit").args(["--pid", &process.to_string(), &limit]).status().unwrap();
    assert!(limited.success(), "prlimit: {limited}");
}

/// The most resident memory of a process. `proc_pid_status(5)`.
fn peak_mib(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")).unwrap();
    peak.trim().parse::<usize>().unwrap() / 1024
}
