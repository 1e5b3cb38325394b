import { isIP } from "node:net";
import { type HealthCheck, type Policy, policyRules, targetOptions } from "@poterne/contract";
import { FactorRuleStore } from "../access/factor-rule-store.ts";
import { unusedGrants } from "../access/unused-rights.ts";
import type { Settings } from "../config/settings.ts";
import { countRows } from "../store/count-rows.ts";
import type { Store } from "../store/store.ts";
import { type Proof, type ProofName, readProofs } from "./proofs.ts";

/** Grants that nobody used for so long are told (PA-022 R39). */
const UNUSED_MS = 90 * 86_400_000;

/** A policy that decides about sessions: a grant in force names it, or it is the default. */
export interface UsedPolicy {
  readonly name: string;
  readonly rules: Policy;
}

/** What the rules are judged by: read once for a whole page. Counts are of what exists and is not disabled. */
export interface ComplianceFacts {
  /** When it is judged. */
  readonly nowMs: number;
  /** Of Poterne. */
  readonly version: string;
  /** The last entries of the journal that tell of acts and tests. */
  readonly proofs: ReadonlyMap<ProofName, Proof>;
  readonly settings: Settings;
  /** Whether nobody gets in without a second factor. */
  readonly isFactorRequired: boolean;
  /** Names of the rules in use that ask no second factor at a sign-in, and of those that take a remembered browser for it. */
  readonly factorRules: { readonly waiving: readonly string[]; readonly remembering: readonly string[] };
  readonly clock: HealthCheck;
  readonly disk: HealthCheck;
  readonly people: { readonly count: number; readonly withoutFactor: number };
  /** Null: no charter was written. */
  readonly charter: { readonly version: number; readonly notAccepted: number } | null;
  readonly policies: readonly UsedPolicy[];
  readonly grants: {
    readonly count: number;
    readonly toPersons: number;
    readonly withoutEnd: number;
    /** In force for ninety days and not used in them. */
    readonly unused: number;
  };
  readonly targets: {
    readonly count: number;
    readonly telnet: number;
    readonly vncWithoutTls: number;
    readonly sshLegacy: number;
    readonly rdp: number;
    /** Remote desktops whose options ask for no ticket. */
    readonly rdpWithoutKerberos: number;
    /** Remote desktops on a machine without a name that a ticket could be for. */
    readonly rdpWithoutName: number;
    /** Identities taken at first use that no administrator has confirmed. */
    readonly unconfirmedIdentities: number;
  };
  /** Accounts whose secret is in the vault. */
  readonly vaultAccounts: number;
  /** Accounts that one named person at a time checks out. */
  readonly sharedAccounts: number;
  /** Identities that are linked to another of the same human being. */
  readonly linkedPeople: number;
  /** Lists of source addresses of people, groups and targets. */
  readonly sourceLists: number;
  /** Outside people, and their approved passes whose end is not over: those without a guardian. */
  readonly vendors: { readonly count: number; readonly passes: number; readonly unguarded: number };
  /** Directories and federations people sign in by; `unprotected`: directories asked in clear. */
  readonly providers: { readonly ldap: number; readonly unprotected: number; readonly oidc: number };
}

/** Reads the facts from the store and the settings. */
export async function readComplianceFacts(parts: {
  readonly store: Store;
  readonly settings: Settings;
  readonly version: string;
  readonly isFactorRequired: boolean;
  readonly clock: HealthCheck;
  readonly disk: HealthCheck;
  readonly nowMs: number;
}): Promise<ComplianceFacts> {
  const { store, nowMs } = parts;
  const [people, charter, grants, policies, targets, vaultAccounts, sourceLists, providers, vendors] =
    await Promise.all([
      readPeople(store),
      readCharter(store),
      readGrants(store, nowMs),
      readPolicies(store, nowMs),
      readTargets(store),
      countRows(
        store,
        store.db
          .selectFrom("account")
          .select("id")
          .where("deleted_at_ms", "is", null)
          .where("envelope", "is not", null),
      ),
      countRows(store, store.db.selectFrom("source_list").select("object_id")),
      readProviders(store),
      readVendors(store, nowMs),
    ]);
  const { settings, version, isFactorRequired, clock, disk } = parts;
  return {
    nowMs,
    version,
    proofs: await readProofs(store),
    settings,
    isFactorRequired,
    factorRules: await readFactorRules(store, settings),
    clock,
    disk,
    people,
    charter,
    grants,
    policies,
    targets,
    vaultAccounts,
    ...(await readNames(store)),
    sourceLists,
    providers,
    vendors,
  };
}

async function readFactorRules(store: Store, settings: Settings): Promise<ComplianceFacts["factorRules"]> {
  const { rules } = await new FactorRuleStore(store).read();
  const namesOf = (demand: "never" | "remembered") =>
    rules
      .filter((rule) => rule.moment === "sign-in" && rule.isEnabled && rule.demand === demand)
      .map(({ name }) => name);
  const canRemember = settings.signIn.rememberedDeviceDays > 0;
  return { waiving: namesOf("never"), remembering: canRemember ? namesOf("remembered") : [] };
}

const activePeople = ({ db }: Store) =>
  db.selectFrom("person").select("person.id").where("is_disabled", "=", 0).where("erased_at_ms", "is", null);

async function readPeople(store: Store): Promise<ComplianceFacts["people"]> {
  const withoutFactor = activePeople(store)
    .where((where) =>
      where.not(
        where.exists(
          where.selectFrom("credential_passkey").select("id").whereRef("person_id", "=", "person.id"),
        ),
      ),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("credential_totp")
            .select("id")
            .whereRef("person_id", "=", "person.id")
            .where("is_confirmed", "=", 1),
        ),
      ),
    );
  return {
    count: await countRows(store, activePeople(store)),
    withoutFactor: await countRows(store, withoutFactor),
  };
}

async function readCharter(store: Store): Promise<ComplianceFacts["charter"]> {
  const newest = await store.db
    .selectFrom("charter")
    .select("version")
    .orderBy("version", "desc")
    .executeTakeFirst();
  if (newest === undefined) return null;
  const notAccepted = activePeople(store).where((where) =>
    where.or([where("charter_version", "is", null), where("charter_version", "<", newest.version)]),
  );
  return { version: newest.version, notAccepted: await countRows(store, notAccepted) };
}

const grantsInForce = ({ db }: Store, nowMs: number) =>
  db
    .selectFrom("access_grant")
    .select("access_grant.id")
    .where("deleted_at_ms", "is", null)
    .where("is_disabled", "=", 0)
    .where((where) => where.or([where("valid_to_ms", "is", null), where("valid_to_ms", ">", nowMs)]));

/** How many accounts are lent to one named person at a time, and how many identities are linked to another. */
async function readNames(store: Store): Promise<Pick<ComplianceFacts, "sharedAccounts" | "linkedPeople">> {
  const shared = store.db
    .selectFrom("account")
    .select("id")
    .where("deleted_at_ms", "is", null)
    .where("checkout_minutes", "is not", null);
  const linked = store.db.selectFrom("linked_person").select("person_id").where("erased_at_ms", "is", null);
  return { sharedAccounts: await countRows(store, shared), linkedPeople: await countRows(store, linked) };
}

async function readGrants(store: Store, nowMs: number): Promise<ComplianceFacts["grants"]> {
  const grants = grantsInForce(store, nowMs);
  const sinceMs = nowMs - UNUSED_MS;
  return {
    count: await countRows(store, grants),
    toPersons: await countRows(store, grants.where("person_id", "is not", null)),
    withoutEnd: await countRows(store, grants.where("valid_to_ms", "is", null)),
    unused: (await unusedGrants(store, { sinceMs, nowMs, accessSites: null, peopleSites: null })).length,
  };
}

async function readPolicies(store: Store, nowMs: number): Promise<UsedPolicy[]> {
  const rows = await store.db
    .selectFrom("policy")
    .select(["name", "rules"])
    .where("deleted_at_ms", "is", null)
    .where((where) =>
      where.or([
        where("is_default", "=", 1),
        where("id", "in", grantsInForce(store, nowMs).clearSelect().select("policy_id")),
      ]),
    )
    .orderBy("name")
    .execute();
  return rows.map(({ name, rules }) => ({ name, rules: policyRules.parse(JSON.parse(rules)) }));
}

async function readTargets(store: Store): Promise<ComplianceFacts["targets"]> {
  const rows = await store.db
    .selectFrom("target")
    .innerJoin("machine", "machine.id", "target.machine_id")
    .select(["protocol", "options", "machine.kerberos_name", "machine.addresses", "target.address"])
    .where("target.deleted_at_ms", "is", null)
    .where("target.is_disabled", "=", 0)
    .execute();
  const optionsOf = (row: { options: string }): unknown => JSON.parse(row.options);
  const vnc = rows.filter(({ protocol }) => protocol === "vnc");
  const ssh = rows.filter(({ protocol }) => protocol === "ssh");
  const rdp = rows.filter(({ protocol }) => protocol === "rdp");
  const hasName = (row: (typeof rows)[number]): boolean => {
    const [first] = JSON.parse(row.addresses) as string[];
    return row.kerberos_name !== "" || isIP(row.address ?? first ?? "") === 0;
  };
  const unconfirmed = store.db
    .selectFrom("target_identity")
    .innerJoin("target", "target.id", "target_identity.target_id")
    .select("target_identity.id")
    .where("target.deleted_at_ms", "is", null)
    .where("confirmed_by", "is", null);
  return {
    count: rows.length,
    telnet: rows.filter(({ protocol }) => protocol === "telnet").length,
    vncWithoutTls: vnc.filter((row) => targetOptions.vnc.parse(optionsOf(row)).minimumSecurity !== "tls")
      .length,
    sshLegacy: ssh.filter((row) => targetOptions.ssh.parse(optionsOf(row)).legacyAlgorithms).length,
    rdp: rdp.length,
    rdpWithoutKerberos: rdp.filter((row) => targetOptions.rdp.parse(optionsOf(row)).kerberos === "no").length,
    rdpWithoutName: rdp.filter((row) => !hasName(row)).length,
    unconfirmedIdentities: await countRows(store, unconfirmed),
  };
}

async function readVendors(store: Store, nowMs: number): Promise<ComplianceFacts["vendors"]> {
  const passes = store.db
    .selectFrom("vendor_pass")
    .select("id")
    .where("state", "=", "approved")
    .where("to_ms", ">", nowMs);
  const vendors = activePeople(store).innerJoin("vendor", "vendor.person_id", "person.id");
  return {
    count: await countRows(store, vendors),
    passes: await countRows(store, passes),
    unguarded: await countRows(store, passes.where("needs_guardian", "=", 0)),
  };
}

async function readProviders(store: Store): Promise<ComplianceFacts["providers"]> {
  const rows = await store.db
    .selectFrom("identity_provider")
    .select(["kind", "config"])
    .where("is_enabled", "=", 1)
    .execute();
  const ldap = rows.filter(({ kind }) => kind === "ldap");
  const isUnprotected = ({ config }: { config: string }) =>
    (JSON.parse(config) as { security?: string }).security === "plain";
  return {
    ldap: ldap.length,
    unprotected: ldap.filter(isUnprotected).length,
    oidc: rows.filter(({ kind }) => kind === "oidc").length,
  };
}
