import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text as readText } from "node:stream/consumers";
import type { OidcConfig } from "@poterne/contract";
import type { CustomFetch } from "openid-client";

/** Longest answer that is taken, bytes: keys and tokens are a few kilobytes. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `fetch` for a federation: its own certificate authorities, a bounded answer, a time limit for all of it, no
 * redirection followed, no plain HTTP unless accepted.
 */
export function boundedFetch(
  config: Pick<OidcConfig, "caPem" | "isPlainAccepted" | "timeoutSeconds">,
): CustomFetch {
  return async (address, options) => {
    const url = new URL(address);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && config.isPlainAccepted))
      throw new Error(`${url.protocol}//${url.host} is not accepted: only https`);
    const signal = AbortSignal.timeout(config.timeoutSeconds * 1000);
    const body = await bodyOf(options.body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
        method: options.method,
        headers: { ...options.headers, "accept-encoding": "identity", connection: "close" },
        minVersion: "TLSv1.2",
        ...(config.caPem.trim() === "" ? {} : { ca: config.caPem }),
        signal,
        agent: false,
      });
      request.once("response", resolve);
      request.once("error", reject);
      request.end(body);
    });
    return new Response(isBodiless(answer) ? null : await readBounded(answer), {
      status: answer.statusCode ?? 502,
      headers: plainHeaders(answer),
    });
  };
}

async function readBounded(answer: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      answer.destroy();
      throw new Error(`the federation answered more than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function bodyOf(body: Parameters<CustomFetch>[1]["body"]): Promise<string | Uint8Array | undefined> {
  if (body === null || body === undefined) return undefined;
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  return readText(body);
}

/** Statuses a `Response` takes no body with. */
function isBodiless(answer: IncomingMessage): boolean {
  return [101, 204, 205, 304].includes(answer.statusCode ?? 0);
}

function plainHeaders(answer: IncomingMessage): [string, string][] {
  return Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as [string, string]],
  );
}
