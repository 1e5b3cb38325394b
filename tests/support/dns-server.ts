import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually } from "./eventually.ts";

/** Addresses nobody has (RFC 5737), for servers that must not stand on the loopback. */
export const TEST_ADDRESSES = { dns: "192.0.2.53", kdc: "192.0.2.10", otherKdc: "192.0.2.11" } as const;

/** Gives this machine the test addresses; resolves with how to take them away. Needs root, as the lab does. */
export function borrowAddresses(): () => void {
  const run = (order: string) => {
    for (const address of Object.values(TEST_ADDRESSES))
      execFileSync("ip", ["address", order, `${address}/32`, "dev", "lo"]);
  };
  run("replace");
  return () => run("delete");
}

/** One SRV record of a test's zone. */
export interface ZoneRecord {
  readonly realm: string;
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What the server knows. */
export interface Zone {
  readonly records: readonly ZoneRecord[];
  /** Addresses by name. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly ttlSeconds: number;
  /** Other servers by domain, asked for what is not known here. */
  readonly forward?: Readonly<Record<string, string>>;
}

/** A real DNS server: dnsmasq with records of its own for `.test`, and nothing from outside. */
export class DnsServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child;
    this.port = port;
    this.#folder = folder;
  }

  static async start(zone: Zone, port?: number): Promise<DnsServer> {
    const folder = mkdtempSync(path.join(tmpdir(), "poterne-dns-"));
    const chosen = port ?? (await freePort());
    const srv = zone.records.map(
      ({ realm, host, port: kdcPort, priority, weight }) =>
        `--srv-host=_kerberos._tcp.${realm},${host},${kdcPort},${priority},${weight}`,
    );
    const hosts = Object.entries(zone.hosts).map(([name, address]) => `--host-record=${name},${address}`);
    const forward = Object.entries(zone.forward ?? {}).map(([domain, to]) => `--server=/${domain}/${to}`);
    const child = spawn(
      "dnsmasq",
      [
        ...[
          "--keep-in-foreground",
          "--conf-file=/dev/null",
          "--no-resolv",
          "--no-hosts",
          "--bind-interfaces",
        ],
        ...[`--listen-address=${TEST_ADDRESSES.dns}`, `--port=${chosen}`, "--user=root", "--pid-file="],
        ...["--local=/test/", `--local-ttl=${zone.ttlSeconds}`, "--log-queries"],
        `--log-facility=${path.join(folder, "log")}`,
        ...[...srv, ...hosts, ...forward],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const server = new DnsServer(child, chosen, folder);
    await eventually("dnsmasq", async () => child.exitCode === null && server.log.includes("started"));
    return server;
  }

  /** As it is written in the settings. */
  get address(): string {
    return `${TEST_ADDRESSES.dns}:${this.port}`;
  }

  /** Its own log: every question it was asked. */
  get log(): string {
    try {
      return readFileSync(path.join(this.#folder, "log"), "utf8");
    } catch {
      return "";
    }
  }

  /** How often a name's SRV records were asked for. */
  countQuestions(realm: string): number {
    return this.log.split(`query[SRV] _kerberos._tcp.${realm} `).length - 1;
  }

  /** Stands still: takes questions and answers none. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, TEST_ADDRESSES.dns, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
