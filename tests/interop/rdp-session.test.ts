import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../packages/contract/src/index.ts";
import { Codec, decodeCommands } from "../../packages/picture/src/index.ts";
import { Channel, ClipboardKind, FrameFlag } from "../../packages/wire/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { ALIKE_DB, looksAlike } from "../support/rdp-screen.ts";
import { displayOf, makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { makeViewer, needPackage, outputOf, screenshot, waitFor } from "../support/vnc-peer.ts";
import { endDeafDesktop, findXrdpDisplay } from "../support/xrdp-desktop.ts";

const LIMIT_MS = 30_000;
const open: ReturnType<typeof makeRdpSession>[] = [];

before(() => {
  startLab(...Object.keys(RDP_PORT));
  needPackage("xclip");
});
afterEach(() => {
  for (const session of open.splice(0)) session.driver.close();
});

async function openSession(wish: RdpWish) {
  const session = makeRdpSession(wish);
  open.push(session);
  await session.driver.open();
  return session;
}

function isSizeOf({ viewer }: ReturnType<typeof makeRdpSession>, display: string): boolean {
  const { width, height } = screenshot(display);
  const surface = viewer.decoder.surface();
  return surface?.width === width && surface.height === height;
}

async function failureOf(wish: RdpWish): Promise<Failure> {
  try {
    await openSession(wish);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}

for (const [name, port] of Object.entries(RDP_PORT))
  test(`${name}: opens, pins the certificate, and each entry point asked for comes whole`, async () => {
    const session = await openSession({ port });
    const { host, driver } = session;
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    driver.requestEntryPoint();
    await waitFor("the second entry point", () => session.entryEnds() > 1, LIMIT_MS);
    assert.deepEqual(
      host.pinned.map(({ kind }) => kind),
      ["tls-certificate"],
    );
    assert.equal(host.end, null);
    assert.deepEqual(host.warnings, []);
  });

/** How each server draws for a browser without H.264, and how well that shows its display, in dB. */
const DRAWN_BY = {
  xrdp: { codec: Codec.remoteFx, leastDb: 45 },
  xrdp10: { codec: Codec.progressive, leastDb: ALIKE_DB },
  shadow2: { codec: Codec.remoteFx, leastDb: 45 },
  shadow3: { codec: Codec.remoteFx, leastDb: 45 },
} as const;

/** Waits until what the viewer shows is the X display, drawn by the codec expected. */
async function showsDisplay(
  name: keyof typeof DRAWN_BY,
  session: ReturnType<typeof makeRdpSession>,
  display: string,
): Promise<void> {
  const { codec, leastDb } = DRAWN_BY[name];
  const look = () => session.viewer.decoder.surface();
  await looksAlike(`${name}'s picture`, look, display, leastDb);
  const isDrawnSo = ({ channel, payload }: { readonly channel: number; readonly payload: Uint8Array }) =>
    channel === Channel.picture &&
    [...decodeCommands(payload)].some((command) => command.op === "draw" && command.codec === codec);
  assert.ok(session.host.frames.some(isDrawnSo), `codec ${codec}`);
}

for (const name of ["xrdp", "xrdp10", "shadow2", "shadow3"] as const)
  test(`${name}: what a viewer shows is the X display, and so for who joins`, async () => {
    const session = await openSession({ port: RDP_PORT[name] });
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    const display = await displayOf(name);
    await waitFor("the desktop's size", () => isSizeOf(session, display), LIMIT_MS);
    await showsDisplay(name, session, display);
    const { frames } = session.host;
    const from = frames.length;
    session.driver.requestEntryPoint();
    await waitFor("another entry point", () => session.entryEnds() > 1, LIMIT_MS);
    await showsDisplay(name, session, display);
    assert.deepEqual(session.viewer.errors, []);
    // Who begins with nothing at that entry point sees the same.
    const joined = makeViewer();
    const start = frames.findIndex(({ flags }, at) => at >= from && (flags & FrameFlag.entryStart) !== 0);
    for (const { channel, payload } of frames.slice(start))
      if (channel === Channel.picture) joined.decoder.push(payload);
    await looksAlike("the joined viewer's", () => joined.decoder.surface(), display, DRAWN_BY[name].leastDb);
    assert.deepEqual(joined.errors, []);
  });

for (const name of ["xrdp", "xrdp10"] as const)
  test(`${name}: the desktop follows the window's size, and is shown whole at each`, async () => {
    const session = await openSession({ port: RDP_PORT[name] });
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    const display = await findXrdpDisplay(name);
    for (const [widthPx, heightPx] of [
      [900, 700],
      [1280, 760],
    ] as const) {
      session.host.viewerSize = { widthPx, heightPx, columns: 0, rows: 0 };
      session.driver.input({ type: "resize", widthPx, heightPx, columns: 0, rows: 0 });
      const isThere = () => {
        const surface = session.viewer.decoder.surface();
        return surface?.width === widthPx && surface.height === heightPx && isSizeOf(session, display);
      };
      await waitFor(`${widthPx} by ${heightPx}`, isThere, LIMIT_MS);
      await showsDisplay(name, session, display);
      const seen = session.entryEnds();
      session.driver.requestEntryPoint();
      await waitFor("an entry point at this size", () => session.entryEnds() > seen, LIMIT_MS);
    }
    assert.deepEqual(session.viewer.errors, []);
    assert.equal(session.host.end, null);
  });

/** The most a server may send to a viewer that takes nothing: what was under way, and what stands in front of a socket not read. */
const MAX_UNTAKEN_BYTES = 4 * 1024 * 1024;
const SCROLL_SECONDS = 25;

for (const name of ["xrdp10", "shadow2", "shadow3"] as const)
  test(`${name}: a viewer that takes nothing holds the pipeline back, and it goes on with it`, async () => {
    const session = await openSession({ port: RDP_PORT[name], decodesH264: name !== "xrdp10" });
    const { host, driver } = session;
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    const display = await displayOf(name);
    const show = host.onFrame;
    let emittedBytes = 0;
    let takenBytes = 0;
    const flow = () =>
      driver.flow({ queuedBytes: emittedBytes - takenBytes, isWatched: true, decodesH264: host.decodesH264 });
    host.onFrame = (frame) => {
      if (frame.channel === Channel.picture) emittedBytes += frame.payload.length;
      queueMicrotask(flow);
    };
    // Other lines each time: of what looks the same each time it looks, shadow 3 sends nothing (decision 0138).
    const scroll = `for i in $(seq ${SCROLL_SECONDS * 10}); do seq $((i * 200)) $((i * 200 + 199)); sleep 0.1; done`;
    const options = ["-display", display, "-geometry", "110x40+20+20", "-e", "bash", "-c", scroll];
    const workload = spawn("xterm", options, { stdio: "ignore" });
    await waitFor("something that moves", () => emittedBytes > 0, LIMIT_MS);
    // Long enough for what is under way, then nothing more may come.
    await sleep(4000);
    const held = emittedBytes;
    await sleep(3000);
    assert.ok(held < MAX_UNTAKEN_BYTES, `${held} bytes`);
    assert.ok(emittedBytes - held < MAX_UNTAKEN_BYTES / 16, `${emittedBytes - held} bytes more`);
    host.onFrame = show;
    takenBytes = emittedBytes;
    flow();
    const before = session.host.frames.length;
    await waitFor("more", () => session.host.frames.length > before + 2, LIMIT_MS);
    workload.kill();
    assert.equal(host.end, null);
  });

/** Puts a text into the X display's clipboard; the process answers until another one owns it. */
function copyOn(display: string, text: string): void {
  const child = spawn("xclip", ["-selection", "clipboard", "-display", display], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end(text);
}

const pasteFrom = (display: string) =>
  outputOf("xclip", ["-o", "-selection", "clipboard", "-display", display]);

for (const name of ["xrdp", "xrdp10"] as const)
  test(`${name}: text of the clipboard goes both ways, with accents and lines`, async () => {
    if (name === "xrdp10") await endDeafDesktop();
    const { host, driver } = await openSession({ port: RDP_PORT[name] });
    const display = await findXrdpDisplay(name);
    for (const text of ["d'été\nœuvre €", "another"]) {
      await eventually("the copied text", async () => {
        copyOn(display, text);
        return host.clipboards.at(-1) === text;
      });
      const sent = `${text} à coller`;
      await eventually("the pasted text", async (seen) => {
        driver.clipboard(ClipboardKind.text, Buffer.from(sent));
        const pasted = await pasteFrom(display);
        seen(pasted);
        return pasted.replaceAll("\r\n", "\n") === sent;
      });
    }
    assert.equal(host.end, null);
  });

test("xrdp: a way of the clipboard that policy closes is closed, both closed is no channel at all", async () => {
  const policies = [
    { clipboardToTarget: "text", clipboardFromTarget: "off" },
    { clipboardToTarget: "off", clipboardFromTarget: "off" },
  ] as const;
  for (const policy of policies) {
    const { host, driver, entryEnds } = await openSession({ port: RDP_PORT.xrdp, policy });
    const display = await findXrdpDisplay();
    copyOn(display, "not for you");
    if (policy.clipboardToTarget === "text")
      await eventually("the pasted text", async () => {
        driver.clipboard(ClipboardKind.text, Buffer.from("allowed"));
        return (await pasteFrom(display)) === "allowed";
      });
    else {
      driver.clipboard(ClipboardKind.text, Buffer.from("refused"));
      // A picture asked for afterwards comes: what the clipboard could have done is done.
      const seen = entryEnds();
      driver.requestEntryPoint();
      await waitFor("an entry point", () => entryEnds() > seen, LIMIT_MS);
      assert.equal(await pasteFrom(display), "not for you");
    }
    assert.deepEqual(host.clipboards, []);
    driver.close();
  }
});

for (const port of [RDP_PORT.shadow2, RDP_PORT.shadow3]) {
  const wrong = { kind: "password", username: "alice", password: "not-hers" } as const;
  test(`port ${port}: a wrong password is told as one`, async () => {
    assert.equal((await failureOf({ port, credentials: wrong })).code, "wrong-password");
  });

  test(`port ${port}: a target that may not do NLA is told that the machine demands it`, async () => {
    assert.equal((await failureOf({ port, options: { security: "tls" } })).code, "nla-required");
  });
}

test("a target that must do NLA stops at a machine that does not, before anything is asked or sent", async () => {
  const credentials = { kind: "ask", username: null } as const;
  const failure = await failureOf({ port: RDP_PORT.xrdp, options: { security: "nla" }, credentials });
  assert.equal(failure.code, "nla-not-offered");
});

test("name and password that the person is asked for open the desktop; without an answer nothing opens", async () => {
  const wish = { port: RDP_PORT.shadow3, credentials: { kind: "ask", username: null } } as const;
  // FreeRDP's server knows the name with any domain, which NTLM's proof is made with.
  for (const login of ["alice", "LAB\\alice"]) {
    const session = await openSession({ ...wish, answers: [login, labPasswords.alice] });
    await waitFor("the picture", () => session.entryEnds() > 0, LIMIT_MS);
    session.driver.close();
  }
  assert.equal((await failureOf(wish)).code, "question-unanswered");
});

test("another certificate than the pinned one stops before the log-in, with both fingerprints", async () => {
  const expected = `SHA256:${"a".repeat(43)}`;
  const pinned = {
    kind: "tls-certificate",
    algorithm: "x509",
    fingerprint: expected,
    publicKey: "",
  } as const;
  for (const port of Object.values(RDP_PORT)) {
    const failure = await failureOf({ port, identities: [pinned] });
    assert.equal(failure.code, "identity-changed");
    assert.equal(failure.details.expected, expected);
    assert.match(String(failure.details.received), /^SHA256:[A-Za-z0-9+/]{43}$/);
  }
});

test("where policy demands a pinned identity, an unknown certificate stops", async () => {
  const failure = await failureOf({ port: RDP_PORT.xrdp, policy: { targetIdentity: "pinned" } });
  assert.equal(failure.code, "identity-unknown");
});

test("nobody listens, or nobody is there", async () => {
  assert.equal((await failureOf({ port: 9 })).code, "target-refused");
  assert.equal((await failureOf({ port: 3389, address: "no-such-host.invalid" })).code, "target-unreachable");
});

/** A server that says this and nothing else. */
async function answering(words: Uint8Array, then: "close" | "wait") {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.write(words);
    if (then === "close") socket.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

for (const [what, words, then] of [
  ["an SSH banner", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"), "wait"],
  ["a VNC banner", Buffer.from("RFB 003.008\n"), "wait"],
  ["nothing, and closes", Buffer.alloc(0), "close"],
  ["noise", randomBytes(5000), "close"],
] as const)
  test(`a server that says ${what} is told as no RDP server`, async () => {
    const server = await answering(words, then);
    const { code } = await failureOf({ port: server.port });
    server.stop();
    assert.equal(code, "not-rdp");
  });
