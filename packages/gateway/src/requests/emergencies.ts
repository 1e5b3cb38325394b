import { closeEmergency, Failure } from "@poterne/contract";
import type { Kysely, Transaction } from "kysely";
import type { AccessRequestTableRow } from "../access/access-tables.ts";
import { applyChange } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Tables } from "../store/tables.ts";
import { findRequest, noteOf, type RequestDependencies, showRequest, type Viewer } from "./request-rows.ts";
import { isReportDue, stateOf } from "./request-rules.ts";

/** Emergencies looked at for one answer. */
const MAX_ROWS = 500;

const emergencies = (db: Kysely<Tables>) =>
  db
    .selectFrom("access_request")
    .selectAll()
    .where("is_emergency", "=", 1)
    .where("state", "in", ["approved", "withdrawn", "revoked"]);

/** The emergencies of some people that lack a report, the oldest first, whether they run or are over. */
export function emergenciesOf(
  db: Kysely<Tables>,
  personIds: readonly string[],
): Promise<AccessRequestTableRow[]> {
  return emergencies(db)
    .where("person_id", "in", personIds)
    .where("report", "is", null)
    .orderBy("id")
    .limit(MAX_ROWS)
    .execute();
}

/** Whether an emergency gives access now. */
export function isRunning(row: AccessRequestTableRow, nowMs: number): boolean {
  return stateOf(row, nowMs) === "approved";
}

/** Throws `emergency-report-due` while an emergency of one of these identities lacks its report (docs/decisions/0116). */
export async function requireReported(db: Kysely<Tables>, identities: readonly string[]): Promise<void> {
  const [oldest] = await emergenciesOf(db, identities);
  if (oldest === undefined) return;
  throw new Failure("emergency-report-due", { target: `${oldest.machine_name} / ${oldest.target_name}` });
}

/** The emergencies of other people at a viewer's sites that run or lack their report, the newest first. */
export async function openEmergencies(
  { store, environment }: RequestDependencies,
  viewer: Viewer,
): Promise<AccessRequestTableRow[]> {
  if (viewer.sites?.length === 0) return [];
  const nowMs = environment.now();
  let rows = emergencies(store.db)
    .where("person_id", "not in", viewer.identities)
    .where((where) =>
      where.or([
        where("report", "is", null),
        where.and([where("state", "=", "approved"), where("to_ms", ">", nowMs)]),
      ]),
    );
  if (viewer.sites !== null) rows = rows.where("site_id", "in", viewer.sites);
  return rows.orderBy("id", "desc").limit(MAX_ROWS).execute();
}

/** Writes what ends an emergency's debt, once; throws `request-decided` when somebody else was quicker. */
export async function writeReport(
  transaction: Transaction<Tables>,
  requestId: string,
  values: { readonly report: string; readonly closed_by_name: string | null },
): Promise<void> {
  const result = await transaction
    .updateTable("access_request")
    .set(values)
    .where("id", "=", requestId)
    .where("report", "is", null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Failure("request-decided");
}

/** What an administrator does about a report that never comes. */
export function emergencyHandlers(dependencies: RequestDependencies): Handler[] {
  return [
    handle(closeEmergency, ({ params, body }, context) =>
      close(dependencies, { requestId: params.requestId, comment: body.comment }, context),
    ),
  ];
}

async function close(
  dependencies: RequestDependencies,
  given: { readonly requestId: string; readonly comment: string },
  context: RequestContext,
) {
  const row = await findRequest(dependencies.store, given.requestId);
  await context.requireAt("access:write", row.site_id);
  const shown = await showRequest(dependencies, row.id, context);
  if (!isReportDue(row, dependencies.environment.now())) throw new Failure("request-decided");
  if (!shown.canClose) throw new Failure("request-own");
  const { subject, details } = noteOf(row);
  const note = { kind: "request.closed", subject, details: { ...details, comment: given.comment } };
  const values = { report: given.comment, closed_by_name: context.person().name };
  await applyChange(dependencies, context, note, (transaction) => writeReport(transaction, row.id, values));
  return showRequest(dependencies, row.id, context);
}
