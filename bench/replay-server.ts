/**
 * The VNC servers of `Replay`, a process of their own so that generating costs the measured core nothing:
 * `node replay-server.ts CAPTURES.json [KEY.pem CERTIFICATE.pem]`. With a certificate each list has two more ports.
 */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type PlayedCapture, PlayedDesktop } from "./played-desktop.ts";
import { startTls, startVeNCrypt } from "./played-tls.ts";
import type { ReplayedCapture, ReplayPorts, ReplayReport } from "./replay.ts";

const [, , capturesFile = "", keyFile, certificateFile] = process.argv;
const identity =
  keyFile === undefined || certificateFile === undefined
    ? null
    : { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certificateFile, "utf8") };
const lists = (JSON.parse(readFileSync(capturesFile, "utf8")) as ReplayedCapture[][]).map((captures) =>
  captures.map(
    ({ chunks, ...capture }): PlayedCapture => ({
      ...capture,
      pieces: chunks.map(({ base64, ...chunk }) => ({ ...chunk, bytes: Buffer.from(base64, "base64") })),
    }),
  ),
);
const sent = lists.map(() => 0);
const sockets = new Set<Duplex>();
let isHalted = false;

function serve(socket: Duplex, port: number, isSecured = false): void {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  const host = {
    capture: (round: number) => {
      const capture = lists[port]?.[round] ?? lists[port]?.at(-1);
      if (capture === undefined) throw new Error("no capture");
      return capture;
    },
    isHalted: () => isHalted,
    sent: (updates: number) => {
      sent[port] = (sent[port] ?? 0) + updates;
    },
  };
  new PlayedDesktop(socket, host, isSecured);
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

function listen(welcome: (socket: Socket) => void): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      welcome(socket);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

async function openPorts(list: number): Promise<ReplayPorts> {
  const plain = await listen((socket) => serve(socket, list));
  if (identity === null) return { plain, veNCrypt: 0, tls: 0 };
  return {
    plain,
    veNCrypt: await listen((socket) =>
      startVeNCrypt(socket, identity, (secure) => serve(secure, list, true)),
    ),
    tls: await listen((socket) => serve(startTls(socket, identity), list)),
  };
}

tell({ type: "ports", ports: await Promise.all(lists.map((_, list) => openPorts(list))) });
