import { spawn } from "node:child_process";
import { encodeUtf8 } from "@poterne/bytes";
import { decodeCommands } from "@poterne/picture";
import { Channel } from "@poterne/wire";
import { Client, type ClientChannel } from "ssh2";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { labPasswords, startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { RfbPeer, sleep, vncHop } from "../tests/support/vnc-peer.ts";
import { pointTarget } from "./bench-gateway.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { startOwnDesktop } from "./own-desktop.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const SSH_PORT = 2201;
const BUDGET_MS = 1.5;
const ANSWER_LIMIT_MS = 2000;
/** Between presses: nothing of the last one is under way any more. */
const PAUSE_MS = 40;
/** Keys on one line, before a new one is begun unmeasured: a terminal driver's line ends at 4 096. */
const LINE_KEYS = 60;
/** The window that is typed into, at the screen's lower edge. */
const STRIP_TOP_PX = 740;

/** Presses the key a turn calls for; resolves with the milliseconds until what it changed is here. */
type Press = (turn: number) => Promise<number>;

/**
 * Key press → changed update, through the gateway (at the viewer's socket) and by a direct client of the same process,
 * in turns on the same kind of session: what the gateway adds to the median.
 */
export const latency: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const keys = isQuick ? 100 : 300;
  const rounds = isQuick ? 1 : 3;
  const demo = await startDemo();
  const results: BenchResult[] = [];
  try {
    for (const [name, prepare] of [
      ["SSH", prepareSsh],
      ["VNC", prepareVnc],
    ] as const) {
      const { direct, through, close } = await prepare(demo);
      const added: number[] = [];
      for (let round = -1; round < rounds; round++) {
        const [ours, theirs] = await takeTurns(through, direct, round < 0 ? 30 : keys);
        if (round < 0) continue;
        added.push(median(ours) - median(theirs));
        say(`${name}: gateway ${median(ours).toFixed(2)} ms, direct ${median(theirs).toFixed(2)} ms`);
      }
      close();
      results.push(
        atMost("latency", `${name}, key to update, added median`, {
          value: median(added),
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
  for (let turn = 0; turn < keys; turn++)
    for (const [index, press] of [through, direct].entries()) {
      times[index]?.push(await press(turn));
      await sleep(PAUSE_MS);
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
  readonly direct: Press;
  readonly through: Press;
  close(): void;
}

const letter = (turn: number): string => String.fromCharCode(0x61 + (turn % 26));

/** Two sessions of the lab's sshd run `cat`: the terminal driver's echo is the update. */
async function prepareSsh({ api, targets }: Demo): Promise<Pair> {
  const viewer = await HeadlessViewer.attach(api, await openSession(api, targets.ssh), {
    keepsFrames: false,
  });
  await viewer.untilOpen();
  const { client, channel } = await openShell();
  for (const write of [(text: string) => viewer.type(text), (text: string) => channel.write(text)])
    write("exec cat > /dev/null\r");
  await sleep(1500);
  const through: Press = async (turn) => {
    if (turn % LINE_KEYS === 0) {
      viewer.type("\r");
      await sleep(PAUSE_MS);
    }
    return answered((done) => {
      viewer.onFrame = (frame) => {
        if (frame.channel === Channel.text) done();
      };
      viewer.input({ type: "text", text: encodeUtf8(letter(turn)) });
    });
  };
  const direct: Press = async (turn) => {
    if (turn % LINE_KEYS === 0) {
      channel.write("\r");
      await sleep(PAUSE_MS);
    }
    return answered((done) => {
      channel.once("data", done);
      channel.write(letter(turn));
    });
  };
  return {
    direct,
    through,
    close() {
      viewer.control({ type: "end" });
      client.end();
    },
  };
}

function openShell(): Promise<{ client: Client; channel: ClientChannel }> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once("error", reject);
    client.once("ready", () => {
      client.setNoDelay(true);
      client.shell({ term: "xterm-256color" }, (error, channel) => {
        if (error !== undefined) return reject(error);
        channel.on("data", () => {});
        resolve({ client, channel });
      });
    });
    client.connect({
      host: "127.0.0.1",
      port: SSH_PORT,
      username: "alice",
      password: labPasswords.alice,
    });
  });
}

/** Both look at one desktop and type into the same terminal there. */
async function prepareVnc(demo: Demo): Promise<Pair> {
  const { api, targets } = demo;
  const desktop = await startOwnDesktop();
  await pointTarget(demo, targets.vnc, { port: desktop.port, options: { minimumSecurity: "none" } });
  const words = [
    "-display",
    desktop.display,
    "-geometry",
    `100x2+0+${STRIP_TOP_PX}`,
    "+bc",
    "-e",
    "sh",
    "-c",
    "cat > /dev/null",
  ];
  const terminal = spawn("xterm", words, { stdio: "ignore" });
  const viewer = await GatewayViewer.attach(api, await openSession(api, targets.vnc));
  const peer = new RfbPeer(vncHop(desktop.port), { quality: { quality: 8, compressLevel: 2 } });
  peer.viewer.decoder.push = () => {};
  await peer.open();
  await sleep(2000);
  viewer.input({ type: "pointer", x: 100, y: STRIP_TOP_PX + 20, buttons: 0 });
  await sleep(1000);
  const { connection } = peer;
  const through: Press = (turn) =>
    answered((done) => {
      viewer.onPicture = ({ payload }) => {
        if (changesStrip(payload)) done();
      };
      for (const isDown of [true, false])
        viewer.input({ type: "key", isDown, keysym: keysymOf(turn), scancode: 0 });
    });
  const direct: Press = (turn) =>
    answered((done) => {
      peer.onFrame = ({ payload }) => {
        if (changesStrip(payload)) done();
      };
      for (const isDown of [true, false]) {
        const bytes = connection.client.key(isDown, keysymOf(turn), 0);
        if (bytes !== null) connection.send(bytes);
      }
    });
  return {
    direct,
    through,
    close() {
      terminal.kill();
      viewer.end();
      peer.close();
      desktop.close();
    },
  };
}

/** A letter, or Return at the end of a line. */
function keysymOf(turn: number): number {
  return turn % LINE_KEYS === LINE_KEYS - 1 ? 0xff0d : letter(turn).charCodeAt(0);
}

function changesStrip(payload: Uint8Array): boolean {
  for (const command of decodeCommands(payload))
    if (command.op === "draw" && command.rectangle.y >= STRIP_TOP_PX - 10) return true;
  return false;
}
