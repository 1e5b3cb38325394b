import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { before, test } from "node:test";
import { Failure, policyRules } from "../../packages/contract/src/index.ts";
import { VncDriver } from "../../packages/gateway/src/session/drivers/vnc.ts";
import { SecurityType } from "../../packages/rfb/src/index.ts";
import { Channel, FrameFlag } from "../../packages/wire/src/index.ts";
import { startLab } from "../support/lab.ts";
import {
  makeViewer,
  needPackage,
  outputOf,
  RfbPeer,
  screenshot,
  sleep,
  TestHost,
  untilSame,
  vncHop,
  waitFor,
} from "../support/vnc-peer.ts";

const VNC = { port: 5945, display: ":45" };
const VNC_TLS = { port: 5946, display: ":46" };
const X11VNC = { port: 5947, display: ":47" };

before(() => {
  startLab("vnc", "vnc-tls", "x11vnc");
  needPackage("xclip");
});

/** A driver on a hop, with a viewer that shows its frames; acknowledges at once. */
function makeSession(hop = vncHop(VNC.port), policy: Parameters<typeof policyRules.parse>[0] = {}) {
  const host = new TestHost();
  const viewer = makeViewer();
  const driver = new VncDriver({ sessionId: "0", hops: [hop], policy: policyRules.parse(policy) }, host);
  let entryEnds = 0;
  host.onFrame = (frame) => {
    if ((frame.flags & FrameFlag.entryEnd) !== 0) entryEnds++;
    if (frame.channel === Channel.picture || frame.channel === Channel.pointer)
      viewer.decoder.push(frame.payload);
    queueMicrotask(() => driver.flow({ queuedBytes: 0, isWatched: true, decodesH264: false }));
  };
  return { host, viewer, driver, entryEnds: () => entryEnds };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}

test("a session opens, shows the first picture and the pointer, and follows what changes", async () => {
  const session = makeSession();
  await session.driver.open();
  session.driver.requestEntryPoint();
  await waitFor("the first picture", () => session.entryEnds() > 0);
  assert.deepEqual(session.host.warnings, ["target-not-encrypted"]);
  assert.ok(session.host.steps.includes("network done") && session.host.steps.includes("identity done"));
  assert.ok(session.viewer.cursors.length > 0, "a pointer's shape");
  await waitFor("a round trip", () => session.driver.targetRoundTripMs !== null, 15_000);
  session.driver.close();
  assert.equal(session.host.end, null);
});

for (const [name, type] of Object.entries({
  TLSVnc: SecurityType.tlsVnc,
  TLSPlain: SecurityType.tlsPlain,
  X509Vnc: SecurityType.x509Vnc,
  X509Plain: SecurityType.x509Plain,
}))
  test(`VeNCrypt ${name} opens and shows the picture`, async () => {
    const isPlain = name.endsWith("Plain");
    const credentials = {
      kind: "password",
      username: isPlain ? "alice" : "",
      password: isPlain ? "alice-Passw0rd" : "vnc-pass",
    } as const;
    const peer = new RfbPeer(vncHop(VNC_TLS.port, { credentials }), {
      security: { minimum: "tls", hasUsername: isPlain, only: [type] },
    });
    try {
      await peer.open();
      await peer.settle();
      await untilSame(() => peer.viewer.decoder.surface(), VNC_TLS.display);
      const isAnonymous = name.startsWith("TLS");
      assert.deepEqual(peer.host.warnings, isAnonymous ? ["target-not-identified"] : []);
      assert.equal(peer.host.pinned.length, isAnonymous ? 0 : 1);
    } finally {
      peer.close();
    }
  });

test("the certificate is pinned at first use, and another one stops with both fingerprints", async () => {
  const first = makeSession(vncHop(VNC_TLS.port));
  await first.driver.open();
  first.driver.close();
  const [pinned] = first.host.pinned;
  assert.ok(pinned !== undefined && /^SHA256:[A-Za-z0-9+/]{43}$/.test(pinned.fingerprint));

  const again = makeSession(vncHop(VNC_TLS.port, { identities: [pinned] }), { targetIdentity: "pinned" });
  await again.driver.open();
  again.driver.close();
  assert.deepEqual(again.host.pinned, []);

  const other = { ...pinned, fingerprint: `SHA256:${"A".repeat(43)}`, publicKey: "AAAA" };
  const changed = makeSession(vncHop(VNC_TLS.port, { identities: [other] }));
  const failure = await failureOf(changed.driver.open());
  assert.equal(failure.code, "identity-changed");
  assert.deepEqual(failure.details, {
    target: "lab",
    expected: other.fingerprint,
    received: pinned.fingerprint,
  });

  const unknown = makeSession(vncHop(VNC_TLS.port), { targetIdentity: "pinned" });
  assert.equal((await failureOf(unknown.driver.open())).code, "identity-unknown");
});

test("a target that demands TLS refuses a server without it", async () => {
  const session = makeSession(vncHop(VNC.port, { options: { minimumSecurity: "tls" } }));
  assert.equal((await failureOf(session.driver.open())).code, "security-too-weak");
});

for (const version of ["3.3", "3.7", "3.8"] as const)
  for (const [server, { port, display }] of Object.entries({ TigerVNC: VNC, x11vnc: X11VNC }))
    test(`${server} speaks RFB ${version}`, async () => {
      const peer = new RfbPeer(vncHop(port), { maxVersion: version });
      try {
        await peer.open();
        await peer.settle();
        await untilSame(() => peer.viewer.decoder.surface(), display);
      } finally {
        peer.close();
      }
    });

test("a password that is asked for may be typed, and nobody answering is said", async () => {
  const hop = vncHop(VNC.port, { credentials: { kind: "ask", username: null } });
  const session = makeSession(hop);
  session.host.answers = ["vnc-pass"];
  await session.driver.open();
  session.driver.close();
  const silent = makeSession(hop);
  assert.equal((await failureOf(silent.driver.open())).code, "question-unanswered");
});

test("the desktop is resized from the viewer, and the viewer follows the desktop", async () => {
  const session = makeSession();
  await session.driver.open();
  session.driver.requestEntryPoint();
  await waitFor("the first picture", () => session.entryEnds() > 0);
  const before = session.viewer.decoder.surface();
  const was = { width: before?.width ?? 0, height: before?.height ?? 0 };
  const sizeIs = (width: number, height: number) => () => {
    const now = session.viewer.decoder.surface();
    return now?.width === width && now.height === height;
  };
  try {
    session.driver.input({ type: "resize", widthPx: 1024, heightPx: 700, columns: 0, rows: 0 });
    await waitFor("the viewer's size", sizeIs(1024, 700));
    await sleep(500);
    assert.deepEqual([screenshot(VNC.display).width, screenshot(VNC.display).height], [1024, 700]);
    assert.ok(JSON.stringify(session.host.markers).includes('"widthPx":1024'));
    execFileSync("xrandr", ["-display", VNC.display, "-s", "800x600"]);
    await waitFor("the desktop's own size", sizeIs(800, 600));
  } finally {
    session.driver.input({ type: "resize", widthPx: was.width, heightPx: was.height, columns: 0, rows: 0 });
    await waitFor("the old size", sizeIs(was.width, was.height));
    await sleep(200);
    session.driver.close();
  }
});

test("what a larger desktop uncovers keeps coming", async () => {
  const paint = (colour: string) =>
    execFileSync("xsetroot", ["-display", VNC.display, "-solid", `#${colour}`]);
  const was = screenshot(VNC.display);
  execFileSync("xrandr", ["-display", VNC.display, "-s", "800x600"]);
  const session = makeSession();
  try {
    await session.driver.open();
    session.driver.requestEntryPoint();
    await waitFor("the first picture", () => session.entryEnds() > 0);
    session.driver.input({ type: "resize", widthPx: 1200, heightPx: 820, columns: 0, rows: 0 });
    const shows = (colour: string) => () => {
      const now = session.viewer.decoder.surface();
      if (now?.width !== 1200) return false;
      const corner = now.rgba.subarray(-4, -1);
      return Buffer.from(colour, "hex").every((octet, at) => Math.abs(octet - (corner[at] ?? 0)) < 8);
    };
    for (const colour of ["703010", "204060", "107030", "204060"]) {
      paint(colour);
      await waitFor(`the corner in #${colour}`, shows(colour), 10_000);
    }
  } finally {
    paint("204060");
    session.driver.input({ type: "resize", widthPx: was.width, heightPx: was.height, columns: 0, rows: 0 });
    await waitFor("the old size", () => screenshot(VNC.display).width === was.width);
    session.driver.close();
  }
});

test("text goes through the clipboard both ways, accents and emoji included", async () => {
  const text = "Été à Orléans — œuvre, 12 €, 漢字 🚒\nseconde ligne";
  const session = makeSession();
  await session.driver.open();
  session.driver.requestEntryPoint();
  await waitFor("the first picture", () => session.entryEnds() > 0);
  try {
    await sleep(700);
    session.driver.clipboard(0, Buffer.from(text));
    await sleep(700);
    assert.equal(await outputOf("xclip", ["-display", VNC.display, "-selection", "clipboard", "-o"]), text);
    const owner = spawn("xclip", ["-display", VNC.display, "-selection", "clipboard", "-i", "-loops", "0"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    owner.stdin.end(`depuis la machine : ${text}`);
    await waitFor("the target's clipboard", () =>
      session.host.clipboards.includes(`depuis la machine : ${text}`),
    );
    owner.kill();
  } finally {
    session.driver.close();
  }
});
