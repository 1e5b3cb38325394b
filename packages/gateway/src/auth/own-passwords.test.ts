import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Failure } from "@poterne/contract";
import type { Person } from "../people/people-store.ts";
import type { OwnAccounts, OwnVerdict } from "./own-accounts.ts";
import { OwnPasswords, PROTECTED_KEEP_MS, type ProtectedUsersQuestion } from "./own-passwords.ts";
import type { SignInGuard } from "./sign-in-guard.ts";

const PASSWORD = "œuf-Passw0rd";
const account = { login: "alice", realm: "LAB.TEST", providerId: "p", providerName: "Domaine" };
const person = { id: "person", name: "Alice", login: "alice" } as Person;
const hand = { signInId: "sign-in", token: "token-1", person, sourceAddress: "192.0.2.1" };

/** Own passwords over a clock moved by hand, a directory that says what it is told to, and a journal that may fail. */
function rig(tickets: ProtectedUsersQuestion | null = null) {
  const clock = { nowMs: 1_000_000 };
  const journal = { failing: "", entries: [] as { kind: string; details: Record<string, unknown> }[] };
  const directory: { verdict: OwnVerdict | Error; providerId: string } = {
    verdict: { result: "right", login: "alice" },
    providerId: "p",
  };
  const accounts = {
    of: async () => ({ ...account, providerId: directory.providerId }),
    async verify() {
      if (directory.verdict instanceof Error) throw directory.verdict;
      return directory.verdict;
    },
  } as Pick<OwnAccounts, "of" | "verify"> as OwnAccounts;
  const passwords = new OwnPasswords({
    accounts,
    environment: {
      now: () => clock.nowMs,
      monotonicMs: () => clock.nowMs,
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
    },
    journal: {
      async append({ kind, details }) {
        if (kind === journal.failing) throw new Failure("journal-unavailable");
        journal.entries.push({ kind, details });
        return "1";
      },
    },
    guard: {} as SignInGuard,
    isWanted: async () => true,
    tickets,
    isSignedIn: async (ids) => new Set(ids),
  });
  return { passwords, clock, journal, directory };
}

/** Every buffer that held the password while `work` ran, to be looked at afterwards. */
async function buffersOf(work: () => Promise<unknown>): Promise<readonly Uint8Array[]> {
  const held: Uint8Array[] = [];
  const { fill } = Buffer.prototype;
  Buffer.prototype.fill = function (this: Buffer, ...values: Parameters<typeof fill>) {
    if (this.includes(PASSWORD)) held.push(this);
    return fill.apply(this, values);
  } as typeof fill;
  try {
    await work();
  } finally {
    Buffer.prototype.fill = fill;
  }
  return held;
}

const isWiped = (buffer: Uint8Array) => buffer.every((byte) => byte === 0);

test("whatever fails when a password is taken, the opened buffer is wiped", async () => {
  const cases: readonly (readonly [string, OwnVerdict | Error, string])[] = [
    ["own-password-changed", { result: "wrong", reason: "x" }, ""],
    ["account-disabled", { result: "barred", told: "account-disabled" }, ""],
    ["journal-unavailable", { result: "wrong", reason: "x" }, "own-password.forgotten"],
    ["store away", new Error("store away"), ""],
  ];
  for (const [expected, verdict, failing] of cases) {
    const { passwords, journal, directory } = rig();
    await passwords.keepTyped(hand, PASSWORD);
    directory.verdict = verdict;
    journal.failing = failing;
    const held = await buffersOf(() =>
      assert.rejects(passwords.take(hand), (error: Error) =>
        error instanceof Failure ? error.code === expected : error.message === expected,
      ),
    );
    assert.equal(held.length, 1, expected);
    assert.ok(held.every(isWiped), expected);
  }
});

test("nothing is kept when the journal cannot say so, and what is forgotten is forgotten all the same", async () => {
  const { passwords, journal } = rig();
  journal.failing = "own-password.kept";
  await assert.rejects(passwords.keepTyped(hand, PASSWORD), Failure);
  assert.equal((await passwords.state(hand)).state, "none");
  journal.failing = "own-password.forgotten";
  await passwords.keepTyped(hand, PASSWORD);
  await assert.rejects(passwords.ended(hand.signInId), Failure);
  assert.equal((await passwords.state(hand)).state, "none");
  await assert.rejects(passwords.take(hand), (error: Failure) => error.code === "own-password-needed");
});

test("the password of another directory is not opened, and is forgotten", async () => {
  const { passwords, directory, journal } = rig();
  await passwords.keepTyped(hand, PASSWORD);
  directory.providerId = "other";
  await assert.rejects(passwords.take(hand), (error: Failure) => error.code === "own-password-needed");
  assert.equal(journal.entries.at(-1)?.details.reason, "no-longer-right");
});

test("a Protected User's ends with the ticket after four hours, anybody else's does not, and the unknown is short", async () => {
  for (const judged of [
    { isProtected: true, endsAtMs: 1_000_000 + PROTECTED_KEEP_MS },
    { isProtected: false, endsAtMs: 1_000_000 + 10 * 3_600_000 },
    null,
  ]) {
    const { passwords, clock, journal } = rig({ judge: async () => judged });
    await passwords.keepTyped(hand, PASSWORD);
    await new Promise(setImmediate);
    clock.nowMs += PROTECTED_KEEP_MS - 1;
    await passwords.sweep();
    (await passwords.take(hand)).wipe();
    clock.nowMs += 1;
    const isLong = judged?.isProtected === false;
    // Over at the very moment, before any sweep.
    assert.equal((await passwords.state(hand)).state, isLong ? "kept" : "none");
    if (isLong) continue;
    await assert.rejects(passwords.take(hand), (error: Failure) => error.code === "own-password-needed");
    await passwords.sweep();
    assert.deepEqual(journal.entries.at(-1)?.details, {
      account: "alice@LAB.TEST",
      signInId: "sign-in",
      reason: "expired",
    });
  }
});
