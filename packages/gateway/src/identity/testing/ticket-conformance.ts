import assert from "node:assert/strict";
import { it } from "node:test";
import type { TicketAcceptor } from "../../kerberos/ticket-acceptor.ts";
import type { IdentityProvider } from "../identity-provider.ts";
import { checkNobody, checkProven, STRANGE_LOGINS } from "./conformance.ts";

/** What the suite is run on. */
export interface TicketSubject {
  readonly provider: () => IdentityProvider;
  /** The same provider where nothing answers. */
  readonly away: () => IdentityProvider;
  /** What opens browsers' tickets, with a clock that may be ahead. */
  readonly acceptor: (aheadMs: number) => TicketAcceptor;
  /** Somebody the realm and the provider know. */
  readonly known: { readonly name: string; readonly realm: string; readonly password: string };
  /** A fresh `Authorization: Negotiate` of theirs: for the gateway, or for another service of the realm. */
  readonly authorization: (service: "gateway" | "another") => Promise<string>;
}

/** What holds for every provider that says whom a ticket names, and for the tickets themselves. Call it inside a `describe`. */
export function ticketConformance(subject: TicketSubject): void {
  const { name, realm, password } = subject.known;
  const proofOf = (provider: IdentityProvider) => {
    assert.ok(provider.ticket, "the provider resolves tickets");
    return provider.ticket;
  };
  const resolve = (one: string, of: string) => proofOf(subject.provider()).resolve(one, of);

  it("opens a browser's ticket and says who it names, the same person as by password", async () => {
    const verdict = subject.acceptor(0).judge(await subject.authorization("gateway"));
    assert.ok(verdict?.isProven, JSON.stringify(verdict));
    assert.ok(verdict.answer.length > 0, "the server's proof for the browser");
    const { client } = verdict;
    assert.ok(proofOf(subject.provider()).realms.includes(client.realm));
    const identity = checkProven(await resolve(client.name.parts[0] ?? "", client.realm));
    const typed = await subject.provider().password?.prove({ login: name, password });
    if (typed !== undefined) assert.deepEqual(checkProven(typed), identity);
  });

  it("takes a ticket once, whole, for this service, while it lasts", async () => {
    const acceptor = subject.acceptor(0);
    const good = await subject.authorization("gateway");
    assert.equal(acceptor.judge(good)?.isProven, true);
    const bytes = Buffer.from(good.replace("Negotiate ", ""), "base64");
    const damaged = [bytes.length >> 1, bytes.length - 5].map((at) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    const refused: readonly (readonly [string, TicketAcceptor, string])[] = [
      ["a second time", acceptor, good],
      ["for another service", acceptor, await subject.authorization("another")],
      ["two days later", subject.acceptor(2 * 86_400_000), await subject.authorization("gateway")],
      ["cut", subject.acceptor(0), `Negotiate ${bytes.subarray(0, 100).toString("base64")}`],
      ...damaged.map(
        (copy) => ["damaged", subject.acceptor(0), `Negotiate ${copy.toString("base64")}`] as const,
      ),
    ];
    for (const [what, one, header] of refused) assert.equal(one.judge(header)?.isProven, false, what);
    for (const header of [null, "", "Negotiate", "Basic YTpi", "Bearer x"])
      assert.equal(acceptor.judge(header), null, String(header));
  });

  it("names nobody by a strange name, and nobody of a realm it does not answer for", async () => {
    for (const strange of STRANGE_LOGINS) checkNobody(await resolve(strange, realm), { what: strange });
    for (const other of ["OTHER.EXAMPLE", realm.toLowerCase(), `${realm}.`, ""])
      checkNobody(await resolve(name, other), { what: other });
    assert.deepEqual(await resolve("nobody-here", realm), { result: "unknown" });
  });

  it("says that it is away rather than that nobody has the name", async () => {
    checkNobody(await proofOf(subject.away()).resolve(name, realm), { what: "away", results: ["away"] });
  });
}
