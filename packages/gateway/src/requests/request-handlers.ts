import {
  countRequests,
  decideRequest,
  Failure,
  listRequests,
  type RequestState,
  revokeRequest,
} from "@poterne/contract";
import type { AccessRequestTableRow } from "../access/access-tables.ts";
import { applyChange, newId } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { askerOf, lettersAbout } from "../mail/request-notices.ts";
import { countWaitingPasses } from "../vendors/pass-rows.ts";
import { emergencyHandlers, isRunning, openEmergencies } from "./emergencies.ts";
import { myRequestHandlers } from "./my-request-handlers.ts";
import { decideRow, giveGrant, takeGrantBack } from "./request-grant.ts";
import {
  findRequest,
  isApprover,
  mayRevoke,
  noteOf,
  type RequestDependencies,
  showRequest,
  showRequests,
  viewerOf,
} from "./request-rows.ts";
import { isReportDue, slotColumns, stateOf } from "./request-rules.ts";

/** Rows looked at for one list. */
const MAX_ROWS = 200;

/** All handlers of requests: a person's own, and the approvers'. */
export function requestHandlers(dependencies: RequestDependencies): Handler[] {
  const { environment } = dependencies;
  return [
    ...myRequestHandlers(dependencies),
    ...emergencyHandlers(dependencies),
    handle(listRequests, async ({ query }, context) => {
      if (query.isOpenEmergency !== true)
        return { items: await list(dependencies, query.state ?? null, context) };
      const viewer = await viewerOf(dependencies, context);
      const rows = await openEmergencies(dependencies, viewer);
      return { items: await showRequests(dependencies, rows.slice(0, MAX_ROWS), viewer) };
    }),
    handle(countRequests, async (_, context) => {
      const pending = await list(dependencies, "pending", context);
      const passes = await countWaitingPasses(dependencies, context);
      const emergencies = await openEmergencies(dependencies, await viewerOf(dependencies, context));
      const nowMs = environment.now();
      return {
        count: pending.filter(({ canDecide }) => canDecide).length,
        passes,
        openEmergencies: emergencies.filter((row) => isRunning(row, nowMs)).length,
        missingReports: emergencies.filter((row) => isReportDue(row, nowMs)).length,
      };
    }),
    handle(decideRequest, ({ params, body }, context) =>
      decide(dependencies, { requestId: params.requestId, ...body }, context),
    ),
    handle(revokeRequest, ({ params, body }, context) =>
      revoke(dependencies, { requestId: params.requestId, comment: body.comment }, context),
    ),
  ];
}

/** Requests at the caller's sites. The clock's states (`expired`, `ended`) are those of a stored one. */
async function list(dependencies: RequestDependencies, state: RequestState | null, context: RequestContext) {
  const { store, environment } = dependencies;
  const viewer = await viewerOf(dependencies, context);
  if (viewer.sites?.length === 0) return [];
  let rows = store.db.selectFrom("access_request").selectAll();
  if (viewer.sites !== null) rows = rows.where("site_id", "in", viewer.sites);
  if (state !== null) {
    const stored = state === "ended" ? "approved" : state;
    rows =
      state === "expired"
        ? rows.where("state", "in", ["pending", "expired"])
        : rows.where("state", "=", stored as AccessRequestTableRow["state"]);
  }
  const found = await rows.orderBy("id", "desc").limit(MAX_ROWS).execute();
  const nowMs = environment.now();
  const kept = found.filter((row) => state === null || stateOf(row, nowMs) === state);
  return showRequests(dependencies, kept, viewer);
}

async function decide(
  dependencies: RequestDependencies,
  vote: { readonly requestId: string; readonly isApproval: boolean; readonly comment: string },
  context: RequestContext,
) {
  const { store, environment } = dependencies;
  const row = await findRequest(store, vote.requestId);
  const viewer = await viewerOf(dependencies, context);
  if (!isApprover(row, viewer)) throw new Failure("not-found");
  const { personId, name } = context.person();
  if (row.person_id === personId) throw new Failure("request-own");
  if (viewer.identities.includes(row.person_id)) throw new Failure("request-linked");
  if (stateOf(row, environment.now()) !== "pending") throw new Failure("request-decided");
  const facts = await dependencies.facts.current();
  const base = facts.grants.get(row.base_grant_id);
  if (vote.isApproval && base === undefined) throw new Failure("request-decided");
  const renewed = row.renews_id === null ? null : await findRequest(store, row.renews_id);
  const { subject, details } = noteOf(row);
  const note = {
    kind: vote.isApproval ? "request.approved" : "request.refused",
    subject,
    details: { ...details, comment: vote.comment },
  };
  const newGrantId = newId(environment);
  const asker = await askerOf(dependencies, row);
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    // The revision's lock is held: two approvers at once count one after the other.
    const votes = await transaction
      .selectFrom("access_request_vote")
      .select(["person_id", "is_approval"])
      .where("request_id", "=", row.id)
      .execute();
    if (votes.some(({ person_id }) => person_id === personId)) throw new Failure("request-own");
    if (votes.some(({ person_id }) => viewer.identities.includes(person_id)))
      throw new Failure("request-linked");
    await transaction
      .insertInto("access_request_vote")
      .values({
        request_id: row.id,
        person_id: personId,
        person_name: name,
        is_approval: vote.isApproval ? 1 : 0,
        comment: vote.comment,
        at_ms: stamp.nowMs,
      })
      .execute();
    if (!vote.isApproval) {
      await decideRow(transaction, row, { state: "refused" });
      const refusal = lettersAbout(row, "request-refused", asker, { by: name });
      return dependencies.outbox.write(refusal, transaction);
    }
    if (votes.length + 1 < row.quorum || base === undefined)
      return decideRow(transaction, row, { state: "pending" });
    const renewedGrantId = renewed?.grant_id ?? null;
    await giveGrant(transaction, { row, base, renewedGrantId, newGrantId }, stamp);
    const kind = renewedGrantId === null ? "request-approved" : "request-renewed";
    const given = { ...row, ...slotColumns(row, stamp.nowMs) };
    await dependencies.outbox.write(lettersAbout(given, kind, asker, { by: name }), transaction);
  });
  // A live session's end moves at once when it was prolonged.
  await dependencies.onAccessChanged();
  return showRequest(dependencies, row.id, context);
}

async function revoke(
  dependencies: RequestDependencies,
  given: { readonly requestId: string; readonly comment: string },
  context: RequestContext,
) {
  const row = await findRequest(dependencies.store, given.requestId);
  if (!mayRevoke(row, await viewerOf(dependencies, context))) throw new Failure("not-found");
  if (stateOf(row, dependencies.environment.now()) !== "approved") throw new Failure("request-decided");
  const { subject, details } = noteOf(row);
  const note = { kind: "request.revoked", subject, details: { ...details, comment: given.comment } };
  const asker = await askerOf(dependencies, row);
  const by = context.person().name;
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await decideRow(transaction, row, { state: "revoked" });
    await takeGrantBack(transaction, row.grant_id, stamp);
    await dependencies.outbox.write(lettersAbout(row, "request-revoked", asker, { by }), transaction);
  });
  await dependencies.onAccessChanged();
  return showRequest(dependencies, row.id, context);
}
