import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { Failure, type Policy, type RdpOptions, rdpOptions } from "@poterne/contract";
import { RDPSND, type RdpClientOptions, type RdpCommand } from "@poterne/rdp";
import { Channel, FrameFlag, type InputEvent } from "@poterne/wire";
import type {
  DriverFactory,
  DriverFiles,
  DriverHop,
  DriverHost,
  DriverRequest,
  FlowState,
  SessionDriver,
} from "../../driver.ts";
import { giveScratch } from "../picture-scratch.ts";
import { everySecond } from "../target-ticks.ts";
import { CLIENT_NAME, makeClientOptions } from "./client-options.ts";
import { RdpConnection } from "./connection.ts";
import { unexpectedFailure } from "./failures.ts";
import { sendInput } from "./input.ts";
import { RdpKeyboard } from "./keyboard.ts";
import { RdpLicences } from "./licences.ts";
import { RdpLogIn } from "./log-in.ts";
import { RdpPace } from "./pace.ts";
import { RdpChannels } from "./rdp-channels.ts";
import { mayReconnect, type RdpCut, reconnect } from "./reconnecting.ts";
import { monitorsOf, RdpScreens } from "./screens.ts";
import { RdpSound } from "./sound.ts";

const ENTRY_FLAG = { start: FrameFlag.entryStart, end: FrameFlag.entryEnd } as const;
/** A desktop is resized once the window's size was still for so long. */
const RESIZE_AFTER_MS = 250;

/** RDP ([MS-RDPBCGR] and extensions): a desktop whose pictures pass through as the server packed them. */
export class RdpDriver implements SessionDriver {
  readonly kind = "desktop";
  files: DriverFiles | null = null;
  /** As the server measured it, where it does. */
  targetRoundTripMs: number | null = null;
  readonly #host: DriverHost;
  readonly #hop: DriverHop;
  readonly #settings: RdpOptions;
  readonly #abort = new AbortController();
  readonly #pace: RdpPace;
  readonly #keyboard: RdpKeyboard;
  readonly #policy: Policy;
  readonly #logIn: RdpLogIn;
  readonly #licences: RdpLicences;
  /** Clipboard and drive, as far as policy allows them. */
  readonly #channels: RdpChannels;
  /** Null where policy wants none: neither channel is taken then. */
  readonly #sound: RdpSound | null;
  readonly #screens: RdpScreens;
  #connection: RdpConnection;
  #stopTicks: (() => void) | null = null;
  #resizeTimer: NodeJS.Timeout | null = null;
  #hasOutput = true;
  #isHeld = false;
  /** H.264 is offered to the server; once withdrawn it stays so: not every encoder begins with a key picture again. */
  #hasAvc = false;
  #isEntryAsked = false;
  /** The server's packet to come back with after a cut; a secret. */
  #serverCookie: Uint8Array | null = null;
  #isClosed = false;

  constructor(request: DriverRequest, host: DriverHost) {
    const { policy } = request;
    this.#host = host;
    this.#hop = request.hops.at(-1) ?? request.hops[0];
    this.#settings = rdpOptions.parse(this.#hop.options);
    this.#screens = new RdpScreens(host);
    this.#pace = new RdpPace({ isRecorded: policy.recording !== "off" });
    this.#keyboard = new RdpKeyboard(this.#settings.keyboardLayout);
    this.#sound = policy.audio ? this.#makeSound(policy.recordAudio) : null;
    const send = (channel: string, message: Uint8Array) =>
      this.#connection.run(this.#connection.client.sendChannel(channel, message));
    this.#channels = new RdpChannels({
      policy,
      host,
      folders: request.folders,
      clientName: CLIENT_NAME,
      send,
    });
    this.#policy = policy;
    this.#licences = new RdpLicences(request.licences);
    this.#logIn = new RdpLogIn({
      hop: this.#hop,
      host,
      settings: this.#settings,
      kerberos: request.kerberos,
      clientName: CLIENT_NAME,
    });
    this.#connection = this.#makeConnection();
  }

  #makeSound(isRecorded: boolean): RdpSound {
    const driver = this;
    return new RdpSound(
      {
        emit: (channel, flags, payload) => {
          this.#pace.emitted(payload.length, this.#host.nowMs());
          this.#host.emit(channel, flags, payload);
        },
        nowMs: () => this.#host.nowMs(),
        sendStatic: (message) => this.#connection.run(this.#connection.client.sendChannel(RDPSND, message)),
        within: (work) => this.#connection.run(this.#connection.client.within(work)),
        get emittedBytes() {
          return driver.#pace.emittedBytes;
        },
        get consumedBytes() {
          return driver.#pace.consumedBytes;
        },
        get takesOpus() {
          return driver.#host.decodesOpus;
        },
      },
      { isRecorded },
    );
  }

  #makeConnection(): RdpConnection {
    const host = this.#host;
    this.#sound?.restart();
    return new RdpConnection({
      hop: this.#hop,
      tls: { hop: this.#hop, policy: this.#policy, host, signal: this.#abort.signal },
      client: this.#clientOptions(),
      logIn: this.#logIn,
      nowMs: () => host.nowMs(),
      onCommands: (commands) => this.#handle(commands),
      onEnd: (failure, cut) => this.#connectionEnded(failure, cut),
    });
  }

  #clientOptions(): RdpClientOptions {
    this.#hasAvc = this.#host.decodesH264;
    return makeClientOptions({
      settings: this.#settings,
      credentials: this.#hop.credentials,
      monitors: this.#screens.begin(this.#host.viewerSize),
      channels: this.#channels.names,
      sound: this.#sound,
      licences: this.#licences,
      serverCookie: this.#serverCookie,
      hasAvc: this.#hasAvc,
    });
  }

  async open(): Promise<void> {
    if (this.#hop.credentials.kind === "ssh-key")
      throw new Failure("account-unfit", { target: this.#hop.name });
    try {
      this.files = await this.#channels.open();
      await this.#licences.load();
      await this.#connect();
    } catch (error) {
      this.close();
      throw error;
    }
    this.#logIn.close();
    this.#host.step("identity", "done");
    this.#host.step("open", "running");
    this.#stopTicks = everySecond(() => this.#tick());
    this.#followDecoder(this.#host.decodesH264);
    // Unless the hub asks first: a recording without viewers needs its first picture too.
    setImmediate(() => {
      if (!this.#isEntryAsked) this.requestEntryPoint();
    });
  }

  /** Connects; a target that takes no ticket is asked again by NTLM where that is allowed. */
  async #connect(): Promise<void> {
    try {
      await this.#connection.open();
    } catch (error) {
      if (!(error instanceof Failure) || this.#isClosed) throw error;
      await this.#licences.ended(error.code);
      const failure = this.#logIn.afterFailure(error);
      if (failure !== null) throw failure;
      this.#connection = this.#makeConnection();
      await this.#connection.open();
    }
    // The viewer measured its window while the target was opening.
    if (this.#screens.areOthers(this.#host.viewerSize)) this.#layOutSoon();
  }

  #handle(commands: readonly RdpCommand[]): void {
    const nowMs = this.#host.nowMs();
    for (const command of commands) this.#handleOne(command, nowMs);
    this.#keepPace(nowMs);
  }

  #handleOne(command: RdpCommand, nowMs: number): void {
    const host = this.#host;
    switch (command.type) {
      case "frame": {
        const flags = command.entry === null ? 0 : ENTRY_FLAG[command.entry];
        const isPicture = command.channel === "picture";
        // Viewers acknowledge pictures and sound.
        if (isPicture) this.#pace.emitted(command.payload.length, nowMs);
        host.emit(isPicture ? Channel.picture : Channel.pointer, flags, command.payload);
        // The core keeps the pointer's shape for entry points; a picture it has handed over.
        if (isPicture) giveScratch(command.payload);
        return;
      }
      case "frameEnd":
        this.#pace.frameEnded(command.frameId, nowMs);
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
      case "monitorLimit":
        return this.#screens.limited(command.count);
      case "monitors":
        return this.#screens.placed(command.places);
      case "licence":
        void this.#licences.keep(command.licence);
        return;
      case "reconnectCookie":
        this.#serverCookie = command.bytes;
        return;
      case "network":
        this.targetRoundTripMs = command.roundTripMs;
        return;
      case "bell":
        host.marker({ type: "bell" });
        return;
      case "locks":
        host.locks(command.locks);
        return;
      case "channel":
        if (command.name === RDPSND) this.#sound?.receive(command.data);
        else this.#channels.receive(command.name, command.data);
        return;
      case "channelTooLong":
        if (command.name !== RDPSND) host.warn("clipboard-too-large", { sizeBytes: command.sizeBytes });
        return;
    }
  }

  /** Tells the server what the pace demands. */
  #keepPace(nowMs: number): void {
    if (this.#stopTicks === null) return;
    const { client } = this.#connection;
    const { frameIds, isHeld, wantsOutput } = this.#pace.decide(nowMs);
    for (const frameId of frameIds) this.#connection.run(client.acknowledge(frameId));
    if (wantsOutput !== this.#hasOutput) {
      this.#hasOutput = wantsOutput;
      this.#connection.run(client.setOutput(wantsOutput));
    }
    if (isHeld !== this.#isHeld) {
      this.#isHeld = isHeld;
      this.#connection.hold(isHeld);
    }
  }

  #tick(): void {
    const nowMs = this.#host.nowMs();
    this.#connection.run(this.#connection.client.tick(nowMs));
    this.#sound?.settle();
    this.#keepPace(nowMs);
  }

  input(event: InputEvent): void {
    if (event.type === "resize" || event.type === "screens") this.#layOutSoon();
    else sendInput(event, this.#connection, this.#keyboard);
  }

  /** The last of several sizes that come quickly is the one asked for. */
  #layOutSoon(): void {
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => {
      this.#connection.run(this.#connection.client.layOut(monitorsOf(this.#host.viewerSize)));
    }, RESIZE_AFTER_MS);
  }

  clipboard(kind: number, content: Uint8Array): void {
    this.#channels.offer(kind, content);
  }

  flow(state: FlowState): void {
    this.#pace.flow(state.queuedBytes, state.isWatched);
    this.#sound?.settle(state.isWatched);
    this.#followDecoder(state.decodesH264);
    this.#keepPace(this.#host.nowMs());
  }

  /** Control went to a browser without H.264: the server is asked to draw otherwise. */
  #followDecoder(decodesH264: boolean): void {
    if (decodesH264 || !this.#hasAvc || this.#stopTicks === null) return;
    this.#hasAvc = false;
    this.#connection.run(this.#connection.client.withdrawAvc(this.#host.nowMs()));
  }

  requestEntryPoint(): void {
    if (this.#stopTicks === null) return;
    this.#isEntryAsked = true;
    this.#connection.run(this.#connection.client.requestEntryPoint(this.#host.nowMs()));
  }

  #connectionEnded(failure: Failure, cut: RdpCut): void {
    if (this.#isClosed) return;
    if (mayReconnect(cut, this.#serverCookie !== null)) void this.#reconnect(failure);
    else this.#end(failure);
  }

  /** After a cut: the same account comes back to its desktop; meanwhile nothing of the old connection counts. */
  async #reconnect(reason: Failure): Promise<void> {
    const driver = this;
    const { signal } = this.#abort;
    this.#host.warn("target-reconnecting", { target: this.#hop.name });
    const attempt = {
      wait: (delayMs: number) => setTimeoutPromise(delayMs, undefined, { signal }).catch(() => undefined),
      get isClosed() {
        return driver.#isClosed;
      },
      open: async () => {
        this.#pace.restart();
        this.#isHeld = false;
        this.#hasOutput = true;
        this.#connection = this.#makeConnection();
        await this.#connect();
      },
    };
    try {
      const failure = await reconnect(attempt, reason);
      if (failure !== null) return this.#end(failure);
    } catch (error) {
      return this.#end(unexpectedFailure(error));
    }
    if (this.#isClosed) return;
    this.#logIn.close();
    this.#keyboard.release();
    this.#host.marker({ type: "reconnected" });
    this.#host.warn("target-reconnected", { target: this.#hop.name });
    this.requestEntryPoint();
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
    this.#stopTicks = null;
    this.#logIn.close();
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#connection.close();
    this.#channels.close();
  }
}

/** Makes the driver of an RDP session. */
export const makeRdpDriver: DriverFactory = (request, host) => new RdpDriver(request, host);
