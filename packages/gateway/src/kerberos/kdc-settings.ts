import { readFileSync } from "node:fs";
import { ConfigurationError } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import type { Environment } from "../environment.ts";
import type { RealmNames } from "./account-name.ts";
import { DnsClient, parseDnsServer, systemDnsServers } from "./dns-client.ts";
import { type KdcAddress, parseKdcAddress } from "./kdc-address.ts";
import { KdcClient } from "./kdc-client.ts";
import { KdcDirectory } from "./kdc-directory.ts";
import { KdcNames } from "./kdc-names.ts";
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

/** What account names mean, of `kerberos.realm` and `kerberos.domains`. */
export function readRealmNames({ realm, domains }: Settings["kerberos"]): RealmNames {
  const pairs = domains.map((line) => line.trim().toUpperCase().split(/\s+/));
  return {
    defaultRealm: realm === "" ? null : realm.toUpperCase(),
    realms: new Map(pairs.map(([name = "", target = ""]) => [name, target])),
  };
}

/** The settings that say which KDCs there are and how they are reached. */
export type KdcSettings = Pick<Settings, "kerberos" | "sessions">;

/** What finding and reaching KDCs takes. */
export interface KdcRoute {
  readonly directory: KdcDirectory;
  readonly names: KdcNames;
  /** The authorities of KDC proxies' certificates, PEM; undefined: the system's. */
  readonly proxyCa: string | undefined;
}

/** How KDCs are found and reached, as it is configured; a wrong entry is a `ConfigurationError`. */
export function makeKdcRoute({ kerberos, sessions }: KdcSettings, environment: Environment): KdcRoute {
  const { kdcs, dnsServers } = kerberos;
  const servers = dnsServers.map(readDnsServer);
  const monotonicMs = () => environment.monotonicMs();
  const randomBytes = (count: number) => environment.randomBytes(count);
  const dns = new DnsClient({
    servers: servers.length === 0 ? systemDnsServers : () => servers,
    monotonicMs,
    randomBytes,
  });
  const random = () => Buffer.from(randomBytes(4)).readUInt32BE(0) / 2 ** 32;
  return {
    directory: new KdcDirectory({ configured: readKdcSettings(kdcs), dns, monotonicMs, random }),
    names: new KdcNames({ dnsServers, deniedAddresses: sessions.deniedAddresses }),
    proxyCa: readProxyAuthorities(kerberos),
  };
}

function readDnsServer(text: string) {
  const server = parseDnsServer(text);
  if (server === null)
    throw new ConfigurationError(`kerberos.dnsServers: "${text}": expected ADDRESS[:PORT]`);
  return server;
}

function readProxyAuthorities({ caFile }: Settings["kerberos"]): string | undefined {
  if (caFile === "") return undefined;
  try {
    return readFileSync(caFile, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `kerberos.caFile: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Kerberos as it is configured; asks nobody yet. A wrong setting is a `ConfigurationError`. */
export function makeKerberos(
  settings: KdcSettings,
  environment: Environment,
): {
  /** Tickets for sessions. */
  readonly access: KerberosAccess;
  /** Browsers' tickets, null without a keytab. */
  readonly acceptor: TicketAcceptor | null;
  /** Passwords of people whose directory takes no simple bind. */
  readonly passwords: KdcPasswordProof;
  /** Realms by their short names. */
  readonly domainNames: RealmNames["realms"];
} {
  const kdcs = new KdcClient({
    ...makeKdcRoute(settings, environment),
    monotonicMs: () => environment.monotonicMs(),
  });
  const client = new KerberosClient({ kdcs, environment });
  const names = readRealmNames(settings.kerberos);
  const acceptor = makeTicketAcceptor(settings.kerberos.keytab, environment);
  return {
    access: new KerberosAccess({ client, environment, names }),
    acceptor,
    domainNames: names.realms,
    passwords: new KdcPasswordProof({ client, names, acceptor, environment }),
  };
}
