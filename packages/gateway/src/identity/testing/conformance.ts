import assert from "node:assert/strict";
import { it } from "node:test";
import { type Identity, type IdentityProvider, MAX_GROUPS, type ProofOutcome } from "../identity-provider.ts";

/** Somebody the provider knows, for the suite. */
export interface KnownPerson {
  readonly login: string;
  readonly password: string;
}

/** What the suite is run on. */
export interface ConformanceSubject {
  readonly provider: () => IdentityProvider;
  readonly known: KnownPerson;
  /** The same provider where nothing answers; null for one that cannot be away. */
  readonly away: (() => IdentityProvider) | null;
}

/** Logins that mean something in a filter, a name, a query or a path, and nobody's. */
export const STRANGE_LOGINS = [
  "*",
  "al*",
  "alice)(uid=*",
  "*)(objectClass=*))(|(uid=*",
  "alice\u0000",
  "\\2a",
  "alice,ou=people",
  "' or '1'='1",
  "é".repeat(128),
  "àlice",
  "alice\n",
];

/** Who was proven, checked against the interface's bounds. */
export function checkProven(outcome: { readonly result: string }): Identity {
  const proven = outcome as ProofOutcome;
  assert.ok(proven.result === "proven", JSON.stringify(outcome));
  const { identity } = proven;
  assert.ok(identity.subject.length > 0 && identity.subject.length <= 190);
  assert.match(identity.login, /^[\p{L}\p{N}._@-]{1,128}$/u);
  assert.ok(identity.name.length > 0 && identity.name.length <= 200);
  assert.doesNotMatch(identity.name, /\p{Cc}/u);
  assert.ok(identity.email.length <= 254);
  assert.ok(identity.groups.length <= MAX_GROUPS);
  assert.equal(identity.account, "usable");
  return identity;
}

/** That an outcome proves nobody, and that its reason is bounded and repeats no secret. */
export function checkNobody(
  outcome: { readonly result: string },
  about: {
    readonly what: string;
    readonly secrets?: readonly string[];
    readonly results?: readonly string[];
  },
): void {
  const { what, secrets = [], results = ["refused", "unknown"] } = about;
  const text = JSON.stringify(outcome);
  assert.ok(results.includes(outcome.result), `${what}: ${text}`);
  const { reason = "" } = outcome as { readonly reason?: string };
  assert.ok(reason.length <= 1000, `${what}: a reason of ${reason.length} characters`);
  for (const secret of secrets)
    assert.ok(!reason.includes(secret), `${what}: the reason repeats ${secret.slice(0, 8)}…`);
}

/** What holds for every provider that proves by password. Call it inside a `describe`. */
export function passwordConformance(subject: ConformanceSubject): void {
  const prove = (login: string, password: string): Promise<ProofOutcome> => {
    const proof = subject.provider().password;
    assert.ok(proof, "the provider proves by password");
    return proof.prove({ login, password });
  };

  it("proves a right password and says who it is, within bounds", async () => {
    const outcome = await prove(subject.known.login, subject.known.password);
    checkProven(outcome);
    const again = await prove(subject.known.login, subject.known.password);
    assert.deepEqual(again, outcome, "the same subject every time");
  });

  it("refuses a wrong password and an empty one", async () => {
    for (const password of ["wrong", "", " ", subject.known.password.toUpperCase(), "\u0000"])
      assert.equal((await prove(subject.known.login, password)).result, "refused", JSON.stringify(password));
  });

  it("proves nobody by a strange login, whatever it means elsewhere", async () => {
    for (const login of STRANGE_LOGINS) {
      const outcome = await prove(login, subject.known.password);
      assert.ok(["unknown", "refused"].includes(outcome.result), `${login}: ${JSON.stringify(outcome)}`);
    }
  });

  it("never repeats what was typed as a password", async () => {
    const password = "Secret-never-repeated-7";
    assert.ok(!JSON.stringify(await prove(subject.known.login, password)).includes(password));
    assert.ok(!JSON.stringify(await prove("nobody-here", password)).includes(password));
  });

  it("knows nobody of a name nobody has", async () => {
    assert.deepEqual(await prove("nobody-here", subject.known.password), { result: "unknown" });
  });

  const { away } = subject;
  if (away === null) return;
  it("says that it is away rather than that somebody is wrong", async () => {
    const outcome = await away().password?.prove(subject.known);
    assert.equal(outcome?.result, "away");
    const looked = await away().directory?.lookup(["a", "b"]);
    assert.deepEqual(
      looked?.map((one) => one.result),
      ["away", "away"],
    );
    const steps = await away().test(subject.known.login);
    assert.ok(steps.some((step) => step.state === "failed"));
  });
}
