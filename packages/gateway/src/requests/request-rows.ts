import { type AccessRequestRow, Failure } from "@poterne/contract";
import type { AccessRequestTableRow, AccessRequestVoteTableRow } from "../access/access-tables.ts";
import type { AccessNounDependencies } from "../access/dependencies.ts";
import { loadSubject } from "../access/subject.ts";
import type { RequestContext } from "../http/context.ts";
import type { Outbox } from "../mail/outbox.ts";
import { identitiesOf } from "../people/linked-people.ts";
import type { Store } from "../store/store.ts";
import { isReportDue, slotOf, stateOf } from "./request-rules.ts";

/** What the handlers of requests work with. */
export interface RequestDependencies extends AccessNounDependencies {
  /** Where letters to approvers and askers are put. */
  readonly outbox: Outbox;
  /** Decides live sessions again, at once. */
  readonly onAccessChanged: () => Promise<void>;
}

/** One request; throws `not-found`. */
export async function findRequest(store: Store, requestId: string): Promise<AccessRequestTableRow> {
  const row = await store.db
    .selectFrom("access_request")
    .selectAll()
    .where("id", "=", requestId)
    .executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** Who looks at requests: where it may decide, and its groups. */
export interface Viewer {
  readonly personId: string;
  /** All identities of the same human being, this one included. */
  readonly identities: readonly string[];
  readonly sites: readonly string[] | null;
  /** Where it administers access: null for everywhere. */
  readonly administers: readonly string[] | null;
  readonly groupIds: readonly string[];
}

/** Who calls, as a viewer of requests. */
export async function viewerOf({ store }: RequestDependencies, context: RequestContext): Promise<Viewer> {
  const { personId } = context.person();
  const subject = await loadSubject(store, personId);
  const sites = await context.sitesWith("requests:decide");
  const identities = await identitiesOf(store, personId);
  const administers = await context.sitesWith("access:write");
  return { personId, identities, sites, administers, groupIds: subject?.groupIds ?? [] };
}

/** Whether somebody is among those who decide a request: at its site, and in one of its groups when it names some. */
export function isApprover(row: AccessRequestTableRow, viewer: Viewer): boolean {
  if (viewer.sites !== null && !viewer.sites.includes(row.site_id)) return false;
  const groups = JSON.parse(row.approver_group_ids) as readonly string[];
  return groups.length === 0 || groups.some((groupId) => viewer.groupIds.includes(groupId));
}

/** Whether somebody may take an access back: its approvers, and for an emergency whoever administers its site. */
export function mayRevoke(row: AccessRequestTableRow, viewer: Viewer): boolean {
  return isApprover(row, viewer) || (row.is_emergency !== 0 && administers(row, viewer));
}

function administers(row: AccessRequestTableRow, { administers: sites }: Viewer): boolean {
  return sites === null || sites.includes(row.site_id);
}

/** Requests as the API shows them. At most one list of them. */
export async function showRequests(
  { store, environment }: RequestDependencies,
  rows: readonly AccessRequestTableRow[],
  viewer: Viewer,
): Promise<AccessRequestRow[]> {
  const votes = await readVotes(
    store,
    rows.map(({ id }) => id),
  );
  const nowMs = environment.now();
  return rows.map((row) => toRow(row, votes.get(row.id) ?? [], { viewer, nowMs }));
}

function toRow(
  row: AccessRequestTableRow,
  votes: readonly AccessRequestVoteTableRow[],
  { viewer, nowMs }: { readonly viewer: Viewer; readonly nowMs: number },
): AccessRequestRow {
  const state = stateOf(row, nowMs);
  const slot = slotOf(row, row.created_at_ms);
  const hasVoted = votes.some(({ person_id }) => viewer.identities.includes(person_id));
  const isOwn = viewer.identities.includes(row.person_id);
  return {
    requestId: row.id,
    person: { personId: row.person_id, name: row.person_name },
    target: { targetId: row.target_id, name: row.target_name, machineName: row.machine_name },
    policyName: row.policy_name,
    state,
    reason: row.reason,
    ticketNumber: row.ticket_number,
    fromMs: slot.fromMs,
    toMs: row.to_ms ?? slot.toMs,
    minutes: row.minutes,
    quorum: row.quorum,
    votes: votes.map(({ person_name, is_approval, comment, at_ms }) => ({
      name: person_name,
      isApproval: is_approval !== 0,
      comment,
      atMs: at_ms,
    })),
    isEmergency: row.is_emergency !== 0,
    report: row.report,
    isReportDue: isReportDue(row, nowMs),
    closedBy: row.closed_by_name,
    canClose: isReportDue(row, nowMs) && !isOwn && administers(row, viewer),
    canRevoke: state === "approved" && mayRevoke(row, viewer),
    renewsRequestId: row.renews_id,
    canDecide: state === "pending" && !isOwn && !hasVoted && isApprover(row, viewer),
    createdAtMs: row.created_at_ms,
  };
}

async function readVotes(
  store: Store,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, readonly AccessRequestVoteTableRow[]>> {
  if (requestIds.length === 0) return new Map();
  const rows = await store.db
    .selectFrom("access_request_vote")
    .selectAll()
    .where("request_id", "in", requestIds)
    .orderBy("at_ms")
    .execute();
  return Map.groupBy(rows, (row) => row.request_id);
}

/** One request as the API shows it to the caller. */
export async function showRequest(
  dependencies: RequestDependencies,
  requestId: string,
  context: RequestContext,
): Promise<AccessRequestRow> {
  const row = await findRequest(dependencies.store, requestId);
  const [shown] = await showRequests(dependencies, [row], await viewerOf(dependencies, context));
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}

/** The journal's subject and facts of a request. */
export function noteOf(row: AccessRequestTableRow) {
  return {
    subject: { personId: row.person_id, targetId: row.target_id, siteId: row.site_id },
    details: {
      requestId: row.id,
      person: row.person_name,
      target: row.target_name,
      machine: row.machine_name,
      reason: row.reason,
      ticket: row.ticket_number,
      minutes: row.minutes,
      isEmergency: row.is_emergency !== 0,
    },
  };
}
