import {
  type createRequest as CreateRequest,
  countMyReports,
  createRequest,
  Failure,
  listMyRequests,
  listRequestable,
  reportEmergency,
  withdrawRequest,
} from "@poterne/contract";
import type { AccessRequestTableRow } from "../access/access-tables.ts";
import type { AccessFacts, GrantFact } from "../access/facts.ts";
import { loadSubject } from "../access/subject.ts";
import { applyChange, newId } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { lettersToApprovers } from "../mail/request-notices.ts";
import { identitiesOf } from "../people/linked-people.ts";
import { emergenciesOf, isRunning, requireReported, writeReport } from "./emergencies.ts";
import { decideRow, giveGrant, takeGrantBack } from "./request-grant.ts";
import {
  findRequest,
  noteOf,
  type RequestDependencies,
  showRequest,
  showRequests,
  viewerOf,
} from "./request-rows.ts";
import { baseGrantOf, longestMinutes, slotColumns, stateOf } from "./request-rules.ts";
import { findRequestable } from "./requestable.ts";

/** Rows of a list. */
const MAX_ROWS = 200;
/** Requests of one person that wait at once. */
const MAX_PENDING = 20;

type Wish = HandlerInput<typeof CreateRequest>["body"];

/** Handlers of a person's own requests. */
export function myRequestHandlers(dependencies: RequestDependencies): Handler[] {
  return [
    handle(listRequestable, async ({ query }, context) => {
      const subject = await loadSubject(dependencies.store, context.person().personId);
      const facts = await dependencies.facts.current();
      return { items: subject === null ? [] : findRequestable(facts, subject, query.search ?? "") };
    }),
    handle(listMyRequests, async (_, context) => {
      const rows = await ownRows(dependencies, context.person().personId);
      return { items: await showRequests(dependencies, rows, await viewerOf(dependencies, context)) };
    }),
    handle(countMyReports, async (_, context) => {
      const identities = await identitiesOf(dependencies.store, context.person().personId);
      const owed = await emergenciesOf(dependencies.store.db, identities);
      const running = owed.filter((row) => isRunning(row, dependencies.environment.now())).length;
      return { running, due: owed.length - running };
    }),
    handle(createRequest, ({ body }, context) => create(dependencies, body, context)),
    handle(withdrawRequest, ({ params }, context) => withdraw(dependencies, params.requestId, context)),
    handle(reportEmergency, ({ params, body }, context) =>
      report(dependencies, { requestId: params.requestId, text: body.report }, context),
    ),
  ];
}

function ownRows({ store }: RequestDependencies, personId: string): Promise<AccessRequestTableRow[]> {
  return store.db
    .selectFrom("access_request")
    .selectAll()
    .where("person_id", "=", personId)
    .orderBy("id", "desc")
    .limit(MAX_ROWS)
    .execute();
}

async function findOwn(dependencies: RequestDependencies, requestId: string, context: RequestContext) {
  const row = await findRequest(dependencies.store, requestId);
  if (row.person_id !== context.person().personId) throw new Failure("not-found");
  return row;
}

async function create(dependencies: RequestDependencies, wish: Wish, context: RequestContext) {
  const nowMs = dependencies.environment.now();
  const caller = context.person();
  const rows = await ownRows(dependencies, caller.personId);
  const identities = await identitiesOf(dependencies.store, caller.personId);
  requireRoom(rows, nowMs);
  const renewed = findRenewed(rows, wish, nowMs);
  if (wish.isEmergency || renewed?.is_emergency === 1)
    await requireReported(dependencies.store.db, identities);
  else if (await owesReport(dependencies, identities)) throw new Failure("report-due");
  const subject = await loadSubject(dependencies.store, caller.personId);
  const facts = await dependencies.facts.current();
  const base = subject === null ? null : baseGrantOf(facts, subject, wish);
  if (base === null) throw new Failure("request-not-possible", { minutes: wish.minutes });
  const row = makeRow(facts, base, wish, {
    id: newId(dependencies.environment),
    personId: caller.personId,
    personName: caller.name,
    nowMs,
    renewed,
  });
  const kind = wish.isEmergency ? "request.emergency" : "request.made";
  const level = wish.isEmergency ? ("alarm" as const) : ("notice" as const);
  const newGrantId = newId(dependencies.environment);
  const letters = await lettersToApprovers(dependencies, { ...row, ...slotColumns(row, nowMs) });
  await applyChange(dependencies, context, { kind, level, ...noteOf(row) }, async (transaction, stamp) => {
    // Once more under the revision's lock: of two at once, one begins.
    if (wish.isEmergency) await requireReported(transaction, identities);
    await transaction.insertInto("access_request").values(row).execute();
    await dependencies.outbox.write(letters, transaction);
    if (!wish.isEmergency) return;
    const renewedGrantId = renewed?.grant_id ?? null;
    await giveGrant(transaction, { row, base, renewedGrantId, newGrantId }, stamp);
  });
  return showRequest(dependencies, row.id, context);
}

/** Throws when too many wait. */
function requireRoom(rows: readonly AccessRequestTableRow[], nowMs: number): void {
  const pending = rows.filter((row) => stateOf(row, nowMs) === "pending");
  if (pending.length >= MAX_PENDING) throw new Failure("request-too-many", { limit: MAX_PENDING });
}

/** Whether an emergency of theirs is over without a report. One that runs stops no ordinary request. */
async function owesReport({ store, environment }: RequestDependencies, identities: readonly string[]) {
  const owed = await emergenciesOf(store.db, identities);
  return owed.some((row) => !isRunning(row, environment.now()));
}

function findRenewed(
  rows: readonly AccessRequestTableRow[],
  wish: Wish,
  nowMs: number,
): AccessRequestTableRow | null {
  if (wish.renewsRequestId === null) return null;
  const row = rows.find(({ id }) => id === wish.renewsRequestId);
  if (row === undefined || row.target_id !== wish.targetId) throw new Failure("not-found");
  if (stateOf(row, nowMs) !== "approved") throw new Failure("request-decided");
  return row;
}

function makeRow(
  facts: AccessFacts,
  base: GrantFact,
  wish: Wish,
  made: {
    readonly id: string;
    readonly personId: string;
    readonly personName: string;
    readonly nowMs: number;
    readonly renewed: AccessRequestTableRow | null;
  },
): AccessRequestTableRow {
  const target = facts.targets.get(wish.targetId);
  const machine = facts.machines.get(target?.machineId ?? "");
  const policy = facts.policies.get(base.policyId);
  const approval = policy?.rules.approval;
  if (target === undefined || machine === undefined || policy === undefined || approval == null)
    throw new Failure("request-not-possible", {
      minutes: longestMinutes(facts, base, wish.isEmergency) ?? 0,
    });
  if (policy.rules.reason === "ticket" && wish.ticketNumber === "") throw new Failure("ticket-needed");
  return {
    id: made.id,
    person_id: made.personId,
    person_name: made.personName,
    target_id: target.targetId,
    target_name: target.name,
    machine_name: machine.name,
    site_id: machine.siteId,
    base_grant_id: base.grantId,
    grant_id: null,
    policy_id: policy.policyId,
    policy_name: policy.name,
    state: "pending",
    reason: wish.reason,
    ticket_number: wish.ticketNumber,
    // An emergency is now; what prolongs begins where the other ends.
    from_ms: made.renewed?.to_ms ?? (wish.isEmergency ? made.nowMs : wish.fromMs),
    to_ms: null,
    minutes: wish.minutes,
    quorum: wish.isEmergency ? 0 : approval.quorum,
    approver_group_ids: JSON.stringify(approval.approverGroupIds),
    is_emergency: wish.isEmergency ? 1 : 0,
    report: null,
    closed_by_name: null,
    renews_id: made.renewed?.id ?? null,
    created_at_ms: made.nowMs,
  };
}

async function withdraw(dependencies: RequestDependencies, requestId: string, context: RequestContext) {
  const row = await findOwn(dependencies, requestId, context);
  const state = stateOf(row, dependencies.environment.now());
  if (state !== "pending" && state !== "approved") throw new Failure("request-decided");
  await applyChange(
    dependencies,
    context,
    { kind: "request.withdrawn", ...noteOf(row) },
    async (transaction, stamp) => {
      await decideRow(transaction, row, { state: "withdrawn" });
      await takeGrantBack(transaction, row.grant_id, stamp);
    },
  );
  await dependencies.onAccessChanged();
  return showRequest(dependencies, row.id, context);
}

async function report(
  dependencies: RequestDependencies,
  given: { readonly requestId: string; readonly text: string },
  context: RequestContext,
) {
  const row = await findOwn(dependencies, given.requestId, context);
  if (row.is_emergency === 0) throw new Failure("not-found");
  if (row.report !== null) throw new Failure("request-decided");
  const { subject, details } = noteOf(row);
  const note = {
    kind: "request.reported",
    subject,
    details: { ...details, report: given.text.slice(0, 1000) },
  };
  await applyChange(dependencies, context, note, (transaction) =>
    writeReport(transaction, row.id, { report: given.text, closed_by_name: null }),
  );
  return showRequest(dependencies, row.id, context);
}
