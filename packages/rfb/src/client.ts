import { concatBytes, DecodeError, decodeUtf8 } from "@poterne/bytes";
import {
  ANSWERED_FENCE_FLAGS,
  encodeContinuousUpdates,
  encodeFence,
  encodePointer,
  encodeSetDesktopSize,
  encodeSetEncodings,
  encodeSetPixelFormat,
  encodeUpdateRequest,
  type PictureQuality,
  type RfbScreen,
} from "./client-messages.ts";
import { type ClipboardResult, RfbClipboard } from "./clipboard.ts";
import type { RfbCommand } from "./commands.ts";
import { cleanText, Handshake, type HandshakeOptions } from "./handshake.ts";
import { Keyboard } from "./keyboard.ts";
import { DEFAULT_ENCODINGS, FenceFlag } from "./protocol.ts";
import { Screen } from "./screen.ts";
import type { SessionEvents } from "./session-events.ts";
import { SessionStream } from "./session-stream.ts";
import { PART_COUNT } from "./update-parts.ts";
import type { InflateTail } from "./zlib-history.ts";

/** What a connection needs besides bytes; everything of the outside world enters here. */
export interface RfbClientOptions extends HandshakeOptions {
  readonly quality: PictureQuality;
  /** Rectangle encodings to offer, best first. */
  readonly encodings?: readonly number[];
  /** The longest clipboard text taken from the server. */
  readonly maxClipboardBytes: number;
  /** Whether the server's clipboard is wanted at all. */
  readonly wantsClipboard: boolean;
  /** Buffers for frames; they may hold anything. */
  readonly allocate?: (sizeBytes: number) => Uint8Array;
  /** The host's zlib for catching up with streams. */
  readonly inflateTail?: InflateTail;
}

/**
 * An RFB client (RFC 6143, VeNCrypt, the community's extensions) without sockets, clock or pixels: bytes of the server
 * go into `receive`, what is to be done comes out, in order.
 */
export class RfbClient {
  readonly #options: RfbClientOptions;
  readonly #handshake: Handshake;
  #commands: RfbCommand[] = [];
  readonly #screen: Screen;
  readonly #stream: SessionStream;
  readonly #clipboard: RfbClipboard;
  readonly #keyboard = new Keyboard();
  #quality: PictureQuality;
  #layout: RfbScreen | null = null;
  #hasContinuousUpdates = false;
  #isContinuous = false;
  #hasFences = false;
  #hasFailed = false;
  #pointer = { x: 0, y: 0, buttons: 0 };

  constructor(options: RfbClientOptions) {
    this.#options = options;
    this.#quality = options.quality;
    this.#handshake = new Handshake(options);
    this.#clipboard = new RfbClipboard(options.maxClipboardBytes, options.wantsClipboard);
    this.#screen = new Screen(this.#commands, options);
    this.#stream = new SessionStream(this.#screen, this.#makeEvents());
  }

  /** The desktop's size in pixels. */
  get size(): { readonly width: number; readonly height: number } {
    return this.#screen.area;
  }

  /** Whether the server knows fences. */
  get hasFences(): boolean {
    return this.#hasFences;
  }

  /** Bytes of zlib history held for entry points. */
  get historyBytes(): number {
    return this.#screen.history.heldBytes;
  }

  /**
   * Takes bytes of the server, decrypted, at a monotonic time. What the protocol does not allow is a `fail` command;
   * nothing comes after it.
   */
  receive(bytes: Uint8Array, nowMs: number): RfbCommand[] {
    if (this.#hasFailed) return [];
    if (!this.#handshake.isDone) {
      this.#commands.push(...this.#handshake.receive(bytes));
      return this.#finishHandshake(nowMs);
    }
    return this.#run(() => this.#stream.receive(bytes, nowMs));
  }

  /** TLS was started as asked. */
  tlsStarted(): RfbCommand[] {
    this.#commands.push(...this.#handshake.tlsStarted());
    return this.#finishHandshake(0);
  }

  /** Answers `credentials`. */
  authenticate(username: string, password: string): RfbCommand[] {
    this.#commands.push(...this.#handshake.authenticate(username, password));
    return this.#finishHandshake(0);
  }

  #finishHandshake(nowMs: number): RfbCommand[] {
    const open = this.#commands.find((command) => command.type === "open");
    if (open === undefined) {
      this.#hasFailed = this.#commands.some((command) => command.type === "fail");
      return this.#commands.splice(0);
    }
    return this.#run(() => {
      this.#send(encodeSetPixelFormat());
      this.#send(this.#encodeEncodings());
      this.#screen.resize(open.width, open.height);
      const rest = this.#handshake.takeRest();
      if (rest.length > 0) this.#stream.receive(rest, nowMs);
    });
  }

  /** Runs what may meet bad input; returns the commands it left. */
  #run(work: () => void): RfbCommand[] {
    try {
      work();
    } catch (error) {
      this.#hasFailed = true;
      if (!(error instanceof DecodeError)) throw error;
      this.#commands.push({ type: "fail", code: "protocol-error", detail: error.message });
    }
    return this.#commands.splice(0);
  }

  #send(bytes: Uint8Array): void {
    this.#commands.push({ type: "send", bytes });
  }

  #encodeEncodings(): Uint8Array {
    return encodeSetEncodings(this.#options.encodings ?? DEFAULT_ENCODINGS, this.#quality);
  }

  /**
   * Whether a part of an update is held until it is whole, or 72 kB with what the next read brings: one frame instead of
   * several. A host that sets it calls `releaseHeld` when nothing more comes at once.
   */
  set holdsUpdates(holds: boolean) {
    this.#stream.holdsUpdates = holds;
  }

  get holdsUpdates(): boolean {
    return this.#stream.holdsUpdates;
  }

  /** Whether a part of an update is held. */
  get isHolding(): boolean {
    return this.#stream.isHolding;
  }

  /** Hands over what is held of an update that is not whole. */
  releaseHeld(): RfbCommand[] {
    return this.#run(() => this.#stream.release());
  }

  /** Asks for an entry point; it begins at once when no update is under way. */
  requestEntryPoint(nowMs: number): RfbCommand[] {
    this.#screen.wantEntry();
    return this.tick(nowMs);
  }

  /** Time passed: an entry point that waits for the server may ask again. */
  tick(nowMs: number): RfbCommand[] {
    const mayAct = this.#handshake.isDone && !this.#hasFailed && this.#stream.isBetweenUpdates;
    return mayAct ? this.#run(() => this.#screen.betweenUpdates(nowMs)) : [];
  }

  /** Asks for what changes next (incremental) or for everything. */
  encodeUpdateRequest(isIncremental: boolean): Uint8Array {
    return encodeUpdateRequest(isIncremental, this.#screen.area);
  }

  /** Asks for what changes next in bands of the screen, as the pacer numbers them; one update answers all. */
  encodePartRequests(parts: readonly number[]): Uint8Array {
    const { width, height } = this.#screen;
    const requests = parts.map((part) => {
      const top = Math.floor((height * part) / PART_COUNT);
      const bottom = Math.floor((height * (part + 1)) / PART_COUNT);
      return encodeUpdateRequest(true, { x: 0, y: top, width, height: bottom - top });
    });
    return concatBytes(requests);
  }

  /** Turns continuous updates of the whole screen on or off; only after the `continuousUpdates` command. */
  encodeContinuousUpdates(isEnabled: boolean): Uint8Array {
    this.#isContinuous = isEnabled;
    return encodeContinuousUpdates(isEnabled, this.#screen.width, this.#screen.height);
  }

  /** Another quality or effort from the next update on. */
  changeQuality(quality: PictureQuality): Uint8Array {
    this.#quality = quality;
    return this.#encodeEncodings();
  }

  /** A fence the server answers once everything before it is done; null where it knows none. */
  encodeFence(payload: Uint8Array): Uint8Array | null {
    if (!this.#hasFences) return null;
    return encodeFence(FenceFlag.request | FenceFlag.blockBefore, payload);
  }

  /** A key; what the server cannot take gives no bytes. */
  key(isDown: boolean, keysym: number, scancode: number): Uint8Array | null {
    return this.#keyboard.key(isDown, keysym, scancode);
  }

  /** The pointer at a place, with the buttons 1 to 8 that are down. */
  pointer(x: number, y: number, buttons: number): Uint8Array {
    const place = { x: Math.min(x, this.#screen.width - 1), y: Math.min(y, this.#screen.height - 1) };
    this.#pointer = { ...place, buttons };
    return encodePointer(place.x, place.y, buttons);
  }

  /** Lets go of all keys and buttons that are down. */
  release(): Uint8Array {
    const keys = this.#keyboard.releaseAll();
    const { x, y, buttons } = this.#pointer;
    return buttons === 0 ? keys : concatBytes([keys, this.pointer(x, y, 0)]);
  }

  /** Makes the server's locks what the viewer's are; nothing when the server never told its own. */
  setLocks(locks: number): Uint8Array {
    return this.#keyboard.setLocks(locks);
  }

  /** Text for the server's clipboard. */
  clipboard(text: Uint8Array): Uint8Array {
    return this.#clipboard.offer(decodeUtf8(text));
  }

  /** Asks the server for another size of its desktop; null where it cannot. */
  resize(width: number, height: number): Uint8Array | null {
    if (this.#layout === null || width < 1 || height < 1) return null;
    if (width === this.#screen.width && height === this.#screen.height) return null;
    return encodeSetDesktopSize(width, height, this.#layout);
  }

  #makeEvents(): SessionEvents {
    return {
      bell: () => void this.#commands.push({ type: "bell" }),
      title: (bytes) => void this.#commands.push({ type: "title", title: cleanText(decodeUtf8(bytes)) }),
      locks: (locks) => {
        this.#keyboard.serverLocks = locks;
        this.#commands.push({ type: "locks", locks });
      },
      mayTakeClipboard: (sizeBytes) => this.#mayTakeClipboard(sizeBytes),
      clipboard: (bytes, isExtended) =>
        this.#takeClipboard(
          isExtended ? this.#clipboard.receiveExtended(bytes) : this.#clipboard.receiveLatin1(bytes),
        ),
      fence: (flags, payload) => this.#takeFence(flags, payload),
      continuousUpdatesEnded: () => {
        if (!this.#hasContinuousUpdates) this.#commands.push({ type: "continuousUpdates" });
        this.#hasContinuousUpdates = true;
      },
      qemuKeysSupported: () => {
        this.#keyboard.hasQemuKeys = true;
      },
      resize: (width, height) => this.#takeSize(width, height),
      resizeRefused: () => {},
      layout: (screen) => {
        this.#layout = screen;
      },
      updateEnded: (sizeBytes, partBytes) =>
        void this.#commands.push({ type: "update", sizeBytes, partBytes }),
    };
  }

  #takeSize(width: number, height: number): void {
    if (!this.#screen.resize(width, height)) return;
    this.#commands.push({ type: "resized", width, height });
    // Servers differ in whether they redraw by themselves after a change of size.
    this.#send(this.encodeUpdateRequest(false));
    // They are of a rectangle: what a larger desktop uncovers would never come.
    if (this.#isContinuous) this.#send(this.encodeContinuousUpdates(true));
  }

  #mayTakeClipboard(sizeBytes: number): boolean {
    if (sizeBytes <= this.#options.maxClipboardBytes + 1024) return true;
    this.#commands.push({ type: "clipboardTooLarge", sizeBytes });
    return false;
  }

  #takeClipboard(result: ClipboardResult): void {
    if (result.send !== undefined) this.#send(result.send);
    if (result.text !== undefined) this.#commands.push({ type: "clipboard", text: result.text });
    if (result.tooLargeBytes !== undefined)
      this.#commands.push({ type: "clipboardTooLarge", sizeBytes: result.tooLargeBytes });
  }

  #takeFence(flags: number, payload: Uint8Array): void {
    this.#hasFences = true;
    if ((flags & FenceFlag.request) !== 0) this.#send(encodeFence(flags & ANSWERED_FENCE_FLAGS, payload));
    else this.#commands.push({ type: "fence", payload });
  }
}
