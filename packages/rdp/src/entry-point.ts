/** How long the server has to bring a full picture before it is asked again. */
const ENTRY_PATIENCE_MS = 2000;
/** How often a full picture is asked for before the entry point is given up: an IDR comes at the twelfth frame or so. */
const MAX_ENTRY_REQUESTS = 40;

/** What an entry point does to the outside. */
export interface EntryPointHost {
  /** Asks the server for a full picture; `attempt` counts from 0 for each entry point. */
  request(attempt: number): void;
  /** Writes what a viewer with empty state needs before the pictures, and hands it over as `entryStart`. */
  writeStart(): void;
  /** Hands over what is written as `entryEnd`. */
  writeEnd(): void;
}

/**
 * One entry point at a time: asked for, begun where the server's stream lets a viewer start, ended when the whole
 * screen was drawn from things that began after it.
 */
export class EntryPoint {
  readonly #host: EntryPointHost;
  #state: "none" | "asked" | "open" = "none";
  #requests = 0;
  #requestedAtMs = 0;
  /** Something older than the entry point was used since it began. */
  #isTainted = false;

  constructor(host: EntryPointHost) {
    this.#host = host;
  }

  get isAsked(): boolean {
    return this.#state === "asked";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Asks for one; one that has not begun yet serves this wish too. */
  want(nowMs: number): void {
    if (this.#state === "asked") return;
    this.#state = "asked";
    this.#requests = 0;
    this.#request(nowMs);
  }

  /** As `want`, but the server is asked only if nothing comes of itself: a frame under way brings it. */
  await(nowMs: number): void {
    if (this.#state === "asked") return;
    this.#state = "asked";
    this.#requests = 0;
    this.#requestedAtMs = nowMs;
  }

  #request(nowMs: number): void {
    this.#host.request(this.#requests);
    this.#requests++;
    this.#requestedAtMs = nowMs;
  }

  /** The stream is where a viewer can start. */
  begin(): void {
    this.#state = "open";
    this.#isTainted = false;
    this.#host.writeStart();
  }

  /** A draw used what began before the entry point: it is of no use. */
  taint(): void {
    this.#isTainted = true;
  }

  /** A frame of the server is whole. */
  frameEnded(isCovered: boolean, nowMs: number): void {
    if (this.#state === "open" && this.#isTainted) {
      this.#state = "asked";
      this.#requests++;
    }
    if (this.#state === "open" && isCovered) {
      this.#state = "none";
      this.#host.writeEnd();
    } else if (this.#state === "asked" && this.#requests > 0) this.askAgain(nowMs);
  }

  /** Still nothing to start from: the server is asked again, until it was asked too often. */
  askAgain(nowMs: number): void {
    if (this.#requests >= MAX_ENTRY_REQUESTS) this.#state = "none";
    else this.#request(nowMs);
  }

  /** Time passed. */
  tick(nowMs: number): void {
    if (this.#state !== "none" && nowMs - this.#requestedAtMs >= ENTRY_PATIENCE_MS) this.askAgain(nowMs);
  }
}
