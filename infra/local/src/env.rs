//! `cargo local env`: prints the environment variables of the running stack's functions, for a separate `cargo lambda watch`.
#![expect(clippy::print_stdout, reason = "the variables are the command's output")]

use crate::args::StackArgs;
use crate::environment::Variables;
use crate::failure::{Failure, Result};
use crate::running;

/// Prints the variables in the format of `--env-file`.
///
/// # Errors
/// If no stack is running.
pub fn run(args: &StackArgs) -> Result<()> {
    print!("{}", env_file(&running::find(args.port)?.variables)?);
    Ok(())
}

/// Formats the variables. Values are in single quotes, which need no escapes: most values are JSON.
fn env_file(variables: &Variables) -> Result<String> {
    match variables.iter().find(|(_, value)| value.contains(['\'', '\n'])) {
        Some((name, _)) => Err(Failure::new(format!(
            "{name} contains a single quote or a line break, which an env file cannot represent"
        ))),
        None => Ok(variables.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_or_refused() {
        let one = |value: &str| env_file(&Variables::from([("A".to_owned(), value.to_owned())]));
        assert_eq!(one(r#"{"b":"$c d"}"#).unwrap(), "A='{\"b\":\"$c d\"}'\n");
        assert!(one("it's").is_err());
    }
}
