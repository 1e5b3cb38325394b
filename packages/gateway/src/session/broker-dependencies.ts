import type { Logger } from "pino";
import type { Access } from "../access/access.ts";
import type { AskCheckOut } from "../access/check-outs.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { KerberosAccess } from "../kerberos/kerberos-access.ts";
import type { RecorderFactory } from "../recording/recorder.ts";
import type { LicenceStore } from "./licence-store.ts";
import type { SessionStore } from "./session-store.ts";

/** What opening sessions needs. */
export interface BrokerDependencies {
  readonly access: Access;
  /** How an account stands for a person: shared ones need a check-out. */
  readonly askCheckOut: AskCheckOut;
  readonly keeper: Keeper;
  readonly kerberos: KerberosAccess;
  readonly licences: Pick<LicenceStore, "shelf">;
  readonly journal: Journal;
  readonly recorders: RecorderFactory;
  readonly store: SessionStore;
  readonly environment: Environment;
  readonly logger: Logger;
  readonly nodeId: string;
  /** Where files of sessions lie (`Folders.drives`). */
  readonly drives: string;
  readonly limits: {
    readonly maxPerNode: number;
    readonly maxViewers: number;
    readonly guardianWaitMs: number;
  };
  /** Refuses addresses no session may go to (SSRF guard); throws a Failure. */
  checkAddress(address: string): Promise<void>;
  /** Remembers what a person opened last, for *My machines*. */
  noteOpened(personId: string, targetId: string): Promise<void>;
  /** For the metrics. */
  readonly counters: { opened(protocol: string): void; ended(code: string): void };
  /** Words of the watermark for a person. */
  watermark(facts: { personName: string; sessionId: string }): string;
}

/** A person's wish to open a session, already authenticated. */
export interface OpenRequest {
  readonly personId: string;
  readonly personName: string;
  readonly sourceAddress: string;
  readonly targetId: string;
  readonly accountId: string | undefined;
  readonly reason: string;
  readonly ticketNumber: string;
  /** The person's own directory password, asked for by accounts "as me" only; rejects with a Failure. */
  takeOwnSecret(): Promise<OwnSecret>;
  /** Rejects where a rule asks for a fresh factor before this target opens; names the rule that asked. */
  requireStepUp(): Promise<{ readonly ruleName: string } | null>;
}
