// The part of Gmail for emulate.mjs. Lines of its source are those of dist/dist-JPQQL6TR.js, version 0.11.2.
import assert from "node:assert/strict";
import { formFields } from "./emulate.mjs";

const ME = "me@example.com";
const HTML = "<p>Only <b>HTML</b></p>";
const FILE = [
  "From: bob@example.com",
  `To: ${ME}`,
  "Subject: File",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "Here.",
  "--b",
  "Content-Type: text/plain",
  'Content-Disposition: attachment; filename="a.txt"',
  "",
  "Hi",
  "--b--",
  "",
];

export const service = "google";
export const origins = ["google", "gmail"];
/** The issuer of its ID tokens: the engine takes those of Google alone. */
export const baseUrl = "https://accounts.google.com";
export const paths = { "/token": "/oauth2/token", "/revoke": "/oauth2/revoke", "/v1/userinfo": "/oauth2/v2/userinfo" };

/** No OAuth client: the fake compares redirect addresses with their ports, and the one of the stack is free. */
export const seed = {
  google: {
    users: [{ email: ME, name: "Me" }],
    labels: [{ id: "Label_ops", user_email: ME, name: "Ops/Review" }],
    messages: [
      {
        id: "m_html",
        user_email: ME,
        from: "Ann Lee <ann@example.com>",
        to: ME,
        subject: "Minutes",
        body_html: HTML,
        label_ids: ["INBOX", "UNREAD"],
      },
      { id: "m_file", user_email: ME, raw: Buffer.from(FILE.join("\r\n")).toString("base64url"), label_ids: ["INBOX"] },
    ],
  },
};

export const consent = (page) => formFields(page, ME);

const mail = { to: "bob@example.com", subject: "Hi", body: "Hello." };
const original = { messageId: "m_html" };

export const steps = [
  { action: "get_profile", gap: "getProfile is missing: messageRoutes, line 2734, and the others have no such path" },
  {
    action: "fetch_emails",
    context: { query: "is:unread", includeBody: true },
    check: ({ emails }) => {
      assert.equal(emails.length, 1);
      assert.deepEqual([emails[0].from.email, emails[0].text, emails[0].html], ["ann@example.com", "Only HTML", HTML]);
    },
  },
  { action: "get_email", context: original, check: ({ text }) => assert.equal(text, "Only HTML") },
  { action: "list_threads", check: ({ threads }) => assert(threads.some(({ subject }) => subject === "Minutes")) },
  {
    action: "get_thread",
    context: ({ get_email }) => ({ threadId: get_email.threadId }),
    check: ({ emails }) => assert.equal(emails[0].text, "Only HTML"),
  },
  {
    // Not with a file: of the upload of a mail with its metadata, line 2195 takes the whole as the mail.
    action: "send_email",
    context: mail,
    check: ({ labelIds }) => assert(labelIds.includes("SENT")),
  },
  {
    action: "get_email",
    as: "filed",
    context: { messageId: "m_file" },
    check: ({ attachments }) => assert.equal(attachments[0].filename, "a.txt"),
  },
  {
    action: "get_attachment",
    context: ({ filed }) => ({ messageId: "m_file", attachmentId: filed.attachments[0].id }),
    check: ({ filename, size }) => assert.deepEqual([filename, size], ["a.txt", 2]),
  },
  {
    action: "reply",
    context: { ...original, body: "Yes." },
    check: ({ threadId }, { get_email }) => assert.equal(threadId, get_email.threadId),
  },
  { action: "reply_all", context: { ...original, body: "Yes, all." } },
  { action: "forward", context: { ...original, to: "bob@example.com" } },
  { action: "create_draft", context: mail },
  {
    action: "list_drafts",
    check: ({ drafts }) => assert.deepEqual(drafts.map(({ subject }) => subject), ["Hi"]),
  },
  {
    action: "update_draft",
    context: ({ create_draft }) => ({ draftId: create_draft.id, ...mail, subject: "Again" }),
    check: ({ subject }) => assert.equal(subject, "Again"),
  },
  {
    action: "get_draft",
    context: ({ create_draft }) => ({ draftId: create_draft.id }),
    check: ({ email }) => assert.deepEqual([email.subject, email.text.trim()], ["Again", "Hello."]),
  },
  { action: "send_draft", context: ({ create_draft }) => ({ draftId: create_draft.id }) },
  { action: "create_draft", context: mail },
  { action: "delete_draft", context: ({ create_draft }) => ({ draftId: create_draft.id }) },
  { action: "list_labels", check: ({ labels }) => assert(labels.some(({ name }) => name === "Ops/Review")) },
  { action: "create_label", context: { name: "Travel" }, check: ({ name }) => assert.equal(name, "Travel") },
  {
    action: "create_label",
    context: { name: "Travel" },
    gap: "a second label of a name is 400 failedPrecondition, line 2709, where Google's page of errors has 409",
  },
  { action: "get_label", context: { label: "travel" }, check: ({ name }) => assert.equal(name, "Travel") },
  {
    action: "update_label",
    context: { label: "travel", name: "Trips", labelListVisibility: "labelHide" },
    check: ({ name, labelListVisibility }) => assert.deepEqual([name, labelListVisibility], ["Trips", "labelHide"]),
  },
  {
    action: "modify_labels",
    context: { ...original, actions: ["star", "read"], add: ["trips"] },
    check: ({ labelIds, unread }) => assert.deepEqual([labelIds.includes("STARRED"), unread], [true, false]),
  },
  { action: "batch_modify", context: { messageIds: ["m_html"], actions: ["archive"] } },
  {
    action: "modify_thread",
    context: ({ get_email }) => ({ threadId: get_email.threadId, actions: ["unstar"] }),
    check: ({ emails }) => assert(emails.every(({ labelIds }) => !labelIds.includes("STARRED"))),
  },
  { action: "delete_label", context: { label: "Trips" } },
  { action: "trash_email", context: original, check: ({ labelIds }) => assert(labelIds.includes("TRASH")) },
  { action: "untrash_email", context: original, check: ({ labelIds }) => assert(!labelIds.includes("TRASH")) },
  { action: "trash_thread", context: ({ get_email }) => ({ threadId: get_email.threadId }) },
  { action: "untrash_thread", context: ({ get_email }) => ({ threadId: get_email.threadId }) },
  { action: "list_send_as", check: ({ senders }) => assert.equal(senders[0].email, ME) },
  { action: "list_filters" },
  { action: "get_filter", context: { filterId: "f1" }, gap: "filters.get is missing: settingsRoutes, line 3689" },
  { action: "get_vacation", gap: "getVacation is missing: settingsRoutes, line 3689" },
];
