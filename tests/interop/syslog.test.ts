import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EntryIds } from "../../packages/gateway/src/journal/entry-id.ts";
import { checkedHash } from "../../packages/gateway/src/journal/journal-line.ts";
import { SyslogForwarder } from "../../packages/gateway/src/journal/syslog/syslog-forwarder.ts";
import { type TestKeeper, testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";
import { labDir, startLab, stopLab } from "../support/lab.ts";

const received = path.join(labDir, "rsyslog", "received");

describe("rsyslogd as the journal's collector", () => {
  let keeper: TestKeeper;
  let folder = "";
  let forwarder: SyslogForwarder;
  const ids = new EntryIds();
  const sent: string[] = [];

  before(async () => {
    startLab("rsyslog");
    keeper = await testKeeper();
    folder = await mkdtemp(path.join(tmpdir(), "poterne-spool-"));
    forwarder = await SyslogForwarder.start({
      collector: {
        host: "127.0.0.1",
        port: 6514,
        ca: await readFile(path.join(labDir, "ca", "ca.crt"), "utf8"),
      },
      sender: { hostName: "passerelle", nodeId: "node-1" },
      spoolDirectory: folder,
      read: (place) => keeper.keeper.readJournal(place),
      onTrouble: () => undefined,
      confirmAfterMs: 500,
    });
  });
  after(async () => {
    await forwarder.close();
    await keeper.dispose();
    await rm(folder, { recursive: true, force: true });
    stopLab("rsyslog");
  });

  const append = async (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => {
      const entryId = ids.next(Date.now());
      sent.push(entryId);
      const actor = { personId: null, name: "Zoé Ŵ" };
      const details = { index, quote: '"]\\', long: "é".repeat(500) };
      return JSON.stringify({
        entryId,
        kind: "session.opened",
        level: "notice",
        actor,
        sourceAddress: "192.0.2.1",
        subject: {},
        details,
      });
    });
    await Promise.all(lines.map((line) => keeper.keeper.appendJournal(line)));
  };
  const lines = async () => (await readFile(received, "utf8")).split("\n");
  const waitForAll = async () => {
    for (let round = 0; round < 200; round++) {
      const text = (await stat(received).catch(() => null)) === null ? "" : await readFile(received, "utf8");
      if (sent.every((id) => text.includes(`entryId="${id}"`))) return;
      await sleep(100);
    }
    assert.fail("not everything arrived");
  };

  it("understands every part of a message, and its copy of a line still has the line's hash", async () => {
    await append(50);
    await waitForAll();
    const line = (await lines()).find((one) => one.includes(sent[0] ?? "none")) ?? assert.fail();
    const [pri, host, app, procId, messageId, data] = line.split("|");
    assert.deepEqual(
      [pri, host, app, procId, messageId],
      ["109", "passerelle", "poterne", "node-1", "session.opened"],
    );
    assert.match(
      data ?? "",
      /^\[poterne@32473 entryId="[^"]+" epoch="1" sequence="\d+" hash="[0-9a-f]{64}"\]$/,
    );
    const copy = line.slice(line.indexOf('{"sequence":'));
    assert.ok(checkedHash(Buffer.from(copy, "utf8")) !== null, "the collector's copy proves itself");
  });

  it("gets everything in the end when it is stopped and comes back in the middle", async () => {
    await append(500);
    stopLab("rsyslog");
    await append(500);
    await sleep(1_000);
    startLab("rsyslog");
    await append(200);
    await waitForAll();
    while (forwarder.state.confirmedSequence < sent.length) await sleep(100);
    assert.equal(forwarder.state.lastError, null);
  });
});
