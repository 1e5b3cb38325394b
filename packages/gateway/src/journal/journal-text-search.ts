import { MAX_JOURNAL_COUNT } from "@poterne/contract";
import { type SelectQueryBuilder, sql } from "kysely";
import { countRows } from "../store/count-rows.ts";
import { hasTerms, indexParts, type SampledTerm } from "../store/journal-search.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { JournalEntryRow } from "./journal-tables.ts";

/** How many of the newest entries are read to learn how frequent the terms are. */
const SAMPLE_ROWS = 5_000;

/** With so many matches in the sample, a page is found sooner by reading on in order than by the index. */
const FREQUENT_MATCHES = 15;

/** How far that reading goes; then the index is asked all the same. */
const WALK_ROWS = 40_000;

/** Parts of the index that are counted; what is beyond is not worth a person's waiting. */
const MAX_COUNTED_PARTS = 1;

/** Which page: `cursor` is the last id of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

/** Up to one entry more than the page holds, newest first; and how many there are in all. */
export interface FoundEntries {
  readonly rows: readonly JournalEntryRow[];
  readonly total: number;
  readonly isExact: boolean;
}

type Entries = SelectQueryBuilder<Tables, "journal_entry", object>;

/** What is looked for: entries that the other filters leave, all terms, and which page of them. */
interface TextQuestion extends PageRequest {
  readonly all: Entries;
  readonly terms: readonly string[];
}

/**
 * Searches by words without ever sorting or counting half a million rows. A sample of the newest entries tells what is
 * frequent: that is read in order, and its total is the sample's. What is rare is found by the index, rarest term first.
 */
export async function searchEntries(store: Store, question: TextQuestion): Promise<FoundEntries> {
  const { all, terms, cursor } = question;
  const newest = await takeSample(store, all, terms);
  if (cursor === null) return readFirstPage(store, question, newest);
  const behind = all.where("id", "<", cursor);
  const sample = await takeSample(store, behind, terms);
  const rows =
    (await readInOrder(question, behind, sample)) ??
    (await readByIndex(store, { ...question, all: behind }, { sample, isCounting: false })).rows;
  const counted = countInSample(newest) ?? (await countByIndex(store, question, newest));
  return { ...counted, rows };
}

async function readFirstPage(store: Store, question: TextQuestion, sample: Sample): Promise<FoundEntries> {
  const rows = await readInOrder(question, question.all, sample);
  const counted = countInSample(sample);
  if (rows !== null) return { ...(counted ?? (await countByIndex(store, question, sample))), rows };
  const found = await readByIndex(store, question, { sample, isCounting: counted === null });
  return { ...found, ...counted };
}

/** What some newest entries tell. */
interface Sample {
  readonly size: number;
  /** How many have all terms. */
  readonly matching: number;
  readonly terms: readonly SampledTerm[];
  /** The oldest of them, empty without any. */
  readonly lowId: string;
}

async function takeSample(store: Store, entries: Entries, terms: readonly string[]): Promise<Sample> {
  const newest = entries.select(["id", "search_text"]).orderBy("id", "desc").limit(SAMPLE_ROWS);
  const row = await store.db
    .selectFrom(newest.as("newest"))
    .select(({ fn }) => [
      fn.countAll<number>().as("size"),
      fn.min<string>("id").as("lowId"),
      countWith(terms).as("matching"),
      ...terms.map((term, place) => countWith([term]).as(`term${place}`)),
    ])
    .executeTakeFirstOrThrow();
  const counts = row as unknown as Readonly<Record<string, number | string | null>>;
  const size = Number(row.size);
  return {
    size,
    matching: Number(row.matching),
    terms: terms.map((term, place) => ({ term, share: Number(counts[`term${place}`]) / size })),
    lowId: row.lowId ?? "",
  };
}

function countWith(terms: readonly string[]) {
  return sql<number>`sum(case when ${hasTerms(terms)} then 1 else 0 end)`;
}

/** Fewer than the sample holds: it is all there is. */
function isAll(sample: Sample): boolean {
  return sample.size < SAMPLE_ROWS;
}

function countInSample(sample: Sample): Omit<FoundEntries, "rows"> | null {
  const isFrequent = sample.matching >= FREQUENT_MATCHES;
  return isAll(sample) || isFrequent ? { total: sample.matching, isExact: isAll(sample) } : null;
}

/** The page by reading entries in order; null where the index is quicker. */
async function readInOrder(
  { terms, limit }: TextQuestion,
  entries: Entries,
  sample: Sample,
): Promise<readonly JournalEntryRow[] | null> {
  const read = (lowId: string) =>
    entries
      .selectAll()
      .where("id", ">=", lowId)
      .where(hasTerms(terms))
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
  if (isAll(sample) || sample.matching > limit) return sample.matching === 0 ? [] : read(sample.lowId);
  if (sample.matching < FREQUENT_MATCHES) return null;
  const end = await entries.select("id").orderBy("id", "desc").offset(WALK_ROWS).limit(1).executeTakeFirst();
  const rows = await read(end?.id ?? "");
  return rows.length > limit || end === undefined ? rows : null;
}

async function readByIndex(
  store: Store,
  { all, limit, cursor }: TextQuestion,
  { sample, isCounting }: { readonly sample: Sample; readonly isCounting: boolean },
): Promise<FoundEntries> {
  const rows: JournalEntryRow[] = [];
  let total = 0;
  let countedParts = 0;
  for await (const part of indexParts(store, { terms: sample.terms, beforeId: cursor })) {
    const found = all.where(part);
    const isFull = rows.length > limit;
    if (isFull && (!isCounting || countedParts >= MAX_COUNTED_PARTS))
      return { rows: newestFirst(rows, limit), total, isExact: false };
    if (!isFull) {
      const page = found
        .selectAll()
        .orderBy("id", "desc")
        .limit(limit + 1);
      rows.push(...(await page.execute()));
    }
    if (isCounting && countedParts++ < MAX_COUNTED_PARTS)
      total += await countRows(store, found.select("id").limit(MAX_JOURNAL_COUNT));
  }
  return { rows: newestFirst(rows, limit), total, isExact: countedParts <= MAX_COUNTED_PARTS };
}

async function countByIndex(
  store: Store,
  { all }: TextQuestion,
  sample: Sample,
): Promise<Omit<FoundEntries, "rows">> {
  let total = 0;
  let countedParts = 0;
  for await (const part of indexParts(store, { terms: sample.terms, beforeId: null })) {
    if (countedParts++ === MAX_COUNTED_PARTS) return { total, isExact: false };
    total += await countRows(store, all.where(part).select("id").limit(MAX_JOURNAL_COUNT));
  }
  return { total, isExact: true };
}

/** Parts follow one another in the order of copying; within the page the order of ids counts. */
function newestFirst(rows: readonly JournalEntryRow[], limit: number): readonly JournalEntryRow[] {
  return [...rows].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit + 1);
}
