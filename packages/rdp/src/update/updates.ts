import { ByteReader, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";
import type { EntryPoint } from "../entry-point.ts";
import { takeBitmapUpdate, takePaletteUpdate } from "./bitmaps.ts";
import { FastPathUpdate } from "./fast-path.ts";
import { Pointers } from "./pointers.ts";
import { SCREEN, type Screen } from "./screen.ts";
import { ScreenDraws } from "./screen-draws.ts";
import { takeSurfaceCommands } from "./surface-commands.ts";

/** [MS-RDPEGDI] 2.2.2.2.1.2.1.1 controlFlags TS_STANDARD and TS_SECONDARY. */
const SECONDARY_ORDER = 0x03;
/** What a secondary order has after its type over its orderLength. */
const SECONDARY_LENGTH_LACKS = 7;
const TS_CACHE_COLOR_TABLE = 0x01;

/** [MS-RDPBCGR] 2.2.9.1.1.3.1 updateType of slow path; fast path's codes have the same numbers. */
const SlowUpdate = {
  UPDATETYPE_ORDERS: 0,
  UPDATETYPE_BITMAP: 1,
  UPDATETYPE_PALETTE: 2,
  UPDATETYPE_SYNCHRONIZE: 3,
} as const;

/** What updates tell besides pictures. */
export interface UpdateEvents {
  drawn(place: Rectangle): void;
  frameEnded(frameId: number): void;
}

/** Pictures and pointers outside the graphics pipeline. */
export class Updates {
  readonly #screen: Screen;
  readonly #events: UpdateEvents;
  readonly #draws: ScreenDraws;
  readonly pointers: Pointers;

  /** Of what was drawn as many bytes are kept for entry points. */
  constructor(screen: Screen, events: UpdateEvents, maxKeptBytes: number) {
    this.#screen = screen;
    this.#events = events;
    this.#draws = new ScreenDraws(screen, maxKeptBytes, (place) => events.drawn(place));
    this.pointers = new Pointers(screen);
  }

  /** Makes a whole entry point of what was kept; false where that is not possible. */
  replayKept(entry: EntryPoint, nowMs: number): boolean {
    const { kept } = this.#draws;
    kept.fit(this.#screen.width, this.#screen.height);
    if (!kept.isWhole) return false;
    this.#screen.flush();
    entry.begin();
    kept.replay(this.#screen.writer, SCREEN);
    this.#screen.writer.present();
    entry.frameEnded(true, nowMs);
    return true;
  }

  /** One whole fast-path update; throws `DecodeError`. */
  takeFastPath(code: number, data: Uint8Array): void {
    switch (code) {
      case FastPathUpdate.FASTPATH_UPDATETYPE_BITMAP:
        return takeBitmapUpdate(data, this.#draws);
      case FastPathUpdate.FASTPATH_UPDATETYPE_PALETTE:
        return takePaletteUpdate(data, this.#screen);
      case FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS:
        return takeSurfaceCommands(data, this.#draws, (frameId) => this.#events.frameEnded(frameId));
      case FastPathUpdate.FASTPATH_UPDATETYPE_ORDERS:
        return refuseOrders(new ByteReader(data, "orders"), 0);
      case FastPathUpdate.FASTPATH_UPDATETYPE_SYNCHRONIZE:
        return;
      default:
        return this.#takePointer(code, data);
    }
  }

  #takePointer(code: number, data: Uint8Array): void {
    switch (code) {
      case FastPathUpdate.FASTPATH_UPDATETYPE_PTR_NULL:
        return this.pointers.hide();
      case FastPathUpdate.FASTPATH_UPDATETYPE_PTR_DEFAULT:
        return this.pointers.showDefault();
      case FastPathUpdate.FASTPATH_UPDATETYPE_PTR_POSITION:
        return this.pointers.takePosition(data);
      case FastPathUpdate.FASTPATH_UPDATETYPE_COLOR:
        return this.pointers.takeColor(data);
      case FastPathUpdate.FASTPATH_UPDATETYPE_CACHED:
        return this.pointers.takeCached(data);
      case FastPathUpdate.FASTPATH_UPDATETYPE_POINTER:
        return this.pointers.takeNew(data);
      case FastPathUpdate.FASTPATH_UPDATETYPE_LARGE_POINTER:
        return this.pointers.takeLarge(data);
      default:
        throw new DecodeError("unsupported", "fast-path update", 0, `code ${code}`);
    }
  }

  /** [MS-RDPBCGR] 2.2.9.1.1.3 the body of a slow-path Graphics Update PDU; throws `DecodeError`. */
  takeSlowPath(body: Uint8Array): void {
    const type = new ByteReader(body, "update").u16le();
    if (type === SlowUpdate.UPDATETYPE_BITMAP) takeBitmapUpdate(body, this.#draws);
    else if (type === SlowUpdate.UPDATETYPE_PALETTE) takePaletteUpdate(body, this.#screen);
    else if (type === SlowUpdate.UPDATETYPE_ORDERS) refuseOrders(new ByteReader(body, "orders", 4), 2);
    else if (type !== SlowUpdate.UPDATETYPE_SYNCHRONIZE)
      throw new DecodeError("unsupported", "update", 0, `type ${type}`);
  }
}

/**
 * No drawing order was offered ([MS-RDPBCGR] 2.2.7.1.3): a server that sends some would show a wrong picture. Only the
 * palette of a bitmap cache ([MS-RDPEGDI] 2.2.2.2.1.2.4) is passed over: it draws nothing, and xrdp sends it with eight
 * bits a pixel all the same.
 */
function refuseOrders(reader: ByteReader, padBytes: number): void {
  if (reader.remaining < 2) return;
  const count = reader.u16le();
  if (count > 0) reader.advance(padBytes);
  for (let index = 0; index < count; index++) {
    const isSecondary = reader.u8() === SECONDARY_ORDER;
    const sizeBytes = isSecondary ? reader.u16le() + SECONDARY_LENGTH_LACKS : 0;
    if (isSecondary) reader.advance(2);
    if (!isSecondary || reader.u8() !== TS_CACHE_COLOR_TABLE)
      throw reader.fail("unsupported", "drawing orders");
    reader.advance(sizeBytes);
  }
}
