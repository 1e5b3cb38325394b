import { Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import { sourceNetwork } from "./source-network.ts";

/** Questions one source network may ask in a window. */
const MAX_PER_WINDOW = 60;
const WINDOW_MS = 60_000;
/** Networks remembered; the one idle longest goes first. */
const MAX_NETWORKS = 5000;

interface Window {
  count: number;
  readonly endsAtMs: number;
}

/** Keeps one source from filling the store with questions nobody answers. In this node's memory only: it guards a bound, not a secret. */
export class QuestionLimit {
  readonly #environment: Environment;
  readonly #windows = new Map<string, Window>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Counts one question. Throws `too-many-requests` with the seconds to wait. */
  take(sourceAddress: string): void {
    const network = sourceNetwork(sourceAddress);
    const now = this.#environment.monotonicMs();
    const known = this.#windows.get(network);
    const window =
      known !== undefined && known.endsAtMs > now ? known : { count: 0, endsAtMs: now + WINDOW_MS };
    if (window.count >= MAX_PER_WINDOW)
      throw new Failure("too-many-requests", { seconds: Math.ceil((window.endsAtMs - now) / 1000) });
    window.count++;
    // Deleted first, so that the map stays in the order of use.
    this.#windows.delete(network);
    this.#windows.set(network, window);
    if (this.#windows.size <= MAX_NETWORKS) return;
    const oldest = this.#windows.keys().next().value;
    if (oldest !== undefined) this.#windows.delete(oldest);
  }
}
