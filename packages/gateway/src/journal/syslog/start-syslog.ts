import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import type { FullKeeper } from "../../keeper/remote-keeper.ts";
import type { Journal, JournalEntry } from "../journal.ts";
import { SyslogForwarder } from "./syslog-forwarder.ts";

/** RFC 5425 §4.1: the port of syslog over TLS. */
const SYSLOG_TLS_PORT = 6514;

/** A collector that comes and goes is told to the journal at most so often: each entry is forwarded in its turn. */
const TELL_EVERY_MS = 300_000;

/** What forwarding to a collector needs. */
export interface StartSyslogOptions {
  /** `HOST:PORT`, `HOST` or `[IPV6]:PORT`; empty for no collector. */
  readonly address: string;
  /** PEM file of the authority that signed the collector's certificate; empty for the system's authorities. */
  readonly caFile: string;
  readonly spoolDirectory: string;
  readonly nodeId: string;
  readonly keeper: FullKeeper;
  readonly journal: Journal;
  /** For the log. */
  readonly onTrouble: (error: unknown) => void;
}

/** Starts forwarding, or nothing when no collector is configured. Trouble and its end are entries of the journal too. */
export async function startSyslog(options: StartSyslogOptions): Promise<SyslogForwarder | null> {
  if (options.address === "") return null;
  const { address, caFile, keeper, journal, nodeId } = options;
  let toldMs = Number.NEGATIVE_INFINITY;
  let isTold = false;
  return SyslogForwarder.start({
    collector: {
      ...parseCollector(address),
      ca: caFile === "" ? null : await readFile(caFile, "utf8"),
    },
    sender: { hostName: hostname(), nodeId },
    spoolDirectory: options.spoolDirectory,
    read: (after) => keeper.readJournal(after),
    onTrouble: (error) => {
      options.onTrouble(error);
      if (error === null ? !isTold : performance.now() - toldMs < TELL_EVERY_MS) return;
      isTold = error !== null;
      if (isTold) toldMs = performance.now();
      // A journal that refuses is noticed by everybody else.
      void journal.append(troubleEntry(address, error)).catch(() => null);
    },
  });
}

/** Host and port of a collector's address; throws when it is none. */
export function parseCollector(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? SYSLOG_TLS_PORT);
  if (host === undefined || port < 1 || port > 65_535) throw new Error(`${address} is no HOST:PORT`);
  return { host, port };
}

function troubleEntry(address: string, error: unknown): JournalEntry {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    kind: error === null ? "syslog.recovered" : "syslog.failed",
    level: error === null ? "notice" : "alarm",
    actor: { personId: null, name: "system" },
    sourceAddress: "",
    subject: {},
    details: error === null ? { address } : { address, reason },
  };
}
