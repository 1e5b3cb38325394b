import { concatBytes } from "@poterne/bytes";
import { encodeKey, encodeQemuKey } from "./client-messages.ts";

/** Keys that may be down at one time; more are sent but not remembered. */
const MAX_KEYS_DOWN = 256;

/** Lock bits with the key that toggles each. */
const LOCK_KEYS = [
  { bit: 1, keysym: 0xff14, scancode: 0x46 },
  { bit: 2, keysym: 0xff7f, scancode: 0x45 },
  { bit: 4, keysym: 0xffe5, scancode: 0x3a },
] as const;

/** The keys of one connection: which are down, and how the server wants them told. */
export class Keyboard {
  /** The server takes scan codes (QEMU Extended Key Event). */
  hasQemuKeys = false;
  /** The server's lamps, null until it told them. */
  serverLocks: number | null = null;
  readonly #down = new Map<string, { readonly keysym: number; readonly scancode: number }>();

  /** One key going down or up; null when the server can be told neither its symbol nor its place. */
  key(isDown: boolean, keysym: number, scancode: number): Uint8Array | null {
    const id = scancode === 0 ? `s${keysym}` : `p${scancode}`;
    // A key is let go under the symbol it went down with: modifiers may have changed in between.
    const known = isDown ? undefined : this.#down.get(id);
    const symbol = known?.keysym ?? keysym;
    if (!isDown) this.#down.delete(id);
    else if (this.#down.size < MAX_KEYS_DOWN) this.#down.set(id, { keysym, scancode });
    return this.#encode(isDown, symbol, scancode);
  }

  /** Lets go of everything that is down. */
  releaseAll(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const { keysym, scancode } of this.#down.values()) {
      const bytes = this.#encode(false, keysym, scancode);
      if (bytes !== null) parts.push(bytes);
    }
    this.#down.clear();
    return concatBytes(parts);
  }

  /** Presses the lock keys whose lamps differ from the viewer's. */
  setLocks(locks: number): Uint8Array {
    if (this.serverLocks === null) return new Uint8Array(0);
    const differing = this.serverLocks ^ locks;
    const parts: Uint8Array[] = [];
    for (const { bit, keysym, scancode } of LOCK_KEYS) {
      if ((differing & bit) === 0) continue;
      for (const isDown of [true, false]) {
        const bytes = this.#encode(isDown, keysym, scancode);
        if (bytes !== null) parts.push(bytes);
      }
    }
    return concatBytes(parts);
  }

  #encode(isDown: boolean, keysym: number, scancode: number): Uint8Array | null {
    if (this.hasQemuKeys && scancode !== 0) return encodeQemuKey(isDown, keysym, scancode);
    return keysym === 0 ? null : encodeKey(isDown, keysym);
  }
}
