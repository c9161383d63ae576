// The part of Notion for documents.mjs: the types of Notion's own client, made into JSON Schemas by ts-json-schema-generator,
// and the client's own table of methods. Bodies, query parameters and answers must fit them; a field that a type lacks is a
// violation.
import { Ajv } from "ajv";
import { APIErrorCode } from "@notionhq/client";
import methods from "@notionhq/client/build/src/api-endpoints.js";
import { createGenerator } from "ts-json-schema-generator";
import { parse, send } from "./wire.mjs";

const TYPES = "node_modules/@notionhq/client/build/src/api-endpoints/*.d.ts";
const PAGE = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010";
const DATABASE = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020";
const ROW = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031";
/** Errors that the client's types lack, of the page of status codes. */
const MORE_ERRORS = ["missing_version", "bad_gateway", "database_connection_unavailable"];

export const missing = () => undefined;

export const repeated = {
  update_page_content: {
    pageId: "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
    edits: [{ old: "Welcome. **Plans** live in the roadmap below.", new: "Welcome. Plans live in the roadmap below." }],
  },
};
export const contexts = {
  create_page: [
    { title: "A row", parent: DATABASE, properties: { Status: "Done", Priority: "High" }, icon: "🚀" },
    {
      title: "A page",
      parent: PAGE,
      content: "# One\n\n- [ ] two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
      icon: "https://example.com/a.png",
    },
  ],
  update_page: [{ pageId: ROW, title: "Renamed", properties: { Status: "Done" }, clear: ["Priority"], content: "New" }],
  query_database: [
    {
      databaseId: DATABASE,
      filter: { Status: ["Done", "In progress"] },
      sorts: [{ property: "Name", direction: "ascending" }],
      limit: 1,
    },
    { databaseId: DATABASE, filter: { Priority: null }, properties: ["Status"] },
  ],
  create_database: [
    {
      ...{ title: "Types", parent: PAGE, description: "All of them", icon: "📚", inline: true },
      properties: {
        ...{
          Name: "title",
          Text: "text",
          Number: "number",
          Pick: { select: ["a"] },
          Tags: { multi_select: ["b"] },
          State: "status",
        },
        ...{ Due: "date", Who: "people", Files: "files", Done: "checkbox", Link: "url", Mail: "email", Phone: "phone_number" },
        ...{ At: "created_time", By: "created_by", Changed: "last_edited_time", Editor: "last_edited_by" },
      },
    },
  ],
  search: [{ query: "road", type: "database", sort: "newestFirst", limit: 1 }],
};

export const allowed = [
  {
    ...{ call: /\/(pages|markdown|comments)$/, where: /^request (query|body)$/, message: /^unknown: markdown_version$/ },
    reason: "markdown_version is documented, and newer than the client's types",
  },
];

/** The client's methods, each with the pattern of its path and the name of its types. */
const TABLE = Object.entries(methods)
  .filter(([, method]) => typeof method?.path === "function")
  .map(([name, method]) => {
    const path = method.path(Object.fromEntries(method.pathParams.map((parameter) => [parameter, `{${parameter}}`])));
    const pattern = new RegExp(`^/v1/${path.replace(/\{\w+\}/g, "([^/]+)")}$`);
    return { ...method, name, pattern, fixed: path.replace(/\{\w+\}/g, "").length, type: name[0].toUpperCase() + name.slice(1) };
  })
  // `users/me` before `users/{user_id}`.
  .sort((one, other) => other.fixed - one.fixed);

const generator = createGenerator({
  ...{ path: TYPES, skipTypeCheck: true, expose: "all", topRef: false, jsDoc: "none", additionalProperties: false },
});
const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
const validators = {};

/** What a type does not allow in a value, by place. */
function faultsOf(type, value) {
  validators[type] ??= ajv.compile(generator.createSchema(type));
  if (validators[type](value)) return [];
  return shortest(validators[type].errors);
}

/** The errors of the form that fits best, of a type with several: those at the deepest place, of the form with the fewest. */
function shortest(errors) {
  // A constant tells the forms apart.
  const inside = errors.filter(({ keyword }) => keyword !== "anyOf" && keyword !== "const");
  const known = inside.length > 0 ? inside : errors;
  const depth = (error) => error.instancePath.split("/").length;
  const deepest = Math.max(...known.map(depth));
  const forms = {};
  for (const error of known.filter((error) => depth(error) === deepest)) {
    (forms[error.schemaPath.split("/").slice(0, -1).join("/")] ??= []).push(error);
  }
  const [form = errors] = Object.values(forms).sort((one, other) => one.length - other.length);
  return form.map(({ instancePath, keyword, message, params }) => {
    const what = params.additionalProperty ?? params.allowedValue ?? "";
    return { where: instancePath, message: `${keyword}: ${message} ${what}`.trim() };
  });
}

const number = (name, value) => (name === "page_size" ? Number(value) : value);

/** The parameters of the query as the client takes them. */
function queryOf(query) {
  const parameters = {};
  for (const [encoded, value] of new URLSearchParams(query)) {
    const name = encoded.replace(/\[\d*\]$/, "");
    parameters[name] = name === "filter_properties" ? [...(parameters[name] ?? []), value] : number(name, value);
  }
  return parameters;
}

/** The fields of a form; a file is one of the client's. */
function formOf(body) {
  const names = [...body.toString("latin1").matchAll(/form-data; name="([^"]+)"[^\r]*(?:\r\n[^\r]+)*\r\n\r\n([^\r]*)/g)];
  return Object.fromEntries(names.map(([, name, value]) => [name, name === "file" ? { data: "x" } : value]));
}

/** What is wrong with a request, apart from a path that the client lacks. */
function requestFaults(method, { path, query, headers, body }) {
  const faults = [];
  if (!headers["notion-version"]) faults.push({ where: "headers", message: "Notion-Version is missing" });
  const isForm = headers["content-type"]?.startsWith("multipart/form-data");
  const sent = body.length === 0 ? {} : isForm ? formOf(body) : parse(body);
  if (typeof sent !== "object") return [...faults, { where: "body", message: "no JSON" }];
  const asked = queryOf(query);
  const check = (values, known, where) => {
    const unknown = Object.keys(values).filter((name) => !known.includes(name));
    faults.push(...unknown.map((name) => ({ where, message: `unknown: ${name}` })));
  };
  check(asked, method.queryParams, "query");
  check(sent, isForm ? method.formDataParams : method.bodyParams, "body");
  const values = method.pattern.exec(path).slice(1);
  const named = Object.fromEntries(method.pathParams.map((name, at) => [name, decodeURIComponent(values[at])]));
  // A field that the client lacks was reported above, by its name.
  const known = [...method.queryParams, ...(method.bodyParams ?? []), ...(method.formDataParams ?? [])];
  const fields = Object.entries({ ...asked, ...sent }).filter(([name]) => known.includes(name));
  return [...faults, ...faultsOf(`${method.type}Parameters`, { ...Object.fromEntries(fields), ...named })];
}

/**
 * An answer as its type has it. The types are those of every version: the newest sends `in_trash` for `archived`, and each
 * answer has a `request_id` (https://developers.notion.com/reference/versioning, .../request-limits).
 */
function asTyped(value) {
  if (Array.isArray(value)) return value.map(asTyped);
  if (value === null || typeof value !== "object") return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, asTyped(field)]));
  return typeof fields.in_trash === "boolean" ? { archived: fields.in_trash, ...fields } : fields;
}

function answerFaults(method, { status, body }) {
  const { request_id: _, ...value } = asTyped(parse(body));
  if (status < 300) return faultsOf(`${method.type}Response`, value);
  const codes = [...Object.values(APIErrorCode), ...MORE_ERRORS];
  const isError = value?.object === "error" && value.status === status && typeof value.message === "string";
  return isError && codes.includes(value.code) ? [] : [{ where: "", message: `no error of Notion's: ${status} ${body}` }];
}

export async function start(upstream, own) {
  const judge = { calls: 0, violations: [], stop: () => {} };
  let planted;
  judge.exchange = async (request) => {
    // OAuth has a body of its own; files are at a host of their own.
    if (!request.path.startsWith("/v1/") || request.path.startsWith("/v1/oauth/")) return send(upstream, request);
    judge.calls += 1;
    const call = `${request.method} ${request.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}")}`;
    const add = (side, faults) =>
      judge.violations.push(...faults.map(({ where, message }) => ({ call, where: `${side}${where && ` ${where}`}`, message })));
    const method = TABLE.find((it) => it.method === request.method.toLowerCase() && it.pattern.test(request.path));
    if (!method) add("request", [{ where: "", message: "the client has no such method" }]);
    else add("request", requestFaults(method, request));
    const { headers, status, body } = await send(upstream, request);
    const answer = { status: planted ? 200 : status, headers, body: Buffer.from(body.toString().replaceAll(upstream, own)) };
    if (planted) answer.body = Buffer.from(JSON.stringify(planted));
    if (method) add("response", answerFaults(method, answer));
    return answer;
  };
  const call = (method, path, value) => {
    const headers = { authorization: "Bearer none", "notion-version": "2026-03-11", "content-type": "application/json" };
    const body = Buffer.from(value ? JSON.stringify(value) : "");
    return judge.exchange({ method, path, query: "", headers: { ...headers, "content-length": body.length }, body });
  };
  judge.plants = [
    { name: "a field of the wrong type", side: "request", run: () => call("PATCH", `/v1/pages/${PAGE}`, { in_trash: "yes" }) },
    { name: "a field that is not there", side: "request", run: () => call("POST", "/v1/search", { words: "x" }) },
    { name: "a method that is not there", side: "request", run: () => call("PUT", `/v1/pages/${PAGE}`, {}) },
    {
      ...{ name: "a user with a number as id", side: "response" },
      run: async () => {
        planted = {
          object: "list",
          results: [{ object: "user", id: 5 }],
          has_more: false,
          next_cursor: null,
          type: "user",
          user: {},
        };
        await call("GET", "/v1/users");
        planted = undefined;
      },
    },
  ];
  return judge;
}
