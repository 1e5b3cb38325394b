import { DecodeError } from "@poterne/bytes";
import type { RdpCommand } from "./commands.ts";
import type { Credentials } from "./connect/client-info.ts";
import { Connection, type ConnectionOptions, type TlsFacts } from "./connect/connection.ts";
import { Framer } from "./connect/framing.ts";
import { encodeUltimatum } from "./connect/mcs.ts";
import { MessageChannel } from "./connect/message-channel.ts";
import type { RdpFailure } from "./failures.ts";
import type { GfxCapability } from "./graphics/capabilities.ts";
import { type EncodedEvent, encodeInputPdus } from "./input/fast-path-input.ts";
import { InputState } from "./input/input-state.ts";
import type { Monitor } from "./monitors.ts";
import type { SecurityMechanism } from "./nla/mechanism.ts";
import { DRDYNVC, Session, type SessionOptions } from "./session.ts";

/** What a connection needs besides bytes; everything of the outside world enters here. */
export interface RdpClientOptions
  extends Omit<ConnectionOptions, "channels" | "hasGraphicsPipeline">,
    SessionOptions {
  /** Static channels wanted besides the dynamic one, by name. */
  readonly channels: readonly string[];
}

/**
 * An RDP client ([MS-RDPBCGR] and its extensions) without sockets, TLS, clock or pixels: bytes of the server go into
 * `receive`, what is to be done comes out, in order.
 */
export class RdpClient {
  readonly #options: RdpClientOptions;
  readonly #commands: RdpCommand[] = [];
  readonly #framer = new Framer();
  readonly #connection: Connection;
  readonly #input = new InputState();
  readonly #messages = new MessageChannel();
  #receivedBytes = 0;
  #session: Session | null = null;
  #isOver = false;

  constructor(options: RdpClientOptions) {
    this.#options = options;
    const hasGraphicsPipeline = options.graphics !== null;
    const channels = [DRDYNVC, ...options.channels];
    this.#connection = new Connection(
      this.#commands,
      { ...options, channels, hasGraphicsPipeline },
      this.#messages,
    );
  }

  /** The desktop's size in pixels, 0 by 0 before it is known. */
  get size(): { readonly width: number; readonly height: number } {
    const screen = this.#session?.screen;
    return { width: screen?.width ?? 0, height: screen?.height ?? 0 };
  }

  /** What the server's graphics pipeline confirmed, null where it does not use one. */
  get graphicsCapability(): GfxCapability | null {
    return this.#session?.graphics?.confirmed ?? null;
  }

  /** Whether the server opened a message channel ([MS-RDPBCGR] 2.2.1.4.5), as Windows does since 8: false for xrdp. */
  get hasMessageChannel(): boolean {
    return this.#connection.hasMessageChannel;
  }

  /** The first bytes; call it once the network connection stands. */
  start(): RdpCommand[] {
    return this.#run(() => this.#connection.start());
  }

  /**
   * Takes bytes of the server, decrypted once TLS was started, at a monotonic time. What the protocol does not allow is
   * a `fail` command; nothing comes after it.
   */
  receive(bytes: Uint8Array, nowMs: number): RdpCommand[] {
    if (this.#isOver) return [];
    this.#receivedBytes += bytes.length;
    return this.#run(() => {
      this.#framer.push(bytes);
      let seen = 0;
      const hasFailed = () => {
        while (seen < this.#commands.length) if (this.#commands[seen++]?.type === "fail") return true;
        return false;
      };
      while (!hasFailed() && this.#takePacket(nowMs));
      this.#framer.keep();
      this.#session?.settle(nowMs);
    });
  }

  #takePacket(nowMs: number): boolean {
    const arrival = { nowMs, receivedBytes: this.#receivedBytes };
    if (this.#session !== null) {
      const packet = this.#framer.next("pdu");
      if (packet !== null) this.#session.receive(packet, arrival);
      return packet !== null;
    }
    const { framing } = this.#connection;
    if (framing === null) {
      if (this.#framer.heldBytes > 0) throw new DecodeError("invalid", "connection", 0, "bytes before TLS");
      return false;
    }
    const packet = this.#framer.next(framing);
    if (packet === null) return false;
    this.#connection.receive(packet, arrival);
    const { established } = this.#connection;
    if (established !== null)
      this.#session = new Session(this.#commands, established, this.#options, this.#messages);
    return true;
  }

  /** TLS was started as asked, and the certificate is the target's. */
  tlsStarted(facts: TlsFacts): RdpCommand[] {
    return this.#run(() => this.#connection.tlsStarted(facts));
  }

  /** Answers `credentials`; `mechanism` is needed where that said `isNla`. */
  authenticate(credentials: Credentials, mechanism: SecurityMechanism | null): RdpCommand[] {
    return this.#run(() => this.#connection.authenticate(credentials, mechanism));
  }

  /** Whether the server has said why it is going to close. */
  get hasAnnouncedEnd(): boolean {
    return this.#session?.hasAnnouncedEnd ?? false;
  }

  /** The server closed the network connection: the reason it gave, or the likeliest. */
  closed(): RdpCommand[] {
    if (this.#isOver) return [];
    return this.#run(() => {
      const failure = this.#session?.failureOfClosing() ?? this.#connection.failureOfClosing();
      this.#commands.push({ type: "fail", ...failure });
    });
  }

  /** Asks for an entry point; frames flagged `start` and `end` follow. */
  requestEntryPoint(nowMs: number): RdpCommand[] {
    return this.#run(() => this.#session?.requestEntryPoint(nowMs));
  }

  /** The controller's browser decodes no H.264: from here on the server is to send none, where it can be told. */
  withdrawAvc(nowMs: number): RdpCommand[] {
    return this.#run(() => this.#session?.withdrawAvc(nowMs));
  }

  /** Time passed: an entry point that waits for the server may ask again. */
  tick(nowMs: number): RdpCommand[] {
    return this.#run(() => this.#session?.tick(nowMs));
  }

  /** The controller's viewer has shown the frame of a `frameEnd`. */
  acknowledge(frameId: number): RdpCommand[] {
    return this.#run(() => this.#session?.acknowledge(frameId));
  }

  /** Whether the target is to draw at all: off while nobody watches or records. */
  setOutput(isWanted: boolean): RdpCommand[] {
    return this.#run(() => this.#session?.setOutput(isWanted));
  }

  /** Asks for other monitors, one at least, where the server can change them: `resized` follows when it did. */
  layOut(monitors: readonly Monitor[]): RdpCommand[] {
    return this.#run(() => this.#session?.layOut(monitors));
  }

  /** A message for a static channel. */
  sendChannel(name: string, message: Uint8Array): RdpCommand[] {
    return this.#run(() => this.#session?.sendChannel(name, message));
  }

  /** Runs what sends on dynamic channels by itself; returns the commands it left. */
  within(work: () => void): RdpCommand[] {
    return this.#run(work);
  }

  /** A key by its position: XT set 1, 0xE0xx extended, 0xE11D Pause. */
  key(isDown: boolean, scancode: number): Uint8Array {
    return this.#give(this.#input.key(isDown, scancode));
  }

  /** Characters, whatever the target's layout. */
  text(text: string): Uint8Array {
    return this.#give(this.#input.text(text));
  }

  /** The pointer's place and buttons, bits as in the wire's pointer event; a place outside is moved to the edge. */
  pointer(x: number, y: number, buttons: number): Uint8Array {
    const { width, height } = this.size;
    return this.#give(
      this.#input.pointer(Math.max(0, Math.min(x, width - 1)), Math.max(0, Math.min(y, height - 1)), buttons),
    );
  }

  /** Lets go of all keys and buttons. */
  release(): Uint8Array {
    return this.#give(this.#input.release());
  }

  /** Makes the server's lock keys what the viewer's are. */
  setLocks(locks: number): Uint8Array {
    return this.#give(this.#input.setLocks(locks));
  }

  /** What to send of input now; nothing while the server would drop it: then it is sent by a command later. */
  #give(events: readonly EncodedEvent[]): Uint8Array {
    if (events.length > 0 && this.#session?.holdInput(events) === true) return new Uint8Array(0);
    return encodeInputPdus(events);
  }

  /** What to send before closing in good order. */
  encodeGoodbye(): Uint8Array {
    return encodeUltimatum();
  }

  /** Runs what may meet bad input; returns the commands it left, none after a failure. */
  #run(work: () => void): RdpCommand[] {
    if (this.#isOver) return [];
    try {
      work();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const code = this.#connection.isNegotiating ? "not-rdp" : "protocol-error";
      const failure: RdpFailure = { code, detail: error.message };
      this.#commands.push({ type: "fail", ...failure });
    }
    const commands = this.#commands.splice(0);
    const end = commands.findIndex((command) => command.type === "fail");
    if (end < 0) return commands;
    this.#isOver = true;
    return commands.slice(0, end + 1);
  }
}
