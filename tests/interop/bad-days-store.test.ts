import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TcpGate } from "../../packages/gateway/src/store/testing/tcp-gate.ts";
import { type TestStore, testStore } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { assertRecorded, endCodeOf } from "../support/evidence.ts";
import { startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

/** Longer than the time between two looks at whether live sessions are still allowed. */
const AWAY_MS = 7_000;
const BACK_WITHIN_MS = 30_000;

let store: TestStore;
let gate: TcpGate;
let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  store = await testStore("postgresql");
  const url = new URL("url" in store.options ? store.options.url : "");
  gate = await TcpGate.open({ host: url.hostname, port: Number(url.port || 5432) });
  url.hostname = "127.0.0.1";
  url.port = String(gate.port);
  demo = await startDemo(["--set", "store.engine=postgresql", "--set", `store.url=${url.href}`]);
});
after(async () => {
  await demo.gateway.stop();
  await gate.cut();
  await store.dispose();
});

test("PostgreSQL stops and comes back: live sessions go on, one that ends meanwhile is written down afterwards", async () => {
  const { api, gateway, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const ending = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  const leaver = await HeadlessViewer.attach(api, ending);
  await Promise.all([viewer.untilOpen(), leaver.untilOpen()]);
  await gate.cut();
  viewer.type("echo without-$((40+2))-\r");
  await viewer.until("an answer without the store", ({ text }) => text.includes("without-42-"));
  leaver.control({ type: "end" });
  await leaver.until("the end", ({ closed }) => closed !== null);
  assert.equal(leaver.find("ended")?.code, "left");
  const refused = await api.call<{ code: string }>("POST", "/api/v1/sessions", {
    targetId: targets.ssh.targetId,
  });
  assert.deepEqual([refused.status, refused.body.code], [503, "store-unavailable"]);
  await sleep(AWAY_MS);
  assert.equal(viewer.closed, null, "a store that is away ends nothing");
  viewer.type("echo still-$((41+1))-\r");
  await viewer.until("an answer still", ({ text }) => text.includes("still-42-"));
  await gate.mend();
  const deadline = Date.now() + BACK_WITHIN_MS;
  while ((await api.call("GET", "/api/v1/my/machines")).status !== 200) {
    assert.ok(Date.now() < deadline, "the store is not found again");
    await sleep(200);
  }
  assert.equal(await endCodeOf(api, ending), "left");
  const again = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
  await again.untilOpen();
  for (const each of [viewer, again]) each.control({ type: "end" });
  assert.equal(await endCodeOf(api, sessionId), "left");
  await sleep(1000);
  assertRecorded(gateway, [sessionId, ending]);
});
