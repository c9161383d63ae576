//! Fixtures: ids and names in the seed data, for tests.

/// The secret of all client ids.
pub const CLIENT_SECRET: &str = "sandbox-secret";

/// OAuth client ids; the secret of each is [`CLIENT_SECRET`].
pub mod clients {
    /// Client id at Google (for Gmail).
    pub const GMAIL: &str = "sandbox-gmail";
    /// Client id at Slack.
    pub const SLACK: &str = "sandbox-slack";
    /// Client id at Notion.
    pub const NOTION: &str = "sandbox-notion";
    /// Client id at Asana.
    pub const ASANA: &str = "sandbox-asana";
    /// Client id at Notes, the fictional provider of the guide.
    pub const NOTES: &str = "sandbox-notes";
}

/// E-mail addresses of the people who can consent, the default first. Each has a mailbox, a user in Slack, Notion and Asana.
pub const PEOPLE: [&str; 3] = [ALEX, SAM, KIM];
/// The default person at every provider, and the mailbox with a dozen messages.
pub const ALEX: &str = "alex@example.com";
/// The second person. He is no member of the second workspace of Slack and of Notion.
pub const SAM: &str = "sam@example.com";
/// The third person, whose mailbox has two messages.
pub const KIM: &str = "kim@example.com";

/// Ids in Alex's mailbox.
pub mod gmail {
    /// A refresh token that Google issued to another client.
    pub const REFRESH_TOKEN_OF_ANOTHER_CLIENT: &str = "1//0-of-another-client";
    /// A thread of five messages about a launch; its last two are unread.
    pub const LAUNCH_THREAD: &str = "18f0000000000001";
    /// A thread of four messages about an invoice; its first carries an attachment.
    pub const INVOICE_THREAD: &str = "18f0000000000006";
    /// A thread of three messages with a non-ASCII subject.
    pub const DINNER_THREAD: &str = "18f000000000000a";
    /// The message with the attachment `invoice-0423.txt`.
    pub const INVOICE_MESSAGE: &str = "18f0000000000006";
    /// The message with a non-ASCII subject and sender name.
    pub const DINNER_MESSAGE: &str = "18f000000000000a";
    /// A draft to Kim, the only message of its thread.
    pub const DRAFT: &str = "r-6000000000000000001";
    /// The message of that draft.
    pub const DRAFT_MESSAGE: &str = "18f000000000000d";
    /// The only filter of every mailbox.
    pub const FILTER: &str = "ANe1BmhSandboxFilter";
    /// A message in the trash.
    pub const TRASHED_MESSAGE: &str = "18f000000000000e";
    /// A thread of six messages of 1 MiB, once there is [long content](crate::Sandbox::add_long_content).
    pub const LONG_THREAD: &str = "18f0000000001001";
    /// A message of 6 MiB, the only one of its thread, once there is long content.
    pub const LONG_MESSAGE: &str = "18f0000000001010";
    /// Number of seed messages in Alex's mailbox, including the draft, without the trash.
    pub const MESSAGES: usize = 13;
}

/// Ids in the Slack workspaces. Those of the second one end in `_2`.
pub mod slack {
    /// The first workspace, the default of a consent.
    pub const TEAM: &str = "T0SANDBOX1";
    /// The second workspace, with Alex and Kim: `team=T0SANDBOX2` at the consent.
    pub const TEAM_2: &str = "T0SANDBOX2";
    /// The bot user of the app in the second workspace, a member of both channels.
    pub const BOT_USER_2: &str = "U0SANDBOT2";
    /// The bot behind [`BOT_USER_2`].
    pub const BOT_2: &str = "B0SANDBOT2";
    /// `#general` of the second workspace.
    pub const GENERAL_2: &str = "C0GENERAL02";
    /// `#contracts` of the second workspace, which the first one does not have.
    pub const CONTRACTS_2: &str = "C0CONTRAC02";
    /// Alex's user id in the second workspace.
    pub const ALEX_2: &str = "U0ALEX00002";
    /// Kim's user id in the second workspace.
    pub const KIM_2: &str = "U0KIM000002";
    /// The app.
    pub const APP: &str = "A0SANDBOX1";
    /// The bot user of the app; a member of `general` and `project-updates`.
    pub const BOT_USER: &str = "U0SANDBOT1";
    /// The bot behind [`BOT_USER`].
    pub const BOT: &str = "B0SANDBOT1";
    /// `#general`.
    pub const GENERAL: &str = "C0GENERAL01";
    /// `#random`: public, but the bot is not a member.
    pub const RANDOM: &str = "C0RANDOM001";
    /// `#project-updates`.
    pub const PROJECT_UPDATES: &str = "C0PROJUPD01";
    /// `#minutes`, once there is [long content](crate::Sandbox::add_long_content): 120 messages of 40,000 characters, and as many
    /// replies in [`LONG_THREAD`].
    pub const LONG: &str = "C0LONG00001";
    /// The thread in [`LONG`].
    pub const LONG_THREAD: &str = "1735689600.000200";
    /// `#transcripts`, once there is long content: three messages, of which the second is longer than 6 MiB.
    pub const LONGEST: &str = "C0LONGEST01";
    /// The bot's message in `#project-updates`, with a reply of Kim's and the bot's `eyes` under it.
    pub const BOT_MESSAGE: &str = "1735689600.000100";
    /// Kim's reply to it, which she pinned to the channel.
    pub const PINNED_REPLY: &str = "1735693200.000100";
    /// The bot's scheduled message for `#general`.
    pub const SCHEDULED: &str = "Q0CENTURY01";
    /// Alex's file `landing-page.md` in `#project-updates`.
    pub const FILE: &str = "F0LANDING01";
    /// A file of another organization beside it, which messages name by its id alone.
    pub const CONNECT_FILE: &str = "F0CONNECT01";
    /// A document of Google's beside it.
    pub const EXTERNAL_FILE: &str = "F0GDRIVE001";
    /// A file beside it that the workspace's plan hides.
    pub const HIDDEN_FILE: &str = "F0HIDDEN001";
    /// A file beside it that was deleted.
    pub const DELETED_FILE: &str = "F0DELETED01";
    /// `#alerts`, where the sandbox [has alerts](crate::strangeness::SlackStrangeness::has_alerts): messages of another app, without
    /// a text.
    pub const ALERTS: &str = "C0ALERTS001";
    /// The first message of [`ALERTS`], with a reply.
    pub const ALERT: &str = "1735776000.000300";
    /// The snippet `trace.txt` in a message of [`ALERTS`].
    pub const SNIPPET: &str = "F0SNIPPET01";
    /// The file `q4.pdf` in a message of [`ALERTS`].
    pub const REPORT: &str = "F0REPORT001";
    /// `leadership`: private and invisible to the bot.
    pub const LEADERSHIP: &str = "C0LEADERS01";
    /// Alex's user id.
    pub const ALEX: &str = "U0ALEX00001";
    /// Sam's user id.
    pub const SAM: &str = "U0SAM000001";
    /// Kim's user id.
    pub const KIM: &str = "U0KIM000001";
}

/// Ids in the Notion workspaces. Those of the second one end in `_2`.
pub mod notion {
    /// The first workspace, the default of a consent.
    pub const WORKSPACE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0001";
    /// The second workspace, with Alex and Kim: `workspace=` at the consent.
    pub const WORKSPACE_2: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c1001";
    /// The page shared with the connection in the second workspace, "Partner notes".
    pub const PAGE_2: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c1010";
    /// Alex's user id, in both workspaces.
    pub const ALEX: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0101";
    /// Sam's user id.
    pub const SAM: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0102";
    /// Kim's user id, in both workspaces.
    pub const KIM: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0103";
    /// The bot that made the seed data. A consent creates another one.
    pub const BOT: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0002";
    /// The page shared with the connection, "Team home".
    pub const PAGE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010";
    /// The database "Roadmap" on that page.
    pub const DATABASE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020";
    /// The database's only data source: `Name` title, `Status` status, `Priority` select.
    pub const DATA_SOURCE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0021";
    /// A database of 40 rows, once there is [long content](crate::Sandbox::add_long_content). The oldest row has 40 long texts, each
    /// other one has one.
    pub const LONG_DATABASE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c1020";
    /// Its data source: `Name` title, `Part 1` to `Part 40` text.
    pub const LONG_DATA_SOURCE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c1021";
    /// A page with 60 paragraphs of 100,000 characters, once there is long content.
    pub const LONG_PAGE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c1011";
    /// The row "Write the launch plan", which has an open comment of Sam's.
    pub const ROW: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031";
    /// The row "Book the venue", which is in the trash.
    pub const TRASHED_ROW: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0034";
    /// The block of the file "launch-plan.pdf" on [`ROW`].
    pub const FILE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0061";
    /// The block of a picture on [`ROW`] that is elsewhere on the web.
    pub const EXTERNAL_IMAGE: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0062";
    /// The thread of Sam's comment on [`ROW`].
    pub const THREAD: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0051";
}

/// Ids in the Asana workspace.
pub mod asana {
    /// The workspace.
    pub const WORKSPACE: &str = "1200000000000001";
    /// The project "Website relaunch".
    pub const PROJECT: &str = "1200000000000010";
    /// A project of somebody else's, if the strangeness has one: every request that names it is answered with 403.
    pub const PRIVATE_PROJECT: &str = "1200000000000019";
    /// A task of another workspace, if the strangeness has the private project: every request that names it is answered with 403.
    pub const FOREIGN_TASK: &str = "1200000000000039";
    /// The team of the workspace, if the strangeness makes that an organization.
    pub const TEAM: &str = "1200000000000061";
    /// The second team, if the strangeness has one.
    pub const SECOND_TEAM: &str = "1200000000000062";
    /// A project of 100 tasks with descriptions of 65,000 characters, once there is
    /// [long content](crate::Sandbox::add_long_content).
    pub const LONG_PROJECT: &str = "1200000000000013";
    /// A project of one task of 6 MiB, once there is long content.
    pub const LONGEST_PROJECT: &str = "1200000000000014";
    /// Its section "To do".
    pub const SECTION_TO_DO: &str = "1200000000000011";
    /// Its section "Done".
    pub const SECTION_DONE: &str = "1200000000000012";
    /// The open task "Draft the landing page".
    pub const TASK: &str = "1200000000000021";
    /// The open task "Collect customer quotes".
    pub const QUOTES: &str = "1200000000000022";
    /// The subtask "Write the headline" of [`TASK`].
    pub const SUBTASK: &str = "1200000000000024";
    /// The tag "Launch".
    pub const TAG: &str = "1200000000000031";
    /// The number field "Estimate" of the project's tasks.
    pub const ESTIMATE: &str = "1200000000000041";
    /// The field "Priority" of the project's tasks, with the options High and Low.
    pub const PRIORITY: &str = "1200000000000042";
    /// Sam's comment on [`TASK`].
    pub const COMMENT: &str = "1200000000000052";
    /// Alex's comment on [`QUOTES`].
    pub const OWN_COMMENT: &str = "1200000000000053";
    /// The file "brief.txt" of [`TASK`].
    pub const ATTACHMENT: &str = "1200000000000071";
    /// The file "wireframe.png" of [`TASK`], which is in Dropbox.
    pub const DROPBOX_ATTACHMENT: &str = "1200000000000072";
    /// Alex's user id.
    pub const ALEX: &str = "1200000000000101";
    /// Sam's user id.
    pub const SAM: &str = "1200000000000102";
    /// Kim's user id.
    pub const KIM: &str = "1200000000000103";
}
