import { openSession } from "../tests/support/demo.ts";
import { TestGateway } from "../tests/support/gateway.ts";
import { grantTarget } from "../tests/support/inventory.ts";
import { labPasswords, startLab } from "../tests/support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../tests/support/people.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { childrenOf, pinTo, takeLoopDelayP99 } from "./bench-gateway.ts";
import { cpuMsOf, waitedMsOf } from "./process-cpu.ts";
import { atMost, type Bench, type BenchResult, percentile } from "./result.ts";
import { type BenchPerson, makePeople, signInOnce } from "./sign-in-people.ts";

const PEOPLE = 500;
const MINUTE_MS = 60_000;
/** A part of both with `--quick`: the rate stays. */
const QUICK_PART = 0.2;
const SESSIONS = 10;
const P95_BUDGET_MS = 2000;
const LOOP_BUDGET_MS = 30;
const OUTPUT_LINES = "while :; do date; sleep 0.05; done\r";

/**
 * 500 people within a minute, half of them of this gateway and half of the lab's OpenLDAP, all with password and code, each
 * over a TLS connection of its own and all from one address; beside ten recorded terminals that print twenty lines a
 * second. Gateway and keeper share one core; directory, browsers and targets have the other.
 */
export const signIn: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "slapd");
  const part = isQuick ? QUICK_PART : 1;
  const gateway = await TestGateway.start();
  const viewers: HeadlessViewer[] = [];
  try {
    const chief = await enrolAdministrator(gateway);
    const { local, directory } = await makePeople(gateway, chief, (PEOPLE * part) / 2);
    say(`${local.length} local people and ${directory.length} of the directory`);
    viewers.push(...(await openTerminals(chief)));
    const pid = gateway.child.pid ?? 0;
    const isPinned = [pid, ...childrenOf(pid)].every((each) => pinTo(0, each)) && pinTo(1, process.pid);
    if (!isPinned) say("taskset is missing: nothing is kept on its core");
    await sleep(2000);
    const cpu = { used: cpuMsOf(pid), waited: waitedMsOf(pid) };
    await takeLoopDelayP99(chief);
    const startedAt = performance.now();
    const times = await arrive(gateway, { local, directory }, MINUTE_MS * part);
    const loopMs = await takeLoopDelayP99(chief);
    const seconds = (performance.now() - startedAt) / 1000;
    const perSecond = (before: number, after: number) => `${((after - before) / seconds).toFixed(0)} ms`;
    say(
      `${perSecond(cpu.used, cpuMsOf(pid))} of CPU a second, ${perSecond(cpu.waited, waitedMsOf(pid))} waiting for the core`,
    );
    return report(times, loopMs, say);
  } finally {
    for (const viewer of viewers) viewer.close();
    await gateway.stop();
  }
};

async function openTerminals({ api, personId }: TestPerson): Promise<HeadlessViewer[]> {
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice } as const;
  const target = await grantTarget(api, wish);
  const viewers: HeadlessViewer[] = [];
  for (let index = 0; index < SESSIONS; index++) {
    const viewer = await HeadlessViewer.attach(api, await openSession(api, target), { keepsFrames: false });
    viewers.push(viewer);
    await viewer.untilOpen();
    viewer.type(OUTPUT_LINES);
  }
  return viewers;
}

interface Times {
  readonly local: readonly number[];
  readonly directory: readonly number[];
}

/** Everybody at a moment of their own, drawn at random, within the time. */
async function arrive(
  gateway: TestGateway,
  people: { readonly local: readonly BenchPerson[]; readonly directory: readonly BenchPerson[] },
  withinMs: number,
): Promise<Times> {
  const enter = async (person: BenchPerson): Promise<number> => {
    await sleep(Math.random() * withinMs);
    return signInOnce(gateway, person);
  };
  const [local, directory] = await Promise.all([
    Promise.all(people.local.map(enter)),
    Promise.all(people.directory.map(enter)),
  ]);
  return { local, directory };
}

function report(times: Times, loopMs: number, say: (line: string) => void): BenchResult[] {
  const results = Object.entries(times).map(([name, all]: [string, readonly number[]]) => {
    say(`${name}: median ${percentile(all, 0.5).toFixed(0)} ms, longest ${Math.max(...all).toFixed(0)} ms`);
    const measured = { value: percentile(all, 0.95), unit: "ms", budget: P95_BUDGET_MS };
    return atMost("sign-in", `${name} people, name to signed in, p95`, measured);
  });
  const loop = { value: loopMs, unit: "ms", budget: LOOP_BUDGET_MS };
  return [...results, atMost("sign-in", "loop delay p99", loop)];
}
