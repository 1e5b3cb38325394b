import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Channel } from "@poterne/wire";
import { openSession, startDemo } from "../tests/support/demo.ts";
import type { ApiClient } from "../tests/support/gateway.ts";
import { labDir, startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { type Bench, type BenchResult, median } from "./result.ts";

const SSH_PORT = 2201;
const BUDGET = 0.8;
const LINE_BYTES = 57;
/** What a browser or `curl` gathers before it writes; Node's own 16 kB would be a call to another thread each. */
const WRITE_BYTES = 1024 * 1024;
const CAT_LIMIT_MS = 120_000;

const SSH_OPTIONS = [
  ...["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
  ...["-o", "LogLevel=ERROR", "-i", path.join(labDir, "sshd/id_ed25519")],
];

/** One thing both sides do; resolves with the milliseconds it took. */
type Work = () => Promise<number>;

/**
 * 100 MB as a terminal's output, and by SFTP both ways, through the gateway (recorded; headless viewer, files by the
 * API) and by OpenSSH's own clients, in turns: how much of their speed is reached.
 */
export const sshBulk: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const sizeBytes = isQuick ? 30_000_000 : 100_000_000;
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-bulk-"));
  // The lab's accounts read and write here.
  chmodSync(folder, 0o777);
  const file = path.join(folder, "text");
  await makeText(file, sizeBytes);
  const demo = await startDemo();
  const results: BenchResult[] = [];
  try {
    const sessionId = await openSession(demo.api, demo.targets.ssh);
    const viewer = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
    await viewer.untilOpen();
    await sleep(1000);
    const works: Readonly<Record<string, { ours: Work; theirs: Work }>> = {
      "cat of a file": { ours: () => cat(viewer, file), theirs: () => runSsh(["-tt"], `cat ${file}`) },
      "SFTP get": {
        ours: () => download(demo.api, sessionId, { file, to: path.join(folder, "got") }),
        theirs: () => runSftp(`get ${file} ${path.join(folder, "got-sftp")}`),
      },
      "SFTP put": {
        ours: () =>
          upload(demo.api, sessionId, {
            file,
            to: path.join(folder, `put-${randomBytes(4).toString("hex")}`),
          }),
        theirs: () => runSftp(`put ${file} ${path.join(folder, `put-${randomBytes(4).toString("hex")}`)}`),
      },
    };
    for (const [name, { ours, theirs }] of Object.entries(works)) {
      const ratios: number[] = [];
      for (let round = 0; round < (isQuick ? 2 : 5); round++) {
        // Whoever is first in one round is second in the next.
        const isFirst = round % 2 === 0;
        const first = isFirst ? await ours() : await theirs();
        const second = isFirst ? await theirs() : await ours();
        const [ourMs, theirMs] = isFirst ? [first, second] : [second, first];
        ratios.push(theirMs / ourMs);
        say(`${name}: gateway ${rate(sizeBytes, ourMs)}, OpenSSH ${rate(sizeBytes, theirMs)}`);
      }
      const value = Math.round(median(ratios) * 1000) / 1000;
      const metric = `${name}, speed against OpenSSH (at least)`;
      results.push({ name: "ssh-bulk", metric, value, unit: "×", budget: BUDGET, ok: value >= BUDGET });
    }
    viewer.control({ type: "end" });
  } finally {
    await demo.gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
};

function rate(bytes: number, ms: number): string {
  return `${(bytes / 1000 / ms).toFixed(0)} MB/s`;
}

/** Lines of random text, so that nothing on the way can compress them. */
async function makeText(file: string, sizeBytes: number): Promise<void> {
  await pipeline(
    function* () {
      for (let written = 0; written < sizeBytes; ) {
        const lines: string[] = [];
        for (let count = 0; count < 1000; count++) lines.push(randomBytes(LINE_BYTES).toString("base64"));
        const piece = Buffer.from(`${lines.join("\n")}\n`).subarray(0, sizeBytes - written);
        written += piece.length;
        yield piece;
      }
    },
    createWriteStream(file, { mode: 0o644 }),
  );
}

async function cat(viewer: HeadlessViewer, file: string): Promise<number> {
  const mark = `done-${randomBytes(4).toString("hex")}`;
  let tail = "";
  const startedAt = performance.now();
  const ended = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("cat did not end")), CAT_LIMIT_MS);
    viewer.onFrame = ({ channel, payload }) => {
      if (channel !== Channel.text) return;
      tail = (tail + Buffer.from(payload.subarray(-200)).toString("latin1")).slice(-400);
      if (!tail.includes(`<${mark}>`)) return;
      clearTimeout(timer);
      resolve(performance.now() - startedAt);
    };
  });
  // The mark as typed is not the mark as printed.
  viewer.type(`cat ${file}; printf '\\n<%s>\\n' ${mark}\r`);
  return ended;
}

function runSsh(options: readonly string[], command: string): Promise<number> {
  return run("ssh", ["-p", String(SSH_PORT), ...SSH_OPTIONS, ...options, "alice@127.0.0.1", command], "");
}

function runSftp(command: string): Promise<number> {
  return run("sftp", ["-b", "-", "-P", String(SSH_PORT), ...SSH_OPTIONS, "alice@127.0.0.1"], `${command}\n`);
}

/** Runs a command to its end; its output goes to /dev/null, which costs it nothing. */
function run(command: string, words: readonly string[], input: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, words, { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`${command} ended with ${status}`));
    });
  });
}

interface Transfer {
  readonly file: string;
  readonly to: string;
}

async function download(api: ApiClient, sessionId: string, { file, to }: Transfer): Promise<number> {
  const startedAt = performance.now();
  const response = await exchange(api, { method: "GET", sessionId, file });
  await pipeline(response, createWriteStream(to, { highWaterMark: WRITE_BYTES }));
  const tookMs = performance.now() - startedAt;
  if (statSync(to).size !== statSync(file).size) throw new Error("the download is short");
  return tookMs;
}

async function upload(api: ApiClient, sessionId: string, { file, to }: Transfer): Promise<number> {
  const startedAt = performance.now();
  const response = await exchange(api, { method: "PUT", sessionId, file: to, from: file });
  response.resume();
  const tookMs = performance.now() - startedAt;
  if (statSync(to).size !== statSync(file).size) throw new Error("the upload is short");
  rmSync(to);
  return tookMs;
}

interface Exchange {
  readonly method: "GET" | "PUT";
  readonly sessionId: string;
  /** On the target. */
  readonly file: string;
  /** A file here that is the body. */
  readonly from?: string;
}

function exchange(api: ApiClient, { method, sessionId, file, from }: Exchange) {
  const query = new URLSearchParams({
    path: file,
    ...(from === undefined ? {} : { sizeBytes: String(statSync(from).size) }),
  });
  const url = new URL(`/api/v1/sessions/${sessionId}/files/content?${query}`, api.origin);
  const headers: Record<string, string> = {
    origin: api.origin,
    cookie: api.cookies,
    "x-poterne-csrf": api.csrfToken,
  };
  if (from !== undefined)
    Object.assign(headers, {
      "content-type": "application/octet-stream",
      "content-length": String(statSync(from).size),
    });
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpsRequest(url, { method, headers, rejectUnauthorized: false }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${method} ${url.pathname}: ${response.statusCode}`));
    });
    request.on("error", reject);
    if (from === undefined) request.end();
    else pipeline(createReadStream(from, { highWaterMark: 256 * 1024 }), request).catch(reject);
  });
}
