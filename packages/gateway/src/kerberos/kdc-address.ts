import { resolveSrv } from "node:dns/promises";
import { isIPv6 } from "node:net";

/** Kerberos' port (RFC 4120 §7.2.2). */
export const KERBEROS_PORT = 88;
/** The most KDCs tried for one realm. */
const MAX_KDCS = 16;

/** One way to a realm's KDC: straight over TCP, or through a proxy that speaks [MS-KKDCP]. */
export type KdcAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "proxy"; readonly url: URL };

/** An address as a person writes it: `HOST`, `HOST:PORT`, `[IPv6]:PORT` or `https://PROXY/KdcProxy`; null when it is none. */
export function parseKdcAddress(text: string): KdcAddress | null {
  if (/^https:\/\//i.test(text)) return URL.canParse(text) ? { kind: "proxy", url: new URL(text) } : null;
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? KERBEROS_PORT : Number(match[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) return null;
  return { kind: "tcp", host, port };
}

/** An address for people and logs. */
export function formatKdcAddress(address: KdcAddress): string {
  if (address.kind === "proxy") return address.url.href;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

/** One SRV record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Looks up SRV records; the DNS library's own errors pass through. */
export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>;

/** The name under which a realm's KDCs stand in the DNS (RFC 4120 §7.2.3.2). */
export function kdcSrvName(realm: string): string {
  return `_kerberos._tcp.${realm.toLowerCase()}`;
}

/** Where to look for KDCs. */
export interface KdcDirectoryOptions {
  /** Addresses by realm in upper case; they win over the DNS. */
  readonly configured: ReadonlyMap<string, readonly KdcAddress[]>;
  readonly resolveSrv?: ResolveSrv;
  /** A number from 0 to below 1, for weights. */
  readonly random: () => number;
}

/** Finds the KDCs of a realm: by configuration, else by DNS SRV; best first, at most `MAX_KDCS`. */
export class KdcDirectory {
  readonly #options: KdcDirectoryOptions;

  constructor(options: KdcDirectoryOptions) {
    this.#options = options;
  }

  /** The addresses; none when neither the configuration nor the DNS knows the realm. */
  async find(realm: string): Promise<readonly KdcAddress[]> {
    const configured = this.#options.configured.get(realm.toUpperCase());
    if (configured !== undefined) return configured.slice(0, MAX_KDCS);
    const resolve = this.#options.resolveSrv ?? resolveSrv;
    try {
      const records = await resolve(kdcSrvName(realm));
      return orderRecords(records, this.#options.random)
        .slice(0, MAX_KDCS)
        .map(({ name, port }) => ({ kind: "tcp", host: name, port }));
    } catch (error) {
      return isUnreadable(error) ? [{ kind: "tcp", host: realm.toLowerCase(), port: KERBEROS_PORT }] : [];
    }
  }
}

/**
 * Samba's own DNS shortens the names in SRV records, which RFC 2782 forbids and Node's resolver refuses. The name of an
 * Active Directory domain has the addresses of its domain controllers, so that name itself serves.
 */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EBADRESP";
}

/** RFC 2782: by priority, and by chance in proportion to the weight within one. `.` alone means "no such service". */
export function orderRecords(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const lot = ({ weight }: SrvRecord) => random() ** (1 / (weight + 0.01));
  return records
    .filter(({ name }) => name !== "" && name !== ".")
    .map((record) => ({ record, lot: lot(record) }))
    .sort((left, right) => left.record.priority - right.record.priority || right.lot - left.lot)
    .map(({ record }) => record);
}
