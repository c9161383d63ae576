//! The methods of the protocol.

mod calls;
mod legacy;
mod lists;
mod tasks;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::catalogue::{Catalogue, Features};
use crate::error::{Error, Result};
use crate::events::Events;
use crate::frame::Frame;
use crate::headers;
use crate::message::Request;
use crate::negotiation::INITIALIZE;
use crate::revision::Revision;

/// One request, and what its answer is made of.
#[derive(Debug)]
pub(crate) struct Exchange<'a, C> {
    pub(crate) catalogue: &'a C,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) message: &'a Request,
    pub(crate) meta: &'a Map<String, Value>,
    pub(crate) events: &'a Events,
    pub(crate) frame: Frame<'a>,
}

/// Method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Discover,
    ListTools,
    CallTool,
    ListPrompts,
    GetPrompt,
    ListResources,
    ListResourceTemplates,
    ReadResource,
    Complete,
    Listen,
    GetTask,
    UpdateTask,
    CancelTask,
    Initialize,
    Ping,
    SetLogLevel,
    Subscribe,
    Unsubscribe,
}

impl Method {
    const ALL: [(&'static str, Self); 18] = [
        ("server/discover", Self::Discover),
        ("tools/list", Self::ListTools),
        ("tools/call", Self::CallTool),
        ("prompts/list", Self::ListPrompts),
        ("prompts/get", Self::GetPrompt),
        ("resources/list", Self::ListResources),
        ("resources/templates/list", Self::ListResourceTemplates),
        ("resources/read", Self::ReadResource),
        ("completion/complete", Self::Complete),
        ("subscriptions/listen", Self::Listen),
        ("tasks/get", Self::GetTask),
        ("tasks/update", Self::UpdateTask),
        ("tasks/cancel", Self::CancelTask),
        (INITIALIZE, Self::Initialize),
        ("ping", Self::Ping),
        ("logging/setLevel", Self::SetLogLevel),
        ("resources/subscribe", Self::Subscribe),
        ("resources/unsubscribe", Self::Unsubscribe),
    ];

    fn named(name: &str) -> Option<(&'static str, Self)> {
        Self::ALL.into_iter().find(|(known, _)| *known == name)
    }

    /// True if the method is one of that revision, and the catalogue serves it.
    fn is_served(self, revision: Revision, features: Features) -> bool {
        let legacy = revision.is_legacy();
        match self {
            Self::Discover => !legacy,
            Self::ListTools | Self::CallTool => features.tools,
            Self::ListPrompts | Self::GetPrompt => features.prompts,
            Self::ListResources | Self::ListResourceTemplates | Self::ReadResource => features.resources,
            Self::Complete => features.completions,
            Self::Listen => !legacy && (features.subscriptions || features.tasks),
            Self::GetTask | Self::UpdateTask | Self::CancelTask => !legacy && features.tasks,
            Self::Initialize | Self::Ping => legacy,
            Self::SetLogLevel => legacy && features.logging,
            Self::Subscribe | Self::Unsubscribe => legacy && features.subscriptions,
        }
    }

    /// The parameter that the header `Mcp-Name` repeats.
    fn name_parameter(self) -> Option<&'static str> {
        match self {
            Self::CallTool | Self::GetPrompt => Some("name"),
            Self::ReadResource => Some("uri"),
            Self::GetTask | Self::UpdateTask | Self::CancelTask => Some("taskId"),
            _ => None,
        }
    }
}

/// The names of a request for a log line: a known method, and the tool, prompt, resource or task.
pub(crate) fn names(request: &Request) -> (Option<&'static str>, Option<&str>) {
    let Some((name, method)) = Method::named(&request.method) else { return (None, None) };
    let named = method.name_parameter().and_then(|parameter| request.params.get(parameter)).and_then(Value::as_str);
    (Some(name), named)
}

impl<C: Catalogue> Exchange<'_, C> {
    /// Serves the request's method. Returns the answer.
    pub(crate) async fn serve(&self) -> Result<String> {
        let revision = self.frame.client.revision();
        let (_, served) = Method::named(&self.message.method)
            .filter(|(_, method)| method.is_served(revision, self.catalogue.features()))
            .ok_or_else(|| Error::MethodNotFound(self.message.method.clone()))?;
        if let Some(parameter) = served.name_parameter()
            && !revision.is_legacy()
        {
            headers::check_name(self.headers, self.text(parameter)?)?;
        }
        match served {
            Method::Discover => self.discover(),
            Method::ListTools => self.list_tools().await,
            Method::CallTool => self.call_tool().await,
            Method::ListPrompts => self.list_prompts().await,
            Method::GetPrompt => self.get_prompt().await,
            Method::ListResources => self.list_resources().await,
            Method::ListResourceTemplates => self.list_resource_templates().await,
            Method::ReadResource => self.read_resource().await,
            Method::Complete => self.complete().await,
            Method::Listen => self.listen().await,
            Method::GetTask => self.get_task().await,
            Method::UpdateTask => self.update_task().await,
            Method::CancelTask => self.cancel_task().await,
            Method::Initialize => self.initialize(),
            Method::Ping => self.ping(),
            Method::SetLogLevel => self.set_log_level().await,
            Method::Subscribe => self.subscribe(true).await,
            Method::Unsubscribe => self.subscribe(false).await,
        }
    }

    /// A parameter that must be a text.
    fn text(&self, name: &str) -> Result<&str> {
        let value = self.message.params.get(name).and_then(Value::as_str);
        value.ok_or_else(|| Error::InvalidParams(format!("`params.{name}` must be a text")))
    }

    /// A parameter that must be an object, if it is given.
    fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>> {
        match self.message.params.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(Error::InvalidParams(format!("`params.{name}` must be an object"))),
        }
    }
}
