import type { Route } from "@poterne/contract";
import { ApiFailure, readProblem, UNREACHABLE } from "./api-failure.ts";
import { buildPath, type CallInput, csrfHeader, type ReplyOf } from "./call.ts";

/** Sends a file as the raw body of an `isRawBody` route. Throws `ApiFailure`. */
export async function upload<R extends Route>(
  route: R,
  input: Omit<CallInput<R>, "body">,
  file: Blob,
): Promise<ReplyOf<R>> {
  const request = {
    method: route.method,
    body: file,
    credentials: "same-origin",
    headers: { ...csrfHeader(), "content-type": "application/octet-stream", accept: "application/json" },
  } as const;
  const response = await fetch(buildPath(route.path, input.params, input.query), request).catch(
    (error: unknown) => {
      throw new ApiFailure(UNREACHABLE, { cause: error });
    },
  );
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as ReplyOf<R>;
}
