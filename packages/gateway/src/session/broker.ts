import { makeUuidV7 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { ViewerRole } from "@poterne/wire";
import type { AccountRecord, RefusalReason, TargetRecord, Verdict } from "../access/access.ts";
import type { SessionCounts } from "../access/decide.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import { onceEach } from "../once-each.ts";
import type { BrokerDependencies, OpenRequest } from "./broker-dependencies.ts";
import { drivers } from "./drivers/index.ts";
import { makeHops } from "./hops.ts";
import { SessionHub } from "./hub.ts";
import { type HubDependencies, journaledEnd, type SessionFacts } from "./hub-facts.ts";
import { LateWrites } from "./late-writes.ts";
import type { LiveSession, LiveSessions } from "./live-session.ts";
import { Openings } from "./openings.ts";
import { Places, placeOf } from "./places.ts";
import { Presence } from "./presence.ts";
import {
  firstEnd,
  requireAttachable,
  requireCheckOut,
  requireReason,
  revalidateSession,
} from "./revalidate.ts";
import { journalOpened, sessionEntry } from "./session-entries.ts";
import { foldersOf } from "./session-folders.ts";
import { makeSessionRow } from "./session-row.ts";
import { Tickets } from "./tickets.ts";

const TICK_MS = 500;
/** Live sessions are decided again this often: a withdrawn grant ends them. */
const REVALIDATE_MS = 5_000;
/** An opening whose place another took meanwhile is decided again, as another grant may still have room. */
const MAX_DECISIONS = 3;
/** Longest description of an unforeseen error in the journal, in characters. */
const MAX_CAUSE_LENGTH = 300;

/** Where a session goes, and as whom. */
interface Way {
  readonly target: TargetRecord;
  readonly account: AccountRecord;
  readonly own: OwnSecret | null;
}

type Allowed = Extract<Verdict, { isAllowed: true }>;

/** An opening that is decided: by what, and the place it holds until `leave`. */
interface Decided {
  readonly verdict: Allowed;
  leave(): void;
}

/** Opens, finds and ends the sessions of this node. */
export class SessionBroker implements LiveSessions {
  readonly tickets: Tickets;
  readonly #deps: BrokerDependencies;
  readonly #hubs = new Map<string, SessionHub>();
  readonly #places: Places;
  readonly #timers: NodeJS.Timeout[];
  /** Keeper and store may be away while sessions live and end: their lines are written when they are back. */
  readonly #late: { readonly journal: LateWrites; readonly store: LateWrites };
  /** From where and by whom each session's person was last attached. */
  readonly presence: Presence;
  /** Settles when a session's row is in the store, or is not going to be: it cannot be ended before. */
  readonly #rows = new Map<string, Promise<unknown>>();
  readonly #openings = new Openings();
  #lastViewer = 0;
  #allEnded: (() => void) | null = null;

  constructor(dependencies: BrokerDependencies) {
    this.#deps = dependencies;
    this.#places = new Places(() => this.live.map(placeOf), dependencies.limits.maxPerNode);
    this.tickets = new Tickets(dependencies.environment);
    this.presence = new Presence(dependencies.environment);
    this.#late = { journal: new LateWrites(dependencies.logger), store: new LateWrites(dependencies.logger) };
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => void Promise.all([this.revalidate(), this.#writeLate()]), REVALIDATE_MS),
    ];
  }

  get live(): readonly SessionHub[] {
    return [...this.#hubs.values()];
  }

  find(sessionId: string): (LiveSession & SessionHub) | null {
    return this.#hubs.get(sessionId) ?? null;
  }

  /** Decides and prepares a session; it connects once its person's viewer has attached. Throws a Failure. */
  async open(request: OpenRequest): Promise<string> {
    return this.#openings.run(async () => {
      this.#places.requireRoom();
      const decided = await this.#decide(request);
      try {
        return await this.#openDecided(request, decided);
      } finally {
        decided.leave();
      }
    });
  }

  async #openDecided(request: OpenRequest, { verdict, leave }: Decided): Promise<string> {
    const target = await this.#deps.access.target(request.targetId);
    if (target === null) throw new Failure("not-found");
    const account = await this.#chooseAccount(verdict, request.accountId);
    const checkOut = await this.#askCheckOut(account.accountId, request.personId);
    requireCheckOut(checkOut);
    const stepUp = await request.requireStepUp();
    const facts = this.#makeFacts(request, verdict, target, account);
    facts.lease.end = firstEnd(facts.lease.end, checkOut);
    const own = account.kind === "as-me" ? await request.takeOwnSecret() : null;
    try {
      this.#openings.requireOpen();
      await journalOpened(this.#deps.journal, request, { facts, account, own, ruleName: stepUp?.ruleName });
    } catch (error) {
      own?.wipe();
      throw error;
    }
    const dependencies = this.#hubDependencies(facts, request, verdict, { target, account, own });
    const hub = new SessionHub(facts, dependencies);
    const row = makeSessionRow({ nodeId: this.#deps.nodeId, facts, request, verdict, target });
    const stored = this.#deps.store.insert(row);
    const { sourceAddress } = request;
    this.#rows.set(facts.sessionId, stored);
    this.presence.rest(facts.sessionId, { sourceAddress, accountId: account.accountId });
    this.#hubs.set(facts.sessionId, hub);
    leave();
    this.#deps.counters.opened(target.protocol);
    try {
      await stored;
      await this.#deps.noteOpened(request.personId, target.targetId);
    } catch (error) {
      // Nobody learns of this session: it must not keep its place until the time to attach is over.
      hub.ended("internal");
      throw error;
    }
    return facts.sessionId;
  }

  /** Decides, and takes the place in the same turn as it looks whether there still is one. */
  async #decide(request: OpenRequest): Promise<Decided> {
    const { personId, targetId } = request;
    let reasons: readonly RefusalReason[] = [];
    for (let tries = 0; tries < MAX_DECISIONS; tries++) {
      const verdict = await this.#askAccess(request);
      requireReason(verdict.policy, request);
      const place = this.#places.take({ personId, targetId, policyId: verdict.policyId }, verdict.policy);
      if (place.isTaken) return { verdict, leave: place.leave };
      reasons = place.lacks;
    }
    return this.#refuse(request, reasons);
  }

  async #askAccess(request: OpenRequest): Promise<Allowed> {
    const atMs = this.#deps.environment.now();
    const verdict = await this.#deps.access.decide({
      personId: request.personId,
      targetId: request.targetId,
      atMs,
      sourceAddress: request.sourceAddress,
    });
    if (verdict.isAllowed) return verdict;
    return this.#refuse(
      request,
      verdict.reasons.map(({ reason }) => reason),
    );
  }

  /** Journals a refusal and throws its Failure. */
  async #refuse(request: OpenRequest, reasons: readonly RefusalReason[]): Promise<never> {
    await this.#deps.journal.append({
      kind: "session.refused",
      level: "notice",
      actor: { personId: request.personId, name: request.personName },
      sourceAddress: request.sourceAddress,
      subject: { personId: request.personId, targetId: request.targetId },
      details: { reasons: reasons.join(",") },
    });
    const isFull = reasons.every((reason) => reason.startsWith("sessions-"));
    throw new Failure(isFull && reasons.length > 0 ? "too-many-sessions" : "access-refused");
  }

  /** How many sessions a person, and a target, have now, those that are opening included: the decision counts them. */
  count(personId: string, targetId: string): SessionCounts {
    return this.#places.count(personId, targetId);
  }

  async #chooseAccount(verdict: Allowed, accountId: string | undefined): Promise<AccountRecord> {
    const chosen =
      accountId === undefined && verdict.accounts.length === 1
        ? verdict.accounts[0]
        : verdict.accounts.find((account) => account.accountId === accountId);
    if (chosen === undefined)
      throw new Failure(accountId === undefined ? "account-needed" : "access-refused");
    const account = await this.#deps.access.account(chosen.accountId);
    if (account === null) throw new Failure("access-refused");
    return account;
  }

  #makeFacts(
    request: OpenRequest,
    verdict: Allowed,
    target: TargetRecord,
    account: AccountRecord,
  ): SessionFacts {
    const openedAtMs = this.#deps.environment.now();
    const sessionId = makeUuidV7(openedAtMs, this.#deps.environment.randomBytes(10));
    const { personId, personName } = request;
    return {
      sessionId,
      personId,
      personName,
      targetId: target.targetId,
      targetName: target.name,
      machineName: target.machineName,
      siteId: target.siteId,
      protocol: target.protocol,
      kind: drivers[target.protocol].kind,
      accountName: account.name,
      policy: verdict.policy,
      openedAtMs,
      lease: { grantId: verdict.grantId, policyId: verdict.policyId, end: verdict.end },
      watermark: verdict.policy.watermark ? this.#deps.watermark({ personName, sessionId }) : null,
    };
  }

  #hubDependencies(
    facts: SessionFacts,
    request: OpenRequest,
    verdict: Allowed,
    { target, account, own }: Way,
  ): HubDependencies {
    const { environment, journal, recorders, limits, logger } = this.#deps;
    const note: HubDependencies["note"] = (kind, level, by, details) => {
      const entry = { ...sessionEntry(facts, request, { kind, level, details }), actor: by };
      return this.#late.journal.write(kind, facts.sessionId, () => journal.append(entry));
    };
    const { sessionId, personId, personName } = facts;
    return {
      environment,
      guardianWaitMs: limits.guardianWaitMs,
      note,
      crashed: (error) => {
        logger.error({ error, sessionId }, "A session ended by an error nobody foresaw");
        const cause = String(error).slice(0, MAX_CAUSE_LENGTH);
        void note("session.crashed", "alarm", { personId, name: personName }, { cause });
      },
      openRecorder: (events) =>
        recorders.open(
          {
            sessionId: facts.sessionId,
            kind: facts.kind,
            protocol: facts.protocol,
            startedAtMs: facts.openedAtMs,
            personId: facts.personId,
            personName: facts.personName,
            targetId: facts.targetId,
            targetName: facts.targetName,
            machineName: facts.machineName,
            siteId: facts.siteId,
            accountName: facts.accountName,
            grantId: verdict.grantId,
            reason: [request.ticketNumber, request.reason].filter((text) => text !== "").join(" "),
            retentionDays: facts.policy.retentionDays,
          },
          events,
        ),
      makeDriver: async (host) => {
        const hops = await makeHops(this.#deps, target, { sessionId, account, own }).finally(own?.wipe);
        const folders = foldersOf(this.#deps.drives, facts);
        const { kerberos } = this.#deps;
        const licences = this.#deps.licences.shelf(target.targetId, sessionId);
        return drivers[target.protocol].make(
          { sessionId, hops, policy: facts.policy, folders, kerberos, licences },
          host,
        );
      },
      pinIdentity: (identity) => this.#deps.access.pinIdentity(target.targetId, identity, facts.personId),
      onEnded: () => {
        own?.wipe();
        const hub = this.#hubs.get(facts.sessionId);
        if (hub !== undefined) this.#ended(hub, request);
      },
    };
  }

  #ended(hub: SessionHub, request: OpenRequest): void {
    const stored = this.#rows.get(hub.sessionId) ?? Promise.resolve();
    this.#rows.delete(hub.sessionId);
    this.#hubs.delete(hub.sessionId);
    this.presence.forget(hub.sessionId);
    const code = hub.endReason?.code ?? "internal";
    const { counters, environment, journal, store } = this.#deps;
    counters.ended(code);
    const endedAtMs = environment.now();
    const details = { durationMs: hub.nowMs(), ...journaledEnd(hub.endReason) };
    const entry = sessionEntry(hub.facts, request, { kind: "session.ended", level: "info", details });
    void this.#late.journal.write(entry.kind, hub.sessionId, () => journal.append(entry));
    const end = () => store.end(hub.sessionId, code, endedAtMs);
    void this.#late.store.write("end", hub.sessionId, () => stored.then(end, end));
    if (this.#hubs.size === 0) this.#allEnded?.();
  }

  /** Redeems a viewer's ticket; null refuses. */
  redeem(ticket: string, sessionId: string, sourceAddress: string) {
    const claim = this.tickets.redeem(ticket, sessionId, sourceAddress);
    const hub = this.#hubs.get(sessionId);
    if (claim === null || hub === undefined || hub.endReason !== null) return null;
    if (hub.outlet.viewers.size >= this.#deps.limits.maxViewers && claim.role !== "controller") return null;
    return { claim, hub, viewerId: `v${++this.#lastViewer}` };
  }

  /** A ticket for a role the caller was found to have. Throws the Failure `session-full`. */
  issueTicket(
    hub: SessionHub,
    caller: { personId: string; name: string },
    role: ViewerRole,
    sourceAddress: string,
  ) {
    if (role !== "controller" && hub.outlet.viewers.size >= this.#deps.limits.maxViewers)
      throw new Failure("session-full");
    return this.tickets.issue({
      sessionId: hub.sessionId,
      personId: caller.personId,
      name: caller.name,
      role,
      sourceAddress,
    });
  }

  async #writeLate(): Promise<void> {
    await Promise.all([this.#late.journal.retry(), this.#late.store.retry()]);
  }

  #tick(): void {
    for (const hub of this.#hubs.values()) hub.tick();
    this.presence.refresh(this.#hubs.values());
  }

  /**
   * Ends sessions that nothing allows any more, and renews the end of the others. A store that is away ends nothing. What
   * several sessions have in common is asked once.
   */
  async revalidate(): Promise<void> {
    const { environment, logger } = this.#deps;
    const access = this.#deps.access.together();
    const askCheckOut = onceEach((accountId: string, personId: string) =>
      this.#askCheckOut(accountId, personId),
    );
    try {
      for (const hub of this.live) {
        const { sourceAddress, accountId } = this.presence.basisOf(hub.sessionId);
        const checkOut = await askCheckOut(accountId, hub.personId);
        await revalidateSession(hub, { access, atMs: environment.now(), sourceAddress, checkOut });
      }
    } catch (error) {
      logger.warn({ error }, "Live sessions could not be decided again");
    }
  }

  #askCheckOut(accountId: string, personId: string) {
    return this.#deps.askCheckOut(accountId, personId, this.#deps.environment.now());
  }

  /** Lets a session's person attach again from an address that is allowed. Throws the Failure `source-refused`. */
  async requireSource(hub: SessionHub, sourceAddress: string): Promise<void> {
    const { access, environment } = this.#deps;
    await requireAttachable(hub, { access, atMs: environment.now(), sourceAddress });
    this.presence.rest(hub.sessionId, { sourceAddress });
  }

  /** Ends all sessions of a person at once (disabled, erased, signed out everywhere). */
  endSessionsOf(personId: string): void {
    for (const hub of this.live) if (hub.personId === personId) hub.ended("ended-by-revocation");
  }

  /** Ends every session cleanly, those still opening too, and waits until their recordings are closed. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const opened = this.#openings.close();
    this.#endAll();
    await opened;
    this.#endAll();
    if (this.#hubs.size > 0) {
      await new Promise<void>((resolve) => {
        this.#allEnded = resolve;
      });
    }
    await Promise.all([this.#late.journal.settle(), this.#late.store.settle()]);
  }

  #endAll(): void {
    for (const hub of this.live) hub.ended("gateway-stopping");
  }
}
