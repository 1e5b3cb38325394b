/**
 * The reference of the budgets (design §9): a bare relay. `node relay.ts KEY CERT RECORDING`: prints its port; a
 * WebSocket at `/PORT` is joined to 127.0.0.1:PORT, at `/tls/PORT` by TLS. TLS towards the viewer, each chunk framed
 * (time, length), appended to a file in batches, and forwarded. It knows no protocol.
 */
import { openSync, readFileSync, writev } from "node:fs";
import { createServer } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { WebSocketServer } from "ws";

const FRAME_HEADER_BYTES = 8;
const BATCH_BYTES = 256 * 1024;
const FLUSH_MS = 250;
const PAUSE_OVER_BYTES = 4 * 1024 * 1024;
const RESUME_CHECK_MS = 5;

const [keyFile = "", certificateFile = "", recordingFile = ""] = process.argv.slice(2);
const file = openSync(recordingFile, "w");
let batch: Uint8Array[] = [];
let batchBytes = 0;
let isWriting = false;

function record(chunk: Uint8Array): void {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32LE(performance.now() >>> 0, 0);
  header.writeUInt32LE(chunk.length, 4);
  batch.push(header, chunk);
  batchBytes += chunk.length + FRAME_HEADER_BYTES;
  if (batchBytes > BATCH_BYTES) flush();
}

function flush(): void {
  if (isWriting || batch.length === 0) return;
  isWriting = true;
  const parts = batch;
  batch = [];
  batchBytes = 0;
  writev(file, parts, (error) => {
    isWriting = false;
    if (error !== null) throw error;
  });
}
setInterval(flush, FLUSH_MS).unref();

process.once("SIGTERM", () => process.exit(0));
const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) });
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (viewer, request) => {
  const path = request.url ?? "";
  const port = Number(path.split("/").at(-1));
  const host = "127.0.0.1";
  const target = path.startsWith("/tls/")
    ? connectTls({ port, host, rejectUnauthorized: false })
    : connect(port, host);
  target.setNoDelay(true);
  request.socket.setNoDelay(true);
  target.on("data", (chunk: Buffer) => {
    record(chunk);
    viewer.send(chunk, { binary: true, compress: false });
    if (viewer.bufferedAmount > PAUSE_OVER_BYTES && !target.isPaused()) {
      target.pause();
      const timer = setInterval(() => {
        if (viewer.bufferedAmount > PAUSE_OVER_BYTES / 4) return;
        clearInterval(timer);
        target.resume();
      }, RESUME_CHECK_MS);
    }
  });
  viewer.on("message", (message: Buffer) => target.write(message));
  viewer.on("close", () => target.destroy());
  target.on("close", () => viewer.terminate());
  target.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address !== null ? address.port : 0);
});
