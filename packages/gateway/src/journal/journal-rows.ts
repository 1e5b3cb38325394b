import type { JournalItem, JournalItemFull } from "@poterne/contract";
import { journalText } from "../store/journal-search.ts";
import { entrySchema, type WrittenEntry } from "./journal-entry.ts";
import { parseLine } from "./journal-line.ts";
import type { JournalEntryRow } from "./journal-tables.ts";

/** A line of the file as the copier takes it. */
export interface FileLine {
  readonly epoch: number;
  readonly text: string;
}

/** The row of an entry's line; null for lines that are not entries. Throws when the line is not one of this format. */
export function toRow(nodeId: string, { epoch, text }: FileLine): JournalEntryRow | null {
  const line = parseLine(text);
  if (line === null) throw new Error("a line of the journal's file cannot be read");
  if (line.type !== "entry") return null;
  const entry = entrySchema.parse(line.entry);
  const { subject, actor } = entry;
  return {
    id: entry.entryId,
    node_id: nodeId,
    epoch,
    sequence: line.sequence,
    hash: line.hash,
    at_ms: Date.parse(line.at),
    kind: entry.kind,
    noun: entry.kind.slice(0, entry.kind.indexOf(".")),
    level: entry.level,
    actor_person_id: actor.personId,
    actor_name: actor.name,
    source_address: entry.sourceAddress,
    person_id: subject.personId ?? null,
    target_id: subject.targetId ?? null,
    machine_id: subject.machineId ?? null,
    site_id: subject.siteId ?? null,
    session_id: subject.sessionId ?? null,
    grant_id: subject.grantId ?? null,
    details: JSON.stringify(entry.details),
    search_text: journalText(searchParts(entry)),
  };
}

/** Ids are found by their own filters; here they would only crowd out the words. */
function searchParts(entry: WrittenEntry): readonly string[] {
  const values = Object.values(entry.details).filter((value) => typeof value !== "boolean" && value !== null);
  return [entry.actor.name, entry.sourceAddress, entry.kind, ...values.map(String)];
}

/** A row as it is shown in a list. */
export function toItem(row: JournalEntryRow): JournalItem {
  return {
    entryId: row.id,
    atMs: row.at_ms,
    kind: row.kind,
    level: row.level as JournalItem["level"],
    actor: { personId: row.actor_person_id, name: row.actor_name },
    sourceAddress: row.source_address,
    subject: {
      personId: row.person_id,
      targetId: row.target_id,
      machineId: row.machine_id,
      siteId: row.site_id,
      sessionId: row.session_id,
      grantId: row.grant_id,
    },
    details: JSON.parse(row.details) as JournalItem["details"],
  };
}

/** A row with its place in the chain. */
export function toFullItem(row: JournalEntryRow): JournalItemFull {
  const item = toItem(row);
  return {
    ...item,
    nodeId: row.node_id,
    epoch: row.epoch,
    sequence: row.sequence,
    hash: row.hash,
    changes: changesOf(item.details),
  };
}

/** Pairs `before.NAME` with `after.NAME`. */
function changesOf(details: JournalItem["details"]): JournalItemFull["changes"] {
  const changes = new Map<
    string,
    { name: string; before?: string | number | boolean | null; after?: string | number | boolean | null }
  >();
  for (const [key, value] of Object.entries(details)) {
    const [, side, name] = /^(before|after)\.(.+)$/.exec(key) ?? [];
    if (name === undefined) continue;
    const change = changes.get(name) ?? { name };
    if (side === "before") change.before = value;
    else change.after = value;
    changes.set(name, change);
  }
  return [...changes.values()];
}
