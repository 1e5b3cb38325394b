import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { ensureCertificate } from "../../packages/gateway/src/http/certificates.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { type GrantedTarget, grantTarget, personIdOf } from "../support/inventory.ts";
import { labDir, startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

/** When the desktop's certificate was made; it ran out long ago. */
const MADE_AT_MS = Date.UTC(2015, 0, 1);
const DISPLAYS = Array.from({ length: 20 }, (_, index) => 60 + index);
const UP_WITHIN_MS = 15_000;

const folder = mkdtempSync(path.join(tmpdir(), "poterne-certificate-"));
let desktop: { readonly port: number; readonly child: ChildProcess };
let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc", "vnc-tls");
  desktop = await startOldDesktop();
  demo = await startDemo();
});
after(async () => {
  await demo?.gateway.stop();
  const ended = once(desktop.child, "exit");
  desktop.child.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** TigerVNC with VeNCrypt X509Vnc and a certificate that has expired. */
async function startOldDesktop(): Promise<typeof desktop> {
  const own = { mode: "own", certificate: "", key: "" } as const;
  const files = await ensureCertificate(folder, ["old.lab.test"], own, MADE_AT_MS);
  const port = await freePort();
  const number = DISPLAYS.find((display) => !existsSync(`/tmp/.X11-unix/X${display}`));
  assert.ok(number !== undefined, "no display is free");
  const security = ["-SecurityTypes", "X509Vnc", "-rfbauth", path.join(labDir, "vnc/passwd")];
  const certificate = ["-X509Cert", files.certificate, "-X509Key", files.key];
  const place = ["-nolisten", "tcp", "-interface", "127.0.0.1", "-UseIPv6=0", "-rfbport", String(port)];
  const child = spawn("Xtigervnc", [`:${number}`, ...place, ...security, ...certificate], {
    stdio: "ignore",
  });
  for (const deadline = Date.now() + UP_WITHIN_MS; !(await answers(port)); await sleep(100))
    assert.ok(Date.now() < deadline && child.exitCode === null, "the desktop does not start");
  return { port, child };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("data", () => settle(true));
    socket.once("error", () => settle(false));
    function settle(isThere: boolean): void {
      socket.destroy();
      resolve(isThere);
    }
  });
}

async function grantDesktop(rules: Readonly<Record<string, unknown>> = {}): Promise<GrantedTarget> {
  return grantTarget(demo.api, {
    protocol: "vnc",
    port: desktop.port,
    personId: await personIdOf(demo.api),
    username: "",
    password: "vnc-pass",
    options: { minimumSecurity: "tls" },
    rules,
  });
}

async function attach(target: GrantedTarget): Promise<HeadlessViewer> {
  return HeadlessViewer.attach(demo.api, await openSession(demo.api, target));
}

async function endOf(target: GrantedTarget) {
  const viewer = await attach(target);
  await viewer.until("the end", ({ closed }) => closed !== null, 30_000);
  return viewer.find("ended");
}

test("an expired certificate is warned of with its date; once pinned it still identifies the machine", async () => {
  const target = await grantDesktop();
  for (const time of ["first", "second"]) {
    const viewer = await attach(target);
    await viewer.untilOpen();
    const warning = viewer.status.find(
      (message) => message.type === "warning" && message.code === "certificate-expired",
    );
    assert.ok(warning?.type === "warning", time);
    assert.match(String(warning.details.date), /^20(1\d|2[0-5])-\d\d-\d\d$/);
    viewer.control({ type: "end" });
    await viewer.until("the end", ({ closed }) => closed !== null);
  }
  const { identities } = await demo.api.must<{ identities: { kind: string }[] }>(
    "GET",
    `/api/v1/targets/${target.targetId}`,
  );
  assert.deepEqual(
    identities.map(({ kind }) => kind),
    ["tls-certificate"],
  );
});

test("another certificate than the pinned one stops the session, and both fingerprints are shown", async () => {
  const target = await grantDesktop();
  const text = readFileSync(path.join(labDir, "ca/vnc.lab.test.crt"), "utf8");
  const url = `/api/v1/targets/${target.targetId}/identities`;
  const { identities } = await demo.api.must<{ identities: { fingerprint: string }[] }>("POST", url, {
    text,
  });
  const ended = await endOf(target);
  assert.equal(ended?.code, "identity-changed");
  assert.equal(ended?.details.expected, identities[0]?.fingerprint);
  assert.match(String(ended?.details.received), /^SHA256:[A-Za-z0-9+/]{43}$/);
  assert.notEqual(ended?.details.received, ended?.details.expected);
});

test("where policy demands a pinned identity, a certificate nobody pinned stops the session", async () => {
  const ended = await endOf(await grantDesktop({ targetIdentity: "pinned" }));
  assert.equal(ended?.code, "identity-unknown");
  assert.match(String(ended?.details.received), /^SHA256:/);
});
