//! The memory of functions that send and read large files. The bytes flow through, so that it hardly depends on the size.

use runtime_driver::{Function, InvocationResult};
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};
use std::path::PathBuf;

use crate::Result;
use crate::figures;
use crate::program::Program;
use crate::programs::Programs;
use crate::timing::max_rss_kib;

/// A size of a file, and the memory that a process may have had after it, both in MiB.
const BOUNDS: [(u64, u64); 2] = [(25, 64), (100, 96)];
const PLUGIN_ENGINE: &str = "plugin-engine";
const PROCESSOR: &str = "process-due-tasks";

/// Sends files of each size through a fresh process of each function in `folder`, and reads them. Returns the report.
///
/// # Errors
/// If a function needs more memory than its bound, or fails.
pub async fn check(folder: PathBuf) -> Result<String> {
    let programs = Programs::start(folder, &figures::output_dir()?).await?;
    let environment = programs.environment();
    let (mut lines, mut is_exceeded) = (vec![], false);
    for (size, bound) in BOUNDS {
        let file = json!({ "channel": GENERAL, "file": { "file": environment.upload(size << 20).await? } });
        let sent = programs.function_with(PLUGIN_ENGINE, programs.intent_event("upload_file", &file)?);
        let mut peaks = vec![("sent by plugin-engine", peak(&sent).await?)];
        let shared = json!({ "fileId": shared_files(&programs).last().ok_or("nothing was shared")? });
        let read = programs.function_with(PLUGIN_ENGINE, programs.intent_event("get_file", &shared)?);
        peaks.push(("read by plugin-engine", peak(&read).await?));
        environment.schedule_intent(0, "upload_file", &file, environment.engine.clock.now()).await?;
        let due = programs.function_with(PROCESSOR, json!({ "windowSeconds": 0 }));
        let before = shared_files(&programs).len();
        peaks.push(("sent by process-due-tasks", peak(&due).await?));
        if shared_files(&programs).len() != before + 1 {
            return Err("the processor did not share the file".into());
        }
        for (what, kib) in peaks {
            let mib = kib.div_ceil(1024);
            is_exceeded |= mib > bound;
            lines.push(format!("{size:>4} MiB {what:<26} {mib:>4} MiB of memory, at most {bound}"));
        }
    }
    let text = lines.join("\n");
    if is_exceeded { Err(format!("a function needs more memory than its bound:\n{text}").into()) } else { Ok(text) }
}

/// The ids of the files that reached the provider.
fn shared_files(programs: &Programs) -> Vec<String> {
    let effects = programs.environment().sandbox.sandbox.effects().into_iter();
    effects.filter(|effect| effect.kind == "file_shared").map(|effect| effect.id).collect()
}

/// Returns the peak memory of a fresh process after its event, in KiB.
async fn peak(program: &Program) -> Result<u64> {
    let mut function = program.start(&[]).await?;
    let answer = function.invoke(&program.event).await?;
    let body = check_answer(program, &answer);
    let peak = max_rss_kib(process_id(&function)?);
    function.kill().await?;
    body.and(peak)
}

fn process_id(function: &Function) -> Result<u32> {
    function.process_id().ok_or_else(|| "the process has exited".into())
}

/// Fails unless the function did what it was asked for, with no byte of the file in its answer.
fn check_answer(program: &Program, answer: &InvocationResult) -> Result<()> {
    let InvocationResult::Response(response) = answer else {
        return Err(format!("{}: {answer:?}", program.name).into());
    };
    let body: Value = response["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let is_done = response.get("body").is_none() || body["success"] == true && response["statusCode"] == 200;
    if is_done && response.to_string().len() < 4_096 {
        Ok(())
    } else {
        Err(format!("{}: {response}", program.name).into())
    }
}
