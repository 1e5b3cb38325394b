import { performance } from "node:perf_hooks";
import { Failure, type Policy, policyRules } from "@poterne/contract";
import { Channel, type FileEvent, FrameFlag, type Marker, type Question, type StepName } from "@poterne/wire";
import type { DriverFactory, DriverHost, DriverRequest, SessionDriver, TargetIdentity } from "../driver.ts";

/** A frame as the driver emitted it. */
export interface HarnessFrame {
  readonly channel: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** What a test decides for its host; everything has a default. */
export interface HarnessOptions {
  readonly policy?: Partial<Policy>;
  readonly viewerSize?: DriverHost["viewerSize"];
  /** Answers questions; default: nobody is there. */
  readonly answer?: (question: Omit<Question, "questionId">) => readonly string[] | null;
  /** Consumes frames instead of keeping them, for benchmarks. */
  readonly onFrame?: (frame: HarnessFrame) => void;
}

/**
 * A driver with the simplest host there can be, for tests and benchmarks: it keeps what the driver says, consumes
 * frames at once, and answers questions by a function.
 */
export class DriverHarness implements DriverHost {
  readonly frames: HarnessFrame[] = [];
  readonly markers: Marker[] = [];
  readonly steps: { readonly name: StepName; readonly state: string }[] = [];
  readonly warnings: {
    readonly code: string;
    readonly details: Readonly<Record<string, string | number>>;
  }[] = [];
  readonly questions: Omit<Question, "questionId">[] = [];
  readonly pinned: TargetIdentity[] = [];
  readonly fileEvents: FileEvent[] = [];
  readonly viewerSize: DriverHost["viewerSize"];
  readonly decodesH264 = false;
  readonly decodesOpus = false;
  readonly driver: SessionDriver;
  end: { readonly code: string; readonly details: Readonly<Record<string, string | number>> } | null = null;
  /** All bytes of text frames so far, entry points left out. */
  textBytes = 0;
  readonly #options: HarnessOptions;
  readonly #startMs = performance.now();
  readonly #waiters = new Set<() => void>();
  #text = "";
  readonly #decoder = new TextDecoder();

  constructor(
    make: DriverFactory,
    request: Omit<DriverRequest, "policy" | "sessionId">,
    options: HarnessOptions = {},
  ) {
    this.#options = options;
    this.viewerSize = options.viewerSize ?? { columns: 80, rows: 24, widthPx: 1280, heightPx: 800 };
    const policy = policyRules.parse(options.policy ?? {});
    this.driver = make({ sessionId: "00000000-0000-7000-8000-000000000000", policy, ...request }, this);
  }

  emit(channel: number, flags: number, payload: Uint8Array): void {
    // The driver may give its payload's memory back as soon as this returns.
    const frame = { channel, flags, payload: payload.slice() };
    if (this.#options.onFrame === undefined) this.frames.push(frame);
    else this.#options.onFrame(frame);
    if (channel === Channel.text && (flags & FrameFlag.entryEnd) === 0) {
      this.textBytes += payload.length;
      if (this.#options.onFrame === undefined) this.#text += this.#decoder.decode(payload, { stream: true });
    }
    this.#wake();
  }

  step(name: StepName, state: "running" | "done"): void {
    this.steps.push({ name, state });
  }

  marker(marker: Marker): void {
    this.markers.push(marker);
    this.#wake();
  }

  async fileTransferred(event: FileEvent): Promise<void> {
    this.fileEvents.push(event);
  }

  clipboard(): void {}

  locks(): void {}

  async ask(question: Omit<Question, "questionId">): Promise<readonly string[] | null> {
    this.questions.push(question);
    return this.#options.answer?.(question) ?? null;
  }

  screens(): void {}

  warn(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    this.warnings.push({ code, details });
  }

  ended(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    this.end ??= { code, details };
    this.#wake();
  }

  fail(error: unknown): void {
    if (error instanceof Failure) this.ended(error.code, error.details);
    else this.ended("internal", { reference: String(error) });
  }

  nowMs(): number {
    return performance.now() - this.#startMs;
  }

  wallMs(): number {
    return Date.now();
  }

  async pinIdentity(identity: TargetIdentity): Promise<void> {
    this.pinned.push(identity);
  }

  /** What the terminal has shown so far, as text. */
  get text(): string {
    return this.#text;
  }

  /** Types text. */
  type(text: string): void {
    this.driver.input({ type: "text", text: Buffer.from(text, "utf8") });
  }

  /** Resolves once `isThere` holds; rejects after `withinMs` with what the terminal showed last. */
  async until(isThere: () => boolean, withinMs = 10_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!isThere()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Error(`not within ${withinMs} ms; shown last: ${this.#text.slice(-400)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.min(leftMs, 250));
        const waiters = this.#waiters;
        function done(): void {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        }
        waiters.add(done);
      });
    }
  }

  /** Resolves once the terminal has shown this text. */
  shows(text: string | RegExp, withinMs?: number): Promise<void> {
    return this.until(
      () => (typeof text === "string" ? this.#text.includes(text) : text.test(this.#text)),
      withinMs,
    );
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
