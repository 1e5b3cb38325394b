import { type createPerson, Failure, type updatePerson } from "@poterne/contract";
import type { z } from "zod";
import { changesBetween, entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import type { AuthenticatorParts } from "../auth/create-authenticator.ts";
import type { ShownLink } from "../auth/one-time-links.ts";
import type { RequestContext } from "../http/context.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { Deletion, ErasedRecordings } from "../recording/retention.ts";
import type { Store } from "../store/store.ts";
import type { Groups } from "./groups.ts";
import type { LinkedPeople } from "./linked-people.ts";
import type { Person, Roles } from "./people-store.ts";
import { requireGivable, requireManageable } from "./person-scope.ts";

/** What administering people needs. */
export interface PeopleActParts extends AuthenticatorParts {
  readonly store: Store;
  readonly groups: Groups;
  readonly identities: IdentityStore;
  readonly linked: LinkedPeople;
  /** Told when a person may no longer act, so that live sessions end. */
  readonly onPersonEnded: (personId: string) => Promise<void>;
  /** Deletes what may go of an erased person's recordings. */
  readonly eraseRecordings: EraseRecordings;
}

/** Deletes what may go of an erased person's recordings, and counts what stays. */
export type EraseRecordings = (personId: string, deletion: Deletion) => Promise<ErasedRecordings>;

type NewPerson = z.infer<(typeof createPerson)["body"]>;
type PersonChanges = z.infer<(typeof updatePerson)["body"]>;

/** What administrators and the help desk do to people: each act is checked, journaled, done, and takes effect at once. */
export class PeopleActs {
  readonly #parts: PeopleActParts;

  constructor(parts: PeopleActParts) {
    this.#parts = parts;
  }

  /** Creates a person with the link of the first sign-in. */
  async create(context: RequestContext, wish: NewPerson): Promise<{ person: Person; link: ShownLink }> {
    const { people, groups, links, journal } = this.#parts;
    await context.requireAt("people:write", wish.siteId);
    const roles = rolesOf(wish.roles, wish.administeredSiteIds);
    await requireGivable(context, roles);
    const memberships = await Promise.all(
      wish.groupIds.map((groupId) => groups.requireAt(context, "people:write", groupId)),
    );
    if ((await people.findByLogin(wish.login)) !== null)
      throw new Failure("login-taken", { login: wish.login });
    const personId = people.makeId();
    const details = changesBetween({}, { ...wish, groupIds: memberships.map((group) => group.name) });
    const entry = entryAbout(context, { kind: "person.created", personId, details });
    return journalThenDo(journal, entry, async () => {
      const { login, name, email, language, siteId } = wish;
      const person = await people.create(personId, { login, name, email, language, site_id: siteId }, roles);
      for (const group of memberships)
        await groups.change(group.id, {
          addPersonIds: [personId],
          removePersonIds: [],
          addGroupIds: [],
          removeGroupIds: [],
        });
      return { person, link: await links.make(personId, "first") };
    });
  }

  /** Changes a person. New roles or being disabled end the sign-ins: rights are never kept from before. */
  async update(context: RequestContext, personId: string, wish: PersonChanges): Promise<Person> {
    const { people, journal, signIns } = this.#parts;
    const person = await requireManageable(people, context, personId);
    if (wish.siteId !== undefined) await context.requireAt("people:write", wish.siteId);
    const roles = rolesOf(
      wish.roles ?? person.roles,
      wish.administeredSiteIds === undefined ? person.administeredSiteIds : wish.administeredSiteIds,
    );
    await requireGivable(context, roles);
    const isDisabled = wish.isDisabled ?? person.is_disabled === 1;
    if (isDisabled || !isWholeAdministrator(roles)) await this.#requireAnotherAdministrator(person);
    const { details, hasRolesChanged, hasDisabledChanged } = compare(person, wish, roles, isDisabled);
    if (isDisabled && hasDisabledChanged) Object.assign(details, await this.#parts.linked.leftBy(personId));
    const kind = hasDisabledChanged ? (isDisabled ? "person.disabled" : "person.enabled") : "person.changed";
    const changed = await journalThenDo(journal, entryAbout(context, { kind, personId, details }), () =>
      people.update(
        person,
        {
          login: wish.login ?? person.login,
          name: wish.name ?? person.name,
          email: wish.email ?? person.email,
          language: wish.language ?? person.language,
          site_id: wish.siteId === undefined ? person.site_id : wish.siteId,
          is_disabled: isDisabled ? 1 : 0,
        },
        roles,
      ),
    );
    // From now on an administrator's word, not the directory's.
    if (hasDisabledChanged) await this.#parts.identities.noteChecked(personId, "");
    if (hasRolesChanged || isDisabled) await signIns.endAll(personId);
    if (isDisabled && hasDisabledChanged) await this.#end(personId);
    return changed;
  }

  /** Help desk: makes a link that lets the person choose anew what was lost. Nothing is read. */
  async reset(
    context: RequestContext,
    personId: string,
    what: "password" | "factor" | "both",
  ): Promise<ShownLink> {
    const { people, links, journal, factors, recoveryCodes, signIns, tokens } = this.#parts;
    const person = await requireManageable(people, context, personId);
    if (person.is_disabled === 1) throw new Failure("conflict", { detail: "the person is disabled" });
    const origin = await this.#parts.identity.originOf(personId);
    if (origin !== null && what !== "factor") throw new Failure("password-elsewhere", { name: origin.name });
    const entry = entryAbout(context, {
      kind: "person.reset",
      level: what === "both" ? "alarm" : "notice",
      personId,
      details: { what },
    });
    return journalThenDo(journal, entry, async () => {
      // Somebody who never chose a password only needs the first link again.
      if (person.password_hash === null && origin === null) return links.make(personId, "first");
      if (what !== "password") {
        await people.update(person, { needs_link: 1 });
        await factors.forget(personId);
        await recoveryCodes.forget(personId);
      }
      // Whoever asks for both may have lost them to somebody else, who may have made tokens.
      if (what === "both") await tokens.revokeAll(personId);
      await signIns.endAll(personId);
      return links.make(personId, what);
    });
  }

  /** Erases a person's data; what is evidence stays. What became of the recordings is journaled when it is done. */
  async erase(
    context: RequestContext,
    personId: string,
    reason: string,
  ): Promise<{ pseudonym: string; recordings: ErasedRecordings }> {
    const { people, journal } = this.#parts;
    const person = await requireManageable(people, context, personId);
    await this.#requireAnotherAdministrator(person);
    const pseudonym = `erased-${personId.slice(-12)}`;
    const about = { pseudonym, reason, ...(await this.#parts.linked.leftBy(personId)) };
    const entry = entryAbout(context, { kind: "person.erased", personId, details: about });
    await journalThenDo(journal, entry, async () => {
      await this.#end(personId);
      await this.#forget(personId);
      const erased = { login: pseudonym, name: pseudonym, email: "", site_id: person.site_id };
      await people.update(
        person,
        {
          ...erased,
          is_disabled: 1,
          password_hash: null,
          password_at_ms: null,
          last_sign_in_at_ms: null,
          erased_at_ms: this.#parts.environment.now(),
        },
        { roles: [], administeredSiteIds: null },
      );
    });
    const { personId: actorId, name } = context.person();
    const actor = { personId: actorId, name, sourceAddress: context.sourceAddress };
    const recordings = await this.#parts.eraseRecordings(personId, { actor, reason: `erasure ${pseudonym}` });
    const details = { pseudonym, ...recordings };
    await journal.append(entryAbout(context, { kind: "person.recordings-erased", personId, details }));
    return { pseudonym, recordings };
  }

  async #end(personId: string): Promise<void> {
    const { signIns, links, onPersonEnded } = this.#parts;
    await signIns.endAll(personId);
    await links.end(personId);
    await onPersonEnded(personId);
  }

  async #forget(personId: string): Promise<void> {
    const { factors, recoveryCodes, tokens, store } = this.#parts;
    await this.#parts.identities.unbind(personId);
    await this.#parts.linked.noteErased(personId);
    await factors.forget(personId);
    await recoveryCodes.forget(personId);
    await tokens.revokeAll(personId);
    await store.db.deleteFrom("person_password").where("person_id", "=", personId).execute();
    await store.db.deleteFrom("person_target").where("person_id", "=", personId).execute();
    await store.db.deleteFrom("mail").where("person_id", "=", personId).execute();
    await store.db.deleteFrom("alarm_read").where("person_id", "=", personId).execute();
    await store.db.deleteFrom("charter_acceptance").where("person_id", "=", personId).execute();
    await store.db
      .deleteFrom("group_member")
      .where("member_kind", "=", "person")
      .where("member_id", "=", personId)
      .execute();
  }

  /** Throws `last-administrator` when the organisation would have none of the whole whom no directory can shut out. */
  async #requireAnotherAdministrator(person: Person): Promise<void> {
    if (!isWholeAdministrator(person) || person.is_disabled === 1) return;
    const others = (await this.#parts.people.wholeAdministrators("of this gateway")).filter(
      (id) => id !== person.id,
    );
    if (others.length === 0) throw new Failure("last-administrator");
  }
}

function rolesOf(roles: Roles["roles"], administeredSiteIds: readonly string[] | null): Roles {
  if (!roles.includes("administrator")) return { roles, administeredSiteIds: null };
  if (administeredSiteIds !== null && administeredSiteIds.length === 0)
    throw new Failure("bad-request", { detail: "an administrator of no site: name one, or null for all" });
  return { roles, administeredSiteIds };
}

function isWholeAdministrator({ roles, administeredSiteIds }: Roles): boolean {
  return roles.includes("administrator") && administeredSiteIds === null;
}

function compare(person: Person, wish: PersonChanges, roles: Roles, isDisabled: boolean) {
  const details = changesBetween(
    {
      login: person.login,
      name: person.name,
      email: person.email,
      language: person.language,
      siteId: person.site_id,
      roles: person.roles,
      administeredSiteIds: person.administeredSiteIds,
      isDisabled: person.is_disabled === 1,
    },
    {
      ...Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)),
      roles: roles.roles,
      administeredSiteIds: roles.administeredSiteIds,
      isDisabled,
    },
  );
  return {
    details,
    hasRolesChanged: "after.roles" in details || "after.administeredSiteIds" in details,
    hasDisabledChanged: "after.isDisabled" in details,
  };
}
