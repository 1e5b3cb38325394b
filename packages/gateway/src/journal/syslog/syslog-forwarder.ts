import { setTimeout as sleep } from "node:timers/promises";
import { sequenceOf } from "../journal-line.ts";
import type { JournalPlace, ReadLines } from "../journal-reader.ts";
import { type CollectorAddress, CollectorLink } from "./collector-link.ts";
import { formatSyslogMessage, frameSyslogMessage, type SyslogSender } from "./syslog-message.ts";
import { SyslogPlace } from "./syslog-place.ts";
import type { SyslogState } from "./syslog-state.ts";

/** Lines are confirmed after so long or so many: at most these are sent twice after a cut. */
const CONFIRM_AFTER_MS = 15_000;
const CONFIRM_AFTER_LINES = 5_000;

/** How often the journal is looked at. */
const POLL_MS = 500;

/** After a failure it is tried again after so long, doubled each time. */
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 30_000;

/** What forwarding needs. */
export interface SyslogOptions {
  readonly collector: CollectorAddress;
  readonly sender: SyslogSender;
  /** Folder for the place reached. */
  readonly spoolDirectory: string;
  /** Reads the journal's file: `keeper.readJournal`. */
  readonly read: (after: JournalPlace) => Promise<ReadLines>;
  /** Told when forwarding fails, and with null when it works again. */
  readonly onTrouble: (error: unknown) => void;
  /** `CONFIRM_AFTER_MS` by default. */
  readonly confirmAfterMs?: number;
}

/**
 * Sends every line of the journal to a syslog collector over TLS (RFC 5424, RFC 5425), at least once and in order. A
 * line counts as delivered when the collector has closed a connection in order after it; after a cut everything since
 * the last confirmed line is sent again, with the same entry ids.
 */
export class SyslogForwarder {
  readonly #options: SyslogOptions;
  readonly #place: SyslogPlace;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #link: CollectorLink | null = null;
  #sent: JournalPlace;
  #unconfirmedCount = 0;
  #unconfirmedSinceMs = 0;
  #lastError: string | null = null;

  private constructor(options: SyslogOptions, place: SyslogPlace) {
    this.#options = options;
    this.#place = place;
    this.#sent = place.current;
    this.#running = this.#run();
  }

  /** Starts forwarding from the last confirmed line on; the collector need not be there. */
  static async start(options: SyslogOptions): Promise<SyslogForwarder> {
    return new SyslogForwarder(options, await SyslogPlace.open(options.spoolDirectory));
  }

  /** How it stands. */
  get state(): SyslogState {
    const { host, port } = this.#options.collector;
    return {
      address: `${host}:${port}`,
      isConnected: this.#link !== null && !this.#link.isBroken,
      confirmedSequence: this.#place.current.sequence,
      lastError: this.#lastError,
    };
  }

  /** Confirms what was sent if that is quick, then stops; the rest is sent after the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#link !== null) await this.#confirm(this.#link).catch(() => null);
    this.#link?.destroy();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stop.signal.aborted) {
      try {
        const isEnd = await this.#forwardSome();
        if (this.#link !== null || this.#lastError === null) retryMs = FIRST_RETRY_MS;
        if (isEnd) await this.#wait(POLL_MS);
      } catch (error) {
        this.#fail(error);
        await this.#wait(retryMs);
        retryMs = Math.min(MOST_RETRY_MS, retryMs * 2);
      }
    }
  }

  async #forwardSome(): Promise<boolean> {
    if (this.#link?.isBroken) throw new Error("the collector closed the connection");
    if (this.#isConfirmationDue() && this.#link !== null) await this.#confirm(this.#link);
    const { lines } = await this.#options.read(this.#sent);
    if (lines.length === 0) return true;
    this.#link ??= await CollectorLink.open(this.#options.collector);
    if (this.#unconfirmedCount === 0) this.#unconfirmedSinceMs = performance.now();
    const frames = lines.map((line) => frameSyslogMessage(formatSyslogMessage(this.#options.sender, line)));
    await this.#link.write(Buffer.concat(frames));
    const last = lines.at(-1);
    if (last !== undefined) this.#sent = { epoch: last.epoch, sequence: sequenceOf(last.text) ?? 0 };
    this.#unconfirmedCount += lines.length;
    if (this.#lastError !== null) this.#options.onTrouble(null);
    this.#lastError = null;
    return false;
  }

  #isConfirmationDue(): boolean {
    if (this.#unconfirmedCount === 0) return false;
    const elapsedMs = performance.now() - this.#unconfirmedSinceMs;
    const afterMs = this.#options.confirmAfterMs ?? CONFIRM_AFTER_MS;
    return this.#unconfirmedCount >= CONFIRM_AFTER_LINES || elapsedMs >= afterMs;
  }

  async #confirm(link: CollectorLink): Promise<void> {
    if (this.#unconfirmedCount === 0) return;
    await link.finish();
    this.#link = null;
    this.#unconfirmedCount = 0;
    await this.#place.move(this.#sent);
  }

  /** Nothing is known of what was sent since the last confirmation: it is sent again. */
  #fail(error: unknown): void {
    this.#link?.destroy();
    this.#link = null;
    this.#sent = this.#place.current;
    this.#unconfirmedCount = 0;
    const text = error instanceof Error ? error.message : String(error);
    if (this.#lastError === null) this.#options.onTrouble(error);
    this.#lastError = text.slice(0, 300);
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, null, { signal: this.#stop.signal, ref: false }).catch(() => null);
  }
}
