import { readFileSync } from "node:fs";
import { ConfigurationError } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { type KdcAddress, parseKdcAddress } from "./kdc-address.ts";

/** The KDCs of `kerberos.kdcs` by realm in upper case; a wrong entry is a `ConfigurationError`. */
export function readKdcSettings(lines: Settings["kerberos"]["kdcs"]): Map<string, KdcAddress[]> {
  const kdcs = new Map<string, KdcAddress[]>();
  for (const line of lines) {
    const [realm = "", ...texts] = line.trim().split(/\s+/);
    const addresses = texts.map(parseKdcAddress).filter((address) => address !== null);
    if (addresses.length === 0 || addresses.length < texts.length)
      throw new ConfigurationError(`kerberos.kdcs: "${line}": expected REALM ADDRESS…`);
    kdcs.set(realm.toUpperCase(), [...(kdcs.get(realm.toUpperCase()) ?? []), ...addresses]);
  }
  return kdcs;
}

/** The authorities of KDC proxies' certificates, PEM; undefined: the system's. */
export function readProxyAuthorities({ caFile }: Settings["kerberos"]): string | undefined {
  if (caFile === "") return undefined;
  try {
    return readFileSync(caFile, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `kerberos.caFile: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
