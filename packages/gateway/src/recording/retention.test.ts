import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { PeopleStore } from "../people/people-store.ts";
import { systemActor } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import {
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";

const DAY_MS = 86_400_000;

let setup: TestRecordings;
before(async () => {
  setup = await testRecordings();
});
after(() => setup.dispose());

async function record(change: Parameters<typeof testHeader>[0] = {}): Promise<RecordingRow> {
  const header = testHeader(change);
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(textFrame(1, "some text"));
  await recorder.finish({ code: "closed-by-person" });
  const row = await setup.recordings.parts.rows.find(header.sessionId);
  assert.ok(row !== null);
  return row;
}

async function files(): Promise<string[]> {
  const found = await readdir(setup.folder, { recursive: true });
  return found.map((name) => path.basename(name)).filter((name) => name.endsWith(".ptnr"));
}

test("retention removes what has expired, keeps what is held or younger, and leaves a certificate", async () => {
  const { parts, retention } = setup.recordings;
  const old = await record({ retentionDays: 10 });
  const held = await record({ retentionDays: 10 });
  const young = await record({ retentionDays: 100 });
  await parts.rows.update(held.id, { is_on_hold: 1 });
  const atMs = Date.now() + 11 * DAY_MS;
  const preview = await retention.preview({ atMs, siteIds: null, limit: 10 });
  assert.deepEqual([preview.total, preview.heldCount, preview.rows[0]?.id], [1, 1, old.id]);
  assert.equal((await retention.preview({ atMs, siteIds: ["elsewhere"], limit: 10 })).total, 0);
  setup.environment.offsetMs = 11 * DAY_MS;
  assert.equal((await retention.run()).deletedCount, 1);
  setup.environment.offsetMs = 0;
  const names = await files();
  assert.ok(!names.includes(`${old.id}.ptnr`));
  assert.ok(names.includes(`${held.id}.ptnr`) && names.includes(`${young.id}.ptnr`));
  const row = await parts.rows.find(old.id);
  assert.equal(row?.integrity, "deleted");
  const certificate = setup.entries.find(({ kind }) => kind === "recording.deleted");
  assert.match(String(certificate?.details.sha256), /^[0-9a-f]{64}$/);
  assert.equal(certificate?.details.reason, "retention");
});

test("a held recording is refused to be deleted, and a running one too", async () => {
  const { parts, retention } = setup.recordings;
  const row = await record();
  await parts.rows.update(row.id, { is_on_hold: 1 });
  const held = await parts.rows.find(row.id);
  assert.ok(held !== null);
  await assert.rejects(retention.delete(held, { actor: systemActor, reason: "test" }), /recording-on-hold/);
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  const running = await parts.rows.find(header.sessionId);
  assert.ok(running !== null);
  await assert.rejects(
    retention.delete(running, { actor: systemActor, reason: "test" }),
    /recording-running/,
  );
  await recorder.finish({ code: "closed-by-person" });
});

test("of an erased person's recordings the expired ones go, held and retained ones stay, and no deleted row keeps the name", async () => {
  const { parts, retention } = setup.recordings;
  const { db } = setup.store.store;
  const personId = "leaver";
  const people = new PeopleStore(setup.store.store, setup.environment);
  const profile = { login: "erased-1", name: "erased-1", email: "", language: "fr", site_id: null } as const;
  await people.create(personId, profile, { roles: [], administeredSiteIds: null });
  await db.updateTable("person").set({ erased_at_ms: Date.now() }).where("id", "=", personId).execute();
  const header = { personId, personName: "Léa Leaver", reason: "ticket of Léa" };
  const expired = await record({ ...header, retentionDays: 1 });
  const held = await record({ ...header, retentionDays: 1 });
  const retained = await record({ ...header, retentionDays: 365 });
  const gone = await record({ ...header, retentionDays: 1 });
  const other = await record({ personId: "stayer", retentionDays: 1 });
  const past = { expires_at_ms: Date.now() - 1 };
  for (const { id } of [expired, held, gone, other]) await parts.rows.update(id, past);
  await parts.rows.update(held.id, { is_on_hold: 1 });
  await db.updateTable("recording").set({ integrity: "deleted" }).where("id", "=", gone.id).execute();
  const erased = await retention.erasePerson(personId, { actor: systemActor, reason: "erasure erased-1" });
  const { expires_at_ms: retainedUntilMs } = retained;
  assert.deepEqual(erased, { deletedCount: 1, heldCount: 1, retainedCount: 1, retainedUntilMs });
  const row = async (id: string) => (await parts.rows.find(id)) ?? assert.fail();
  for (const { id } of [expired, gone]) {
    const { integrity, person_name, reason, search_text } = await row(id);
    assert.deepEqual([integrity, person_name, reason], ["deleted", "erased-1", ""]);
    assert.doesNotMatch(search_text, /l[eé]a/i);
  }
  assert.equal((await row(held.id)).person_name, "Léa Leaver");
  assert.equal((await row(retained.id)).integrity, "complete");
  assert.equal((await row(other.id)).integrity, "complete");
  // At its own time the retained one goes too, and its name with it.
  await parts.rows.update(retained.id, past);
  await retention.run();
  const { integrity, person_name } = await row(retained.id);
  assert.deepEqual([integrity, person_name], ["deleted", "erased-1"]);
});

test("a list is paged, filtered, searched and confined to sites", async () => {
  const { rows } = setup.recordings.parts;
  for (let at = 0; at < 5; at++)
    await record({
      personId: "lister",
      siteId: at < 3 ? "north" : "south",
      reason: `100% case_${at}`,
      startedAtMs: 1_000 + at,
    });
  const filter = { personId: "lister", siteIds: null };
  const first = await rows.list(filter, { limit: 2 });
  assert.equal(first.total, 5);
  assert.deepEqual(
    first.rows.map(({ started_at_ms }) => started_at_ms),
    [1_004, 1_003],
  );
  const second = await rows.list(filter, { limit: 10, cursor: first.nextCursor ?? undefined });
  assert.equal(second.rows.length, 3);
  assert.equal(second.nextCursor, null);
  assert.equal((await rows.list({ ...filter, siteIds: ["south"] }, { limit: 10 })).total, 2);
  assert.equal((await rows.list({ ...filter, siteIds: [] }, { limit: 10 })).total, 0);
  assert.equal((await rows.list({ ...filter, search: "100% CASE_4 alice" }, { limit: 10 })).total, 1);
  assert.equal((await rows.list({ ...filter, search: "10% case" }, { limit: 10 })).total, 0);
});
