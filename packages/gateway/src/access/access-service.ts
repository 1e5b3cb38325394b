import type { Environment } from "../environment.ts";
import { newId, takeRevision } from "../fleet/changes.ts";
import { onceEach } from "../once-each.ts";
import type { TargetIdentity } from "../session/driver.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { Access, AccessQuestion, AccountRecord, TargetRecord, Verdict } from "./access.ts";
import { decide, type SessionCounts } from "./decide.ts";
import type { AccessFacts } from "./facts.ts";
import type { FactsCache } from "./facts-cache.ts";
import { endOfGrant } from "./grant-conditions.ts";
import { parseAddress } from "./networks.ts";
import { loadSubject } from "./subject.ts";

/** Counts the sessions live now, of a person on all targets and on a target of all people. */
export type CountSessions = (personId: string, targetId: string) => SessionCounts | Promise<SessionCounts>;

/** What `createAccess` works with. */
export interface AccessDependencies {
  readonly store: Store;
  readonly facts: FactsCache;
  readonly environment: Environment;
  readonly countSessions: CountSessions;
}

/** Policy, grants and inventory as the session opener sees them. Every answer is of the present state of the store. */
export function createAccess(dependencies: AccessDependencies): Access {
  const { store, environment } = dependencies;
  return {
    decide: (question) => decideNow(dependencies, question),
    together() {
      const { store, facts } = dependencies;
      const readOnce: AccessReads = {
        subject: onceEach((personId: string) => loadSubject(store, personId)),
        facts: onceEach(() => facts.current()),
      };
      return { decide: (question) => decideNow(dependencies, question, readOnce) };
    },
    target: (targetId) => readTarget(store, targetId),
    account: (accountId) => readAccount(store, accountId),
    pinIdentity: (targetId, identity, byPersonId) =>
      pinIdentity({ store, environment }, targetId, { identity, byPersonId }),
  };
}

/** What a decision reads of the store. */
interface AccessReads {
  subject(personId: string): ReturnType<typeof loadSubject>;
  facts(): Promise<AccessFacts>;
}

async function decideNow(
  dependencies: AccessDependencies,
  question: AccessQuestion,
  reads: AccessReads = {
    subject: (personId) => loadSubject(dependencies.store, personId),
    facts: () => dependencies.facts.current(),
  },
): Promise<Verdict> {
  const subject = await reads.subject(question.personId);
  if (subject === null) return { isAllowed: false, reasons: [{ reason: "no-grant", grantId: null }] };
  const sessions = await dependencies.countSessions(question.personId, question.targetId);
  const facts = await reads.facts();
  const { targetId, atMs, sourceAddress, held } = question;
  const decision = decide(facts, {
    subject,
    targetId,
    atMs,
    sessions,
    ...(sourceAddress === undefined ? {} : { source: parseAddress(sourceAddress) }),
    ...(held === undefined ? {} : { held }),
  });
  if (!decision.isAllowed) return decision;
  const grant = facts.grants.get(decision.grantId);
  return { ...decision, end: grant === undefined ? null : endOfGrant(facts, grant, atMs) };
}

/** A living target with all a driver must know of it; null when it, its machine or its site is gone. */
async function readTarget(store: Store, targetId: string): Promise<TargetRecord | null> {
  const row = await store.db
    .selectFrom("target")
    .innerJoin("machine", "machine.id", "target.machine_id")
    .select([
      "target.id",
      "target.name",
      "target.protocol",
      "target.address",
      "target.port",
      "target.options",
      "machine.id as machine_id",
      "machine.name as machine_name",
      "machine.addresses",
      "machine.kerberos_name",
      "machine.site_id",
    ])
    .where("target.id", "=", targetId)
    .where("target.deleted_at_ms", "is", null)
    .where("machine.deleted_at_ms", "is", null)
    .executeTakeFirst();
  if (row === undefined) return null;
  const addresses = JSON.parse(row.addresses) as readonly string[];
  return {
    targetId: row.id,
    name: row.name,
    protocol: row.protocol,
    address: row.address ?? addresses[0] ?? "",
    port: row.port,
    options: JSON.parse(row.options) as Readonly<Record<string, unknown>>,
    machineId: row.machine_id,
    machineName: row.machine_name,
    kerberosName: row.kerberos_name,
    siteId: row.site_id,
    identities: await readIdentities(store, targetId),
  };
}

async function readIdentities(store: Store, targetId: string): Promise<readonly TargetIdentity[]> {
  const rows = await store.db
    .selectFrom("target_identity")
    .select(["kind", "algorithm", "fingerprint", "public_key"])
    .where("target_id", "=", targetId)
    .orderBy("id")
    .execute();
  return rows.map(({ kind, algorithm, fingerprint, public_key }) => ({
    kind,
    algorithm,
    fingerprint,
    publicKey: public_key,
  }));
}

/** A living, enabled account with its envelope. */
async function readAccount(store: Store, accountId: string): Promise<AccountRecord | null> {
  const row = await store.db
    .selectFrom("account")
    .select(["id", "name", "kind", "username", "envelope", "public_key", "certificate"])
    .where("id", "=", accountId)
    .where("deleted_at_ms", "is", null)
    .where("is_disabled", "=", 0)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    accountId: row.id,
    name: row.name,
    kind: row.kind,
    username: row.username,
    envelope: row.envelope,
    publicKey: row.public_key,
    certificate: row.certificate,
  };
}

async function pinIdentity(
  world: { readonly store: Store; readonly environment: Environment },
  targetId: string,
  pin: { readonly identity: TargetIdentity; readonly byPersonId: string | null },
): Promise<void> {
  const { identity, byPersonId } = pin;
  const nowMs = world.environment.now();
  try {
    await world.store.db.transaction().execute(async (transaction) => {
      const revision = await takeRevision(transaction);
      await transaction
        .insertInto("target_identity")
        .values({
          id: newId(world.environment),
          target_id: targetId,
          kind: identity.kind,
          algorithm: identity.algorithm,
          fingerprint: identity.fingerprint,
          public_key: identity.publicKey,
          pinned_by: byPersonId,
          pinned_at_ms: nowMs,
          // Who pins by hand has compared; the first session has not.
          confirmed_by: byPersonId,
          confirmed_at_ms: byPersonId === null ? null : nowMs,
        })
        .execute();
      await transaction.updateTable("target").set({ revision }).where("id", "=", targetId).execute();
    });
  } catch (error) {
    // Two sessions opened at once and saw the same key: pinned is pinned.
    if (!isDuplicate(error)) throw error;
  }
}
