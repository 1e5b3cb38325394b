import {
  changeGroupMembers,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  updateGroup,
} from "@poterne/contract";
import { changesBetween, entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Groups, MemberChanges } from "./groups.ts";
import type { PeopleStore } from "./people-store.ts";
import { requireVisible } from "./person-scope.ts";

/** What the handlers of groups need. */
export interface GroupParts {
  readonly groups: Groups;
  readonly people: PeopleStore;
  readonly journal: Journal;
}

/** Handlers of groups. */
export function groupHandlers(parts: GroupParts): Handler[] {
  const { groups, journal } = parts;
  return [
    handle(listGroups, async ({ query }, context) =>
      groups.list(await context.sitesWith("people:read"), query),
    ),
    handle(getGroup, async ({ params }, context) => {
      const row = await groups.requireAt(context, "people:read", params.groupId);
      return { ...(await groups.show(row)), ...(await groups.members(row.id)) };
    }),
    handle(createGroup, async ({ body }, context) => {
      await context.requireAt("people:write", body.siteId);
      const groupId = groups.makeId();
      const details = { groupId, ...changesBetween({}, body) };
      const row = await journalThenDo(journal, entryAbout(context, { kind: "group.created", details }), () =>
        groups.create(groupId, body),
      );
      return groups.show(row);
    }),
    handle(updateGroup, async ({ params, body }, context) => {
      const row = await groups.requireAt(context, "people:write", params.groupId);
      const before = { name: row.name, description: row.description, siteId: row.site_id };
      const next = {
        name: body.name ?? row.name,
        description: body.description ?? row.description,
        siteId: body.siteId === undefined ? row.site_id : body.siteId,
      };
      await context.requireAt("people:write", next.siteId);
      const details = { groupId: row.id, ...changesBetween(before, next) };
      const changed = await journalThenDo(
        journal,
        entryAbout(context, { kind: "group.changed", details }),
        () => groups.update(row, next),
      );
      return groups.show(changed);
    }),
    handle(deleteGroup, async ({ params }, context) => {
      const row = await groups.requireAt(context, "people:write", params.groupId);
      const details = { groupId: row.id, "before.name": row.name };
      await journalThenDo(journal, entryAbout(context, { kind: "group.deleted", details }), () =>
        groups.delete(row.id),
      );
      return {};
    }),
    handle(changeGroupMembers, async ({ params, body }, context) => {
      const row = await groups.requireAt(context, "people:write", params.groupId);
      await requireMembers(parts, context, body);
      for (const entry of memberEntries(context, row, body)) await journal.append(entry);
      await groups.change(row.id, body);
      return groups.show(row);
    }),
  ];
}

/** Whoever is added must be somebody the caller sees; removing asks for nothing more than the group. */
async function requireMembers(
  { people, groups }: GroupParts,
  context: RequestContext,
  { addPersonIds, addGroupIds }: MemberChanges,
): Promise<void> {
  for (const personId of addPersonIds) await requireVisible(people, context, personId);
  for (const groupId of addGroupIds) await groups.requireAt(context, "people:read", groupId);
}

/** One entry per member: whose access changed is what an auditor looks for. */
function memberEntries(
  context: RequestContext,
  group: { readonly id: string; readonly name: string },
  changes: MemberChanges,
): JournalEntry[] {
  const entry = (verb: "added" | "removed", memberKind: "person" | "group") => (memberId: string) =>
    entryAbout(context, {
      kind: `group.member-${verb}`,
      ...(memberKind === "person" ? { personId: memberId } : {}),
      details: { groupId: group.id, group: group.name, memberKind, memberId },
    });
  return [
    ...changes.addPersonIds.map(entry("added", "person")),
    ...changes.addGroupIds.map(entry("added", "group")),
    ...changes.removePersonIds.map(entry("removed", "person")),
    ...changes.removeGroupIds.map(entry("removed", "group")),
  ];
}
