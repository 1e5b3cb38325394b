import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TestWorld } from "../access/testing/test-world.ts";
import { makeReport } from "./vendor-report.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

const HOUR_MS = 3_600_000;

/** A session of a pass's grant, one hour long. */
async function addSession(world: TestWorld, of: { grantId: string; personId: string }): Promise<string> {
  const id = world.id();
  const texts = {
    target_name: "ssh",
    machine_name: "M",
    protocol: "ssh",
    kind: "terminal",
    account_name: "a",
  };
  await world.dependencies.store.db
    .insertInto("session")
    .values({
      ...texts,
      id,
      node_id: world.id(),
      person_id: of.personId,
      person_name: "Tom Tiers",
      target_id: world.id(),
      machine_id: world.id(),
      site_id: world.id(),
      grant_id: of.grantId,
      policy_name: "P",
      reason: "",
      ticket_number: "",
      source_address: "",
      is_recorded: 1,
      needs_guardian: 1,
      search_text: "",
      opened_at_ms: world.nowMs,
      ended_at_ms: world.nowMs + HOUR_MS,
      end_code: "left",
    })
    .execute();
  return id;
}

async function addWatch(
  world: TestWorld,
  entry: { kind: string; name: string; role: string; atMs: number; sessionId: string; sequence: number },
): Promise<void> {
  const nothing = { person_id: null, target_id: null, machine_id: null, site_id: null, grant_id: null };
  await world.dependencies.store.db
    .insertInto("journal_entry")
    .values({
      ...nothing,
      id: `01900000-0000-7000-8000-${String(entry.sequence).padStart(12, "0")}`,
      node_id: world.id(),
      epoch: 1,
      sequence: entry.sequence,
      hash: "",
      at_ms: entry.atMs,
      kind: entry.kind,
      noun: "session",
      level: "info",
      actor_person_id: entry.name,
      actor_name: entry.name,
      source_address: "",
      session_id: entry.sessionId,
      details: JSON.stringify({ role: entry.role }),
      search_text: "",
    })
    .execute();
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`the report of a vendor pass on ${engine}`, () => {
    test("names who watched each session, when they came and when they left", async () => {
      const world = await TestWorld.open(engine);
      try {
        const [grantId, personId] = [world.id(), world.id()];
        const sessionId = await addSession(world, { grantId, personId });
        const startMs = world.nowMs;
        let sequence = 0;
        const note = (kind: string, name: string, role: string, afterMs: number, of = sessionId) =>
          addWatch(world, {
            kind: `session.watch-${kind}`,
            name,
            role,
            atMs: startMs + afterMs,
            sessionId: of,
            sequence: ++sequence,
          });
        await note("joined", "Guido", "guardian", 1);
        await note("joined", "Otto", "observer", 2);
        await note("left", "Guido", "guardian", 3);
        await note("joined", "Guido", "guardian", 4);
        await note("joined", "Elsewhere", "guardian", 5, world.id());
        const { store, environment } = world.dependencies;
        const parts = { store, environment, organisation: "Essais" };
        const row = { grant_id: grantId, person_id: personId } as VendorPassTableRow;
        const { watches } = await makeReport(parts as never, row, {} as never);
        assert.deepEqual(
          watches.map(({ name, role, cameAtMs, leftAtMs }) => [
            name,
            role,
            cameAtMs - startMs,
            (leftAtMs ?? 0) - startMs,
          ]),
          [
            ["Guido", "guardian", 1, 3],
            ["Otto", "observer", 2, HOUR_MS],
            ["Guido", "guardian", 4, HOUR_MS],
          ],
        );
      } finally {
        await world.close();
      }
    });
  });
}
