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
    /// Run the whole stack until Ctrl-C; changed sources are built again
    Up(UpArgs),
    /// Show in five acts what happens when things go wrong, on a stack of its own
    Demo,
    /// Run a command with a stack of its own; `API`, `TOKEN` and `SANDBOX` are in its environment
    With(WithArgs),
    /// Deploy the template to an emulator of AWS, run the scenario on it, and delete the stack
    DeployTest,
    /// Print the environment variables of the running stack's functions, for `cargo lambda watch --env-file`
    Env(StackArgs),
    /// Print a bearer token for the running stack
    Token(TokenArgs),
    /// Process the due tasks now, without waiting for the next minute
    Tick(StackArgs),
    /// Print the log of the running stack's functions
    Logs(LogsArgs),
    /// Write what follows from the functions' manifests: the routes of the watch router, the template, the API document and others
    Generate,
    /// Measure the functions and their baselines; needs valgrind
    Bench(BenchArgs),
}

/// The selection of a running stack.
#[derive(Clone, Debug, clap::Args)]
pub struct StackArgs {
    /// The port of the stack's API; by default the stack of the surrounding `cargo local with`, or the only one that is running
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
}

/// The arguments of `cargo local up`.
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// The port of the API; 0 takes any free port and stores the data in memory
    #[arg(long, default_value_t = 9000)]
    pub port: u16,
    /// Store the data in memory instead of `.local/stacks/<port>/`
    #[arg(long)]
    pub memory: bool,
    /// Give the sandbox's providers the limits of an app that is distributed outside Slack's Marketplace
    #[arg(long)]
    pub strict: bool,
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
    /// The running stack.
    #[command(flatten)]
    pub stack: StackArgs,
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

/// The arguments of `cargo local logs`.
#[derive(Clone, Debug, clap::Args)]
pub struct LogsArgs {
    /// The running stack.
    #[command(flatten)]
    pub stack: StackArgs,
    /// Print new lines as they are written, until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,
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
    /// Only measure the memory of functions that send and read large files, and fail if it exceeds its bounds
    #[arg(long, conflicts_with_all = ["gate", "accept"])]
    pub memory: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_definition_is_valid() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_after_the_command_of_with_belong_to_that_command() {
        let parsed = Args::try_parse_from(["local", "with", "--", "sh", "-c", "exit 7"]).unwrap();
        let Command::With(with) = parsed.command else { panic!("{parsed:?}") };
        assert_eq!(with.command, ["sh", "-c", "exit 7"]);
        let parsed = Args::try_parse_from(["local", "with", "npm", "test", "--port", "1"]).unwrap();
        let Command::With(with) = parsed.command else { panic!("{parsed:?}") };
        assert_eq!(with.command, ["npm", "test", "--port", "1"]);
    }

    #[test]
    fn commands_choose_a_stack_by_port() {
        for command in [&["tick"][..], &["logs", "-f"], &["env"], &["token", "--user", "u1"]] {
            let line = ["local"].iter().chain(command).chain(&["--port", "9100"]);
            assert!(Args::try_parse_from(line).is_ok(), "{command:?}");
        }
        assert!(Args::try_parse_from(["local", "tick", "--port", "0"]).is_err());
        assert!(Args::try_parse_from(["local", "up", "--port", "0"]).is_ok());
    }
}
