import {
  createVendorPass,
  decideVendorPass,
  extendVendorPass,
  Failure,
  getVendorReport,
  listVendorPasses,
  listVendors,
  MAX_PASS_DAYS,
  revokeVendorPass,
} from "@poterne/contract";
import type { Transaction } from "kysely";
import type { AccessNounDependencies } from "../access/dependencies.ts";
import { grantColumns, writeObjects } from "../access/grant-rows.ts";
import type { ShownLink } from "../auth/one-time-links.ts";
import { applyChange, freshColumns, newId, type Stamp } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Outbox } from "../mail/outbox.ts";
import { identitiesOf } from "../people/linked-people.ts";
import type { PeopleStore } from "../people/people-store.ts";
import { takeGrantBack } from "../requests/request-grant.ts";
import type { Tables } from "../store/tables.ts";
import { lettersAboutPass, peopleOfPass } from "./pass-notices.ts";
import { findPass, passNote, passViewerOf, readExtensions, readPasses, showPass } from "./pass-rows.ts";
import { isSlotPossible, passStateOf } from "./pass-rules.ts";
import { grantFieldsOf, proposePass } from "./propose-pass.ts";
import { makeReport } from "./vendor-report.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

/** Outside people told at once. */
const MAX_VENDORS = 200;

/** What the handlers of vendor passes work with. */
export interface VendorDependencies extends AccessNounDependencies {
  readonly outbox: Outbox;
  readonly people: Pick<PeopleStore, "create" | "findByLogin" | "makeId">;
  readonly makeFirstLink: (personId: string) => Promise<ShownLink>;
  /** Decides live sessions again, at once. */
  readonly onAccessChanged: () => Promise<void>;
  readonly organisation: string;
}

/** All handlers of vendor passes. */
export function vendorHandlers(dependencies: VendorDependencies): Handler[] {
  const { store, environment } = dependencies;
  const show = async (passId: string, context: RequestContext) => {
    const row = await findPass(store, passId, { context, right: "access:read" });
    return showPass(row, await passViewerOf(store, context), environment.now());
  };
  return [
    handle(listVendorPasses, async ({ query }, context) => {
      const nowMs = environment.now();
      const sites = await context.sitesWith("access:read");
      const rows = await readPasses(store, { sites, state: query.state ?? null, nowMs });
      const viewer = await passViewerOf(store, context);
      return { items: rows.map((row) => showPass(row, viewer, nowMs)) };
    }),
    handle(listVendors, async (_, context) => ({ items: await readVendors(dependencies, context) })),
    handle(createVendorPass, async ({ body }, context) => {
      const { row, link } = await proposePass(dependencies, body, context);
      return { pass: showPass(row, await passViewerOf(store, context), environment.now()), link };
    }),
    handle(decideVendorPass, async ({ params, body }, context) => {
      await decide(dependencies, { passId: params.passId, ...body }, context);
      return show(params.passId, context);
    }),
    handle(extendVendorPass, async ({ params, body }, context) => {
      await extend(dependencies, { passId: params.passId, toMs: body.toMs }, context);
      return show(params.passId, context);
    }),
    handle(revokeVendorPass, async ({ params, body }, context) => {
      await revoke(dependencies, { passId: params.passId, comment: body.comment }, context);
      return show(params.passId, context);
    }),
    handle(getVendorReport, async ({ params }, context) => {
      const row = await findPass(store, params.passId, { context, right: "sessions:read" });
      const pass = showPass(row, await passViewerOf(store, context), environment.now());
      return makeReport(dependencies, row, pass);
    }),
  ];
}

async function readVendors({ store }: VendorDependencies, context: RequestContext) {
  const sites = await context.sitesWith("access:read");
  if (sites?.length === 0) return [];
  let rows = store.db
    .selectFrom("vendor")
    .innerJoin("person", "person.id", "vendor.person_id")
    .select(["person.id as personId", "person.name", "vendor.company", "vendor.contract"])
    .where("person.is_disabled", "=", 0)
    .where("person.erased_at_ms", "is", null);
  if (sites !== null) rows = rows.where("person.site_id", "in", sites);
  return rows.orderBy("person.name_key").limit(MAX_VENDORS).execute();
}

/** Whoever proposes a pass neither approves nor extends it, under whichever identity; a vendor decides nothing. */
async function requireOther(
  { store }: VendorDependencies,
  row: VendorPassTableRow,
  context: RequestContext,
): Promise<void> {
  const identities = await identitiesOf(store, context.person().personId);
  if (identities.some((id) => id === row.proposed_by_id || id === row.person_id))
    throw new Failure("pass-own");
}

async function decide(
  dependencies: VendorDependencies,
  vote: { readonly passId: string; readonly isApproval: boolean; readonly comment: string },
  context: RequestContext,
): Promise<void> {
  const { store, environment, outbox } = dependencies;
  const row = await findPass(store, vote.passId, { context, right: "requests:decide" });
  await requireOther(dependencies, row, context);
  if (passStateOf(row, environment.now()) !== "pending") throw new Failure("pass-decided");
  const { personId, name } = context.person();
  const decided = { decided_by_id: personId, decided_by_name: name, decision_comment: vote.comment };
  const grantId = newId(environment);
  const after = { ...row, ...decided, grant_id: vote.isApproval ? grantId : null };
  const people = await peopleOfPass(dependencies, row, vote.isApproval ? "all" : "staff");
  const letters = lettersAboutPass(row, vote.isApproval ? "pass-approved" : "pass-refused", people, {
    by: name,
  });
  const { subject, details } = passNote(after);
  const note = {
    kind: vote.isApproval ? "pass.approved" : "pass.refused",
    subject,
    details: { ...details, comment: vote.comment },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    const values = { ...decided, decided_at_ms: stamp.nowMs };
    const state = vote.isApproval ? "approved" : "refused";
    await changePass(transaction, row, { ...values, state, grant_id: after.grant_id });
    if (vote.isApproval) await giveGrant(transaction, { row, grantId }, stamp);
    await outbox.write(letters, transaction);
  });
}

/** The grant of a pass, with its source addresses as a list of its own. */
async function giveGrant(
  transaction: Transaction<Tables>,
  { row, grantId }: { readonly row: VendorPassTableRow; readonly grantId: string },
  stamp: Stamp,
): Promise<void> {
  const fields = grantFieldsOf(
    {
      targetIds: JSON.parse(row.target_ids) as string[],
      accountIds: JSON.parse(row.account_ids) as string[],
      policyId: row.policy_id,
      fromMs: row.from_ms,
      toMs: row.to_ms,
      company: row.company,
      contract: row.contract,
    },
    { siteId: row.site_id, personId: row.person_id },
  );
  await transaction
    .insertInto("access_grant")
    .values({
      ...freshColumns(grantId, stamp),
      ...grantColumns(fields),
      pass_id: row.id,
      needs_guardian: row.needs_guardian,
    })
    .execute();
  await writeObjects(transaction, grantId, fields);
  await transaction
    .insertInto("source_list")
    .values({ object_id: grantId, kind: "grant", networks: row.networks, revision: stamp.revision })
    .execute();
}

/** Changes a pass that still stands where the caller saw it; throws `pass-decided` otherwise. */
async function changePass(
  transaction: Transaction<Tables>,
  seen: VendorPassTableRow,
  values: Partial<VendorPassTableRow>,
): Promise<void> {
  const result = await transaction
    .updateTable("vendor_pass")
    .set(values)
    .where("id", "=", seen.id)
    .where("state", "=", seen.state)
    .where("to_ms", "=", seen.to_ms)
    .where("closed_at_ms", "is", null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Failure("pass-decided");
}

function requireLiving(row: VendorPassTableRow, nowMs: number): void {
  const state = passStateOf(row, nowMs);
  if (state !== "scheduled" && state !== "open") throw new Failure("pass-decided");
}

async function extend(
  dependencies: VendorDependencies,
  wish: { readonly passId: string; readonly toMs: number },
  context: RequestContext,
): Promise<void> {
  const { store, environment, outbox } = dependencies;
  const row = await findPass(store, wish.passId, { context, right: "requests:decide" });
  await requireOther(dependencies, row, context);
  requireLiving(row, environment.now());
  if (!isSlotPossible({ fromMs: row.from_ms, toMs: wish.toMs }, environment.now()))
    throw new Failure("pass-slot-wrong", { days: MAX_PASS_DAYS });
  const { name } = context.person();
  const after = { ...row, to_ms: wish.toMs };
  const letters = lettersAboutPass(after, "pass-changed", await peopleOfPass(dependencies, row), {
    by: name,
  });
  const { subject, details } = passNote(after);
  const note = {
    kind: "pass.extended",
    subject,
    details: { ...details, "before.to": new Date(row.to_ms).toISOString() },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    const step = { name, atMs: stamp.nowMs, fromMs: row.to_ms, toMs: wish.toMs };
    const extensions = JSON.stringify([...readExtensions(row), step]);
    await changePass(transaction, row, { to_ms: wish.toMs, extensions });
    await transaction
      .updateTable("access_grant")
      .set((update) => ({
        valid_to_ms: wish.toMs,
        version: update("version", "+", 1),
        revision: stamp.revision,
        changed_at_ms: stamp.nowMs,
      }))
      .where("id", "=", row.grant_id ?? "")
      .where("deleted_at_ms", "is", null)
      .execute();
    await outbox.write(letters, transaction);
  });
  await dependencies.onAccessChanged();
}

async function revoke(
  dependencies: VendorDependencies,
  wish: { readonly passId: string; readonly comment: string },
  context: RequestContext,
): Promise<void> {
  const { store, environment, outbox } = dependencies;
  const row = await findPass(store, wish.passId, { context, right: "requests:decide" });
  if (row.person_id === context.person().personId) throw new Failure("pass-own");
  const nowMs = environment.now();
  if (passStateOf(row, nowMs) !== "pending") requireLiving(row, nowMs);
  const { name } = context.person();
  const people = await peopleOfPass(dependencies, row);
  const letters = lettersAboutPass(row, "pass-revoked", people, { by: name });
  const { subject, details } = passNote(row);
  const note = { kind: "pass.revoked", subject, details: { ...details, comment: wish.comment } };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    const values = { revoked_by_name: name, revoked_at_ms: stamp.nowMs, revoke_comment: wish.comment };
    await changePass(transaction, row, { state: "revoked", ...values });
    await takeGrantBack(transaction, row.grant_id, stamp);
    await outbox.write(letters, transaction);
  });
  await dependencies.onAccessChanged();
}
