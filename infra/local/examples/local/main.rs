//! `cargo local`: the commands of the local stack.
#![expect(clippy::print_stderr, reason = "a command line tool reports errors on stderr")]

use clap::Parser as _;
use local::args::{Args, Command};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Up(up) => local::up::run(&up).await,
        Command::Demo => local::demo::run().await,
        Command::With(with) => local::with::run(&with).await,
        Command::DeployTest => local::deploy_test::run().await,
        Command::Env => local::env::run().await,
        Command::Token(token) => local::token::run(&token).await,
        Command::Tick => local::tick::run().await,
        Command::Generate => local::generate::run().await,
        Command::Bench(bench) => local::bench::run(&bench).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
