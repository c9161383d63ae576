//! Freezes: SIGSTOP to a processor in the middle of its calls, and SIGCONT when its lease has passed and other processors have done its
//! tasks.

use engine::clock::Clock;
use futures::future::join;
use jiff::SignedDuration;
use runtime_driver::Function;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{BINARY, TestEnvironment, variables};
use crate::proxy::{KillPoint, Proxy, Timing};
use crate::tls_front::TlsFront;

/// The timeout of a processor that is frozen. It ends while the processor is frozen, by the clock of the system.
const FROZEN_TIMEOUT: Duration = Duration::from_secs(24);
/// The maximum time of a run with a freeze.
const MAX_RUN: Duration = Duration::from_secs(150);
/// Time after SIGSTOP until what was written before has arrived.
const ARRIVAL_WAIT: Duration = Duration::from_millis(500);
/// The calls that have an effect.
const EFFECTFUL_CALLS: [&str; 4] =
    ["slack.chat.postMessage", "gmail.drafts.create", "gmail.drafts.send", "asana.tasks.create"];

/// The moment at which a processor is frozen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FreezePoint {
    /// When this many connections wait for the answer to their TLS handshake.
    Connecting(usize),
    /// When the n-th post to Slack arrives.
    Post(usize),
}

impl TestEnvironment {
    /// Runs the due tasks with a processor that is frozen at a point until other processors have done them, and its time has passed.
    /// Returns the calls with an effect that it made when it was thawed.
    pub(crate) async fn run_frozen(&mut self, point: FreezePoint) -> Vec<String> {
        let kill = match point {
            FreezePoint::Connecting(_) => None,
            FreezePoint::Post(nth) => {
                Some(KillPoint::Named { call: "slack.chat.postMessage".to_owned(), nth, timing: Timing::Before })
            }
        };
        let proxy = Proxy::start(self.upstream.clone(), kill).await;
        let front = TlsFront::start(&proxy.url, matches!(point, FreezePoint::Connecting(_))).await;
        let mut variables = variables(&self.sandbox, &front.url, &proxy.url);
        let own = [
            ("PLUGIN_ENGINE_CA_FILE", front.authority.display().to_string()),
            ("PLUGIN_ENGINE_TIMEOUT_SECONDS", FROZEN_TIMEOUT.as_secs().to_string()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let mut function = Function::start(Path::new(BINARY), &variables, FROZEN_TIMEOUT).await.unwrap();
        function.wait_ready().await.unwrap();
        let process = function.process_id().unwrap();
        let event = self.event(0);
        let freeze = async {
            let clock = Clock::system();
            let its_end =
                clock.now() + SignedDuration::try_from(FROZEN_TIMEOUT).unwrap() + SignedDuration::from_secs(2);
            match point {
                FreezePoint::Connecting(count) => front.wait_for_connections(count).await,
                FreezePoint::Post(_) => drop(proxy.wait_for_kill_point().await),
            }
            signal(process, "STOP");
            tokio::time::sleep(ARRIVAL_WAIT).await;
            front.release();
            proxy.release().await;
            let before = proxy.calls().len();
            self.recover(None).await;
            clock.sleep_until(its_end).await;
            signal(process, "CONT");
            before
        };
        let (result, before) = tokio::time::timeout(MAX_RUN, join(function.invoke(&event), freeze)).await.unwrap();
        drop(result.unwrap());
        function.kill().await.unwrap();
        proxy.wait_idle().await;
        self.log.push(format!("frozen at {point:?} ({})", proxy.calls().join(" ")));
        let after = proxy.calls().split_off(before);
        after.into_iter().filter(|call| EFFECTFUL_CALLS.contains(&call.as_str())).collect()
    }
}

/// Sends a signal to a process of this test.
fn signal(process: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap();
    assert!(sent.success(), "SIG{name}: {sent}");
}
