import { connect, createServer, type Server, type Socket } from "node:net";

/** Bytes the proxy holds of a direction before it stops reading: a modest router's buffer. */
const BUFFER_BYTES = 32 * 1024;
/** How often what has arrived is handed on. */
const PUMP_MS = 2;
/** Bytes given to the line at one time. */
const SLICE_BYTES = 1500;

/** A thin line's figures, each direction alike. */
export interface ThinLine {
  readonly bytesPerMs: number;
  readonly oneWayMs: number;
}

/** Starts a proxy to a port of this machine that is as slow and as far as a line; resolves with its port. */
export function startThinProxy(
  targetPort: number,
  line: ThinLine,
): Promise<{ port: number; server: Server }> {
  const server = createServer((near) => {
    near.setNoDelay(true);
    const far = connect(targetPort, "127.0.0.1");
    far.setNoDelay(true);
    carry(near, far, line);
    carry(far, near, line);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({ port: typeof address === "object" && address !== null ? address.port : 0, server });
    });
  });
}

function carry(from: Socket, to: Socket, { bytesPerMs, oneWayMs }: ThinLine): void {
  const onTheWay: { readonly bytes: Buffer; readonly leftAtMs: number }[] = [];
  let freeAtMs = 0;
  let isPumping = false;
  const pump = (): void => {
    const nowMs = performance.now();
    // In order, whatever the timers do.
    for (let head = onTheWay[0]; head !== undefined; head = onTheWay[0]) {
      if (head.leftAtMs + oneWayMs > nowMs) break;
      to.write(head.bytes);
      onTheWay.shift();
    }
    const waitingBytes = (freeAtMs - nowMs) * bytesPerMs;
    if (waitingBytes > BUFFER_BYTES) from.pause();
    else if (from.isPaused()) from.resume();
    isPumping = onTheWay.length > 0 || from.isPaused();
    if (isPumping) setTimeout(pump, PUMP_MS);
  };
  from.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      const bytes = chunk.subarray(at, at + SLICE_BYTES);
      freeAtMs = Math.max(performance.now(), freeAtMs) + bytes.length / bytesPerMs;
      onTheWay.push({ bytes, leftAtMs: freeAtMs });
    }
    if (!isPumping) pump();
  });
  from.on("close", () => to.destroy());
  from.on("error", () => to.destroy());
}
