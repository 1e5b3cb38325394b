import { Readable } from "node:stream";
import { Failure } from "@poterne/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isAdmitted, type NetworkList, parseAddress, readNetworks } from "../access/networks.ts";
import type { Journal } from "../journal/journal.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Caller, RequestContext } from "./context.ts";
import { serializeCookie } from "./cookies.ts";
import { freeWritten, GivenBytes } from "./given-bytes.ts";
import type { Handler } from "./handlers.ts";

const ANYWHERE = readNetworks([]);
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
/** Uploads are bounded by the session's policy, not here. */
const MAX_RAW_BODY_BYTES = Number.MAX_SAFE_INTEGER;

/** What serving the contract needs. */
export interface ServeDependencies {
  readonly authenticator: Authenticator;
  readonly journal: Journal;
  readonly publicUrl: URL;
  /** From where the gateway may be used at all; left out or empty: anywhere. */
  readonly allowedSources?: NetworkList;
}

/** Registers every handler on the server: authentication, right, validation, run, validated reply, in that order. */
export function serveHandlers(
  app: FastifyInstance,
  handlers: readonly Handler[],
  dependencies: ServeDependencies,
): void {
  const seen = new Set<string>();
  const callers: Callers = new WeakMap();
  for (const handler of handlers) {
    const name = `${handler.route.method} ${handler.route.path}`;
    if (seen.has(name)) throw new Error(`two handlers for ${name}`);
    seen.add(name);
    app.route({
      method: handler.route.method,
      url: handler.route.path,
      bodyLimit:
        handler.route.isRawBody === true
          ? MAX_RAW_BODY_BYTES
          : (handler.route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
      // Before a byte of the body is read: who is not allowed costs nothing.
      onRequest: (request) => admit(handler, request, callers, dependencies),
      handler: (request, reply) => answer(handler, request, reply, { ...dependencies, callers }),
    });
  }
}

/** Who asks, and from where: known when the request began, for a socket that has closed tells no address any more. */
interface Admitted {
  readonly caller: Caller | null;
  readonly sourceAddress: string;
}
type Callers = WeakMap<FastifyRequest, Admitted>;

async function admit(
  handler: Handler,
  request: FastifyRequest,
  callers: Callers,
  dependencies: ServeDependencies,
): Promise<void> {
  refuseForeignOrigin(request, dependencies.publicUrl);
  const sourceAddress = request.ip as string | undefined;
  if (sourceAddress === undefined) throw new Failure("bad-request", { detail: "the connection has closed" });
  if (!isAdmitted(dependencies.allowedSources ?? ANYWHERE, parseAddress(sourceAddress)))
    throw new Failure("source-refused");
  const caller = await authenticate(request, sourceAddress, dependencies.authenticator);
  await requireRight(handler, caller, dependencies.authenticator);
  requireFreshFactor(handler, caller, dependencies.authenticator);
  callers.set(request, { caller, sourceAddress });
}

async function answer(
  handler: Handler,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: ServeDependencies & { readonly callers: Callers },
): Promise<unknown> {
  const { route } = handler;
  const admitted = dependencies.callers.get(request);
  if (admitted === undefined) throw new Failure("not-signed-in");
  const { caller } = admitted;
  const input = {
    params: route.params.parse(request.params ?? {}),
    query: route.query.parse(request.query ?? {}),
    body: route.isRawBody === true ? undefined : route.body.parse(request.body ?? {}),
  };
  if (caller !== null) await journalAuditor(handler, { ...admitted, caller }, request, dependencies.journal);
  const context = makeContext(request, reply, admitted, dependencies.authenticator);
  const result = await handler.run(input, context);
  reply.header("cache-control", "no-store");
  if (route.replyMediaType !== undefined) {
    reply.type(route.replyMediaType);
    if (result instanceof GivenBytes) freeWritten(reply.raw);
    return reply.send(isAsyncIterable(result) ? Readable.from(result, { objectMode: false }) : result);
  }
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(route.reply.parse(result ?? {})));
}

/** A browser says where a request comes from; what changes things must come from our own page. */
function refuseForeignOrigin(request: FastifyRequest, publicUrl: URL): void {
  const { origin } = request.headers;
  if (origin !== undefined && origin !== publicUrl.origin && request.method !== "GET")
    throw new Failure("wrong-origin");
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none" && request.method !== "GET")
    throw new Failure("wrong-origin");
}

function authenticate(
  request: FastifyRequest,
  sourceAddress: string,
  authenticator: Authenticator,
): Promise<Caller | null> {
  const csrf = request.headers["x-poterne-csrf"];
  return authenticator.authenticate({
    method: request.method,
    cookies: cookiesOf(request),
    authorization: tokenOf(request),
    csrfToken: typeof csrf === "string" ? csrf : null,
    sourceAddress,
  });
}

/** The header of a script's token. A browser's ticket is none: only the route that signs in by it looks at it. */
function tokenOf({ headers }: FastifyRequest): string | null {
  const { authorization = null } = headers;
  return authorization !== null && /^negotiate /i.test(authorization) ? null : authorization;
}

async function requireRight(
  handler: Handler,
  caller: Caller | null,
  authenticator: Authenticator,
): Promise<void> {
  const { right } = handler.route;
  if (right === "public") return;
  if (caller === null) throw new Failure("not-signed-in");
  if (caller.isPending && right !== "pending") throw new Failure("not-signed-in");
  if (caller.isClosed === true && right !== "pending") throw new Failure("pass-closed");
  if (right === "pending" || right === "signed-in") return requireTokenRight(handler, caller, authenticator);
  const sites = await authenticator.sitesWith(caller, right);
  if (sites !== null && sites.length === 0) throw new Failure("not-allowed");
}

/** A token reaches what belongs to its person only with a scope the route names. */
async function requireTokenRight(
  { route }: Handler,
  caller: Caller,
  authenticator: Authenticator,
): Promise<void> {
  if (caller.by.kind !== "token") return;
  if (route.tokenRight === undefined) throw new Failure("not-allowed");
  const sites = await authenticator.sitesWith(caller, route.tokenRight);
  if (sites !== null && sites.length === 0) throw new Failure("not-allowed");
}

/** Dangerous acts are for a person who just proved who they are; never for a token. */
function requireFreshFactor({ route }: Handler, caller: Caller | null, authenticator: Authenticator): void {
  if (route.needsFreshFactor !== true) return;
  if (caller === null || caller.by.kind === "token") throw new Failure("not-allowed");
  if (!authenticator.isFactorFresh(caller)) throw new Failure("fresh-factor-needed");
}

/** The auditor is watched too: what an auditor reads is an entry of the journal. */
async function journalAuditor(
  handler: Handler,
  { caller, sourceAddress }: Admitted & { readonly caller: Caller },
  request: FastifyRequest,
  journal: Journal,
): Promise<void> {
  const { method, right } = handler.route;
  // The journal and the recordings note their own readers, with what was looked for.
  const isNotedThere = right === "journal:read" || right === "recordings:read";
  const isReading = method === "GET" && right.endsWith(":read") && !isNotedThere;
  if (!isReading || !caller.roles.includes("auditor")) return;
  await journal.append({
    kind: "auditor.read",
    level: "info",
    actor: { personId: caller.personId, name: caller.name },
    sourceAddress,
    subject: {},
    details: { route: handler.route.path, url: request.url.slice(0, 500) },
  });
}

function makeContext(
  request: FastifyRequest,
  reply: FastifyReply,
  { caller, sourceAddress }: Admitted,
  authenticator: Authenticator,
): RequestContext {
  const aborter = new AbortController();
  reply.raw.once("close", () => aborter.abort());
  const person = (): Caller => {
    if (caller === null) throw new Failure("not-signed-in");
    return caller;
  };
  const sitesWith: RequestContext["sitesWith"] = (right) => authenticator.sitesWith(person(), right);
  return {
    caller,
    sourceAddress,
    userAgent: (request.headers["user-agent"] ?? "").slice(0, 300),
    language: caller?.language ?? languageOf(request.headers["accept-language"]),
    person,
    sitesWith,
    async requireAt(right, siteId) {
      const sites = await sitesWith(right);
      if (sites !== null && (siteId === null || !sites.includes(siteId))) throw new Failure("not-found");
    },
    setHeader: (name, value) => void reply.header(name, value),
    setStatus: (status) => void reply.code(status),
    range: request.headers.range ?? null,
    authorization: request.headers.authorization ?? null,
    rawBody: handlerBody(request),
    signal: aborter.signal,
    setCookie: (name, value, maxAgeSeconds) =>
      appendCookie(reply, serializeCookie(name, value, maxAgeSeconds)),
    clearCookie: (name) => appendCookie(reply, serializeCookie(name, "", 0)),
    cookies: cookiesOf(request),
  };
}

/** French is the language of whoever does not ask for English first. */
function languageOf(header: string | undefined): "fr" | "en" {
  return (header ?? "").trim().toLowerCase().startsWith("en") ? "en" : "fr";
}

function appendCookie(reply: FastifyReply, cookie: string): void {
  const before = reply.getHeader("set-cookie");
  const list = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  reply.removeHeader("set-cookie");
  reply.header("set-cookie", [...list, cookie]);
}

function handlerBody(request: FastifyRequest): AsyncIterable<Uint8Array> | null {
  return request.body instanceof Readable ? (request.body as AsyncIterable<Uint8Array>) : null;
}

function cookiesOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return request.cookies as Record<string, string>;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
