import { ByteReader, DecodeError } from "@poterne/bytes";
import { takeBitmapUpdate, takePaletteUpdate } from "./bitmaps.ts";
import { FastPathUpdate } from "./fast-path.ts";
import { Pointers } from "./pointers.ts";
import type { Screen } from "./screen.ts";
import { type SurfaceCommandEvents, takeSurfaceCommands } from "./surface-commands.ts";

/** [MS-RDPBCGR] 2.2.9.1.1.3.1 updateType of slow path; fast path's codes have the same numbers. */
const SlowUpdate = {
  UPDATETYPE_ORDERS: 0,
  UPDATETYPE_BITMAP: 1,
  UPDATETYPE_PALETTE: 2,
  UPDATETYPE_SYNCHRONIZE: 3,
} as const;

/** Pictures and pointers outside the graphics pipeline. */
export class Updates {
  readonly #screen: Screen;
  readonly #events: SurfaceCommandEvents;
  readonly pointers: Pointers;

  constructor(screen: Screen, events: SurfaceCommandEvents) {
    this.#screen = screen;
    this.#events = events;
    this.pointers = new Pointers(screen);
  }

  /** One whole fast-path update; throws `DecodeError`. */
  takeFastPath(code: number, data: Uint8Array): void {
    switch (code) {
      case FastPathUpdate.FASTPATH_UPDATETYPE_BITMAP:
        return takeBitmapUpdate(data, this.#screen, this.#events.drawn);
      case FastPathUpdate.FASTPATH_UPDATETYPE_PALETTE:
        return takePaletteUpdate(data, this.#screen);
      case FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS:
        return takeSurfaceCommands(data, this.#screen, this.#events);
      case FastPathUpdate.FASTPATH_UPDATETYPE_ORDERS:
        return refuseOrders(new ByteReader(data, "orders"));
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
    if (type === SlowUpdate.UPDATETYPE_BITMAP) takeBitmapUpdate(body, this.#screen, this.#events.drawn);
    else if (type === SlowUpdate.UPDATETYPE_PALETTE) takePaletteUpdate(body, this.#screen);
    else if (type === SlowUpdate.UPDATETYPE_ORDERS) refuseOrders(new ByteReader(body, "orders", 4));
    else if (type !== SlowUpdate.UPDATETYPE_SYNCHRONIZE)
      throw new DecodeError("unsupported", "update", 0, `type ${type}`);
  }
}

/** No drawing order was offered ([MS-RDPBCGR] 2.2.7.1.3): a server that sends some would show a wrong picture. */
function refuseOrders(reader: ByteReader): void {
  if (reader.remaining >= 2 && reader.u16le() > 0) throw reader.fail("unsupported", "drawing orders");
}
