import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { takeLoopDelayP99 } from "./bench-gateway.ts";
import { atMost, type Bench, type BenchResult, percentile } from "./result.ts";
import { type FillSize, fillStore } from "./store-fill.ts";

const FULL: FillSize = { machines: 10_000, people: 2000, journalLines: 1_000_000, recordings: 100_000 };
const QUICK: FillSize = { machines: 2000, people: 500, journalLines: 50_000, recordings: 10_000 };
const PAGE_BUDGET_MS = 100;
const LOOP_BUDGET_MS = 20;

/** What the pages ask for; `turn` changes the words, so that no answer is there already. */
const REQUESTS: Readonly<Record<string, (turn: number) => string>> = {
  "my machines": () => "/api/v1/my/machines?limit=50",
  "my machines, search": (turn) => `/api/v1/my/machines?limit=50&search=serveur-${turn * 3}`,
  machines: () => "/api/v1/machines?limit=50",
  "machines, search of few": (turn) => `/api/v1/machines?limit=50&search=serveur-1${turn}`,
  "machines, search of many": () => "/api/v1/machines?limit=50&search=serveur",
  people: () => "/api/v1/people?limit=50",
  "people, search": (turn) => `/api/v1/people?limit=50&search=camille%20${turn}`,
  recordings: () => "/api/v1/recordings?limit=50",
  "recordings, search of few": (turn) => `/api/v1/recordings?limit=50&search=intervention%20${turn * 77}`,
  "recordings, search of many": () => "/api/v1/recordings?limit=50&search=intervention",
  sessions: () => "/api/v1/sessions?limit=50",
  "sessions, search": (turn) => `/api/v1/sessions?limit=50&search=serveur-${turn * 11}`,
  journal: () => "/api/v1/journal?limit=50",
  "journal, alarms": () => "/api/v1/journal?limit=50&level=alarm",
  "journal, search of few": (turn) => `/api/v1/journal?limit=50&search=intervention%20${turn * 977}`,
  "journal, search of many": () => "/api/v1/journal?limit=50&search=serveur",
};

/**
 * Page data and searches of the console by the API with a full store (SQLite), one after the other, while a recorded
 * session prints twenty lines a second: the 95th percentile of each, and how late the gateway's event loop runs meanwhile.
 */
export const store: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const size = isQuick ? QUICK : FULL;
  const first = await startDemo();
  await writeTemplates(first);
  await first.gateway.stop({ keepData: true });
  const startedAt = performance.now();
  fillStore(first.gateway.dataDir, size);
  say(`filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  const demo = await startDemo([], first.gateway.dataDir);
  try {
    await grantEverything(demo);
    const viewer = await HeadlessViewer.attach(demo.api, await openSession(demo.api, demo.targets.ssh), {
      keepsFrames: false,
    });
    await viewer.untilOpen();
    viewer.type("while :; do date; sleep 0.05; done\r");
    for (const request of Object.values(REQUESTS)) await demo.api.must("GET", request(0));
    return await measure(demo, isQuick ? 20 : 60, say);
  } finally {
    await demo.gateway.stop();
  }
};

async function measure({ api }: Demo, turns: number, say: (line: string) => void): Promise<BenchResult[]> {
  const times = new Map<string, number[]>(Object.keys(REQUESTS).map((name) => [name, []]));
  await takeLoopDelayP99({ api });
  for (let turn = 1; turn <= turns; turn++)
    for (const [name, request] of Object.entries(REQUESTS)) {
      const startedAt = performance.now();
      await api.must("GET", request(turn));
      times.get(name)?.push(performance.now() - startedAt);
    }
  const loopMs = await takeLoopDelayP99({ api });
  const results = [...times].map(([name, all]) => {
    say(`${name}: median ${percentile(all, 0.5).toFixed(1)} ms, largest ${Math.max(...all).toFixed(1)} ms`);
    return atMost("store", `${name}, p95`, {
      value: percentile(all, 0.95),
      unit: "ms",
      budget: PAGE_BUDGET_MS,
    });
  });
  return [
    ...results,
    atMost("store", "loop delay p99", { value: loopMs, unit: "ms", budget: LOOP_BUDGET_MS }),
  ];
}

/** One ended session with its recording, so that there is a row of every kind to copy. */
async function writeTemplates({ api, targets }: Demo): Promise<void> {
  const sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  viewer.control({ type: "end" });
  for (let tries = 0; tries < 200; tries++) {
    const session = await api.must<{ endCode: string | null }>("GET", `/api/v1/sessions/${sessionId}`);
    if (session.endCode !== null) break;
    await sleep(50);
  }
  // The journal's copy and the recording's end follow the session's.
  await sleep(1500);
}

/** The demo person may open every machine there is. */
async function grantEverything({ api }: Demo): Promise<void> {
  const sites = await api.must<{ items: { siteId: string; parentId: string | null }[] }>(
    "GET",
    "/api/v1/sites",
  );
  const root = sites.items.find(({ parentId }) => parentId === null);
  const { person } = await api.must<{ person: { personId: string } }>("GET", "/api/v1/sign-in");
  const policies = await api.must<{ items: { policyId: string }[] }>("GET", "/api/v1/policies");
  const account = await api.must<{ accountId: string }>("POST", "/api/v1/accounts", {
    name: "ask",
    kind: "ask",
  });
  await api.must("POST", "/api/v1/grants", {
    personId: person.personId,
    siteIds: [root?.siteId],
    accountIds: [account.accountId],
    policyId: policies.items[0]?.policyId,
  });
}
