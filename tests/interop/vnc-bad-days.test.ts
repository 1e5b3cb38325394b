import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { Failure, policyRules } from "../../packages/contract/src/index.ts";
import { VncDriver } from "../../packages/gateway/src/session/drivers/vnc.ts";
import { startLab } from "../support/lab.ts";
import { TestHost, vncHop, waitFor } from "../support/vnc-peer.ts";

before(() => startLab("vnc", "vnc-tls"));

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A server that does what a test says; returns its port. */
function serve(act: (socket: Socket) => void): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      act(socket);
    });
    servers.push(server);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function makeDriver(
  port: number,
  options: Record<string, unknown> = { minimumSecurity: "none" },
  password = "vnc-pass",
) {
  const host = new TestHost();
  const hop = vncHop(port, { options, credentials: { kind: "password", username: "alice", password } });
  const driver = new VncDriver({ sessionId: "0", hops: [hop], policy: policyRules.parse({}) }, host);
  return { host, driver };
}

async function failureOf(
  port: number,
  options?: Record<string, unknown>,
  password?: string,
): Promise<Failure> {
  const { driver } = makeDriver(port, options, password);
  try {
    await driver.open();
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  driver.close();
  return assert.fail("it opened");
}

/** Answers like a server without a password up to a 64 × 64 desktop, then goes on as the test says. */
function openDesktop(
  socket: Socket,
  next: (socket: Socket) => void,
  size: [number, number] = [64, 64],
): void {
  socket.write("RFB 003.008\n");
  let step = 0;
  socket.on("data", () => {
    step++;
    if (step === 1) socket.write(Uint8Array.of(1, 1));
    else if (step === 2) socket.write(Uint8Array.of(0, 0, 0, 0));
    else if (step === 3) {
      const init = Buffer.alloc(28);
      init.writeUInt16BE(size[0], 0);
      init.writeUInt16BE(size[1], 2);
      init.writeUInt32BE(4, 20);
      init.write("desk", 24);
      socket.write(init);
    } else if (step === 4) next(socket);
  });
}

test("a closed port is said to refuse", async () => {
  assert.equal((await failureOf(1)).code, "target-refused");
});

test("a wrong password is said as such, by VncAuth and inside TLS", async () => {
  assert.equal((await failureOf(5945, {}, "wrong")).code, "wrong-password");
  assert.equal((await failureOf(5946, { minimumSecurity: "tls" }, "wrong")).code, "wrong-password");
});

for (const [name, hello] of Object.entries({
  "an SSH server": "SSH-2.0-OpenSSH_9.2\r\n",
  "a web server": "HTTP/1.1 400 Bad Request\r\n\r\n",
  noise: Buffer.from([0, 255, 3, 9, 200, 7, 7, 7, 7, 7, 7, 7, 7, 7]),
}))
  test(`${name} in the place of VNC is no VNC server`, async () => {
    const port = await serve((socket) => socket.write(hello));
    const failure = await failureOf(port);
    assert.equal(failure.code, "protocol-error");
    assert.equal(failure.details.detail, "not a VNC server");
  });

test("a server that blocks log-ins, or turns the client away, is quoted", async () => {
  const say = (reason: string) => (socket: Socket) => {
    socket.write("RFB 003.008\n");
    socket.once("data", () => {
      const text = Buffer.from(reason);
      const length = Buffer.alloc(5);
      length.writeUInt32BE(text.length, 1);
      socket.write(Buffer.concat([length, text]));
    });
  };
  assert.equal((await failureOf(await serve(say("Too many security failures")))).code, "login-blocked");
  const away = await failureOf(await serve(say("server\u0007 is busy")));
  assert.equal(away.code, "turned-away");
  assert.equal(away.details.reason, "server  is busy");
});

test("a server with security nobody knows, or too weak, is refused", async () => {
  const offer =
    (...types: number[]) =>
    (socket: Socket) => {
      socket.write("RFB 003.008\n");
      socket.once("data", () => socket.write(Uint8Array.of(types.length, ...types)));
    };
  assert.equal((await failureOf(await serve(offer(30, 35)))).code, "no-common-security");
  assert.equal(
    (await failureOf(await serve(offer(1)), { minimumSecurity: "vncauth" })).code,
    "security-too-weak",
  );
});

test("a server that closes in mid-handshake is said to have closed", async () => {
  const port = await serve((socket) => socket.end("RFB 003"));
  assert.equal((await failureOf(port)).code, "target-closed");
  const later = await serve((socket) => {
    socket.write("RFB 003.008\n");
    socket.once("data", () => socket.destroy());
  });
  assert.equal((await failureOf(later)).code, "target-closed");
});

test("a server that never answers is given up after the time-out", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let socket: Socket | null = null;
  const port = await serve((peer) => {
    socket = peer;
  });
  const result = failureOf(port);
  while (socket === null) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  context.mock.timers.tick(15_000);
  const failure = await result;
  assert.equal(failure.code, "target-silent");
  assert.equal(failure.details.seconds, 15);
});

test("an endless handshake is cut at its limit", async () => {
  const port = await serve((socket) => {
    socket.write("RFB 003.008\n");
    socket.once("data", () => {
      socket.write(Uint8Array.of(0, 0x7f, 0xff, 0xff, 0xff));
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65536, 65)));
      };
      socket.on("drain", flood);
      flood();
    });
  });
  assert.equal((await failureOf(port)).code, "protocol-error");
});

for (const [name, bytes] of Object.entries({
  "an unknown message": [77],
  "a rectangle outside the screen": [0, 0, 0, 1, 0, 60, 0, 0, 0, 10, 0, 10, 0, 0, 0, 0],
  "an unknown encoding": [0, 0, 0, 1, 0, 0, 0, 0, 0, 10, 0, 10, 0, 0, 9, 9],
  "a screen over the limit": [0, 0, 0, 1, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 33],
  "a zlib stream that is none": [0, 0, 0, 1, 0, 0, 0, 0, 0, 10, 0, 10, 0, 0, 0, 7, 0, 6, 1, 2, 3, 4, 5, 6],
}))
  test(`${name} ends the session, not the process`, async () => {
    const port = await serve((socket) => openDesktop(socket, () => socket.write(Uint8Array.from(bytes))));
    const { driver, host } = makeDriver(port);
    await driver.open();
    driver.requestEntryPoint();
    await waitFor("the end", () => host.end !== null);
    assert.equal(host.end?.code, "protocol-error");
    driver.close();
  });

test("a server that closes later is said to have closed the session", async () => {
  const port = await serve((socket) => openDesktop(socket, () => socket.end()));
  const { driver, host } = makeDriver(port);
  await driver.open();
  await waitFor("the end", () => host.end !== null);
  assert.equal(host.end?.code, "closed-by-target");
});

test("a flood nobody consumes stops being read: memory stays bounded", async () => {
  let sentBytes = 0;
  const rectangle = Buffer.alloc(16 + 64 * 64 * 4);
  rectangle.set([0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64, 0, 0, 0, 0]);
  const port = await serve((socket) =>
    openDesktop(socket, () => {
      const flood = () => {
        do sentBytes += rectangle.length;
        while (!socket.destroyed && socket.write(rectangle));
      };
      socket.on("drain", flood);
      flood();
    }),
  );
  const { driver, host } = makeDriver(port);
  let queuedBytes = 0;
  host.onFrame = (frame) => {
    host.frames.length = 0;
    queuedBytes += frame.payload.length;
    driver.flow({ queuedBytes, isWatched: true, decodesH264: false });
  };
  await driver.open();
  await waitFor("the hold", () => queuedBytes > 8 * 1024 * 1024);
  const heldAt = queuedBytes;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(queuedBytes - heldAt < 1024 * 1024, `${queuedBytes - heldAt} bytes more`);
  assert.ok(sentBytes < 64 * 1024 * 1024);
  queuedBytes = 0;
  driver.flow({ queuedBytes, isWatched: true, decodesH264: false });
  await waitFor("reading again", () => queuedBytes > 0);
  driver.close();
});
