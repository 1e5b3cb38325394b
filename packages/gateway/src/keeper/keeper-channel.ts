import type { Duplex } from "node:stream";
import { Failure, findError } from "@poterne/contract";
import { encodeMessage, MessageReader } from "./framing.ts";
import type { KeeperMethod, KeeperNotice } from "./messages.ts";

/** Questions waiting for an answer; more are refused. */
const MAX_WAITING = 20_000;

/** How long an answer may take; a passphrase's key derivation is the longest work. */
const ANSWER_TIMEOUT_MS = 20_000;

interface Waiting {
  readonly method: KeeperMethod;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly sinceMs: number;
}

/** The gateway's end of one channel to a keeper: numbers questions, matches answers, gives up after a while. */
export class KeeperChannel {
  readonly #stream: Duplex;
  readonly #reader = new MessageReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #onNotice: (notice: KeeperNotice) => void;
  readonly #onEnd: () => void;
  readonly #timer: NodeJS.Timeout;
  #lastId = 0;
  #isEnded = false;

  constructor(stream: Duplex, on: { notice: (notice: KeeperNotice) => void; end: () => void }) {
    this.#stream = stream;
    this.#onNotice = on.notice;
    this.#onEnd = on.end;
    stream.on("data", (bytes: Buffer) => this.#receive(bytes));
    stream.on("error", () => this.end());
    stream.on("close", () => this.end());
    stream.on("end", () => this.end());
    this.#timer = setInterval(() => this.#giveUp(), 1_000);
    this.#timer.unref();
  }

  /** Asks; rejects with the keeper's Failure, or the one that says that it is gone. */
  ask(method: KeeperMethod, params: unknown): Promise<unknown> {
    if (this.#isEnded || this.#waiting.size >= MAX_WAITING) return Promise.reject(gone(method));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      let frame: Uint8Array;
      try {
        frame = encodeMessage({ id, method, params });
      } catch (cause) {
        reject(new Failure("bad-request", { detail: "too long for the keeper" }, cause));
        return;
      }
      this.#waiting.set(id, { method, resolve, reject, sinceMs: performance.now() });
      this.#stream.write(frame);
    });
  }

  /** Ends the channel; every question under way fails. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#stream.destroy();
    for (const { method, reject } of this.#waiting.values()) reject(gone(method));
    this.#waiting.clear();
    this.#onEnd();
  }

  #receive(bytes: Buffer): void {
    try {
      for (const message of this.#reader.receive(bytes)) this.#take(message as Record<string, unknown>);
    } catch {
      this.end();
    }
  }

  #take(message: Record<string, unknown>): void {
    if (typeof message.notice === "string") {
      this.#onNotice(message as KeeperNotice);
      return;
    }
    const id = Number(message.id);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (typeof message.code === "string") waiting.reject(toFailure(message));
    else waiting.resolve(message.value);
  }

  /** A keeper that does not answer in time is as good as dead: the channel ends, and a new keeper is started. */
  #giveUp(): void {
    const [oldest] = this.#waiting.values();
    if (oldest !== undefined && performance.now() - oldest.sinceMs > ANSWER_TIMEOUT_MS) this.end();
  }
}

/** The failure of a question that cannot be asked or answered. */
export function gone(method: KeeperMethod): Failure {
  return new Failure(/Journal|journal/.test(method) ? "journal-unavailable" : "keeper-unavailable");
}

function toFailure(message: Record<string, unknown>): Failure {
  const code = String(message.code);
  const isKnown = code === "internal" || findError(code) !== findError("internal");
  const details = message.details as Readonly<Record<string, string | number>>;
  return new Failure(isKnown ? (code as Failure["code"]) : "keeper-unavailable", details);
}
