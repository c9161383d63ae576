//! The rules of the fields that mean the same on every route. A route applies them again where it parses the field; here they are
//! applied to all fields of a request at once, so that it is refused for all of them.

use crate::account::AccountName;
use crate::error::{Error, FieldFault, Result};
use crate::error_log;
use crate::ids::AgentId;
use crate::tables::PageRequest;
use crate::tool::Tool;
use crate::validate::check_code;

/// Returns the errors of a request's fields. `value` returns the text of a field that the request has.
pub(super) fn errors(value: impl Fn(&str) -> Option<String>) -> Vec<Error> {
    let number = |name: &str| value(name).and_then(|text| text.parse().ok());
    let check = |name: &str, rule: &dyn Fn(&str) -> Result<()>| value(name).and_then(|text| rule(&text).err());
    let tool = |text: &str| Tool::parse(text).map(drop).map_err(Error::from);
    let of_fields = [
        check("agentId", &|text| AgentId::parse(text).map(drop)),
        check("tool", &tool),
        check("toolName", &tool),
        check("account", &|text| AccountName::parse(text).map(drop)),
        check("errorCode", &|text| check_code("errorCode", text)),
        number("days").and_then(|days| error_log::check_days(days).err()),
    ];
    let page = PageRequest { limit: number("limit"), cursor: value("cursor") };
    let of_page = page.faults().into_iter().map(|FieldFault { field, reason, .. }| Error::Invalid { field, reason });
    of_fields.into_iter().flatten().chain(of_page).collect()
}
