import { decodeCommands } from "@poterne/picture";
import { oneMonitor } from "@poterne/rdp";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { labPasswords, startLab } from "../tests/support/lab.ts";
import { RdpPeer } from "../tests/support/rdp-peer.ts";
import { RDP_PORT } from "../tests/support/rdp-session.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { RDP_CODECS, type RdpCodecName } from "./rdp-captures.ts";
import { grantRdp, untilPictures } from "./rdp-viewing.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const BUDGET_MS = 1.5;
const ANSWER_LIMIT_MS = 2000;
/** Between presses, a little different each time: servers look at their screens in a beat of their own. */
const PAUSE_MS = 90;
const PAUSE_SPREAD_MS = 60;
/** The key S and Backspace, wherever the layout is: what one writes the other takes away. */
const KEYS = [0x1f, 0x0e] as const;
/** Inside the terminal of the lab's desktops. */
const TERMINAL = { x: 200, y: 200 } as const;

/** Whether each user has a desktop of his own. */
const DESKTOPS = { xrdp: true, xrdp10: true, shadow3: false } as const;
/** The servers, and what they choose of what the gateway offers: the direct client gets no other codec. */
const SERVERS: readonly { readonly server: keyof typeof DESKTOPS; readonly codec: RdpCodecName }[] = [
  { server: "xrdp", codec: "RemoteFX" },
  { server: "xrdp10", codec: "progressive" },
  { server: "shadow3", codec: "AVC444" },
];

/** Presses a key; resolves with the milliseconds until what it changed is here. */
type Press = (scancode: number) => Promise<number>;

/**
 * Key press → changed update on the lab's live servers, through the gateway (at the viewer's socket) and by a direct
 * client of ours in the same process, in turns: what the gateway adds to the median. On xrdp each side has a desktop of
 * its own, alice's and bob's; on FreeRDP's shadow server both look at one.
 */
export const rdpLatency: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc", ...SERVERS.map(({ server }) => server));
  const demo = await startDemo();
  const results: BenchResult[] = [];
  try {
    for (const { server, codec } of SERVERS) {
      const { through, direct, close } = await prepare(demo, server, codec);
      const added: number[] = [];
      for (let round = 0; round < (isQuick ? 1 : 3); round++) {
        const [ours, theirs] = await takeTurns(through, direct, isQuick ? 50 : 150);
        added.push(median(ours) - median(theirs));
        say(
          `${server} ${codec}: gateway ${median(ours).toFixed(2)} ms, direct ${median(theirs).toFixed(2)} ms`,
        );
      }
      await close();
      const value = median(added);
      results.push(
        atMost("rdp-latency", `${server}, ${codec}, key to update, added median`, {
          value,
          unit: "ms",
          budget: BUDGET_MS,
        }),
      );
    }
  } finally {
    await demo.gateway.stop();
  }
  return results;
};

async function takeTurns(through: Press, direct: Press, keys: number): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  const warm = 10;
  for (let turn = 0; turn < keys + warm; turn++)
    for (const [index, press] of [through, direct].entries()) {
      const ms = await press(KEYS[turn % 2] ?? KEYS[0]);
      if (turn >= warm) times[index]?.push(ms);
      await sleep(PAUSE_MS + Math.random() * PAUSE_SPREAD_MS);
    }
  return times;
}

/** A press is answered when the returned function is called. */
function answered(send: (done: () => void) => void): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const timer = setTimeout(() => resolve(ANSWER_LIMIT_MS), ANSWER_LIMIT_MS);
    send(() => {
      clearTimeout(timer);
      resolve(performance.now() - startedAt);
    });
  });
}

interface Pair {
  readonly through: Press;
  readonly direct: Press;
  close(): Promise<void>;
}

async function prepare(demo: Demo, server: keyof typeof DESKTOPS, codec: RdpCodecName): Promise<Pair> {
  const port = RDP_PORT[server];
  const target = await grantRdp(demo, port, labPasswords.alice);
  const viewer = await GatewayViewer.attach(demo.api, await openSession(demo.api, target));
  const who = DESKTOPS[server] ? { username: "bob", password: labPasswords.bob } : {};
  const peer = new RdpPeer(port, {
    monitors: oneMonitor({ width: 1280, height: 800 }),
    ...RDP_CODECS[codec].options,
    ...who,
  });
  await peer.until("the direct client's picture", () => peer.frames.length > 0);
  await untilPictures([viewer]);
  // A desktop that did not run yet has shown its log-in only.
  await sleep(8000);
  for (const buttons of [0, 1, 0]) {
    viewer.input({ type: "pointer", ...TERMINAL, buttons });
    await sleep(100);
    peer.send(peer.client.pointer(TERMINAL.x, TERMINAL.y, buttons));
    await sleep(100);
  }
  const { through, direct } = { through: pressThrough(viewer), direct: pressDirect(peer) };
  for (const press of [through, direct]) await untilAnswered(press);
  return {
    through,
    direct,
    async close() {
      viewer.end();
      await peer.close();
    },
  };
}

/** Resolves once keys change something. */
async function untilAnswered(press: Press): Promise<void> {
  for (let tries = 0; tries < 10; tries++)
    for (const key of KEYS) if ((await press(key)) < ANSWER_LIMIT_MS) return;
  throw new Error("keys change nothing");
}

function pressThrough(viewer: GatewayViewer): Press {
  return (scancode) =>
    answered((done) => {
      viewer.onPicture = ({ payload }) => {
        if (hasDraw(payload)) done();
      };
      for (const isDown of [true, false]) viewer.input({ type: "key", isDown, keysym: 0, scancode });
    });
}

function pressDirect(peer: RdpPeer): Press {
  const { client } = peer;
  const receive = client.receive.bind(client);
  let tell = (): void => {};
  client.receive = (bytes, nowMs) => {
    const commands = receive(bytes, nowMs);
    for (const command of commands)
      if (command.type === "frame" && command.channel === "picture" && hasDraw(command.payload)) tell();
    // What nobody looks at later is not kept.
    peer.frames.length = 0;
    return commands;
  };
  return (scancode) =>
    answered((done) => {
      tell = done;
      for (const isDown of [true, false]) peer.send(client.key(isDown, scancode));
    });
}

function hasDraw(payload: Uint8Array): boolean {
  for (const { op } of decodeCommands(payload)) if (op === "draw") return true;
  return false;
}
