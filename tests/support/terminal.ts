import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import ssh2 from "ssh2";
import type {
  Credentials,
  DriverFactory,
  DriverHop,
  DriverRequest,
  TargetIdentity,
} from "../../packages/gateway/src/session/driver.ts";
import { describeHostKey } from "../../packages/gateway/src/session/drivers/ssh-identity.ts";
import {
  DriverHarness,
  type HarnessOptions,
} from "../../packages/gateway/src/session/testing/driver-harness.ts";
import { labDir, labPasswords } from "./lab.ts";

/** A hop of the lab, logged in as bob by password unless told otherwise. */
export function labHop(port: number, changes: Partial<DriverHop> = {}): DriverHop {
  return {
    name: `lab ${port}`,
    address: "127.0.0.1",
    port,
    credentials: { kind: "password", username: "bob", password: labPasswords.bob },
    identities: [],
    options: {},
    ...changes,
  };
}

/** The wire blob of an OpenSSH public key or certificate file under the lab's folder. */
export function labKeyBlob(file: string): Uint8Array {
  const [, base64] = readFileSync(path.join(labDir, file), "utf8").trim().split(" ");
  return Buffer.from(base64 ?? "", "base64");
}

/** A host key of the lab as it would be pinned. */
export function labIdentity(file: string): TargetIdentity {
  return describeHostKey(labKeyBlob(file));
}

/** A key of the lab as an account's credentials: signing happens outside the driver, as the keeper does it. */
export function labKey(username: string, file: string, certificate: string | null = null): Credentials {
  const parsed = ssh2.utils.parseKey(readFileSync(path.join(labDir, file)));
  if (parsed instanceof Error) throw parsed;
  const key = createPrivateKey((Array.isArray(parsed) ? parsed[0] : parsed)?.getPrivatePEM() ?? "");
  return {
    kind: "ssh-key",
    username,
    publicKey: labKeyBlob(`${file}.pub`),
    certificate: certificate === null ? null : labKeyBlob(certificate),
    sign: async (data, algorithm) => signSsh(key, data, algorithm),
  };
}

function signSsh(key: KeyObject, data: Uint8Array, algorithm: string): Uint8Array {
  if (algorithm === "ssh-ed25519") return sign(null, data, key);
  if (algorithm.startsWith("rsa-sha2-")) return sign(`sha${algorithm.slice(9)}`, data, key);
  if (algorithm === "ecdsa-sha2-nistp256") {
    const raw = sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
    return Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))]);
  }
  throw new Error(`no signature ${algorithm}`);
}

/** RFC 4251 §5 mpint of a positive number. */
function mpint(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const body = Buffer.from(bytes.subarray(start));
  const padded = (body[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), body]) : body;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(padded.length);
  return Buffer.concat([length, padded]);
}

/** A harness's options, with tickets for hops that want them. */
export type LabOptions = HarnessOptions & Pick<DriverRequest, "kerberos">;

function requestOf(
  hops: DriverRequest["hops"],
  { kerberos }: LabOptions,
): Pick<DriverRequest, "hops" | "kerberos"> {
  return kerberos === undefined ? { hops } : { hops, kerberos };
}

/** Opens a driver on the lab, gives it to `use` and always closes it. */
export async function withDriver(
  make: DriverFactory,
  hops: readonly [DriverHop, ...DriverHop[]],
  options: LabOptions,
  use: (harness: DriverHarness) => Promise<void>,
): Promise<void> {
  const harness = new DriverHarness(make, requestOf(hops, options), options);
  try {
    await harness.driver.open();
    await use(harness);
  } finally {
    harness.driver.close();
  }
}

/** Opens a driver that must fail; returns the Failure's code and details. */
export async function failureOf(
  make: DriverFactory,
  hops: readonly [DriverHop, ...DriverHop[]],
  options: LabOptions = {},
): Promise<{ code: string; details: Readonly<Record<string, string | number>>; harness: DriverHarness }> {
  const harness = new DriverHarness(make, requestOf(hops, options), options);
  try {
    await harness.driver.open();
  } catch (error) {
    const { code, details } = error as { code: string; details: Readonly<Record<string, string | number>> };
    return { code, details, harness };
  } finally {
    harness.driver.close();
  }
  throw new Error("the connection opened although it must not");
}
