import { type EncodedEvent, InputEventKind, kindOf, movedInto } from "./fast-path-input.ts";

/** Events held at most: some 500 keys typed. */
const MAX_HELD_EVENTS = 1024;
/** After so long nobody means any more what was pressed. */
const MAX_HELD_MS = 10_000;

/**
 * Input while a server has taken the desktop away to bring it back in another size or with other capabilities
 * ([MS-RDPBCGR] 1.3.1.3): servers drop what comes in between, so it waits here, in order.
 *
 * Beyond `MAX_HELD_EVENTS` further presses, characters and moves are dropped; where the first press waited longer than
 * `MAX_HELD_MS` all of them are, rather than half a word. Lettings go and lock keys never are: beyond the limit the last
 * of each is kept, so that nothing stays down on the server.
 */
export class HeldInput {
  #events: { readonly event: EncodedEvent; readonly atMs: number }[] = [];
  /** Lettings go that found no room, by what they let go: bounded by the keys there are. */
  readonly #late = new Map<string, EncodedEvent>();

  /** Holds an event that came at this time. */
  hold(event: EncodedEvent, nowMs: number): void {
    const kind = kindOf(event);
    const last = this.#events.at(-1);
    const isMoveOn = kind === InputEventKind.move && last !== undefined && kindOf(last.event) === kind;
    if (isMoveOn) this.#events[this.#events.length - 1] = { event, atMs: nowMs };
    else if (this.#events.length < MAX_HELD_EVENTS) this.#events.push({ event, atMs: nowMs });
    else if (kind === InputEventKind.release || kind === InputEventKind.locks) {
      const name = nameOf(event);
      this.#late.delete(name);
      this.#late.set(name, event);
    }
  }

  /** What is to be sent now, to a desktop of this size. */
  take(nowMs: number, size: { readonly width: number; readonly height: number }): EncodedEvent[] {
    const isPress = ({ event }: { readonly event: EncodedEvent }) => kindOf(event) === InputEventKind.press;
    const first = this.#events.find(isPress);
    const isStale = first !== undefined && nowMs - first.atMs > MAX_HELD_MS;
    const held = isStale ? this.#events.filter((one) => !isPress(one)) : this.#events;
    const events = [...held.map(({ event }) => event), ...this.#late.values()].map((event) =>
      movedInto(event, size),
    );
    this.#events = [];
    this.#late.clear();
    return events;
  }
}

/** The same for events that let the same thing go: without the place of a button's. */
function nameOf(event: EncodedEvent): string {
  return kindOf(event) === InputEventKind.locks ? "locks" : event.subarray(0, 3).join();
}
