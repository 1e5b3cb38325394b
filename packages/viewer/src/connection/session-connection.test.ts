import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { Channel, decodeFrames, encodeFrame, type StatusMessage } from "@poterne/wire";
import { FakeTimers, settle } from "../testing/fake-timers.ts";
import {
  type FrameBatch,
  MAX_WAITING_BYTES,
  PING_EVERY_MS,
  SessionConnection,
  SILENCE_LIMIT_MS,
} from "./session-connection.ts";
import { type SessionTicket, TicketRefused, type ViewerSocket } from "./socket.ts";

class FakeSocket implements ViewerSocket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  readonly sent: Uint8Array[] = [];
  isClosed = false;
  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }
  close(): void {
    this.isClosed = true;
  }
  receive(channel: number, payload: Uint8Array): void {
    const bytes = encodeFrame({ channel, flags: 0, stream: 0, timeMs: 0, payload });
    this.onmessage?.({ data: bytes.buffer });
  }
  status(message: StatusMessage): void {
    this.receive(Channel.status, encodeUtf8(JSON.stringify(message)));
  }
  sentOn(channel: number): Uint8Array[] {
    return this.sent.flatMap((bytes) =>
      [...decodeFrames(bytes)].filter((frame) => frame.channel === channel).map((frame) => frame.payload),
    );
  }
  controls(): unknown[] {
    return this.sentOn(Channel.control).map((payload) => JSON.parse(decodeUtf8(payload)));
  }
}

const hello: StatusMessage = {
  type: "hello",
  version: 1,
  sessionId: "s",
  viewerId: "v",
  role: "controller",
  kind: "terminal",
  protocol: "ssh",
  targetName: "sshd",
  machineName: "SRV-01",
  accountName: "alice",
  personName: "Alice",
  openedAtMs: 0,
  policy: {
    clipboardToTarget: "text",
    clipboardFromTarget: "text",
    filesToTarget: true,
    filesFromTarget: true,
    readOnly: false,
    watermark: null,
    recordedBecause: "policy-must",
    inputRecorded: false,
    soundRecorded: false,
    graceSeconds: 10,
    endsAtMs: null,
    terminalClipboardWrite: false,
  },
};

function setUp(getTicket?: () => Promise<SessionTicket>) {
  const timers = new FakeTimers();
  const sockets: FakeSocket[] = [];
  const connection = new SessionConnection(
    {
      timers,
      random: () => 1,
      decodes: () => Promise.resolve(["h264"]),
      getTicket: getTicket ?? (() => Promise.resolve({ ticket: "t", path: "/n/1/session/s" })),
      openSocket: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
    },
    { columns: 80, rows: 24, widthPx: 0, heightPx: 0, scalePercent: 100 },
  );
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    assert.ok(socket);
    return socket;
  };
  const open = async () => {
    connection.start();
    await settle();
    last().onopen?.();
    last().status(hello);
    last().status({ type: "open", hasFiles: true });
  };
  return { timers, sockets, connection, last, open };
}

test("the viewer says hello with its size as soon as the socket is open", async () => {
  const { connection, last, open } = setUp();
  await open();
  assert.deepEqual(last().controls()[0], {
    type: "hello",
    version: 1,
    columns: 80,
    rows: 24,
    widthPx: 0,
    heightPx: 0,
    scalePercent: 100,
    decodes: ["h264"],
  });
  assert.equal(connection.state.read().phase, "open");
});

test("bytes are acknowledged only when the display says they are shown", async () => {
  const { connection, last, open } = setUp();
  await open();
  await settle();
  const before = last().sentOn(Channel.flow).length;
  const batches: FrameBatch[] = [];
  connection.attachSink({ reset: () => undefined, show: (batch) => void batches.push(batch) });
  last().receive(Channel.text, encodeUtf8("hello"));
  await settle();
  assert.equal(last().sentOn(Channel.flow).length, before);
  const acknowledged = (): number => {
    const payload = last().sentOn(Channel.flow).at(-1) ?? new Uint8Array(4);
    return new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  };
  const counted = acknowledged();
  batches[0]?.done();
  await settle();
  assert.equal(acknowledged() - counted, 5);
});

test("frames that come before the display exists are kept for it", async () => {
  const { connection, last, open } = setUp();
  await open();
  last().receive(Channel.text, encodeUtf8("early"));
  const texts: string[] = [];
  connection.attachSink({
    reset: () => undefined,
    show: (batch) => texts.push(...batch.frames.map((frame) => decodeUtf8(frame.payload))),
  });
  assert.deepEqual(texts, ["early"]);
});

test("a lost socket is attached again with a new ticket and the display starts afresh", async () => {
  const { connection, timers, sockets, last, open } = setUp();
  await open();
  let resets = 0;
  connection.attachSink({ reset: () => resets++, show: () => undefined });
  last().onclose?.({ code: 1006 });
  assert.equal(connection.state.read().phase, "reattaching");
  await timers.advance(300);
  await settle();
  assert.equal(sockets.length, 2);
  last().onopen?.();
  last().status(hello);
  last().status({ type: "open", hasFiles: true });
  assert.equal(connection.state.read().phase, "open");
  assert.equal(connection.state.read().lost, null);
  assert.equal(resets, 2);
});

test("after the grace time the viewer gives up and says so", async () => {
  let isOffline = false;
  const { connection, timers, last, open } = setUp(() =>
    isOffline
      ? Promise.reject(new Error("offline"))
      : Promise.resolve({ ticket: "t", path: "/n/1/session/s" }),
  );
  await open();
  isOffline = true;
  last().onclose?.({ code: 1006 });
  await timers.advance(9900);
  assert.equal(connection.state.read().phase, "reattaching");
  await timers.advance(6000);
  assert.equal(connection.state.read().end?.code, "grace-over");
});

test("a ticket that is refused ends at once with the gateway's own reason", async () => {
  const { connection } = setUp(() => Promise.reject(new TicketRefused("session-ended")));
  connection.start();
  await settle();
  assert.equal(connection.state.read().end?.code, "session-ended");
});

test("a socket that answers no ping is taken for dead", async () => {
  const { connection, timers, last, open } = setUp();
  await open();
  const first = last();
  await timers.advance(SILENCE_LIMIT_MS + PING_EVERY_MS + 1);
  assert.equal(first.isClosed, true);
  assert.notEqual(connection.state.read().phase, "open");
});

test("a pong gives the round trip", async () => {
  const { connection, timers, last, open } = setUp();
  await open();
  await timers.advance(40);
  last().status({ type: "pong", sentAtMs: 0, targetRoundTripMs: 7 });
  assert.deepEqual(connection.state.read().latency, { gatewayMs: 40, targetMs: 7 });
});

test("text messages, cut frames and malformed status end the session instead of guessing", async () => {
  for (const spoil of [
    (socket: FakeSocket) => socket.onmessage?.({ data: "text" }),
    (socket: FakeSocket) => socket.onmessage?.({ data: new Uint8Array([1, 2, 3]).buffer }),
    (socket: FakeSocket) => socket.receive(Channel.status, encodeUtf8("{")),
    (socket: FakeSocket) => socket.receive(Channel.status, encodeUtf8('{"type":"viewers","viewers":3}')),
  ]) {
    const { connection, last, open } = setUp();
    await open();
    spoil(last());
    assert.equal(connection.state.read().end?.code, "viewer-protocol");
  }
});

test("a status type of a newer gateway is skipped", async () => {
  const { connection, last, open } = setUp();
  await open();
  last().receive(Channel.status, encodeUtf8('{"type":"toString"}'));
  assert.equal(connection.state.read().phase, "open");
});

test("nothing typed while the socket is away arrives later", async () => {
  const { connection, timers, last, open } = setUp();
  await open();
  last().onclose?.({ code: 1006 });
  connection.input([{ type: "text", text: encodeUtf8("rm -rf /") }]);
  await timers.advance(300);
  last().onopen?.();
  assert.deepEqual(last().sentOn(Channel.input), []);
});

test("a page that another page of the same person replaced does not fight back", async () => {
  const { connection, timers, sockets, last, open } = setUp();
  await open();
  last().onclose?.({ code: 4001 });
  await timers.advance(5000);
  assert.equal(connection.state.read().end?.code, "another-page");
  assert.equal(sockets.length, 1);
});

test("what waits for a display that never comes is bounded", async () => {
  const { connection, last, open } = setUp();
  await open();
  const piece = new Uint8Array(16 * 1024 * 1024 - 100);
  for (let sent = 0; sent <= MAX_WAITING_BYTES; sent += piece.length) last().receive(Channel.text, piece);
  assert.equal(connection.state.read().end?.code, "viewer-protocol");
});
