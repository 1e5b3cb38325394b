import { randomBytes } from "node:crypto";
import { type Principal, personName, SpnegoInitiator, serviceName } from "@poterne/kerberos";
import type { Environment } from "../../packages/gateway/src/environment.ts";
import { type KdcAddress, KdcDirectory } from "../../packages/gateway/src/kerberos/kdc-address.ts";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { KerberosAccess } from "../../packages/gateway/src/kerberos/kerberos-access.ts";
import {
  KerberosClient,
  type KerberosClientOptions,
  type TicketOutcome,
} from "../../packages/gateway/src/kerberos/kerberos-client.ts";
import { nodeKerberosCrypto } from "../../packages/gateway/src/kerberos/node-crypto.ts";

/** KDCs of the lab, by realm. */
export const labKdcs: Readonly<Record<string, KdcAddress>> = {
  "MIT.TEST": { kind: "tcp", host: "127.0.0.1", port: 1088 },
  "OTHER.TEST": { kind: "tcp", host: "127.0.0.1", port: 1088 },
  "LAB.TEST": { kind: "tcp", host: "127.0.0.10", port: 88 },
};

/** This machine's time and randomness, with a clock that may be wrong. */
export function environmentWith(clockErrorMs = 0): Environment {
  return {
    now: () => Date.now() + clockErrorMs,
    monotonicMs: () => performance.now(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
  };
}

/** A client of the lab's KDCs. */
export function labClient(
  changes: Partial<KerberosClientOptions> & { readonly clockErrorMs?: number } = {},
): KerberosClient {
  const environment = environmentWith(changes.clockErrorMs);
  const configured = new Map(Object.entries(labKdcs).map(([realm, address]) => [realm, [address]]));
  const directory = new KdcDirectory({ configured, random: Math.random });
  const kdcs = new KdcClient({ directory, monotonicMs: environment.monotonicMs });
  return new KerberosClient({ kdcs, environment, ...changes });
}

/** Kerberos for sessions as a gateway of the AD domain has it. */
export function labAccess(clockErrorMs = 0): KerberosAccess {
  return new KerberosAccess({
    client: labClient({ clockErrorMs }),
    environment: environmentWith(clockErrorMs),
    names: { defaultRealm: "LAB.TEST", realms: new Map([["LAB", "LAB.TEST"]]) },
  });
}

/** A person of a realm. */
export function person(name: string, realm: string): Principal {
  return { realm, name: personName(name) };
}

/** The credential of an outcome; a refusal is thrown with its reason. */
export function granted(outcome: TicketOutcome) {
  if (outcome.isGranted) return outcome.credential;
  throw new Error(`${outcome.failure.reason}: ${outcome.failure.detail}`);
}

/** The reason of an outcome that must be a refusal. */
export function refusal(outcome: TicketOutcome): string {
  if (!outcome.isGranted) return outcome.failure.reason;
  throw new Error("a ticket was granted");
}

/** A browser's `Authorization: Negotiate` for a service of the lab's AD domain, by a person's password. */
export async function negotiateHeader(name: string, password: string, host: string): Promise<string> {
  const client = labClient();
  const ticket = granted(
    await client.signIn(person(name, "LAB.TEST"), new Uint8Array(Buffer.from(password))),
  );
  const credential = granted(await client.getServiceTicket(ticket, serviceName("HTTP", host)));
  const randomBytesOf = (count: number) => new Uint8Array(randomBytes(count));
  const initiator = new SpnegoInitiator({
    credential,
    crypto: nodeKerberosCrypto,
    randomBytes: randomBytesOf,
  });
  return `Negotiate ${Buffer.from(initiator.start(Date.now())).toString("base64")}`;
}
