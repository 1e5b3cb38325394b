import { listUnusedRights, type UnusedKind, type UnusedRow } from "@poterne/contract";
import { type Handler, handle } from "../http/handlers.ts";
import { foldText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import {
  type UnusedQuestion,
  unusedAccounts,
  unusedGrants,
  unusedMemberships,
  unusedPeople,
} from "./unused-rights.ts";

const MAX_ROWS = 2000;
const DAY_MS = 86_400_000;

const FINDERS: Readonly<
  Record<UnusedKind, (store: Store, question: UnusedQuestion) => Promise<UnusedRow[]>>
> = {
  grant: unusedGrants,
  membership: unusedMemberships,
  account: unusedAccounts,
  person: unusedPeople,
};

/** The handler of the report of rights that nobody uses. */
export function unusedRightsHandlers({ store, environment }: AccessNounDependencies): Handler[] {
  return [
    handle(listUnusedRights, async ({ query }, context) => {
      const nowMs = environment.now();
      const sinceMs = nowMs - query.days * DAY_MS;
      const accessSites = await context.sitesWith("access:read");
      const peopleSites = await context.sitesWith("people:read");
      const kinds = query.kind === undefined ? (Object.keys(FINDERS) as UnusedKind[]) : [query.kind];
      const words = foldText(query.search ?? "").split(" ");
      const found: UnusedRow[] = [];
      for (const kind of kinds)
        for (const row of await FINDERS[kind](store, { sinceMs, nowMs, accessSites, peopleSites })) {
          const text = foldText(`${row.name} ${row.detail}`);
          if (words.every((word) => text.includes(word))) found.push(row);
        }
      found.sort((a, b) => (a.lastUsedMs ?? 0) - (b.lastUsedMs ?? 0) || (a.name < b.name ? -1 : 1));
      const oldest = await store.db
        .selectFrom("session")
        .select((select) => select.fn.min("opened_at_ms").as("first"))
        .executeTakeFirst();
      const first = oldest?.first ?? null;
      return {
        items: found.slice(0, MAX_ROWS),
        sinceMs,
        knownSinceMs: first === null ? null : Number(first),
        isCut: found.length > MAX_ROWS,
      };
    }),
  ];
}
