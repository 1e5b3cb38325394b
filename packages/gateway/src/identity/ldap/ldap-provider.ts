import type { LdapConfig, ProviderTestStep } from "@poterne/contract";
import { type Entry, InvalidCredentialsError, PasswordPolicyError } from "ldapts";
import type { Environment } from "../../environment.ts";
import type { DomainProof } from "../domain-proof.ts";
import { toIdentity } from "../identity-fields.ts";
import type {
  AccountState,
  Identity,
  IdentityProvider,
  LookupOutcome,
  ProofOutcome,
  TicketProof,
} from "../identity-provider.ts";
import { adAccountState, barredByBind, bindSubCode } from "./ad-account.ts";
import { isCalled, subjectFilter, textOf } from "./entry.ts";
import { loginAttributesOf, personFilter } from "./filter.ts";
import { groupsOf } from "./groups.ts";
import type { LdapConnection } from "./ldap-connection.ts";
import { testLdap } from "./ldap-test.ts";
import { realmOf } from "./realm.ts";
import { reasonOf } from "./reason.ts";
import { LdapServers } from "./servers.ts";

/** Most proofs one provider works on at a time; more are told that it is away rather than queued. */
const MAX_PROOFS = 50;
/** A proof takes at most so many times the time limit of one question, on all servers together: whoever signs in waits. */
const PROOF_LIMITS = 3;
/** The same for looking many people up, which nobody waits for. */
const LOOKUP_LIMITS = 12;
/** [MS-ERREF] 2.2 ERROR_ACCOUNT_RESTRICTION: what Active Directory says to every simple bind of Protected Users. */
const ACCOUNT_RESTRICTION = "52f";
const RESTRICTED = "the domain takes no simple bind of this account (Protected Users?)";
const AD_ATTRIBUTES = ["userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires"];

/** What a directory is made with. */
export interface LdapParts {
  readonly config: LdapConfig;
  readonly environment: Environment;
  /** Opens the searching account's password; empty without one. Asked at each use, kept nowhere. */
  readonly openSecret: () => Promise<string>;
  /** Asked where the directory takes no simple bind of a person; null or absent: such a person is refused. */
  readonly domain?: DomainProof | null;
}

/** A directory: searches the person with an account of its own, then binds as the person. It only ever reads. */
export class LdapProvider implements IdentityProvider {
  readonly password = {
    prove: (typed: { login: string; password: string }) => this.#prove(typed, true),
    confirm: (typed: { login: string; password: string }) => this.#prove(typed, false),
  };
  readonly directory = { lookup: (subjects: readonly string[]) => this.#lookup(subjects) };
  readonly ticket: TicketProof;
  readonly #parts: LdapParts;
  readonly #servers: LdapServers;
  #proofCount = 0;

  constructor(parts: LdapParts) {
    this.#parts = parts;
    this.#servers = new LdapServers(parts.config, parts.environment);
    this.ticket = {
      realms: parts.config.ticketRealms ?? [],
      resolve: (name, realm) => this.#resolve(name, realm),
    };
  }

  /** See `IdentityProvider`. */
  test(login: string): Promise<readonly ProviderTestStep[]> {
    return testLdap({ ...this.#parts, directory: this }, login);
  }

  /** Binds as the searching account. Throws when it is refused. */
  async bindSearcher(connection: LdapConnection): Promise<void> {
    const { config, openSecret } = this.#parts;
    if (config.bindDn === "") return connection.bindAnonymously();
    await connection.bind(config.bindDn, await openSecret());
  }

  /** Entries that the filter finds for a name and that are called so, two at most: more than one is nobody. */
  async find(connection: LdapConnection, login: string): Promise<Entry[]> {
    const { config } = this.#parts;
    const found = await connection.search({
      base: config.baseDn,
      filter: personFilter(config.userFilter, login),
      scope: "sub",
      attributes: this.#attributes(),
      maxEntries: 2,
    });
    return found.filter((entry) => isCalled(entry, loginAttributesOf(config.userFilter), login));
  }

  /** What the directory says of an entry, groups included; null when it lacks a subject or a usable login. */
  async identityOf(
    connection: LdapConnection,
    entry: Entry,
    account?: AccountState,
  ): Promise<Identity | null> {
    const { config } = this.#parts;
    return toIdentity({
      subject: textOf(entry, config.subjectAttribute),
      login: textOf(entry, config.loginAttribute),
      name: textOf(entry, config.nameAttribute),
      email: textOf(entry, config.mailAttribute),
      groups: await groupsOf(connection, config, entry.dn),
      account: account ?? (await this.#accountOf(connection, entry)),
    });
  }

  async #prove(typed: { login: string; password: string }, forSignIn: boolean): Promise<ProofOutcome> {
    // An empty password would be an anonymous bind, which succeeds (RFC 4513 §5.1.2).
    if (typed.password === "") return { result: "refused", reason: "empty password" };
    if (this.#proofCount >= MAX_PROOFS) return { result: "away", reason: "too many sign-ins at once" };
    this.#proofCount++;
    const { password, login } = typed;
    try {
      return await this.#onServer(PROOF_LIMITS, async (connection): Promise<ProofOutcome> => {
        const [entry, other] = await this.find(connection, login);
        if (entry === undefined) return { result: "unknown" };
        if (other !== undefined) return { result: "refused", reason: "several entries have this name" };
        return this.#proveEntry(connection, entry, { password, forSignIn });
      });
    } catch (error) {
      return { result: "away", reason: reasonOf(error) };
    } finally {
      this.#proofCount--;
    }
  }

  /** Works as the searching account, within so many times the limit of one question. */
  #onServer<Result>(limits: number, work: (connection: LdapConnection) => Promise<Result>): Promise<Result> {
    return this.#servers.run(
      async (connection) => {
        await this.bindSearcher(connection);
        return work(connection);
      },
      limits * this.#parts.config.timeoutSeconds * 1000,
    );
  }

  async #proveEntry(
    connection: LdapConnection,
    entry: Entry,
    given: { readonly password: string; readonly forSignIn: boolean },
  ): Promise<ProofOutcome> {
    let bound = await bindAs(connection, entry.dn, given.password);
    if (bound.isRefused && bound.isRestricted) {
      const proof = await this.#proveByDomain(entry, given);
      if ("result" in proof) return proof;
      bound = proof;
    }
    if (bound.isRefused) return { result: "refused", reason: bound.reason };
    await this.bindSearcher(connection);
    const told = bound.account ?? (await this.#accountOf(connection, entry));
    // Locked after a right password: the directory lets in, so it is for the directory to say.
    const account = told === "locked" ? "usable" : told;
    const identity = await this.identityOf(connection, entry, account);
    return identity === null
      ? { result: "refused", reason: "the entry has no usable subject or login" }
      : { result: "proven", identity };
  }

  /** A member of Protected Users: the domain's KDC says whether the password is right. */
  async #proveByDomain(
    entry: Entry,
    { password, forSignIn }: { readonly password: string; readonly forSignIn: boolean },
  ): Promise<Bound | ProofOutcome> {
    const { config, domain = null } = this.#parts;
    const realm = realmOf(config);
    const login = textOf(entry, config.loginAttribute);
    if (domain === null || realm === null) return { isRefused: true, isRestricted: true, reason: RESTRICTED };
    const verdict = await domain.prove(`${login}@${realm}`, password, { forSignIn });
    if (verdict.result === "away") return { result: "away", reason: verdict.reason };
    if (verdict.result === "wrong") return { isRefused: true, isRestricted: true, reason: verdict.reason };
    return { isRefused: false, account: verdict.account === "usable" ? null : verdict.account };
  }

  /** The entry of a principal: found by the filter for names, and bearing this very name. */
  async #resolve(name: string, realm: string): Promise<ProofOutcome> {
    if (!this.ticket.realms.includes(realm)) return { result: "unknown" };
    try {
      return await this.#onServer(PROOF_LIMITS, async (connection): Promise<ProofOutcome> => {
        const [entry, other] = await this.find(connection, name);
        if (entry === undefined) return { result: "unknown" };
        if (other !== undefined) return { result: "refused", reason: "several entries have this name" };
        const login = textOf(entry, this.#parts.config.loginAttribute).toLowerCase();
        if (login !== name.toLowerCase() && login !== `${name}@${realm}`.toLowerCase())
          return { result: "refused", reason: "the entry found has another name" };
        const identity = await this.identityOf(connection, entry);
        return identity === null
          ? { result: "refused", reason: "the entry has no usable subject or login" }
          : { result: "proven", identity };
      });
    } catch (error) {
      return { result: "away", reason: reasonOf(error) };
    }
  }

  async #lookup(subjects: readonly string[]): Promise<readonly LookupOutcome[]> {
    const outcomes: LookupOutcome[] = [];
    try {
      await this.#onServer(LOOKUP_LIMITS, async (connection) => {
        // What one server has said holds: the next goes on from there.
        for (const subject of subjects.slice(outcomes.length))
          outcomes.push(await this.#lookupOne(connection, subject));
      });
    } catch (error) {
      // INVARIANT: an error is never "gone"; whoever was not asked about stays as they are.
      const away: LookupOutcome = { result: "away", reason: reasonOf(error) };
      while (outcomes.length < subjects.length) outcomes.push(away);
    }
    return outcomes;
  }

  async #lookupOne(connection: LdapConnection, subject: string): Promise<LookupOutcome> {
    const { config } = this.#parts;
    const [entry] = await connection.search({
      base: config.baseDn,
      filter: subjectFilter(config, subject),
      scope: "sub",
      attributes: this.#attributes(),
      maxEntries: 1,
    });
    if (entry === undefined) return { result: "gone" };
    const identity = await this.identityOf(connection, entry);
    if (identity === null) return { result: "away", reason: "the entry has no usable login" };
    return { result: "found", identity };
  }

  async #accountOf(connection: LdapConnection, entry: Entry): Promise<AccountState> {
    const { config, environment } = this.#parts;
    if (config.schema === "active-directory") {
      const [control = "", computed = "", expires = ""] = AD_ATTRIBUTES.map((name) => textOf(entry, name));
      const state = adAccountState({ control, computed, expires }, environment.now());
      if (state !== "usable") return state;
    }
    if (config.disabledFilter === "") return "usable";
    const disabled = await connection.search({
      base: entry.dn,
      filter: config.disabledFilter,
      scope: "base",
      attributes: ["1.1"],
      maxEntries: 1,
    });
    return disabled.length === 0 ? "usable" : "disabled";
  }

  #attributes(): string[] {
    const { subjectAttribute, loginAttribute, nameAttribute, mailAttribute, schema } = this.#parts.config;
    const named = loginAttributesOf(this.#parts.config.userFilter);
    const own = [subjectAttribute, loginAttribute, nameAttribute, mailAttribute, ...named];
    return [...new Set([...own, ...(schema === "active-directory" ? AD_ATTRIBUTES : [])])];
  }
}

type Bound =
  | {
      readonly isRefused: true;
      /** The directory takes no simple bind of this person, whatever the password. */
      readonly isRestricted: boolean;
      readonly reason: string;
    }
  | { readonly isRefused: false; readonly account: AccountState | null };

/** Binds as a person. Throws when the directory could not say; a refusal is no error. */
async function bindAs(connection: LdapConnection, dn: string, password: string): Promise<Bound> {
  try {
    const policy = await connection.bind(dn, password);
    const mustChange = policy.error === PasswordPolicyError.ChangeAfterReset;
    return { isRefused: false, account: mustChange ? "must-change-password" : null };
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) throw error;
    const account = barredByBind(error.message) ?? expiredByPolicy(error);
    if (account !== null) return { isRefused: false, account };
    const subCode = bindSubCode(error.message);
    return { isRefused: true, isRestricted: subCode === ACCOUNT_RESTRICTION, reason: refusalOf(subCode) };
  }
}

/** The password policy's answer is checked after the password (draft-behera-ldap-password-policy §8.1). */
function expiredByPolicy(error: Error & { passwordPolicyError?: number }): AccountState | null {
  return error.passwordPolicyError === PasswordPolicyError.PasswordExpired ? "must-change-password" : null;
}

function refusalOf(subCode: string | null): string {
  if (subCode === "775") return "locked in the directory";
  return subCode === null ? "wrong password" : `wrong password (${subCode})`;
}
