import { Failure, type OwnPasswordState } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { loginKey, type Person } from "../people/people-store.ts";
import { SYSTEM_ACTOR } from "./auth-journal.ts";
import { type OwnAccount, type OwnAccounts, ownAccountName } from "./own-accounts.ts";
import { openUnderToken, type SealedSecret, sealUnderToken } from "./own-password-box.ts";
import type { SignInGuard } from "./sign-in-guard.ts";

/** Tickets of Protected Users live so long; a password whose account is not known to be another's is kept no longer. */
export const PROTECTED_KEEP_MS = 4 * 3_600_000;
/** Most passwords kept at a time; above, the one kept longest goes. */
export const MAX_KEPT = 5000;

/** Says how long a ticket of an account may live: whether it is a member of Protected Users. */
export interface ProtectedUsersQuestion {
  /** Null when no KDC could tell. `endsAtMs` is the ticket's end. */
  judge(
    account: string,
    password: string,
  ): Promise<{ readonly isProtected: boolean; readonly endsAtMs: number } | null>;
}

/** What keeping people's own passwords is made of. */
export interface OwnPasswordsParts {
  readonly accounts: OwnAccounts;
  readonly environment: Environment;
  readonly journal: Journal;
  readonly guard: SignInGuard;
  /** Whether some account "as me" exists: else no password is kept at a sign-in. */
  readonly isWanted: () => Promise<boolean>;
  readonly tickets: ProtectedUsersQuestion | null;
  /** Whether a sign-in is there and neither idle nor over. */
  readonly isSignedIn: (signInIds: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** A sign-in in its browser's hand: the token is the cookie's, of this request. */
export interface SignInHand {
  readonly signInId: string;
  readonly token: string;
  readonly person: Person;
  readonly sourceAddress: string;
}

/** The person's own password for one session. Whoever gets it calls `wipe`. */
export interface OwnSecret {
  readonly login: string;
  readonly realm: string | null;
  readonly password: Buffer;
  wipe(): void;
}

interface Kept {
  readonly personId: string;
  readonly personName: string;
  readonly account: OwnAccount;
  readonly keptAtMs: number;
  /** Null: with the sign-in. */
  endsAtMs: number | null;
  isProtected: boolean | null;
  sealed: SealedSecret;
}

/** Why a password was forgotten, for the journal. */
type ForgetReason = "asked" | "sign-in-ended" | "expired" | "no-longer-right" | "full";

/**
 * People's own directory passwords, one per sign-in, for accounts "as me". In this process's memory only, sealed under the
 * token of the sign-in's cookie, which is not kept here: see docs/decisions/0109. They end with the sign-in, with the
 * ticket of a Protected User, when the directory takes them no more, when asked, and with the process.
 */
export class OwnPasswords {
  readonly #parts: OwnPasswordsParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: OwnPasswordsParts) {
    this.#parts = parts;
  }

  /** After a sign-in by password at a directory: keeps what was typed, where some account "as me" exists. */
  async keepTyped(hand: SignInHand, password: string): Promise<void> {
    if (!(await this.#parts.isWanted())) return;
    const account = await this.#parts.accounts.of(hand.person);
    if (account !== null) await this.#keep(hand, account, { password, how: "sign-in" });
  }

  /** Keeps what the person types when it is asked for, once the directory has said that it is right. Fails as the route says. */
  async keepAsked(hand: SignInHand, password: string): Promise<OwnPasswordState> {
    const { accounts, guard } = this.#parts;
    const account = await accounts.of(hand.person);
    if (account === null) throw new Failure("own-account-none");
    const attempt = await guard.attemptLogin(loginKey(account.login), hand.sourceAddress);
    const verdict = await accounts.verify(hand.person, password).catch(async (error: unknown) => {
      await attempt.withdraw();
      throw error;
    });
    if (verdict.result === "wrong") {
      await this.#write(hand, "own-password.refused", {
        provider: account.providerName,
        reason: verdict.reason,
      });
      if (attempt.banMs > 0)
        await this.#write(hand, "sign-in.banned", { seconds: Math.ceil(attempt.banMs / 1000) }, "alarm");
      throw new Failure("own-password-wrong", {
        provider: account.providerName,
        account: ownAccountName(account),
      });
    }
    if (verdict.result !== "right") {
      await attempt.withdraw();
      throw new Failure(verdict.result === "away" ? "directory-away" : verdict.told);
    }
    await attempt.succeed();
    await this.#keep(hand, { ...account, login: verdict.login }, { password, how: "asked" });
    return this.state(hand);
  }

  /** What is kept for a sign-in. */
  async state({ signInId, person }: Pick<SignInHand, "signInId" | "person">): Promise<OwnPasswordState> {
    const kept = this.#alive(signInId);
    const account = kept?.account ?? (await this.#parts.accounts.of(person));
    return {
      state: account === null ? "impossible" : kept === null ? "none" : "kept",
      account: account === null ? "" : ownAccountName(account),
      providerName: account?.providerName ?? "",
      keptAtMs: kept?.keptAtMs ?? null,
      endsAtMs: kept?.endsAtMs ?? null,
      isProtected: kept?.isProtected ?? null,
    };
  }

  /**
   * The kept password for one session, after the directory said once more that it is right; one that is away is not waited
   * for. Fails with `own-account-none`, `own-password-needed`, `own-password-changed`, and as the directory bars people.
   */
  async take(hand: SignInHand): Promise<OwnSecret> {
    const { accounts } = this.#parts;
    const account = await accounts.of(hand.person);
    if (account === null) throw new Failure("own-account-none");
    const kept = this.#alive(hand.signInId);
    const names = { account: ownAccountName(account), provider: account.providerName };
    const isSame = kept?.account.providerId === account.providerId;
    const password = kept === null || !isSame ? null : openUnderToken(kept.sealed, bindingOf(hand));
    if (kept === null || password === null) {
      if (kept !== null) await this.#forget(hand.signInId, "no-longer-right");
      throw new Failure("own-password-needed", names);
    }
    try {
      const verdict = await accounts.verify(hand.person, password.toString("utf8"));
      if (verdict.result === "wrong" || verdict.result === "barred") {
        await this.#forget(hand.signInId, "no-longer-right");
        throw verdict.result === "wrong"
          ? new Failure("own-password-changed", names)
          : new Failure(verdict.told);
      }
    } catch (error) {
      // Whatever failed, the directory's verdict, its asking, or the journal: nobody gets it, so nobody else wipes it.
      password.fill(0);
      throw error;
    }
    const { login, realm } = kept.account;
    return { login, realm, password, wipe: () => void password.fill(0) };
  }

  /** Seals anew under the next token of a sign-in's cookie, which changes at every step. */
  move(signInId: string, before: string | null, next: string): void {
    const kept = this.#kept.get(signInId);
    if (kept === undefined) return;
    const about = aboutOf(signInId, kept.personId);
    const secret = before === null ? null : openUnderToken(kept.sealed, { token: before, about });
    if (secret === null) {
      this.#kept.delete(signInId);
      return;
    }
    kept.sealed = this.#seal(secret, { token: next, about });
  }

  /** Forgets at the person's wish. */
  async forget(hand: SignInHand): Promise<OwnPasswordState> {
    await this.#forget(hand.signInId, "asked", { personId: hand.person.id, name: hand.person.name });
    return this.state(hand);
  }

  /** Told when a sign-in has ended. */
  ended(signInId: string): Promise<void> {
    return this.#forget(signInId, "sign-in-ended");
  }

  /** Told when all sign-ins of a person but one have ended. */
  async endedAll(personId: string, exceptSignInId: string | null): Promise<void> {
    for (const [signInId, kept] of [...this.#kept])
      if (kept.personId === personId && signInId !== exceptSignInId) await this.ended(signInId);
  }

  /** Forgets what is over: by time, or because the sign-in went, on whatever node. Call it every half minute. */
  async sweep(): Promise<void> {
    const now = this.#parts.environment.now();
    for (const [signInId, kept] of [...this.#kept])
      if (isOver(kept, now)) await this.#forget(signInId, "expired");
    const ids = [...this.#kept.keys()];
    if (ids.length === 0) return;
    const open = await this.#parts.isSignedIn(ids);
    for (const signInId of ids) if (!open.has(signInId)) await this.ended(signInId);
  }

  #alive(signInId: string): Kept | null {
    const kept = this.#kept.get(signInId);
    return kept === undefined || isOver(kept, this.#parts.environment.now()) ? null : kept;
  }

  async #keep(
    hand: SignInHand,
    account: OwnAccount,
    given: { readonly password: string; readonly how: "sign-in" | "asked" },
  ): Promise<void> {
    const { environment } = this.#parts;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) await this.#forget(oldest, "full");
    const name = ownAccountName(account);
    const { how } = given;
    await this.#write(hand, "own-password.kept", { account: name, provider: account.providerName, how });
    const secret = Buffer.from(given.password, "utf8");
    const now = environment.now();
    const kept: Kept = {
      personId: hand.person.id,
      personName: hand.person.name,
      account,
      keptAtMs: now,
      endsAtMs: now + PROTECTED_KEEP_MS,
      isProtected: null,
      sealed: this.#seal(secret, bindingOf(hand)),
    };
    this.#kept.set(hand.signInId, kept);
    // No realm, no ticket that could end. Otherwise nobody waits for a KDC; one that fails leaves the short end.
    if (account.realm === null) kept.endsAtMs = null;
    else void this.#judge(kept, name, given.password).catch(() => undefined);
  }

  /** Seals a secret and wipes it, whatever comes of it. */
  #seal(secret: Buffer, binding: { readonly token: string; readonly about: string }): SealedSecret {
    try {
      return sealUnderToken(this.#parts.environment, secret, binding);
    } finally {
      secret.fill(0);
    }
  }

  /** Whether the account's tickets are short; where nobody can tell it is treated as if they were. */
  async #judge(kept: Kept, account: string, password: string): Promise<void> {
    const judged = await this.#parts.tickets?.judge(account, password);
    if (judged === null || judged === undefined) return;
    kept.isProtected = judged.isProtected;
    kept.endsAtMs = judged.isProtected ? judged.endsAtMs : null;
  }

  async #forget(
    signInId: string,
    reason: ForgetReason,
    actor: JournalEntry["actor"] = SYSTEM_ACTOR,
  ): Promise<void> {
    const kept = this.#kept.get(signInId);
    if (kept === undefined) return;
    // Forgotten first: that must not wait for the journal.
    this.#kept.delete(signInId);
    kept.sealed.text.fill(0);
    await this.#parts.journal.append({
      kind: "own-password.forgotten",
      level: "info",
      actor,
      sourceAddress: "",
      subject: { personId: kept.personId },
      details: { account: ownAccountName(kept.account), signInId, reason },
    });
  }

  async #write(
    { person, sourceAddress, signInId }: SignInHand,
    kind: string,
    details: Readonly<Record<string, string | number>>,
    level: JournalEntry["level"] = "notice",
  ): Promise<void> {
    await this.#parts.journal.append({
      kind,
      level,
      actor: { personId: person.id, name: person.name },
      sourceAddress,
      subject: { personId: person.id },
      details: { ...details, signInId },
    });
  }
}

function isOver({ endsAtMs }: Kept, nowMs: number): boolean {
  return endsAtMs !== null && nowMs >= endsAtMs;
}

function aboutOf(signInId: string, personId: string): string {
  return `${signInId}/${personId}`;
}

function bindingOf({ signInId, token, person }: SignInHand) {
  return { token, about: aboutOf(signInId, person.id) };
}
