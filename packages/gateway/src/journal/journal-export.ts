import type { JournalItemFull } from "@poterne/contract";
import type { Store } from "../store/store.ts";
import { exportEntries, type JournalQuestion } from "./journal-queries.ts";
import { toFullItem } from "./journal-rows.ts";

/** Rows read at once; one page is in memory at a time. */
const PAGE_ROWS = 500;

const SMALLEST_ID = "00000000-0000-0000-0000-000000000000";

/** Columns of the CSV, in order; details are one JSON cell. */
const CSV_COLUMNS = [
  "time",
  "kind",
  "level",
  "actor",
  "actorPersonId",
  "sourceAddress",
  "personId",
  "targetId",
  "machineId",
  "siteId",
  "sessionId",
  "grantId",
  "details",
  "entryId",
  "node",
  "epoch",
  "sequence",
  "hash",
] as const;

/** Everything that matches, oldest first, page by page; stops when the client goes away. */
async function* exportPages(
  store: Store,
  question: JournalQuestion,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalItemFull[]> {
  let afterId = SMALLEST_ID;
  while (!signal.aborted) {
    const rows = await exportEntries(store, question, { limit: PAGE_ROWS, afterId });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(toFullItem);
    afterId = last.id;
  }
}

/** CSV (RFC 4180) with a byte order mark, so that spreadsheets read it as UTF-8. */
export async function* exportCsv(
  store: Store,
  question: JournalQuestion,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`\uFEFF${CSV_COLUMNS.join(",")}\r\n`, "utf8");
  for await (const items of exportPages(store, question, signal)) {
    yield Buffer.from(items.map((item) => `${toCells(item).map(toCell).join(",")}\r\n`).join(""), "utf8");
  }
}

/** JSON lines: one entry a line. */
export async function* exportJsonLines(
  store: Store,
  question: JournalQuestion,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const items of exportPages(store, question, signal)) {
    const lines = items.map(({ changes: _changes, ...item }) => `${JSON.stringify(item)}\n`);
    yield Buffer.from(lines.join(""), "utf8");
  }
}

function toCells(item: JournalItemFull): readonly (string | number | null)[] {
  const { subject } = item;
  return [
    new Date(item.atMs).toISOString(),
    item.kind,
    item.level,
    item.actor.name,
    item.actor.personId,
    item.sourceAddress,
    subject.personId,
    subject.targetId,
    subject.machineId,
    subject.siteId,
    subject.sessionId,
    subject.grantId,
    JSON.stringify(item.details),
    item.entryId,
    item.nodeId,
    item.epoch,
    item.sequence,
    item.hash,
  ];
}

/** A cell; what a spreadsheet would take for a formula gets an apostrophe before it. */
export function toCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
