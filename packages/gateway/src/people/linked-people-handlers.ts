import { Failure, linkPeople, listLinkedPeople, unlinkPerson } from "@poterne/contract";
import { entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Journal } from "../journal/journal.ts";
import type { LinkedPeople } from "./linked-people.ts";
import type { PeopleStore } from "./people-store.ts";
import { requireManageable, requireVisible } from "./person-scope.ts";

/** What the handlers of linked identities need. */
export interface LinkedPeopleParts {
  readonly people: PeopleStore;
  readonly linked: LinkedPeople;
  readonly journal: Journal;
}

/** Handlers of linked identities. */
export function linkedPeopleHandlers(parts: LinkedPeopleParts): Handler[] {
  const { people, linked, journal } = parts;
  return [
    handle(listLinkedPeople, async ({ params }, context) => {
      const person = await requireVisible(people, context, params.personId);
      return show(parts, context, person.id);
    }),
    handle(linkPeople, async ({ params, body }, context) => {
      if (params.personId === body.otherPersonId) throw new Failure("linked-to-itself");
      const person = await requireManageable(people, context, params.personId);
      const other = await requireManageable(people, context, body.otherPersonId);
      const details = { person: person.name, other: other.name, otherPersonId: other.id };
      const entry = entryAbout(context, { kind: "person.linked", personId: person.id, details });
      await journalThenDo(journal, entry, () => linked.link(person.id, other.id, context.person().name));
      return show(parts, context, person.id);
    }),
    handle(unlinkPerson, async ({ params }, context) => {
      const person = await requireManageable(people, context, params.personId);
      const identities = await linked.identitiesOf(person.id);
      const other = await people.find(params.otherPersonId);
      if (other === null || other.id === person.id || !identities.includes(other.id))
        throw new Failure("not-found");
      // Else whoever administers people would first part from themselves, then approve.
      if (identities.includes(context.person().personId)) throw new Failure("linked-own");
      if (other.erased_at_ms === null) await requireManageable(people, context, other.id);
      const details = { person: person.name, other: other.name, otherPersonId: other.id };
      const entry = entryAbout(context, { kind: "person.unlinked", personId: person.id, details });
      await journalThenDo(journal, entry, () => linked.unlink(other.id));
      return show(parts, context, person.id);
    }),
  ];
}

/** The others, as far as the caller may see people at their sites. */
async function show({ linked }: LinkedPeopleParts, context: RequestContext, personId: string) {
  const sites = await context.sitesWith("people:read");
  const all = await linked.list(personId);
  const isSeen = (siteId: string | null) => sites === null || (siteId !== null && sites.includes(siteId));
  return { items: all.filter(({ siteId }) => isSeen(siteId)).map(({ siteId: _, ...row }) => row) };
}
