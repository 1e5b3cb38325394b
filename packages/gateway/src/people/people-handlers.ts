import {
  createPerson,
  endPersonSignIn,
  erasePerson,
  exportPersonData,
  Failure,
  getPerson,
  listCharters,
  listPeople,
  listPersonSignIns,
  listPersonTokens,
  publishCharter,
  resetPerson,
  revokePersonToken,
  updatePerson,
} from "@poterne/contract";
import { entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import { showSignIn } from "../auth/shown-rows.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { PublishedCharter } from "./charters.ts";
import { listPeoplePage, showOne } from "./list-people.ts";
import type { PeopleActParts, PeopleActs } from "./people-acts.ts";
import { requireManageable, requireVisible } from "./person-scope.ts";
import type { PersonalData } from "./personal-data.ts";

/** What the handlers of people need. */
export interface PeopleParts extends PeopleActParts {
  readonly acts: PeopleActs;
  readonly personalData: PersonalData;
}

/** Handlers of people and of the charter. */
export function peopleHandlers(parts: PeopleParts): Handler[] {
  return [...readHandlers(parts), ...writeHandlers(parts), ...careHandlers(parts), ...charterHandlers(parts)];
}

function readHandlers(parts: PeopleParts): Handler[] {
  const { people, factors, signIns, tokens, links, groups } = parts;
  return [
    handle(listPeople, async ({ query }, context) =>
      listPeoplePage(parts, await context.sitesWith("people:read"), query),
    ),
    handle(getPerson, async ({ params }, context) => {
      const person = await requireVisible(people, context, params.personId);
      return {
        ...(await showOne(factors, person)),
        groups: await groups.directOf("person", person.id),
        devices: await factors.devices(person.id),
        origin: await showOrigin(parts, person.id),
        charterVersion: person.charter_version,
        linkExpiresAtMs: (await links.open(person.id))?.expires_at_ms ?? null,
      };
    }),
    handle(listPersonSignIns, async ({ params }, context) => {
      const person = await requireVisible(people, context, params.personId);
      return { items: (await signIns.list(person.id)).map((row) => showSignIn(row, null)) };
    }),
    handle(listPersonTokens, async ({ params }, context) => {
      const person = await requireVisible(people, context, params.personId);
      return { items: await tokens.list(person.id) };
    }),
  ];
}

async function showOrigin({ identity }: PeopleParts, personId: string) {
  const origin = await identity.originOf(personId);
  if (origin === null) return null;
  const { provider_id, subject, checked_at_ms, barred } = origin.binding;
  return {
    providerId: provider_id,
    providerName: origin.name,
    subject,
    checkedAtMs: checked_at_ms,
    barred: barred === "" ? null : barred,
  };
}

function writeHandlers({ acts, factors }: PeopleParts): Handler[] {
  return [
    handle(createPerson, async ({ body }, context) => {
      const { person, link } = await acts.create(context, body);
      return { person: await showOne(factors, person), link };
    }),
    handle(updatePerson, async ({ params, body }, context) =>
      showOne(factors, await acts.update(context, params.personId, body)),
    ),
    handle(resetPerson, async ({ params, body }, context) => ({
      link: await acts.reset(context, params.personId, body.what),
    })),
    handle(erasePerson, async ({ params, body }, context) => {
      const { pseudonym, recordings } = await acts.erase(context, params.personId, body.reason);
      const hasKept = recordings.heldCount + recordings.retainedCount > 0;
      const kept = ["journal" as const, ...(hasKept ? ["recordings" as const] : []), "sessions" as const];
      return { pseudonym, kept, recordings };
    }),
  ];
}

function careHandlers({ people, signIns, tokens, journal, personalData }: PeopleParts): Handler[] {
  return [
    handle(endPersonSignIn, async ({ params }, context) => {
      const { id: personId } = await requireManageable(people, context, params.personId);
      const { signInId } = params;
      const entry = entryAbout(context, { kind: "sign-in.revoked", personId, details: { signInId } });
      await journalThenDo(journal, entry, async () => {
        if (signInId === "all") await signIns.endAll(personId);
        else if (!(await signIns.end(signInId, personId))) throw new Failure("not-found");
      });
      return {};
    }),
    handle(revokePersonToken, async ({ params }, context) => {
      const { id: personId } = await requireManageable(people, context, params.personId);
      const details = { tokenId: params.tokenId };
      const entry = entryAbout(context, { kind: "token.revoked", personId, details });
      await journalThenDo(journal, entry, () => tokens.revoke(personId, params.tokenId));
      return {};
    }),
    handle(exportPersonData, async ({ params }, context) => {
      const { id: personId } = await requireManageable(people, context, params.personId);
      const entry = entryAbout(context, { kind: "person.exported", personId, details: {} });
      return journalThenDo(journal, entry, () => personalData.collect(personId));
    }),
  ];
}

function charterHandlers({ charters, journal }: PeopleParts): Handler[] {
  return [
    handle(listCharters, async () => ({ items: (await charters.list()).map(showCharter) })),
    handle(publishCharter, async ({ body }, context) => {
      const version = ((await charters.current())?.version ?? 0) + 1;
      const entry = entryAbout(context, { kind: "charter.published", details: { version } });
      const row = await journalThenDo(journal, entry, () =>
        charters.publish({ ...body, byName: context.person().name }),
      );
      return showCharter({ ...row, acceptedCount: 0 });
    }),
  ];
}

function showCharter(row: PublishedCharter) {
  return {
    version: row.version,
    textFr: row.text_fr,
    textEn: row.text_en,
    createdAtMs: row.created_at_ms,
    createdByName: row.created_by_name,
    acceptedCount: row.acceptedCount,
  };
}
