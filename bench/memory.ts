import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { openPictures, pointTarget, residentKbOf } from "./bench-gateway.ts";
import { startOwnDesktop } from "./own-desktop.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";
import { captureVnc } from "./vnc-capture.ts";

const SESSIONS = 50;
/** Opened, used and ended before the first look, so that code and caches are there. */
const WARM_SESSIONS = 5;
const BUDGET_MB = { terminal: 1, vnc: 2 } as const;
/** Lines that fill each terminal's scrollback. */
const LINES = 2000;

interface Client {
  end(): void;
  close(): void;
}

/**
 * Resident memory of the gateway's processes that 50 recorded sessions with their viewers add. Terminals have printed
 * 2 000 lines; VNC sessions have scrolled and are being typed in. Each round has a gateway of its own, because
 * V8 does not give back what earlier sessions took.
 */
export const memory: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const seconds = isQuick ? 3 : 5;
  const { port, display, close } = await startOwnDesktop();
  const scroll = await captureVnc(port, display, "scroll", seconds);
  const typing = await captureVnc(port, display, "typing", seconds);
  close();
  const replay = await Replay.start([[scroll, typing]]);
  const results: BenchResult[] = [];
  try {
    for (const kind of ["terminal", "vnc"] as const) {
      const added: number[] = [];
      for (let round = 0; round < (isQuick ? 1 : 3); round++) {
        added.push(await measure(kind, replay.ports[0] ?? 0, seconds * 1000));
        say(`${kind}: ${added.at(-1)?.toFixed(2)} MB per session`);
      }
      results.push(
        atMost("memory", `RSS added per ${kind} session`, {
          value: median(added),
          unit: "MB",
          budget: BUDGET_MB[kind],
        }),
      );
    }
  } finally {
    replay.close();
  }
  return results;
};

async function measure(kind: "terminal" | "vnc", replayPort: number, scrollMs: number): Promise<number> {
  const demo = await startDemo();
  try {
    const pid = demo.gateway.child.pid ?? 0;
    await pointTarget(demo, demo.targets.vnc, { port: replayPort, options: { minimumSecurity: "none" } });
    const open = async (count: number): Promise<readonly Client[]> => {
      const clients =
        kind === "terminal" ? await openTerminals(demo, count) : await openPictures(demo, count);
      await sleep(scrollMs + 4000);
      return clients;
    };
    for (const client of await open(WARM_SESSIONS)) client.end();
    await sleep(3000);
    const beforeKb = residentKbOf(pid);
    const clients = await open(SESSIONS);
    const addedKb = residentKbOf(pid) - beforeKb;
    for (const client of clients) client.close();
    return addedKb / 1024 / SESSIONS;
  } finally {
    await demo.gateway.stop();
  }
}

async function openTerminals(demo: Demo, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let index = 0; index < count; index++) {
    const sessionId = await openSession(demo.api, demo.targets.ssh);
    const viewer = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
    await viewer.untilOpen();
    viewer.type(`seq -f 'line %g of some length, as a log has them' ${LINES}\r`);
    clients.push({ end: () => viewer.control({ type: "end" }), close: () => viewer.close() });
  }
  return clients;
}
