//! `cargo local`: the commands of the local stack.
#![expect(clippy::print_stderr, reason = "a command line tool reports errors on stderr")]

use clap::Parser as _;
use local::args::{Args, Command};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let result = match Args::parse().command {
        Command::Up(up) => local::up::run(&up).await.map(done),
        Command::Demo => local::demo::run().await.map(done),
        Command::With(with) => local::with::run(&with).await.map(ExitCode::from),
        Command::DeployTest => local::deploy_test::run().await.map(done),
        Command::Env(stack) => local::env::run(&stack).map(done),
        Command::Token(token) => local::token::run(&token).await.map(done),
        Command::Tick(stack) => local::tick::run(&stack).await.map(done),
        Command::Logs(logs) => local::logs::run(&logs).await.map(done),
        Command::Generate => local::generate::run().await.map(done),
        Command::Bench(bench) => local::bench::run(&bench).await.map(done),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}
