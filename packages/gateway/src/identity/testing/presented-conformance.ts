import assert from "node:assert/strict";
import { it } from "node:test";
import type { IdentityProvider, PresentedProof } from "../identity-provider.ts";
import { checkNobody, checkProven } from "./conformance.ts";

/** What a request brings along. */
export type PresentedRequest = Parameters<PresentedProof["prove"]>[0];

/** What the suite is run on. */
export interface PresentedSubject {
  readonly provider: () => IdentityProvider;
  /** A request that proves somebody. */
  readonly good: () => PresentedRequest;
  /** Requests that claim somebody and prove nobody, by what is wrong with them; each begins like a good one. */
  readonly wrong: () => Readonly<Record<string, PresentedRequest>>;
  /** A request that brings another kind of proof: this one is none of the provider's. */
  readonly other: () => PresentedRequest;
  /** The same provider where what it asks does not answer; null for one that asks nobody. */
  readonly away: (() => IdentityProvider) | null;
}

/** A request that brings nothing, from an address nobody vouches for. */
export const emptyRequest: PresentedRequest = {
  authorization: null,
  headers: {},
  certificate: null,
  sourceAddress: "203.0.113.9",
};

/**
 * What holds for every provider that proves by what a request brings: client certificates, headers of a trusted proxy. Call it
 * inside a `describe`.
 */
export function presentedConformance(subject: PresentedSubject): void {
  const prove = (request: PresentedRequest, provider = subject.provider()) => {
    assert.ok(provider.presented, "the provider proves by what is presented");
    return provider.presented.prove(request);
  };

  it("proves who presents, and is the same to the subject the next time", async () => {
    const first = checkProven(await prove(subject.good()));
    assert.deepEqual(checkProven(await prove(subject.good())), first);
  });

  it("refuses a proof that is wrong, and never calls it none", async () => {
    const wrong = Object.entries(subject.wrong());
    assert.ok(wrong.length > 0);
    for (const [what, request] of wrong) checkNobody(await prove(request), { what });
  });

  it("takes nothing for a proof, nor another kind's", async () => {
    for (const request of [emptyRequest, subject.other()])
      assert.deepEqual(await prove(request), { result: "absent" });
  });

  it("bears whatever a request can hold", async () => {
    const good = subject.good();
    const long = "x".repeat(100_000);
    const strange: readonly Partial<PresentedRequest>[] = [
      { certificate: new Uint8Array() },
      { certificate: new Uint8Array(5000).fill(0x30) },
      { authorization: long },
      { authorization: "Negotiate \u0000" },
      { sourceAddress: "" },
      { sourceAddress: "not an address" },
      { headers: Object.fromEntries(Object.keys(good.headers).map((name) => [name, long])) },
      { headers: Object.fromEntries(Object.keys(good.headers).map((name) => [name, ""])) },
      { headers: Object.fromEntries(Object.keys(good.headers).map((name) => [name, "a\u0000b, c"])) },
      { headers: { __proto__: "x", constructor: "y" } as unknown as Record<string, string> },
    ];
    for (const part of strange) {
      const outcome = await prove({ ...emptyRequest, sourceAddress: good.sourceAddress, ...part });
      checkNobody(outcome, {
        what: JSON.stringify(Object.keys(part)),
        results: ["refused", "unknown", "absent", "continue"],
      });
    }
  });

  const { away } = subject;
  if (away === null) return;
  it("says that it is away rather than that somebody is wrong", async () => {
    checkNobody(await prove(subject.good(), away()), { what: "away", results: ["away"] });
  });
}
