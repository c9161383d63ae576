// Schemas of inputs and outputs, by ajv in strict mode and by OpenAI's rules.
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Schemas that ajv does not compile in its strictest mode, and examples that do not fit their schema. */
export function ajvFaults({ mcp, mcpOutputs, openaiStrict }) {
  if (mcp.length === 0 || mcpOutputs.length === 0 || openaiStrict.length === 0) return ["there is no list"];
  const inputs = mcp.map(({ name, inputSchema }) => [`${name} input`, inputSchema]);
  const outputs = mcpOutputs.map(({ name, outputSchema }) => [`${name} output`, outputSchema]);
  const strict = openaiStrict.map(({ function: it }) => [`${it.name} strict`, it.parameters]);
  return [...inputs, ...outputs, ...strict].flatMap(([name, schema]) => {
    // Strict mode includes the types, tuples and required fields.
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: name.endsWith("strict"), allErrors: true });
    addFormats(ajv);
    try {
      const validate = ajv.compile(schema);
      const wrong = (schema.examples ?? []).filter((example) => !validate(example));
      return wrong.map((example) => `${name}: the example ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`);
    } catch (error) {
      return [`${name}: ${error.message}`];
    }
  });
}

// The rules of https://platform.openai.com/docs/guides/structured-outputs#supported-schemas: the root is an object and no anyOf;
// every object is closed and requires all its fields; depth, fields, names and enums have limits; keywords of composition are refused.
const REFUSED = ["allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties"];
const KNOWN = [
  ...[
    "type",
    "description",
    "title",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
  ],
  ...["pattern", "format", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "minItems", "maxItems"],
];
const FORMATS = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];
const LIMITS = { depth: 10, fields: 5000, enums: 1000, characters: 120_000 };

/** Schemas that OpenAI refuses for a strict function. */
export function openAiFaults({ openaiStrict, responsesStrict }) {
  const chat = openaiStrict.map(({ function: it }) => it);
  if (chat.length === 0) return ["there is no strict list"];
  return [...chat, ...responsesStrict].flatMap(({ name, strict, parameters }) => {
    const faults = [];
    if (strict !== true) faults.push("strict is not true");
    if (parameters.type !== "object" || parameters.anyOf) faults.push("the root is not an object");
    const total = { depth: 0, fields: 0, enums: 0, characters: 0 };
    walk(parameters, "", 1, faults, total);
    for (const [what, limit] of Object.entries(LIMITS)) {
      if (total[what] > limit) faults.push(`${what}: ${total[what]} of at most ${limit}`);
    }
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

function walk(schema, path, depth, faults, total) {
  const at = path || "/";
  for (const keyword of Object.keys(schema)) {
    if (REFUSED.includes(keyword)) faults.push(`${at}: ${keyword} is refused`);
    else if (!KNOWN.includes(keyword)) faults.push(`${at}: ${keyword} is not supported`);
  }
  if (schema.format && !FORMATS.includes(schema.format)) faults.push(`${at}: the format ${schema.format}`);
  if (!schema.type && !schema.anyOf && !schema.enum && !schema.const && !schema.$ref) faults.push(`${at}: no type`);
  total.depth = Math.max(total.depth, depth);
  total.enums += schema.enum?.length ?? 0;
  total.characters += [...(schema.enum ?? []), schema.const ?? ""].join("").length;
  if ([schema.type].flat().includes("object")) {
    const names = Object.keys(schema.properties ?? {});
    total.fields += names.length;
    total.characters += names.join("").length;
    if (schema.additionalProperties !== false) faults.push(`${at}: additionalProperties is not false`);
    const missing = names.filter((name) => !schema.required?.includes(name));
    if (missing.length) faults.push(`${at}: not required: ${missing.join(", ")}`);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    walk(property, `${path}/${name}`, depth + 1, faults, total);
  for (const form of schema.anyOf ?? []) walk(form, path, depth, faults, total);
  if (schema.items) walk(schema.items, `${path}[]`, depth + 1, faults, total);
}
