import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, test } from "node:test";
import ssh2 from "ssh2";
import { makeSshDriver } from "../../packages/gateway/src/session/drivers/ssh.ts";
import { makeTelnetDriver } from "../../packages/gateway/src/session/drivers/telnet.ts";
import { DriverHarness } from "../../packages/gateway/src/session/testing/driver-harness.ts";
import { Channel } from "../../packages/wire/src/channel.ts";
import { failureOf, labHop, withDriver } from "../support/terminal.ts";

const servers: { close(): void }[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A server that does this with each connection; returns its port. */
async function serve(act: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    act(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function codeFrom(act: (socket: Socket) => void): Promise<string> {
  return (await failureOf(makeSshDriver, [labHop(await serve(act))])).code;
}

test("nobody there, and nobody who answers the network", async () => {
  const port = await serve(() => {});
  servers.pop()?.close();
  assert.equal((await failureOf(makeSshDriver, [labHop(port)])).code, "target-refused");
  assert.equal((await failureOf(makeTelnetDriver, [labHop(port)])).code, "target-refused");
  const nowhere = labHop(22, { address: "no-such-host.invalid" });
  assert.equal((await failureOf(makeSshDriver, [nowhere])).code, "target-unreachable");
});

test("a server that closes at once, after its banner or in the middle of key exchange", async () => {
  assert.equal(await codeFrom((socket) => socket.end()), "target-closed");
  assert.equal(await codeFrom((socket) => socket.end("SSH-2.0-gone\r\n")), "target-closed");
  assert.equal(
    await codeFrom((socket) => {
      socket.write("SSH-2.0-gone\r\n");
      socket.once("data", () => socket.destroy());
    }),
    "target-closed",
  );
});

test("garbage instead of SSH is a protocol error, also a web server's answer", async () => {
  assert.equal(await codeFrom((socket) => socket.write(Buffer.alloc(70_000, 0xff))), "protocol-error");
  assert.equal(await codeFrom((socket) => socket.write("SSH-9.9-strange\r\n")), "protocol-error");
  assert.equal(
    await codeFrom((socket) => {
      socket.write("SSH-2.0-garbage\r\n");
      socket.write(Buffer.alloc(4096, 0x7f));
    }),
    "protocol-error",
  );
});

test("a flood of lines before the banner ends within its limit", async () => {
  let sent = 0;
  const code = await codeFrom((socket) => {
    const write = () => {
      while (!socket.destroyed && sent < 200_000_000 && socket.write("flood\r\n".repeat(1000))) sent += 7000;
    };
    socket.on("drain", write);
    write();
  });
  assert.equal(code, "protocol-error");
  assert.ok(sent < 100_000_000);
});

test("a server that never says anything is given up, in words", async () => {
  const { code, details } = await failureOf(makeSshDriver, [labHop(await serve(() => {}))]);
  assert.equal(code, "target-silent");
  assert.equal(details.seconds, 15);
});

test("closing the driver in the middle of a log-in releases everything at once", async () => {
  let isClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  const port = await serve((socket) => {
    socket.write("SSH-2.0-slow\r\n");
    socket.once("close", () => isClosed());
    socket.resume();
  });
  const harness = new DriverHarness(makeSshDriver, { hops: [labHop(port)] });
  const opening = harness.driver.open();
  setTimeout(() => harness.driver.close(), 300);
  await assert.rejects(opening, { code: "target-closed" });
  await closed;
});

/** An SSH server of our own, to say what a real one would not. */
async function serveSsh(act: (connection: ssh2.Connection) => void, banner = ""): Promise<number> {
  const keys = ssh2.utils.generateKeyPairSync("ed25519");
  const server = new ssh2.Server(
    { hostKeys: [keys.private], ...(banner === "" ? {} : { banner }) },
    (connection) => {
      connection.on("error", () => {});
      act(connection);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  return (server.address() as { port: number }).port;
}

test("several questions of keyboard-interactive go to the person, with their echo", async () => {
  const port = await serveSsh((connection) => {
    connection.on("authentication", (context) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      const prompts = [
        { prompt: "Site:\u001b[2J", echo: true },
        { prompt: "Token:", echo: false },
      ];
      context.prompt(prompts, "Second factor", "Type both", (answers) =>
        answers.join() === "42,abc" ? context.accept() : context.reject(),
      );
    });
    connection.on("session", (accept) => {
      const session = accept();
      session.on("pty", (acceptPty) => acceptPty?.());
      session.on("shell", (acceptShell) => acceptShell().write("welcome"));
    });
  });
  await withDriver(makeSshDriver, [labHop(port)], { answer: () => ["42", "abc"] }, async (harness) => {
    await harness.shows("welcome");
    assert.deepEqual(harness.questions[0]?.fields, [
      { prompt: "Site: [2J", echo: true },
      { prompt: "Token:", echo: false },
    ]);
  });
});

test("a server that asks without end is stopped", async () => {
  const port = await serveSsh((connection) => {
    connection.on("authentication", (context) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      const askAgain = () => context.prompt([{ prompt: "again?", echo: true }], askAgain);
      askAgain();
    });
  });
  const failing = failureOf(makeSshDriver, [labHop(port)], { answer: () => ["yes"] });
  const outcome = await Promise.race([
    failing,
    new Promise<null>((resolve) => setTimeout(resolve, 5000, null)),
  ]);
  assert.equal(outcome?.code, "protocol-error");
});

test("a banner is shown, without anything a terminal would obey", async () => {
  const port = await serveSsh((connection) => {
    connection.on("authentication", (context) => context.reject());
  }, "Authorised only\u001b]52;c;cm0=\u0007\nsecond line\u001b[6n\n");
  const { code, harness } = await failureOf(makeSshDriver, [labHop(port)]);
  assert.equal(code, "wrong-password");
  assert.equal(harness.text.trimEnd(), "Authorised only]52;c;cm0=\r\nsecond line[6n");
});

test("a target that sends more than its window allows is cut off", async () => {
  const port = await serveSsh((connection) => {
    connection.on("authentication", (context) => context.accept());
    connection.on("session", (accept) => {
      const session = accept();
      session.on("pty", (acceptPty) => acceptPty?.());
      session.on("shell", (acceptShell) => {
        const channel = acceptShell();
        // Its own bookkeeping told to believe in a window without end.
        (channel as unknown as { outgoing: { window: number } }).outgoing.window = 2 ** 31;
        channel.write(Buffer.alloc(64 * 1024 * 1024, "x"));
      });
    });
  });
  await withDriver(makeSshDriver, [labHop(port)], {}, async (harness) => {
    harness.driver.flow({ queuedBytes: 10_000_000, isWatched: true, decodesH264: false });
    await harness.until(() => harness.end !== null);
    assert.equal(harness.end?.code, "protocol-error");
    assert.ok(harness.textBytes < 8_000_000);
  });
});

test("telnet: garbage is shown, endless negotiation is cut off, and a close in mid-login is told", async () => {
  const toggling = await serve((socket) => {
    socket.write(Buffer.from("fffb01fffc01".repeat(5000), "hex"));
  });
  assert.equal((await failureOf(makeTelnetDriver, [labHop(toggling)])).code, "protocol-error");
  const closing = await serve((socket) => socket.end("hello"));
  assert.equal((await failureOf(makeTelnetDriver, [labHop(closing)])).code, "target-closed");
});

test("telnet: a secret is not sent where the target would not hide it", async () => {
  const received: string[] = [];
  const port = await serve((socket) => {
    socket.on("data", (bytes) => received.push(bytes.toString("latin1")));
    socket.write("Password: ");
  });
  const { code } = await failureOf(makeTelnetDriver, [labHop(port)]);
  assert.equal(code, "secret-would-show");
  assert.ok(!received.join("").includes("Passw0rd"));
});

test("telnet: a target that echoes the secret all the same does not get it shown", async () => {
  const port = await serve((socket) => {
    socket.write(Buffer.concat([Buffer.from("fffb01", "hex"), Buffer.from("Password: ")]));
    socket.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      if (text.includes("\r")) socket.write(`${text.replace("\r", "")}\r\nswitch> `);
    });
  });
  await withDriver(makeTelnetDriver, [labHop(port)], {}, async (harness) => {
    await harness.shows("switch> ");
    assert.match(harness.text, /••••/);
    assert.ok(!harness.text.includes("Passw0rd"));
    assert.ok(harness.frames.every(({ channel }) => channel === Channel.text));
  });
});
