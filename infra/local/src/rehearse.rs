//! `cargo local rehearse`: the template deployed to an emulator of AWS by SAM itself, and the main job played through it, with
//! API Gateway's authorizer before it and EventBridge's schedule behind it.
#![expect(clippy::print_stderr, reason = "progress and logs go to stderr")]

mod checks;

use sandbox::{RunningSandbox, Sandbox};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

use crate::actor::{Actor, Starter, USER};
use crate::client::Client;
use crate::deployment::{self, Deployment};
use crate::emulator::{self, Emulator, Services};
use crate::environment::{self, Providers, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::log::show_end;
use crate::stack::listen_on;
use crate::story::Story;
use crate::{home, tool, up};
use checks::Cloud;

/// Deploys, plays, and removes everything again.
///
/// # Errors
/// At the first surprise, with what was expected and what came.
pub async fn run() -> Result<()> {
    let _lock = home::lock("rehearsal.lock", || Failure::new("a rehearsal of this checkout already runs"))?;
    let folder = Folder::fresh()?;
    let ended = tokio::select! {
        ended = perform(&folder) => ended,
        asked = up::asked_to_stop() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| {
        show_end("emulator", &folder.0.join(emulator::LOG));
        show_end("sam", &folder.0.join(deployment::LOG));
    })
}

async fn perform(folder: &Folder) -> Result<()> {
    let say = |what: &str| eprintln!("rehearsal: {what}");
    let (sam, program) = (tool::sam(&say)?, tool::emulator(&say)?);
    let sandbox = Sandbox::with_issuer_key(Sandbox::generate_rsa_issuer_key()).context("the issuer's key")?;
    let sandbox = listen_on(sandbox, 0).await?;
    let client = Client::new()?;
    let mut emulator = Emulator::start(&program, &folder.0, client.clone(), told(&sandbox)).await?;
    let variables = environment::emulated(&emulator.services.url);
    let deployment = Deployment { sam: &sam, folder: &folder.0, variables };
    let services = emulator.services.clone();
    let mut story = Story::new("The template, deployed to an emulator of AWS");
    tokio::select! {
        played = play(&deployment, services, client, &sandbox, &mut story) => played?,
        failure = emulator.broken() => return Err(failure),
    }
    // Ending is part of what must work.
    drop(emulator);
    story.end("rehearsal");
    Ok(())
}

/// What the functions are told beside the template: where the providers of the sandbox are.
fn told(sandbox: &RunningSandbox) -> Variables {
    Variables::from([("PLUGIN_ENGINE_PROVIDER_URLS".to_owned(), Providers::sandbox().urls(sandbox))])
}

async fn play(
    deployment: &Deployment<'_>,
    services: Services,
    client: Client,
    sandbox: &RunningSandbox,
    story: &mut Story,
) -> Result<()> {
    story.tell("build and pack the functions", checks::pack(deployment, sandbox).await)?;
    let outputs = story.tell("sam deploy", checks::deploy(deployment).await)?;
    let cloud = Cloud { services, outputs, sandbox };
    let actor = Actor {
        client: client.with_token(&sandbox.sandbox.sign_token(json!({ "sub": USER }))),
        outside: client,
        host: cloud.host()?,
        redirect_uri: cloud.output("OauthRedirectUri")?.to_owned(),
        sandbox: sandbox.url.clone(),
        starter: Starter::Schedule,
    };
    story.tell("fill in the OAuth clients", cloud.fill_in_clients().await)?;
    story.tell("register the redirect URI", cloud.register())?;
    let outcomes = story.tell("listen to the bus", cloud.listen().await)?;
    story.tell("come without a good token", cloud.refuses(&actor).await)?;
    actor.begin(story).await?;
    story.tell("look where the tokens are", cloud.tokens_are_secrets().await)?;
    let task = actor.work(story).await?;
    story.tell("hear what became of the task", cloud.hears(&outcomes, &task).await)?;
    story.tell("poison the processor", cloud.poison().await)?;
    actor.end(story).await?;
    story.tell("look that no secret is left", cloud.no_secret_is_left().await)?;
    story.tell("sam delete", deployment.delete().await.map(|()| ((), "the stack is gone".to_owned())))
}

/// `.local/rehearsal/`; it goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn fresh() -> Result<Self> {
        let folder = Self(home::path("rehearsal")?);
        // What a killed rehearsal left.
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).context(folder.0.display())?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The next one removes what stays.
        let _ = fs::remove_dir_all(&self.0);
    }
}
