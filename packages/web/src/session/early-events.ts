/**
 * How many events are kept for somebody who is about to listen; more is a page that never came, and the oldest goes. One
 * may be a clipboard as large as the wire carries, and a hostile target sends many.
 */
const MAX_KEPT = 8;

/** What happens before somebody listens, kept in its order. */
export class EarlyEvents<Listener> {
  #listener: Listener | null = null;
  #kept: ((listener: Listener) => void)[] = [];

  /** Tells the listener, or keeps it for the one to come. */
  tell(event: (listener: Listener) => void): void {
    if (this.#listener !== null) return event(this.#listener);
    this.#kept.push(event);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }

  /** Tells the listener what is of no use later. */
  tellNow(event: (listener: Listener) => void): void {
    if (this.#listener !== null) event(this.#listener);
  }

  /** Listens from now on, and hears what was kept. */
  listen(listener: Listener): void {
    this.#listener = listener;
    const kept = this.#kept;
    this.#kept = [];
    for (const event of kept) event(listener);
  }
}
