import { Failure } from "@poterne/contract";
import { requireAtAll } from "../fleet/scope.ts";
import type { RequestContext } from "../http/context.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import type { AccessFacts } from "./facts.ts";
import type { GrantFields } from "./grant-rows.ts";
import { inPages } from "./object-names.ts";
import { findPolicy } from "./policy-rows.ts";

/**
 * Checks that a grant is whole and that the caller may give it: it must hold `access:write` at the grant's site, at
 * every object's and at every account's. Otherwise a delegated administrator could point a password of the whole
 * organisation at a machine of its own and read it there. Accounts of kind `ask` hold no secret and may be of any site.
 */
export async function requireGrantable(
  dependencies: AccessNounDependencies,
  fields: GrantFields,
  context: RequestContext,
): Promise<void> {
  await requireObjectsGrantable(dependencies, fields, context);
  await requireSubject(dependencies, fields);
}

/** The same but for the person or group it is given to, who may not exist yet. */
export async function requireObjectsGrantable(
  dependencies: AccessNounDependencies,
  fields: GrantFields,
  context: RequestContext,
): Promise<void> {
  requireWhole(fields);
  await context.requireAt("access:write", fields.siteId);
  const facts = await dependencies.facts.current();
  await requireAtAll(context, "access:write", objectSites(facts, fields));
  await requireAccounts(dependencies, fields.accountIds, context);
  await requirePolicy(dependencies, fields, context);
}

function requireWhole(fields: GrantFields): void {
  const subjectCount = Number(fields.personId !== null) + Number(fields.groupId !== null);
  const objectCount = fields.targetIds.length + fields.machineIds.length + fields.siteIds.length;
  if (subjectCount !== 1 || objectCount === 0) throw new Failure("grant-incomplete");
  const { validFromMs, validToMs } = fields;
  if (validFromMs !== null && validToMs !== null && validToMs <= validFromMs) {
    throw new Failure("grant-times-wrong");
  }
}

/** The sites of all that a grant names; throws `not-found` for what does not live. */
function objectSites(facts: AccessFacts, fields: GrantFields): ReadonlySet<string> {
  const sites = new Set<string>();
  const addMachine = (machineId: string | undefined) => {
    const machine = machineId === undefined ? undefined : facts.machines.get(machineId);
    if (machine === undefined) throw new Failure("not-found");
    sites.add(machine.siteId);
  };
  for (const targetId of fields.targetIds) addMachine(facts.targets.get(targetId)?.machineId);
  for (const machineId of fields.machineIds) addMachine(machineId);
  for (const siteId of fields.siteIds) {
    if (!facts.tree.sites.has(siteId)) throw new Failure("not-found");
    sites.add(siteId);
  }
  return sites;
}

async function requireAccounts(
  { store }: AccessNounDependencies,
  accountIds: readonly string[],
  context: RequestContext,
): Promise<void> {
  const rows = await inPages([...new Set(accountIds)], (some) =>
    store.db
      .selectFrom("account")
      .select(["id", "site_id", "kind"])
      .where("id", "in", some)
      .where("deleted_at_ms", "is", null)
      .execute(),
  );
  if (rows.length !== new Set(accountIds).size) throw new Failure("not-found");
  const withSecret = rows.filter((row) => row.kind !== "ask");
  await requireAtAll(
    context,
    "access:write",
    withSecret.map((row) => row.site_id),
  );
}

async function requirePolicy(
  dependencies: AccessNounDependencies,
  fields: GrantFields,
  context: RequestContext,
): Promise<void> {
  const policy = await findPolicy(dependencies.store, fields.policyId);
  if (policy.deleted_at_ms !== null) throw new Failure("not-found");
  if (policy.site_id === null) return;
  const { tree } = await dependencies.facts.current();
  const above = fields.siteId === null ? [] : tree.ancestorsOf(fields.siteId);
  if (above.includes(policy.site_id)) return;
  const writable = await context.sitesWith("access:write");
  if (writable !== null && !writable.includes(policy.site_id)) throw new Failure("policy-out-of-reach");
}

async function requireSubject({ store }: AccessNounDependencies, fields: GrantFields): Promise<void> {
  const { personId, groupId } = fields;
  const found =
    personId === null
      ? await store.db
          .selectFrom("person_group")
          .select("id")
          .where("id", "=", groupId ?? "")
          .executeTakeFirst()
      : await store.db
          .selectFrom("person")
          .select("id")
          .where("id", "=", personId)
          .where("erased_at_ms", "is", null)
          .executeTakeFirst();
  if (found === undefined) throw new Failure("not-found");
}
