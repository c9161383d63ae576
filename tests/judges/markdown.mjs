// Writes the documents of tests/it/notion/documents.txt as pages, reads them back, and compares their HTML by markdown-it: what
// Notion cannot show is behind `=>` there. `cargo local with node markdown.mjs documents.txt` runs it.
import { readFileSync } from "node:fs";
import markdownIt from "markdown-it";
import { connectAtSandbox, engine } from "./wire.mjs";

const PARENT = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010";
const renderer = markdownIt({ html: true });
/** Forms of HTML that mean the same. */
const SAME = [
  [/\s+/g, " "],
  [/<(\/?)b>/g, "<$1strong>"],
  [/<(\/?)i>/g, "<$1em>"],
  [/<(\/?)del>/g, "<$1s>"],
  [/<br ?\/?> ?/g, "<br>"],
  [/<hr ?\/?>/g, "<hr>"],
  [/<strong><em>/g, "<em><strong>"],
  [/<\/em><\/strong>/g, "</strong></em>"],
  [/<!-- -->/g, ""],
  // A list is loose or not, which Notion does not have.
  [/<li> ?<p>/g, "<li>"],
  [/<\/p> ?<\/li>/g, "</li>"],
  [/<\/p> ?<(ul|ol)>/g, "<$1>"],
  [/> </g, "><"],
];

function html(markdown) {
  return SAME.reduce((text, [from, to]) => text.replace(from, to), renderer.render(markdown)).replace(SAME.at(-1)[0], "><").trim();
}

function documents(text) {
  return text
    .split(/^=== /m)
    .filter((part) => part !== "")
    .map((part) => {
      const [name, ...lines] = part.split("\n");
      const [markdown, other] = lines.join("\n").split(/\n=> .*\n/);
      return { name, markdown: markdown.trimEnd(), expected: (other ?? markdown).trimEnd() };
    });
}

async function run(intent, context) {
  const answer = await engine("POST", "", { agentId: "agent_judge", tool: "notion", intent, context });
  if (!answer.success) throw new Error(JSON.stringify(answer.error ?? answer));
  return answer.data;
}

const faults = [];
for (const [one, other] of [["a\\*b\\*", "a*b*"], ["- a\n  - b", "- a\n- b"]]) {
  if (html(one) === html(other)) faults.push(`the planted difference is not found: ${one}`);
}
await connectAtSandbox("notion");
const all = documents(readFileSync(process.argv[2], "utf8"));
for (const { name, markdown, expected } of all) {
  try {
    const { id } = await run("create_page", { title: name, parent: PARENT, content: markdown });
    const { content } = await run("get_page_content", { pageId: id });
    if (html(content) !== html(expected)) faults.push(`${name}:\n${content}\n  ${html(expected)}\n  ${html(content)}`);
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
}
for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(`markdown: ${all.length} documents, ${faults.length} faults`);
process.exit(faults.length > 0 || all.length < 60 ? 1 : 0);
