import { Failure } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import type { PeopleStore, Person, Roles } from "./people-store.ts";

/**
 * Finds a person the caller may change: at their site, and not holding wider rights than the caller's, since whoever
 * resets a wider administrator becomes one. Fails with `not-found`, `role-beyond-yours`.
 */
export async function requireManageable(
  people: PeopleStore,
  context: RequestContext,
  personId: string,
): Promise<Person> {
  const person = await people.find(personId);
  if (person === null || person.erased_at_ms !== null) throw new Failure("not-found");
  await context.requireAt("people:write", person.site_id);
  await requireGivable(context, person);
  return person;
}

/** Finds a person the caller may see. Fails with `not-found`. */
export async function requireVisible(
  people: PeopleStore,
  context: RequestContext,
  personId: string,
): Promise<Person> {
  const person = await people.find(personId);
  if (person === null) throw new Failure("not-found");
  await context.requireAt("people:read", person.site_id);
  return person;
}

/**
 * Whether the caller may give these roles. An administrator of subtrees gives `user`, and `administrator` within their
 * own subtrees; approvers and auditors act everywhere, so only an administrator of everything makes them.
 */
export async function requireGivable(context: RequestContext, given: Roles): Promise<void> {
  const sites = await context.sitesWith("people:write");
  if (sites === null) return;
  const isWider = given.roles.some((role) => {
    if (role === "user") return false;
    if (role !== "administrator" || given.administeredSiteIds === null) return true;
    return given.administeredSiteIds.some((siteId) => !sites.includes(siteId));
  });
  if (isWider) throw new Failure("role-beyond-yours");
}
