import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, fromHex } from "@poterne/bytes";
import { Codec, decodeCommands, type PictureCommand } from "@poterne/picture";
import type { RdpCommand } from "../commands.ts";
import { EntryPoint } from "../entry-point.ts";
import { assertWithstands } from "../testing/mutate.ts";
import * as server from "../testing/server-pdus.ts";
import { Screen } from "../update/screen.ts";
import { GfxVersion } from "./capabilities.ts";
import { GfxCodec } from "./gfx-pdus.ts";
import { GfxPipeline } from "./gfx-pipeline.ts";

const V107 = GfxVersion.RDPGFX_CAPVERSION_107;
const PLANAR = GfxCodec.RDPGFX_CODECID_PLANAR;
const AVC420 = GfxCodec.RDPGFX_CODECID_AVC420;
const FULL: server.Corners = [0, 0, 64, 64];
const DESKTOP = [server.resetGraphics(64, 64), server.createSurface(5, 64, 64), server.mapSurface(5)];

/** A pipeline that is open, and everything that comes out of it. */
class Bench {
  readonly commands: RdpCommand[] = [];
  readonly sent: Uint8Array[] = [];
  requests: boolean[] = [];
  readonly screen = new Screen(this.commands, undefined);
  readonly entry: EntryPoint = new EntryPoint({
    request: (attempt) => {
      this.requests.push(attempt === 0);
      if (attempt === 0) this.pipeline.restart();
    },
    writeStart: () => {
      this.pipeline.writeEntryStart();
      this.screen.flush("start");
    },
    writeEnd: () => this.screen.flush("end"),
  });
  readonly pipeline: GfxPipeline;

  constructor(version: number = V107, maxKeptBytes = 100_000) {
    this.pipeline = new GfxPipeline({
      screen: this.screen,
      entry: this.entry,
      commands: this.commands,
      capabilities: { hasAvc: true, maxVersion: V107 },
      maxKeptBytes,
      nowMs: () => 0,
    });
    this.screen.resize(64, 64);
    this.pipeline.opened((message) => void this.sent.push(message.slice()));
    this.receive(server.capsConfirm(version));
  }

  receive(...pdus: readonly Uint8Array[]): this {
    const message = server.gfxMessage(...pdus);
    this.pipeline.receive(message);
    // It is another message's memory afterwards.
    message.fill(0xdd);
    return this;
  }

  frame(...pdus: readonly Uint8Array[]): this {
    return this.receive(server.startFrame(1), ...pdus, server.endFrame(1));
  }

  want(): void {
    if (!this.pipeline.replay()) this.entry.want(0);
  }

  /** Takes what came out since the last call: commands of each frame by name, entry flags in front. */
  take(): string[] {
    this.screen.flush();
    const commands = this.commands.splice(0).filter(({ type }) => type !== "monitors");
    return commands.map((command) => {
      if (command.type !== "frame") return command.type;
      const names = [...decodeCommands(command.payload)].map(nameOf).join(" ");
      return command.entry === null ? names : `${command.entry}: ${names}`.trim();
    });
  }
}

function nameOf(command: PictureCommand): string {
  if (command.op === "draw")
    return `draw${command.surface}:${command.codec}${command.isWholePicture ? "w" : ""}`;
  if (command.op === "surface" || command.op === "forget" || command.op === "map")
    return `${command.op}${command.surface}`;
  if (command.op === "codecState") return `codecState${command.action}`;
  return command.op;
}

const planar = (place: server.Corners = FULL) => server.wireToSurface1(5, PLANAR, place, fromHex("10aabb"));
const avc = (nal: number, region: server.Corners = FULL) =>
  server.wireToSurface1(5, AVC420, FULL, server.avc420(nal, region));

test("all versions up to the newest wanted are advertised, with a small cache", () => {
  const [advertise = new Uint8Array(0)] = new Bench().sent;
  assert.deepEqual([...advertise.subarray(0, 10)], [0x12, 0, 0, 0, advertise.length, 0, 0, 0, 10, 0]);
  assert.equal(Buffer.from(advertise).toString("hex").includes("01070a000400000082000000"), true);
});

test("surfaces, maps, draws and a frame become commands, the payload as it came", () => {
  const bench = new Bench().receive(...DESKTOP).frame(planar([1, 2, 11, 12]));
  const [monitors, first, second] = bench.commands;
  assert.deepEqual(monitors, { type: "monitors", places: [{ x: 0, y: 0, width: 64, height: 64 }] });
  assert.ok(first?.type === "frame" && second?.type === "frameEnd");
  const draw = [...decodeCommands(first.payload)].find((command) => command.op === "draw");
  assert.ok(draw?.op === "draw");
  assert.deepEqual(draw.rectangle, { x: 1, y: 2, width: 10, height: 10 });
  assert.equal(draw.codec, Codec.planar);
  assert.deepEqual([...draw.payload], [10, 0, 10, 0, 0, 0x10, 0xaa, 0xbb]);
  bench.pipeline.acknowledge(second.frameId);
  assert.equal(
    Buffer.from(bench.sent.at(-1) ?? []).toString("hex"),
    "0d0000001400000000000000" + "0100000001000000",
  );
});

test("fills, copies, cache and contexts are passed on", () => {
  const bench = new Bench().receive(...DESKTOP, server.createSurface(6, 32, 32));
  bench.take();
  bench.frame(
    server.solidFill(5, [0, 0, 8, 8], [8, 8, 16, 16]),
    server.surfaceToSurface(5, 6, [0, 0, 8, 8], 24, 24),
    server.surfaceToCache(5, 17, [0, 0, 8, 8]),
    server.cacheToSurface(17, 6, 0, 0),
    server.evictCache(17),
    server.wireToSurface2(5, 3, server.progressive(0, 0, 64, 64)),
    server.deleteContext(5, 3),
    server.deleteSurface(6),
  );
  assert.deepEqual(bench.take(), [
    "solidList copy cacheStore cacheDraw cacheForget draw1:41 codecState1 forget2 present",
    "frameEnd",
  ]);
});

test("what lies outside, is unknown or too large is refused", () => {
  const refuses = (error: RegExp, ...pdus: readonly Uint8Array[]) =>
    assert.throws(() => new Bench().receive(...DESKTOP, ...pdus), error);
  refuses(/outside/, planar([0, 0, 65, 64]));
  refuses(/rectangle/, planar([10, 0, 5, 64]));
  refuses(/id 9 is unknown/, server.wireToSurface1(9, PLANAR, FULL, new Uint8Array(4)));
  refuses(/codec 99/, server.wireToSurface1(5, 99, FULL, new Uint8Array(4)));
  refuses(/limit/, server.createSurface(6, 16384, 16384));
  refuses(/limit/, server.createSurface(6, 0, 1));
  refuses(/4097/, server.surfaceToCache(5, 4097, [0, 0, 8, 8]));
  refuses(/17 is empty/, server.cacheToSurface(17, 5, 0, 0));
  refuses(/outside/, server.solidFill(5, [0, 0, 65, 1]));
  refuses(/outside/, server.surfaceToSurface(5, 5, [0, 0, 8, 8], 60, 0));
  refuses(/limit/, server.resetGraphics(65000, 65000));
  refuses(/length/, server.wireToSurface1(5, 0, FULL, new Uint8Array(3)));
});

test("surfaces and cache stop at the picture language's limits", () => {
  const bench = new Bench();
  assert.throws(() => {
    for (let id = 0; id < 300; id++) bench.receive(server.createSurface(id, 8, 8));
  }, /limit/);
  const cached = new Bench().receive(server.createSurface(1, 2048, 2048));
  cached.receive(server.surfaceToCache(1, 1, [0, 0, 2048, 2048]));
  assert.throws(() => cached.receive(server.surfaceToCache(1, 2, [0, 0, 1, 1])), /limit/);
  cached.receive(server.evictCache(1), server.surfaceToCache(1, 2, [0, 0, 1, 1]));
});

test("entry by a reset: everything older is forgotten, it ends when the screen is drawn", () => {
  const bench = new Bench().receive(...DESKTOP).frame(planar());
  bench.take();
  bench.want();
  assert.equal(bench.sent.length, 2, "advertised again");
  bench.frame(planar([0, 0, 8, 8]));
  assert.deepEqual(bench.take(), ["draw1:32 present", "frameEnd"], "still the old stream");
  bench.receive(server.capsConfirm(V107), ...DESKTOP).frame(planar([0, 0, 64, 32]));
  assert.deepEqual(bench.take(), [
    "map1 forget1 codecState0",
    "start: surface0",
    "surface1 map1 draw1:32 present",
    "frameEnd",
  ]);
  bench.frame(planar([0, 32, 64, 64]));
  assert.deepEqual(bench.take(), ["end: draw1:32 present", "frameEnd"]);
});

test("entry in place: a server that goes on is joined between frames, and older slots spoil it", () => {
  const bench = new Bench(GfxVersion.RDPGFX_CAPVERSION_8).receive(...DESKTOP);
  bench.frame(planar(), server.surfaceToCache(5, 1, [0, 0, 8, 8]));
  bench.take();
  bench.want();
  assert.equal(bench.sent.length, 1, "nothing is advertised again before 10.3");
  bench.frame(server.cacheToSurface(1, 5, 0, 0), planar());
  assert.deepEqual(bench.take(), ["start: surface0 surface1 map1", "cacheDraw draw1:32 present", "frameEnd"]);
  bench.frame(planar(), server.surfaceToCache(5, 2, [0, 0, 8, 8]), server.cacheToSurface(2, 5, 8, 8));
  assert.deepEqual(bench.take(), [
    "start: surface0 surface1 map1",
    "end: draw1:32 cacheStore cacheDraw present",
    "frameEnd",
  ]);
});

test("a progressive context from before spoils an entry, a new one does not", () => {
  const bench = new Bench(GfxVersion.RDPGFX_CAPVERSION_8).receive(...DESKTOP);
  const whole = server.progressive(0, 0, 64, 64);
  bench.frame(server.wireToSurface2(5, 1, whole));
  bench.want();
  bench.frame(server.wireToSurface2(5, 1, whole));
  assert.ok(!bench.take().some((text) => text.startsWith("end:")));
  bench.frame(server.deleteContext(5, 1), server.wireToSurface2(5, 2, whole));
  assert.ok(bench.take().some((text) => text.startsWith("end:")));
});

test("H.264: the kept pictures make an entry at once, also while nothing moves", () => {
  const bench = new Bench()
    .receive(...DESKTOP)
    .frame(avc(5))
    .frame(avc(1, [0, 0, 8, 8]));
  bench.take();
  bench.want();
  assert.deepEqual(bench.take(), ["start: surface0 surface1 map1", "end: draw1:48 draw1:48w present"]);
  assert.deepEqual(bench.requests, []);
  bench.frame(avc(5)).want();
  assert.deepEqual(bench.take().at(-1), "end: draw1:48w present", "a key picture begins a new group");
});

test("H.264: with nothing kept the next key picture is the entry", () => {
  const bench = new Bench(V107, 0)
    .receive(...DESKTOP)
    .frame(avc(5))
    .frame(avc(1));
  bench.take();
  bench.want();
  bench.receive(server.capsConfirm(V107)).frame(avc(1));
  assert.deepEqual(bench.take(), ["draw1:48 present", "frameEnd"]);
  bench.frame(avc(5, [0, 0, 8, 8]));
  assert.deepEqual(bench.take(), ["start: surface0 surface1 map1", "end: draw1:48w present", "frameEnd"]);
});

test("AVC444: a key picture in the second stream is complete with the next draw", () => {
  const draw = (first: number, second: number) =>
    server.wireToSurface1(
      5,
      GfxCodec.RDPGFX_CODECID_AVC444v2,
      FULL,
      server.avc444(server.avc420(first, [0, 0, 8, 8]), server.avc420(second, [0, 0, 8, 8])),
    );
  const bench = new Bench(V107, 0)
    .receive(...DESKTOP)
    .frame(draw(5, 1))
    .frame(draw(1, 1));
  bench.want();
  bench.receive(server.capsConfirm(V107));
  bench.take();
  bench.frame(draw(1, 5));
  assert.deepEqual(bench.take(), ["start: surface0 surface1 map1", "draw1:50 present", "frameEnd"]);
  bench.frame(draw(1, 1));
  assert.deepEqual(bench.take(), ["end: draw1:50w present", "frameEnd"]);
  const kept = new Bench()
    .receive(...DESKTOP)
    .frame(draw(5, 1))
    .frame(draw(1, 5));
  kept.want();
  assert.equal(kept.take().at(-1), "end: draw1:50 draw1:50w present", "the older key is kept until then");
  kept.frame(draw(1, 1)).want();
  assert.equal(kept.take().at(-1), "end: draw1:50 draw1:50w present");
});

test("a surface for each monitor: an entry point is made of what was kept of both, as soon as both are whole", () => {
  const two = [
    ...[server.resetGraphics(128, 64), server.createSurface(5, 64, 64), server.mapSurface(5)],
    ...[server.createSurface(6, 64, 64), server.mapSurface(6, 64, 0)],
  ];
  const onSecond = (pdu: Uint8Array) => Uint8Array.from(pdu).fill(6, 8, 9);
  const bench = new Bench().receive(...two).frame(avc(5));
  assert.equal(bench.pipeline.replay(), false, "the second monitor is not drawn yet");
  bench.frame(onSecond(avc(5))).frame(avc(1));
  bench.take();
  bench.want();
  assert.deepEqual(bench.take(), [
    "start: surface0 surface1 map1 surface2 map2",
    "end: draw1:48 draw1:48w draw2:48w present",
  ]);
  bench.frame(onSecond(planar([0, 0, 8, 8])));
  assert.equal(bench.pipeline.replay(), false, "one monitor spoiled is no whole picture");
  bench.receive(server.deleteSurface(6));
  assert.equal(bench.pipeline.replay(), true, "what was kept of the other is still true");
});

test("kept pictures are given up over their limit and when something else draws", () => {
  const small = new Bench(V107, 40)
    .receive(...DESKTOP)
    .frame(avc(5))
    .frame(avc(1));
  assert.equal(small.pipeline.replay(), false);
  const mixed = new Bench()
    .receive(...DESKTOP)
    .frame(avc(5))
    .frame(planar([0, 0, 8, 8]));
  assert.equal(mixed.pipeline.replay(), false);
});

test("damaged graphics messages are refused, never more", () => {
  const before = concatBytes([...DESKTOP]);
  const seeds = {
    draw: planar(),
    avc: avc(5),
    progressive: server.wireToSurface2(5, 1, server.progressive(0, 0, 64, 64)),
    fill: server.solidFill(5, [0, 0, 8, 8]),
    copy: server.surfaceToSurface(5, 5, [0, 0, 8, 8], 8, 8),
    store: server.surfaceToCache(5, 1, [0, 0, 8, 8]),
    reset: server.resetGraphics(64, 64),
    create: server.createSurface(6, 32, 32),
    map: server.mapSurface(5, 1, 1),
    confirm: server.capsConfirm(V107),
  };
  for (const seed of Object.values(seeds))
    assertWithstands(seed, (bytes) => {
      const bench = new Bench();
      bench.receive(before);
      bench.entry.want(0);
      bench.receive(server.startFrame(1), bytes);
      bench.receive(server.endFrame(1));
    });
});
