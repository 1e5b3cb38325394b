import { ByteReader, ByteWriter } from "@poterne/bytes";
import type { DynamicChannel } from "./dynamic-channels.ts";

/** [MS-RDPEDISP] 2.1: the dynamic channel's name. */
export const DISPLAY_CONTROL_CHANNEL = "Microsoft::Windows::RDS::DisplayControl";

const DISPLAYCONTROL_PDU_TYPE_MONITOR_LAYOUT = 2;
const DISPLAYCONTROL_PDU_TYPE_CAPS = 5;
const DISPLAYCONTROL_MONITOR_PRIMARY = 1;
const HEADER_BYTES = 8;
const MONITOR_BYTES = 40;
/** [MS-RDPEDISP] 2.2.2.2.1: what a monitor's sides may be. */
const MIN_SIDE_PX = 200;
const MAX_SIDE_PX = 8192;
const SCALE_PERCENT = 100;
/** A server that did not follow is asked again after so long (xrdp 0.10 takes no size while it signs in) … */
const ASK_AGAIN_AFTER_MS = 2000;
/** … so many times in all. */
const MAX_ASKS = 8;

/** The size of a desktop in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** [MS-RDPEDISP] on the client's side, one monitor: asks the server for another size of the desktop. */
export class DisplayControl implements DynamicChannel {
  #send: ((message: Uint8Array) => void) | null = null;
  /** MaxNumMonitors × MaxMonitorAreaFactorA × MaxMonitorAreaFactorB; 0 before the server told. */
  #maxAreaPx = 0;
  /** What was asked for last. */
  #wanted: Size | null = null;
  /** The desktop has not had that size since. */
  #isOutstanding = false;
  #asks = 0;
  #askedAtMs = 0;

  opened(send: (message: Uint8Array) => void): void {
    this.#send = send;
  }

  /** [MS-RDPEDISP] 2.2.2.1 DISPLAYCONTROL_CAPS_PDU; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    const reader = new ByteReader(message, "display control PDU");
    if (reader.u32le() !== DISPLAYCONTROL_PDU_TYPE_CAPS) return;
    reader.advance(4);
    this.#maxAreaPx = reader.u32le() * reader.u32le() * reader.u32le();
    this.#ask();
  }

  closed(): void {
    this.#send = null;
    this.#maxAreaPx = 0;
  }

  /** Asks for a size, clipped to what a monitor may be, the width even; now or when the server is ready. */
  resize(width: number, height: number): void {
    const clip = (sidePx: number) => Math.max(MIN_SIDE_PX, Math.min(Math.floor(sidePx), MAX_SIDE_PX));
    const wanted = { width: clip(width) & ~1, height: clip(height) };
    if (wanted.width === this.#wanted?.width && wanted.height === this.#wanted.height) return;
    this.#wanted = wanted;
    this.#isOutstanding = true;
    this.#asks = 0;
    this.#ask();
  }

  /** Time passed; `size` is what the desktop has. */
  tick(nowMs: number, size: Size): void {
    if (size.width === this.#wanted?.width && size.height === this.#wanted.height)
      this.#isOutstanding = false;
    if (!this.#isOutstanding || this.#asks >= MAX_ASKS) return;
    if (this.#asks > 0 && nowMs - this.#askedAtMs < ASK_AGAIN_AFTER_MS) return;
    this.#askedAtMs = nowMs;
    this.#ask();
  }

  /** [MS-RDPEDISP] 2.2.2.2 DISPLAYCONTROL_MONITOR_LAYOUT_PDU; nothing for more than the server takes. */
  #ask(): void {
    if (this.#send === null || this.#wanted === null) return;
    const { width, height } = this.#wanted;
    if (width * height > this.#maxAreaPx) return;
    this.#asks++;
    const writer = new ByteWriter(HEADER_BYTES + 8 + MONITOR_BYTES)
      .u32le(DISPLAYCONTROL_PDU_TYPE_MONITOR_LAYOUT)
      .u32le(HEADER_BYTES + 8 + MONITOR_BYTES)
      .u32le(MONITOR_BYTES)
      .u32le(1)
      .u32le(DISPLAYCONTROL_MONITOR_PRIMARY)
      .u32le(0)
      .u32le(0)
      .u32le(width)
      .u32le(height);
    // No physical size (0 is left out of account), landscape, no scaling.
    for (const value of [0, 0, 0, SCALE_PERCENT, SCALE_PERCENT]) writer.u32le(value);
    this.#send(writer.finish());
  }
}
