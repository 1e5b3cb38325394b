import { createHash } from "node:crypto";
import { type ErrorCode, Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import { AttemptsUnderWay } from "./attempts-under-way.ts";
import { sourceNetwork } from "./source-network.ts";

/** How failures slow somebody down: so many are free, then a wait that doubles up to a longest one. */
interface GuardRule {
  readonly freeFailures: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly refusal: Extract<ErrorCode, "too-many-requests" | "source-banned">;
}

/** Per login, known or not: 4th failure 1 s, then 2, 4 … 300 s. Short enough that nobody is locked out by a stranger. */
const LOGIN_RULE: GuardRule = {
  freeFailures: 3,
  firstWaitMs: 1_000,
  longestWaitMs: 300_000,
  refusal: "too-many-requests",
};
/** Per person's second factor: a six-digit code meets 20 guesses in the first half hour, some 12 an hour after that. */
const FACTOR_RULE: GuardRule = {
  freeFailures: 3,
  firstWaitMs: 2_000,
  longestWaitMs: 300_000,
  refusal: "too-many-requests",
};
/** Per source network: many people may share one, so 30 failures are free; then a ban of 15 minutes, doubling to a day. */
const SOURCE_RULE: GuardRule = {
  freeFailures: 29,
  firstWaitMs: 900_000,
  longestWaitMs: 86_400_000,
  refusal: "source-banned",
};

/** Failures are forgotten after so long without another, once the wait is over. */
const FORGET_AFTER_MS = 3_600_000;
/** Most rows kept; above, the oldest go. */
const MAX_ROWS = 50_000;
/** A sweep every so many attempts, beside the one the clock asks for. */
const SWEEP_EVERY = 500;
/** How often an attempt races with others on the same key before it is told to wait. */
const MAX_RACES = 20;

/** What an attempt did to one key; given back when it succeeds or fails. */
interface Charge {
  readonly key: string;
  readonly waitMs: number;
  readonly rule: GuardRule;
}

/**
 * An attempt under way: it counts as a failure until `succeed` takes it back, so that parallel guesses do not slip through.
 */
export interface GuardedAttempt {
  /** The source's ban this attempt brings if it fails, milliseconds; 0 for none. */
  readonly banMs: number;
  /** Takes the failure back, and forgets those of the login or factor. */
  succeed(): Promise<void>;
  /** Takes this one failure back and no other: what was typed could not be checked at all. */
  withdraw(): Promise<void>;
  /** Says that it stays a failure: whoever waits for the outcome goes on. Said by the clock too, if by nobody. */
  fail(): void;
}

/**
 * Slows guessing down per login and per person's factor, and bans a source network. The counts are in the store: they
 * hold across restarts and nodes. An unknown login is counted like a known one.
 */
export class SignInGuard {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #maxRows: number;
  readonly #underWay = new AttemptsUnderWay();
  #attempts = 0;

  constructor(store: Store, environment: Environment, maxRows = MAX_ROWS) {
    this.#store = store;
    this.#environment = environment;
    this.#maxRows = maxRows;
  }

  /** Begins an attempt with a password. Throws `too-many-requests` or `source-banned` with the seconds to wait. */
  attemptLogin(loginKey: string, sourceAddress: string): Promise<GuardedAttempt> {
    // Hashed, since people type passwords into the wrong field.
    const key = `login:${createHash("sha256").update(loginKey).digest("hex")}`;
    return this.#attempt(key, LOGIN_RULE, sourceAddress);
  }

  /** Begins an attempt with a second factor of a person. */
  attemptFactor(personId: string, sourceAddress: string): Promise<GuardedAttempt> {
    return this.#attempt(`factor:${personId}`, FACTOR_RULE, sourceAddress);
  }

  /** Begins an attempt that only the source answers for: a link, a passkey without a name. */
  attemptSource(sourceAddress: string): Promise<GuardedAttempt> {
    return this.#attempt(null, LOGIN_RULE, sourceAddress);
  }

  /** Forgets what counts no longer, and the oldest above the limit. */
  async sweep(): Promise<void> {
    const now = this.#environment.now();
    const { db } = this.#store;
    await db
      .deleteFrom("sign_in_guard")
      .where("updated_at_ms", "<", now - FORGET_AFTER_MS)
      .where("blocked_until_ms", "<", now)
      .execute();
    const { count } = await db
      .selectFrom("sign_in_guard")
      .select((select) => select.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    if (Number(count) <= this.#maxRows) return;
    const oldest = await db
      .selectFrom("sign_in_guard")
      .select("updated_at_ms")
      .orderBy("updated_at_ms")
      .offset(Number(count) - this.#maxRows)
      .limit(1)
      .executeTakeFirst();
    if (oldest !== undefined)
      await db.deleteFrom("sign_in_guard").where("updated_at_ms", "<", oldest.updated_at_ms).execute();
  }

  async #attempt(key: string | null, rule: GuardRule, sourceAddress: string): Promise<GuardedAttempt> {
    this.#attempts++;
    if (this.#attempts % SWEEP_EVERY === 0) await this.sweep();
    const source = await this.#chargeSource(`source:${sourceNetwork(sourceAddress)}`);
    let person: Charge | null = null;
    try {
      person = key === null ? null : await this.#charge(key, rule);
    } catch (error) {
      // Somebody asked to wait has not failed: the source is not charged for it.
      await this.#refund(source);
      source.settle();
      throw error;
    }
    return {
      banMs: source.waitMs,
      succeed: async () => {
        await this.#refund(source).finally(source.settle);
        if (person !== null)
          await this.#store.db.deleteFrom("sign_in_guard").where("guard_key", "=", person.key).execute();
      },
      withdraw: async () => {
        await this.#refund(source).finally(source.settle);
        if (person !== null) await this.#refund(person);
      },
      fail: () => source.settle(),
    };
  }

  /**
   * Charges a source. Where its ban rests on attempts that this node is still checking, it is no ban yet: this one waits
   * until they are checked, so that many right passwords at once from one office ban nobody, and wrong ones still do.
   */
  async #chargeSource(key: string): Promise<Charge & { readonly settle: () => void }> {
    for (;;) {
      try {
        const charge = await this.#underWay.inTurn(key, () => this.#charge(key, SOURCE_RULE));
        return { ...charge, settle: this.#underWay.begin(key) };
      } catch (error) {
        const isBan = error instanceof Failure && error.code === SOURCE_RULE.refusal;
        if (!isBan || !(await this.#underWay.untilOneSettles(key))) throw error;
      }
    }
  }

  /** Counts one failure in advance. Compare-and-set, so that of many at once each sees those before it. */
  async #charge(key: string, rule: GuardRule): Promise<Charge> {
    const { db } = this.#store;
    for (let race = 0; race < MAX_RACES; race++) {
      const now = this.#environment.now();
      const row = await db
        .selectFrom("sign_in_guard")
        .selectAll()
        .where("guard_key", "=", key)
        .executeTakeFirst();
      if (row !== undefined && row.blocked_until_ms > now)
        throw waitFailure(rule, row.blocked_until_ms - now);
      const isForgotten = row === undefined || row.updated_at_ms < now - FORGET_AFTER_MS;
      const failures = isForgotten ? 1 : row.failures + 1;
      const waitMs = waitAfter(failures, rule);
      const next = { failures, updated_at_ms: now, blocked_until_ms: waitMs === 0 ? 0 : now + waitMs };
      if (await this.#write(key, row, next)) return { key, waitMs, rule };
    }
    throw waitFailure(rule, rule.firstWaitMs);
  }

  async #write(
    key: string,
    before: { failures: number; updated_at_ms: number } | undefined,
    next: { failures: number; updated_at_ms: number; blocked_until_ms: number },
  ): Promise<boolean> {
    const { db } = this.#store;
    if (before !== undefined) {
      const result = await db
        .updateTable("sign_in_guard")
        .set(next)
        .where("guard_key", "=", key)
        .where("failures", "=", before.failures)
        .where("updated_at_ms", "=", before.updated_at_ms)
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    }
    try {
      await db
        .insertInto("sign_in_guard")
        .values({ guard_key: key, ...next })
        .execute();
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async #refund(charge: Charge): Promise<void> {
    await this.#store.db
      .updateTable("sign_in_guard")
      .set((set) => ({
        // Before `failures`: MariaDB sets one after the other. Of many at once, the one that brought the wait may have
        // failed alone: what is left is then too little for a wait.
        blocked_until_ms:
          charge.waitMs > 0
            ? 0
            : set
                .case()
                .when("failures", "<=", charge.rule.freeFailures + 1)
                .then(0)
                .else(set.ref("blocked_until_ms"))
                .end(),
        failures: set("failures", "-", 1),
      }))
      .where("guard_key", "=", charge.key)
      .where("failures", ">", 0)
      .execute();
  }
}

function waitAfter(failures: number, rule: GuardRule): number {
  const over = failures - rule.freeFailures;
  if (over <= 0) return 0;
  return Math.min(rule.longestWaitMs, rule.firstWaitMs * 2 ** Math.min(over - 1, 40));
}

function waitFailure(rule: GuardRule, waitMs: number): Failure {
  return new Failure(rule.refusal, { seconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}

/** The outcome of checking what was typed; when it could not be checked, the attempt is withdrawn and the error goes on. */
export async function checkGuarded(attempt: GuardedAttempt, check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch (error) {
    await attempt.withdraw();
    throw error;
  }
}
