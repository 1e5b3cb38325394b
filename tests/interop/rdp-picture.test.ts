import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, before, test } from "node:test";
import { FurtherCodecs } from "@poterne/picture/further";
import { Codec, PictureDecoder } from "../../packages/picture/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { askOracle, OracleOperation } from "../support/freerdp-oracle.ts";
import { labDir, projectRoot, startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { assertSamePixels, decodeAlone } from "../support/test-pictures.ts";
import { runWorkload, screenshot } from "../support/vnc-peer.ts";

// Desktops of the lab as the decoder draws them, against the server's own X display: bitmap updates lose nothing, so
// that every pixel is the same.

const peers: RdpPeer[] = [];
const servers: ChildProcess[] = [];
const WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 300;
const WITHOUT_GRAPHICS = { graphics: null, hasRemoteFx: false };

before(() => startLab("xrdp", "xrdp10", "shadow2", "shadow3"));
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
  for (const server of servers.splice(0)) server.kill();
});

async function openDesktop(
  port: number,
  options: ConstructorParameters<typeof RdpPeer>[1] = WITHOUT_GRAPHICS,
): Promise<{ readonly peer: RdpPeer; readonly viewer: Viewer }> {
  const peer = new RdpPeer(port, options);
  peers.push(peer);
  await peer.until("the desktop", () => peer.isOpen);
  return { peer, viewer: new Viewer(peer) };
}

/** The newest X display of alice's on an xrdp: others have desktops there too. */
function findDisplay(first: number, home: string): string | null {
  const { uid } = statSync(home);
  const sockets = readFileSync("/proc/net/unix", "latin1");
  const numbers = [...sockets.matchAll(/\.X11-unix\/X(\d+)/g)].map(([, number]) => Number(number));
  const isHers = (number: number) =>
    number >= first &&
    number < first + 10 &&
    statSync(`/tmp/.X11-unix/X${number}`, { throwIfNoEntry: false })?.uid === uid;
  const newest = Math.max(-1, ...numbers.filter(isHers));
  return newest < 0 ? null : `:${newest}`;
}

/** A viewer behind a peer: takes the frames that came since it was asked last. */
class Viewer {
  readonly #peer: RdpPeer;
  readonly #decoder: PictureDecoder;
  #taken = 0;
  readonly codecs = new Set<number>();
  #failure: Error | null = null;

  constructor(peer: RdpPeer) {
    this.#peer = peer;
    this.#decoder = new PictureDecoder({
      further: new FurtherCodecs(),
      decodeImage: () => Promise.reject(new Error("no image is expected")),
      presented: () => {},
      cursor: () => {},
      pointerMoved: () => {},
      failed: (error) => {
        this.#failure = error;
      },
    });
  }

  /** The screen as it is now, null before there is one. */
  look(): { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray } | null {
    for (const { channel, commands, payload } of this.#peer.frames.slice(this.#taken)) {
      this.#taken++;
      if (channel !== "picture") continue;
      this.#decoder.push(payload);
      for (const command of commands) if (command.op === "draw") this.codecs.add(command.codec);
    }
    if (this.#failure !== null) throw this.#failure;
    return this.#decoder.surface() ?? null;
  }
}

type Picture = Pick<ReturnType<typeof screenshot>, "width" | "height"> & { readonly rgba: ArrayLike<number> };

/** Bits of red, green and blue that a server sends. */
type Channels = readonly [red: number, green: number, blue: number];
const ALL_BITS: Channels = [8, 8, 8];

/** How like its display a screen has to be, and of how many colours at least. */
interface Likeness {
  readonly minColours?: number;
  readonly channels?: Channels;
  readonly tolerance?: number;
}

/** How many pixels differ by more than `tolerance` in the bits sent; all of them when the sizes do. */
function countDifferent(
  one: Picture,
  other: Picture,
  { channels = ALL_BITS, tolerance = 0 }: Likeness,
): number {
  if (one.width !== other.width || one.height !== other.height) return one.width * one.height;
  const masks = channels.map((bits) => (0xff00 >> bits) & 0xff);
  let count = 0;
  for (let at = 0; at < one.rgba.length; at += 4) {
    const differs = masks.some((mask, channel) => {
      const [mine = 0, theirs = 0] = [one.rgba[at + channel], other.rgba[at + channel]];
      return Math.abs((mine & mask) - (theirs & mask)) > tolerance;
    });
    if (differs) count++;
  }
  return count;
}

function countColours({ rgba }: Picture): number {
  const colours = new Set<number>();
  for (let at = 0; at < rgba.length; at += 4)
    colours.add(((rgba[at] ?? 0) << 16) | ((rgba[at + 1] ?? 0) << 8) | (rgba[at + 2] ?? 0));
  return colours.size;
}

/**
 * Waits until the viewer's screen is the display's, pixel by pixel, and shows at least so many colours; both may change
 * while they are looked at.
 */
async function assertShows(
  viewer: Viewer,
  display: () => string | null,
  likeness: Likeness = {},
): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let colours = 0;
  for (const startedAt = Date.now(); Date.now() - startedAt < WAIT_MS; ) {
    const name = display();
    const screen = name === null ? null : screenshot(name);
    // What was sent before the screenshot was taken is on its way.
    await pause(LOOK_AGAIN_MS);
    const shown = viewer.look();
    if (screen === null || shown === null || viewer.codecs.size === 0) continue;
    colours = countColours(shown);
    fewest = Math.min(fewest, countDifferent(shown, screen, likeness));
    if (countDifferent(shown, screen, likeness) === 0 && colours >= (likeness.minColours ?? 1)) return;
  }
  assert.fail(`${fewest} pixels differ at best, ${colours} colours`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Three bits of two chroma planes are lost: each changes a colour by less than eight halves. */
const NSCODEC_TOLERANCE = 8;
const HOME = "/home/alice";
const XRDP_AUTHORITY = `${HOME}/.Xauthority`;
const XRDP10_HOME = `${process.env.LAB_TRIXIE ?? "/opt/trixie"}${HOME}`;
const findXrdp = () => findDisplay(60, HOME);
const DESKTOPS = [
  { name: "xrdp", port: 23890, display: findXrdp, authority: XRDP_AUTHORITY },
  {
    name: "xrdp10",
    port: 23891,
    display: () => findDisplay(70, XRDP10_HOME),
    authority: `${XRDP10_HOME}/.Xauthority`,
  },
  { name: "shadow2", port: 23892, display: () => ":41", authority: "" },
];

for (const { name, port, display, authority } of DESKTOPS)
  test(`${name}'s bitmap updates are drawn as its screen is, pixel by pixel, also while pictures are shown`, async () => {
    const { viewer } = await openDesktop(port);
    process.env.XAUTHORITY = authority;
    await assertShows(viewer, display);
    const showing = runWorkload(projectRoot, display() ?? "", "slides", 12);
    await assertShows(viewer, display, { minColours: 2000 });
    await showing;
    await assertShows(viewer, display);
    assert.ok([...viewer.codecs].every((codec) => codec === Codec.planar || codec === Codec.raw32));
  });

test("shadow2's NSCodec is drawn as its screen is, but for the colour it loses", async () => {
  const { viewer } = await openDesktop(23892, { ...WITHOUT_GRAPHICS, hasNsCodec: true });
  process.env.XAUTHORITY = "";
  const likeness = { tolerance: NSCODEC_TOLERANCE };
  await assertShows(viewer, () => ":41", likeness);
  const showing = runWorkload(projectRoot, ":41", "slides", 12);
  await assertShows(viewer, () => ":41", { ...likeness, minColours: 2000 });
  await showing;
  assert.deepEqual([...viewer.codecs], [Codec.nsCodec]);
});

test("shadow3's bitmap updates are drawn as FreeRDP draws them", async () => {
  // Not as its screen is: FreeRDP 3.15 spoils differences between rows when it encodes planar, and its own decoder shows it.
  const { peer } = await openDesktop(23893);
  const draws = () =>
    peer.frames.flatMap(({ commands }) => commands.filter((command) => command.op === "draw")).slice(0, 200);
  await peer.until("pictures", () => draws().length === 200);
  const bitmaps = draws().map(({ payload }, index) => {
    const [width, height] = [readU16(payload, 0), readU16(payload, 2)];
    return { name: `draw ${index}`, width, height, data: payload.subarray(5) };
  });
  const expected = askOracle(
    bitmaps.map(({ width, height, data }) => {
      const options = [0, 1] as const;
      return { operation: OracleOperation.planarDecode, width, height, options, data };
    }),
  );
  for (const [index, bitmap] of bitmaps.entries()) {
    const shown = decodeAlone(Codec.planar, { ...bitmap, rows: "bottomUp" });
    assertSamePixels(shown, expected[index] ?? new Uint8Array(0), bitmap);
  }
});

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Starts another xrdp 0.9 on the lab's settings that grants this many bits a pixel at most; returns its port. */
async function startXrdp(maxBits: number): Promise<number> {
  const port = 23_900 + maxBits;
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-xrdp-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const settings = readFileSync(path.join(labDir, "xrdp/xrdp.ini"), "utf8")
    .replace(/^port=tcp:.*/m, `port=tcp://127.0.0.1:${port}`)
    .replace(/^max_bpp=.*/m, `max_bpp=${maxBits}`)
    .replace(/^LogFile=.*/m, `LogFile=${folder}/xrdp.log`);
  writeFileSync(path.join(folder, "xrdp.ini"), settings);
  servers.push(spawn("xrdp", ["--nodaemon", "--config", path.join(folder, "xrdp.ini")], { stdio: "ignore" }));
  await eventually(`xrdp of ${maxBits} bits`, () => canConnect(port));
  return port;
}

function canConnect(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(null));
  });
}

for (const { bits, codecs, channels } of [
  { bits: 24, codecs: [Codec.rle24, Codec.raw24], channels: [8, 8, 8] },
  { bits: 16, codecs: [Codec.rle16, Codec.raw16], channels: [5, 6, 5] },
  { bits: 15, codecs: [Codec.rle15, Codec.raw15], channels: [5, 5, 5] },
  { bits: 8, codecs: [Codec.rle8, Codec.raw8], channels: [3, 3, 2] },
] as const)
  test(`xrdp that grants ${bits} bits: interleaved RLE is drawn as its screen is, pixel by pixel in those bits`, async () => {
    const { viewer } = await openDesktop(await startXrdp(bits));
    process.env.XAUTHORITY = XRDP_AUTHORITY;
    await assertShows(viewer, findXrdp, { channels });
    const showing = runWorkload(projectRoot, findXrdp() ?? "", "slides", 12);
    await assertShows(viewer, findXrdp, { minColours: bits === 8 ? 25 : 1000, channels });
    await showing;
    assert.ok([...viewer.codecs].every((codec) => codecs.some((known) => known === codec)));
  });
