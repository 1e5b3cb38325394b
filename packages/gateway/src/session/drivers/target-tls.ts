import { createHash, type X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { Failure, type Policy } from "@poterne/contract";
import type { DriverHop, DriverHost, TargetIdentity } from "../driver.ts";
import { shorten } from "./ssh-failures.ts";

/** How long a TLS handshake may take. */
export const TLS_TIMEOUT_MS = 10_000;

/**
 * VeNCrypt's TLS types have no certificate: anonymous Diffie-Hellman, which exists up to TLS 1.2 only and which
 * OpenSSL allows at security level 0 only. The level is for these connections alone.
 */
const ANONYMOUS = {
  ciphers: "ADH+AESGCM:AECDH+AES:ADH+AES:@SECLEVEL=0",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
} as const;

/** What the driver knows of a connection's encryption. */
export interface TlsContext {
  readonly hop: DriverHop;
  readonly policy: Policy;
  readonly host: DriverHost;
  readonly signal: AbortSignal;
}

/**
 * Starts TLS on a connected socket. Rejects with the Failures `tls-failed`, `target-closed`. Nobody's certificate is
 * trusted by name here: `checkCertificate` compares it with what is pinned.
 */
export function startTls(socket: Socket, isAnonymous: boolean, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      rejectUnauthorized: false,
      ...(isAnonymous ? ANONYMOUS : { minVersion: "TLSv1.2" }),
    });
    const timer = setTimeout(() => fail(new Error("time-out")), TLS_TIMEOUT_MS);
    const onClose = () => fail(new Error("the connection was closed"));
    function settle(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onClose);
      secure.off("error", fail);
      secure.off("close", onClose);
    }
    function fail(error: Error): void {
      settle();
      secure.on("error", () => {});
      secure.destroy();
      socket.destroy();
      reject(new Failure("tls-failed", { detail: shorten(error.message) }, error));
    }
    secure.once("error", fail);
    secure.once("close", onClose);
    signal.addEventListener("abort", onClose);
    secure.once("secureConnect", () => {
      settle();
      resolve(secure);
    });
  });
}

/** A certificate as an identity: SHA-256 of its DER form. */
export function describeCertificate(der: Uint8Array): TargetIdentity {
  const hash = createHash("sha256").update(der).digest("base64").replace(/=+$/, "");
  return {
    kind: "tls-certificate",
    algorithm: "x509",
    fingerprint: `SHA256:${hash}`,
    publicKey: Buffer.from(der).toString("base64"),
  };
}

/**
 * Compares the server's certificate with what is pinned. Throws the Failures `identity-changed` with both
 * fingerprints, `identity-unknown` when nothing is pinned and policy demands it; pins the first one seen otherwise.
 * Resolves with the certificate: Node gives it once.
 */
export async function checkCertificate(secure: TLSSocket, context: TlsContext): Promise<X509Certificate> {
  const { hop, policy, host } = context;
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) throw new Failure("tls-failed", { detail: "no certificate" });
  const presented = describeCertificate(certificate.raw);
  const known = hop.identities.filter((identity) => identity.kind === "tls-certificate");
  const received = presented.fingerprint;
  const isKnown = known.some((identity) => identity.fingerprint === received);
  if (!isKnown && known.length > 0) {
    const expected = known.map((identity) => identity.fingerprint).join(", ");
    throw new Failure("identity-changed", { target: hop.name, expected, received });
  }
  if (!isKnown && policy.targetIdentity === "pinned")
    throw new Failure("identity-unknown", { target: hop.name, received });
  if (!isKnown) await host.pinIdentity(presented);
  warnIfExpired(certificate, host);
  return certificate;
}

/** A pinned certificate that ran out still identifies its machine; the person is told. */
function warnIfExpired(certificate: X509Certificate, host: DriverHost): void {
  const endsAt = new Date(certificate.validTo);
  if (endsAt.getTime() < host.wallMs())
    host.warn("certificate-expired", { date: endsAt.toISOString().slice(0, 10) });
}
