/**
 * The VNC servers of `Replay`, a process of their own so that generating costs the measured core nothing:
 * `node replay-server.ts CAPTURES.json [KEY CERT]`. With a key each list has two ports: VeNCrypt, and TLS from the
 * first byte on, for a relay that knows no RFB.
 */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { type PlayedCapture, PlayedDesktop } from "./played-desktop.ts";
import { startServerTls, startVeNCrypt } from "./played-tls.ts";
import type { ReplayedCapture, ReplayReport } from "./replay.ts";

const [capturesFile = "", keyFile, certificateFile = ""] = process.argv.slice(2);
const lists = (JSON.parse(readFileSync(capturesFile, "utf8")) as ReplayedCapture[][]).map((captures) =>
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

function serve(socket: Socket, list: number, isSecurityChosen = false): void {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  const host = {
    capture: (round: number) => {
      const capture = lists[list]?.[round] ?? lists[list]?.at(-1);
      if (capture === undefined) throw new Error("no capture");
      return capture;
    },
    isHalted: () => isHalted,
    sent: (updates: number) => {
      sent[list] = (sent[list] ?? 0) + updates;
    },
  };
  new PlayedDesktop(socket, host, isSecurityChosen);
}

/** What happens to a connection to each of a list's ports. */
function makeListeners(list: number): readonly ((socket: Socket) => void)[] {
  if (keyFile === undefined) return [(socket) => serve(socket, list)];
  const secureContext = createSecureContext({
    key: readFileSync(keyFile),
    cert: readFileSync(certificateFile),
  });
  return [
    (socket) => {
      socket.on("error", () => {});
      startVeNCrypt(socket, secureContext).then(
        (secure) => serve(secure, list, true),
        () => socket.destroy(),
      );
    },
    (socket) => serve(startServerTls(socket, secureContext), list),
  ];
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

function listen(serveOne: (socket: Socket) => void): Promise<number> {
  const server = createServer(serveOne);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

const listeners = lists.flatMap((_, list) => makeListeners(list));
tell({ type: "ports", ports: await Promise.all(listeners.map(listen)) });
