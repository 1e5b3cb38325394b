import { ByteReader, ByteWriter } from "@poterne/bytes";
import { CursorKind, MAX_CURSOR_SIDE_PX, PictureWriter } from "@poterne/picture";
import { POINTER_CACHE_ENTRIES } from "../connect/client-capabilities.ts";
import type { Screen } from "./screen.ts";

/** [MS-RDPBCGR] 2.2.9.1.1.4 messageType of slow path. */
const SlowPointer = {
  TS_PTRMSGTYPE_SYSTEM: 1,
  TS_PTRMSGTYPE_POSITION: 3,
  TS_PTRMSGTYPE_COLOR: 6,
  TS_PTRMSGTYPE_CACHED: 7,
  TS_PTRMSGTYPE_POINTER: 8,
} as const;
const SYSPTR_NULL = 0;

/** The pointer's shapes: the core keeps what the server caches, so that viewers need no cache. */
export class Pointers {
  readonly #screen: Screen;
  readonly #cache: (Uint8Array | undefined)[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** The server began anew: its cache is empty. */
  clear(): void {
    this.#cache.length = 0;
  }

  hide(): void {
    const writer = new PictureWriter();
    writer.cursorHide();
    this.#screen.showPointer(writer.finish());
  }

  showDefault(): void {
    const writer = new PictureWriter();
    writer.cursorDefault();
    this.#screen.showPointer(writer.finish());
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.4.2 Pointer Position Update. */
  takePosition(data: Uint8Array): void {
    const reader = new ByteReader(data, "pointer position");
    this.#screen.movePointer(reader.u16le(), reader.u16le());
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.4.4 Color Pointer Update: 24 bits a pixel. */
  takeColor(data: Uint8Array): void {
    this.#takeShape(new ByteReader(data, "colour pointer"), 24, "short");
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.4.5 New Pointer Update. */
  takeNew(data: Uint8Array): void {
    const reader = new ByteReader(data, "new pointer");
    this.#takeShape(reader, reader.u16le(), "short");
  }

  /** [MS-RDPBCGR] 2.2.9.1.2.1.11 Large Pointer Update. */
  takeLarge(data: Uint8Array): void {
    const reader = new ByteReader(data, "large pointer");
    this.#takeShape(reader, reader.u16le(), "long");
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.4.6 Cached Pointer Update; an empty entry changes nothing. */
  takeCached(data: Uint8Array): void {
    const reader = new ByteReader(data, "cached pointer");
    const index = reader.u16le();
    if (index >= POINTER_CACHE_ENTRIES) throw reader.fail("limit", `cache entry ${index}`);
    const shape = this.#cache[index];
    if (shape !== undefined) this.#screen.showPointer(shape);
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.4 Server Pointer Update PDU of slow path. */
  takeSlowPath(body: Uint8Array): void {
    const reader = new ByteReader(body, "pointer update");
    const type = reader.u16le();
    reader.advance(2);
    const data = reader.rest();
    if (type === SlowPointer.TS_PTRMSGTYPE_SYSTEM) {
      if (new ByteReader(data, "system pointer").u32le() === SYSPTR_NULL) this.hide();
      else this.showDefault();
    } else if (type === SlowPointer.TS_PTRMSGTYPE_POSITION) this.takePosition(data);
    else if (type === SlowPointer.TS_PTRMSGTYPE_COLOR) this.takeColor(data);
    else if (type === SlowPointer.TS_PTRMSGTYPE_CACHED) this.takeCached(data);
    else if (type === SlowPointer.TS_PTRMSGTYPE_POINTER) this.takeNew(data);
    else throw reader.fail("unsupported", `pointer message ${type}`);
  }

  #takeShape(reader: ByteReader, bitsPerPixel: number, lengths: "short" | "long"): void {
    const index = reader.u16le();
    const hotX = reader.u16le();
    const hotY = reader.u16le();
    const width = reader.u16le();
    const height = reader.u16le();
    const readLength = () => (lengths === "long" ? reader.u32le() : reader.u16le());
    const andLength = readLength();
    const xorLength = readLength();
    if (index >= POINTER_CACHE_ENTRIES) throw reader.fail("limit", `cache entry ${index}`);
    // By [MS-RDPBCGR] 2.2.7.2.7 it has 96 pixels at most, as we offer; FreeRDP's shadow server sends what its screen has.
    if (width > MAX_CURSOR_SIDE_PX || height > MAX_CURSOR_SIDE_PX)
      throw reader.fail("limit", `${width} by ${height}`);
    if (![1, 4, 8, 16, 24, 32].includes(bitsPerPixel))
      throw reader.fail("unsupported", `${bitsPerPixel} bits`);
    const xorMask = reader.take(xorLength);
    const andMask = reader.take(andLength);
    const xorRow = rowBytes(width * bitsPerPixel);
    const andRow = rowBytes(width);
    if (xorLength < xorRow * height || (andLength !== 0 && andLength < andRow * height))
      throw reader.fail("invalid", "mask length");
    const payload = new ByteWriter(xorLength + andLength + 8)
      .u8(bitsPerPixel)
      .u32le(xorRow * height)
      .put(xorMask.subarray(0, xorRow * height))
      .put(andMask.subarray(0, andRow * height))
      .finish();
    const writer = new PictureWriter();
    writer.cursor({ hotX, hotY, width, height, kind: CursorKind.rdp, payload });
    const shape = writer.finish();
    this.#cache[index] = shape;
    this.#screen.showPointer(shape);
  }
}

/** Rows of pointer masks are padded to two bytes. */
function rowBytes(bits: number): number {
  return ((bits + 15) >> 4) * 2;
}
