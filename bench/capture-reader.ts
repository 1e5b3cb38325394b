import { RfbClient } from "@poterne/rfb";
import { inflateTail } from "../packages/gateway/src/session/drivers/vnc-crypto.ts";

/** A client that reads what a server without log-in sent to a desktop of that size, from its first update on. */
export function makeCaptureReader(width: number, height: number): RfbClient {
  const client = new RfbClient({
    security: { minimum: "none", hasUsername: false },
    maxVersion: "3.8",
    isShared: true,
    encryptDes: () => new Uint8Array(16),
    inflateTail,
    quality: { quality: 8, compressLevel: 2 },
    maxClipboardBytes: 1024,
    wantsClipboard: false,
  });
  const init = Buffer.alloc(24);
  init.writeUInt16BE(width, 0);
  init.writeUInt16BE(height, 2);
  for (const bytes of [Buffer.from("RFB 003.008\n"), Buffer.from([1, 1]), Buffer.alloc(4), init])
    client.receive(bytes, 0);
  client.requestEntryPoint(0);
  return client;
}
