import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type TestKeeper, testKeeper } from "../../keeper/testing/test-keeper.ts";
import { EntryIds } from "../entry-id.ts";
import { parseCollector } from "./start-syslog.ts";
import { SyslogForwarder, type SyslogOptions } from "./syslog-forwarder.ts";

/** A collector that understands RFC 5425 frames and can be cut at will. */
class Collector {
  readonly messages: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  port = 0;
  /** Destroys a connection after so many bytes. */
  cutAfterBytes = Number.POSITIVE_INFINITY;

  constructor(tls: { readonly key: Buffer; readonly cert: Buffer }) {
    this.#server = createServer(tls, (socket) => {
      this.#sockets.add(socket);
      let rest: Buffer = Buffer.alloc(0);
      let total = 0;
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("data", (bytes: Buffer) => {
        total += bytes.length;
        if (total > this.cutAfterBytes) {
          socket.destroy();
          return;
        }
        rest = this.#take(Buffer.concat([rest, bytes]));
      });
    });
    this.#server.on("tlsClientError", () => undefined);
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", () => resolve()));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  ids(): readonly string[] {
    return this.messages.flatMap((message) => / entryId="([0-9a-f-]{36})"/.exec(message)?.[1] ?? []);
  }

  #take(bytes: Buffer): Buffer {
    let rest = bytes;
    for (;;) {
      const space = rest.indexOf(0x20);
      if (space < 0) return rest;
      const length = Number(rest.subarray(0, space).toString("ascii"));
      assert.ok(Number.isInteger(length) && length > 0, "octet count");
      if (rest.length < space + 1 + length) return rest;
      this.messages.push(rest.subarray(space + 1, space + 1 + length).toString("utf8"));
      rest = rest.subarray(space + 1 + length);
    }
  }
}

describe("syslog over TLS", () => {
  let folder = "";
  let keeper: TestKeeper;
  let tls: { readonly key: Buffer; readonly cert: Buffer };
  let ca = "";
  const ids = new EntryIds();
  const sent: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "poterne-syslog-"));
    const path = (name: string) => join(folder, name);
    const openssl = (...words: string[]) => execFileSync("openssl", words, { stdio: "pipe" });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      path("ca.key"),
      "-out",
      path("ca.pem"),
      "-subj",
      "/CN=ca",
      "-days",
      "2",
    );
    openssl("req", ...key, "-keyout", path("s.key"), "-out", path("s.csr"), "-subj", "/CN=collector");
    execFileSync("sh", ["-c", `printf 'subjectAltName=IP:127.0.0.1' > ${path("san")}`]);
    const files = [
      "-in",
      path("s.csr"),
      "-CA",
      path("ca.pem"),
      "-CAkey",
      path("ca.key"),
      "-out",
      path("s.pem"),
    ];
    openssl("x509", "-req", ...files, "-CAcreateserial", "-days", "2", "-extfile", path("san"));
    tls = { key: await readFile(path("s.key")), cert: await readFile(path("s.pem")) };
    ca = await readFile(path("ca.pem"), "utf8");
    keeper = await testKeeper();
  });
  after(async () => {
    await keeper.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const append = async (count: number) => {
    const lines = Array.from({ length: count }, () => {
      const entryId = ids.next(Date.now());
      sent.push(entryId);
      const actor = { personId: randomUUID(), name: 'Zoé "]\\' };
      const facts = { sourceAddress: "", subject: {}, details: { note: "ligne" } };
      return JSON.stringify({ entryId, kind: "session.opened", level: "alarm", actor, ...facts });
    });
    await Promise.all(lines.map((line) => keeper.keeper.appendJournal(line)));
  };
  const start = (port: number, changed: Partial<SyslogOptions> = {}) =>
    SyslogForwarder.start({
      collector: { host: "127.0.0.1", port, ca },
      sender: { hostName: "passerelle", nodeId: "node-1" },
      spoolDirectory: join(folder, "spool"),
      read: (place) => keeper.keeper.readJournal(place),
      onTrouble: () => undefined,
      confirmAfterMs: 300,
      ...changed,
    });
  const hasAll = async (collector: Collector, waitMs = 15_000) => {
    const untilMs = performance.now() + waitMs;
    while (performance.now() < untilMs) {
      const received = new Set(collector.ids());
      if (sent.every((id) => received.has(id))) return true;
      await sleep(50);
    }
    return false;
  };

  it("sends each line in the form of RFC 5424, with the entry's id", async () => {
    const collector = new Collector(tls);
    await collector.listen();
    await append(3);
    const forwarder = await start(collector.port);
    assert.ok(await hasAll(collector));
    const message = collector.messages.find((one) => one.includes(sent[0] ?? "none")) ?? assert.fail();
    assert.match(
      message,
      /^<105>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z passerelle poterne node-1 session\.opened \[poterne@32473 entryId="[^"]+" epoch="1" sequence="\d+" hash="[0-9a-f]{64}"\] \uFEFF\{"sequence":/,
    );
    while (forwarder.state.confirmedSequence < 4) await sleep(20);
    await forwarder.close();
    await collector.close();
  });

  it("loses nothing while the collector is cut, away, and the gateway restarts; what is repeated has the same id", async () => {
    sent.length = 0;
    const collector = new Collector(tls);
    await collector.listen();
    const { port } = collector;
    let forwarder = await start(port);
    collector.cutAfterBytes = 20_000;
    for (let round = 0; round < 5; round++) {
      await append(100);
      await sleep(100);
    }
    await collector.close();
    await append(500);
    await sleep(200);
    while (forwarder.state.lastError === null) await sleep(20);
    assert.equal(forwarder.state.isConnected, false);
    await forwarder.close();
    forwarder = await start(port);
    await append(100);
    const back = new Collector(tls);
    back.messages.push(...collector.messages);
    await back.listen(port);
    assert.ok(await hasAll(back), "all ids arrived");
    while (forwarder.state.confirmedSequence < sent.length) await sleep(50);
    const before = back.messages.length;
    await forwarder.close();
    forwarder = await start(port);
    await sleep(300);
    assert.equal(back.messages.length, before, "what is confirmed is not sent again");
    await forwarder.close();
    await back.close();
  });

  it("refuses a collector whose certificate is not from the given authority", async () => {
    const collector = new Collector(tls);
    await collector.listen();
    await append(1);
    const untrusting = await start(collector.port, {
      collector: { host: "127.0.0.1", port: collector.port, ca: null },
    });
    await sleep(400);
    assert.match(untrusting.state.lastError ?? "", /certificate|issuer/i);
    await untrusting.close();
    const misnamed = await start(collector.port, {
      collector: { host: "localhost", port: collector.port, ca },
    });
    await sleep(400);
    assert.match(misnamed.state.lastError ?? "", /altname|hostname/i);
    assert.equal(collector.messages.length, 0);
    await misnamed.close();
    await collector.close();
  });
});

describe("a collector's address", () => {
  it("has a host and a port, or the port of RFC 5425", () => {
    assert.deepEqual(parseCollector("logs.example.org"), { host: "logs.example.org", port: 6514 });
    assert.deepEqual(parseCollector("192.0.2.1:7000"), { host: "192.0.2.1", port: 7000 });
    assert.deepEqual(parseCollector("[2001:db8::1]:6514"), { host: "2001:db8::1", port: 6514 });
    for (const bad of ["", "host:0", "host:70000", "a b", "2001:db8::1"])
      assert.throws(() => parseCollector(bad));
  });
});
