import type { ByteReader } from "@poterne/bytes";
import {
  decodeCapsConfirm,
  encodeCapsAdvertise,
  type GfxCapability,
  type GfxCapabilityOptions,
  mayAdvertiseAgain,
} from "./capabilities.ts";
import { encodeGfxPdu, GfxCmd } from "./gfx-pdus.ts";

/**
 * What client and server agreed the pipeline is to carry ([MS-RDPEGFX] 3.2.5.18, 3.2.5.19), and whether the server is
 * about to begin anew because capabilities were advertised again.
 */
export class GfxNegotiation {
  #capabilities: GfxCapabilityOptions;
  #hasOfferedAvc = false;
  #isAvcWithdrawn = false;
  #send: ((message: Uint8Array) => void) | null = null;
  #confirmed: GfxCapability | null = null;
  #awaitsConfirm = false;
  /** Capabilities were advertised again: what the server resets next is all there is. */
  #isRestarting = false;

  constructor(capabilities: GfxCapabilityOptions) {
    this.#capabilities = capabilities;
  }

  /** What the server confirmed, null before. */
  get confirmed(): GfxCapability | null {
    return this.#confirmed;
  }

  /** H.264 was offered once and is not wanted any more. */
  get isAvcWithdrawn(): boolean {
    return this.#isAvcWithdrawn;
  }

  /** What comes now may belong to what was before the server begins anew. */
  get isUnsettled(): boolean {
    return this.#awaitsConfirm || this.#isRestarting;
  }

  /** The channel is there. */
  opened(send: (message: Uint8Array) => void): void {
    this.#send = send;
    this.#confirmed = null;
    this.#isRestarting = false;
    this.#advertise();
  }

  closed(): void {
    this.#send = null;
    this.#confirmed = null;
    this.#awaitsConfirm = false;
  }

  #advertise(): void {
    this.#awaitsConfirm = true;
    this.#hasOfferedAvc = this.#capabilities.hasAvc;
    this.#send?.(encodeGfxPdu(GfxCmd.RDPGFX_CMDID_CAPSADVERTISE, encodeCapsAdvertise(this.#capabilities)));
  }

  /** Begins the server's graphics anew where its version allows it; false where not. */
  restart(): boolean {
    if (this.#confirmed === null || !mayAdvertiseAgain(this.#confirmed)) return false;
    this.#isRestarting = true;
    this.#advertise();
    return true;
  }

  /**
   * H.264 is not wanted from here on. False where the server's version lets nobody advertise again: there H.264 goes
   * on. What is not confirmed yet is advertised again once it is.
   */
  withdrawAvc(): boolean {
    if (!this.#capabilities.hasAvc) return true;
    this.#isAvcWithdrawn = true;
    this.#capabilities = { ...this.#capabilities, hasAvc: false };
    return this.#awaitsConfirm || this.#send === null || this.restart();
  }

  /** Takes the server's RDPGFX_CAPS_CONFIRM_PDU; throws `DecodeError`. */
  takeConfirm(body: ByteReader): void {
    this.#confirmed = decodeCapsConfirm(body);
    this.#awaitsConfirm = false;
    if (this.#isAvcWithdrawn && this.#hasOfferedAvc) this.restart();
  }

  /** A server that goes on with a frame after its confirmation does not begin anew. */
  frameEnded(): void {
    if (!this.#awaitsConfirm) this.#isRestarting = false;
  }

  /** The server resets its graphics; true when it begins anew with it: no codec knows anything. */
  takeReset(): boolean {
    const isFresh = this.#isRestarting && !this.#awaitsConfirm;
    if (isFresh) this.#isRestarting = false;
    return isFresh;
  }
}
