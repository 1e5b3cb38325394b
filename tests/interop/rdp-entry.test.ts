import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Codec } from "../../packages/picture/src/index.ts";
import { GfxVersion } from "../../packages/rdp/src/index.ts";
import { startLab } from "../support/lab.ts";
import { assertJoins } from "../support/rdp-joiner.ts";
import { type PeerFrame, RdpPeer } from "../support/rdp-peer.ts";

/** Peers that were opened: closed after each test, also when it fails. */
const peers: RdpPeer[] = [];
const TARGETS = { xrdp: 23890, xrdp10: 23891, shadow2: 23892, shadow3: 23893 } as const;
const SPACE = 0x39;
const ENTER = 0x1c;

before(() => startLab(...Object.keys(TARGETS)));
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

const hasDraw = (frames: readonly PeerFrame[]) =>
  frames.some(({ commands }) => commands.some(({ op }) => op === "draw"));

/** Opens a desktop and waits for its first picture. */
async function openDesktop(...options: ConstructorParameters<typeof RdpPeer>): Promise<RdpPeer> {
  const peer = new RdpPeer(...options);
  peers.push(peer);
  await peer.until("the desktop", () => peer.isOpen);
  await peer.until("the first picture", () => hasDraw(peer.frames));
  return peer;
}

/** Types and moves, so that there is something to miss; not every desktop answers to it. */
function stir(peer: RdpPeer): void {
  for (const scancode of [SPACE, SPACE, ENTER]) {
    peer.send(peer.client.key(true, scancode));
    peer.send(peer.client.key(false, scancode));
  }
  peer.send(peer.client.pointer(200, 150, 0));
}

/** Asks for an entry point in mid-stream, twice, and joins at each. */
async function assertEntryPoints(peer: RdpPeer): Promise<void> {
  for (const round of [1, 2]) {
    stir(peer);
    const from = peer.frames.length;
    peer.run(peer.client.requestEntryPoint(peer.nowMs));
    const hasEnded = () => peer.frames.slice(from).some(({ entry }) => entry === "end");
    await peer.until(`entry point ${round}`, hasEnded);
    stir(peer);
    const later = peer.frames.length;
    // What a desktop shows of the typing comes after; a still one shows nothing.
    await peer.until("more", () => hasDraw(peer.frames.slice(later)), 1000).catch(() => {});
    assert.ok(assertJoins(peer.frames, from) > 0);
  }
  assert.equal(peer.failure, null);
}

for (const name of ["shadow2", "shadow3"] as const) {
  test(`${name}: a second viewer joins by the pictures since the last key picture`, async () => {
    const peer = await openDesktop(TARGETS[name]);
    // A still screen whose first picture went another way, before the pipeline stood, brings none by itself.
    peer.run(peer.client.requestEntryPoint(peer.nowMs));
    await peer.until("H.264", () =>
      peer.frames.some(({ commands }) =>
        commands.some((command) => command.op === "draw" && command.codec >= 48),
      ),
    );
    await assertEntryPoints(peer);
  });

  test(`${name} without the graphics pipeline: a second viewer joins by a repaint`, async () => {
    await assertEntryPoints(await openDesktop(TARGETS[name], { graphics: null, hasRemoteFx: false }));
  });
}

test("shadow2 with no pictures kept: a second viewer joins at the next key picture", async () => {
  const peer = await openDesktop(TARGETS.shadow2, { maxKeptBytes: 0 });
  const from = peer.frames.length;
  peer.run(peer.client.requestEntryPoint(peer.nowMs));
  await peer.until(
    "the entry point",
    () => peer.frames.slice(from).some(({ entry }) => entry === "end"),
    30_000,
  );
  assert.ok(assertJoins(peer.frames, from) > 0);
});

for (const name of ["xrdp", "xrdp10"] as const)
  test(`${name}, bitmap updates: a second viewer joins by a repaint`, async () => {
    await assertEntryPoints(await openDesktop(TARGETS[name], { graphics: null, hasRemoteFx: false }));
  });

test("xrdp's RemoteFX: viewers join again and again, by the tiles kept", async () => {
  const peer = await openDesktop(TARGETS.xrdp, { graphics: null });
  const isRemoteFx = ({ commands }: PeerFrame) =>
    commands.some((command) => command.op === "draw" && command.codec === Codec.remoteFx);
  await peer.until("RemoteFX", () => peer.frames.some(isRemoteFx));
  for (let round = 0; round < 4; round++) await assertEntryPoints(peer);
});

test("xrdp10's pipeline: viewers join again and again, by the tiles kept with their differences", async () => {
  // The sign-in's own picture, the session's first and what is typed after: each of them is joined.
  const graphics = { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 };
  const peer = await openDesktop(TARGETS.xrdp10, { graphics });
  for (let round = 0; round < 4; round++) await assertEntryPoints(peer);
});

test("shadow3's progressive: a second viewer joins by the tiles kept", async () => {
  const graphics = { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 };
  await assertEntryPoints(await openDesktop(TARGETS.shadow3, { graphics, hasRemoteFx: false }));
});

for (const [name, drawnBy] of [
  ["shadow2", Codec.planar],
  ["shadow3", Codec.progressive],
] as const)
  test(`${name}: H.264 withdrawn, the next picture comes without it and a viewer joins there`, async () => {
    const peer = await openDesktop(TARGETS[name], { hasRemoteFx: false });
    peer.run(peer.client.requestEntryPoint(peer.nowMs));
    const draws = (frames: readonly PeerFrame[], codec: number) =>
      frames.some(({ commands }) => commands.some((one) => one.op === "draw" && one.codec === codec));
    await peer.until("H.264", () => draws(peer.frames, Codec.avc444v2));
    const from = peer.frames.length;
    peer.run(peer.client.withdrawAvc(peer.nowMs));
    await peer.until("the entry point", () => peer.frames.slice(from).some(({ entry }) => entry === "end"));
    const start = peer.frames.findIndex(({ entry }, index) => index >= from && entry === "start");
    assert.ok(draws(peer.frames.slice(start), drawnBy));
    assert.ok(!draws(peer.frames.slice(start), Codec.avc444v2));
    assert.ok(assertJoins(peer.frames, from) > 0);
    assert.equal(peer.failure, null);
  });
