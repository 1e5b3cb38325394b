import { Failure, type VncOptions, vncOptions } from "@poterne/contract";
import { Pacer, type RfbCommand } from "@poterne/rfb";
import { Channel, ClipboardKind, FrameFlag, type InputEvent, MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import type {
  DriverFactory,
  DriverHop,
  DriverHost,
  DriverRequest,
  FlowState,
  SessionDriver,
} from "../driver.ts";
import { giveScratch, takeScratch } from "./picture-scratch.ts";
import { everySecond, TICK_MS } from "./target-ticks.ts";
import { VncConnection } from "./vnc-connection.ts";
import { askVncCredentials } from "./vnc-credentials.ts";
import { encryptDes, inflateTail } from "./vnc-crypto.ts";

/** How often the round trip to the target is measured. */
const PING_INTERVAL_MS = 10_000;
/** A server that knows fences and does not answer one for so long is gone. */
export const SILENCE_TIMEOUT_MS = 60_000;
/** A desktop is resized at most this often. */
const RESIZE_INTERVAL_MS = 250;
/** More than this queued stops reading from the server, whatever the pace … */
const HOLD_OVER_BYTES = 8 * 1024 * 1024;
/** … until so little is left. */
const RESUME_BELOW_BYTES = 1024 * 1024;
const PING = new Uint8Array([0x70]);
const ENTRY_FLAG = { start: FrameFlag.entryStart, end: FrameFlag.entryEnd } as const;

/** VNC (RFC 6143 and extensions): a desktop whose pixels pass through as the server packed them. */
export class VncDriver implements SessionDriver {
  readonly kind = "desktop";
  readonly files = null;
  readonly #request: DriverRequest;
  readonly #host: DriverHost;
  readonly #hop: DriverHop;
  readonly #settings: VncOptions;
  readonly #abort = new AbortController();
  readonly #pacer: Pacer;
  readonly #connection: VncConnection;
  #stopTicks: (() => void) | null = null;
  #resizeTimer: NodeJS.Timeout | null = null;
  #wakeTimer: NodeJS.Timeout | null = null;
  #roundTripMs: number | null = null;
  #pingSentAtMs: number | null = null;
  #pingDueAtMs = 0;
  #isEntryAsked = false;
  #isHeld = false;
  #isClosed = false;

  constructor(request: DriverRequest, host: DriverHost) {
    this.#request = request;
    this.#host = host;
    this.#hop = request.hops.at(-1) ?? request.hops[0];
    this.#settings = vncOptions.parse(this.#hop.options);
    const { policy } = request;
    this.#pacer = new Pacer({ quality: this.#settings.quality, isRecorded: policy.recording !== "off" });
    this.#connection = new VncConnection({
      hop: this.#hop,
      tls: { hop: this.#hop, policy, host, signal: this.#abort.signal },
      client: this.#clientOptions(),
      credentials: (needsUsername) => askVncCredentials(this.#hop, host, needsUsername),
      nowMs: () => host.nowMs(),
      onCommands: (commands) => this.#handle(commands),
      onEnd: (failure) => this.#end(failure),
    });
  }

  #clientOptions() {
    const { policy } = this.#request;
    const { credentials } = this.#hop;
    const username = credentials.kind === "ssh-key" ? null : credentials.username;
    const isOwn = credentials.kind === "password" && credentials.isOwn === true;
    return {
      security: {
        minimum: isOwn ? "plain" : this.#settings.minimumSecurity,
        hasUsername: username !== null && username !== "",
      },
      maxVersion: "3.8",
      isShared: this.#settings.isShared,
      encryptDes,
      quality: this.#pacer.quality,
      maxClipboardBytes: Math.min(policy.clipboardMaxBytes, MAX_CLIPBOARD_BYTES),
      wantsClipboard: policy.clipboardFromTarget !== "off",
      allocate: takeScratch,
      inflateTail,
    } as const;
  }

  get targetRoundTripMs(): number | null {
    return this.#roundTripMs;
  }

  async open(): Promise<void> {
    if (this.#hop.credentials.kind === "ssh-key")
      throw new Failure("account-unfit", { target: this.#hop.name });
    try {
      const { name } = await this.#connection.open();
      this.#host.step("identity", "done");
      this.#host.step("open", "running");
      if (!this.#connection.isEncrypted) this.#host.warn("target-not-encrypted");
      if (name !== "") this.#host.marker({ type: "title", title: name });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#stopTicks = everySecond(() => this.#tick());
    // Unless the hub asks first: a recording without viewers needs its first picture too.
    setImmediate(() => {
      if (!this.#isEntryAsked) this.requestEntryPoint();
    });
  }

  #handle(commands: readonly RfbCommand[]): void {
    const nowMs = this.#host.nowMs();
    for (const command of commands) this.#handleOne(command, nowMs);
    this.#pace(nowMs);
  }

  #handleOne(command: RfbCommand, nowMs: number): void {
    const host = this.#host;
    switch (command.type) {
      case "frame": {
        const flags = command.entry === null ? 0 : ENTRY_FLAG[command.entry];
        const isPicture = command.channel === "picture";
        if (command.entry === "start") this.#pacer.entryStarted();
        // Viewers acknowledge pictures only.
        if (isPicture) this.#pacer.emitted(command.payload.length, nowMs);
        host.emit(isPicture ? Channel.picture : Channel.pointer, flags, command.payload);
        // The core keeps the pointer's shape for entry points; a picture it has handed over.
        if (isPicture) giveScratch(command.payload);
        return;
      }
      case "update":
        this.#pacer.updated(command.partBytes, nowMs);
        return;
      case "continuousUpdates":
        this.#pacer.continuousSupported();
        return;
      case "resized":
        host.marker({
          type: "resize",
          columns: 0,
          rows: 0,
          widthPx: command.width,
          heightPx: command.height,
        });
        return;
      case "title":
        host.marker({ type: "title", title: command.title });
        return;
      case "bell":
        host.marker({ type: "bell" });
        return;
      case "locks":
        host.locks(command.locks);
        return;
      case "clipboard":
        host.clipboard(ClipboardKind.text, command.text);
        return;
      case "clipboardTooLarge":
        host.warn("clipboard-too-large", { sizeBytes: command.sizeBytes });
        return;
      case "fence":
        this.#answered(nowMs);
        return;
    }
  }

  #answered(nowMs: number): void {
    if (this.#pingSentAtMs === null) return;
    this.#roundTripMs = nowMs - this.#pingSentAtMs;
    this.#pingSentAtMs = null;
  }

  /** Tells the server what the pacer decided. */
  #pace(nowMs: number): void {
    const { client } = this.#connection;
    for (const action of this.#pacer.decide(nowMs)) {
      if (action.type === "request")
        this.#connection.send(
          action.parts === null ? client.encodeUpdateRequest(true) : client.encodePartRequests(action.parts),
        );
      else if (action.type === "continuous")
        this.#connection.send(client.encodeContinuousUpdates(action.isEnabled));
      else this.#connection.send(client.changeQuality(action.quality));
    }
    this.#wakeAt(this.#pacer.nextWakeMs(nowMs), nowMs);
  }

  /** Between two ticks; one timer is enough, since whatever wakes the pacer sets it anew. */
  #wakeAt(wakeMs: number | null, nowMs: number): void {
    if (wakeMs === null || wakeMs - nowMs >= TICK_MS || this.#wakeTimer !== null || this.#isClosed) return;
    this.#wakeTimer = setTimeout(
      () => {
        this.#wakeTimer = null;
        this.#pace(this.#host.nowMs());
      },
      Math.max(1, wakeMs - nowMs),
    ).unref();
  }

  #tick(): void {
    const nowMs = this.#host.nowMs();
    this.#connection.run(this.#connection.client.tick(nowMs));
    this.#pace(nowMs);
    if (this.#pingSentAtMs !== null) {
      if (nowMs - this.#pingSentAtMs > SILENCE_TIMEOUT_MS && !this.#isHeld)
        this.#end(new Failure("target-silent", { seconds: SILENCE_TIMEOUT_MS / 1000 }));
      return;
    }
    const ping = nowMs < this.#pingDueAtMs ? null : this.#connection.client.encodeFence(PING);
    if (ping === null) return;
    this.#pingDueAtMs = nowMs + PING_INTERVAL_MS;
    this.#pingSentAtMs = nowMs;
    this.#connection.send(ping);
  }

  input(event: InputEvent): void {
    const { client } = this.#connection;
    switch (event.type) {
      case "key":
        return this.#connection.send(client.key(event.isDown, event.keysym, event.scancode));
      case "pointer":
        return this.#connection.send(client.pointer(event.x, event.y, event.buttons));
      case "release":
        return this.#connection.send(client.release());
      case "locks":
        return this.#connection.send(client.setLocks(event.locks));
      case "resize":
        return this.#resizeSoon(event.widthPx, event.heightPx);
    }
  }

  /** The last of several sizes that come quickly is the one asked for. */
  #resizeSoon(widthPx: number, heightPx: number): void {
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => {
      this.#connection.send(this.#connection.client.resize(widthPx, heightPx));
    }, RESIZE_INTERVAL_MS);
  }

  clipboard(kind: number, content: Uint8Array): void {
    if (kind === ClipboardKind.text) this.#connection.send(this.#connection.client.clipboard(content));
  }

  flow(state: FlowState): void {
    const nowMs = this.#host.nowMs();
    this.#pacer.flow(state.queuedBytes, state.isWatched, nowMs);
    const isHeld = state.queuedBytes > (this.#isHeld ? RESUME_BELOW_BYTES : HOLD_OVER_BYTES);
    if (isHeld !== this.#isHeld) {
      this.#isHeld = isHeld;
      this.#connection.hold(isHeld);
    }
    if (this.#stopTicks !== null) this.#pace(nowMs);
  }

  requestEntryPoint(): void {
    if (this.#stopTicks === null) return;
    this.#isEntryAsked = true;
    this.#connection.run(this.#connection.client.requestEntryPoint(this.#host.nowMs()));
  }

  #end(failure: Failure): void {
    if (this.#isClosed) return;
    this.close();
    this.#host.fail(failure);
  }

  close(): void {
    this.#isClosed = true;
    this.#abort.abort();
    this.#stopTicks?.();
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    this.#stopTicks = null;
    this.#connection.close();
  }
}

/** Makes the driver of a VNC session. */
export const makeVncDriver: DriverFactory = (request, host) => new VncDriver(request, host);
