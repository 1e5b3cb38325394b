import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "node:tls";
import { pino } from "pino";
import { ensureCertificate } from "./certificates.ts";
import { renewWhileRunning } from "./renew-certificate.ts";
import { makeServer } from "./server.ts";

// Waits in real time: `npm test` only.

const DAY_MS = 86_400_000;
const RENEWED_WITHIN_MS = 60_000;
const own = { certificate: "", key: "" };
const names = ["localhost"];
const logger = pino({ enabled: false });

/** When the certificate ends that a new connection is shown. */
async function shownEndMs(port: number): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return Date.parse(new X509Certificate(raw).validTo);
}

test("the own certificate is renewed before its end while the server runs, and new connections get it", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "poterne-renew-"));
  // Made 380 days ago: 16 days are left.
  const certificate = await ensureCertificate(dataDir, names, own, Date.now() - 380 * DAY_MS);
  const app = await makeServer({ certificate, trustedProxies: [], logger });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const firstEndMs = await shownEndMs(port);
  assert.ok(firstEndMs < Date.now() + 30 * DAY_MS);
  const stop = renewWhileRunning({ dataDir, names, own, now: Date.now, logger, intervalMs: 20 });
  try {
    const deadline = Date.now() + RENEWED_WITHIN_MS;
    let endMs = firstEndMs;
    while (endMs === firstEndMs) {
      assert.ok(Date.now() < deadline, "the old certificate is still served");
      await wait(100);
      endMs = await shownEndMs(port);
    }
    assert.ok(endMs > Date.now() + 300 * DAY_MS);
  } finally {
    stop();
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
