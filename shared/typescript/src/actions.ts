// The types of the actions: each tool's intents with their context and output, from the document's index `Actions`.
import type { Actions, PluginFailure, PluginSuccess, ProcessRequest } from "./api.js";

/** A tool, such as `gmail`. */
export type ToolId = keyof Actions;

/** An action of a tool, such as `send_email`. */
export type Intent<T extends ToolId> = keyof Actions[T] & string;

/** Stands for the external id that the agent saved under a key, in place of any value of a context. */
export interface ContextKey {
  contextKey: string;
}

type Keyed<V> = ContextKey | (V extends object ? { [K in keyof V]: Keyed<V[K]> } : V);

/** The context of an action. */
export type Context<T extends ToolId, I extends Intent<T>> = Actions[T][I] extends { context: infer C }
  ? { [K in keyof C]: Keyed<C[K]> }
  : never;

/** The data of an action's result. */
export type Output<T extends ToolId, I extends Intent<T>> = Actions[T][I] extends { output: infer O } ? O : never;

/** An intent with the types of its action. */
export type ActRequest<T extends ToolId, I extends Intent<T>> = Omit<ProcessRequest, "tool" | "intent" | "context"> & {
  tool: T;
  intent: I;
  context: Context<T, I>;
};

/** The result of an action, with its data typed where it succeeded. */
export type ActResult<T extends ToolId, I extends Intent<T>> =
  (Omit<PluginSuccess, "data"> & { data?: Output<T, I> }) | PluginFailure;
