//! The memory of a processor that reads long responses.

use runtime_driver::Function;
use sandbox::Fault;
use std::collections::BTreeSet;
use std::path::Path;

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

    /// Runs the due tasks with a processor that believes to have `memory_mib` of memory. Returns the most that it has used, in MiB, its
    /// code included.
    pub(crate) async fn run_with_memory(&self, memory_mib: usize) -> usize {
        let proxy = Proxy::start(self.upstream.clone(), None).await;
        let mut variables = variables(&self.sandbox, &proxy.url, &proxy.url);
        variables.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), memory_mib.to_string());
        let mut function = Function::start(Path::new(BINARY), &variables, FUNCTION_TIMEOUT).await.unwrap();
        function.wait_ready().await.unwrap();
        drop(tokio::time::timeout(RUN_TIMEOUT, function.invoke(&self.event(0))).await.unwrap().unwrap());
        let peak = peak_mib(function.process_id().unwrap());
        function.kill().await.unwrap();
        proxy.wait_idle().await;
        peak
    }

    /// The states of all tasks.
    pub(crate) async fn states(&self) -> BTreeSet<&'static str> {
        self.rows().await.iter().map(|row| row.status.as_str()).collect()
    }
}

/// The most resident memory of a process. `proc_pid_status(5)`.
fn peak_mib(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")).unwrap();
    peak.trim().parse::<usize>().unwrap() / 1024
}
