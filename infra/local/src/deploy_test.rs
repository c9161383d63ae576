//! `cargo local rehearse`: the template deployed to an emulator of AWS by SAM itself, and the main job played through it, with
//! API Gateway's authorizer before it and EventBridge's schedule behind it.
#![expect(clippy::print_stderr, reason = "progress and logs go to stderr")]

mod checks;

use sandbox::{RunningSandbox, Sandbox};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

use crate::client::Client;
use crate::deployment::{self, Deployment};
use crate::emulator::{self, Emulator, Services};
use crate::environment::{self, Providers, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::log::print_tail;
use crate::reporter::Reporter;
use crate::scenario::{Scenario, TaskTrigger, USER};
use crate::stack::start_sandbox;
use crate::{paths, tool, up};
use checks::DeployedStack;

/// Deploys, plays, and removes everything again.
///
/// # Errors
/// At the first surprise, with what was expected and what came.
pub async fn run() -> Result<()> {
    let _lock = paths::lock("rehearsal.lock", || Failure::new("a rehearsal of this checkout already runs"))?;
    let folder = WorkFolder::create()?;
    let ended = tokio::select! {
        ended = run_deploy_test(&folder) => ended,
        asked = up::shutdown_signal() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| {
        print_tail("emulator", &folder.0.join(emulator::LOG));
        print_tail("sam", &folder.0.join(deployment::LOG));
    })
}

async fn run_deploy_test(folder: &WorkFolder) -> Result<()> {
    let say = |what: &str| eprintln!("rehearsal: {what}");
    let (sam, program) = (tool::sam(&say)?, tool::emulator(&say)?);
    let sandbox = Sandbox::with_issuer_key(Sandbox::generate_rsa_issuer_key()).context("the issuer's key")?;
    let sandbox = start_sandbox(sandbox, 0).await?;
    let client = Client::new()?;
    let mut emulator = Emulator::start(&program, &folder.0, client.clone(), function_variables(&sandbox)).await?;
    let variables = environment::emulator_variables(&emulator.services.url);
    let deployment = Deployment { sam: &sam, folder: &folder.0, variables };
    let services = emulator.services.clone();
    let mut story = Reporter::new("The template, deployed to an emulator of AWS");
    tokio::select! {
        played = run_steps(&deployment, services, client, &sandbox, &mut story) => played?,
        failure = emulator.wait_for_exit() => return Err(failure),
    }
    // Ending is part of what must work.
    drop(emulator);
    story.finish("rehearsal");
    Ok(())
}

/// What the functions are told beside the template: where the providers of the sandbox are.
fn function_variables(sandbox: &RunningSandbox) -> Variables {
    Variables::from([("PLUGIN_ENGINE_PROVIDER_URLS".to_owned(), Providers::sandbox().urls(sandbox))])
}

async fn run_steps(
    deployment: &Deployment<'_>,
    services: Services,
    client: Client,
    sandbox: &RunningSandbox,
    story: &mut Reporter,
) -> Result<()> {
    story.step("build and pack the functions", checks::pack(deployment, sandbox).await)?;
    let outputs = story.step("sam deploy", checks::deploy(deployment).await)?;
    let cloud = DeployedStack { services, outputs, sandbox };
    let actor = Scenario {
        client: client.with_token(&sandbox.sandbox.sign_token(json!({ "sub": USER }))),
        anonymous_client: client,
        base_url: cloud.api_url()?,
        redirect_uri: cloud.output("OauthRedirectUri")?.to_owned(),
        sandbox: sandbox.url.clone(),
        trigger: TaskTrigger::Schedule,
    };
    story.step("fill in the OAuth clients", cloud.store_oauth_clients().await)?;
    story.step("register the redirect URI", cloud.register_redirect_uri())?;
    let outcomes = story.step("listen to the bus", cloud.subscribe_to_events().await)?;
    story.step("come without a good token", cloud.check_authorizer(&actor).await)?;
    actor.begin(story).await?;
    story.step("look where the tokens are", cloud.check_tokens_are_in_secrets().await)?;
    let task = actor.exercise_api(story).await?;
    story.step("hear what became of the task", cloud.check_task_event(&outcomes, &task).await)?;
    story.step("poison the processor", cloud.check_dead_letter_queue().await)?;
    actor.disconnect_tools(story).await?;
    story.step("look that no secret is left", cloud.check_no_secret_remains().await)?;
    story.step("sam delete", deployment.delete().await.map(|()| ((), "the stack is gone".to_owned())))
}

/// `.local/rehearsal/`; it goes with this value.
struct WorkFolder(PathBuf);

impl WorkFolder {
    fn create() -> Result<Self> {
        let folder = Self(paths::local_path("rehearsal")?);
        // What a killed rehearsal left.
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).context(folder.0.display())?;
        Ok(folder)
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // The next one removes what stays.
        let _ = fs::remove_dir_all(&self.0);
    }
}
