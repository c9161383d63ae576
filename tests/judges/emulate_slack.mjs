// The part of Slack for emulate.mjs. Lines of its source are those of dist/dist-ZRJCKV4U.js, version 0.11.2.
import assert from "node:assert/strict";
import { formFields } from "./emulate.mjs";

const ADMIN = "U000000001";
const EMAIL = "admin@emulate.dev";
const channel = "C000000001";
const NO_NAMES = "users.conversations is missing: conversationsRoutes, line 973";

export const service = "slack";
export const origins = ["slack"];
/** The address of the proxy: files are uploaded to where the fake says. */
export const baseUrl = undefined;
export const paths = {};
/** Slack takes every method by GET and by POST; the fake most of them by POST alone. */
export const readsByPost = (path) => path.startsWith("/api/");
export const seed = { slack: { team: { name: "Works", domain: "works" }, users: [{ name: "ann", real_name: "Ann Lee" }] } };

export const consent = (page) => formFields(page, EMAIL);

const sent = ({ send_message }) => ({ channel, ts: send_message.ts });
const ids = (items) => items.map(({ id }) => id);

export const steps = [
  { action: "list_channels", check: ({ channels }) => assert(ids(channels).includes(channel)) },
  { action: "channel_info", context: { channel }, check: ({ name }) => assert.equal(name, "general") },
  { action: "channel_info", context: { channel: "general" }, gap: NO_NAMES },
  { action: "list_members", context: { channel }, check: ({ members }) => assert(ids(members).includes(ADMIN)) },
  { action: "join_channel", context: { channel } },
  { action: "list_users", check: ({ users }) => assert(users.some(({ realName }) => realName === "Ann Lee")) },
  { action: "user_info", context: { user: ADMIN }, check: ({ email }) => assert.equal(email, EMAIL) },
  { action: "user_info", as: "ann", context: { user: "@Ann Lee" }, check: ({ username }) => assert.equal(username, "ann") },
  { action: "lookup_user_by_email", context: { email: EMAIL }, check: ({ id }) => assert.equal(id, ADMIN) },
  { action: "send_message", context: { channel, text: "Tom & <@Admin User>: a < b, see https://example.com/?a=1&b=2" } },
  {
    action: "get_message",
    context: sent,
    check: ({ text, mentions, link }, { send_message: { ts } }) => {
      assert.equal(text, "Tom & @admin: a < b, see https://example.com/?a=1&b=2");
      assert.deepEqual(mentions, [{ type: "person", id: ADMIN, name: "admin" }]);
      assert.equal(link, `https://works.slack.com/archives/${channel}/p${ts.replace(".", "")}`);
    },
  },
  { action: "get_permalink", context: sent, check: ({ link }) => assert(link.includes(`/archives/${channel}/p`)) },
  {
    action: "send_message",
    as: "reply",
    context: ({ send_message }) => ({ channel, text: "Yes", threadTs: send_message.ts }),
  },
  {
    action: "fetch_thread",
    context: ({ send_message }) => ({ channel, threadTs: send_message.ts }),
    check: ({ messages }) => assert.equal(messages.at(-1).text, "Yes"),
  },
  {
    action: "send_message",
    as: "card",
    context: { channel, text: "Build", blocks: [{ type: "header", text: { type: "plain_text", text: "Build 42 failed" } }] },
  },
  {
    action: "fetch_messages",
    context: { channel },
    check: ({ messages }) => assert.equal(messages[0].text, "Build 42 failed"),
  },
  {
    action: "search_messages",
    context: { channel, query: "failed 42" },
    check: ({ messages }) => assert.equal(messages.length, 1),
  },
  { action: "search_workspace", context: { query: "build" }, gap: "search.messages is missing" },
  {
    action: "send_message",
    context: { channel, markdown: "**Hi**" },
    gap: "chat.postMessage ignores markdown_text: line 515",
  },
  { action: "add_reaction", context: (results) => ({ ...sent(results), emoji: "👍🏽" }) },
  {
    action: "get_message",
    context: sent,
    check: ({ reactions }) => assert.equal(reactions[0].name, "+1::skin-tone-4"),
  },
  { action: "get_reactions", context: sent },
  { action: "remove_reaction", context: (results) => ({ ...sent(results), emoji: "👍🏽" }) },
  { action: "pin_message", context: sent },
  { action: "list_pins", context: { channel } },
  { action: "unpin_message", context: sent },
  { action: "send_ephemeral", context: { channel, user: EMAIL, text: "For you" } },
  { action: "update_message", context: (results) => ({ ...sent(results), text: "Changed" }) },
  { action: "get_message", context: sent, check: ({ text }) => assert.equal(text, "Changed") },
  { action: "delete_message", context: sent },
  {
    action: "schedule_message",
    context: () => ({ channel, text: "Later", postAt: new Date(Date.now() + 3_600_000).toISOString() }),
  },
  {
    action: "list_scheduled_messages",
    check: ({ messages }) => assert.equal(messages[0].text, "Later"),
  },
  { action: "cancel_scheduled_message", context: ({ schedule_message: { id } }) => ({ channel, id }) },
  { action: "create_channel", context: { name: "launch" }, check: ({ name }) => assert.equal(name, "launch") },
  {
    action: "invite_to_channel",
    context: ({ create_channel }) => ({ channel: create_channel.id, users: [EMAIL] }),
  },
  { action: "set_topic", context: ({ create_channel }) => ({ channel: create_channel.id, topic: "Launch" }) },
  { action: "set_purpose", context: ({ create_channel }) => ({ channel: create_channel.id, purpose: "Plans" }) },
  { action: "rename_channel", context: ({ create_channel }) => ({ channel: create_channel.id, name: "launched" }) },
  { action: "leave_channel", context: ({ create_channel }) => ({ channel: create_channel.id }) },
  { action: "join_channel", context: ({ create_channel }) => ({ channel: create_channel.id }) },
  { action: "archive_channel", context: ({ create_channel }) => ({ channel: create_channel.id }) },
  { action: "open_dm", context: { users: ["ann@emulate.dev"] } },
  { action: "upload_file", context: { channel, file: { filename: "a.txt", text: "Hi" } } },
  { action: "get_file", context: ({ upload_file }) => ({ fileId: upload_file.id }) },
  { action: "list_files", context: { channel } },
];
