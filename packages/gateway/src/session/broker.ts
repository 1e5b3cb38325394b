import { makeUuidV7 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { ViewerRole } from "@poterne/wire";
import type { AccountRecord, RefusalReason, TargetRecord, Verdict } from "../access/access.ts";
import type { SessionCounts } from "../access/decide.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { BrokerDependencies, OpenRequest } from "./broker-dependencies.ts";
import { drivers } from "./drivers/index.ts";
import { makeHops } from "./hops.ts";
import { SessionHub } from "./hub.ts";
import { type HubDependencies, journaledEnd, type SessionFacts } from "./hub-facts.ts";
import { LateWrites } from "./late-writes.ts";
import type { LiveSession, LiveSessions } from "./live-session.ts";
import { Places, placeOf } from "./places.ts";
import {
  firstEnd,
  requireAttachable,
  requireCheckOut,
  requireReason,
  revalidateSession,
} from "./revalidate.ts";
import { foldersOf } from "./session-folders.ts";
import { makeSessionRow } from "./session-row.ts";
import { Tickets } from "./tickets.ts";

const TICK_MS = 500;
/** Live sessions are decided again this often: a withdrawn grant ends them. */
const REVALIDATE_MS = 5_000;
/** An opening whose place another took meanwhile is decided again, as another grant may still have room. */
const MAX_DECISIONS = 3;

/** Where a session goes, and as whom. */
interface Way {
  readonly target: TargetRecord;
  readonly account: AccountRecord;
  readonly own: OwnSecret | null;
}

/** What else a live session rests on: its person's last address, and the account, which may be a shared one. */
interface Basis {
  readonly sourceAddress: string;
  readonly accountId: string;
}
const NO_BASIS: Basis = { sourceAddress: "", accountId: "" };

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
  /** From where each session's person was last attached. */
  readonly #bases = new Map<string, Basis>();
  #isStopping = false;
  #lastViewer = 0;
  #allEnded: (() => void) | null = null;

  constructor(dependencies: BrokerDependencies) {
    this.#deps = dependencies;
    this.#places = new Places(() => this.live.map(placeOf), dependencies.limits.maxPerNode);
    this.tickets = new Tickets(dependencies.environment);
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
    if (this.#isStopping) throw new Failure("gateway-stopping");
    this.#places.requireRoom();
    const decided = await this.#decide(request);
    try {
      return await this.#openDecided(request, decided);
    } finally {
      decided.leave();
    }
  }

  async #openDecided(request: OpenRequest, { verdict, leave }: Decided): Promise<string> {
    const target = await this.#deps.access.target(request.targetId);
    if (target === null) throw new Failure("not-found");
    const account = await this.#chooseAccount(verdict, request.accountId);
    const checkOut = await this.#askCheckOut(account.accountId, request.personId);
    requireCheckOut(checkOut);
    const stepUp = await request.requireStepUp();
    const own = account.kind === "as-me" ? await request.takeOwnSecret() : null;
    const facts = this.#makeFacts(request, verdict, target, account);
    facts.lease.end = firstEnd(facts.lease.end, checkOut);
    await this.#deps.journal.append(
      this.#entry(facts, request, "session.opened", "info", {
        grantId: verdict.grantId,
        reason: request.reason,
        ticket: request.ticketNumber,
        account: account.name,
        protocol: target.protocol,
        ...(stepUp === null ? {} : { factorRule: stepUp.ruleName }),
      }),
    );
    if (own !== null) {
      const details = { account: account.name, login: own.login, realm: own.realm };
      await this.#deps.journal.append(this.#entry(facts, request, "own-password.used", "info", details));
    }
    const dependencies = this.#hubDependencies(facts, request, verdict, { target, account, own });
    const hub = new SessionHub(facts, dependencies);
    const { sourceAddress } = request;
    this.#bases.set(facts.sessionId, { sourceAddress, accountId: account.accountId });
    this.#hubs.set(facts.sessionId, hub);
    leave();
    this.#deps.counters.opened(target.protocol);
    const row = makeSessionRow({ nodeId: this.#deps.nodeId, facts, request, verdict, target });
    try {
      await this.#deps.store.insert(row);
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
    const { environment, journal, recorders, limits } = this.#deps;
    return {
      environment,
      guardianWaitMs: limits.guardianWaitMs,
      note: (kind, level, by, details) => {
        const entry = { ...this.#entry(facts, request, kind, level, details), actor: by };
        return this.#late.journal.write(kind, facts.sessionId, () => journal.append(entry));
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
        const { sessionId } = facts;
        const hops = await makeHops(this.#deps, target, { sessionId, account, own }).finally(own?.wipe);
        const folders = foldersOf(this.#deps.drives, facts);
        return drivers[target.protocol].make(
          { sessionId, hops, policy: facts.policy, folders, kerberos: this.#deps.kerberos },
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

  #entry(
    facts: SessionFacts,
    request: OpenRequest,
    kind: string,
    level: JournalEntry["level"],
    details: JournalEntry["details"],
  ): JournalEntry {
    return {
      kind,
      level,
      actor: { personId: facts.personId, name: facts.personName },
      sourceAddress: request.sourceAddress,
      subject: {
        personId: facts.personId,
        targetId: facts.targetId,
        siteId: facts.siteId,
        sessionId: facts.sessionId,
      },
      details: { target: facts.targetName, machine: facts.machineName, ...details },
    };
  }

  #ended(hub: SessionHub, request: OpenRequest): void {
    this.#hubs.delete(hub.sessionId);
    this.#bases.delete(hub.sessionId);
    const code = hub.endReason?.code ?? "internal";
    const { counters, environment, journal, store } = this.#deps;
    counters.ended(code);
    const endedAtMs = environment.now();
    const details = { durationMs: hub.nowMs(), ...journaledEnd(hub.endReason) };
    const entry = this.#entry(hub.facts, request, "session.ended", "info", details);
    void this.#late.journal.write(entry.kind, hub.sessionId, () => journal.append(entry));
    void this.#late.store.write("end", hub.sessionId, () => store.end(hub.sessionId, code, endedAtMs));
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
  }

  /** Ends sessions that nothing allows any more, and renews the end of the others. A store that is away ends nothing. */
  async revalidate(): Promise<void> {
    const { access, environment, logger } = this.#deps;
    try {
      for (const hub of this.live) {
        const { sourceAddress, accountId } = this.#bases.get(hub.sessionId) ?? NO_BASIS;
        const checkOut = await this.#askCheckOut(accountId, hub.personId);
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
    const basis = this.#bases.get(hub.sessionId) ?? NO_BASIS;
    this.#bases.set(hub.sessionId, { ...basis, sourceAddress });
  }

  /** Ends all sessions of a person at once (disabled, erased, signed out everywhere). */
  endSessionsOf(personId: string): void {
    for (const hub of this.live) if (hub.personId === personId) hub.ended("ended-by-revocation");
  }

  /** Ends every session cleanly and waits until their recordings are closed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#hubs.size === 0) return this.#writeLate();
    const done = new Promise<void>((resolve) => {
      this.#allEnded = resolve;
    });
    for (const hub of this.live) hub.ended("gateway-stopping");
    await done;
    await this.#writeLate();
  }
}
