import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { afterEach, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CursorShape } from "../../packages/picture/src/index.ts";
import { Pointers } from "../../packages/rdp/src/update/pointers.ts";
import { eventually } from "../support/eventually.ts";
import { startLab } from "../support/lab.ts";
import { displayOf, makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { waitFor } from "../support/vnc-peer.ts";
import { type CursorPlace, cursorOf, makeColours, placeCursor, type XCursor } from "../support/x-cursor.ts";

// The pointer's shape in the viewer against the X server's own, shape by shape, and what each server sends it as.

const LIMIT_MS = 30_000;
/** Shapes of the X cursor font. */
const [GUMBY, RESIZE] = [56, 108];
const SIDE = 60;
/** A pixel may be off by one after alpha was multiplied and divided. */
const ROUNDING = 1;

const open: ReturnType<typeof makeRdpSession>[] = [];
const windows: ChildProcess[] = [];

before(() => startLab("xrdp", "xrdp10", "shadow2", "shadow3", "grd"));
afterEach(() => {
  for (const window of windows.splice(0)) window.kill();
  for (const session of open.splice(0)) session.driver.close();
});

/** What the server sends from here on, as `new 32 96x96`, `cached`, `hidden`: each kind once. */
function watchKinds(t: TestContext): Set<string> {
  const kinds = new Set<string>();
  const { takeNew, takeCached, takeColor, takeLarge, hide, showDefault } = Pointers.prototype;
  const shape = (what: string, data: Uint8Array) => kinds.add(`${what} ${data[0]} ${data[8]}x${data[10]}`);
  t.mock.method(Pointers.prototype, "takeNew", function (this: Pointers, data: Uint8Array) {
    shape("new", data);
    takeNew.call(this, data);
  });
  t.mock.method(Pointers.prototype, "takeLarge", function (this: Pointers, data: Uint8Array) {
    shape("large", data);
    takeLarge.call(this, data);
  });
  t.mock.method(Pointers.prototype, "takeColor", function (this: Pointers, data: Uint8Array) {
    kinds.add("colour");
    takeColor.call(this, data);
  });
  t.mock.method(Pointers.prototype, "takeCached", function (this: Pointers, data: Uint8Array) {
    kinds.add("cached");
    takeCached.call(this, data);
  });
  t.mock.method(Pointers.prototype, "hide", function (this: Pointers) {
    kinds.add("hidden");
    hide.call(this);
  });
  t.mock.method(Pointers.prototype, "showDefault", function (this: Pointers) {
    kinds.add("default");
    showDefault.call(this);
  });
  return kinds;
}

async function openSession(port: number) {
  const session = makeRdpSession({ port });
  open.push(session);
  await session.driver.open();
  await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
  return session;
}

type Pixel = readonly [blue: number, green: number, red: number, alpha: number];

/** A pixel of the viewer's shape as an X server has it; nothing outside. */
function ownPixel({ width, height, rgba }: CursorShape, x: number, y: number): Pixel {
  if (x >= width || y >= height) return [0, 0, 0, 0];
  const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(
    (y * width + x) * 4,
    (y * width + x + 1) * 4,
  );
  return [(blue * alpha) / 255, (green * alpha) / 255, (red * alpha) / 255, alpha];
}

function theirPixel({ width, height, bgra }: XCursor, x: number, y: number): Pixel {
  if (x >= width || y >= height) return [0, 0, 0, 0];
  const [blue = 0, green = 0, red = 0, alpha = 0] = bgra.subarray(
    (y * width + x) * 4,
    (y * width + x + 1) * 4,
  );
  return [blue, green, red, alpha];
}

/** shadow2 passes changes over at times: the pointer comes from elsewhere each time. */
async function comeTo({ driver }: ReturnType<typeof makeRdpSession>, place: CursorPlace): Promise<void> {
  const x = place.x + SIDE / 2;
  driver.input({ type: "pointer", x, y: place.y - SIDE, buttons: 0 });
  await sleep(100);
  driver.input({ type: "pointer", x, y: place.y + SIDE / 2, buttons: 0 });
  await sleep(400);
}

/** What a server can say of a shape. */
interface Telling {
  /** It says of half-transparent pixels only that they are there. */
  readonly hasMaskOnly: boolean;
  /** It cuts shapes to this side. */
  readonly mostPx: number;
}

/** How many pixels are not the X server's, as far as the server can say; null for another hot spot. */
function countDiffering(ours: CursorShape, theirs: XCursor, { hasMaskOnly, mostPx }: Telling): number | null {
  if (ours.hotX !== theirs.hotX || ours.hotY !== theirs.hotY) return null;
  let count = 0;
  for (let y = 0; y < mostPx; y++)
    for (let x = 0; x < mostPx; x++) {
      const [mine, wanted] = [ownPixel(ours, x, y), theirPixel(theirs, x, y)];
      if (hasMaskOnly && wanted[3] !== 0 && wanted[3] !== 255) continue;
      if (wanted.some((value, channel) => Math.abs(value - (mine[channel] ?? 0)) > ROUNDING)) count++;
    }
  return count;
}

const COLOURS = [32, 48, 96].map((side) => makeColours(side));
/** Side by side at the desktop's lower edge; the first one comes again. */
const PLACES: readonly CursorPlace[] = [GUMBY, RESIZE, ...COLOURS].map((shape, index) => ({
  x: 20 + index * (SIDE + 20),
  y: 620,
  side: SIDE,
  shape,
}));

for (const { name, telling, kinds: expected } of [
  {
    name: "xrdp",
    telling: { hasMaskOnly: false, mostPx: 32 },
    kinds: ["new 24 32x32", "new 32 32x32", "cached"],
  },
  {
    name: "xrdp10",
    telling: { hasMaskOnly: false, mostPx: 96 },
    kinds: ["new 24 32x32", "new 32 32x32", "new 32 96x96", "cached"],
  },
  {
    name: "shadow2",
    telling: { hasMaskOnly: true, mostPx: 96 },
    kinds: ["new 24 32x32", "new 24 48x48", "new 24 96x96", "cached"],
  },
] as const)
  test(`${name}: the pointer's shape is the X server's`, async (t) => {
    const kinds = watchKinds(t);
    const session = await openSession(RDP_PORT[name]);
    const display = await displayOf(name);
    for (const place of PLACES) windows.push(placeCursor(display, place));
    for (const place of [...PLACES, ...PLACES.slice(0, 1)]) {
      await eventually(`the pointer at ${place.x} on ${name}`, async (seen) => {
        await comeTo(session, place);
        const ours = session.viewer.cursors.at(-1) as CursorShape | "default" | null | undefined;
        const theirs = cursorOf(display);
        const wanted = typeof place.shape === "object" ? place.shape : theirs;
        if (ours === null || ours === undefined || ours === "default" || theirs.width !== wanted.width)
          return null;
        const differing = countDiffering(ours, theirs, telling);
        seen(`${ours.width}x${ours.height} for ${theirs.width}x${theirs.height}: ${differing} differ`);
        return differing === 0;
      });
    }
    t.diagnostic(`${name}: ${[...kinds].sort().join(", ")}`);
    for (const kind of expected) assert.ok(kinds.has(kind), `${kind} of ${[...kinds]}`);
    assert.deepEqual(session.viewer.errors, []);
  });

test("shadow2: a pointer larger than offered is shown, and the session goes on", async () => {
  const session = await openSession(RDP_PORT.shadow2);
  const place = { x: 20, y: 620, side: SIDE, shape: makeColours(128) };
  windows.push(placeCursor(":41", place));
  await eventually("the large pointer", async () => {
    await comeTo(session, place);
    return (session.viewer.cursors.at(-1) as CursorShape | undefined)?.width === 128;
  });
  assert.equal(session.host.end, null);
});

test("shadow3 hides the pointer: the viewer shows none", async (t) => {
  const kinds = watchKinds(t);
  const session = await openSession(RDP_PORT.shadow3);
  windows.push(placeCursor(":42", PLACES[0] as CursorPlace), placeCursor(":42", PLACES[1] as CursorPlace));
  await eventually("the pointer's end", async (seen) => {
    for (const { x, y } of PLACES.slice(0, 2)) {
      session.driver.input({ type: "pointer", x: x + 10, y: y + 10, buttons: 0 });
      await sleep(300);
    }
    seen([...kinds].join(", "));
    return kinds.has("hidden");
  });
  assert.equal(session.viewer.cursors.at(-1), null);
});

test("grd: shapes of 32 bits, and those again by their number", async (t) => {
  const kinds = watchKinds(t);
  const session = await openSession(RDP_PORT.grd);
  // Its desktop is Wayland's: nobody can be asked for the shape.
  await eventually("all kinds", async (seen) => {
    for (const x of [50, 300, 600, 900])
      for (const y of [50, 350, 700]) {
        session.driver.input({ type: "pointer", x, y, buttons: 0 });
        await sleep(50);
      }
    seen([...kinds].join(", "));
    // That there is no pointer yet it says to some clients only.
    return kinds.has("cached") && [...kinds].some((kind) => kind.startsWith("new 32"));
  });
  t.diagnostic(`grd: ${[...kinds].sort().join(", ")}`);
  assert.ok(((session.viewer.cursors.at(-1) as CursorShape | null)?.width ?? 0) > 0);
  assert.deepEqual(session.viewer.errors, []);
});
