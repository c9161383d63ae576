// Notion's own client against the sandbox: arguments are the provider's URL and a token.
const { Client } = require("@notionhq/client");

const [baseUrl, auth] = process.argv.slice(2);
const id = (last) => "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c" + last;
const [HOME, DATABASE, DATA_SOURCE, ALEX] = ["0010", "0020", "0021", "0101"].map(id);
const NEWEST = "2026-03-11";
/** Methods that the sandbox does not have yet, with the codes of its refusal; one that it has by now is an entry too many. */
const AWAITED = {};
const text = (content) => [{ text: { content } }];
const titled = (title) => ({ title: { title: text(title) } });
let calls = 0;

function fail(why) {
  console.error(`notion: ${why}`);
  process.exit(1);
}

/** Calls a method of the client; `check` says if the answer is right. */
async function call(client, name, input, check = () => true) {
  calls += 1;
  const path = name.split(".");
  const method = path.pop();
  let answer;
  try {
    answer = await path.reduce((resource, part) => resource[part], client)[method](input);
  } catch (error) {
    if (AWAITED[name]?.includes(error.code)) return console.log(`notion: the sandbox does not have ${name}`);
    fail(`${name}: ${error.code}: ${error.message}`);
  }
  if (!check(answer)) fail(`${name}: ${JSON.stringify(answer)}`);
  if (AWAITED[name]) console.log(`notion: the sandbox has ${name}: it is awaited no longer`);
  return answer;
}

async function everyVersion(notionVersion) {
  const client = new Client({ auth, baseUrl, notionVersion, logLevel: "error" });
  const run = (name, input, check) => call(client, name, input, check);
  await run("users.me", {});
  await run("users.list", {});
  await run("users.retrieve", { user_id: ALEX }, (person) => person.id === ALEX);
  await run("search", { query: "road", page_size: 2 });
  await run("pages.retrieve", { page_id: HOME });
  const page = await run("pages.create", { parent: { page_id: HOME }, properties: titled("x") });
  await run("pages.update", { page_id: page.id, properties: titled("y") });
  const children = [{ paragraph: { rich_text: text("one") } }];
  const { results } = await run("blocks.children.append", { block_id: page.id, children });
  const block_id = results[0].id;
  await run("blocks.children.list", { block_id: page.id });
  await run("blocks.retrieve", { block_id });
  const change = { block_id, paragraph: { rich_text: text("two") } };
  await run("blocks.update", change, (block) => block.paragraph.rich_text[0].plain_text === "two");
  await run("blocks.delete", { block_id });
  const parent = {
    type: "page_id",
    page_id: (await run("pages.create", { parent: { page_id: HOME }, properties: titled("z") })).id,
  };
  await run("pages.move", { page_id: page.id, parent }, (moved) => moved.parent.page_id === parent.page_id);
  const title = { page_id: page.id, property_id: "title" };
  await run("pages.properties.retrieve", title, ({ results }) => results[0].title.plain_text === "y");
  await run("databases.retrieve", { database_id: DATABASE });
  await run("dataSources.retrieve", { data_source_id: DATA_SOURCE });
  await run("dataSources.query", { data_source_id: DATA_SOURCE, page_size: 2 });
  const thread = await run("comments.create", { parent: { page_id: HOME }, rich_text: text("c") });
  await run("comments.create", { discussion_id: thread.discussion_id, rich_text: text("d") });
  await run("comments.list", { block_id: HOME });
}

async function newestVersion() {
  const client = new Client({ auth, baseUrl, notionVersion: NEWEST, logLevel: "error" });
  const run = (name, input, check) => call(client, name, input, check);
  const parent = { type: "page_id", page_id: HOME };
  const page = await run("pages.create", { parent, properties: titled("m"), markdown: "# One\n\nTwo" });
  const edit = { content_updates: [{ old_str: "Two", new_str: "Three" }] };
  const edited = ({ markdown }) => markdown.includes("Three") && !markdown.includes("Two");
  await run("pages.updateMarkdown", { page_id: page.id, type: "update_content", update_content: edit }, edited);
  await run("pages.retrieveMarkdown", { page_id: page.id }, edited);
  const initial = { properties: { Name: { title: {} } } };
  const database = await run("databases.create", { parent, title: text("Books"), initial_data_source: initial });
  await run("databases.update", { database_id: database.id, title: text("More books") });
  const column = { data_source_id: database.data_sources[0].id, properties: { Pages: { number: { format: "number" } } } };
  await run("dataSources.update", column, ({ properties }) => properties.Pages.type === "number");
  await run("comments.create", { parent, markdown: "**c**" }, ({ rich_text }) => rich_text[0].plain_text.includes("c"));
}

(async () => {
  for (const version of ["2025-09-03", NEWEST]) await everyVersion(version);
  await newestVersion();
  console.log(`notion: ${calls} calls of its own client`);
})();
