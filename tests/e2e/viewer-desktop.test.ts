import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { concatBytes } from "@poterne/bytes";
import { Channel, encodeFrame, FrameFlag } from "@poterne/wire";
import { Codec, CursorKind, PictureWriter } from "../../packages/picture/src/index.ts";
import { Encoding } from "../../packages/rfb/src/index.ts";
import { labDir, startLab } from "../support/lab.ts";
import { RfbPeer, screenshot, sleep, vncHop } from "../support/vnc-peer.ts";
import { startViewerHarness, type ViewerHarness } from "./viewer-harness.ts";

interface DesktopHarness {
  readonly told: {
    readonly sizes: string[];
    readonly asked: string[];
    readonly needEntry: number;
    readonly doneCount: number;
    readonly input: {
      readonly type: string;
      readonly x?: number;
      readonly y?: number;
      readonly buttons?: number;
    }[];
  };
  show(base64: string): Promise<void>;
  pixels(): Promise<{ width: number; height: number; base64: string }>;
  setScale(scale: "fit" | "actual" | "resize"): void;
  readonly view: { readonly canvas: HTMLCanvasElement };
}
declare const harness: DesktopHarness;

const DISPLAY = ":87";
const PORT = 5987;
const children: ChildProcess[] = [];
let viewer: ViewerHarness;

before(async () => {
  startLab("vnc");
  const security = ["-SecurityTypes", "VncAuth", "-rfbauth", `${labDir}/vnc/passwd`];
  const options = [
    "-geometry",
    "640x480",
    "-depth",
    "24",
    "-rfbport",
    String(PORT),
    "-interface",
    "127.0.0.1",
  ];
  children.push(spawn("Xtigervnc", [DISPLAY, ...options, ...security], { stdio: "ignore" }));
  await sleep(1000);
  const look = ["-display", DISPLAY, "-geometry", "60x20+40+30", "-bg", "#204060", "-fg", "#ffd080"];
  children.push(
    spawn("xterm", [...look, "-e", "ls -la /usr/bin | head -n 18; sleep 600"], { stdio: "ignore" }),
  );
  await sleep(800);
  viewer = await startViewerHarness();
});
after(async () => {
  await viewer.close();
  for (const child of children.reverse()) child.kill();
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const show = (page: Page, bytes: Uint8Array): Promise<void> =>
  page.evaluate((text) => harness.show(text), base64(bytes));
async function pixels(page: Page): Promise<{ width: number; height: number; rgba: number[] }> {
  const { width, height, base64: text } = await page.evaluate(() => harness.pixels());
  return { width, height, rgba: [...Buffer.from(text, "base64")] };
}

/** An opaque pixel as surfaces hold it. */
const pixel = (red: number, green: number, blue: number): number =>
  (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;

/** A frame of the picture channel. */
function picture(payload: Uint8Array, flags = 0): Uint8Array {
  return encodeFrame({ channel: 1, flags, stream: 0, timeMs: 0, payload });
}

for (const [name, encodings] of Object.entries({
  "lossless Tight": [Encoding.copyRect, Encoding.tight],
  ZRLE: [Encoding.copyRect, Encoding.zrle],
}))
  test(`a real server's ${name} stream is drawn in Chromium as the X display shows it, pixel by pixel`, async () => {
    const frames: Uint8Array[] = [];
    const peer = new RfbPeer(vncHop(PORT), { encodings });
    peer.onFrame = ({ channel, payload, entry }) => {
      const flags = entry === "start" ? FrameFlag.entryStart : entry === "end" ? FrameFlag.entryEnd : 0;
      const number = channel === "picture" ? Channel.picture : Channel.pointer;
      frames.push(encodeFrame({ channel: number, flags, stream: 0, timeMs: 0, payload: payload.slice() }));
    };
    const { page, violations } = await viewer.open("desktop");
    try {
      await peer.open();
      await peer.settle();
      await show(page, concatBytes(frames));
      const drawn = await pixels(page);
      const wanted = screenshot(DISPLAY);
      assert.deepEqual([drawn.width, drawn.height], [wanted.width, wanted.height]);
      let differing = 0;
      for (let at = 0; at < drawn.rgba.length; at++)
        if (at % 4 !== 3 && drawn.rgba[at] !== wanted.rgba[at]) differing++;
      assert.equal(differing, 0);
      assert.deepEqual(violations, []);
    } finally {
      peer.close();
      await page.close();
    }
  });

/** A JPEG of one colour, made by ImageMagick. */
function jpegOf(colour: string, size: string): Uint8Array {
  return execFileSync("convert", ["-size", size, `xc:${colour}`, "-quality", "95", "jpg:-"]);
}

test("what follows a JPEG is drawn after it, in order", async () => {
  const { page } = await viewer.open("desktop");
  const writer = new PictureWriter();
  writer.surface(0, 64, 64);
  writer.draw(0, { x: 0, y: 0, width: 64, height: 64 }, Codec.jpeg, jpegOf("#c02020", "64x64"));
  writer.fill(0, 0, 0, 32, 64, pixel(0, 0, 255));
  writer.present();
  await show(page, picture(writer.finish().slice()));
  const { rgba } = await pixels(page);
  assert.deepEqual(rgba.slice(0, 3), [0, 0, 255]);
  const right = rgba.slice((40 + 10 * 64) * 4, (40 + 10 * 64) * 4 + 3);
  assert.ok(Math.abs((right[0] ?? 0) - 0xc0) < 4 && (right[2] ?? 255) < 0x28, String(right));
  await page.close();
});

test("an entry point is held back until it is whole", async () => {
  const { page } = await viewer.open("desktop");
  const red = new PictureWriter();
  red.surface(0, 32, 32);
  red.fill(0, 0, 0, 32, 32, pixel(255, 0, 0));
  red.present();
  await show(page, picture(red.finish().slice(), FrameFlag.entryStart));
  assert.deepEqual((await pixels(page)).rgba.slice(0, 3), [0, 0, 0]);
  const green = new PictureWriter();
  green.fill(0, 0, 0, 8, 8, pixel(0, 255, 0));
  green.present();
  await show(page, picture(green.finish().slice(), FrameFlag.entryEnd));
  const { rgba } = await pixels(page);
  assert.deepEqual(
    [rgba.slice(0, 3), rgba.slice(20 * 4, 20 * 4 + 3)],
    [
      [0, 255, 0],
      [255, 0, 0],
    ],
  );
  await page.close();
});

test("a broken stream asks for an entry point once and comes back with it", async () => {
  const { page } = await viewer.open("desktop");
  await show(page, picture(Uint8Array.of(3, 0, 0, 9)));
  await show(page, picture(Uint8Array.of(3, 0, 0, 9)));
  assert.equal(await page.evaluate(() => harness.told.needEntry), 1);
  const writer = new PictureWriter();
  writer.surface(0, 16, 16);
  writer.fill(0, 0, 0, 16, 16, pixel(1, 2, 3));
  writer.present();
  await show(page, picture(writer.finish().slice(), FrameFlag.entryStart | FrameFlag.entryEnd));
  assert.deepEqual((await pixels(page)).rgba.slice(0, 3), [1, 2, 3]);
  assert.equal(await page.evaluate(() => harness.told.doneCount), 3);
  await page.close();
});

test("the pointer's shape is shown and the mouse reaches the right remote pixel, scaled or not", async () => {
  const { page, violations } = await viewer.open("desktop");
  const writer = new PictureWriter();
  writer.surface(0, 320, 200);
  writer.present();
  await show(page, picture(writer.finish().slice()));
  const shape = new PictureWriter();
  shape.cursor({
    hotX: 2,
    hotY: 3,
    width: 8,
    height: 8,
    kind: CursorKind.rgba,
    payload: new Uint8Array(256).fill(200),
  });
  await show(
    page,
    encodeFrame({ channel: 2, flags: 0, stream: 0, timeMs: 0, payload: shape.finish().slice() }),
  );
  const cursor = await page.evaluate(() => harness.view.canvas.style.cursor);
  assert.match(cursor, /^url\("data:image\/png;base64,.*"\) 2 3, default$/);
  for (const scale of ["actual", "fit"] as const) {
    await page.evaluate((value) => harness.setScale(value), scale);
    const box = await page.locator("canvas").boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.up();
    const input = await page.evaluate(() => harness.told.input);
    const press = input.findLast((event) => event.buttons === 1);
    assert.deepEqual([press?.x, press?.y], [160, 50], scale);
  }
  assert.deepEqual(violations, []);
  await page.close();
});

test("the remote is asked for the window's size once the window keeps still", async () => {
  const { page } = await viewer.open("desktop");
  const writer = new PictureWriter();
  writer.surface(0, 320, 200);
  writer.present();
  await show(page, picture(writer.finish().slice()));
  await page.evaluate(() => harness.setScale("resize"));
  await page.waitForTimeout(100);
  assert.deepEqual(await page.evaluate(() => harness.told.asked), []);
  await page.waitForTimeout(400);
  assert.deepEqual(await page.evaluate(() => harness.told.asked), ["960x600"]);
  await page.close();
});
