import { Failure } from "@poterne/contract";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { ApiTokens } from "./api-tokens.ts";
import { SYSTEM_ACTOR } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { ShownLink } from "./one-time-links.ts";

/** A person of the demonstration, with the link that lets them in. */
export interface DemoPerson {
  readonly personId: string;
  readonly link: ShownLink;
}

/** What the console's links are made of. */
export interface LinkParts extends AuthParts {
  readonly tokens: ApiTokens;
  readonly identities: IdentityStore;
}

/** Links made at the console by whoever owns the gateway, without anybody signed in. */
export class FirstLinks {
  readonly #parts: LinkParts;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /**
   * On a store without people, the link by which the first administrator names themselves and chooses password and
   * device; null once there is anybody. Made anew at each start: an earlier one ends.
   */
  async createFirstLink(): Promise<ShownLink | null> {
    const { people, links } = this.#parts;
    if ((await people.count()) > 0) return null;
    await links.endKind("first-administrator");
    const personId = people.makeId();
    await this.#write("link.created", personId, { link: "first-administrator" }, "notice");
    return links.make(personId, "first-administrator");
  }

  /**
   * Lets an administrator in again, as one of this gateway whatever directory they came from: forgets devices and tokens, enables, and makes a link that asks neither password nor
   * device. A person named by login is made an administrator of the whole; without one it is the only one there is. Fails with `not-found`, or `conflict` when a login must be given.
   */
  async resetAdmin(
    login: string | null = null,
  ): Promise<{ readonly login: string; readonly link: ShownLink }> {
    const { people, factors, recoveryCodes, signIns, links, tokens, identities } = this.#parts;
    const person = login === null ? await this.#onlyAdministrator() : await people.findByLogin(login);
    if (person === null || person.erased_at_ms !== null) throw new Failure("not-found");
    await this.#write("person.reset", person.id, { what: "both", by: "console" }, "alarm");
    const roles = [...new Set([...person.roles, "administrator" as const])];
    await people.update(person, { is_disabled: 0, needs_link: 1 }, { roles, administeredSiteIds: null });
    await identities.unbind(person.id);
    await factors.forget(person.id);
    await recoveryCodes.forget(person.id);
    await tokens.revokeAll(person.id);
    await signIns.endAll(person.id);
    return { login: person.login, link: await links.make(person.id, "both") };
  }

  /**
   * For `npm run demo` only: a person with all roles whose link signs in at once, without password or device. The
   * page says so as long as they have enrolled none. Call it only behind the demonstration's own option.
   */
  async createDemoPerson(profile: { readonly login: string; readonly name: string }): Promise<DemoPerson> {
    const { people, links } = this.#parts;
    const known = await people.findByLogin(profile.login);
    const personId = known?.id ?? people.makeId();
    await this.#write("link.created", personId, { link: "demo", login: profile.login }, "alarm");
    if (known === null)
      await people.create(
        personId,
        { ...profile, email: "", language: "fr", site_id: null },
        { roles: ["administrator", "approver", "auditor", "user"], administeredSiteIds: null },
      );
    return { personId, link: await links.make(personId, "demo") };
  }

  async #onlyAdministrator() {
    const { people } = this.#parts;
    const [first, second] = await people.wholeAdministrators();
    if (second !== undefined)
      throw new Failure("conflict", { detail: "there are several administrators: name one by login" });
    return first === undefined ? null : people.find(first);
  }

  async #write(
    kind: string,
    personId: string,
    details: Record<string, string>,
    level: "notice" | "alarm",
  ): Promise<void> {
    await this.#parts.journal.append({
      kind,
      level,
      actor: SYSTEM_ACTOR,
      sourceAddress: "",
      subject: { personId },
      details,
    });
  }
}
