import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { oneMonitor } from "../../packages/rdp/src/index.ts";
import { startLab } from "../support/lab.ts";
import { PEER_OPTIONS, RdpPeer } from "../support/rdp-peer.ts";

const peers: RdpPeer[] = [];
const TARGETS = { xrdp: 23890, xrdp10: 23891, shadow2: 23892, shadow3: 23893 } as const;
const NLA_TARGETS = ["shadow2", "shadow3"] as const;

before(() => startLab(...Object.keys(TARGETS)));
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

function connect(...options: ConstructorParameters<typeof RdpPeer>): RdpPeer {
  const peer = new RdpPeer(...options);
  peers.push(peer);
  return peer;
}

for (const name of ["xrdp", "xrdp10"] as const)
  test(`${name}: TLS, licensing, activation and a picture, with the account given at the log-in`, async () => {
    const peer = connect(TARGETS[name]);
    await peer.until("the desktop", () => peer.isOpen);
    assert.equal(peer.isNla, false);
    assert.deepEqual(peer.client.size, { width: 1024, height: 768 });
    await peer.until("a picture", () => peer.frames.some(({ channel }) => channel === "picture"));
    await peer.until("a pointer", () => peer.frames.some(({ channel }) => channel === "pointer"));
  });

for (const name of NLA_TARGETS) {
  test(`${name}: NLA with NTLMv2 opens the desktop`, async () => {
    const peer = connect(TARGETS[name]);
    await peer.until("the desktop", () => peer.isOpen);
    assert.equal(peer.isNla, true);
  });

  test(`${name}: a wrong password is named`, async () => {
    const { code } = await connect(TARGETS[name], { password: "not-it" }).ended();
    assert.equal(code, "wrong-password");
  });

  test(`${name}: a TLS key that is not the server's ends the log-in`, async () => {
    const peer = connect(TARGETS[name], { changePublicKey: true });
    await peer.ended();
    assert.equal(peer.isOpen, false);
  });

  test(`${name}: refuses a client without NLA, in words`, async () => {
    const security = { ...PEER_OPTIONS.security, offersNla: false };
    const { code } = await connect(TARGETS[name], { security }).ended();
    assert.equal(code, "nla-required");
  });
}

test("a target that must do NLA and does not is refused before anybody signs in", async () => {
  const security = { ...PEER_OPTIONS.security, minimum: "nla" as const };
  const peer = connect(TARGETS.xrdp, { security });
  const { code } = await peer.ended();
  assert.equal(code, "nla-not-offered");
  assert.equal(peer.isNla, null, "no credentials were asked for");
});

test("xrdp: output that is suppressed comes back whole when it is allowed", async () => {
  const peer = connect(TARGETS.xrdp, { graphics: null, hasRemoteFx: false });
  await peer.until("a picture", () => peer.frames.some(({ channel }) => channel === "picture"));
  peer.run(peer.client.setOutput(false));
  const from = peer.frames.length;
  peer.run(peer.client.setOutput(true));
  const draws = () =>
    peer.frames.slice(from).flatMap(({ commands }) => commands.filter(({ op }) => op === "draw"));
  await peer.until("a repaint", () => draws().length >= 192);
});

test("shadow3 changes the desktop's size by deactivation and reactivation", async () => {
  const peer = connect(TARGETS.shadow3, { monitors: oneMonitor({ width: 800, height: 600 }) });
  await peer.until("the desktop", () => peer.isOpen);
  await peer.until("the picture", () =>
    peer.frames.some(({ commands }) => commands.some(({ op }) => op === "draw")),
  );
  // A shadow server shows the screen it shadows, whatever the client asked for.
  assert.deepEqual(peer.client.size, { width: 1280, height: 800 });
  assert.ok(peer.others.some(({ type }) => type === "resized"));
});
