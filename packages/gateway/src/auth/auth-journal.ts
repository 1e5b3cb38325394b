import { Failure } from "@poterne/contract";
import type { Caller, RequestContext } from "../http/context.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";

/** Who did it, when nobody did: the gateway itself or its owner at the console. */
export const SYSTEM_ACTOR: JournalEntry["actor"] = { personId: null, name: "system" };

/** Who did it, when nobody knows: somebody who is not signed in. */
export const UNKNOWN_ACTOR: JournalEntry["actor"] = { personId: null, name: "unknown" };

/** A caller as the journal names them. */
function actorOf(caller: Caller): JournalEntry["actor"] {
  return { personId: caller.personId, name: caller.name };
}

type Fact = string | number | boolean | null;
/** Longest value of a fact; the journal is for what changed, not for texts. */
const MAX_FACT_LENGTH = 500;

/** The facts that differ, as `before.NAME` and `after.NAME`; lists are joined. A fact absent before is new. */
export function changesBetween(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, Fact> {
  const details: Record<string, Fact> = {};
  for (const [name, value] of Object.entries(after)) {
    const [was, is] = [toFact(before[name]), toFact(value)];
    if (was === is) continue;
    if (name in before) details[`before.${name}`] = was;
    details[`after.${name}`] = is;
  }
  return details;
}

function toFact(value: unknown): Fact {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text = Array.isArray(value) ? [...value].sort().join(", ") : String(value);
  return text.length > MAX_FACT_LENGTH ? `${text.slice(0, MAX_FACT_LENGTH)}…` : text;
}

/**
 * Journals an act, then does it: what cannot be journaled is not done. An act that then fails is followed by
 * `change.not-done`, as for the inventory.
 */
export async function journalThenDo<Result>(
  journal: Journal,
  entry: JournalEntry,
  act: () => Promise<Result>,
): Promise<Result> {
  const entryId = await journal.append(entry);
  try {
    return await act();
  } catch (error) {
    const code = error instanceof Failure ? error.code : "internal";
    const details = { entryId, change: entry.kind, code };
    await journal.append({ ...entry, kind: "change.not-done", level: "notice", details });
    throw error;
  }
}

/** The entry of what a caller does to a person. */
export function entryAbout(
  context: RequestContext,
  about: Pick<JournalEntry, "kind" | "details"> & {
    readonly personId?: string;
    readonly level?: JournalEntry["level"];
  },
): JournalEntry {
  return {
    kind: about.kind,
    level: about.level ?? "notice",
    actor: actorOf(context.person()),
    sourceAddress: context.sourceAddress,
    subject: about.personId === undefined ? {} : { personId: about.personId },
    details: about.details,
  };
}
