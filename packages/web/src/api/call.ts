import { CSRF_HEADER, type Route } from "@poterne/contract";
import type { z } from "zod";
import { ApiFailure, readProblem, UNREACHABLE } from "./api-failure.ts";

/** What a call may carry: path parameters, query, body, and a signal that cancels it. */
export interface CallInput<R extends Route> {
  readonly params?: z.input<R["params"]>;
  readonly query?: Partial<z.output<R["query"]>>;
  readonly body?: z.input<R["body"]>;
  readonly signal?: AbortSignal;
}

/** What a route answers. */
export type ReplyOf<R extends Route> = z.output<R["reply"]>;

type FactorPrompt = () => Promise<boolean>;
let csrfToken = "";
let promptFactor: FactorPrompt | null = null;

/** The header that proves to the gateway that a writing request comes from our page; for uploads that do not use `call`. */
export function csrfHeader(): Readonly<Record<string, string>> {
  return { [CSRF_HEADER]: csrfToken };
}

/** Sets what asks the person for a fresh factor; answers whether it was given. */
export function setFactorPrompt(prompt: FactorPrompt | null): void {
  promptFactor = prompt;
}

/** A route's address with its parameters and query; parts that are undefined, null or empty are left out. */
export function buildPath(path: string, params: unknown, query: unknown): string {
  const values = (params ?? {}) as Record<string, unknown>;
  const filled = path.replaceAll(/:(\w+)/g, (_match, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

async function send(route: Route, input: CallInput<Route>): Promise<Response> {
  const hasBody = input.body !== undefined || (route.method !== "GET" && route.method !== "DELETE");
  const request: RequestInit = {
    method: route.method,
    credentials: "same-origin",
    cache: "no-store",
    headers: {
      accept: "application/json",
      ...(route.method === "GET" ? {} : csrfHeader()),
      ...(hasBody ? { "content-type": "application/json" } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(input.body ?? {}) } : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  };
  try {
    return await fetch(buildPath(route.path, input.params, input.query), request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiFailure(UNREACHABLE, { cause: error });
  }
}

/**
 * Calls a route of the contract. Throws `ApiFailure`. When the gateway wants a fresh factor the person is asked and
 * the call is made once more. Replies come from the gateway of the same version and are not checked again here.
 */
export async function call<R extends Route>(route: R, input: CallInput<R> = {}): Promise<ReplyOf<R>> {
  const response = await send(route, input as CallInput<Route>);
  if (response.ok) return (await readBody(response)) as ReplyOf<R>;
  const failure = await readProblem(response);
  if (failure.code !== "fresh-factor-needed" || promptFactor === null) throw failure;
  if (!(await promptFactor())) throw failure;
  const again = await send(route, input as CallInput<Route>);
  if (!again.ok) throw await readProblem(again);
  return (await readBody(again)) as ReplyOf<R>;
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "";
  if (response.status === 204) return {};
  if (!type.includes("json")) return await response.text();
  const reply: unknown = await response.json();
  keepCsrfToken(reply);
  return reply;
}

/** The token changes at every step of a sign-in; each reply that moves it carries the new one, at the top or inside. */
function keepCsrfToken(reply: unknown): void {
  if (typeof reply !== "object" || reply === null) return;
  const { csrfToken: token, signIn } = reply as { csrfToken?: unknown; signIn?: unknown };
  if (typeof token === "string") csrfToken = token;
  else if (signIn !== undefined) keepCsrfToken(signIn);
}
