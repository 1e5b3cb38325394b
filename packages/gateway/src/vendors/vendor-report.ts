import type { getVendorReport, VendorPass } from "@poterne/contract";
import type { z } from "zod";
import { toSessionRow } from "../session/session-store.ts";
import type { VendorDependencies } from "./vendor-handlers.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

/** Sessions and files of one report. */
const MAX_SESSIONS = 500;
const MAX_FILES = 2000;
/** Comings and goings of guardians and observers. */
const MAX_WATCHES = 4000;

type Report = z.infer<(typeof getVendorReport)["reply"]>;

/**
 * What was done under a pass, from the store: the sessions of its grant, who watched them, the files the journal names, the
 * recordings that are still there. Complete once the pass is over; before that as far as it has come.
 */
export async function makeReport(
  { store, environment, organisation }: VendorDependencies,
  row: VendorPassTableRow,
  pass: VendorPass,
): Promise<Report> {
  const sessions = await store.db
    .selectFrom("session")
    .selectAll()
    .where("grant_id", "=", row.grant_id ?? "")
    .where("person_id", "=", row.person_id)
    .orderBy("opened_at_ms")
    .limit(MAX_SESSIONS)
    .execute();
  const ids = sessions.map(({ id }) => id);
  const recorded = await readRecorded(store, ids);
  return {
    organisation,
    madeAtMs: environment.now(),
    pass,
    sessions: sessions.map((session) => ({
      session: toSessionRow(
        session,
        session.ended_at_ms === null
          ? { state: "open", isPaused: false, viewers: [], isRecorded: session.is_recorded === 1 }
          : null,
      ),
      hasRecording: recorded.has(session.id),
    })),
    watches: await readWatches(store, new Map(sessions.map((session) => [session.id, session.ended_at_ms]))),
    files: await readFiles(store, ids),
  };
}

async function readRecorded(
  { db }: VendorDependencies["store"],
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("recording")
    .select("id")
    .where("id", "in", ids)
    .where("deleted_at_ms", "is", null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Who watched which session, when they came and left: the journal notes both; a session's end is the end of all watching. */
async function readWatches(
  { db }: VendorDependencies["store"],
  endOf: ReadonlyMap<string, number | null>,
): Promise<Report["watches"]> {
  const ids = [...endOf.keys()];
  if (ids.length === 0) return [];
  const entries = await db
    .selectFrom("journal_entry")
    .select(["session_id", "actor_person_id", "actor_name", "kind", "at_ms", "details"])
    .where("session_id", "in", ids)
    .where("kind", "in", ["session.watch-joined", "session.watch-left"])
    .orderBy("id")
    .limit(MAX_WATCHES)
    .execute();
  const watches: Report["watches"] = [];
  const there = new Map<string, Report["watches"][number]>();
  for (const { session_id, actor_person_id, actor_name, kind, at_ms, details } of entries) {
    const role = (JSON.parse(details) as { role?: unknown }).role === "guardian" ? "guardian" : "observer";
    const key = `${session_id} ${actor_person_id} ${role}`;
    if (kind === "session.watch-joined") {
      const sessionId = session_id ?? "";
      const leftAtMs = endOf.get(sessionId) ?? null;
      const watch: Report["watches"][number] = {
        sessionId,
        name: actor_name,
        role,
        cameAtMs: at_ms,
        leftAtMs,
      };
      watches.push(watch);
      there.set(key, watch);
    } else {
      const open = there.get(key);
      if (open !== undefined) open.leftAtMs = at_ms;
      there.delete(key);
    }
  }
  return watches;
}

async function readFiles(
  { db }: VendorDependencies["store"],
  ids: readonly string[],
): Promise<Report["files"]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("journal_entry")
    .select(["session_id", "at_ms", "details"])
    .where("session_id", "in", ids)
    .where("kind", "=", "session.file")
    .orderBy("id")
    .limit(MAX_FILES)
    .execute();
  return rows.map((entry) => {
    const details = JSON.parse(entry.details) as Readonly<Record<string, unknown>>;
    const text = (name: string) => String(details[name] ?? "");
    return {
      sessionId: entry.session_id ?? "",
      atMs: entry.at_ms,
      direction: text("direction"),
      path: text("path"),
      sizeBytes: Number(details.sizeBytes ?? 0),
      sha256: text("sha256"),
      outcome: text("outcome"),
    };
  });
}
