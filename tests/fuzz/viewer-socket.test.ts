import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeUtf8 } from "@poterne/bytes";
import {
  Channel,
  type ControlMessage,
  encodeFrame,
  encodeInput,
  type InputEvent,
  WIRE_VERSION,
} from "@poterne/wire";
import WebSocket from "ws";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { startLab } from "../support/lab.ts";
import { residentBytes } from "../support/processes.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";
import { FuzzRandom, fuzzSeed } from "./random.ts";

/** Mutated messages of each kind; a socket that is closed for one is followed by the next. */
const MESSAGES_PER_KIND = 1_000;
/** Whole messages go to a session too: these would end it by right. */
const GATEWAY_MAY_CLOSE_WITH = new Set([1002, 1006, 1007, 1008, 1009, 4001, 4002, 4003]);
const MAX_GROWTH_BYTES = 300 * 1024 * 1024;
const SEND_AT_ONCE = 25;

const random = new FuzzRandom(fuzzSeed());
const uuid = "0199f0a0-0000-7000-8000-00000000dead";

const controls: readonly ControlMessage[] = [
  { type: "hello", version: WIRE_VERSION, columns: 80, rows: 24, widthPx: 800, heightPx: 600 },
  { type: "answer", questionId: uuid, values: ["a", "b"] },
  { type: "refuse", questionId: uuid },
  { type: "take-control" },
  { type: "give-control", viewerId: "v1" },
  { type: "pause", isPaused: true },
  { type: "message", text: "x" },
  { type: "ping", sentAtMs: 1 },
  { type: "need-entry" },
];
const inputs: readonly InputEvent[] = [
  { type: "key", isDown: true, keysym: 0xe9, scancode: 3 },
  { type: "pointer", x: 10, y: 10, buttons: 1 },
  { type: "text", text: encodeUtf8("#é\u001b[A") },
  { type: "release" },
  { type: "locks", locks: 5 },
  { type: "resize", widthPx: 1280, heightPx: 720, columns: 80, rows: 24 },
];
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Whole messages of each kind a viewer may send, and of those it may not. */
const KINDS: Readonly<Record<string, () => { channel: number; payload: Uint8Array }>> = {
  control: () => ({ channel: Channel.control, payload: encodeUtf8(JSON.stringify(random.pick(controls))) }),
  input: () => ({
    channel: Channel.input,
    payload: encodeInput(Array.from({ length: 1 + random.below(6) }, () => random.pick(inputs))),
  }),
  flow: () => ({ channel: Channel.flow, payload: u32(random.pick([0, 1, 100, 0x7fffffff, 0xffffffff])) }),
  clipboard: () => ({
    channel: Channel.clipboard,
    payload: Buffer.concat([Buffer.from([random.below(4)]), random.bytes(random.below(60))]),
  }),
  "of the gateway alone": () => ({ channel: random.below(8), payload: random.bytes(random.below(40)) }),
};

let demo: Demo;
before(async () => {
  console.log(`seed ${random.seed}`);
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
});
after(() => demo.gateway.stop());

/** A message with one to four changes: bytes set, cut, dropped, doubled, put in, a length that lies. */
function mutate(message: Uint8Array): Buffer {
  let bytes = Buffer.from(message);
  for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length);
    const act = random.below(7);
    if (act === 0) bytes = bytes.subarray(0, at);
    else if (act === 1)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))]);
    else if (act === 2) bytes = Buffer.concat([bytes, bytes]);
    else if (act === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)]);
    else if (act === 4 && bytes.length >= 12)
      bytes.writeUInt32LE(random.pick([0, 1, 0xffff, 0x7fffffff, 0xffffffff]), 8);
    else if (act === 5 && bytes.length >= 12) bytes[0] = random.below(256);
    else bytes[at] = random.below(256);
  }
  return bytes;
}

/** Whether a message, mutated or not, is the one that ends a session by right. */
const isEnd = (bytes: Buffer) => bytes.includes('"end"');

/** Attaches anew: as the session's person, or as one who watches. */
async function attach(sessionId: string, role: "controller" | "observer"): Promise<HeadlessViewer> {
  const viewer = await HeadlessViewer.attach(demo.api, sessionId, { role, keepsFrames: false });
  await viewer.until("the greeting", ({ status }) => status.length > 0);
  return viewer;
}

/** Proves the session alive by what its target answers. */
async function assertAlive(sessionId: string, mark: string): Promise<void> {
  const viewer = await HeadlessViewer.attach(demo.api, sessionId);
  await viewer.untilOpen();
  viewer.control({ type: "take-control" });
  const deadline = Date.now() + 20_000;
  while (!viewer.text.includes(`alive-42-${mark}`)) {
    assert.ok(Date.now() < deadline, `${mark}: ${JSON.stringify(viewer.text.slice(-300))}`);
    // What runs is interrupted and what stands on the line thrown away; bash forgets what is typed meanwhile.
    viewer.type("\u0003");
    await sleep(300);
    viewer.type(`\u0015echo alive-$((6*7))-${mark}\r`);
    await sleep(500);
  }
  viewer.close();
}

for (const [index, [kind, makeMessage]] of Object.entries(KINDS).entries())
  for (const protocol of ["ssh", "vnc"] as const)
    test(`${protocol}: mutated messages, ${kind}: the socket is closed or they are ignored; the session lives`, async () => {
      const pid = demo.gateway.child.pid ?? 0;
      const sessionId = await openSession(demo.api, demo.targets[protocol]);
      const keeping = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
      await keeping.untilOpen();
      const beforeBytes = residentBytes(pid);
      const codes = new Map<number, number>();
      const role = index % 2 === 0 ? "controller" : "observer";
      let viewer = await attach(sessionId, role);
      for (let count = 0; count < MESSAGES_PER_KIND / 2; count++) {
        const { channel, payload } = makeMessage();
        const bytes = mutate(encodeFrame({ channel, flags: 0, stream: 0, timeMs: 0, payload }));
        if (isEnd(bytes)) continue;
        if (viewer.socket.readyState === WebSocket.OPEN)
          viewer.socket.send(bytes, { binary: !random.chance(0.02) });
        if (count % SEND_AT_ONCE !== 0 && viewer.closed === null) continue;
        await settle(viewer);
        if (viewer.closed === null) continue;
        codes.set(viewer.closed.code, (codes.get(viewer.closed.code) ?? 0) + 1);
        viewer = await attach(sessionId, role);
      }
      viewer.close();
      for (const code of codes.keys())
        assert.ok(GATEWAY_MAY_CLOSE_WITH.has(code), `closed with ${code}, seed ${random.seed}`);
      if (protocol === "ssh") await assertAlive(sessionId, `k${index}`);
      else
        assert.equal(
          (await demo.api.must<{ endCode: null }>("GET", `/api/v1/sessions/${sessionId}`)).endCode,
          null,
        );
      assert.equal(demo.gateway.child.exitCode, null, "the process runs");
      assert.doesNotMatch(demo.gateway.log, /Viewer message failed|session\.crashed/);
      assert.ok(residentBytes(pid) - beforeBytes < MAX_GROWTH_BYTES);
      await demo.api.must("POST", `/api/v1/sessions/${sessionId}/end`, {});
      keeping.close();
    });

/** Waits until everything sent so far was taken: an answer to a ping, or the close. */
async function settle(viewer: HeadlessViewer): Promise<void> {
  let isAnswered = false;
  viewer.socket.once("pong", () => {
    isAnswered = true;
  });
  if (viewer.socket.readyState === WebSocket.OPEN) viewer.socket.ping();
  await viewer.until("an answer to a ping", ({ closed }) => isAnswered || closed !== null, 10_000);
}

test("messages that no frame is: endless, empty, text, before the greeting", async () => {
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  const keeping = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
  await keeping.untilOpen();
  for (const send of [
    (socket: WebSocket) => socket.send(Buffer.alloc(40 * 1024 * 1024)),
    (socket: WebSocket) => socket.send("text"),
    (socket: WebSocket) => socket.send(Buffer.from([10, 0, 0])),
    (socket: WebSocket) =>
      socket.send(
        encodeFrame({
          channel: Channel.control,
          flags: 0,
          stream: 0,
          timeMs: 0,
          payload: encodeUtf8('{"type":"hello","version":99}'),
        }),
      ),
  ]) {
    const viewer = await attach(sessionId, "observer");
    send(viewer.socket);
    await viewer.until("the close", ({ closed }) => closed !== null);
    assert.ok([1006, 1009, 4002, 4003].includes(viewer.closed?.code ?? 0), String(viewer.closed?.code));
  }
  await assertAlive(sessionId, "last");
  keeping.close();
});
