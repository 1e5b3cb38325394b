import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What a bad target does with whoever connects. `unreachable`: the network swallows every attempt to connect. */
export const MISBEHAVIOURS = ["unreachable", "refuses", "closes", "garbage", "flood", "silent"] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** How a server of each protocol begins, so that what comes next is in mid-handshake. */
const BEGINNINGS = {
  ssh: Buffer.from("SSH-2.0-OpenSSH_9.2p1\r\n"),
  telnet: Buffer.from([255, 253, 24, 255, 253, 31, ...Buffer.from("\r\nsw-01 log")]),
  vnc: Buffer.from("RFB 003.008\n"),
} as const;

const FLOOD_CHUNK = Buffer.alloc(65_536, 0x41);

/** A target that misbehaves, on a port of its own. */
export class HostileTarget {
  readonly port: number;
  readonly #stop: () => void;

  private constructor(port: number, stop: () => void) {
    this.port = port;
    this.#stop = stop;
  }

  static async start(
    protocol: keyof typeof BEGINNINGS,
    misbehaviour: Misbehaviour,
    garbage: (length: number) => Buffer,
  ): Promise<HostileTarget> {
    if (misbehaviour === "unreachable") return HostileTarget.#startUnreachable();
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
      act(socket, misbehaviour, BEGINNINGS[protocol], garbage);
    });
    const port = await listen(server);
    if (misbehaviour === "refuses") server.close();
    return new HostileTarget(port, () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
  }

  /** A server that never accepts, its queue full: the kernel answers no further attempt, as a dead network would. */
  static async #startUnreachable(): Promise<HostileTarget> {
    const script =
      "const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))";
    const child: ChildProcess = spawn(process.execPath, ["-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), "line")) as [
      string,
    ];
    const port = Number(line);
    child.kill("SIGSTOP");
    const fillers = Array.from({ length: 4 }, () =>
      connect({ host: "127.0.0.1", port }).on("error", () => {}),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    return new HostileTarget(port, () => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
    });
  }

  stop(): void {
    this.#stop();
  }
}

function act(
  socket: Socket,
  misbehaviour: Misbehaviour,
  beginning: Buffer,
  garbage: (length: number) => Buffer,
): void {
  if (misbehaviour === "silent") return void socket.resume();
  if (misbehaviour === "garbage") return void socket.write(garbage(20_000));
  socket.write(beginning);
  if (misbehaviour === "closes") {
    socket.once("data", () => socket.destroy());
    return;
  }
  const flood = () => {
    while (!socket.destroyed && socket.write(FLOOD_CHUNK));
  };
  socket.on("drain", flood);
  socket.resume();
  flood();
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
