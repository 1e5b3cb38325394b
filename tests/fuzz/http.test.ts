import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import type { Route } from "@poterne/contract";
import * as contract from "@poterne/contract";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { personIdOf } from "../support/inventory.ts";
import { startLab } from "../support/lab.ts";
import { residentBytes } from "../support/processes.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { type KnownIds, makeBody, makePath, makeValid, mutate, type OpenApi } from "./http-inputs.ts";
import { FuzzRandom, fuzzSeed } from "./random.ts";

/** Requests with an administrator's sign-in, and without any. */
const SIGNED_IN_REQUESTS = 1_600;
const ANONYMOUS_REQUESTS = 800;
const RAW_REQUESTS = 200;
const AT_ONCE = 8;
const ANSWER_WITHIN_MS = 30_000;
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

const random = new FuzzRandom(fuzzSeed());
const routes = (Object.values(contract) as unknown[]).filter(
  (value): value is Route =>
    typeof value === "object" && value !== null && "path" in value && "method" in value,
);
/** These end or suspend the very sign-in that the others need: they are for the requests without one. */
const endsSignIn = ({ method, path }: Route) =>
  path.startsWith("/api/v1/sign-") ||
  path.startsWith("/api/v1/me/sign-ins") ||
  (method !== "GET" && (path === "/api/v1/charters" || path === "/api/v1/me/password"));

interface Answer {
  readonly status: number;
  readonly body: string;
}
interface Wish {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
}

let demo: Demo;
let known: KnownIds;
let openApi: OpenApi;
let viewer: HeadlessViewer;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, rejectUnauthorized: false });
before(async () => {
  console.log(`seed ${random.seed}`);
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  viewer = await HeadlessViewer.attach(demo.api, sessionId);
  await viewer.untilOpen();
  known = await collectIds(sessionId);
  openApi = await demo.api.must<OpenApi>("GET", "/api/openapi.json");
});
after(async () => {
  agent.destroy();
  viewer.close();
  await demo.gateway.stop();
});

/** Ids of the demo's objects, and of a person who may be changed and erased. */
async function collectIds(sessionId: string): Promise<KnownIds> {
  const { api } = demo;
  const victim = await api.must<{ person: { personId: string } }>("POST", "/api/v1/people", {
    login: "victim",
    name: "Victim",
    roles: ["user"],
    administeredSiteIds: null,
  });
  const group = await api.must<{ groupId: string }>("POST", "/api/v1/groups", { name: "g", siteId: null });
  const ids = async (noun: string, name: string) =>
    (await api.must<{ items: Record<string, string>[] }>("GET", `/api/v1/${noun}`)).items.map(
      (item) => item[name] ?? "",
    );
  return {
    sessionId: [sessionId],
    personId: [victim.person?.personId ?? ""],
    groupId: [group.groupId],
    siteId: await ids("sites", "siteId"),
    parentId: await ids("sites", "siteId"),
    machineId: await ids("machines", "machineId"),
    targetId: await ids("targets", "targetId"),
    accountId: await ids("accounts", "accountId"),
    policyId: await ids("policies", "policyId"),
    grantId: await ids("grants", "grantId"),
    entryId: await ids("journal", "entryId"),
  };
}

function send(wish: Wish): Promise<Answer> {
  const url = new URL(demo.gateway.url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: url.hostname,
        port: url.port,
        agent,
        method: wish.method,
        path: wish.path,
        headers: wish.headers,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("close", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString("utf8").slice(0, 2000),
          }),
        );
      },
    );
    sent.setTimeout(ANSWER_WITHIN_MS, () => sent.destroy(new Error("no answer")));
    sent.on("error", (error: NodeJS.ErrnoException) =>
      // The server may close before it has read a body it refuses.
      error.code === "EPIPE" || error.code === "ECONNRESET"
        ? resolve({ status: 400, body: "" })
        : reject(error),
    );
    sent.end(wish.body ?? undefined);
  });
}

function makeWish(candidates: readonly Route[], isSignedIn: boolean): Wish {
  const route = random.pick(candidates);
  const headers: Record<string, string> = { origin: demo.api.origin };
  if (isSignedIn) Object.assign(headers, { cookie: demo.api.cookies, "x-poterne-csrf": demo.api.csrfToken });
  abuseHeaders(headers, isSignedIn);
  const path = makePath(route, openApi, known, random);
  if (route.method === "GET") return { method: route.method, path, headers, body: null };
  let value = makeValid(route, openApi, known, random);
  for (let count = random.below(4); count > 0; count--) value = mutate(value, random);
  const body = route.isRawBody === true ? random.bytes(random.below(3000)) : makeBody(value, random);
  const raw = route.isRawBody === true || random.chance(0.03);
  headers["content-type"] ??= raw ? "application/octet-stream" : "application/json";
  return { method: route.method, path, headers, body };
}

function abuseHeaders(headers: Record<string, string>, isSignedIn: boolean): void {
  if (random.chance(0.05))
    headers["content-type"] = random.pick([
      "text/plain",
      "application/json; charset=x",
      "multipart/form-data",
      "x",
      "application/xml",
    ]);
  if (random.chance(0.05)) headers["accept-language"] = "é".repeat(100).replaceAll("é", "\u00e9,;q=");
  if (random.chance(0.05))
    headers.range = random.pick(["bytes=0-", "bytes=9999999999999-", "bytes=-1,-2", "x", "bytes=5-1"]);
  if (random.chance(0.05))
    headers["x-forwarded-for"] = random.pick(["::ffff:1.2.3.4", "a,b,c", "1".repeat(3000)]);
  if (random.chance(0.03)) headers["user-agent"] = "\u00ff".repeat(5000);
  if (isSignedIn) return;
  if (random.chance(0.3))
    headers.authorization = random.pick(["Bearer x", `Bearer ${"p".repeat(4000)}`, "Basic eDp5", "Bearer"]);
  if (random.chance(0.3))
    headers.cookie = random.pick([
      "__Host-poterne=x",
      `__Host-poterne=${"%ff".repeat(900)}`,
      "a=b; __proto__=c; =",
      ";;;=;",
    ]);
}

function toText({ method, path, body }: Wish): string {
  return `${method} ${path.slice(0, 400)} ${body?.toString("latin1").slice(0, 500) ?? ""}`;
}

/** Sends wishes, a few at once; resolves with how often each status came and what must not have come. */
async function fuzz(count: number, makeOne: () => Wish) {
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  // All made before the first is sent: the seed alone decides what they are.
  const wishes = Array.from({ length: count }, makeOne);
  const work = async () => {
    for (let wish = wishes.pop(); wish !== undefined; wish = wishes.pop()) {
      const { status, body } = await send(wish);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 500 || body.includes('"code":"internal"')) wrong.push(`${status} ${toText(wish)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { statuses, wrong };
}

/** The gateway's log tells of each unforeseen error: there may be none. */
function assertQuiet(wrong: readonly string[]): void {
  const failed = demo.gateway.log.split("\n").filter((line) => line.includes("Request failed"));
  assert.deepEqual({ wrong, log: failed.slice(0, 5) }, { wrong: [], log: [] }, `seed ${random.seed}`);
  assert.equal(demo.gateway.child.exitCode, null, "it runs");
}

test("mutated requests of an administrator never meet an internal error, and cost bounded memory", async () => {
  const pid = demo.gateway.child.pid ?? 0;
  const beforeBytes = residentBytes(pid);
  const candidates = routes.filter((route) => !endsSignIn(route));
  const { statuses, wrong } = await fuzz(SIGNED_IN_REQUESTS, () => makeWish(candidates, true));
  assertQuiet(wrong);
  console.log(
    [...statuses]
      .sort(([one], [other]) => one - other)
      .map((pair) => pair.join(": "))
      .join(", "),
  );
  assert.ok((statuses.get(200) ?? 0) > SIGNED_IN_REQUESTS / 10, "whole requests are among them");
  assert.ok((statuses.get(400) ?? 0) > SIGNED_IN_REQUESTS / 10, "broken ones too");
  assert.equal(await personIdOf(demo.api).then((id) => id !== ""), true, "the sign-in lasted to the end");
  assert.ok(residentBytes(pid) - beforeBytes < MAX_GROWTH_BYTES);
});

test("mutated requests of nobody are refused without an internal error", async () => {
  const { statuses, wrong } = await fuzz(ANONYMOUS_REQUESTS, () => makeWish(routes, false));
  assertQuiet(wrong);
  const allowed = new Set(routes.filter(({ right }) => right === "public").map(({ path }) => path));
  assert.ok(allowed.size > 3 && (statuses.get(401) ?? 0) > ANONYMOUS_REQUESTS / 4);
});

/** Requests no client would write; `{}` is the place of a random byte or two. */
const RAW = [
  "GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /assets/..%2f..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /assets/%2e%2e/%2e%2e/%2e%2e/package.json HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /assets\\..\\..\\package.json HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET //etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /%00{} HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /%{} HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /api/v1/machines/%c0%af{} HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET http://evil.example/api/v1/about HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
  "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
  "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /api/v1/sign-in/password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /api/v1/sign-in/password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff{}\r\n",
  "POST /api/v1/sign-in/password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n",
  "POST /api/v1/sign-in/password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(3000)}\r\n`,
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(70_000)}\r\n\r\n`,
  "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nX{}: z\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "{}{}{}{}{}{}{}\r\n\r\n",
  "GET /n/x/session/0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n\r\n",
];

/** Writes bytes as they are; resolves with what came back until the server closed or fell silent. */
function sendRaw(bytes: Buffer): Promise<string> {
  const url = new URL(demo.gateway.url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      rejectUnauthorized: false,
      servername: "localhost",
    });
    const done = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1500, done);
    socket.on("secureConnect", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", done);
    socket.on("close", done);
  });
}

test("requests no client would write are refused, and no file outside the pages is given out", async () => {
  const wrong: string[] = [];
  const work = Array.from({ length: RAW_REQUESTS }, (_, index) => RAW[index % RAW.length] ?? "");
  const next = async () => {
    for (let text = work.pop(); text !== undefined; text = work.pop()) {
      const parts = text
        .split("{}")
        .flatMap((part) => [Buffer.from(part, "latin1"), random.bytes(1 + random.below(2))]);
      const answer = await sendRaw(Buffer.concat(parts.slice(0, -1)));
      if (/^HTTP\/1\.1 500/.test(answer) || /root:.*:0:0:|"workspaces"/.test(answer))
        wrong.push(`${text.slice(0, 200)} → ${answer.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  assertQuiet(wrong);
});

test("after all that, the session that ran all the time still answers", async () => {
  const status = viewer.find("ended");
  if (status === undefined) {
    viewer.type("echo alive-$((6*7))-\r");
    await viewer.until(
      "an answer",
      ({ text }) => text.includes("alive-42-") || viewer.find("ended") !== undefined,
    );
  }
  // It may have been ended by one of the requests: by a right word then.
  const code = viewer.find("ended")?.code;
  assert.ok(code === undefined || code === "left" || code === "ended-by-revocation", code);
  const fresh = await demo.api.call("GET", "/api/v1/about");
  assert.equal(fresh.status, 200);
});
