import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type RecordingDetail, type RecordingIndex, RIGHTS_OF_ROLE, type Role } from "@poterne/contract";
import { decodeFrames, FrameFlag } from "@poterne/wire";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { Caller } from "../http/context.ts";
import { serveHandlers } from "../http/serve.ts";
import { makeServer } from "../http/server.ts";
import { OPENING_WINDOW_MS } from "./opening-journal.ts";
import { recordingHandlers } from "./recording-handlers.ts";
import {
  markerFrame,
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";
import { verifyFile } from "./verify-file.ts";

/** Who the tests are, by the bearer token they send: role, and the sites where it holds (null: everywhere). */
const people: Readonly<Record<string, { role: Role; siteIds: readonly string[] | null }>> = {
  auditor: { role: "auditor", siteIds: null },
  elsewhere: { role: "auditor", siteIds: ["s-2"] },
  administrator: { role: "administrator", siteIds: null },
  "p-1": { role: "user", siteIds: null },
};

let setup: TestRecordings;
let app: FastifyInstance;
let sessionId: string;

before(async () => {
  setup = await testRecordings();
  app = await makeServer({ certificate: null, trustedProxies: [], logger: pino({ enabled: false }) });
  serveHandlers(app, recordingHandlers(setup.recordings), {
    publicUrl: new URL("https://localhost"),
    journal: setup.recordings.parts.journal,
    authenticator: {
      authenticate: async ({ authorization }) => makeCaller(authorization ?? ""),
      isFactorFresh: () => true,
      sitesWith: async (caller, right) => {
        const { role, siteIds } = people[caller.personId] ?? { role: "user" as const, siteIds: [] };
        return RIGHTS_OF_ROLE[role].includes(right) ? siteIds : [];
      },
    },
  });
  sessionId = await record();
});
after(async () => {
  await app.close();
  await setup.dispose();
});

function makeCaller(authorization: string): Caller | null {
  const personId = authorization.replace("Bearer ", "");
  const person = people[personId];
  if (person === undefined) return null;
  return {
    personId,
    name: personId,
    roles: [person.role],
    administeredSiteIds: null,
    by: { kind: "sign-in", signInId: "x", factorAtMs: Date.now() },
    isPending: false,
  };
}

async function record(): Promise<string> {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(markerFrame(0, { type: "resize", columns: 80, rows: 24 }));
  for (let at = 0; at < 100; at++) {
    const flags = at === 50 ? FrameFlag.entryStart | FrameFlag.entryEnd : 0;
    recorder.write(textFrame(at * 100, `line ${at}\r\n`, flags));
  }
  await recorder.finish({ code: "closed-by-person" });
  return header.sessionId;
}

async function call(method: "GET" | "POST" | "PUT" | "DELETE", url: string, who: string, body?: object) {
  const headers = { authorization: `Bearer ${who}` };
  return app.inject({
    method,
    url: `/api/v1${url}`,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
}

function openings(): unknown[] {
  return setup.entries.filter(({ kind }) => kind === "recording.opened").map(({ details }) => details.use);
}

test("an auditor lists, opens, plays and searches; the opening is journaled once", async () => {
  const list = await call("GET", "/recordings?search=alice&protocol=ssh&isOnHold=false", "auditor");
  assert.equal(list.json().total, 1);
  const index: RecordingIndex = (await call("GET", `/recordings/${sessionId}/index`, "auditor")).json();
  assert.deepEqual(
    index.entryPoints.map(({ ms }) => ms),
    [0, 5_000],
  );
  assert.equal(index.durationMs, 9_900);
  assert.equal(index.isCut, false);
  assert.equal(index.markers[0]?.marker.type, "resize");
  const reply = await call("GET", `/recordings/${sessionId}/frames?fromMs=7000&toMs=8000`, "auditor");
  assert.equal(reply.headers["content-type"], "application/octet-stream");
  assert.equal(reply.headers["x-poterne-from-ms"], "5000");
  assert.equal(reply.headers["x-poterne-next-ms"], "8001");
  const times = [...decodeFrames(reply.rawPayload)].map(({ timeMs }) => timeMs);
  assert.deepEqual([times[0], times.at(-1), times.length], [5_000, 8_000, 31]);
  // For a place only: a terminal has no pictures to leave out.
  const place = `/recordings/${sessionId}/frames?fromMs=7000&toMs=8000&endOnly=true`;
  assert.deepEqual((await call("GET", place, "auditor")).rawPayload, reply.rawPayload);
  const rest = await call("GET", `/recordings/${sessionId}/frames?fromMs=8001&after=true`, "auditor");
  assert.deepEqual([...decodeFrames(rest.rawPayload)].map(({ timeMs }) => timeMs)[0], 8_100);
  assert.equal(rest.headers["x-poterne-next-ms"], undefined);
  const found = await call("GET", `/recordings/${sessionId}/search?text=LINE%2042`, "auditor");
  assert.deepEqual(found.json(), {
    hits: [{ ms: 4_200, line: "line 42", start: 0, length: 7 }],
    isCut: false,
  });
  assert.deepEqual(openings(), ["play"]);
  setup.environment.offsetMs += OPENING_WINDOW_MS;
  await call("GET", `/recordings/${sessionId}/index`, "auditor");
  assert.deepEqual(openings(), ["play", "play"]);
});

test("export and download are journaled each time, and the download verifies", async () => {
  const cast = await call("GET", `/recordings/${sessionId}/asciicast`, "auditor");
  assert.equal(cast.headers["content-type"], "application/x-asciicast");
  assert.equal(cast.body.split("\n").length, 101);
  const download = await call("GET", `/recordings/${sessionId}/file`, "auditor");
  const file = path.join(setup.folder, "download.ptnr");
  await writeFile(file, download.rawPayload);
  assert.equal((await verifyFile(file, { trustedKeys: null })).verdict, "complete");
  assert.deepEqual(openings().slice(2), ["export", "download"]);
});

test("an auditor of another site finds nothing there", async () => {
  assert.equal((await call("GET", "/recordings", "elsewhere")).json().total, 0);
  for (const what of ["", "/index", "/frames", "/search?text=a", "/asciicast", "/file"])
    assert.equal((await call("GET", `/recordings/${sessionId}${what}`, "elsewhere")).statusCode, 404, what);
});

test("an administrator keeps and drops recordings but cannot see into them", async () => {
  for (const what of ["/index", "/frames", "/search?text=a", "/asciicast", "/file"])
    assert.equal(
      (await call("GET", `/recordings/${sessionId}${what}`, "administrator")).statusCode,
      403,
      what,
    );
  const other = await record();
  const hold = { isOnHold: true, reason: "court order 12" };
  const held: RecordingDetail = (
    await call("PUT", `/recordings/${other}/hold`, "administrator", hold)
  ).json();
  assert.equal(held.hold?.reason, "court order 12");
  assert.equal(held.expiresAtMs, null);
  const refused = await call("DELETE", `/recordings/${other}`, "administrator", { reason: "make room" });
  assert.equal(refused.json().code, "recording-on-hold");
  await call("PUT", `/recordings/${other}/hold`, "administrator", { isOnHold: false, reason: "case closed" });
  const gone = await call("DELETE", `/recordings/${other}`, "administrator", { reason: "make room" });
  assert.match(gone.json().sha256, /^[0-9a-f]{64}$/);
  assert.equal((await call("GET", `/recordings/${other}/index`, "auditor")).json().code, "recording-deleted");
  const preview = await call("GET", "/retention/preview", "administrator");
  assert.equal(preview.json().total, 0);
  assert.equal(preview.json().disk.state, "ok");
});

test("an auditor changes nothing but his own marks", async () => {
  assert.equal(
    (await call("DELETE", `/recordings/${sessionId}`, "auditor", { reason: "because" })).statusCode,
    403,
  );
  const mark = await call("POST", `/recordings/${sessionId}/comments`, "auditor", {
    ms: 4_000,
    text: "here",
  });
  const { commentId } = mark.json();
  const detail: RecordingDetail = (await call("GET", `/recordings/${sessionId}`, "auditor")).json();
  assert.deepEqual([detail.commentCount, detail.comments[0]?.text], [1, "here"]);
  const url = `/recordings/${sessionId}/comments/${commentId}`;
  assert.equal((await call("DELETE", url, "elsewhere")).statusCode, 404);
  assert.equal((await call("DELETE", url, "auditor")).statusCode, 200);
});

test("a person sees the list of the own sessions and nothing else", async () => {
  assert.equal((await call("GET", "/my/recordings", "p-1")).json().items.length >= 1, true);
  assert.equal((await call("GET", "/my/recordings", "auditor")).json().total, 0);
  for (const what of ["", `/${sessionId}`, `/${sessionId}/index`])
    assert.equal((await call("GET", `/recordings${what}`, "p-1")).statusCode, 403);
});

test("a verification is told, kept and journaled; an altered file is an alarm", async () => {
  const good = await call("POST", `/recordings/${sessionId}/verify`, "administrator");
  assert.equal(good.json().verdict, "complete");
  const other = await record();
  const row = await setup.recordings.parts.rows.find(other);
  const file = path.join(setup.folder, row?.file_name ?? "");
  await writeFile(file, Buffer.from("x"), { flag: "a" });
  assert.equal(
    (await call("POST", `/recordings/${other}/verify`, "administrator")).json().verdict,
    "altered",
  );
  const detail: RecordingDetail = (await call("GET", `/recordings/${other}`, "auditor")).json();
  assert.equal(detail.integrity, "altered");
  assert.equal(detail.lastVerdict?.verdict, "altered");
  const levels = setup.entries.filter(({ kind }) => kind === "recording.verified").map(({ level }) => level);
  assert.deepEqual(levels, ["info", "alarm"]);
});

test("a verification compares with every head of the journal, not with the last one only", async () => {
  const judged = await record();
  const row = await setup.recordings.parts.rows.find(judged);
  assert.ok(row !== null && row.journal_count > 1);
  const verdict = async () =>
    (await call("POST", `/recordings/${judged}/verify`, "administrator")).json().verdict;
  // The last head agrees with the file; an earlier one tells that the file was another one then.
  setup.keeper.anchors = [{ count: 1, head: Buffer.alloc(32, 7) }];
  assert.equal(await verdict(), "altered");
  setup.keeper.anchors = [{ count: row.journal_count + 1, head: Buffer.alloc(32, 7) }];
  assert.equal(await verdict(), "shorter");
  setup.keeper.anchors = [{ count: row.journal_count, head: Buffer.from(row.journal_head, "hex") }];
  assert.equal(await verdict(), "complete");
  setup.keeper.anchors = [];
});
