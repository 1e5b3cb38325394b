import { isIPv6 } from "node:net";

/** Kerberos' port (RFC 4120 §7.2.2). */
const KERBEROS_PORT = 88;

/** One way to a realm's KDC: straight over TCP, or through a proxy that speaks [MS-KKDCP]. */
export type KdcAddress =
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      /** Told by the DNS, not by the administrator: it may lead to no denied address and not to this machine. */
      readonly isFromDns?: true;
    }
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
