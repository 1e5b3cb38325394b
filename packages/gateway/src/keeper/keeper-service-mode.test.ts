import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Failure } from "@poterne/contract";
import { KeeperProcess } from "./keeper-process.ts";

const main = fileURLToPath(new URL("./keeper-main.ts", import.meta.url));

describe("a keeper that runs as a service of its own", () => {
  let folder = "";
  let service: ChildProcess;
  let gateway: KeeperProcess;
  const warnings: string[] = [];
  const options = () => ({
    keysDirectory: join(folder, "keys"),
    journalDirectory: join(folder, "journal"),
    node: "node-1",
    retentionMonths: 12,
    socketPath: join(folder, "keeper.sock"),
  });
  const startService = async () => {
    service = spawn(process.execPath, [main, JSON.stringify(options())], { stdio: "ignore" });
    const untilMs = performance.now() + 30_000;
    while (!(await canConnect(options().socketPath)) && performance.now() < untilMs) await sleep(20);
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "poterne-service-"));
    await startService();
    gateway = await KeeperProcess.start({
      keeper: options(),
      masterKeyValue: null,
      warn: (text) => warnings.push(text),
    });
  });
  after(async () => {
    await gateway.close();
    service.kill("SIGTERM");
    await once(service, "close");
    await rm(folder, { recursive: true, force: true });
  });

  it("answers over a socket that only its owner and group may use, and passes its warnings on", async () => {
    const { mode } = await stat(options().socketPath);
    assert.equal(mode & 0o007, 0);
    const envelope = await gateway.sealSecret("account:a1", Buffer.from("pw"));
    assert.equal(
      Buffer.from(await gateway.openSecret("account:a1", envelope, "session:s1")).toString(),
      "pw",
    );
    assert.match(warnings.join(), /master key was made/);
  });

  it("cuts off whoever does not speak its language", async () => {
    for (const bytes of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.from([0, 0, 0, 2, 0x7b, 0x7b]),
      Buffer.alloc(8, 255),
    ]) {
      const socket = connect(options().socketPath);
      socket.on("error", () => undefined);
      socket.resume();
      socket.write(bytes);
      await once(socket, "close");
    }
    await gateway.publicKeys();
  });

  it("outlives a gateway, and a gateway finds it again after it was killed", async () => {
    await gateway.close();
    gateway = await KeeperProcess.start({ keeper: options(), masterKeyValue: null, warn: () => undefined });
    service.kill("SIGKILL");
    await once(service, "close");
    await sleep(50);
    const asked = gateway.sealSecret("account:a1", Buffer.from("x"));
    await assert.rejects(asked, (error) => error instanceof Failure && error.code === "keeper-unavailable");
    await startService();
    while (!gateway.isAvailable) await sleep(20);
    await gateway.publicKeys();
  });
});

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
