import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { SecurityType } from "@poterne/rfb";

/** The certificate a played desktop shows, PEM. */
export interface PlayedIdentity {
  readonly key: string;
  readonly cert: string;
}

/** TLS from the first byte on: what the reference relay, which knows no protocol, can end. */
export function startTls(socket: Socket, identity: PlayedIdentity): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, ...identity });
  // Whoever goes away in mid-handshake is gone; the desktop sees its own errors.
  secure.on("error", () => {});
  return secure;
}

/**
 * VeNCrypt 0.2 with X509None, the server's side: version and security types in clear, then TLS. Calls back with the
 * encrypted connection, on which the security result is due. A client that answers otherwise is cut off.
 */
export function startVeNCrypt(
  socket: Socket,
  identity: PlayedIdentity,
  onSecure: (secure: TLSSocket) => void,
): void {
  const x509None = Buffer.alloc(4);
  x509None.writeUInt32BE(SecurityType.x509None);
  // What the client says at each step, how many bytes that is, and what follows.
  const steps = [
    { expects: Buffer.from("RFB 003.008\n"), answer: Buffer.of(1, SecurityType.veNCrypt) },
    { expects: Buffer.of(SecurityType.veNCrypt), answer: Buffer.of(0, 2) },
    { expects: Buffer.of(0, 2), answer: Buffer.concat([Buffer.of(0, 1), x509None]) },
    { expects: x509None, answer: Buffer.of(1) },
  ];
  socket.write("RFB 003.008\n");
  const receive = (bytes: Buffer): void => {
    const step = steps.shift();
    if (step === undefined || !step.expects.equals(bytes)) return void socket.destroy();
    socket.write(step.answer);
    if (steps.length > 0) return;
    socket.off("data", receive);
    onSecure(startTls(socket, identity));
  };
  socket.on("data", receive);
}
