import assert from "node:assert/strict";
import { test } from "node:test";
import { PictureDecoder, PictureWriter, type Rectangle } from "@poterne/picture";
import type { ToScreen } from "./screen-part.ts";
import { ScreenSet, type ScreenWay } from "./screen-set.ts";

const DESKTOP = { width: 40, height: 20 };
const RIGHT = { x: 24, y: 0, width: 16, height: 20 };

/** A desktop drawn through the decoder, its own window, and one further window. */
function makeDesktop() {
  const own: string[] = [];
  const told: ToScreen[] = [];
  const set = new ScreenSet({
    resize: (width, height) => void own.push(`${width}x${height}`),
    blit: (_surface, rectangles, left) => void own.push(`${rectangles.length} from ${left}`),
  });
  const way: ScreenWay = {
    postMessage: (message) => void told.push(message),
    onmessage: null,
    close: () => {},
  };
  const decoder = new PictureDecoder({
    decodeImage: () => Promise.reject(new Error("none here")),
    presented(damage) {
      for (const part of damage) {
        if (part.isResized) set.resize(part.surface.width, part.surface.height);
        set.blit(part);
      }
    },
    cursor: (shape) => set.showCursor(shape),
    pointerMoved: () => {},
    failed(error) {
      throw error;
    },
  });
  const draw = (pixel: number, ...places: readonly Rectangle[]): void => {
    const writer = new PictureWriter();
    writer.surface(0, DESKTOP.width, DESKTOP.height);
    writer.solidList(0, pixel, places);
    writer.present();
    decoder.push(writer.finish());
  };
  const drawn = () => way.onmessage?.({ data: { type: "drawn" } });
  return { own, told, set, way, draw, drawn };
}

test("a further window gets its part, all of it first, then what changes there", () => {
  const { told, set, way, draw, drawn } = makeDesktop();
  draw(0x0000ff, { x: 0, y: 0, ...DESKTOP });
  set.add(2, way);
  set.setPart(2, RIGHT);
  assert.deepEqual(told[1], { type: "size", width: 16, height: 20 });
  const first = told[2];
  assert.ok(first?.type === "pixels");
  assert.deepEqual(
    first.pixels.map(({ rgba, ...place }) => [place, rgba.byteLength]),
    [[{ x: 0, y: 0, width: 16, height: 20 }, 16 * 20 * 4]],
  );
  drawn();
  draw(0x00ff00, { x: 20, y: 5, width: 6, height: 2 }, { x: 0, y: 0, width: 3, height: 3 });
  const second = told[3];
  assert.ok(second?.type === "pixels");
  assert.deepEqual(
    second.pixels.map(({ rgba: _, ...place }) => place),
    [{ x: 0, y: 5, width: 2, height: 2 }],
    "only what lies in its part",
  );
  const [pixel] = new Uint32Array(second.pixels[0]?.rgba ?? new ArrayBuffer(0));
  assert.equal((pixel ?? 0) & 0xffffff, 0x00ff00);
});

test("a window that has not drawn yet gathers what changed, and gets the newest pixels once", () => {
  const { told, set, way, draw, drawn } = makeDesktop();
  set.add(2, way);
  set.setPart(2, RIGHT);
  draw(1, { x: 0, y: 0, ...DESKTOP });
  const before = told.length;
  for (let step = 0; step < 500; step++) draw(step, { x: 24, y: step % 20, width: 16, height: 1 });
  assert.equal(told.length, before);
  drawn();
  assert.equal(told.length, before + 1);
  const last = told.at(-1);
  assert.ok(last?.type === "pixels");
  const bytes = last.pixels.reduce((sum, { rgba }) => sum + rgba.byteLength, 0);
  assert.ok(bytes <= 16 * 20 * 4, `${bytes} bytes`);
});

test("the page's own window shows its part, or all of it again; a window that goes hears no more", () => {
  const { own, told, set, way, draw } = makeDesktop();
  draw(1, { x: 0, y: 0, ...DESKTOP });
  own.length = 0;
  set.setOwnPart(RIGHT);
  set.setOwnPart({ ...RIGHT });
  assert.deepEqual(own, ["16x20", "1 from 24"]);
  set.setOwnPart(null);
  assert.deepEqual(own.slice(2), ["40x20", "1 from 0"]);
  set.add(2, way);
  set.setPart(2, RIGHT);
  set.setPart(2, RIGHT);
  set.remove(2);
  const before = told.length;
  draw(2, { x: 0, y: 0, ...DESKTOP });
  assert.equal(told.length, before);
  assert.deepEqual(
    told.map(({ type }) => type),
    ["cursor", "size", "pixels"],
  );
});

test("a part known before the first picture is shown gives the window its size all the same", () => {
  const { own, set } = makeDesktop();
  set.resize(40, 20);
  set.setOwnPart(RIGHT);
  assert.deepEqual(own, ["40x20", "16x20"]);
});
