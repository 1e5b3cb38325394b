import { z } from "zod";
import { listTotal } from "../list-total.ts";
import { defineRoute } from "../route.ts";
import { protocol } from "../target.ts";

const none = z.object({});

/** Where a session stands. `waiting`: for a guardian. `detached`: nobody is attached and the grace time runs. */
export const sessionState = z.enum(["opening", "waiting", "open", "detached", "ended"]);

/** A viewer of a live session. */
export const sessionViewer = z.object({
  viewerId: z.string(),
  personId: z.string(),
  name: z.string(),
  role: z.enum(["controller", "observer", "guardian"]),
  hasControl: z.boolean(),
});

/** One session, live or ended. Times are Unix milliseconds. */
export const sessionRow = z.object({
  sessionId: z.string(),
  state: sessionState,
  personId: z.string(),
  personName: z.string(),
  targetId: z.string(),
  targetName: z.string(),
  machineId: z.string(),
  machineName: z.string(),
  siteId: z.string(),
  protocol,
  kind: z.enum(["desktop", "terminal"]),
  accountName: z.string(),
  grantId: z.string(),
  policyName: z.string(),
  reason: z.string(),
  ticketNumber: z.string(),
  sourceAddress: z.string(),
  isRecorded: z.boolean(),
  needsGuardian: z.boolean(),
  isPaused: z.boolean(),
  openedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** A code of the error catalogue, or `left`, `closed-by-target`, `ended-by-guardian`; null while it runs. */
  endCode: z.string().nullable(),
  /** Empty for ended sessions. */
  viewers: z.array(sessionViewer),
});
export type SessionRow = z.infer<typeof sessionRow>;

const sessionPage = z.object({
  items: z.array(sessionRow),
  nextCursor: z.string().nullable(),
  ...listTotal,
});
const sessionParams = z.object({ sessionId: z.uuid() });

const historyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  search: z.string().max(200).optional(),
  personId: z.uuid().optional(),
  targetId: z.uuid().optional(),
  siteId: z.uuid().optional(),
  fromMs: z.coerce.number().int().optional(),
  toMs: z.coerce.number().int().optional(),
});

const ticketReply = z.object({
  ticket: z.string(),
  nodeId: z.string(),
  path: z.string(),
  expiresAtMs: z.number(),
});

/** Opens a session on a target: decided by grant and policy, then the viewer attaches with a ticket. */
export const openSession = defineRoute({
  method: "POST",
  path: "/api/v1/sessions",
  summary: "Open a session on a target",
  right: "sessions:open",
  scope: "own",
  params: none,
  query: none,
  body: z.strictObject({
    targetId: z.uuid(),
    /** One of the verdict's accounts; the only one when left out. */
    accountId: z.uuid().optional(),
    reason: z.string().max(500).default(""),
    ticketNumber: z.string().max(100).default(""),
  }),
  /** With the first ticket of the caller's own viewer: who opens a session is about to attach. */
  reply: ticketReply.extend({ sessionId: z.string() }),
});

/** A one-time ticket for the viewer's WebSocket; valid 30 s. The socket's path is `/n/NODE/session/SESSION`. */
export const createTicket = defineRoute({
  method: "POST",
  path: "/api/v1/sessions/:sessionId/tickets",
  summary: "Get a one-time ticket to attach a viewer",
  right: "signed-in",
  tokenRight: "sessions:open",
  scope: "own",
  params: sessionParams,
  query: none,
  body: z.strictObject({ role: z.enum(["controller", "observer", "guardian"]).default("controller") }),
  reply: ticketReply,
});

/** Sessions of everybody the caller may see, newest first. */
export const listSessions = defineRoute({
  method: "GET",
  path: "/api/v1/sessions",
  summary: "List sessions, live and ended",
  right: "sessions:read",
  scope: "site",
  params: none,
  query: historyQuery.extend({ isLive: z.stringbool().optional() }),
  body: none,
  reply: sessionPage,
});

/** The caller's own sessions, newest first. */
export const listMySessions = defineRoute({
  method: "GET",
  path: "/api/v1/my/sessions",
  summary: "List my sessions, live and ended",
  right: "sessions:open",
  scope: "own",
  params: none,
  query: historyQuery.extend({ isLive: z.stringbool().optional() }),
  body: none,
  reply: sessionPage,
});

/** One session: one's own, or any at a site where the caller may read sessions. */
export const getSession = defineRoute({
  method: "GET",
  path: "/api/v1/sessions/:sessionId",
  summary: "Read one session",
  right: "signed-in",
  tokenRight: "sessions:open",
  scope: "own",
  params: sessionParams,
  query: none,
  body: none,
  reply: sessionRow,
});

/** Ends a live session: one's own, or as a guardian. */
export const endSession = defineRoute({
  method: "POST",
  path: "/api/v1/sessions/:sessionId/end",
  summary: "End a live session",
  right: "signed-in",
  tokenRight: "sessions:open",
  scope: "own",
  params: sessionParams,
  query: none,
  body: z.strictObject({ reason: z.string().max(500).default("") }),
  reply: none,
});

/** Pauses the controller's input, or lets it go on. */
export const pauseSession = defineRoute({
  method: "POST",
  path: "/api/v1/sessions/:sessionId/pause",
  summary: "Pause or resume the input of a live session",
  right: "sessions:guard",
  scope: "site",
  params: sessionParams,
  query: none,
  body: z.strictObject({ isPaused: z.boolean() }),
  reply: none,
});

/** Shows a message on every viewer's page of a live session. */
export const messageSession = defineRoute({
  method: "POST",
  path: "/api/v1/sessions/:sessionId/messages",
  summary: "Send a message to a live session",
  right: "sessions:guard",
  scope: "site",
  params: sessionParams,
  query: none,
  body: z.strictObject({ text: z.string().min(1).max(500) }),
  reply: none,
});
