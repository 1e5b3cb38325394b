import { type createVendorPass, Failure, MAX_PASS_DAYS } from "@poterne/contract";
import type { AccessFacts } from "../access/facts.ts";
import type { GrantFields } from "../access/grant-rows.ts";
import { requireObjectsGrantable } from "../access/grant-rules.ts";
import { entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import type { ShownLink } from "../auth/one-time-links.ts";
import { applyChange, newId } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import type { HandlerInput } from "../http/handlers.ts";
import { lettersToPassApprovers } from "./pass-notices.ts";
import { passNote } from "./pass-rows.ts";
import { commonSite, isSlotPossible } from "./pass-rules.ts";
import type { VendorDependencies } from "./vendor-handlers.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

type Wish = HandlerInput<typeof createVendorPass>["body"];

/** Proposes a pass: checked like the grant it may become, journaled, and told to those who approve. Nothing opens. */
export async function proposePass(
  dependencies: VendorDependencies,
  wish: Wish,
  context: RequestContext,
): Promise<{ readonly row: VendorPassTableRow; readonly link: ShownLink | null }> {
  const nowMs = dependencies.environment.now();
  if (!isSlotPossible(wish, nowMs)) throw new Failure("pass-slot-wrong", { days: MAX_PASS_DAYS });
  const facts = await dependencies.facts.current();
  const siteId = siteOf(facts, wish);
  await requireObjectsGrantable(dependencies, grantFieldsOf(wish, { siteId, personId: "" }), context);
  const { person, link } = await personOf(dependencies, wish, { siteId, context });
  const row = makeRow(facts, wish, {
    id: newId(dependencies.environment),
    siteId,
    person,
    by: context.person(),
    nowMs,
  });
  const letters = await lettersToPassApprovers(dependencies, row);
  await applyChange(
    dependencies,
    context,
    { kind: "pass.proposed", ...passNote(row) },
    async (transaction) => {
      const mark = { company: wish.company, contract: wish.contract };
      await transaction.updateTable("vendor").set(mark).where("person_id", "=", person.personId).execute();
      await transaction.insertInto("vendor_pass").values(row).execute();
      await dependencies.outbox.write(letters, transaction);
    },
  );
  return { row, link };
}

/** The lowest site above all targets; throws `not-found` for a target that does not live. */
function siteOf(facts: AccessFacts, wish: Wish): string | null {
  const sites = wish.targetIds.map((targetId) => {
    const machine = facts.machines.get(facts.targets.get(targetId)?.machineId ?? "");
    if (machine === undefined) throw new Failure("not-found");
    return machine.siteId;
  });
  return commonSite(facts.tree, sites);
}

/** The fields of the grant a pass becomes. */
export function grantFieldsOf(
  wish: Pick<Wish, "targetIds" | "accountIds" | "policyId" | "fromMs" | "toMs" | "company" | "contract">,
  more: { readonly siteId: string | null; readonly personId: string },
): GrantFields {
  return {
    ...more,
    groupId: null,
    targetIds: wish.targetIds,
    machineIds: [],
    siteIds: [],
    accountIds: wish.accountIds,
    policyId: wish.policyId,
    validFromMs: wish.fromMs,
    validToMs: wish.toMs,
    note: `${wish.company} — ${wish.contract}`,
    isDisabled: false,
  };
}

/** The outside person: one that is marked as such already, or a new one with its one-time link. */
async function personOf(
  { store, people, makeFirstLink, journal, environment }: VendorDependencies,
  { person, company, contract }: Wish,
  { siteId, context }: { readonly siteId: string | null; readonly context: RequestContext },
): Promise<{ person: { personId: string; name: string }; link: ShownLink | null }> {
  if (person.kind === "known") {
    const known = await store.db
      .selectFrom("vendor")
      .innerJoin("person", "person.id", "vendor.person_id")
      .select(["person.id", "person.name", "person.site_id"])
      .where("vendor.person_id", "=", person.personId)
      .where("person.is_disabled", "=", 0)
      .executeTakeFirst();
    if (known === undefined) throw new Failure("not-found");
    return { person: { personId: known.id, name: known.name }, link: null };
  }
  await context.requireAt("people:write", siteId);
  const { login, name, email, language } = person;
  if ((await people.findByLogin(login)) !== null) throw new Failure("login-taken", { login });
  const personId = people.makeId();
  const details = { "after.login": login, "after.name": name, "after.company": company };
  const entry = entryAbout(context, { kind: "person.created", personId, details });
  return journalThenDo(journal, entry, async () => {
    const roles = { roles: ["user"] as const, administeredSiteIds: null };
    await people.create(personId, { login, name, email, language, site_id: siteId }, roles);
    const mark = { person_id: personId, company, contract, created_at_ms: environment.now() };
    await store.db.insertInto("vendor").values(mark).execute();
    return { person: { personId, name }, link: await makeFirstLink(personId) };
  });
}

function makeRow(
  facts: AccessFacts,
  wish: Wish,
  made: {
    readonly id: string;
    readonly siteId: string | null;
    readonly person: { readonly personId: string; readonly name: string };
    readonly by: { readonly personId: string; readonly name: string };
    readonly nowMs: number;
  },
): VendorPassTableRow {
  const targetIds = [...new Set(wish.targetIds)];
  const names = targetIds.map((targetId) => {
    const target = facts.targets.get(targetId);
    const machine = facts.machines.get(target?.machineId ?? "");
    return [targetId, `${machine?.name ?? ""} / ${target?.name ?? ""}`] as const;
  });
  return {
    id: made.id,
    person_id: made.person.personId,
    person_name: made.person.name,
    company: wish.company,
    contract: wish.contract,
    purpose: wish.purpose,
    site_id: made.siteId,
    from_ms: wish.fromMs,
    to_ms: wish.toMs,
    networks: JSON.stringify(wish.networks),
    target_ids: JSON.stringify(targetIds),
    account_ids: JSON.stringify([...new Set(wish.accountIds)]),
    target_names: JSON.stringify(Object.fromEntries(names)),
    policy_id: wish.policyId,
    policy_name: facts.policies.get(wish.policyId)?.name ?? "",
    needs_guardian: wish.needsGuardian ? 1 : 0,
    state: "pending",
    grant_id: null,
    proposed_by_id: made.by.personId,
    proposed_by_name: made.by.name,
    proposed_at_ms: made.nowMs,
    decided_by_id: null,
    decided_by_name: null,
    decided_at_ms: null,
    decision_comment: "",
    revoked_by_name: null,
    revoked_at_ms: null,
    revoke_comment: "",
    extensions: "[]",
    closed_at_ms: null,
  };
}
