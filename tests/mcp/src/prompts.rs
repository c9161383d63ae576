//! The prompts.

use mcp_protocol::{
    Call, Content, Error, InputRequest, InputRequired, Prompt, PromptArgument, PromptMessage, PromptResult, Reply,
    Result, Role,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::tools::{image, resource};

/// Prompt that needs an answer of the person.
const INPUT_PROMPT: &str = "test_input_required_result_prompt";

/// The prompts, with their required arguments.
pub(crate) fn all() -> Vec<Prompt> {
    let prompt = |name: &str, description: &str, arguments: &[&str]| Prompt {
        name: name.to_owned(),
        title: None,
        description: Some(description.to_owned()),
        arguments: arguments.iter().map(|name| argument(name)).collect(),
    };
    vec![
        prompt("test_simple_prompt", "A prompt without arguments", &[]),
        prompt("test_prompt_with_arguments", "A prompt with two arguments", &["arg1", "arg2"]),
        prompt("test_prompt_with_embedded_resource", "A prompt with a resource", &["resourceUri"]),
        prompt("test_prompt_with_image", "A prompt with a picture", &[]),
        prompt(INPUT_PROMPT, "A prompt that needs an answer first", &[]),
    ]
}

fn argument(name: &str) -> PromptArgument {
    PromptArgument { name: name.to_owned(), description: Some(format!("The argument {name}")), required: true }
}

/// The messages of a prompt.
pub(crate) fn get(call: &Call<'_>, name: &str, arguments: &BTreeMap<String, String>) -> Result<Reply<PromptResult>> {
    let given = |name: &str| {
        arguments.get(name).ok_or_else(|| Error::InvalidParams(format!("The prompt needs the argument `{name}`")))
    };
    let contents = match name {
        "test_simple_prompt" => vec![Content::text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (first, second) = (given("arg1")?, given("arg2")?);
            vec![Content::text(format!("Prompt with arguments: arg1='{first}', arg2='{second}'"))]
        }
        "test_prompt_with_embedded_resource" => vec![
            resource(given("resourceUri")?, "text/plain", "Embedded resource content for testing."),
            Content::text("Please process the embedded resource above."),
        ],
        "test_prompt_with_image" => vec![image(), Content::text("Please analyze the image above.")],
        INPUT_PROMPT => match call.responses().elicited("user_context")? {
            Some(answer) => {
                let context = answer.content.get("context").and_then(Value::as_str).unwrap_or("none");
                vec![Content::text(format!("Prompt with context: {context}"))]
            }
            None => return Ok(Reply::InputRequired(context_form())),
        },
        unknown => return Err(Error::InvalidParams(format!("There is no prompt `{unknown}`"))),
    };
    let messages = contents.into_iter().map(|content| PromptMessage { role: Role::User, content }).collect();
    Ok(Reply::Complete(PromptResult { description: None, messages }))
}

fn context_form() -> InputRequired {
    let schema = json!({
        "type": "object",
        "properties": { "context": { "type": "string" } },
        "required": ["context"],
    });
    let message = "What context should the prompt use?".to_owned();
    InputRequired::one("user_context", InputRequest::Form { message, schema })
}
