// The examples of shared/docs/frameworks.md, compiled with the types of their SDKs and run with a scripted model.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The longest example, in lines of code. */
const LONGEST = 15;
const FOLDER = "examples";

/** Writes the examples into a folder, compiles them, and returns the file of each by the title of its section. */
export function compileExamples(page) {
  const sections = readFileSync(page, "utf8").matchAll(/^## (.+)\n(?:(?!^## )[^])*?^```(ts|python)\n([^]*?)^```/gm);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const files = new Map();
  for (const [, title, language, code] of sections) {
    const lines = code.split("\n").filter((line) => line && !line.startsWith("import ") && !line.startsWith("from ")).length;
    if (lines > LONGEST) throw new Error(`${title}: ${lines} lines, at most ${LONGEST}`);
    const name = title
      .toLowerCase()
      .replace(/^the /, "")
      .replace(/[^a-z]+/g, "-");
    const file = `${FOLDER}/${name}.${language === "ts" ? "ts" : "py"}`;
    writeFileSync(file, code);
    files.set(title, file);
  }
  const sources = [...files.values()].filter((file) => file.endsWith(".ts"));
  const options = [
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--lib",
    "es2023,dom",
    "--module",
    "nodenext",
    "--types",
    "node",
  ];
  const { status, stdout } = spawnSync("node_modules/.bin/tsc", [...options, ...sources], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the examples do not compile:\n${stdout}`);
  return files;
}

/** Runs an example, and returns the text with which the model ended. */
export async function runExample(file, question, environment) {
  if (file.endsWith(".py")) return runPython(file, question, environment);
  const { answer } = await import(pathToFileURL(file.replace(/ts$/, "js")));
  return answer(question);
}

/** The lines below an example in Python, which call its function. */
const CALL = `
import os, sys
url = os.environ["API"].removesuffix("/api/plugin-engine")
print(answer(PluginEngine(url, os.environ["TOKEN"]), sys.argv[1]))
`;

async function runPython(file, question, environment) {
  const options = { env: { ...process.env, ...environment } };
  const python = spawn(`${process.env.PYTHON_TOOLS}/python`, ["-c", readFileSync(file, "utf8") + CALL, question], options);
  let output = "";
  python.stdout.on("data", (text) => (output += text));
  python.stderr.on("data", (text) => (output += text));
  await once(python, "close");
  return output.trim();
}
