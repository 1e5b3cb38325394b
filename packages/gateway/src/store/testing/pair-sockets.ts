import type { Socket } from "node:net";

/** The two ends of a relay go together: an error or the end of one ends the other. While they are open `sockets` holds both. */
export function pairSockets(near: Socket, far: Socket, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  }
}
