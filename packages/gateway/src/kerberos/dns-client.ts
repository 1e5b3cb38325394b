import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { connect, isIPv6 } from "node:net";
import { DecodeError } from "@poterne/bytes";
import { decodeSrvAnswer, encodeSrvQuestion, type SrvAnswer } from "./dns-message.ts";

/** A DNS server. */
export interface DnsServer {
  readonly host: string;
  readonly port: number;
}

/** What came of asking for SRV records. */
export type SrvOutcome =
  | {
      readonly isAnswered: true;
      /** Who answered, for people. */
      readonly server: string;
      readonly answer: SrvAnswer;
    }
  /** What each server did instead, for people. */
  | { readonly isAnswered: false; readonly problems: readonly string[] };

/** What asking takes. */
export interface DnsClientOptions {
  /** Asked in this order. */
  readonly servers: () => readonly DnsServer[];
  readonly randomBytes: (count: number) => Uint8Array;
  readonly monotonicMs: () => number;
  /** For one server at a time, and for all together, in milliseconds. */
  readonly attemptTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
}

const DNS_PORT = 53;
const ATTEMPT_TIMEOUT_MS = 1500;
const TOTAL_TIMEOUT_MS = 4000;
/** The most servers asked, each once. */
const MAX_SERVERS = 8;
const LENGTH_BYTES = 2;
const RCODE_NXDOMAIN = 3;
const RCODES: Readonly<Record<number, string>> = { 1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED" };

/** A server as it is written in settings, and as Node tells the system's: `ADDRESS`, `ADDRESS:PORT`, `[IPv6]:PORT`; null when it is none. */
export function parseDnsServer(text: string): DnsServer | null {
  if (isIPv6(text)) return { host: text, port: DNS_PORT };
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DNS_PORT : Number(match[3]);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** The servers of the system's configuration, as it is now. */
export function systemDnsServers(): DnsServer[] {
  return getServers()
    .map(parseDnsServer)
    .filter((server) => server !== null);
}

function format({ host, port }: DnsServer): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * Asks DNS servers for SRV records, one after the other until one answers: over UDP, and over TCP what was cut off there.
 * Node's own resolver tells neither how long records live nor who answered, and refuses those of Samba's server.
 */
export class DnsClient {
  readonly #options: DnsClientOptions;

  constructor(options: DnsClientOptions) {
    this.#options = options;
  }

  /** "No such name" is an answer; a server that fails, refuses, lies about the question or is silent is passed over. */
  async srv(name: string): Promise<SrvOutcome> {
    const { servers, monotonicMs, randomBytes } = this.#options;
    const deadlineMs = monotonicMs() + (this.#options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS);
    const problems: string[] = [];
    for (const server of servers().slice(0, MAX_SERVERS)) {
      const id = new DataView(randomBytes(2).buffer).getUint16(0);
      const question = encodeSrvQuestion(id, name);
      if (question === null) return { isAnswered: false, problems: [`${name}: not a name of the DNS`] };
      const leftMs = deadlineMs - monotonicMs();
      if (leftMs <= 0) break;
      const timeoutMs = Math.min(leftMs, this.#options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS);
      const read = (message: Uint8Array) => decodeSrvAnswer(message, id, name);
      const answer = await askServer(server, { question, read, timeoutMs });
      const problem = typeof answer === "string" ? answer : problemOf(answer);
      if (problem !== null) problems.push(`${format(server)}: ${problem}`);
      else if (typeof answer !== "string") return { isAnswered: true, server: format(server), answer };
    }
    return { isAnswered: false, problems };
  }
}

function problemOf({ rcode }: SrvAnswer): string | null {
  return rcode === 0 || rcode === RCODE_NXDOMAIN ? null : (RCODES[rcode] ?? `RCODE ${rcode}`);
}

/** One question, and what reads its answer. */
interface Attempt {
  readonly question: Uint8Array;
  readonly read: (message: Uint8Array) => SrvAnswer;
  readonly timeoutMs: number;
}

async function askServer(server: DnsServer, attempt: Attempt): Promise<SrvAnswer | string> {
  const short = await askOverUdp(server, attempt);
  return typeof short !== "string" && short.isTruncated ? await askOverTcp(server, attempt) : short;
}

/** What is no answer to this question is waited past: anybody may send some. */
function askOverUdp({ host, port }: DnsServer, attempt: Attempt): Promise<SrvAnswer | string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    let problem = "ETIMEDOUT";
    const timer = setTimeout(() => finish(problem), attempt.timeoutMs);
    let isOver = false;
    const finish = (result: SrvAnswer | string) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? "EIO"));
    socket.on("message", (message) => {
      const answer = readOrNull(attempt, message);
      if (answer === null) problem = "EBADRESP";
      else finish(answer);
    });
    socket.once("connect", () => {
      if (!isOver) socket.send(attempt.question);
    });
    // Connected: the system drops what comes from elsewhere, and says when nobody listens.
    socket.connect(port, host);
  });
}

/** RFC 1035 §4.2.2: each message behind its length. */
function askOverTcp({ host, port }: DnsServer, attempt: Attempt): Promise<SrvAnswer | string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => finish("ETIMEDOUT"), attempt.timeoutMs);
    let received = Buffer.alloc(0);
    const finish = (result: SrvAnswer | string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code ?? "EIO"));
    socket.once("close", () => finish("closed without an answer"));
    socket.once("connect", () => {
      const head = Buffer.alloc(LENGTH_BYTES);
      head.writeUInt16BE(attempt.question.length);
      socket.write(Buffer.concat([head, attempt.question]));
    });
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < LENGTH_BYTES) return;
      const end = LENGTH_BYTES + received.readUInt16BE(0);
      if (received.length < end) return;
      const answer = readOrNull(attempt, received.subarray(LENGTH_BYTES, end));
      finish(answer === null || answer.isTruncated ? "EBADRESP" : answer);
    });
  });
}

function readOrNull({ read }: Attempt, message: Uint8Array): SrvAnswer | null {
  try {
    return read(message);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
