import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { certificateChain, makeCertificate } from "./licence-server.ts";

/** The lab's Debian 13, with FreeRDP 3's headers. */
const TREE = process.env.LAB_TRIXIE ?? "/opt/trixie";
const LIBRARIES = path.join(TREE, "usr/lib/x86_64-linux-gnu");

/** FreeRDP 3's own server, that demands a licence of who connects. */
export class FreeRdpLicensing {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  /** What it said, FreeRDP's own log included. */
  log = "";

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.log += text));
  }

  /** Compiles and starts one on a free port; the lab's tree must be there. */
  static async start(): Promise<FreeRdpLicensing> {
    const folder = mkdtempSync(path.join(TREE, "tmp/licensing-"));
    const source = path.join(import.meta.dirname, "freerdp-licensing.c");
    const includes = ["freerdp3", "winpr3"].map((name) => `-I${path.join(TREE, "usr/include", name)}`);
    const libraries = ["libfreerdp3.so.3", "libwinpr3.so.3"].map((name) => path.join(LIBRARIES, name));
    // Debian 12's compiler against Debian 13's libraries, which need newer ones than 12 has: they run where they live.
    const words = ["-O1", "-w", ...includes, "-o", path.join(folder, "server"), source, ...libraries];
    execFileSync("cc", [...words, "-Wl,--allow-shlib-undefined"]);
    const { key, cert } = makeCertificate();
    writeFileSync(path.join(folder, "key.pem"), key);
    writeFileSync(path.join(folder, "cert.pem"), cert);
    writeFileSync(path.join(folder, "chain"), certificateChain(new X509Certificate(cert).raw));
    const port = await freePort();
    const inside = (name: string) => `/${path.relative(TREE, path.join(folder, name))}`;
    const files = ["cert.pem", "key.pem", "chain"].map(inside);
    const child = spawn("chroot", [TREE, inside("server"), String(port), ...files], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const server = new FreeRdpLicensing(port, child, folder);
    await eventually("FreeRDP's server", async (seen) => {
      seen(server.log);
      return server.log.startsWith("ready");
    });
    return server;
  }

  stop(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
