//! `cargo local env`: what the functions of the running stack are told, for a `cargo lambda watch` of one's own.
#![expect(clippy::print_stdout, reason = "the variables are the command's output")]

use crate::client::Client;
use crate::environment::Variables;
use crate::failure::{Failure, Result};
use crate::state::State;

/// Prints the variables, as `--env-file` reads them.
///
/// # Errors
/// When no stack runs.
pub async fn run() -> Result<()> {
    print!("{}", env_file(&State::load_running(&Client::new()?).await?.variables)?);
    Ok(())
}

/// Each value in single quotes, within which nothing has a meaning: most are JSON.
fn env_file(variables: &Variables) -> Result<String> {
    match variables.iter().find(|(_, value)| value.contains(['\'', '\n'])) {
        Some((name, _)) => Err(Failure::new(format!("{name} has a quote or a line break, which the file cannot hold"))),
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
