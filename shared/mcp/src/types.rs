//! The objects of the protocol that a catalogue makes and reads.

mod completion;
mod content;
mod input;
mod listening;
mod prompt;
mod resource;
mod task;
mod tool;

pub use completion::{Completion, CompletionContext, CompletionOf, CompletionRequest, TypedArgument};
pub use content::{Content, PromptMessage, Role};
pub use input::{ElicitAction, Elicited, InputRequest, InputRequests, InputRequired, InputResponses};
pub use listening::{Change, Filter, Listening};
pub use prompt::{Prompt, PromptArgument, PromptResult};
pub use resource::{Resource, ResourceContents, ResourceData, ResourceTemplate};
pub(crate) use task::Created;
pub use task::{Task, TaskStatus};
pub use tool::{Tool, ToolAnnotations, ToolResult};
