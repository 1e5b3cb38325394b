import {
  endCheckout,
  Failure,
  listCheckouts,
  listMyCheckouts,
  returnCheckout,
  setCheckoutRule,
  takeCheckout,
} from "@poterne/contract";
import { applyChange, describeChange, newId, requireVersion, updateObject } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { findLivingAccount, showAccount, siteSubject } from "./account-handlers.ts";
import { findAccount } from "./account-rows.ts";
import { endCheckOut } from "./check-out-changes.ts";
import { type AccountCheckoutTableRow, openCheckOut } from "./check-outs.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { parseAddress } from "./networks.ts";
import { loadSubject } from "./subject.ts";

const MAX_ROWS = 100;
const MINUTE_MS = 60_000;

/** What the handlers of check-outs work with. */
export interface CheckOutDependencies extends AccessNounDependencies {
  /** Decides live sessions again, at once. */
  readonly onAccessChanged: () => Promise<void>;
}

/** Handlers of shared accounts: checking out, giving back, taking back, who had it. */
export function checkOutHandlers(dependencies: CheckOutDependencies): Handler[] {
  return [
    handle(listMyCheckouts, async (_, context) => showMine(dependencies, context)),
    handle(takeCheckout, ({ body }, context) => take(dependencies, body, context)),
    handle(returnCheckout, ({ params }, context) => giveBack(dependencies, params.accountId, context)),
    handle(listCheckouts, async ({ params }, context) => {
      const account = await findAccount(dependencies.store, params.accountId);
      await context.requireAt("access:read", account.site_id);
      return showHistory(dependencies, account.id);
    }),
    handle(endCheckout, ({ params, body }, context) =>
      takeBack(dependencies, { accountId: params.accountId, reason: body.reason }, context),
    ),
    handle(setCheckoutRule, (input, context) => setRule(dependencies, input, context)),
  ];
}

interface SharedAccount {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly maxMinutes: number;
}

/** The shared accounts of everything the caller may open now. */
async function sharedOf(
  dependencies: CheckOutDependencies,
  context: RequestContext,
): Promise<readonly SharedAccount[]> {
  const { store, environment, openable } = dependencies;
  const subject = await loadSubject(store, context.person().personId);
  if (subject === null) return [];
  const facts = await dependencies.facts.current();
  const at = { atMs: environment.now(), source: parseAddress(context.sourceAddress) };
  const usable = new Set<string>();
  for (const { accounts } of openable.find(facts, subject, at).byTarget.values())
    for (const { accountId } of accounts) usable.add(accountId);
  const shared = await store.db
    .selectFrom("account")
    .select(["id", "name", "site_id", "checkout_minutes"])
    .where("checkout_minutes", "is not", null)
    .where("deleted_at_ms", "is", null)
    .orderBy("folded_name")
    .execute();
  return shared
    .filter(({ id }) => usable.has(id))
    .map((row) => ({
      id: row.id,
      name: row.name,
      siteId: row.site_id,
      maxMinutes: row.checkout_minutes ?? 0,
    }));
}

async function showMine(dependencies: CheckOutDependencies, context: RequestContext) {
  const nowMs = dependencies.environment.now();
  const { personId } = context.person();
  const items = [];
  for (const { id, name, maxMinutes } of await sharedOf(dependencies, context)) {
    const open = await openCheckOut(dependencies.store, id, nowMs);
    const holder = open === null ? null : showHolder(open);
    items.push({ accountId: id, name, maxMinutes, isMine: open?.person_id === personId, holder });
  }
  return { items };
}

function showHolder(row: AccountCheckoutTableRow) {
  const { person_name, reason, taken_at_ms, ends_at_ms } = row;
  return { name: person_name, reason, takenAtMs: taken_at_ms, endsAtMs: ends_at_ms };
}

async function take(
  dependencies: CheckOutDependencies,
  wish: HandlerInput<typeof takeCheckout>["body"],
  context: RequestContext,
) {
  const { store, environment } = dependencies;
  const account = (await sharedOf(dependencies, context)).find(({ id }) => id === wish.accountId);
  if (account === undefined) throw new Failure("not-found");
  if (wish.minutes > account.maxMinutes)
    throw new Failure("checkout-too-long", { minutes: account.maxMinutes });
  const requireFree = async (source: Parameters<typeof openCheckOut>[0]) => {
    const held = await openCheckOut(source, account.id, environment.now());
    if (held !== null)
      throw new Failure("checkout-held", { name: held.person_name, untilMs: held.ends_at_ms });
  };
  await requireFree(store);
  const { personId, name } = context.person();
  const note = {
    kind: "account.checked-out",
    subject: { personId, ...siteSubject(account.siteId) },
    details: { accountId: account.id, account: account.name, reason: wish.reason, minutes: wish.minutes },
  };
  await applyChange(dependencies, context, note, async (transaction, { nowMs }) => {
    // The revision's lock is held: of two at once the second sees the first.
    await requireFree({ db: transaction });
    const stale = await transaction
      .selectFrom("account_checkout")
      .select(["id", "account_id"])
      .where("open_key", "=", account.id)
      .executeTakeFirst();
    if (stale !== undefined)
      await endCheckOut(transaction, stale, { kind: "expired", byName: "", atMs: nowMs });
    await transaction
      .insertInto("account_checkout")
      .values({
        id: newId(environment),
        account_id: account.id,
        open_key: account.id,
        person_id: personId,
        person_name: name,
        reason: wish.reason,
        taken_at_ms: nowMs,
        ends_at_ms: nowMs + wish.minutes * MINUTE_MS,
        ended_at_ms: null,
        end_kind: null,
        ended_by_name: null,
      })
      .execute();
  });
  return showMine(dependencies, context);
}

async function giveBack(dependencies: CheckOutDependencies, accountId: string, context: RequestContext) {
  const { personId, name } = context.person();
  const open = await openCheckOut(dependencies.store, accountId, dependencies.environment.now());
  if (open === null || open.person_id !== personId) throw new Failure("not-found");
  const account = await findAccount(dependencies.store, accountId);
  const note = {
    kind: "account.returned",
    subject: { personId, ...siteSubject(account.site_id) },
    details: { accountId, account: account.name },
  };
  await applyChange(dependencies, context, note, (transaction, { nowMs }) =>
    endCheckOut(transaction, open, { kind: "returned", byName: name, atMs: nowMs }),
  );
  await dependencies.onAccessChanged();
  return showMine(dependencies, context);
}

async function takeBack(
  dependencies: CheckOutDependencies,
  { accountId, reason }: { readonly accountId: string; readonly reason: string },
  context: RequestContext,
) {
  const account = await findLivingAccount(dependencies, accountId, context);
  const open = await openCheckOut(dependencies.store, accountId, dependencies.environment.now());
  if (open === null) throw new Failure("not-found");
  const note = {
    kind: "account.taken-back",
    subject: { personId: open.person_id, ...siteSubject(account.site_id) },
    details: { accountId, account: account.name, person: open.person_name, reason },
  };
  await applyChange(dependencies, context, note, (transaction, { nowMs }) =>
    endCheckOut(transaction, open, { kind: "forced", byName: context.person().name, atMs: nowMs }),
  );
  await dependencies.onAccessChanged();
  return showHistory(dependencies, accountId);
}

async function setRule(
  dependencies: CheckOutDependencies,
  { params, body }: HandlerInput<typeof setCheckoutRule>,
  context: RequestContext,
) {
  const row = await findLivingAccount(dependencies, params.accountId, context);
  requireVersion(row, body.version);
  const { maxMinutes, changesAfterReturn } = body;
  const before = { maxMinutes: row.checkout_minutes, changesAfterReturn: row.changes_after_return === 1 };
  const note = {
    kind: "account.checkout-rule-set",
    subject: siteSubject(row.site_id),
    details: {
      accountId: row.id,
      account: row.name,
      ...describeChange(before, { maxMinutes, changesAfterReturn }),
    },
  };
  const values = { checkout_minutes: maxMinutes, changes_after_return: changesAfterReturn ? 1 : 0 };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "account", { id: row.id, version: body.version }, { values, stamp }),
  );
  await dependencies.onAccessChanged();
  return showAccount(dependencies, row.id);
}

async function showHistory({ store, environment }: CheckOutDependencies, accountId: string) {
  const rows = await store.db
    .selectFrom("account_checkout")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("id", "desc")
    .limit(MAX_ROWS)
    .execute();
  const nowMs = environment.now();
  return {
    items: rows.map((row) => {
      // Over by the clock, the sweep has not come by yet.
      const isOver = row.open_key !== null && row.ends_at_ms <= nowMs;
      return {
        checkoutId: row.id,
        personId: row.person_id,
        personName: row.person_name,
        reason: row.reason,
        takenAtMs: row.taken_at_ms,
        endsAtMs: row.ends_at_ms,
        endedAtMs: isOver ? row.ends_at_ms : row.ended_at_ms,
        endKind: isOver ? ("expired" as const) : row.end_kind,
        endedByName: row.ended_by_name,
      };
    }),
  };
}
