import { createHash } from "node:crypto";
import { Failure } from "@poterne/contract";
import type { FileEvent } from "@poterne/wire";
import type { LiveSession } from "../live-session.ts";

/** Transfers of one session at a time. */
export const MAX_TRANSFERS = 6;

const running = new WeakMap<LiveSession, number>();

/** What is moved: which way, which file, from which byte on. */
export interface TransferOptions {
  readonly session: LiveSession;
  readonly direction: FileEvent["direction"];
  readonly path: string;
  readonly offset: number;
}

/**
 * One transfer with its evidence: counts and hashes what passes, stops when the session does, and tells the session
 * exactly once how it ended. `begin` throws the Failure `too-many-transfers`.
 */
export class Transfer {
  readonly #options: TransferOptions;
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;
  #isOver = false;

  private constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** Throws `too-many-transfers` as `begin` would. */
  static assertRoom(session: LiveSession): void {
    if ((running.get(session) ?? 0) >= MAX_TRANSFERS) throw new Failure("too-many-transfers");
  }

  static begin(options: TransferOptions): Transfer {
    Transfer.assertRoom(options.session);
    running.set(options.session, (running.get(options.session) ?? 0) + 1);
    return new Transfer(options);
  }

  /** Bytes that have passed. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes note of bytes on their way; throws the Failure `session-not-active` when the session has stopped. */
  pass(bytes: Uint8Array): void {
    if (!this.#options.session.isActive) throw new Failure("session-not-active");
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Records and journals the end; returns the hash of what passed. Only the first call counts. */
  async end(outcome: FileEvent["outcome"]): Promise<string> {
    if (this.#isOver) return "";
    this.#isOver = true;
    const { session, direction, path, offset } = this.#options;
    running.set(session, (running.get(session) ?? 1) - 1);
    const sha256 = this.#hash.digest("hex");
    const event: FileEvent = { direction, path, sizeBytes: this.#sizeBytes, sha256, outcome };
    await session.fileTransferred(offset === 0 ? event : { ...event, offset });
    return sha256;
  }
}

/**
 * Passes content through a transfer that begins with the first byte asked for (a reader that never comes leaves
 * nothing behind) and ends done, failed, or cancelled when the reader goes away.
 */
export async function* download(
  options: TransferOptions,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const transfer = Transfer.begin(options);
  let outcome: FileEvent["outcome"] = "cancelled";
  try {
    for await (const bytes of content) {
      transfer.pass(bytes);
      yield bytes;
    }
    outcome = "done";
  } catch (error) {
    outcome = "failed";
    throw error;
  } finally {
    await transfer.end(outcome);
  }
}
