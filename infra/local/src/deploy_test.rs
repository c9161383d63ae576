//! `cargo local deploy-test`: deploys the template to an emulator of AWS with SAM, and runs the scenario on the deployment, including
//! API Gateway's authorizer and EventBridge's schedule.
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

/// Deploys the template, runs the scenario, and deletes the stack.
///
/// # Errors
/// At the first unexpected response, with the expected and the actual value.
pub async fn run() -> Result<()> {
    let _lock = paths::lock("deploy-test.lock", || Failure::new("a deploy test of this checkout is already running"))?;
    let folder = WorkFolder::create()?;
    let result = tokio::select! {
        result = run_deploy_test(&folder) => result,
        signal = up::shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    result.inspect_err(|_| {
        print_tail("emulator", &folder.0.join(emulator::LOG));
        print_tail("sam", &folder.0.join(deployment::LOG));
    })
}

async fn run_deploy_test(folder: &WorkFolder) -> Result<()> {
    let report = |message: &str| eprintln!("deploy-test: {message}");
    let (sam, program) = (tool::sam(&report)?, tool::emulator(&report)?);
    let sandbox = Sandbox::with_issuer_key(Sandbox::generate_rsa_issuer_key()).context("the issuer's key")?;
    let sandbox = start_sandbox(sandbox, 0).await?;
    let client = Client::new()?;
    let mut emulator = Emulator::start(&program, &folder.0, client.clone(), function_variables(&sandbox)).await?;
    let variables = environment::emulator_variables(&emulator.services.url);
    let deployment = Deployment { sam: &sam, folder: &folder.0, variables };
    let services = emulator.services.clone();
    let mut reporter = Reporter::new("The template, deployed to an emulator of AWS");
    tokio::select! {
        result = run_steps(&deployment, services, client, &sandbox, &mut reporter) => result?,
        failure = emulator.wait_for_exit() => return Err(failure),
    }
    // The emulator must also stop without an error.
    drop(emulator);
    reporter.finish("deploy-test");
    Ok(())
}

/// Returns the variables that the functions get in addition to those of the template: the URLs of the sandbox's providers.
fn function_variables(sandbox: &RunningSandbox) -> Variables {
    Variables::from([("PLUGIN_ENGINE_PROVIDER_URLS".to_owned(), Providers::sandbox().urls(sandbox))])
}

async fn run_steps(
    deployment: &Deployment<'_>,
    services: Services,
    client: Client,
    sandbox: &RunningSandbox,
    reporter: &mut Reporter,
) -> Result<()> {
    reporter.step("build and package the functions", checks::pack(deployment, sandbox).await)?;
    let outputs = reporter.step("sam deploy", checks::deploy(deployment).await)?;
    let stack = DeployedStack { services, outputs, sandbox };
    let scenario = Scenario {
        client: client.with_token(&sandbox.sandbox.sign_token(json!({ "sub": USER }))),
        anonymous_client: client,
        base_url: stack.api_url()?,
        redirect_uri: stack.output("OauthRedirectUri")?.to_owned(),
        sandbox: sandbox.url.clone(),
        trigger: TaskTrigger::Schedule,
    };
    reporter.step("store the OAuth clients", stack.store_oauth_clients().await)?;
    reporter.step("register the redirect URI", stack.register_redirect_uri())?;
    let queue = reporter.step("subscribe to outcome events", stack.subscribe_to_events().await)?;
    reporter.step("send requests with invalid tokens", stack.check_authorizer(&scenario).await)?;
    scenario.connect_tools(reporter).await?;
    reporter.step("check the location of tokens", stack.check_tokens_are_in_secrets().await)?;
    let task = scenario.exercise_api(reporter).await?;
    reporter.step("receive the task's event", stack.check_task_event(&queue, &task).await)?;
    reporter.step("send an invalid processor event", stack.check_dead_letter_queue().await)?;
    scenario.disconnect_tools(reporter).await?;
    reporter.step("check that no secret remains", stack.check_no_secret_remains().await)?;
    reporter.step("sam delete", deployment.delete().await.map(|()| ((), "the stack is deleted".to_owned())))
}

/// The folder `.local/deploy-test/`. Dropping this value deletes it.
struct WorkFolder(PathBuf);

impl WorkFolder {
    fn create() -> Result<Self> {
        let folder = Self(paths::local_path("deploy-test")?);
        // The folder of a killed deploy test, if there is one.
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).context(folder.0.display())?;
        Ok(folder)
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // The next deploy test deletes remaining files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
