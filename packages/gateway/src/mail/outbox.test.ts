import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { describe, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createRequest,
  createSite,
  decideRequest,
  revokeRequest,
} from "@poterne/contract";
import { type TestCaller, TestWorld } from "../access/testing/test-world.ts";
import { expireRequests } from "../requests/expire-requests.ts";
import { MAX_WAITING } from "./outbox.ts";
import { KEPT_MS, Post } from "./post.ts";
import { announceEnds } from "./request-notices.ts";
import type { MailSettings } from "./smtp.ts";

const MINUTE_MS = 60_000;
const REASON = "Panne du pare-feu";

interface Made {
  readonly asker: TestCaller;
  readonly approver: TestCaller;
  readonly targetId: string;
}

async function addMailPerson(world: TestWorld, name: string, language: "fr" | "en", role?: string) {
  const caller = await world.addPerson(name);
  const { db } = world.dependencies.store;
  const email = `${name.toLowerCase()}@lab.test`;
  await db.updateTable("person").set({ email, language }).where("id", "=", caller.personId).execute();
  if (role !== undefined)
    await db
      .insertInto("person_role")
      .values({ person_id: caller.personId, role: role as "approver", site_id: "" })
      .execute();
  return caller;
}

async function make(world: TestWorld): Promise<Made> {
  const { admin } = world;
  const asker = await addMailPerson(world, "Asker", "fr");
  const approver = {
    ...(await addMailPerson(world, "Approver", "en", "approver")),
    roles: ["user", "approver"] as const,
  };
  await addMailPerson(world, "Chief", "fr", "administrator");
  await addMailPerson(world, "Stranger", "fr", "approver");
  const groupId = await world.addGroup("Approvers", { personIds: [approver.personId, asker.personId] });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const machine = await world.call(admin, createMachine, {
    body: { name: "FW-1", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: "ask", kind: "ask" } });
  const approval = { quorum: 1, maxMinutes: 120, approverGroupIds: [groupId], emergencyMinutes: 30 };
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules: { approval } } });
  await world.call(admin, createGrant, {
    body: { personId: asker.personId, siteIds: [siteId], accountIds: [accountId], policyId },
  });
  return { asker, approver, targetId: machine.targets[0]?.targetId ?? "" };
}

const ask = (world: TestWorld, made: Made, more: Record<string, unknown> = {}) =>
  world.call(made.asker, createRequest, {
    body: { targetId: made.targetId, reason: REASON, minutes: 60, ...more },
  });
const letters = (world: TestWorld) =>
  world.dependencies.store.db.selectFrom("mail").selectAll().orderBy("id").execute();
const told = async (world: TestWorld) =>
  (await letters(world)).map(({ kind, address }) => `${kind} ${address.split("@")[0]}`);
const expireNow = (world: TestWorld) =>
  expireRequests({ ...world.dependencies, outbox: world.outbox, nowMs: world.nowMs });

const settings: MailSettings = {
  host: "127.0.0.1",
  port: 1,
  security: "off",
  caFile: "",
  sender: "poterne@lab.test",
  user: "",
  passwordFile: "",
};

/** A server that takes every letter, and counts them. */
async function takeAll(): Promise<{ server: Server; port: number; taken: string[] }> {
  const taken: string[] = [];
  const server = createServer((socket) => {
    let isText = false;
    let pending = "";
    socket.on("error", () => undefined);
    socket.write("220 here\r\n");
    socket.on("data", (chunk) => {
      pending += chunk.toString();
      const lines = pending.split("\r\n");
      pending = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("RCPT TO:")) taken.push(line);
        if (!isText || line === ".") socket.write(line === "DATA" ? "354 go\r\n" : "250 fine\r\n");
        isText = line === "DATA" || (isText && line !== ".");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, port: typeof address === "object" ? (address?.port ?? 0) : 0, taken };
}

const postOf = (world: TestWorld, port: number, monotonicMs: () => number = () => world.nowMs) =>
  new Post({
    ...world.dependencies,
    environment: { ...world.dependencies.environment, monotonicMs },
    settings: { ...settings, port },
    onTrouble: () => undefined,
  });

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`the outbox on ${engine}`, () => {
    const run = (name: string, body: (world: TestWorld) => Promise<void>) =>
      test(name, async () => {
        const world = await TestWorld.open(engine);
        try {
          await body(world);
        } finally {
          await world.close();
        }
      });

    run("who decides is told in their language, and nothing tells the reason", async (world) => {
      const made = await make(world);
      const { requestId } = await ask(world, made, { ticketNumber: "T-42" });
      const [row, ...others] = await letters(world);
      assert.deepEqual([others.length, row?.address, row?.language], [0, "approver@lab.test", "en"]);
      assert.match(row?.subject ?? "", /^\[Poterne\] To decide: Caller asks for FW-1 \/ ssh$/);
      assert.match(row?.body ?? "", /T-42/);
      assert.match(row?.body ?? "", /https:\/\/poterne\.example\/requests\n/);
      assert.doesNotMatch(row?.body ?? "", new RegExp(REASON));
      const params = { requestId };
      world.nowMs += MINUTE_MS;
      await world.call(made.approver, decideRequest, { params, body: { isApproval: true } });
      world.nowMs += MINUTE_MS;
      await world.call(made.approver, revokeRequest, { params });
      assert.deepEqual(await told(world), [
        "request-made approver",
        "request-approved asker",
        "request-revoked asker",
      ]);
      assert.match((await letters(world))[1]?.subject ?? "", /Accès approuvé : FW-1 \/ ssh/);
    });

    run(
      "an emergency is told to administrators too, at once, and its report is asked for once",
      async (world) => {
        const made = await make(world);
        await ask(world, made, { isEmergency: true, minutes: 30 });
        assert.deepEqual((await told(world)).sort(), ["emergency-opened approver", "emergency-opened chief"]);
        world.nowMs += 31 * MINUTE_MS;
        const parts = { ...world.dependencies, outbox: world.outbox };
        await announceEnds(parts, world.nowMs);
        await announceEnds(parts, world.nowMs + MINUTE_MS);
        assert.equal((await told(world)).filter((one) => one === "emergency-report-due asker").length, 1);
      },
    );

    run("an end is announced once, and a request nobody decided is told", async (world) => {
      const made = await make(world);
      const { requestId } = await ask(world, made);
      await world.call(made.approver, decideRequest, { params: { requestId }, body: { isApproval: true } });
      const parts = { ...world.dependencies, outbox: world.outbox };
      await announceEnds(parts, world.nowMs + 30 * MINUTE_MS);
      assert.equal((await told(world)).includes("request-ending asker"), false);
      await announceEnds(parts, world.nowMs + 50 * MINUTE_MS);
      await announceEnds(parts, world.nowMs + 55 * MINUTE_MS);
      assert.equal((await told(world)).filter((one) => one === "request-ending asker").length, 1);
      await ask(world, made);
      world.nowMs += 8 * 86_400_000;
      await expireNow(world);
      assert.equal((await told(world)).at(-1), "request-expired asker");
    });

    run("a request that is not made leaves no letter", async (world) => {
      const made = await make(world);
      world.isJournalWritable = false;
      await assert.rejects(ask(world, made));
      assert.deepEqual(await letters(world), []);
    });

    run("a server that is down: letters wait longer and longer, then expire with an entry", async (world) => {
      const made = await make(world);
      await ask(world, made, { isEmergency: true, minutes: 30 });
      const post = postOf(world, 1);
      await post.round();
      const tried = (await letters(world)).map(({ attempts }) => attempts);
      assert.deepEqual(tried.sort(), [0, 1], "one letter finds the server down, the other is left alone");
      const first = (await letters(world)).find(({ attempts }) => attempts === 1);
      assert.equal((first?.next_at_ms ?? 0) - world.nowMs, MINUTE_MS);
      assert.match(first?.last_error ?? "", /^connect: /);
      assert.equal(post.trouble?.at, "connect");
      for (let turn = 0; turn < 8; turn++) {
        world.nowMs += 61 * MINUTE_MS;
        await post.round();
      }
      const waits = (await letters(world)).map(({ next_at_ms }) => next_at_ms - world.nowMs);
      assert.ok(Math.max(...waits) <= 60 * MINUTE_MS);
      world.nowMs += 16 * 3_600_000;
      await post.round();
      assert.deepEqual(
        (await letters(world)).map(({ state, body }) => [state, body]),
        [
          ["expired", ""],
          ["expired", ""],
        ],
      );
      const entries = world.journal.filter(({ kind }) => kind === "mail.expired");
      assert.deepEqual(
        entries.map(({ level }) => level),
        ["alarm", "alarm"],
      );
      world.nowMs += KEPT_MS + 1;
      await post.sweep();
      assert.deepEqual(await letters(world), []);
    });

    run("two nodes send each letter once, and its text goes", async (world) => {
      const made = await make(world);
      for (let count = 0; count < 10; count++) await ask(world, made);
      const { server, port, taken } = await takeAll();
      try {
        await Promise.all([postOf(world, port).round(), postOf(world, port).round()]);
      } finally {
        server.close();
      }
      assert.equal(taken.length, 10);
      const rows = await letters(world);
      assert.ok(rows.every(({ state, body }) => state === "sent" && body === ""));
    });
  });
}

test("at most so many letters wait", async () => {
  const world = await TestWorld.open();
  try {
    const made = await make(world);
    await ask(world, made);
    const [row] = await letters(world);
    assert.ok(row !== undefined);
    const rows = Array.from({ length: MAX_WAITING - 1 }, (_, index) => ({ ...row, id: `x${index}` }));
    for (let at = 0; at < rows.length; at += 500)
      await world.dependencies.store.db
        .insertInto("mail")
        .values(rows.slice(at, at + 500))
        .execute();
    await ask(world, made);
    assert.equal((await letters(world)).length, MAX_WAITING);
  } finally {
    await world.close();
  }
});
