import type { Policy, Protocol } from "@poterne/contract";
import type { TargetIdentity } from "../session/driver.ts";
import type { HeldGrant } from "./decide.ts";
import type { AccessEnd } from "./grant-conditions.ts";

/** Why a person may not open a target, in the order checked; each has words in both languages in the contract. */
export type RefusalReason =
  | "no-grant"
  | "grant-not-yet-valid"
  | "grant-expired"
  | "target-disabled"
  | "machine-disabled"
  | "person-disabled"
  | "no-account"
  | "sessions-per-person"
  | "sessions-per-target"
  | "sessions-in-total"
  | "outside-hours"
  | "source-refused"
  | "approval-needed";

/** The answer to person × target × time, with the grant that decided. */
export type Verdict =
  | {
      readonly isAllowed: true;
      readonly grantId: string;
      readonly policyId: string;
      readonly policyName: string;
      readonly policy: Policy;
      readonly accounts: readonly {
        readonly accountId: string;
        readonly name: string;
        readonly kind: AccountKind;
      }[];
      /** When validity or hours will end it, as things stand; null for never. */
      readonly end: AccessEnd | null;
    }
  | {
      readonly isAllowed: false;
      readonly reasons: readonly { readonly reason: RefusalReason; readonly grantId: string | null }[];
    };

/** How an account proves itself to a target. */
export type AccountKind = "password" | "ssh-key" | "ask" | "as-me";

/** A target with all a driver must know of it. */
export interface TargetRecord {
  readonly targetId: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** Validated options of the protocol, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly machineId: string;
  readonly machineName: string;
  /** The machine's name in its Kerberos realm, empty for none. */
  readonly kerberosName: string;
  readonly siteId: string;
  readonly identities: readonly TargetIdentity[];
}

/** An account with its sealed secret. */
export interface AccountRecord {
  readonly accountId: string;
  readonly name: string;
  readonly kind: AccountKind;
  readonly username: string;
  /** The keeper's envelope; null for `ask` and `as-me`. Its context is `account:ID`. */
  readonly envelope: Uint8Array | null;
  /** SSH public key blob, for `ssh-key`. */
  readonly publicKey: Uint8Array | null;
  /** OpenSSH user certificate blob, for `ssh-key` with one. */
  readonly certificate: Uint8Array | null;
}

/** Person × target × time, and what else a decision may look at. */
export interface AccessQuestion {
  readonly personId: string;
  readonly targetId: string;
  readonly atMs: number;
  /** Where from; left out, addresses are not examined. */
  readonly sourceAddress?: string;
  /** For a live session: what it was opened under. */
  readonly held?: HeldGrant;
}

/** Policy, grants and inventory as the session opener sees them. */
export interface Access {
  /** Decides; when several grants allow, the one whose policy demands least wins ties by age, and says so. */
  decide(question: AccessQuestion): Promise<Verdict>;
  /**
   * For decisions right after one another, of all live sessions: each person, and whether the facts have moved, is read
   * of the store once for all of them. Not to be kept.
   */
  together(): Pick<Access, "decide">;
  target(targetId: string): Promise<TargetRecord | null>;
  account(accountId: string): Promise<AccountRecord | null>;
  /** Adds an identity to a target's pinned ones; journaled by the caller. */
  pinIdentity(targetId: string, identity: TargetIdentity, byPersonId: string | null): Promise<void>;
}
