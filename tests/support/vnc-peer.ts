import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { FurtherCodecs } from "@poterne/picture/further";
import { Failure, policyRules } from "../../packages/contract/src/index.ts";
import type { DriverHop, DriverHost, TargetIdentity } from "../../packages/gateway/src/session/driver.ts";
import { VncConnection } from "../../packages/gateway/src/session/drivers/vnc-connection.ts";
import { encryptDes, inflateTail } from "../../packages/gateway/src/session/drivers/vnc-crypto.ts";
import type { ViewerSize } from "../../packages/gateway/src/session/viewer-size.ts";
import { type DecodedImage, PictureDecoder, type Surface } from "../../packages/picture/src/index.ts";
import type { RfbClientOptions, RfbCommand } from "../../packages/rfb/src/index.ts";
import type { DesktopPlace, FileEvent } from "../../packages/wire/src/index.ts";

/** A frame as a hub gets it. */
export interface TakenFrame {
  readonly channel: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly atMs: number;
}

/** The hub's side of the seam for one driver, which remembers everything. */
export class TestHost implements DriverHost {
  readonly frames: TakenFrame[] = [];
  readonly markers: unknown[] = [];
  readonly clipboards: string[] = [];
  /** The same with its kind, as bytes. */
  readonly contents: { readonly kind: number; readonly content: Uint8Array }[] = [];
  readonly fileEvents: FileEvent[] = [];
  readonly warnings: string[] = [];
  readonly steps: string[] = [];
  readonly pinned: TargetIdentity[] = [];
  locksSeen: number[] = [];
  readonly screensSeen: { readonly max: number; readonly places: readonly DesktopPlace[] }[] = [];
  end: { code: string; details: Readonly<Record<string, string | number>> } | null = null;
  answers: readonly string[] | null = null;
  /** How many questions were asked. */
  questionCount = 0;
  viewerSize: ViewerSize = { columns: 0, rows: 0, widthPx: 0, heightPx: 0 };
  decodesH264 = false;
  decodesOpus = false;
  onFrame: (frame: TakenFrame) => void = () => {};
  readonly #startedAt = performance.now();

  emit(channel: number, flags: number, payload: Uint8Array): void {
    // As the hub does: the payload is copied at once, its memory is the driver's again.
    const frame = { channel, flags, payload: new Uint8Array(payload), atMs: this.nowMs() };
    this.frames.push(frame);
    this.onFrame(frame);
  }
  step(name: string, state: string): void {
    this.steps.push(`${name} ${state}`);
  }
  marker(marker: unknown): void {
    this.markers.push(marker);
  }
  fileTransferred(event: FileEvent): Promise<void> {
    this.fileEvents.push(event);
    return Promise.resolve();
  }
  clipboard(kind: number, content: Uint8Array): void {
    this.contents.push({ kind, content });
    this.clipboards.push(Buffer.from(content).toString("utf8"));
  }
  locks(locks: number): void {
    this.locksSeen.push(locks);
  }
  screens(max: number, places: readonly DesktopPlace[]): void {
    this.screensSeen.push({ max, places });
  }
  ask(): Promise<readonly string[] | null> {
    this.questionCount++;
    return Promise.resolve(this.answers);
  }
  warn(code: string): void {
    this.warnings.push(code);
  }
  ended(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    this.end ??= { code, details };
  }
  fail(error: unknown): void {
    if (error instanceof Failure) this.ended(error.code, error.details);
    else this.ended("internal", { detail: String(error) });
  }
  nowMs(): number {
    return performance.now() - this.#startedAt;
  }
  wallMs(): number {
    return Date.now();
  }
  pinIdentity(identity: TargetIdentity): Promise<void> {
    this.pinned.push(identity);
    return Promise.resolve();
  }
}

/** A lab VNC target as a hop. */
export function vncHop(port: number, changes: Partial<DriverHop> = {}): DriverHop {
  return {
    name: "lab",
    address: "127.0.0.1",
    port,
    credentials: { kind: "password", username: "", password: "vnc-pass" },
    identities: [],
    options: {},
    ...changes,
  };
}

/** JPEG decoders that run at one time: each is a process. */
const MAX_JPEG_PROCESSES = 2;
let jpegProcesses = 0;
const jpegWaiters: (() => void)[] = [];

/** Decodes a JPEG with ImageMagick. */
export async function decodeJpeg(bytes: Uint8Array): Promise<DecodedImage> {
  while (jpegProcesses >= MAX_JPEG_PROCESSES)
    await new Promise<void>((resolve) => {
      jpegWaiters.push(resolve);
    });
  jpegProcesses++;
  try {
    return await runConvert(bytes);
  } finally {
    jpegProcesses--;
    jpegWaiters.shift()?.();
  }
}

function runConvert(bytes: Uint8Array): Promise<DecodedImage> {
  return new Promise((resolve, reject) => {
    const child = spawn("convert", ["jpeg:-", "-depth", "8", "-alpha", "on", "pam:-"]);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", () => {
      const all = Buffer.concat(chunks);
      const headerEnd = all.indexOf("ENDHDR\n") + 7;
      const header = all.subarray(0, headerEnd).toString("latin1");
      const width = Number(/^WIDTH (\d+)$/m.exec(header)?.[1] ?? 0);
      const height = Number(/^HEIGHT (\d+)$/m.exec(header)?.[1] ?? 0);
      const rgba = Uint8Array.from(all.subarray(headerEnd));
      if (rgba.length === width * height * 4) resolve({ width, height, rgba });
      else reject(new Error("not decoded"));
    });
    child.stdin.end(bytes);
  });
}

/** Shows frames as a viewer would. */
export function makeViewer(): {
  decoder: PictureDecoder;
  errors: Error[];
  cursors: unknown[];
  presented: () => number;
} {
  const errors: Error[] = [];
  const cursors: unknown[] = [];
  let count = 0;
  const decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: decodeJpeg,
    presented: () => void count++,
    cursor: (shape) => void cursors.push(shape),
    pointerMoved: () => {},
    failed: (error) => void errors.push(error),
  });
  return { decoder, errors, cursors, presented: () => count };
}

/** The core with its connection, and a viewer that shows what comes: for tests that set what a driver does not. */
export class RfbPeer {
  readonly host = new TestHost();
  readonly viewer = makeViewer();
  readonly connection: VncConnection;
  readonly commands: RfbCommand[] = [];
  updates = 0;
  entryEnds = 0;
  onFrame: (command: Extract<RfbCommand, { type: "frame" }>) => void = () => {};
  /** Asks for the next update when one ended. */
  isPaced = true;

  constructor(hop: DriverHop, changes: Partial<RfbClientOptions> = {}) {
    const { host } = this;
    this.connection = new VncConnection({
      hop,
      tls: { hop, policy: policyRules.parse({}), host, signal: new AbortController().signal },
      client: {
        security: { minimum: "none", hasUsername: false },
        maxVersion: "3.8",
        isShared: true,
        encryptDes,
        quality: { quality: null, compressLevel: 2 },
        maxClipboardBytes: 1_000_000,
        wantsClipboard: true,
        allocate: (size) => Buffer.allocUnsafe(size),
        inflateTail,
        ...changes,
      },
      credentials: () =>
        hop.credentials.kind === "password"
          ? Promise.resolve(hop.credentials)
          : Promise.reject(new Error("no password")),
      nowMs: () => host.nowMs(),
      onCommands: (commands) => this.#handle(commands),
      onEnd: (failure) => host.ended(failure.code, failure.details),
    });
  }

  #handle(commands: readonly RfbCommand[]): void {
    for (const command of commands) {
      if (command.type === "frame") {
        this.viewer.decoder.push(command.payload);
        if (command.entry === "end") this.entryEnds++;
        this.onFrame(command);
      } else if (command.type !== "send") this.commands.push(command);
      if (command.type === "update") {
        this.updates++;
        if (this.isPaced) this.connection.send(this.connection.client.encodeUpdateRequest(true));
      }
    }
  }

  /** Opens, asks for everything and for what changes then. */
  async open(): Promise<void> {
    await this.connection.open();
    this.connection.run(this.connection.client.requestEntryPoint(this.host.nowMs()));
    await waitFor("the first picture", () => this.entryEnds > 0);
    // TigerVNC draws the pointer into the picture as long as it is elsewhere than this client put it.
    for (const place of [90, 3]) {
      this.connection.send(this.connection.client.pointer(place, place, 0));
      await sleep(100);
    }
  }

  /** Resolves when nothing came for `quietMs`. */
  async settle(quietMs = 300): Promise<void> {
    let seen = -1;
    while (seen !== this.updates) {
      seen = this.updates;
      await sleep(quietMs);
    }
    await this.viewer.decoder.idle();
    assert.deepEqual(this.viewer.errors, []);
  }

  close(): void {
    this.connection.close();
  }
}

/** Waits. */
export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Waits until something is true; fails with its name after the limit. */
export async function waitFor(what: string, isTrue: () => boolean, limitMs = 5000): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > endAt) assert.fail(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
}

/** A screenshot of an X display, RGBA. */
export function screenshot(display: string): { width: number; height: number; rgba: Buffer } {
  const take = () => spawnSync("xwd", ["-silent", "-root", "-display", display], { maxBuffer: 1 << 28 });
  let xwd = take();
  // It looks at every window and asks for its pixels: one may go meanwhile, or the screen become smaller.
  for (let again = 0; again < 10 && /BadWindow|BadMatch/.test(xwd.stderr.toString()); again++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    xwd = take();
  }
  assert.equal(xwd.status, 0, xwd.stderr.toString());
  const dump = xwd.stdout;
  const [headerBytes, width, height, colours] = [0, 16, 20, 76].map((at) => dump.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  // Of windows of several visuals (a video player's beside others) xwd makes a picture of 24 bits.
  const pixelBytes = dump.readUInt32BE(44) / 8;
  assert.ok(pixelBytes === 4 || pixelBytes === 3, `${pixelBytes} bytes a pixel`);
  assert.equal(dump.readUInt32BE(28), 0, "little-endian");
  const rowBytes = dump.readUInt32BE(48);
  const start = headerBytes + colours * 12;
  const rgba = Buffer.alloc(width * height * 4);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = start + row * rowBytes + column * pixelBytes;
      const to = (row * width + column) * 4;
      rgba[to] = dump[from + 2] ?? 0;
      rgba[to + 1] = dump[from + 1] ?? 0;
      rgba[to + 2] = dump[from] ?? 0;
      rgba[to + 3] = 255;
    }
  return { width, height, rgba };
}

/** How a surface differs from a screenshot: pixels not equal, and the largest and mean difference of a colour. */
export function compare(
  surface: Surface | undefined,
  picture: { readonly width: number; readonly height: number; readonly rgba: Buffer },
): { differing: number; largest: number; mean: number } {
  assert.ok(surface !== undefined);
  assert.deepEqual([surface.width, surface.height], [picture.width, picture.height]);
  let [differing, largest, sum] = [0, 0, 0];
  const { rgba } = surface;
  for (let at = 0; at < rgba.length; at += 4) {
    let most = 0;
    for (let channel = at; channel < at + 3; channel++) {
      const difference = Math.abs((rgba[channel] ?? 0) - (picture.rgba[channel] ?? 0));
      most = Math.max(most, difference);
      sum += difference;
    }
    if (most > 0) differing++;
    largest = Math.max(largest, most);
  }
  return { differing, largest, mean: sum / ((rgba.length / 4) * 3) };
}

/**
 * Waits until a picture is the X display's to the last pixel; fails with how many pixels differ at the limit. A server
 * that polls its screen (x11vnc) or is busy sends the last change late, so one look proves nothing against the viewer.
 */
export async function untilSame(
  surface: () => Surface | undefined,
  display: string,
  who = "the picture",
  limitMs = 20_000,
): Promise<void> {
  const endAt = performance.now() + limitMs;
  for (;;) {
    const { differing } = compare(surface(), screenshot(display));
    if (differing === 0) return;
    if (performance.now() > endAt) assert.fail(`${who}: ${differing} pixels are not ${display}'s`);
    await sleep(200);
  }
}

/** Runs a lab workload on a display; resolves when it ended. */
export function runWorkload(root: string, display: string, kind: string, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(`${root}/lab/workload`, [display, kind, String(seconds)], { stdio: "ignore" });
    child.on("close", () => resolve());
  });
}

/** Installs a Debian package whose command is missing; throws when that is not possible. */
export function needPackage(name: string): void {
  if (spawnSync("which", [name]).status === 0) return;
  const result = spawnSync("apt-get", ["install", "-y", "--no-install-recommends", name], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`${name} is missing: ${result.stderr}`);
}

/** What a command prints, without blocking the connection it may ask something of. */
export function outputOf(command: string, args: readonly string[], limitMs = 5000): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], timeout: limitMs });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
