// The upload of a file: its registration, then its bytes to the link of the answer.
import { RefusedError, type Routes } from "./client.js";
import type { Send } from "./tokens.js";

/** A file to upload. */
export interface NewFile {
  /** The name, without a path. */
  filename: string;
  /** The media type; that of the content by default, or else `application/octet-stream`. */
  contentType?: string;
  /** The bytes, or a text. A `File` of a browser is one. */
  content: Blob | Uint8Array<ArrayBuffer> | string;
}

/** An upload that the bucket did not take. */
export class UploadError extends Error {
  readonly status: number;

  constructor(fileId: string, status: number) {
    super(`The bytes of ${fileId} were not stored: HTTP ${status}`);
    this.name = "UploadError";
    this.status = status;
  }
}

export async function uploadFile(routes: Routes, send: Send, file: NewFile, signal?: AbortSignal): Promise<string> {
  const content = new Blob([file.content]);
  const given = file.contentType ?? (file.content instanceof Blob ? file.content.type : "");
  const contentType = given || "application/octet-stream";
  const { data, error, response } = await routes.POST("/api/plugin-engine/files", {
    body: { filename: file.filename, contentType, size: content.size },
    ...(signal && { signal }),
  });
  if (error) {
    throw new RefusedError(error, response.status);
  }
  const { method, url, headers } = data.upload;
  // The link is the permission: the user's token is not for the bucket.
  const stored = await send(new Request(url, { method, headers, body: content, ...(signal && { signal }) }));
  await stored.body?.cancel();
  if (!stored.ok) {
    throw new UploadError(data.fileId, stored.status);
  }
  return data.fileId;
}
