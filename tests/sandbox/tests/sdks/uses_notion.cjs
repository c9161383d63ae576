// Notion's own client against the sandbox: arguments are the provider's URL and a token.
const { Client } = require("@notionhq/client");

const [baseUrl, auth] = process.argv.slice(2);
const id = (last) => "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c00" + last;
const text = (content) => [{ text: { content } }];
let calls = 0;

async function all(notionVersion) {
  const client = new Client({ auth, baseUrl, notionVersion, logLevel: "error" });
  const call = async (resource, name, input) => {
    calls += 1;
    try {
      return await resource[name](input);
    } catch (error) {
      console.error(`notion ${notionVersion}: ${name}: ${error.code}: ${error.message}`);
      process.exit(1);
    }
  };
  await call(client.users, "me", {});
  await call(client.users, "list", {});
  await call(client, "search", { query: "road", page_size: 2 });
  await call(client.pages, "retrieve", { page_id: id("10") });
  const properties = (title) => ({ title: { title: text(title) } });
  const page = await call(client.pages, "create", { parent: { page_id: id("10") }, properties: properties("x") });
  await call(client.pages, "update", { page_id: page.id, properties: properties("y") });
  await call(client.blocks.children, "append", { block_id: page.id, children: [{ paragraph: { rich_text: text("hi") } }] });
  await call(client.blocks.children, "list", { block_id: page.id });
  await call(client.databases, "retrieve", { database_id: id("20") });
  await call(client.dataSources, "retrieve", { data_source_id: id("21") });
  await call(client.dataSources, "query", { data_source_id: id("21"), page_size: 2 });
  await call(client.comments, "create", { parent: { page_id: id("10") }, rich_text: text("c") });
  await call(client.comments, "list", { block_id: id("10") });
}

(async () => {
  for (const version of ["2025-09-03", "2026-03-11"]) await all(version);
  console.log(`notion: ${calls} calls of its own client`);
})();
