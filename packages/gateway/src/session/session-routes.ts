import {
  createTicket,
  endSession,
  Failure,
  getSession,
  listMySessions,
  listSessions,
  messageSession,
  openSession,
  pauseSession,
  type SessionRow,
} from "@poterne/contract";
import type { ViewerRole } from "@poterne/wire";
import type { OwnSecret } from "../auth/own-passwords.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { SessionBroker } from "./broker.ts";
import type { SessionHub } from "./hub.ts";
import { type SessionStore, toSessionRow } from "./session-store.ts";
import type { SessionTableRow } from "./session-tables.ts";

/** What the session routes need. */
export interface SessionRouteDependencies {
  readonly broker: SessionBroker;
  readonly store: SessionStore;
  readonly nodeId: string;
  /** Throws where a rule asks for a fresh factor before this target opens; names the rule that asked. */
  requireStepUp(context: RequestContext, targetId: string): Promise<{ readonly ruleName: string } | null>;
  /** The caller's own directory password, for accounts "as me". */
  takeOwnSecret(context: RequestContext): Promise<OwnSecret>;
  /** All identities of a person's human being, the person's own included. */
  readonly identitiesOf: (personId: string) => Promise<readonly string[]>;
}

/** Opening, attaching, listing and ending sessions. */
export function sessionHandlers(dependencies: SessionRouteDependencies): Handler[] {
  const { broker, store, nodeId, takeOwnSecret, requireStepUp, identitiesOf } = dependencies;
  const issueTicket = (hub: SessionHub, role: ViewerRole, context: RequestContext) => {
    const issued = broker.issueTicket(hub, context.person(), role, context.sourceAddress);
    return { ...issued, nodeId, path: `/n/${nodeId}/session/${hub.sessionId}` };
  };
  const show = (row: SessionTableRow): SessionRow => toSessionRow(row, describeLive(broker.find(row.id)));
  return [
    handle(openSession, async ({ body }, context) => {
      const caller = context.person();
      const sessionId = await broker.open({
        personId: caller.personId,
        personName: caller.name,
        sourceAddress: context.sourceAddress,
        targetId: body.targetId,
        accountId: body.accountId,
        reason: body.reason,
        ticketNumber: body.ticketNumber,
        takeOwnSecret: () => takeOwnSecret(context),
        requireStepUp: () => requireStepUp(context, body.targetId),
      });
      broker.presence.note(sessionId, context);
      return { sessionId, ...issueTicket(findLive(broker, sessionId), "controller", context) };
    }),
    handle(createTicket, async ({ params, body }, context) => {
      const hub = findLive(broker, params.sessionId);
      await requireRole(context, hub, body.role);
      await requireAnother(context, hub, { role: body.role, identitiesOf });
      if (body.role === "controller") await requireReturn(dependencies, hub, context);
      return issueTicket(hub, body.role, context);
    }),
    handle(listSessions, async ({ query }, context) => {
      const siteIds = await context.sitesWith("sessions:read");
      const { rows, ...page } = await store.list({ ...query, siteIds });
      return { items: rows.map(show), ...page };
    }),
    handle(listMySessions, async ({ query }, context) => {
      const { personId } = context.person();
      const { rows, ...page } = await store.list({ ...query, siteIds: null, personId });
      return { items: rows.map(show), ...page };
    }),
    handle(getSession, async ({ params }, context) => {
      const row = await store.find(params.sessionId);
      if (row === null) throw new Failure("not-found");
      if (row.person_id !== context.person().personId) await context.requireAt("sessions:read", row.site_id);
      return show(row);
    }),
    handle(endSession, async ({ params, body }, context) => {
      const hub = findLive(broker, params.sessionId);
      const caller = context.person();
      if (hub.personId === caller.personId) hub.ended("left");
      else {
        await context.requireAt("sessions:guard", hub.siteId);
        hub.endByGuardian(caller, body.reason.trim());
      }
      return {};
    }),
    handle(pauseSession, async ({ params, body }, context) => {
      const hub = findLive(broker, params.sessionId);
      await context.requireAt("sessions:guard", hub.siteId);
      hub.pause(body.isPaused, context.person());
      return {};
    }),
    handle(messageSession, async ({ params, body }, context) => {
      const hub = findLive(broker, params.sessionId);
      await context.requireAt("sessions:guard", hub.siteId);
      hub.message(context.person(), body.text);
      return {};
    }),
  ];
}

function findLive(broker: SessionBroker, sessionId: string): SessionHub {
  const hub = broker.find(sessionId);
  if (hub === null) throw new Failure("session-ended");
  return hub;
}

/** Only its own person controls a session; nobody guards or watches his own. */
async function requireRole(
  context: RequestContext,
  hub: SessionHub,
  role: "controller" | "observer" | "guardian",
): Promise<void> {
  const isOwn = hub.personId === context.person().personId;
  if (role === "controller") {
    if (!isOwn) throw new Failure("not-found");
    return;
  }
  await context.requireAt(role === "guardian" ? "sessions:guard" : "sessions:watch", hub.siteId);
  if (isOwn && role === "guardian") throw new Failure("not-allowed");
}

/**
 * Lets a session's person attach: from an address that is allowed, and with the factor that the target's rule asks for
 * unless they were there just now.
 */
async function requireReturn(
  { broker, requireStepUp }: SessionRouteDependencies,
  hub: SessionHub,
  context: RequestContext,
): Promise<void> {
  await broker.requireSource(hub, context.sourceAddress);
  if (!broker.presence.isRecent(hub.sessionId, context)) await requireStepUp(context, hub.targetId);
  broker.presence.note(hub.sessionId, context);
}

/** Nobody guards the session of another of their own identities. */
async function requireAnother(
  context: RequestContext,
  hub: SessionHub,
  { role, identitiesOf }: Pick<SessionRouteDependencies, "identitiesOf"> & { readonly role: string },
): Promise<void> {
  const { personId } = context.person();
  if (role === "guardian" && (await identitiesOf(hub.personId)).includes(personId))
    throw new Failure("not-allowed");
}

function describeLive(
  hub: SessionHub | null,
): Pick<SessionRow, "state" | "isPaused" | "viewers" | "isRecorded"> | null {
  if (hub === null) return null;
  const viewers = [...hub.outlet.viewers].map(({ viewerId, personId, name, role, hasControl }) => ({
    viewerId,
    personId,
    name,
    role,
    hasControl,
  }));
  return { state: hub.state, isPaused: hub.isPaused, isRecorded: hub.isRecorded, viewers };
}
