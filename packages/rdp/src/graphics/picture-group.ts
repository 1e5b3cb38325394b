import type { Rectangle } from "@poterne/picture";

/** One H.264 draw as it came. */
export interface GroupDraw {
  /** The surface's number in the picture language. */
  readonly surface: number;
  readonly place: Rectangle;
  readonly codec: number;
  readonly payload: Uint8Array;
}

/** The most draws kept: encoders for desktops send a key picture sooner. */
const MAX_GROUP_DRAWS = 512;

/**
 * What the server drew with H.264 since a key picture, compressed as it came: a viewer that decodes it in order has the
 * whole picture. Servers send no key picture on request, and none at all while nothing changes (decision 0070).
 */
export class PictureGroup {
  readonly #maxBytes: number;
  #draws: GroupDraw[] = [];
  #sizeBytes = 0;
  /** Where a key picture in a draw's second stream stands: the group may begin there once a draw follows it. */
  #nextStart = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** A viewer that decodes `draws` has the whole picture. */
  get isUsable(): boolean {
    return this.#draws.length > 0;
  }

  get draws(): readonly GroupDraw[] {
    return this.#draws;
  }

  /** A draw came; `key` tells where its key picture stands. It must cover its surface. */
  add(draw: GroupDraw, key: "none" | "first" | "second"): void {
    if (key === "first" || this.#draws[0]?.surface !== draw.surface) this.clear();
    if (key !== "first" && this.#draws.length === 0) return;
    if (this.#nextStart >= 0 && key === "none") this.#dropBefore(this.#nextStart);
    if (key === "second") this.#nextStart = this.#draws.length;
    this.#sizeBytes += draw.payload.length;
    if (this.#sizeBytes > this.#maxBytes || this.#draws.length >= MAX_GROUP_DRAWS) this.clear();
    else this.#draws.push({ ...draw, payload: draw.payload.slice() });
  }

  #dropBefore(start: number): void {
    for (const { payload } of this.#draws.splice(0, start)) {
      this.#sizeBytes -= payload.length;
      free(payload);
    }
    this.#nextStart = -1;
  }

  /** Something else changed the surfaces: the group is not the whole picture any more. */
  clear(): void {
    for (const { payload } of this.#draws) free(payload);
    this.#draws = [];
    this.#sizeBytes = 0;
    this.#nextStart = -1;
  }
}

/** Gives a copy's memory back at once: it has been written for every viewer it was for. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
