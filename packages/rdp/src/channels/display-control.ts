import { ByteReader, ByteWriter } from "@poterne/bytes";
import {
  type DesktopSize,
  desktopSize,
  fitMonitors,
  fromPrimary,
  type Monitor,
  putMonitorAttributes,
} from "../monitors.ts";
import type { DynamicChannel } from "./dynamic-channels.ts";

/** [MS-RDPEDISP] 2.1: the dynamic channel's name. */
export const DISPLAY_CONTROL_CHANNEL = "Microsoft::Windows::RDS::DisplayControl";

const DISPLAYCONTROL_PDU_TYPE_MONITOR_LAYOUT = 2;
const DISPLAYCONTROL_PDU_TYPE_CAPS = 5;
const DISPLAYCONTROL_MONITOR_PRIMARY = 1;
const HEADER_BYTES = 8;
const MONITOR_BYTES = 40;
/** A server that did not follow is asked again after so long (xrdp 0.10 takes no size while it signs in) … */
const ASK_AGAIN_AFTER_MS = 2000;
/** … so many times in all. */
const MAX_ASKS = 8;

/** [MS-RDPEDISP] on the client's side: asks the server for another size of the desktop, or other monitors. */
export class DisplayControl implements DynamicChannel {
  readonly #onLimit: (maxMonitors: number) => void;
  #send: ((message: Uint8Array) => void) | null = null;
  /** MaxMonitorAreaFactorA × MaxMonitorAreaFactorB for each monitor; 0 before the server told. */
  #maxAreaPx = 0;
  #maxMonitors = 0;
  /** What was asked for last. */
  #wanted: readonly Monitor[] = [];
  /** The desktop has not had that size since. */
  #isOutstanding = false;
  #asks = 0;
  /** What the server was asked for and has not drawn yet: until then nothing else is asked. */
  #pending: readonly Monitor[] | null = null;
  #pendingSinceMs: number | null = null;

  /** `onLimit` hears how many monitors the server takes: 0 once it closes the channel. */
  constructor(onLimit: (maxMonitors: number) => void) {
    this.#onLimit = onLimit;
  }

  opened(send: (message: Uint8Array) => void): void {
    this.#send = send;
  }

  /** [MS-RDPEDISP] 2.2.2.1 DISPLAYCONTROL_CAPS_PDU; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    const reader = new ByteReader(message, "display control PDU");
    if (reader.u32le() !== DISPLAYCONTROL_PDU_TYPE_CAPS) return;
    reader.advance(4);
    this.#maxMonitors = reader.u32le();
    this.#maxAreaPx = reader.u32le() * reader.u32le();
    this.#onLimit(this.#maxMonitors);
    this.#ask();
  }

  closed(): void {
    this.#send = null;
    this.#maxAreaPx = 0;
    this.#maxMonitors = 0;
    this.#pending = null;
    this.#onLimit(0);
  }

  /**
   * Asks for these monitors, as `fitMonitors` makes them; now, or when the server is ready and has drawn what it was asked
   * for before: two sizes at once end xrdp 0.9's connection (decision 0137).
   */
  layOut(monitors: readonly Monitor[]): void {
    const wanted = fitMonitors(monitors);
    if (wanted.length === 0 || JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return;
    this.#wanted = wanted;
    this.#isOutstanding = true;
    this.#asks = 0;
    if (this.#pending === null) this.#ask();
  }

  /** The server drew on a desktop of this size. */
  drawn(size: DesktopSize): void {
    if (this.#pending === null || !isSame(size, desktopSize(this.#pending))) return;
    const isLast = this.#pending === this.#wanted;
    this.#pending = null;
    if (!isLast) this.#ask();
  }

  /** Time passed; `size` is what the desktop has. */
  tick(nowMs: number, size: DesktopSize): void {
    if (isSame(size, desktopSize(this.#wanted))) this.#isOutstanding = false;
    if (this.#pending !== null) {
      this.#pendingSinceMs ??= nowMs;
      if (nowMs - this.#pendingSinceMs < ASK_AGAIN_AFTER_MS) return;
      this.#pending = null;
    }
    if (this.#isOutstanding && this.#asks < MAX_ASKS) this.#ask();
  }

  /** [MS-RDPEDISP] 2.2.2.2 DISPLAYCONTROL_MONITOR_LAYOUT_PDU; nothing for more than the server takes. */
  #ask(): void {
    const wanted = fitMonitors(this.#wanted.slice(0, this.#maxMonitors));
    const areaPx = wanted.reduce((sum, { width, height }) => sum + width * height, 0);
    if (this.#send === null || wanted.length === 0 || areaPx > this.#maxAreaPx * this.#maxMonitors) return;
    this.#asks++;
    this.#pending = this.#wanted;
    this.#pendingSinceMs = null;
    const sizeBytes = HEADER_BYTES + 8 + wanted.length * MONITOR_BYTES;
    const writer = new ByteWriter(sizeBytes)
      .u32le(DISPLAYCONTROL_PDU_TYPE_MONITOR_LAYOUT)
      .u32le(sizeBytes)
      .u32le(MONITOR_BYTES)
      .u32le(wanted.length);
    for (const monitor of fromPrimary(wanted)) {
      const { x, y, width, height, isPrimary } = monitor;
      writer.u32le(isPrimary ? DISPLAYCONTROL_MONITOR_PRIMARY : 0);
      for (const value of [x, y, width, height]) writer.u32le(value >>> 0);
      putMonitorAttributes(writer, monitor);
    }
    this.#send(writer.finish());
  }
}

function isSame(one: DesktopSize, other: DesktopSize): boolean {
  return one.width === other.width && one.height === other.height;
}
