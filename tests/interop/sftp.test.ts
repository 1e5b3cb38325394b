import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Policy, policyRules } from "../../packages/contract/src/policy.ts";
import type { RequestContext } from "../../packages/gateway/src/http/context.ts";
import type { JournalEntry } from "../../packages/gateway/src/journal/journal.ts";
import type { DriverFiles } from "../../packages/gateway/src/session/driver.ts";
import { makeSshDriver } from "../../packages/gateway/src/session/drivers/ssh.ts";
import { fileHandlers } from "../../packages/gateway/src/session/files/file-handlers.ts";
import type { LiveSession } from "../../packages/gateway/src/session/live-session.ts";
import { DriverHarness } from "../../packages/gateway/src/session/testing/driver-harness.ts";
import type { FileEvent } from "../../packages/wire/src/messages.ts";
import { startLab } from "../support/lab.ts";
import { labHop } from "../support/terminal.ts";

const folder = mkdtempSync("/tmp/poterne-sftp-");
chmodSync(folder, 0o777);
let harness: DriverHarness;
let files: DriverFiles;

before(async () => {
  startLab("sshd");
  harness = new DriverHarness(makeSshDriver, { hops: [labHop(2201)] });
  await harness.driver.open();
  assert.ok(harness.driver.files !== null);
  files = harness.driver.files;
});
after(() => {
  harness.driver.close();
  rmSync(folder, { recursive: true });
});

/** A session of person `p1`, kept as simple as the routes need it. */
function makeSession(policy: Partial<Policy> = {}) {
  const events: FileEvent[] = [];
  const orders: JournalEntry[] = [];
  const session = {
    sessionId: "0192f0c0-0000-7000-8000-000000000001",
    personId: "p1",
    personName: "Alice",
    targetId: "t1",
    siteId: "s1",
    policy: policyRules.parse({ filesToTarget: true, filesFromTarget: true, ...policy }),
    files,
    isActive: true,
    fileTransferred: async (event: FileEvent) => void events.push(event),
  };
  const handlers = fileHandlers({
    liveSessions: { find: (id) => (id === session.sessionId ? (session as LiveSession) : null) },
    journal: { append: async (entry) => String(orders.push(entry)) },
  });
  return { session, events, orders, handlers };
}

type Rig = ReturnType<typeof makeSession>;

interface Call {
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly raw?: Uint8Array;
  readonly range?: string;
  readonly personId?: string;
}

/** Calls a route as the HTTP layer would; a stream is read to its end. */
async function call(rig: Rig, method: string, route: string, options: Call = {}) {
  const handler = rig.handlers.find((one) => one.route.method === method && one.route.path.endsWith(route));
  assert.ok(handler !== undefined, `${method} ${route}`);
  const headers: Record<string, string> = {};
  let status = 200;
  const { raw } = options;
  const context = {
    person: () => ({ personId: options.personId ?? "p1", name: "Alice" }),
    sourceAddress: "127.0.0.1",
    setHeader: (name: string, value: string) => {
      headers[name] = value;
    },
    setStatus: (value: number) => {
      status = value;
    },
    range: options.range ?? null,
    rawBody: raw === undefined ? null : chunksOf(raw),
    signal: new AbortController().signal,
  } as unknown as RequestContext;
  const input = {
    params: { sessionId: rig.session.sessionId },
    query: handler.route.query.parse(options.query ?? {}),
    body: options.body ?? {},
  };
  const reply = await handler.run(input, context);
  const isStream = typeof reply === "object" && reply !== null && Symbol.asyncIterator in reply;
  const content = isStream ? await collect(reply as AsyncIterable<Uint8Array>) : null;
  return { reply: reply as Record<string, unknown>, content, headers, status };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function at(name: string): string {
  return path.join(folder, name);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no failure";
}

test("a file goes up and comes down unaltered, with size and hash in the evidence", async () => {
  const rig = makeSession();
  const bytes = randomBytes(3_456_789);
  const up = await call(rig, "PUT", "/files/content", {
    query: { path: at("é b.bin"), sizeBytes: bytes.length },
    raw: bytes,
  });
  assert.deepEqual(up.reply, { sizeBytes: bytes.length, sha256: sha256(bytes), isWholeFile: true });
  assert.deepEqual(readFileSync(at("é b.bin")), bytes);
  const down = await call(rig, "GET", "/files/content", { query: { path: at("é b.bin") } });
  assert.equal(down.headers["content-length"], String(bytes.length));
  assert.match(down.headers["content-disposition"] ?? "", /filename\*=UTF-8''%C3%A9%20b\.bin/);
  assert.equal(sha256(down.content ?? Buffer.alloc(0)), sha256(bytes));
  const common = { path: at("é b.bin"), sizeBytes: bytes.length, sha256: sha256(bytes), outcome: "done" };
  assert.deepEqual(rig.events, [
    { direction: "to-target", ...common },
    { direction: "from-target", ...common },
  ]);
});

test("transfers of all sizes at once, between other requests, mix nothing up", async () => {
  const many = path.join(folder, "many");
  mkdirSync(many);
  chmodSync(many, 0o777);
  // Names that fill packets; sizes about the edges of SFTP requests and SSH packets.
  for (let index = 0; index < 300; index++) writeFileSync(path.join(many, `${"n".repeat(100)}-${index}`), "");
  const sizes = [
    1, 4095, 4096, 32_755, 32_768, 65_536, 131_071, 131_072, 131_073, 262_144, 1_000_003, 5_000_011,
  ];
  await Promise.all(
    sizes.map(async (sizeBytes) => {
      const content = randomBytes(sizeBytes);
      const file = path.join(folder, `mixed-${sizeBytes}`);
      async function* chunks() {
        for (let at = 0; at < sizeBytes; at += 50_021) yield content.subarray(at, at + 50_021);
      }
      assert.equal(await files.write(file, 0, chunks()), sizeBytes);
      assert.ok(readFileSync(file).equals(content), `${sizeBytes} bytes up`);
      const offset = sizeBytes >>> 2;
      const parts: Uint8Array[] = [];
      for await (const part of files.read(file, offset)) {
        parts.push(part);
        if (parts.length % 7 === 0) assert.equal((await files.list(many, 1000)).entries.length, 300);
      }
      assert.ok(Buffer.concat(parts).equals(content.subarray(offset)), `${sizeBytes} bytes down`);
    }),
  );
});

test("an upload cut on the way is resumed, its second part hashed as such", async () => {
  const rig = makeSession();
  const bytes = randomBytes(900_000);
  const query = { path: at("resumed"), sizeBytes: bytes.length };
  assert.equal(
    await codeOf(call(rig, "PUT", "/files/content", { query, raw: bytes.subarray(0, 300_000) })),
    "file-incomplete",
  );
  const wrong = call(rig, "PUT", "/files/content", { query: { ...query, offset: 10 }, raw: bytes });
  assert.equal(await codeOf(wrong), "file-offset-wrong");
  const rest = bytes.subarray(300_000);
  const { reply } = await call(rig, "PUT", "/files/content", {
    query: { ...query, offset: 300_000 },
    raw: rest,
  });
  assert.deepEqual(reply, { sizeBytes: 900_000, sha256: sha256(rest), isWholeFile: false });
  assert.equal(sha256(readFileSync(at("resumed"))), sha256(bytes));
  assert.deepEqual(
    rig.events.map(({ outcome, offset }) => [outcome, offset]),
    [
      ["failed", undefined],
      ["done", 300_000],
    ],
  );
});

test("a download goes on from a Range or an offset", async () => {
  const rig = makeSession();
  const bytes = randomBytes(500_000);
  writeFileSync(at("part"), bytes);
  const range = await call(rig, "GET", "/files/content", {
    query: { path: at("part") },
    range: "bytes=400000-",
  });
  assert.equal(range.status, 206);
  assert.equal(range.headers["content-range"], "bytes 400000-499999/500000");
  assert.deepEqual(range.content, bytes.subarray(400_000));
  const offset = await call(rig, "GET", "/files/content", { query: { path: at("part"), offset: 499_990 } });
  assert.deepEqual(offset.content, bytes.subarray(499_990));
  assert.equal(rig.events[1]?.offset, 499_990);
});

test("a folder comes as an archive that unpacks, without following links out of it", async () => {
  const rig = makeSession();
  mkdirSync(at("tree/deep"), { recursive: true });
  writeFileSync(at("tree/a.txt"), "alpha");
  writeFileSync(at("tree/deep/b.txt"), "beta".repeat(50_000));
  writeFileSync(at("tree/secret"), "x", { mode: 0o600 });
  symlinkSync("/etc", at("tree/out"));
  symlinkSync(at("tree/a.txt"), at("tree/link.txt"));
  const { content, headers } = await call(rig, "GET", "/files/archive", { query: { path: at("tree") } });
  assert.match(headers["content-disposition"] ?? "", /tree\.zip/);
  writeFileSync(at("tree.zip"), content ?? "");
  const program =
    "import zipfile,json,sys\nz=zipfile.ZipFile(sys.argv[1])\n" +
    "assert z.testzip() is None\nprint(json.dumps({n:z.read(n).decode()[:30] for n in z.namelist()}))";
  const read = JSON.parse(execFileSync("python3", ["-c", program, at("tree.zip")], { encoding: "utf8" }));
  assert.equal(read["tree/a.txt"], "alpha");
  assert.equal(read["tree/link.txt"], "alpha");
  assert.ok(read["tree/deep/b.txt"].startsWith("betabeta"));
  assert.ok(!Object.keys(read).some((name) => name.includes("passwd")));
  assert.match(read["poterne-missing.txt"], /tree\/(out|secret)/);
});

test("folders are listed, made, renamed and removed, permissions changed, each journaled first", async () => {
  const rig = makeSession();
  await call(rig, "POST", "/files/folders", { body: { path: at("made") } });
  assert.equal(
    await codeOf(call(rig, "POST", "/files/folders", { body: { path: at("made") } })),
    "file-exists",
  );
  await call(rig, "PUT", "/files/content", { query: { path: at("made/one") }, raw: Buffer.from("1") });
  await call(rig, "POST", "/files/mode", { body: { path: at("made/one"), mode: 0o640 } });
  assert.equal(statSync(at("made/one")).mode & 0o777, 0o640);
  await call(rig, "POST", "/files/rename", { body: { from: at("made/one"), to: at("made/two") } });
  const listed = await call(rig, "GET", "/files", { query: { path: at("made") } });
  const [entry] = listed.reply.entries as { name: string; owner: string; kind: string; mode: number }[];
  assert.deepEqual([entry?.name, entry?.owner, entry?.kind, entry?.mode], ["two", "bob", "file", 0o640]);
  const present = call(rig, "POST", "/files/rename", { body: { from: at("made/two"), to: at("made") } });
  assert.equal(await codeOf(present), "file-exists");
  assert.equal(
    await codeOf(call(rig, "DELETE", "/files", { query: { path: at("made") } })),
    "folder-not-empty",
  );
  const removed = await call(rig, "DELETE", "/files", { query: { path: at("made"), isRecursive: "true" } });
  assert.deepEqual(removed.reply, { removedCount: 2 });
  assert.equal(rig.orders[0]?.details.action, "make-folder");
});

test("without a path the account's home is listed", async () => {
  const { reply } = await call(makeSession(), "GET", "/files");
  assert.equal(reply.path, "/home/bob");
});

test("each direction needs its own leave, and looking needs one of them", async () => {
  const none = makeSession({ filesToTarget: false, filesFromTarget: false });
  assert.equal(await codeOf(call(none, "GET", "/files")), "files-not-allowed");
  const down = makeSession({ filesToTarget: false });
  assert.equal(
    await codeOf(call(down, "POST", "/files/folders", { body: { path: at("x") } })),
    "files-not-allowed",
  );
  const upload = call(down, "PUT", "/files/content", { query: { path: at("x") }, raw: Buffer.from("x") });
  assert.equal(await codeOf(upload), "files-not-allowed");
  const up = makeSession({ filesFromTarget: false });
  assert.equal(
    await codeOf(call(up, "GET", "/files/content", { query: { path: at("part") } })),
    "files-not-allowed",
  );
  assert.equal(
    await codeOf(call(up, "GET", "/files/archive", { query: { path: at("tree") } })),
    "files-not-allowed",
  );
});

test("somebody else's session is not found, a paused one accepts nothing", async () => {
  const rig = makeSession();
  assert.equal(await codeOf(call(rig, "GET", "/files", { personId: "p2" })), "not-found");
  rig.session.isActive = false;
  assert.equal(await codeOf(call(rig, "GET", "/files")), "session-not-active");
});

test("the size limit holds both ways, also for a body that says nothing of its size", async () => {
  const rig = makeSession({ fileMaxBytes: 100_000 });
  writeFileSync(at("large"), Buffer.alloc(100_001));
  assert.equal(
    await codeOf(call(rig, "GET", "/files/content", { query: { path: at("large") } })),
    "file-too-large",
  );
  const raw = Buffer.alloc(200_000);
  assert.equal(
    await codeOf(call(rig, "PUT", "/files/content", { query: { path: at("l2") }, raw })),
    "file-too-large",
  );
});

test("a session that ends stops its transfers, and the evidence says how far they came", async () => {
  const rig = makeSession();
  writeFileSync(at("long"), Buffer.alloc(4_000_000));
  const handler = rig.handlers.find(
    (one) => one.route.path.endsWith("/content") && one.route.method === "GET",
  );
  assert.ok(handler !== undefined);
  const context = {
    person: () => ({ personId: "p1" }),
    setHeader: () => {},
    range: null,
  } as unknown as RequestContext;
  const input = {
    params: { sessionId: rig.session.sessionId },
    query: { path: at("long"), offset: 0 },
    body: {},
  };
  const content = (await handler.run(input, context)) as AsyncIterable<Uint8Array>;
  const failing = (async () => {
    for await (const _ of content) rig.session.isActive = false;
  })();
  assert.equal(await codeOf(failing), "session-not-active");
  assert.equal(rig.events[0]?.outcome, "failed");
  assert.ok((rig.events[0]?.sizeBytes ?? 0) < 4_000_000);
});

test("what the target refuses is said in words", async () => {
  const rig = makeSession();
  const get = (file: string) => call(rig, "GET", "/files/content", { query: { path: file } });
  assert.equal(await codeOf(get("/nowhere")), "file-not-found");
  assert.equal(await codeOf(get("/etc/shadow")), "file-denied");
  assert.equal(await codeOf(get("/dev/zero")), "file-is-folder");
  assert.equal(await codeOf(get("/etc")), "file-is-folder");
  for (const bad of ["relative", "/a/../b", "/a\nb", "/a\u0000", "//a"])
    await assert.rejects(get(bad), /absolute/, bad);
});

test("a file that announces no size comes whole", async () => {
  const { content, headers } = await call(makeSession(), "GET", "/files/content", {
    query: { path: "/proc/version" },
  });
  assert.match(String(content), /^Linux/);
  assert.equal(headers["content-length"], undefined);
});
