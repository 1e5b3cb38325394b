import { readFileSync } from "node:fs";
import { ConfigurationError } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import type { Environment } from "../environment.ts";
import type { RealmNames } from "./account-name.ts";
import { type KdcAddress, KdcDirectory, parseKdcAddress } from "./kdc-address.ts";
import { KdcClient } from "./kdc-client.ts";
import { KerberosAccess } from "./kerberos-access.ts";
import { KerberosClient } from "./kerberos-client.ts";
import { KdcPasswordProof } from "./password-proof.ts";
import { makeTicketAcceptor, type TicketAcceptor } from "./ticket-acceptor.ts";

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

/** What account names mean, of `kerberos.realm` and `kerberos.domains`. */
export function readRealmNames({ realm, domains }: Settings["kerberos"]): RealmNames {
  const pairs = domains.map((line) => line.trim().toUpperCase().split(/\s+/));
  return {
    defaultRealm: realm === "" ? null : realm.toUpperCase(),
    realms: new Map(pairs.map(([name = "", target = ""]) => [name, target])),
  };
}

/** The directory of KDCs as it is configured; a wrong entry is a `ConfigurationError`. */
export function makeKdcDirectory({ kdcs }: Settings["kerberos"], environment: Environment): KdcDirectory {
  const random = () => Buffer.from(environment.randomBytes(4)).readUInt32BE(0) / 2 ** 32;
  return new KdcDirectory({ configured: readKdcSettings(kdcs), random });
}

/** Kerberos as it is configured; asks nobody yet. A wrong setting is a `ConfigurationError`. */
export function makeKerberos(
  settings: Settings["kerberos"],
  environment: Environment,
): {
  /** Tickets for sessions. */
  readonly access: KerberosAccess;
  /** Browsers' tickets, null without a keytab. */
  readonly acceptor: TicketAcceptor | null;
  /** Passwords of people whose directory takes no simple bind. */
  readonly passwords: KdcPasswordProof;
} {
  const kdcs = new KdcClient({
    directory: makeKdcDirectory(settings, environment),
    monotonicMs: () => environment.monotonicMs(),
    proxyCa: readProxyAuthorities(settings),
  });
  const client = new KerberosClient({ kdcs, environment });
  const names = readRealmNames(settings);
  const acceptor = makeTicketAcceptor(settings.keytab, environment);
  return {
    access: new KerberosAccess({ client, environment, names }),
    acceptor,
    passwords: new KdcPasswordProof({ client, names, acceptor, environment }),
  };
}
