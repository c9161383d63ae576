//! The command line.

use clap::{Parser, Subcommand};

/// The product on this machine, without an AWS account.
#[derive(Debug, Parser)]
#[command(name = "cargo local", bin_name = "cargo local", disable_help_subcommand = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole stack until Ctrl-C, with hot reload
    Up(UpArgs),
    /// Run the stack on free ports, play the main job through it, and stop
    Demo,
    /// Run a command on a stack of its own, on free ports; it finds `API` and `TOKEN` in its environment
    With(WithArgs),
    /// Deploy the template to an emulator of AWS, play the main job through it, and remove it
    DeployTest,
    /// Print what the running stack's functions are told, for `cargo lambda watch --env-file`
    Env,
    /// Print a bearer token for the running stack
    Token(TokenArgs),
    /// Run what is due now, without waiting for the next minute
    Tick,
    /// Measure the functions and what they are measured beside; needs valgrind
    Bench(BenchArgs),
}

/// `cargo local up`.
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// The port of the API
    #[arg(long, default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Keep the data in memory instead of .local/dynamodb.db
    #[arg(long)]
    pub memory: bool,
}

/// `cargo local with`.
#[derive(Clone, Debug, clap::Args)]
pub struct WithArgs {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

/// `cargo local token`.
#[derive(Clone, Debug, clap::Args)]
pub struct TokenArgs {
    /// The user the token is for, or the service's name with --service
    #[arg(long)]
    pub user: String,
    /// A service's token; with the scope `act-as` unless --scope says otherwise
    #[arg(long)]
    pub service: bool,
    /// The token's scopes, separated by spaces
    #[arg(long)]
    pub scope: Option<String>,
}

/// `cargo local bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Only count two functions' instructions, and fail where they have drifted from tests/bench/recorded.json
    #[arg(long)]
    pub gate: bool,
    /// As --gate, but record what is counted
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
