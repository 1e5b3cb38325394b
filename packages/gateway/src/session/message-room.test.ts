import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { frameMessage, MESSAGE_ROOM_BYTES } from "./message-room.ts";

test("a WebSocket client reads messages of every header length between those of the library", async (t) => {
  const lengths = [0, 1, 125, 126, 65_535, 65_536, 200_000];
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket: Duplex, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      for (const length of lengths) {
        const message = Buffer.alloc(MESSAGE_ROOM_BYTES + length, length % 251);
        socket.write(frameMessage(message));
        // The same message again, as for a second viewer; then one the library frames.
        socket.write(frameMessage(message));
        webSocket.send(Buffer.from([length % 251]));
      }
      webSocket.close();
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  const client = new WebSocket(`ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  const received: Buffer[] = [];
  client.on("message", (data: Buffer, isBinary) => {
    assert.ok(isBinary);
    received.push(data);
  });
  await once(client, "close");
  const expected = lengths.flatMap((length) => {
    const content = Buffer.alloc(length, length % 251);
    return [content, content, Buffer.from([length % 251])];
  });
  assert.deepEqual(
    received.map((message) => message.length),
    expected.map((message) => message.length),
  );
  assert.ok(received.every((message, index) => message.equals(expected[index] ?? Buffer.alloc(0))));
});
