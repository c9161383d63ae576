//! `get_vacation`: reads the automatic reply of the mailbox.

use jiff::Timestamp;

use super::READ_SCOPES;
use crate::adapters::prelude::*;

/// Read the automatic reply for times of absence: whether it is on, its text, and when it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct GetVacation {}

/// The automatic reply as Gmail returns it.
/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VacationSettings {
    #[serde(default)]
    enable_auto_reply: bool,
    response_subject: Option<String>,
    response_body_plain_text: Option<String>,
    response_body_html: Option<String>,
    #[serde(default)]
    restrict_to_contacts: bool,
    #[serde(default)]
    restrict_to_domain: bool,
    start_time: Option<String>,
    end_time: Option<String>,
}

/// The automatic reply as the action returns it.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vacation {
    /// True if it is on.
    enabled: bool,
    /// The beginning of its subject.
    subject: Option<String>,
    /// Its text.
    text: Option<String>,
    /// Its HTML, which is sent in the place of the text.
    html: Option<String>,
    /// True if only people of the account's contacts get it.
    contacts_only: bool,
    /// True if only people of the account's organization get it.
    domain_only: bool,
    /// The time from which it is sent.
    #[schemars(with = "Option<String>")]
    start: Option<Timestamp>,
    /// The time until which it is sent.
    #[schemars(with = "Option<String>")]
    end: Option<Timestamp>,
}

impl Action for GetVacation {
    const META: Meta = Meta::read("get_vacation", READ_SCOPES).aliases(&["get_vacation_settings"]);
    type Output = Vacation;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Vacation>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings/getVacation
        let settings: VacationSettings =
            api.get(&["gmail", "v1", "users", "me", "settings", "vacation"]).send().await?;
        let time = |millis: Option<String>| Timestamp::from_millisecond(millis?.parse().ok()?).ok();
        let worded = |text: Option<String>| text.filter(|text| !text.is_empty());
        let vacation = Vacation {
            enabled: settings.enable_auto_reply,
            subject: worded(settings.response_subject),
            text: worded(settings.response_body_plain_text),
            html: worded(settings.response_body_html),
            contacts_only: settings.restrict_to_contacts,
            domain_only: settings.restrict_to_domain,
            start: time(settings.start_time),
            end: time(settings.end_time),
        };
        Ok(ActionOutput::new("The automatic reply was read.", vacation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn the_automatic_reply_is_read() {
        let response = json!({ "enableAutoReply": true, "responseSubject": "Away", "responseBodyPlainText": "Monday.",
            "responseBodyHtml": "", "restrictToContacts": true, "startTime": "1795600000000" });
        let (output, calls) = testing::run(&ADAPTER, "get_vacation", json!({}), move |_| (200, response.clone())).await;
        let vacation = json!({ "enabled": true, "subject": "Away", "text": "Monday.", "contactsOnly": true, "domainOnly": false,
            "start": "2026-11-25T09:46:40Z" });
        assert_eq!(output.unwrap().data, vacation);
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/settings/vacation");
    }
}
