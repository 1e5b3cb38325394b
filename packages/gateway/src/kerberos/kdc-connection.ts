import { request } from "node:https";
import { connect } from "node:net";
import { DecodeError } from "@poterne/bytes";
import {
  decodeKdcProxyMessage,
  encodeKdcProxyMessage,
  frameMessage,
  MAX_MESSAGE_BYTES,
} from "@poterne/kerberos";
import type { KdcAddress } from "./kdc-address.ts";
import type { KdcNames } from "./kdc-names.ts";

/** How an exchange with one KDC is limited. */
export interface KdcConnectionOptions {
  /** For everything from connecting to the answer's last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** PEM of authorities for proxies' certificates; undefined: the system's. */
  readonly proxyCa?: string | undefined;
  /** How names become addresses. */
  readonly names: KdcNames;
}

/** Why one KDC gave no answer: a code of the operating system (`ECONNREFUSED`…), `ETIMEDOUT`, or words of our own. */
export class KdcConnectionError extends Error {
  readonly problem: string;

  constructor(problem: string, cause?: unknown) {
    super(`no answer: ${problem}`, { cause });
    this.name = "KdcConnectionError";
    this.problem = problem;
  }
}

const LENGTH_BYTES = 4;

/** Sends one message for a realm to a KDC or its proxy and resolves with the answer, at most `MAX_MESSAGE_BYTES` long. */
export function askKdc(
  address: KdcAddress,
  question: { readonly realm: string; readonly message: Uint8Array },
  options: KdcConnectionOptions,
): Promise<Uint8Array> {
  return address.kind === "tcp"
    ? askOverTcp(address, question.message, options)
    : askProxy(address, encodeKdcProxyMessage(question.message, question.realm), options);
}

/** RFC 4120 §7.2.2: each message behind its length; the length's highest bit is reserved. */
function askOverTcp(
  address: Extract<KdcAddress, { kind: "tcp" }>,
  message: Uint8Array,
  { timeoutMs, names }: KdcConnectionOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    const socket = connect({ host, port, noDelay: true, lookup: names.lookupFor(address) });
    const timer = setTimeout(() => fail("ETIMEDOUT"), timeoutMs);
    let received = Buffer.alloc(0);
    const finish = (act: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      act();
    };
    const fail = (problem: string, cause?: unknown) =>
      finish(() => reject(new KdcConnectionError(problem, cause)));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "EIO", error));
    socket.once("close", () => fail("closed without an answer"));
    socket.once("connect", () => socket.write(frameMessage(message)));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < LENGTH_BYTES) return;
      const length = received.readUInt32BE(0);
      if (length > MAX_MESSAGE_BYTES) return fail("an answer over the limit");
      if (received.length < LENGTH_BYTES + length) return;
      finish(() => resolve(new Uint8Array(received.subarray(LENGTH_BYTES, LENGTH_BYTES + length))));
    });
  });
}

/** [MS-KKDCP] 2.1: POST with the message as body. */
function askProxy(
  address: Extract<KdcAddress, { kind: "proxy" }>,
  body: Uint8Array,
  options: KdcConnectionOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const exchange = request(address.url, {
      method: "POST",
      lookup: options.names.lookupFor(address),
      headers: { "content-type": "application/kerberos", "content-length": body.length },
      ...(options.proxyCa === undefined ? {} : { ca: options.proxyCa }),
    });
    const timer = setTimeout(() => fail("ETIMEDOUT"), options.timeoutMs);
    const fail = (problem: string, cause?: unknown) => {
      clearTimeout(timer);
      exchange.destroy();
      reject(new KdcConnectionError(problem, cause));
    };
    exchange.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "EIO", error));
    exchange.once("response", (response) => {
      if (response.statusCode !== 200) return fail(`HTTP ${response.statusCode}`);
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > MAX_MESSAGE_BYTES) return fail("an answer over the limit");
        chunks.push(chunk);
      });
      response.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "EIO", error));
      response.once("end", () => {
        try {
          resolve(decodeKdcProxyMessage(new Uint8Array(Buffer.concat(chunks))));
          clearTimeout(timer);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          fail("not a KDC proxy's answer", error);
        }
      });
    });
    exchange.end(body);
  });
}
