// Compile-time tests of the types. This file never runs: `npm run check` fails if an assertion does not hold, or if a line with
// `@ts-expect-error` compiles.
import {
  createPluginEngine,
  type ErrorCode,
  type GmailSendEmailOutput,
  type PluginResult,
  type Refusal,
  type Task,
} from "plugin-engine-client";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]) => undefined;

// No type is `unknown` or `any`.
holds<Equal<unknown extends PluginResult | Task | Refusal ? true : false, false>>();
holds<Equal<Refusal["error"]["code"], ErrorCode>>();
holds<Equal<Task["taskId"], string | null>>();
holds<Equal<Task["payload"], Record<string, unknown> | null>>();

export function messageOf(result: PluginResult): string {
  if (result.success) {
    holds<Equal<typeof result.externalId, string | undefined>>();
    // @ts-expect-error: a successful result has no error
    void result.error;
    return result.message;
  }
  holds<Equal<typeof result.error.outcome, "none" | "partial" | "done" | "unknown">>();
  return result.error.code === "NOT_CONNECTED" ? (result.error.connectUrl ?? "") : result.fallbackMessage;
}

export function advice(error: Refusal): string | undefined {
  switch (error.error.code) {
    case "RATE_LIMITED":
      return "wait";
    // @ts-expect-error: no such code
    case "RATE_LIMIT":
      return "never";
    default:
      return undefined;
  }
}

export async function calls(): Promise<void> {
  const engine = createPluginEngine({ baseUrl: "https://api.example", token: async () => "t" });
  const { data, error } = await engine.POST("/api/plugin-engine", {
    body: { agentId: "a", tool: "slack", intent: "send_message", context: { channel: "general", text: "Hi" } },
  });
  holds<Equal<typeof data, PluginResult | undefined>>();
  holds<Equal<typeof error, Refusal | undefined>>();
  // @ts-expect-error: an intent names its agent
  await engine.POST("/api/plugin-engine", { body: { tool: "slack", intent: "send_message" } });
  // @ts-expect-error: no such path
  await engine.GET("/api/plugin-engine/nothing");
  // @ts-expect-error: not a status of tasks
  await engine.GET("/api/plugin-engine/tasks", { params: { query: { agentId: "a", status: "done" } } });
}

export async function actions(): Promise<void> {
  const engine = createPluginEngine({ baseUrl: "https://api.example", token: async ({ renew }) => (renew ? "new" : "t") });
  const mail = { to: "sam@example.com", subject: "Hello", body: "Hi" };
  const { data, error } = await engine.act({ agentId: "a", tool: "gmail", intent: "send_email", context: mail });
  holds<Equal<typeof error, Refusal | undefined>>();
  if (data?.success) {
    holds<Equal<typeof data.data, GmailSendEmailOutput | undefined>>();
  }
  // A saved key stands for any value.
  await engine.act({ agentId: "a", tool: "gmail", intent: "send_email", context: { ...mail, to: { contextKey: "client" } } });
  // @ts-expect-error: no such tool
  await engine.act({ agentId: "a", tool: "gmial", intent: "send_email", context: mail });
  // @ts-expect-error: an action of another tool
  await engine.act({ agentId: "a", tool: "slack", intent: "send_email", context: mail });
  // @ts-expect-error: no such field
  await engine.act({ agentId: "a", tool: "gmail", intent: "send_email", context: { ...mail, tto: 1 } });
  // @ts-expect-error: a field is missing
  await engine.act({ agentId: "a", tool: "gmail", intent: "send_email", context: { to: "sam@example.com", body: "Hello." } });
  // @ts-expect-error: a field of another type
  await engine.act({ agentId: "a", tool: "gmail", intent: "send_email", context: { ...mail, subject: 1 } });
  // @ts-expect-error: no agent
  await engine.act({ tool: "gmail", intent: "send_email", context: mail });
  // @ts-expect-error: no such form of tools
  await engine.toolsFor("fax", { agentId: "a" });
  // @ts-expect-error: LangChain's tools need its function
  await engine.toolsFor("langchain", { agentId: "a" });
}
