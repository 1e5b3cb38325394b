import assert from "node:assert/strict";
import { it } from "node:test";
import type { IdentityProvider, ProofOutcome, RedirectProof } from "../identity-provider.ts";
import { checkNobody, checkProven } from "./conformance.ts";

/** What the suite is run on. */
export interface RedirectSubject {
  readonly provider: () => IdentityProvider;
  /** Goes to the provider as somebody it knows, and brings back what their browser does: the query, or the form. */
  readonly visit: (url: string) => Promise<string>;
  readonly redirectUri: string;
  /** The same provider where nothing answers. */
  readonly away: () => IdentityProvider;
}

/** Longest of what is kept between going and coming back, characters: it is a column of the store. */
const MAX_MEMORY = 4000;

/** A sign-in begun: what `end` is to be given with what the browser brings back. */
interface Begun {
  readonly url: string;
  readonly state: string;
  readonly memory: string;
}

/**
 * What holds for every provider one goes to and comes back from: OpenID Connect; SAML and CAS bring theirs. Call it inside a
 * `describe`.
 */
export function redirectConformance(subject: RedirectSubject): void {
  const { visit, redirectUri } = subject;
  const proofOf = (provider: IdentityProvider): RedirectProof => {
    assert.ok(provider.redirect, "the provider proves by going there");
    return provider.redirect;
  };
  let count = 0;
  const begin = async (): Promise<Begun> => {
    count++;
    const state = `state-of-the-suite-${count}-${"x".repeat(30)}`;
    const begun = await proofOf(subject.provider()).begin({ state, redirectUri });
    assert.ok(begun.url !== null, JSON.stringify(begun));
    return { ...begun, state };
  };
  const end = (begun: Begun, answer: string): Promise<ProofOutcome> =>
    proofOf(subject.provider()).end({
      parameters: new URLSearchParams(answer),
      state: begun.state,
      redirectUri,
      memory: begun.memory,
    });
  const secretsOf = ({ memory, state }: Begun, answer: string) => [
    state,
    ...(memory.match(/[A-Za-z0-9_-]{20,}/g) ?? []),
    ...[...new URLSearchParams(answer).values()].filter(
      (value) => value.length >= 20 && value !== redirectUri,
    ),
  ];

  it("proves who went there and came back, and is the same to the subject the next time", async () => {
    const identities = [];
    for (let turn = 0; turn < 2; turn++) {
      const begun = await begin();
      identities.push(checkProven(await end(begun, await visit(begun.url))));
    }
    assert.deepEqual(identities[1], identities[0]);
  });

  it("sends the browser to an address that carries the state and nothing that is kept here", async () => {
    const [one, other] = [await begin(), await begin()];
    for (const { url, state, memory } of [one, other]) {
      assert.ok(["https:", "http:"].includes(new URL(url).protocol));
      assert.ok([...new URL(url).searchParams.values()].includes(state));
      assert.ok(memory.length <= MAX_MEMORY, `${memory.length}`);
    }
    assert.notEqual(one.memory, other.memory, "each time anew");
  });

  it("takes an answer once, for the sign-in it belongs to, whole and as it came", async () => {
    const [mine, theirs] = [await begin(), await begin()];
    const answer = await visit(mine.url);
    const names = [...new URLSearchParams(answer).keys()];
    const changed = (change: (parameters: URLSearchParams) => void): string => {
      const parameters = new URLSearchParams(answer);
      change(parameters);
      return parameters.toString();
    };
    const cases: readonly (readonly [string, Begun, string])[] = [
      ["another's state", { ...mine, state: theirs.state }, answer],
      ["another's sign-in", theirs, answer],
      ["nothing", mine, ""],
      ["an error", mine, `error=access_denied&state=${mine.state}`],
      ["a state alone", mine, `state=${mine.state}`],
      ["a memory that is none", { ...mine, memory: "{}" }, answer],
      ["a memory that cannot be read", { ...mine, memory: "" }, answer],
      ...names.map((name) => [`without ${name}`, mine, changed((all) => all.delete(name))] as const),
      ...names.map((name) => [`${name} twice`, mine, changed((all) => all.append(name, "other"))] as const),
      ["oversized", mine, changed((all) => all.set(names[0] ?? "", "x".repeat(300_000)))],
    ];
    for (const [what, begun, given] of cases) {
      const outcome = await end(begun, given);
      // A parameter that says nothing may be left out; nobody else may come of it.
      if (outcome.result === "proven" && what.startsWith("without")) continue;
      checkNobody(outcome, { what, secrets: secretsOf(begun, given) });
    }
    const fresh = await begin();
    const good = await visit(fresh.url);
    checkProven(await end(fresh, good));
    checkNobody(await end(fresh, good), { what: "a second time", secrets: secretsOf(fresh, good) });
  });

  it("says where one signs out there too, or that there is no such place", async () => {
    const url = await proofOf(subject.provider()).endSessionUrl(redirectUri);
    assert.ok(url === null || URL.canParse(url), String(url));
  });

  it("proves nobody where nothing answers, says so, and its test says so", async () => {
    const begun = await begin();
    const answer = await visit(begun.url);
    const away = proofOf(subject.away());
    const gone = await away.begin({ state: begun.state, redirectUri });
    if (gone.url === null) assert.ok(gone.reason.length > 0 && gone.reason.length <= 1000);
    const outcome = await away.end({
      parameters: new URLSearchParams(answer),
      state: begun.state,
      redirectUri,
      memory: begun.memory,
    });
    checkNobody(outcome, { what: "away", secrets: secretsOf(begun, answer), results: ["away", "refused"] });
    assert.equal(await away.endSessionUrl(redirectUri), null);
    const steps = await subject.away().test("");
    assert.ok(steps.some((step) => step.state === "failed"));
  });
}
