import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { ReplayCache, readKeytab, SpnegoAcceptor } from "@poterne/kerberos";
import { createKerberosMechanism } from "../packages/gateway/src/kerberos/create-mechanism.ts";
import type { KerberosAccess } from "../packages/gateway/src/kerberos/kerberos-access.ts";
import { nodeKerberosCrypto } from "../packages/gateway/src/kerberos/node-crypto.ts";
import { systemEnvironment } from "../packages/gateway/src/system-environment.ts";
import { labAccess } from "../tests/support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { waitedMsOf } from "./process-cpu.ts";
import { atMost, type Bench, median, percentile } from "./result.ts";

const HOSTNAME = "rdp.mit.test";
const ACCOUNT = "proof";
const RATIO_BUDGET = 1;
const LOOP_BUDGET_MS = 20;
const PARALLEL_COUNT = 40;
const LOOP_RESOLUTION_MS = 1;

/**
 * From an account's password to an NLA context: AS with pre-authentication, TGS for TERMSRV, SPNEGO with mutual
 * authentication against an acceptor with the service's keytab in this very process. Beside it, in turn, MIT's `kinit` and
 * `kvno` for the same account and service, which end at the ticket. Then forty at once, and how late the event loop runs.
 */
export const kerberos: Bench = async ({ isQuick, say }) => {
  startLab("mit-kdc");
  const turns = isQuick ? 15 : 60;
  const access = labAccess();
  const acceptor = makeAcceptor();
  const scratch = mkdtempSync(path.join(tmpdir(), "poterne-bench-"));
  try {
    await openContext(access, acceptor);
    const own: number[] = [];
    const mit: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      own.push(await timed(() => openContext(access, acceptor)));
      mit.push(await timed(() => askMit(scratch)));
    }
    say(`own ${inWords(own)}; kinit and kvno ${inWords(mit)}`);
    const waitedBefore = waitedMsOf(process.pid);
    const together = await runTogether(access, acceptor, isQuick ? 2 : 6);
    say(`this thread waited ${(waitedMsOf(process.pid) - waitedBefore).toFixed(0)} ms for a core meanwhile`);
    say(
      `${PARALLEL_COUNT} at once: ${together.wallMs.toFixed(0)} ms, loop late by ${together.lateMs.toFixed(1)} ms (p99; idle ${together.idleMs.toFixed(1)})`,
    );
    return [
      atMost("kerberos", "AS + TGS + NLA context / kinit + kvno", {
        value: median(own) / median(mit),
        unit: "x",
        budget: RATIO_BUDGET,
      }),
      atMost("kerberos", `${PARALLEL_COUNT} at once, event loop late by, p99`, {
        value: together.lateMs,
        unit: "ms",
        budget: LOOP_BUDGET_MS,
      }),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

function inWords(values: readonly number[]): string {
  return `median ${median(values).toFixed(1)} ms, p95 ${percentile(values, 0.95).toFixed(1)} ms`;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function makeAcceptor(): () => SpnegoAcceptor {
  const keytab = readKeytab(new Uint8Array(readFileSync(path.join(labDir, "mit-kdc/rdp.keytab"))));
  const tools = {
    crypto: nodeKerberosCrypto,
    randomBytes: (count: number) => systemEnvironment.randomBytes(count),
  };
  const replayCache = new ReplayCache(nodeKerberosCrypto, Date.now());
  return () => new SpnegoAcceptor({ ...tools, keytab, replayCache });
}

/** One context, up to a sealed message that the server opens. */
async function openContext(access: KerberosAccess, makeServer: () => SpnegoAcceptor): Promise<void> {
  const answer = await createKerberosMechanism(access, {
    policy: "kerberos",
    target: "bench",
    hostname: HOSTNAME,
    username: `${ACCOUNT}@MIT.TEST`,
    password: labPasswords.alice,
  });
  if (answer.kind !== "kerberos") throw new Error("no ticket");
  const outcome = makeServer().accept(answer.mechanism.start(), Date.now());
  if (outcome.type !== "established") throw new Error(`the acceptor: ${outcome.type}`);
  answer.mechanism.step(outcome.token);
  outcome.accepted.session.unwrap(answer.mechanism.wrap(new Uint8Array(32)));
  answer.mechanism.close();
}

async function askMit(scratch: string): Promise<void> {
  const cache = path.join(scratch, "cache");
  rmSync(cache, { force: true });
  await run("kinit", [`${ACCOUNT}@MIT.TEST`], cache, `${labPasswords.alice}\n`);
  await run("kvno", ["-q", `TERMSRV/${HOSTNAME}`], cache, null);
}

function run(command: string, words: readonly string[], cache: string, input: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      KRB5_CONFIG: path.join(labDir, "mit-kdc/krb5.conf"),
      KRB5CCNAME: `FILE:${cache}`,
    };
    const child = spawn(command, words, {
      env,
      stdio: [input === null ? "ignore" : "pipe", "ignore", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${command}: ${code}`))));
    child.stdin?.end(input);
  });
}

/** Rounds of forty at once: the middle round's duration and the 99th percentile of the event loop's delay in it. */
async function runTogether(
  access: KerberosAccess,
  makeServer: () => SpnegoAcceptor,
  rounds: number,
): Promise<{ readonly wallMs: number; readonly lateMs: number; readonly idleMs: number }> {
  const walls: number[] = [];
  const lates: number[] = [];
  const idles: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    lates.push(
      await lateDuring(async () => {
        await Promise.all(Array.from({ length: PARALLEL_COUNT }, () => openContext(access, makeServer)));
      }),
    );
    const wallMs = performance.now() - startedAt;
    walls.push(wallMs);
    idles.push(await lateDuring(() => sleep(wallMs)));
  }
  return { wallMs: median(walls), lateMs: median(lates), idleMs: median(idles) };
}

/** The 99th percentile of the event loop's delay during `work`, beyond the sampling interval. */
async function lateDuring(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6 - LOOP_RESOLUTION_MS;
}
