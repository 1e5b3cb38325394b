import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Channel, FrameFlag } from "@poterne/wire";
import WebSocket from "ws";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import type { ApiClient } from "../support/gateway.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";

let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
});
after(() => demo.gateway.stop());

test("a person opens SSH, works, leaves; the recording verifies and the journal holds", async () => {
  const { api, gateway, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  viewer.type("echo $((6*7))-œuvre; id -un\r");
  await viewer.until("the answer", ({ text }) => text.includes("42-œuvre") && /\nalice/.test(text));
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  assert.equal(viewer.find("ended")?.code, "left");
  let endCode: string | null | undefined = null;
  for (let tries = 0; endCode === null && tries < 100; tries++) {
    endCode = (await api.must<{ endCode: string | null }>("GET", `/api/v1/sessions/${sessionId}`)).endCode;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(endCode, "left");
  await until(() => globSync(path.join(gateway.dataDir, `recordings/**/*${sessionId}*`)).length > 0);
  const [file = ""] = globSync(path.join(gateway.dataDir, `recordings/**/*${sessionId}*`));
  const verify = poterne("verify", file, "--data", gateway.dataDir, "--lang", "en");
  assert.match(verify.stdout, /Complete/, verify.stdout + verify.stderr);
  const journal = poterne("verify-journal", "--data", gateway.dataDir, "--lang", "en");
  assert.match(journal.stdout, /Intact/, journal.stdout + journal.stderr);
});

test("a reload comes back to the same screen, and an observer joins in mid-stream", async () => {
  const { api, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const first = await HeadlessViewer.attach(api, sessionId);
  await first.untilOpen();
  first.type("printf 'before-%s\\n' reload\r");
  await first.until("output", ({ text }) => text.includes("before-reload"));
  first.close();
  const second = await HeadlessViewer.attach(api, sessionId);
  await second.until("the screen", ({ text }) => text.includes("before-reload"));
  assert.ok(
    second.frames.some(
      ({ channel, flags }) => channel === Channel.text && (flags & FrameFlag.entryEnd) !== 0,
    ),
  );
  const started = Date.now();
  const observer = await HeadlessViewer.attach(api, sessionId, { role: "observer" });
  await observer.until("the screen", ({ text }) => text.includes("before-reload"));
  assert.ok(Date.now() - started < 3000, "within a second, with room for a busy machine");
  second.type("printf 'to-%s\\n' both\r");
  await observer.until("what the controller does", ({ text }) => text.includes("to-both"));
  observer.type("echo never\r");
  second.type("printf 'end-of-%s\\n' test\r");
  await second.until("the last echo", ({ text }) => text.includes("end-of-test"));
  assert.equal(second.text.includes("never"), false);
  second.control({ type: "end" });
});

test("a telnet switch logs in by its prompts and its secret is shown nowhere", async () => {
  const { api, targets } = demo;
  const sessionId = await openSession(api, targets.telnet);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  viewer.type("show version\r");
  await viewer.until("the switch's answer", ({ text }) => text.includes("uptime 1 day"));
  assert.equal(JSON.stringify(viewer.status).includes("switch-pass"), false);
  assert.equal(viewer.text.includes("switch-pass"), false);
  viewer.control({ type: "end" });
});

test("a VNC desktop opens and its first entry point covers the screen", async () => {
  const { api, targets } = demo;
  const sessionId = await openSession(api, targets.vnc);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  await viewer.until("an entry point", ({ frames }) =>
    frames.some(({ flags }) => (flags & FrameFlag.entryEnd) !== 0),
  );
  assert.ok(viewer.frames.some(({ channel }) => channel === Channel.picture));
  viewer.control({ type: "end" });
});

test("a ticket works once, from its page's origin, and is not echoed", async () => {
  const { api, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const { ticket, path: url } = await api.must<{ ticket: string; path: string }>(
    "POST",
    `/api/v1/sessions/${sessionId}/tickets`,
    { role: "controller" },
  );
  assert.equal(await tryUpgrade(api, url, ticket, "https://evil.example"), "refused");
  assert.equal(await tryUpgrade(api, url, "x".repeat(32), api.origin), "refused");
  assert.equal(await tryUpgrade(api, url, ticket, api.origin), "poterne.v1");
  assert.equal(await tryUpgrade(api, url, ticket, api.origin), "refused");
  await api.must("POST", `/api/v1/sessions/${sessionId}/end`, {});
});

test("the metrics count what was opened and ended", async () => {
  const { bytes } = await demo.api.send("GET", "/metrics", null, "");
  const text = bytes.toString("utf8");
  assert.match(text, /poterne_sessions_opened_total\{protocol="ssh"\} [1-9]/);
  assert.match(text, /poterne_sessions_ended_total\{code="left"\} [1-9]/);
});

test("nothing secret is in the log", () => {
  for (const secret of [
    "alice-Passw0rd",
    "switch-pass",
    "vnc-pass",
    demo.gateway.link.split("#link=")[1] ?? "?",
  ]) {
    const shown = demo.gateway.log
      .split("\n")
      .filter((line) => !line.startsWith("Demo sign-in:"))
      .join("\n");
    assert.equal(shown.includes(secret), false);
  }
});

/** The subprotocol agreed on, or "refused". */
function tryUpgrade(api: ApiClient, url: string, ticket: string, origin: string): Promise<string> {
  const address = new URL(url, api.origin);
  address.protocol = "wss:";
  const socket = new WebSocket(address, ["poterne.v1", `ticket.${ticket}`], {
    origin,
    rejectUnauthorized: false,
  });
  return new Promise((resolve) => {
    socket.once("open", () => {
      resolve(socket.protocol);
      socket.terminate();
    });
    socket.once("error", () => resolve("refused"));
  });
}

function poterne(...words: string[]) {
  const main = path.join(projectRoot, "packages/gateway/src/main.ts");
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    encoding: "utf8",
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
