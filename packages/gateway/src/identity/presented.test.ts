// Providers that prove by what a request brings do not exist yet. Two small ones here show that the interface carries them, and
// that their suite finds what is wrong.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe } from "node:test";
import { ensureCertificate } from "../http/certificates.ts";
import { toIdentity } from "./identity-fields.ts";
import type { IdentityProvider, ProofOutcome } from "./identity-provider.ts";
import {
  emptyRequest,
  type PresentedRequest,
  presentedConformance,
} from "./testing/presented-conformance.ts";

const PROXY = "192.0.2.10";

function provenAs(subject: string): ProofOutcome {
  const identity = toIdentity({
    subject,
    login: subject,
    name: "",
    email: "",
    groups: [],
    account: "usable",
  });
  return identity === null ? { result: "refused", reason: "no login" } : { result: "proven", identity };
}

/** A trusted proxy's header: taken from the proxy's address, refused from any other. */
const byHeader: IdentityProvider = {
  presented: {
    async prove({ headers, sourceAddress }) {
      const name = Object.hasOwn(headers, "x-remote-user") ? headers["x-remote-user"] : undefined;
      if (name === undefined) return { result: "absent" };
      if (sourceAddress !== PROXY) return { result: "refused", reason: "not from the proxy" };
      return provenAs(name);
    },
  },
  test: async () => [],
};

describe("a header of a trusted proxy", () => {
  const headers = { "x-remote-user": "alice" };
  presentedConformance({
    provider: () => byHeader,
    good: () => ({ ...emptyRequest, headers, sourceAddress: PROXY }),
    wrong: () => ({
      "from elsewhere": { ...emptyRequest, headers },
      "from an address that only begins so": { ...emptyRequest, headers, sourceAddress: `${PROXY}0` },
      "two names": {
        ...emptyRequest,
        headers: { "x-remote-user": "alice, mallory" },
        sourceAddress: PROXY,
      },
    }),
    other: () => ({ ...emptyRequest, headers: { "x-other": "alice" }, sourceAddress: PROXY }),
    away: null,
  });
});

describe("a client's certificate", () => {
  const now = Date.now();
  let folders: readonly string[] = [];
  /** A certificate of an authority of its own, and the authority. */
  const made: { readonly der: Uint8Array; readonly authority: X509Certificate }[] = [];

  before(async () => {
    folders = [1, 2].map(() => mkdtempSync(path.join(tmpdir(), "poterne-presented-")));
    for (const folder of folders) {
      const files = await ensureCertificate(folder, ["alice"], { certificate: "", key: "" }, now);
      const { raw } = new X509Certificate(readFileSync(files.certificate));
      assert.ok(files.ca);
      made.push({ der: new Uint8Array(raw), authority: new X509Certificate(readFileSync(files.ca)) });
    }
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const byCertificate = (atMs = now): IdentityProvider => ({
    presented: {
      async prove({ certificate }) {
        if (certificate === null) return { result: "absent" };
        let shown: X509Certificate;
        try {
          shown = new X509Certificate(certificate);
        } catch {
          return { result: "refused", reason: "no certificate" };
        }
        const key = made[0]?.authority.publicKey;
        if (key === undefined || !shown.verify(key))
          return { result: "refused", reason: "another authority" };
        const isValid = atMs >= shown.validFromDate.getTime() && atMs < shown.validToDate.getTime();
        if (!isValid) return { result: "refused", reason: "not valid now" };
        return provenAs(/^DNS:([a-z]+)$/.exec(shown.subjectAltName ?? "")?.[1] ?? "");
      },
    },
    test: async () => [],
  });
  const showing = (certificate: Uint8Array | undefined): PresentedRequest => ({
    ...emptyRequest,
    certificate: certificate ?? null,
  });

  presentedConformance({
    provider: () => byCertificate(),
    good: () => showing(made[0]?.der),
    wrong: () => {
      const damaged = Uint8Array.from(made[0]?.der ?? []);
      damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
      return { "another authority": showing(made[1]?.der), damaged: showing(damaged) };
    },
    other: () => ({ ...emptyRequest, headers: { "x-remote-user": "alice" } }),
    away: null,
  });
});
