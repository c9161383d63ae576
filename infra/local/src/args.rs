//! The command line.

use clap::{Parser, Subcommand};

/// Runs the product on this machine, without an AWS account.
#[derive(Debug, Parser)]
#[command(name = "cargo local", bin_name = "cargo local", disable_help_subcommand = true)]
pub struct Args {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// A subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole stack until Ctrl-C, with hot reload
    Up(UpArgs),
    /// Start an isolated stack on free ports, run the scenario, and stop
    Demo,
    /// Run a command with an isolated stack on free ports; its environment contains `API` and `TOKEN`
    With(WithArgs),
    /// Deploy the template to an emulator of AWS, run the scenario on it, and delete the stack
    DeployTest,
    /// Print the environment variables of the running stack's functions, for `cargo lambda watch --env-file`
    Env,
    /// Print a bearer token for the running stack
    Token(TokenArgs),
    /// Process the due tasks now, without waiting for the next minute
    Tick,
    /// Write what follows from the functions' manifests: the routes of the watch router, the template, the API document and others
    Generate,
    /// Measure the functions and their baselines; needs valgrind
    Bench(BenchArgs),
}

/// The arguments of `cargo local up`.
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// The port of the API
    #[arg(long, default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Store the data in memory instead of .local/dynamodb.db
    #[arg(long)]
    pub memory: bool,
}

/// The arguments of `cargo local with`.
#[derive(Clone, Debug, clap::Args)]
pub struct WithArgs {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

/// The arguments of `cargo local token`.
#[derive(Clone, Debug, clap::Args)]
pub struct TokenArgs {
    /// The user of the token, or the service's name with --service
    #[arg(long)]
    pub user: String,
    /// Issue a service's token, with the scope `act-as` unless --scope is given
    #[arg(long)]
    pub service: bool,
    /// The token's scopes, separated by spaces
    #[arg(long)]
    pub scope: Option<String>,
}

/// The arguments of `cargo local bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Only count the instructions of two functions, and fail if they differ from tests/bench/recorded.json
    #[arg(long)]
    pub gate: bool,
    /// As --gate, but record the counts
    #[arg(long)]
    pub accept: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_definition_is_valid() {
        Args::command().debug_assert();
    }
}
