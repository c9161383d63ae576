//! The names of tools as models call them: `<tool>_<action>`, and those of the own tools.

use super::ALL as OWN_TOOLS;
use crate::adapters::action::ActionDef;
use crate::adapters::{ALL, Adapter};
use crate::error::{Error, Result};
use crate::nearest;
use crate::permissions::Caller;

/// The number of names that an error about an unknown one suggests.
const MAX_SUGGESTED: usize = 3;
/// The number of characters of an unknown name that its error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// Returns the name by which a model calls an action.
pub fn action_tool_name(tool: &str, action: &str) -> String {
    format!("{tool}_{action}")
}

/// Returns the action that a model calls.
///
/// # Errors
/// [`Error::UnknownName`] with the names that may be meant, of those that the caller may use.
pub fn find_action(caller: &Caller, name: &str) -> Result<(&'static Adapter, &'static ActionDef)> {
    let of_adapter = |adapter: &&'static Adapter| {
        let action = name.strip_prefix(adapter.tool.as_str())?.strip_prefix('_')?;
        Some((*adapter, adapter.action(action).ok()?))
    };
    ALL.iter().find_map(of_adapter).ok_or_else(|| unknown(caller, name))
}

/// Returns the error of a name that no tool has. The name of an action alone can be one of several tools.
fn unknown(caller: &Caller, name: &str) -> Error {
    let permitted = |adapter: &'static Adapter| {
        adapter.actions.iter().filter(|action| caller.permits(adapter.tool.as_str(), Some(action.name), None))
    };
    let (mut names, mut meant) = (vec![], vec![]);
    for adapter in ALL {
        let tool = adapter.tool.as_str();
        let of_tool: Vec<&str> = permitted(adapter).map(|action| action.name).collect();
        let bare = name.strip_prefix(tool).map(|action| action.trim_start_matches(['_', '.', '-', ':', '/']));
        let found = match bare {
            Some(action) => nearest::nearest_names(action, &of_tool, MAX_SUGGESTED),
            None => of_tool.iter().copied().filter(|action| nearest::is_same(action, name)).collect(),
        };
        meant.extend(found.into_iter().map(|action| action_tool_name(tool, action)));
        names.extend(of_tool.into_iter().map(|action| action_tool_name(tool, action)));
    }
    // An own tool is called itself, and not planned or tried out.
    names.extend(OWN_TOOLS.iter().map(|tool| tool.name().to_owned()).filter(|own| own != name));
    if meant.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        meant.extend(nearest::nearest_names(name, &names, MAX_SUGGESTED).into_iter().map(ToOwned::to_owned));
    }
    meant.truncate(MAX_SUGGESTED);
    Error::UnknownName { name: name.chars().take(MAX_QUOTED_CHARS).collect(), nearest: meant }
}
