import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { LicenceWish } from "../../packages/rdp/src/index.ts";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { FreeRdpLicensing } from "../support/freerdp-licensing.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { LicenceLine } from "../support/licence-line.ts";
import { LicenceError } from "../support/licence-server.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { RDP_PORT } from "../support/rdp-session.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// A licence server of our own stands in front of xrdp 0.10. That it speaks as real ones do is FreeRDP 3's word: its client
// takes a licence there, keeps it and shows it again. Then the gateway has to do the same.

const TREE = process.env.LAB_TRIXIE ?? "/opt/trixie";
const SCREEN = ":85";
const LIMIT_MS = 60_000;
const children: ChildProcess[] = [];
let line: LicenceLine;
let gateway: TestGateway;
let chief: TestPerson;
let target: GrantedTarget;
/** Where FreeRDP's client keeps its licences. */
let home: string;

before(async () => {
  startLab("xrdp10", "shadow3");
  line = await LicenceLine.to(RDP_PORT.xrdp10);
  home = mkdtempSync(path.join(TREE, "tmp/licences-"));
  children.push(spawn("Xvfb", [SCREEN, "-screen", "0", "1024x768x24"], { stdio: "ignore" }));
  await eventually("a screen", async () => existsSync(`/tmp/.X11-unix/X${SCREEN.slice(1)}`));
});
after(async () => {
  await gateway?.stop();
  for (const child of children) child.kill();
  await line?.close();
  rmSync(home, { recursive: true });
});

const lastClient = () => line.licences.clients.at(-1) ?? assert.fail("no client");

/** Runs FreeRDP 3's client until something is seen; what it keeps is kept in `home`. */
async function runFreeRdp(port: number, home: string, what: string, isSeen: () => boolean): Promise<void> {
  const words = [`/v:127.0.0.1:${port}`, "/u:alice", `/p:${labPasswords.alice}`, "/cert:ignore", "/sec:tls"];
  const env = { ...process.env, DISPLAY: SCREEN, HOME: `/${path.relative(TREE, home)}`, XAUTHORITY: "" };
  const client = spawn("chroot", [TREE, "xfreerdp3", ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(client);
  let log = "";
  for (const stream of [client.stdout, client.stderr]) stream.on("data", (text) => (log += text));
  await eventually(what, async (tell) => {
    tell(log.slice(-2000));
    return isSeen();
  });
  const ended = once(client, "exit");
  client.kill("SIGKILL");
  await ended;
}

test("FreeRDP 3's client takes a licence from the line, keeps it and shows it again", async () => {
  for (const kind of ["new", "stored"]) {
    const seen = line.licences.clients.length;
    await runFreeRdp(line.port, home, `FreeRDP's ${kind} licence`, () => {
      const [client] = line.licences.clients.slice(seen);
      return client?.kind === kind && client.hardwareId !== "";
    });
  }
  assert.equal(lastClient().licence, "licence 1 of a server, for nobody to read");
  assert.deepEqual(line.errors, []);
});

/** FreeRDP 3.15's server does not expect the eight zeros after an encrypted secret that FreeRDP's own client sends too. */
const TOO_LONG = /EncryptedPremasterSecret expected to be 256 bytes, but read 264 bytes/;

test("FreeRDP 3's server: its wish is understood, its refusal told in words", async () => {
  const server = await FreeRdpLicensing.start();
  try {
    const wishes: LicenceWish[] = [];
    const findLicence = (wish: LicenceWish) => {
      wishes.push(wish);
      return wishes.length === 1 ? null : Buffer.from("a licence");
    };
    for (const kind of ["new", "stored"]) {
      const { code, detail } = await new RdpPeer(server.port, { findLicence }).ended();
      assert.deepEqual([code, detail], ["licence-refused", "ERR_INVALID_CLIENT (0x00000008)"], kind);
    }
    const wish = { version: 0x60003, companyName: "Microsoft Corporation", productId: "A02" };
    assert.deepEqual(wishes, Array(2).fill({ ...wish, scopes: ["licences.test"] }));
    assert.match(server.log, TOO_LONG);
  } finally {
    server.stop();
  }
});

/** Opens a session of the gateway on the line, and ends it once the desktop or the refusal is there. */
async function openOnce(): Promise<string> {
  const { api } = chief;
  const sessionId = await openSession(api, target);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  try {
    const isDecided = () => viewer.find("open") !== undefined || viewer.find("ended") !== undefined;
    await viewer.until("the desktop or a refusal", isDecided, LIMIT_MS);
    return viewer.find("ended")?.code ?? "open";
  } finally {
    await api.call("POST", `/api/v1/sessions/${sessionId}/end`, {});
    viewer.close();
  }
}

test("the gateway asks for a licence once, shows it to the same server ever after, and is the same client each time", async () => {
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  const wish = {
    protocol: "rdp",
    port: line.port,
    personId: chief.personId,
    password: labPasswords.alice,
  } as const;
  target = await grantTarget(chief.api, wish);
  assert.equal(await openOnce(), "open");
  const { hardwareId } = lastClient();
  assert.deepEqual({ ...lastClient() }, { kind: "new", licence: null, hardwareId });
  for (let count = 0; count < 2; count++) {
    assert.equal(await openOnce(), "open");
    const licence = "licence 2 of a server, for nobody to read";
    assert.deepEqual({ ...lastClient() }, { kind: "stored", licence, hardwareId });
  }
  assert.deepEqual(line.errors, []);
});

test("an upgraded licence takes the place of the old one", async () => {
  line.licences.rule = "upgrade";
  assert.equal(await openOnce(), "open");
  assert.equal(lastClient().licence, "licence 2 of a server, for nobody to read");
  line.licences.rule = "accept";
  assert.equal(await openOnce(), "open");
  assert.equal(lastClient().licence, "licence 3 of a server, for nobody to read");
});

test("a refused licence is told in words and forgotten: the next session asks for another", async () => {
  line.licences.rule = { refuse: LicenceError.ERR_INVALID_CLIENT };
  assert.equal(await openOnce(), "licence-refused");
  assert.equal(lastClient().kind, "stored");
  line.licences.rule = { refuse: LicenceError.ERR_NO_LICENSE };
  assert.equal(await openOnce(), "no-licence");
  assert.equal(lastClient().kind, "new");
  line.licences.rule = { refuse: LicenceError.ERR_NO_LICENSE_SERVER };
  assert.equal(await openOnce(), "no-licence-server");
  line.licences.rule = "accept";
  assert.equal(await openOnce(), "open");
  assert.equal(lastClient().kind, "new");
  assert.deepEqual(line.errors, []);
});

test("another target of the same address is shown no licence of the first one's", async () => {
  const wish = {
    protocol: "rdp",
    port: line.port,
    personId: chief.personId,
    password: labPasswords.alice,
  } as const;
  target = await grantTarget(chief.api, wish);
  assert.equal(await openOnce(), "open");
  assert.equal(lastClient().kind, "new");
});
