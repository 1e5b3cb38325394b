import { createHash } from "node:crypto";
import { Failure, type Policy } from "@poterne/contract";
import type { DriverHop, DriverHost, TargetIdentity } from "../driver.ts";

/** A host key as OpenSSH names it: kind, `SHA256:` fingerprint, wire blob. */
export function describeHostKey(blob: Uint8Array): TargetIdentity {
  const key = Buffer.from(blob);
  const typeLength = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const algorithm = key.subarray(4, 4 + Math.min(typeLength, 64)).toString("latin1");
  const hash = createHash("sha256").update(key).digest("base64").replace(/=+$/, "");
  return {
    kind: "ssh-host-key",
    algorithm: /^[!-~]+$/.test(algorithm) ? algorithm : "unknown",
    fingerprint: `SHA256:${hash}`,
    publicKey: key.toString("base64"),
  };
}

/**
 * Compares a presented host key with what is known of a hop. Throws the Failure `identity-changed` with both
 * fingerprints, or `identity-unknown` when nothing is known and policy (or being a jump host) demands it. An unknown
 * key of the target itself is pinned under policy `first-use`.
 */
export async function checkIdentity(
  presented: TargetIdentity,
  context: {
    readonly hop: DriverHop;
    readonly isTarget: boolean;
    readonly policy: Policy;
    readonly host: DriverHost;
  },
): Promise<void> {
  const { hop, isTarget, policy, host } = context;
  const known = hop.identities.filter((identity) => identity.kind === "ssh-host-key");
  const received = `${presented.algorithm} ${presented.fingerprint}`;
  if (known.some((identity) => identity.publicKey === presented.publicKey)) return;
  // An administrator may have pinned the fingerprint alone.
  if (known.some((identity) => identity.publicKey === "" && identity.fingerprint === presented.fingerprint))
    return;
  if (known.length > 0) {
    const expected = known.map((identity) => `${identity.algorithm} ${identity.fingerprint}`).join(", ");
    throw new Failure("identity-changed", { target: hop.name, expected, received });
  }
  // A jump host is a target of its own: it gets its identity there, never on the way to another one.
  if (policy.targetIdentity === "pinned" || !isTarget)
    throw new Failure("identity-unknown", { target: hop.name, received });
  await host.pinIdentity(presented);
}
