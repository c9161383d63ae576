//! The objects of the protocol that a catalogue makes and reads.
//!
//! They are own types: a crate of generated ones has eleven thousand lines for one revision, makes no difference between what a
//! server writes and reads, and lacks the tasks extension.

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
