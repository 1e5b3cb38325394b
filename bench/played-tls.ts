import { once } from "node:events";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { SecurityType } from "@poterne/rfb";

/** VeNCrypt 0.2's subtype: TLS with a certificate, then nobody signs in. */
const X509_NONE = 260;

/** A server's end of TLS, from the first byte on. */
export function startServerTls(socket: Socket, secureContext: SecureContext): TLSSocket {
  socket.setNoDelay(true);
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  secure.on("error", () => {});
  secure.on("close", () => socket.destroy());
  return secure;
}

/**
 * A VNC server's part of the handshake up to TLS: version, VeNCrypt 0.2, X509None. Resolves with the encrypted
 * connection, on which the security result is due; rejects when the client goes away or wants something else.
 */
export async function startVeNCrypt(socket: Socket, secureContext: SecureContext): Promise<TLSSocket> {
  socket.setNoDelay(true);
  const answers: readonly [say: Uint8Array, expects: Uint8Array][] = [
    [Buffer.from("RFB 003.008\n"), Buffer.from("RFB 003.008\n")],
    [Uint8Array.of(1, SecurityType.veNCrypt), Uint8Array.of(SecurityType.veNCrypt)],
    [Uint8Array.of(0, 2), Uint8Array.of(0, 2)],
    [Uint8Array.of(0, 1, 0, 0, X509_NONE >> 8, X509_NONE & 0xff), Uint8Array.of(0, 0, 1, 4)],
  ];
  for (const [say, expects] of answers) {
    const heard = once(socket, "data");
    socket.write(say);
    const [bytes] = (await heard) as [Buffer];
    if (!bytes.equals(expects)) throw new Error(`the client answered ${bytes.toString("hex")}`);
  }
  socket.write(Uint8Array.of(1));
  return startServerTls(socket, secureContext);
}
