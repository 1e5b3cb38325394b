import { Failure, type ProviderConfig } from "@poterne/contract";
import { changesBetween, SYSTEM_ACTOR } from "../auth/auth-journal.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Groups } from "../people/groups.ts";
import type { LinkedPeople } from "../people/linked-people.ts";
import type { PeopleStore, Person } from "../people/people-store.ts";
import type { Identity } from "./identity-provider.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { BarredReason } from "./identity-tables.ts";
import { type Admission, admit } from "./mapping.ts";
import type { LiveProvider } from "./provider-registry.ts";

/** What people from elsewhere are kept with. */
export interface BoundPeopleParts {
  readonly identities: IdentityStore;
  readonly people: PeopleStore;
  readonly linked: LinkedPeople;
  readonly groups: Groups;
  readonly journal: Journal;
  /** Ends a person's sign-ins and live sessions. */
  readonly endPerson: (personId: string) => Promise<void>;
}

/** What became of somebody a provider vouched for. The reason is for the journal. */
export type Received =
  | { readonly isIn: true; readonly person: Person }
  | { readonly isIn: false; readonly person: Person | null; readonly reason: string; readonly told: Told };

/** What a person may be told whose proof was right; null: the general refusal. */
export type Told =
  | "account-disabled"
  | "account-expired"
  | "account-password-expired"
  | "not-admitted"
  | "sign-in-refused";

/** People who come from a provider: made at the first sign-in, kept as the provider says, barred when it does. */
export class BoundPeople {
  readonly #parts: BoundPeopleParts;

  constructor(parts: BoundPeopleParts) {
    this.#parts = parts;
  }

  /** Takes in somebody a provider vouched for by a right proof: creates or brings up to date, or says why not. */
  async receive(live: LiveProvider, identity: Identity, sourceAddress: string): Promise<Received> {
    const { identities, people } = this.#parts;
    const binding = await identities.bindingOfSubject(live.row.id, identity.subject);
    const person = binding === null ? null : await people.find(binding.person_id);
    const bar = barOf(live.config, identity);
    if (bar !== null) {
      if (person !== null && bar.barred !== null) await this.bar(live, person, bar.barred);
      return { isIn: false, person, reason: bar.reason, told: bar.told };
    }
    if (person === null) return this.#create(live, identity, sourceAddress);
    // Disabled by an administrator, not by the provider: it stays so.
    if (person.is_disabled === 1 && binding?.barred === "")
      return { isIn: false, person, reason: "disabled here", told: "sign-in-refused" };
    return { isIn: true, person: await this.refresh(live, person, identity) };
  }

  /** Brings a person up to date with what the provider says, and lets one in again whom it had barred. */
  async refresh(live: LiveProvider, person: Person, identity: Identity): Promise<Person> {
    const { identities, people } = this.#parts;
    const admission = admit(live.config, identity);
    const isTaken = async () => {
      const other = await people.findByLogin(identity.login);
      return other !== null && other.id !== person.id;
    };
    // A new name at the provider that somebody has here already: the old one stays, nobody is taken over.
    const login = identity.login !== person.login && (await isTaken()) ? person.login : identity.login;
    const next = {
      login,
      name: identity.name,
      email: identity.email === "" ? person.email : identity.email,
      is_disabled: 0,
    };
    const roles = rolesAfter(person, admission);
    const details = {
      ...changesBetween(
        { login: person.login, name: person.name, email: person.email, isDisabled: person.is_disabled === 1 },
        { login: next.login, name: next.name, email: next.email, isDisabled: false },
      ),
      ...changesBetween({ roles: person.roles }, { roles: roles.roles }),
    };
    const groupDetails = await this.#groupChanges(person.id, admission);
    if (Object.keys(details).length > 0 || groupDetails.isChanged) {
      const all = { ...details, ...groupDetails.details, provider: live.row.name };
      await this.#write({ kind: "person.changed", level: "notice", details: all }, person.id);
    }
    await this.#applyGroups(person.id, groupDetails);
    const changed = Object.keys(details).length === 0 ? person : await people.update(person, next, roles);
    await identities.noteChecked(person.id, "");
    return changed;
  }

  /** Disables a person the provider bars, and ends what they have open. */
  async bar(live: LiveProvider, person: Person, reason: BarredReason): Promise<void> {
    const { identities, people, endPerson } = this.#parts;
    const isNews = person.is_disabled === 0;
    if (isNews) {
      const details = { provider: live.row.name, reason, ...(await this.#parts.linked.leftBy(person.id)) };
      await this.#write({ kind: "person.barred", level: "notice", details }, person.id);
    }
    // Somebody an administrator disabled is not to come back with the directory's leave.
    if (isNews) {
      await people.update(person, { is_disabled: 1 });
      await identities.noteChecked(person.id, reason);
    } else await identities.noteChecked(person.id, (await identities.bindingOf(person.id))?.barred ?? "");
    await endPerson(person.id);
  }

  async #create(live: LiveProvider, identity: Identity, sourceAddress: string): Promise<Received> {
    const { identities, people } = this.#parts;
    if ((await people.findByLogin(identity.login)) !== null)
      return {
        isIn: false,
        person: null,
        reason: `the login ${identity.login} belongs to somebody else here`,
        told: "not-admitted",
      };
    const admission = admit(live.config, identity);
    const personId = people.makeId();
    const { login, name, email } = identity;
    const roles = { roles: admission.roles, administeredSiteIds: null };
    const details = { provider: live.row.name, login, name, roles: admission.roles.join(", ") };
    await this.#write({ kind: "person.created", level: "notice", details }, personId, sourceAddress);
    const fields = { login, name, email, language: "fr" as const, site_id: null };
    const person = await people.create(personId, fields, roles).catch((error: unknown) => {
      if (error instanceof Failure && error.code === "login-taken") return null;
      throw error;
    });
    const isBound =
      person !== null &&
      (await identities.bind({
        person_id: personId,
        provider_id: live.row.id,
        subject: identity.subject,
        barred: "",
        checked_at_ms: 0,
      }));
    if (person === null || !isBound) {
      // Twice at the same moment: the other one was faster, and the next attempt finds the person.
      if (person !== null) await people.update(person, { is_disabled: 1, login: personId }, NO_ROLES);
      return { isIn: false, person: null, reason: "made twice at once", told: "sign-in-refused" };
    }
    await identities.noteChecked(personId, "");
    await this.#applyGroups(personId, await this.#groupChanges(personId, admission));
    return { isIn: true, person };
  }

  /** Which of the groups the mapping rules change; groups deleted since are passed over. */
  async #groupChanges(personId: string, admission: Admission): Promise<GroupChanges> {
    const { groups } = this.#parts;
    const present = new Set((await groups.directOf("person", personId)).map((group) => group.groupId));
    const ruled = await groups.existing(admission.ruledGroupIds);
    const wanted = new Set(admission.groupIds);
    const added = ruled.filter(({ id }) => wanted.has(id) && !present.has(id));
    const removed = ruled.filter(({ id }) => !wanted.has(id) && present.has(id));
    const names = (rows: readonly { name: string }[]) => rows.map((row) => row.name).join(", ");
    return {
      added: added.map((row) => row.id),
      removed: removed.map((row) => row.id),
      isChanged: added.length + removed.length > 0,
      details: {
        ...(added.length > 0 ? { "groups.added": names(added).slice(0, 500) } : {}),
        ...(removed.length > 0 ? { "groups.removed": names(removed).slice(0, 500) } : {}),
      },
    };
  }

  async #applyGroups(personId: string, changes: GroupChanges): Promise<void> {
    const none = { addPersonIds: [], removePersonIds: [], addGroupIds: [], removeGroupIds: [] };
    for (const groupId of changes.added)
      await this.#parts.groups.change(groupId, { ...none, addPersonIds: [personId] });
    for (const groupId of changes.removed)
      await this.#parts.groups.change(groupId, { ...none, removePersonIds: [personId] });
  }

  async #write(
    entry: Pick<JournalEntry, "kind" | "level" | "details">,
    personId: string,
    sourceAddress = "",
  ): Promise<void> {
    await this.#parts.journal.append({ ...entry, actor: SYSTEM_ACTOR, sourceAddress, subject: { personId } });
  }
}

interface GroupChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly isChanged: boolean;
  readonly details: Readonly<Record<string, string>>;
}

const NO_ROLES = { roles: [], administeredSiteIds: null };

/** The mapping rules the roles; where an administrator's role holds stays as an administrator limited it. */
function rolesAfter(person: Person, { roles }: Admission) {
  const isStill = roles.includes("administrator") && person.roles.includes("administrator");
  return { roles, administeredSiteIds: isStill ? person.administeredSiteIds : null };
}

/** Why the provider, or its mapping, does not let an identity in; null when it does. */
export function barOf(
  config: ProviderConfig,
  identity: Identity,
): { readonly told: Told; readonly reason: string; readonly barred: BarredReason | null } | null {
  switch (identity.account) {
    case "disabled":
      return { told: "account-disabled", reason: "disabled in the directory", barred: "disabled" };
    case "expired":
      return { told: "account-expired", reason: "expired in the directory", barred: "expired" };
    case "must-change-password":
      return { told: "account-password-expired", reason: "password to be changed", barred: null };
    case "locked":
      return { told: "sign-in-refused", reason: "locked in the directory", barred: null };
    case "usable":
      return admit(config, identity).isAdmitted
        ? null
        : { told: "not-admitted", reason: "no rule of the mapping fits", barred: "not-admitted" };
  }
}
