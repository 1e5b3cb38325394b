import type { ApiTokens } from "../auth/api-tokens.ts";
import type { Factors } from "../auth/factors.ts";
import type { SignInStore } from "../auth/sign-in-store.ts";
import type { Store } from "../store/store.ts";
import type { PeopleStore } from "./people-store.ts";

/** What another noun keeps about people: its part of the export, under its own name. */
export interface PersonalDataSource {
  readonly name: string;
  collect(personId: string): Promise<unknown>;
}

/** Everything kept about one person, by sort of data; never a secret. */
export class PersonalData {
  readonly #parts: {
    readonly store: Store;
    readonly people: PeopleStore;
    readonly factors: Factors;
    readonly signIns: SignInStore;
    readonly tokens: ApiTokens;
    readonly sources: readonly PersonalDataSource[];
  };

  constructor(parts: {
    readonly store: Store;
    readonly people: PeopleStore;
    readonly factors: Factors;
    readonly signIns: SignInStore;
    readonly tokens: ApiTokens;
    readonly sources: readonly PersonalDataSource[];
  }) {
    this.#parts = parts;
  }

  /** Collects from this noun and from all others that keep something. Empty for somebody unknown. */
  async collect(personId: string): Promise<Record<string, unknown>> {
    const { people, factors, signIns, tokens, sources } = this.#parts;
    const person = await people.find(personId);
    if (person === null) return {};
    const data: Record<string, unknown> = {
      profile: {
        personId: person.id,
        login: person.login,
        name: person.name,
        email: person.email,
        language: person.language,
        theme: person.theme,
        keyboardMode: person.keyboard_mode,
        siteId: person.site_id,
        roles: person.roles,
        administeredSiteIds: person.administeredSiteIds,
        isDisabled: person.is_disabled === 1,
        createdAtMs: person.created_at_ms,
        lastSignInAtMs: person.last_sign_in_at_ms,
        passwordChangedAtMs: person.password_at_ms,
      },
      groups: await this.#groups(personId),
      charters: await this.#charters(personId),
      devices: await factors.devices(personId),
      signIns: (await signIns.list(personId)).map((row) => ({
        signInId: row.id,
        sourceAddress: row.source_address,
        userAgent: row.user_agent,
        createdAtMs: row.created_at_ms,
        lastSeenAtMs: row.last_seen_at_ms,
      })),
      tokens: await tokens.list(personId),
    };
    for (const source of sources) data[source.name] = await source.collect(personId);
    return data;
  }

  #groups(personId: string) {
    return this.#parts.store.db
      .selectFrom("group_member")
      .innerJoin("person_group", "person_group.id", "group_member.group_id")
      .select(["person_group.id as groupId", "person_group.name as name"])
      .where("group_member.member_kind", "=", "person")
      .where("group_member.member_id", "=", personId)
      .execute();
  }

  #charters(personId: string) {
    return this.#parts.store.db
      .selectFrom("charter_acceptance")
      .select(["version", "accepted_at_ms as acceptedAtMs"])
      .where("person_id", "=", personId)
      .orderBy("version")
      .execute();
  }
}
