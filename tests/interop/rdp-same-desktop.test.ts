import assert from "node:assert/strict";
import { afterEach, before, type TestContext, test } from "node:test";
import { Codec, decodeCommands } from "../../packages/picture/src/index.ts";
import { Channel } from "../../packages/wire/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { FreeRdpClient } from "../support/freerdp-client.ts";
import { startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { ALIKE_DB, type DrawnPicture, looksAlike, psnr } from "../support/rdp-screen.ts";
import { displayOf, makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { StoppedWorkload, WORKLOADS } from "../support/stopped-workload.ts";
import { makeViewer, screenshot } from "../support/vnc-peer.ts";

// The same desktop through our decoders and through FreeRDP's own client, while the lab's workloads run: each is stopped
// several times, and what ours drew since it went on is compared with what FreeRDP's client shows of the same screen.

const SIZE = { width: 1024, height: 768 };
/** How long a workload runs before each look. */
const RUNS_MS = [1200, 800] as const;
const LOSSLESS = Number.POSITIVE_INFINITY;
/** Two looks at one screen by two decoders, each with an encoder of its own: 48 and more were measured. */
const LOSSY_SAME_DB = 45;

/** Somebody who shows a lab server's desktop. */
interface Showing {
  look(): DrawnPicture | undefined;
  codecs(): ReadonlySet<number>;
  close(): Promise<void>;
}

const showings: Showing[] = [];
const clients: FreeRdpClient[] = [];
const workloads: StoppedWorkload[] = [];

before(() => startLab("xrdp", "xrdp10"));
afterEach(async () => {
  for (const workload of workloads.splice(0)) await workload.stop();
  for (const showing of showings.splice(0)) await showing.close();
  for (const client of clients.splice(0)) await client.stop();
});

/** The core alone, which the test keeps from offering RemoteFX: bitmap updates. */
async function openBitmaps(port: number): Promise<Showing> {
  const peer = new RdpPeer(port, { graphics: null, hasRemoteFx: false });
  const viewer = makeViewer();
  const codecs = new Set<number>();
  let taken = 0;
  await peer.until("the desktop", () => peer.isOpen);
  return {
    look() {
      for (const { channel, commands, payload } of peer.frames.slice(taken)) {
        taken++;
        if (channel !== "picture") continue;
        viewer.decoder.push(payload);
        for (const command of commands) if (command.op === "draw") codecs.add(command.codec);
      }
      assert.deepEqual(viewer.errors, []);
      return viewer.decoder.surface();
    },
    codecs: () => codecs,
    close: () => peer.close(),
  };
}

/** The gateway's driver as a session has it. */
async function openSession(port: number): Promise<Showing> {
  const session = makeRdpSession({ port });
  await session.driver.open();
  return {
    look() {
      assert.deepEqual(session.viewer.errors, []);
      return session.viewer.decoder.surface();
    },
    codecs() {
      const pictures = session.host.frames.filter(({ channel }) => channel === Channel.picture);
      const commands = pictures.flatMap(({ payload }) => [...decodeCommands(payload)]);
      return new Set(commands.flatMap((command) => (command.op === "draw" ? [command.codec] : [])));
    },
    async close() {
      session.driver.close();
    },
  };
}

function copyOf(shown: DrawnPicture | undefined): DrawnPicture {
  assert.ok(shown !== undefined);
  const { width, height, rgba } = shown;
  return { width, height, rgba: Uint8Array.from(rgba) };
}

/** Waits until FreeRDP's client shows a picture so well; gives the decibels. */
function showsToo(client: FreeRdpClient, ours: DrawnPicture, sameDb: number): Promise<number> {
  return eventually("the same picture in FreeRDP's client", async (seen) => {
    const decibels = psnr(client.look(), ours);
    seen(`${decibels.toFixed(1)} dB`);
    return decibels >= sameDb ? decibels : null;
  });
}

for (const { name, what, open, codec, switches, leastDb, sameDb } of [
  {
    name: "xrdp",
    what: "bitmap updates",
    open: openBitmaps,
    codec: Codec.planar,
    switches: ["/bpp:32"],
    leastDb: LOSSLESS,
    sameDb: LOSSLESS,
  },
  {
    name: "xrdp",
    what: "RemoteFX",
    open: openSession,
    codec: Codec.remoteFx,
    switches: ["/rfx", "/network:lan"],
    leastDb: ALIKE_DB,
    sameDb: LOSSY_SAME_DB,
  },
  {
    name: "xrdp10",
    what: "progressive",
    open: openSession,
    codec: Codec.progressive,
    switches: ["/gfx:progressive"],
    leastDb: ALIKE_DB,
    sameDb: LOSSY_SAME_DB,
  },
] as const)
  for (const kind of WORKLOADS)
    test(`${name}, ${what}: ${kind} looks as in FreeRDP's own client`, async (t: TestContext) => {
      for (const [round, runMs] of RUNS_MS.entries()) {
        const showing = await open(RDP_PORT[name]);
        showings.push(showing);
        const display = await displayOf(name);
        await looksAlike("the desktop", showing.look, display, leastDb);
        if (round === 0) workloads.push(await StoppedWorkload.start(display, kind));
        const before = screenshot(display).rgba;
        await workloads[0]?.run(runMs);
        assert.ok(!screenshot(display).rgba.equals(before), `${kind} drew nothing`);
        const withDisplay = await looksAlike(kind, showing.look, display, leastDb);
        assert.ok(showing.codecs().has(codec), `codecs ${[...showing.codecs()]}`);
        const ours = copyOf(showing.look());
        // xrdp gives the desktop to who comes last.
        await showings.pop()?.close();
        const client = await FreeRdpClient.start(RDP_PORT[name], SIZE, switches);
        clients.push(client);
        const withClient = await showsToo(client, ours, sameDb);
        const theirs = psnr(client.look(), screenshot(display));
        t.diagnostic(
          `${kind}: ours to FreeRDP's ${withClient.toFixed(1)} dB; to the display ours ${withDisplay.toFixed(1)} dB, FreeRDP's ${theirs.toFixed(1)} dB`,
        );
        await clients.pop()?.stop();
      }
    });
