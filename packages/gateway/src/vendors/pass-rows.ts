import { Failure, type PassState, type VendorPass } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";
import { identitiesOf } from "../people/linked-people.ts";
import type { Store } from "../store/store.ts";
import { passStateOf } from "./pass-rules.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

/** Passes of one list. */
const MAX_ROWS = 200;

/** One pass at a site where the caller holds the right; throws `not-found`. */
export async function findPass(
  store: Store,
  passId: string,
  held: { readonly context: RequestContext; readonly right: Parameters<RequestContext["requireAt"]>[0] },
): Promise<VendorPassTableRow> {
  const row = await store.db
    .selectFrom("vendor_pass")
    .selectAll()
    .where("id", "=", passId)
    .executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  await held.context.requireAt(held.right, row.site_id);
  return row;
}

/** Passes at these sites (null: everywhere), the newest first. */
export async function readPasses(
  store: Store,
  wanted: {
    readonly sites: readonly string[] | null;
    readonly state: PassState | null;
    readonly nowMs: number;
  },
): Promise<VendorPassTableRow[]> {
  const { sites, state, nowMs } = wanted;
  if (sites?.length === 0) return [];
  let rows = store.db.selectFrom("vendor_pass").selectAll();
  if (sites !== null) rows = rows.where("site_id", "in", sites);
  if (state !== null) rows = rows.where("state", "=", STORED[state]);
  const found = await rows.orderBy("id", "desc").limit(MAX_ROWS).execute();
  return found.filter((row) => state === null || passStateOf(row, nowMs) === state);
}

const STORED: Readonly<Record<PassState, VendorPassTableRow["state"]>> = {
  pending: "pending",
  expired: "pending",
  scheduled: "approved",
  open: "approved",
  ended: "approved",
  refused: "refused",
  revoked: "revoked",
};

/** Who looks: all identities of the same human being, and where it may decide. */
export interface PassViewer {
  readonly identities: readonly string[];
  readonly decidesAt: readonly string[] | null;
}

/** Who calls, as a viewer of passes. */
export async function passViewerOf(store: Store, context: RequestContext): Promise<PassViewer> {
  const identities = await identitiesOf(store, context.person().personId);
  return { identities, decidesAt: await context.sitesWith("requests:decide") };
}

/** A pass as the API shows it to somebody. */
export function showPass(row: VendorPassTableRow, viewer: PassViewer, nowMs: number): VendorPass {
  const state = passStateOf(row, nowMs);
  const decides =
    viewer.decidesAt === null || (row.site_id !== null && viewer.decidesAt.includes(row.site_id));
  const isOwn = viewer.identities.some((id) => id === row.proposed_by_id || id === row.person_id);
  const isLiving = state === "scheduled" || state === "open";
  const names = JSON.parse(row.target_names) as Readonly<Record<string, string>>;
  return {
    passId: row.id,
    state,
    person: { personId: row.person_id, name: row.person_name },
    company: row.company,
    contract: row.contract,
    purpose: row.purpose,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    networks: JSON.parse(row.networks) as string[],
    targets: Object.entries(names).map(([targetId, name]) => ({ targetId, name })),
    policyName: row.policy_name,
    needsGuardian: row.needs_guardian !== 0,
    proposed: { name: row.proposed_by_name, atMs: row.proposed_at_ms, comment: "" },
    decided: doneBy(row.decided_by_name, row.decided_at_ms, row.decision_comment),
    extensions: readExtensions(row),
    revoked: doneBy(row.revoked_by_name, row.revoked_at_ms, row.revoke_comment),
    canDecide: decides && !isOwn && state === "pending",
    canExtend: decides && !isOwn && isLiving,
    canRevoke: decides && (isLiving || state === "pending"),
  };
}

/** How many passes wait for the caller's decision. */
export async function countWaitingPasses(
  { store, environment }: { readonly store: Store; readonly environment: Environment },
  context: RequestContext,
): Promise<number> {
  const viewer = await passViewerOf(store, context);
  const nowMs = environment.now();
  const rows = await readPasses(store, { sites: viewer.decidesAt, state: "pending", nowMs });
  return rows.filter((row) => showPass(row, viewer, nowMs).canDecide).length;
}

function doneBy(name: string | null, atMs: number | null, comment: string) {
  return name === null || atMs === null ? null : { name, atMs, comment };
}

/** Who moved the end of a pass, and when. */
export function readExtensions(row: VendorPassTableRow): VendorPass["extensions"] {
  return JSON.parse(row.extensions) as VendorPass["extensions"];
}

/** The journal's subject and facts of a pass. */
export function passNote(row: VendorPassTableRow) {
  const names = Object.values(JSON.parse(row.target_names) as Readonly<Record<string, string>>);
  return {
    subject: {
      personId: row.person_id,
      ...(row.site_id === null ? {} : { siteId: row.site_id }),
      ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
    },
    details: {
      passId: row.id,
      person: row.person_name,
      company: row.company,
      contract: row.contract,
      from: new Date(row.from_ms).toISOString(),
      to: new Date(row.to_ms).toISOString(),
      networks: (JSON.parse(row.networks) as string[]).join(", ").slice(0, 1000),
      targets: names.join(", ").slice(0, 1000),
      policy: row.policy_name,
      needsGuardian: row.needs_guardian !== 0,
    },
  };
}
