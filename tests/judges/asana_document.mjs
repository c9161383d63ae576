// The part of Asana for documents.mjs: prism, a validating proxy that others wrote, with Asana's OpenAPI document. The document
// may not be redistributed: it is read from `SPECS`, and without it nothing is checked.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { LOOPBACK, freePort, listen, parse, send } from "./wire.mjs";

const DOCUMENT = `${process.env.SPECS}/asana/asana_oas.yaml`;
const API = "/api/1.0";
/** The start of the types of prism's own errors, for example of a path that the document does not have. */
const PRISM_ERRORS = "https://stoplight.io/prism/errors#";
/** The document is long. */
const MAX_START_MS = 120_000;

export const missing = () => (existsSync(DOCUMENT) ? undefined : `there is no ${DOCUMENT}`);

const TASK = "1200000000000021";
const PROJECT = "1200000000000010";

export const repeated = {};
export const contexts = {
  create_task: [
    {
      ...{ name: "Every field", projectId: PROJECT, sectionId: "1200000000000011", startOn: "2027-01-04", dueOn: "2027-01-08" },
      ...{ htmlNotes: "<body>See <strong>this</strong></body>", assigneeId: "me", followerIds: ["sam@example.com"] },
      ...{ tagIds: ["1200000000000031"], customFields: { 1200000000000041: 3 } },
    },
    { name: "At a time", dueAt: "2027-01-08T12:00:00+02:00" },
  ],
  update_task: [
    { taskId: TASK, clear: ["dueOn", "notes", "assigneeId"], customFields: { 1200000000000041: 5 } },
    { taskId: TASK, dueAt: "2027-01-08T10:00:00Z", clearCustomFields: ["1200000000000041"] },
  ],
  complete_task: [{ taskId: TASK, completed: false }],
  list_tasks: [
    { sectionId: "1200000000000011", openOnly: true, limit: 1 },
    { assigneeId: "me", modifiedSince: "2020-01-01T00:00:00Z", completedSince: "2020-01-01T00:00:00Z" },
  ],
  search_tasks: [{ projectId: PROJECT, completed: false, dueAfter: "2020-01-01", dueBefore: "2040-01-01", limit: 1 }],
  list_attachments: [{ projectId: PROJECT }],
  list_projects: [{ archived: true, limit: 1 }],
};

export const allowed = [
  {
    ...{ call: /^(POST|PUT) /, where: /^request\.body\.data\.custom_fields\./, message: /must be string$/ },
    reason: "the document types a value of a custom field as a text, and describes it as a text, a number, an object or a list",
  },
];

/** Starts prism in front of an address; returns its own, and how it is stopped. */
async function startPrism(upstream) {
  const port = await freePort();
  const prism = spawn("node_modules/.bin/prism", ["proxy", "--port", port, "--host", LOOPBACK, DOCUMENT, upstream]);
  const started = new Promise((resolve, reject) => {
    let output = "";
    const read = (piece) => {
      output = output.slice(-2000) + piece;
      if (output.includes("Prism is listening")) resolve();
    };
    prism.stdout.on("data", read);
    prism.stderr.on("data", read);
    prism.on("exit", (code) => reject(new Error(`prism ended with ${code}: ${output}`)));
    setTimeout(() => reject(new Error(`prism does not start: ${output}`)), MAX_START_MS).unref();
  });
  process.on("exit", () => prism.kill());
  await started;
  return { url: `http://${LOOPBACK}:${port}`, stop: () => prism.kill() };
}

export async function start(upstream, own) {
  const judge = { calls: 0, violations: [] };
  let planted;
  // Behind prism, so that a planted answer passes it, and that a file's address in an answer is the one that the engine calls.
  const port = await freePort();
  const behind = await listen(port, async (request) => {
    if (planted)
      return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(planted)) };
    const answer = await send(`${upstream}${API}`, request);
    return { ...answer, body: Buffer.from(answer.body.toString().replaceAll(upstream, own)) };
  });
  const prism = await startPrism(`http://${LOOPBACK}:${port}`);

  judge.exchange = async (request) => {
    // The document describes neither OAuth nor the host of the files.
    if (!request.path.startsWith(API)) return send(upstream, request);
    judge.calls += 1;
    const answer = await send(prism.url, { ...request, path: request.path.slice(API.length) });
    const { "sl-violations": found, ...headers } = answer.headers;
    const call = `${request.method} ${request.path.replace(/\b\d{10,}/g, "{gid}")}`;
    for (const { location, message } of violationsOf(found)) judge.violations.push({ call, where: location.join("."), message });
    const { type, detail } = parse(answer.body) ?? {};
    if (type?.startsWith?.(PRISM_ERRORS)) judge.violations.push({ call, where: "request", message: `${type} ${detail}` });
    return { ...answer, headers };
  };

  const call = (method, path, data) => {
    const headers = { authorization: "Bearer none", ...(data && { "content-type": "application/json" }) };
    const body = Buffer.from(data ? JSON.stringify({ data }) : "");
    return judge.exchange({
      method,
      path: `${API}${path}`,
      query: "",
      headers: { ...headers, "content-length": body.length },
      body,
    });
  };
  judge.plants = [
    { name: "a field of the wrong type", side: "request", run: () => call("PUT", `/tasks/${TASK}`, { completed: "yes" }) },
    { name: "a path that is not there", side: "request", run: () => call("GET", "/tusks/1") },
    {
      ...{ name: "a workspace with a number as id", side: "response" },
      run: async () => {
        planted = { data: [{ gid: 5, name: "x" }] };
        await call("GET", "/workspaces");
        planted = undefined;
      },
    },
  ];
  judge.stop = () => {
    prism.stop();
    behind.close();
  };
  return judge;
}

/** The violations in prism's header, which is cut if there are many. */
function violationsOf(header) {
  if (!header) return [];
  return parse(header) ?? [{ location: ["many"], message: header }];
}
