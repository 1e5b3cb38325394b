/**
 * The RDP servers of `RdpReplay`, a process of their own so that generating costs the measured core nothing:
 * `node rdp-replay-server.ts CAPTURES KEY CERT`.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createSecureContext } from "node:tls";
import { deserialize } from "node:v8";
import { PlayedRdp, type PlayedRdpCapture } from "./played-rdp.ts";
import type { ReplayReport } from "./replay.ts";

const [capturesFile = "", keyFile = "", certificateFile = ""] = process.argv.slice(2);
const lists = (deserialize(readFileSync(capturesFile)) as PlayedRdpCapture[][]).map((captures) =>
  captures.map(revive),
);
const secureContext = createSecureContext({
  key: readFileSync(keyFile),
  cert: readFileSync(certificateFile),
});
const sent = lists.map(() => 0);
const desktops = new Set<PlayedRdp>();
let isHalted = false;

/** What was a `Buffer` comes back as one; they share the file's memory. */
function revive(capture: PlayedRdpCapture): PlayedRdpCapture {
  const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    ...capture,
    prologue: capture.prologue.map(asBuffer),
    packets: capture.packets.map((packet) => ({ ...packet, bytes: asBuffer(packet.bytes) })),
  };
}

function tell(report: ReplayReport): void {
  process.send?.(report);
}

function listen(captures: readonly PlayedRdpCapture[], index: number): Promise<number> {
  const server = createServer((socket) => {
    const desktop = new PlayedRdp(socket, {
      secureContext,
      capture: (round) => {
        const capture = captures[round] ?? captures.at(-1);
        if (capture === undefined) throw new Error("no capture");
        return capture;
      },
      isHalted: () => isHalted,
      sent: (updates) => {
        sent[index] = (sent[index] ?? 0) + updates;
      },
    });
    desktops.add(desktop);
    socket.on("close", () => desktops.delete(desktop));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

process.on("message", () => {
  isHalted = true;
  let waitingBytes = 0;
  for (const desktop of desktops) waitingBytes += desktop.waitingBytes;
  tell({ type: "sent", updates: sent, waitingBytes });
});
process.on("disconnect", () => process.exit(0));
tell({ type: "ports", ports: await Promise.all(lists.map(listen)) });
