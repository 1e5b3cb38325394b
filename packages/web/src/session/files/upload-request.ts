import { uploadFile } from "@poterne/contract";
import { ApiFailure, UNREACHABLE } from "../../api/api-failure.ts";
import { buildPath, csrfHeader } from "../../api/call.ts";

/** One upload to send: the bytes from `offset` to the file's end. */
export interface UploadRequest {
  readonly sessionId: string;
  readonly path: string;
  readonly file: File;
  readonly offset: number;
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}

/**
 * Sends a file's bytes. Not `fetch`, which tells no progress of what it sends. Rejects with `ApiFailure`, or with an
 * `AbortError` when it was cancelled.
 */
export function sendUpload(request: UploadRequest): Promise<void> {
  const { sessionId, path, file, offset, signal } = request;
  const address = buildPath(uploadFile.path, { sessionId }, { path, offset, sizeBytes: file.size });
  return new Promise((resolve, reject) => {
    const http = new XMLHttpRequest();
    http.open(uploadFile.method, address);
    http.setRequestHeader("content-type", "application/octet-stream");
    for (const [name, value] of Object.entries(csrfHeader())) http.setRequestHeader(name, value);
    http.upload.onprogress = (event) => request.onProgress(offset + event.loaded);
    http.onload = () => (http.status < 300 ? resolve() : reject(readFailure(http)));
    http.onerror = () => reject(new ApiFailure(UNREACHABLE));
    http.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => http.abort(), { once: true });
    http.send(file.slice(offset));
  });
}

function readFailure(http: XMLHttpRequest): ApiFailure {
  try {
    const problem = JSON.parse(http.responseText) as Record<string, unknown>;
    const details = (problem.details ?? {}) as Record<string, string | number>;
    const code = typeof problem.code === "string" ? problem.code : "internal";
    const reference = typeof problem.reference === "string" ? problem.reference : "";
    return new ApiFailure(code, { details, reference, status: http.status });
  } catch {
    return new ApiFailure("internal", { status: http.status });
  }
}
