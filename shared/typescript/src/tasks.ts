// Waiting for a task.
import { PAUSE_MS, retryPause, sleep } from "./answers.js";
import type { Task } from "./api.js";
import { RefusedError, type Routes } from "./client.js";

/** Options of a wait. */
export interface UntilOptions {
  /** The time limit in milliseconds; ten minutes by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** A task that neither ended nor needs a person within the time limit. */
export class TimeLimitError extends Error {
  /** The task as it was last seen. */
  readonly task: Task | undefined;

  constructor(taskId: string, timeoutMs: number, task: Task | undefined) {
    super(`The task ${taskId} did not end within ${timeoutMs} ms`);
    this.name = "TimeLimitError";
    this.task = task;
  }
}

/** The longest time that the engine holds a request, in seconds. */
const LONGEST_WAIT = 20;
/** The longest pause: a task can be due in months, or cancelled before, and a timer holds 24 days at most. */
const LONGEST_PAUSE_MS = 3_600_000;

export async function until(routes: Routes, taskId: string, { timeoutMs = 600_000, signal }: UntilOptions = {}): Promise<Task> {
  const limit = Date.now() + timeoutMs;
  let task: Task | undefined;
  for (;;) {
    const wait = Math.min(LONGEST_WAIT, Math.max(1, Math.ceil((limit - Date.now()) / 1000)));
    const { data, error, response } = await routes.GET("/api/plugin-engine/tasks", {
      params: { query: { taskId, wait } },
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    let pause: number | undefined;
    if (error) {
      if (error.error.action !== "retry" && response.status < 500) {
        throw new RefusedError(error, response.status);
      }
      pause = retryPause(error, PAUSE_MS);
    } else if ("task" in data) {
      ({ task, retryAfterMs: pause } = data);
      if (pause === undefined) {
        return task;
      }
    }
    pause ??= PAUSE_MS;
    // A task that is due after the limit is not waited for.
    if (Date.now() + pause >= limit) {
      throw new TimeLimitError(taskId, timeoutMs, task);
    }
    await sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
  }
}
