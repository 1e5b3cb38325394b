import type { FailureDetails, Policy } from "@poterne/contract";
import type { HeldGrant } from "../access/decide.ts";
import type { AccessEnd } from "../access/grant-conditions.ts";
import type { Environment } from "../environment.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { DriverHost, SessionDriver, TargetIdentity } from "./driver.ts";

/** What is fixed for a session's life. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly personId: string;
  readonly personName: string;
  readonly targetId: string;
  readonly targetName: string;
  readonly machineName: string;
  readonly siteId: string;
  readonly protocol: string;
  readonly kind: "desktop" | "terminal";
  readonly accountName: string;
  readonly policy: Policy;
  readonly openedAtMs: number;
  /** What the session was opened under, and until when that holds: the one fact that moves. */
  readonly lease: SessionLease;
  readonly watermark: string | null;
}

/** A session's grant and policy, and when validity or hours will end it; renewed while it lives. */
export interface SessionLease extends HeldGrant {
  end: AccessEnd | null;
}

/** When a session will end by its policy's length or by its lease, Unix milliseconds; null for no limit. */
export function endsAtMsOf({ policy, openedAtMs, lease }: SessionFacts): number | null {
  const ends = [
    policy.maxMinutes === null ? Number.POSITIVE_INFINITY : openedAtMs + policy.maxMinutes * 60_000,
    lease.end?.atMs ?? Number.POSITIVE_INFINITY,
  ];
  const first = Math.min(...ends);
  return Number.isFinite(first) ? first : null;
}

/** Who did something to a session. */
export interface SessionActor {
  readonly personId: string | null;
  readonly name: string;
}

/** What a hub asks of its surroundings. */
export interface HubDependencies {
  readonly environment: Environment;
  readonly guardianWaitMs: number;
  /** Journals a fact of this session; a journal that refuses is logged, the session lives on. */
  note(
    kind: string,
    level: "info" | "notice" | "alarm",
    by: SessionActor,
    details: Readonly<Record<string, string | number | boolean | null>>,
  ): Promise<void>;
  /** Journals and logs an error nobody foresaw, of which the person learns a reference only. */
  crashed(cause: unknown): void;
  /** Opens the recording; rejects with a Failure when there is no place to record. */
  openRecorder(events: { onFailure(error: Error): void; onDrain(): void }): Promise<Recorder>;
  makeDriver(host: DriverHost): Promise<SessionDriver>;
  pinIdentity(identity: TargetIdentity): Promise<void>;
  /** Called once, when everything of the session is over and its recording is closed. */
  onEnded(): void;
}

/** Where a session stands, as pages show it. */
export type HubState = "opening" | "waiting" | "open" | "detached" | "ended";

/** Why a session ended: a code of the catalogue with its details. */
export interface SessionEnd {
  readonly code: string;
  readonly details: FailureDetails;
}

/** A session's facts, each under the name that routes and drivers know, and its clocks. */
export class SessionIdentity {
  readonly facts: SessionFacts;
  readonly #environment: Environment;
  readonly #startedMs: number;

  constructor(facts: SessionFacts, environment: Environment) {
    this.facts = facts;
    this.#environment = environment;
    this.#startedMs = environment.monotonicMs();
  }

  /** Milliseconds since the session began, whole. */
  nowMs(): number {
    return Math.floor(this.#environment.monotonicMs() - this.#startedMs);
  }
  /** The node's wall clock, in milliseconds since 1970. */
  wallMs(): number {
    return this.#environment.now();
  }

  get sessionId(): string {
    return this.facts.sessionId;
  }
  get personId(): string {
    return this.facts.personId;
  }
  get personName(): string {
    return this.facts.personName;
  }
  get targetId(): string {
    return this.facts.targetId;
  }
  get siteId(): string {
    return this.facts.siteId;
  }
  get policy(): Policy {
    return this.facts.policy;
  }
  /** Whose session it is, as the journal's actor. */
  get person(): { readonly personId: string; readonly name: string } {
    return { personId: this.facts.personId, name: this.facts.personName };
  }
}

/** What the journal says of an end: its code and, where a target did what it must not, what that was. */
export function journaledEnd(end: SessionEnd | null): { code: string; detail?: string } {
  const { code = "internal", details = {} } = end ?? {};
  return code === "protocol-error" && details.detail !== undefined
    ? { code, detail: String(details.detail) }
    : { code };
}
