import { Failure } from "@poterne/contract";

/** Openings under way: a gateway that stops begins none, and waits for those it has begun. */
export class Openings {
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  /** Runs an opening. Throws the Failure `gateway-stopping` once closed. */
  async run<Opened>(open: () => Promise<Opened>): Promise<Opened> {
    this.requireOpen();
    const opening = open();
    this.#underWay.add(opening);
    try {
      return await opening;
    } finally {
      this.#underWay.delete(opening);
    }
  }

  /** Throws the Failure `gateway-stopping` once closed: asked again before an opening does what must be undone. */
  requireOpen(): void {
    if (this.#isClosed) throw new Failure("gateway-stopping");
  }

  /** Lets none begin from now on, and waits until those under way have opened or failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#underWay]);
  }
}
