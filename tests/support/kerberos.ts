import { randomBytes } from "node:crypto";
import { type Principal, personName, SpnegoInitiator, serviceName } from "@poterne/kerberos";
import { settingsSchema } from "../../packages/gateway/src/config/settings.ts";
import type { Environment } from "../../packages/gateway/src/environment.ts";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { type KdcRoute, makeKdcRoute } from "../../packages/gateway/src/kerberos/kdc-settings.ts";
import { KerberosAccess } from "../../packages/gateway/src/kerberos/kerberos-access.ts";
import {
  KerberosClient,
  type KerberosClientOptions,
  type TicketOutcome,
} from "../../packages/gateway/src/kerberos/kerberos-client.ts";
import { nodeKerberosCrypto } from "../../packages/gateway/src/kerberos/node-crypto.ts";

/** The lab's KDCs as they are written in the settings. */
export const LAB_KDCS = [
  "MIT.TEST 127.0.0.1:1088",
  "OTHER.TEST 127.0.0.1:1088",
  "THIRD.TEST 127.0.0.1:1088",
  "LAB.TEST 127.0.0.10:88",
];

/** This machine's time and randomness, with a clock that may be wrong. */
export function environmentWith(clockErrorMs = 0): Environment {
  return {
    now: () => Date.now() + clockErrorMs,
    monotonicMs: () => performance.now(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
  };
}

/** What a test changes of how the lab's KDCs are found and asked. */
export interface LabClientChanges extends Partial<Omit<KerberosClientOptions, "environment">> {
  readonly clockErrorMs?: number;
  /** Of the section `kerberos`, instead of the lab's. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** How KDCs are found and reached with settings of the section `kerberos`. */
export function routeBy(
  kerberos: Readonly<Record<string, unknown>>,
  environment = environmentWith(),
): KdcRoute {
  return makeKdcRoute(settingsSchema.parse({ kerberos }), environment);
}

/** A client of the lab's KDCs. */
export function labClient(changes: LabClientChanges = {}): KerberosClient {
  const { clockErrorMs, settings = { kdcs: LAB_KDCS }, ...others } = changes;
  const environment = environmentWith(clockErrorMs);
  const kdcs = new KdcClient({ ...routeBy(settings), monotonicMs: environment.monotonicMs });
  return new KerberosClient({ kdcs, environment, ...others });
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
