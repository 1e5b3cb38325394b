/**
 * The VNC servers of `Replay`, a process of their own so that generating costs the measured core nothing:
 * `node replay-server.ts CAPTURES.json`.
 */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { type PlayedCapture, PlayedDesktop } from "./played-desktop.ts";
import type { ReplayedCapture, ReplayReport } from "./replay.ts";

const lists = (JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ReplayedCapture[][]).map(
  (captures) =>
    captures.map(
      ({ chunks, ...capture }): PlayedCapture => ({
        ...capture,
        pieces: chunks.map(({ base64, ...chunk }) => ({ ...chunk, bytes: Buffer.from(base64, "base64") })),
      }),
    ),
);
const sent = lists.map(() => 0);
const sockets = new Set<Socket>();
let isHalted = false;

function serve(socket: Socket, port: number): void {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  new PlayedDesktop(socket, {
    capture: (round) => {
      const capture = lists[port]?.[round] ?? lists[port]?.at(-1);
      if (capture === undefined) throw new Error("no capture");
      return capture;
    },
    isHalted: () => isHalted,
    sent: (updates) => {
      sent[port] = (sent[port] ?? 0) + updates;
    },
  });
}

function tell(report: ReplayReport): void {
  process.send?.(report);
}

process.on("message", () => {
  isHalted = true;
  let waitingBytes = 0;
  for (const socket of sockets) waitingBytes += socket.writableLength;
  tell({ type: "sent", updates: sent, waitingBytes });
});
process.on("disconnect", () => process.exit(0));

const ports = await Promise.all(
  lists.map(
    (_, port) =>
      new Promise<number>((resolve) => {
        const server = createServer((socket) => serve(socket, port));
        server.listen(0, "127.0.0.1", () => {
          const address = server.address();
          resolve(typeof address === "object" && address !== null ? address.port : 0);
        });
      }),
  ),
);
tell({ type: "ports", ports });
