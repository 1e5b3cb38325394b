import { z } from "zod";
import { defineRoute } from "../route.ts";
import { protocol } from "../target.ts";
import { line, none, notes, timeMs } from "./inventory-parts.ts";

const parts = { params: none, query: none, body: none } as const;
const onMine = { ...parts, scope: "own", right: "sessions:open" } as const;
const onRequests = { ...parts, scope: "site", right: "requests:decide" } as const;
const requestParams = z.object({ requestId: z.uuid() });

/** Longest time a request may ask for, whatever the policy: 31 days. */
const MAX_MINUTES = 44_640;

/**
 * `pending`: waits for approvers. `approved`: the grant is given, from `fromMs` to `toMs`. `ended`: its time is over.
 * `expired`: nobody decided in time.
 */
export const requestState = z.enum([
  "pending",
  "approved",
  "ended",
  "refused",
  "expired",
  "withdrawn",
  "revoked",
]);
export type RequestState = z.infer<typeof requestState>;

/** A request for a target, with what was decided. */
export const accessRequestRow = z.object({
  requestId: z.string(),
  person: z.object({ personId: z.string(), name: z.string() }),
  target: z.object({ targetId: z.string(), name: z.string(), machineName: z.string() }),
  policyName: z.string(),
  state: requestState,
  reason: z.string(),
  ticketNumber: z.string(),
  /** When it is asked for; with an approval of a request that asked for "now", from that moment. */
  fromMs: z.number(),
  toMs: z.number(),
  minutes: z.number(),
  quorum: z.number(),
  votes: z.array(
    z.object({ name: z.string(), isApproval: z.boolean(), comment: z.string(), atMs: z.number() }),
  ),
  isEmergency: z.boolean(),
  /** The mandatory report of an emergency; null while it is missing. */
  report: z.string().nullable(),
  /** Whether the report is due now. */
  isReportDue: z.boolean(),
  /** The administrator who closed the emergency without its report: `report` is then their words; null for none. */
  closedBy: z.string().nullable(),
  /** Whether the caller may close it without its report now. */
  canClose: z.boolean(),
  /** Whether the caller may take its access back now. */
  canRevoke: z.boolean(),
  /** The request this one prolongs; null for none. */
  renewsRequestId: z.string().nullable(),
  /** Whether the caller may vote on it now. */
  canDecide: z.boolean(),
  createdAtMs: z.number(),
});
export type AccessRequestRow = z.infer<typeof accessRequestRow>;

const reply = accessRequestRow;
const listReply = z.object({ items: z.array(accessRequestRow) });

/** Targets the caller may ask for, at most 200, by machine. */
export const listRequestable = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/requestable",
  summary: "Targets the caller may ask for",
  query: z.object({ search: z.string().trim().max(200).optional() }),
  reply: z.object({
    items: z.array(
      z.object({
        targetId: z.string(),
        name: z.string(),
        machineName: z.string(),
        protocol,
        maxMinutes: z.number(),
        quorum: z.number(),
        needsTicket: z.boolean(),
        emergencyMinutes: z.number().nullable(),
      }),
    ),
  }),
});

/** The caller's requests, the newest first, at most 200. */
export const listMyRequests = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/requests",
  summary: "The caller's requests",
  reply: listReply,
});

/**
 * Asks for a target. An emergency opens at once, raises an alarm and makes a report due; until that is there its person
 * begins no other and prolongs none. Fails with `request-not-possible`, `request-too-many`, `ticket-needed`, `report-due`,
 * `emergency-report-due`.
 */
export const createRequest = defineRoute({
  ...onMine,
  method: "POST",
  path: "/api/v1/my/requests",
  summary: "Ask for a target",
  body: z.strictObject({
    targetId: z.uuid(),
    reason: line(1000).min(1),
    ticketNumber: line(100).default(""),
    minutes: z.int().min(1).max(MAX_MINUTES),
    /** Null: from the approval on. */
    fromMs: timeMs.nullable().default(null),
    isEmergency: z.boolean().default(false),
    /** An approved request still running that this one prolongs: it then begins where that one ends. */
    renewsRequestId: z.uuid().nullable().default(null),
  }),
  reply,
});

/** Takes back a request that still waits, or gives back an approved one. */
export const withdrawRequest = defineRoute({
  ...onMine,
  method: "POST",
  path: "/api/v1/my/requests/:requestId/withdraw",
  summary: "Withdraw one's own request",
  params: requestParams,
  reply,
});

/** How many emergencies of the caller's lack a report: those that run, and those that are over. */
export const countMyReports = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/requests/reports-due",
  summary: "How many reports of emergencies the caller owes",
  reply: z.object({ running: z.number(), due: z.number() }),
});

/** Hands in the report of an emergency access, while it runs or after. */
export const reportEmergency = defineRoute({
  ...onMine,
  method: "POST",
  path: "/api/v1/my/requests/:requestId/report",
  summary: "Report on one's own emergency access",
  params: requestParams,
  body: z.strictObject({ report: notes.min(20) }),
  reply,
});

/** Requests the caller may see as approver or administrator, the newest first, at most 200. */
export const listRequests = defineRoute({
  ...onRequests,
  method: "GET",
  path: "/api/v1/requests",
  summary: "Requests to decide, and decided ones",
  /** `isOpenEmergency`: only emergencies that run, or whose report is missing. */
  query: z.object({ state: requestState.optional(), isOpenEmergency: z.stringbool().optional() }),
  reply: listReply,
});

/**
 * The badge: how many requests and vendor passes wait for the caller's vote, how many emergencies of others run at their
 * sites, and how many are over without a report.
 */
export const countRequests = defineRoute({
  ...onRequests,
  method: "GET",
  path: "/api/v1/requests/count",
  summary: "How many requests wait for the caller",
  reply: z.object({
    count: z.number(),
    passes: z.number(),
    openEmergencies: z.number(),
    missingReports: z.number(),
  }),
});

/** Votes on a request. One refusal refuses; approvals count up to the quorum. Fails with `request-own`, `request-decided`. */
export const decideRequest = defineRoute({
  ...onRequests,
  method: "POST",
  path: "/api/v1/requests/:requestId/decide",
  summary: "Approve or refuse a request",
  needsFreshFactor: true,
  params: requestParams,
  body: z.strictObject({ isApproval: z.boolean(), comment: line(500).default("") }),
  reply,
});

/** Takes an approved access back; its sessions end at once. */
export const revokeRequest = defineRoute({
  ...onRequests,
  method: "POST",
  path: "/api/v1/requests/:requestId/revoke",
  summary: "Revoke an approved access",
  params: requestParams,
  body: z.strictObject({ comment: line(500).default("") }),
  reply,
});

/** Closes an emergency that is over and whose report never came, with a reason. Fails with `request-decided`, `request-own`. */
export const closeEmergency = defineRoute({
  ...parts,
  scope: "site",
  right: "access:write",
  method: "POST",
  path: "/api/v1/requests/:requestId/close",
  summary: "Close an emergency without its report",
  needsFreshFactor: true,
  params: requestParams,
  body: z.strictObject({ comment: line(1000).min(20) }),
  reply,
});
