import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { serialize } from "node:v8";
import type { RfbCommand } from "@poterne/rfb";
import { labDir, projectRoot } from "../tests/support/lab.ts";
import { makeCaptureReader } from "./capture-reader.ts";
import type { PlayedRdpCapture } from "./played-rdp.ts";
import { endsUpdate, type VncCapture } from "./vnc-capture.ts";

/** A capture as the replaying process reads it: each chunk with the updates that end in it, and whether it ends one. */
export interface ReplayedCapture {
  readonly width: number;
  readonly height: number;
  readonly lengthMs: number;
  readonly chunks: readonly {
    readonly atMs: number;
    readonly updates: number;
    readonly isWhole: boolean;
    readonly base64: string;
  }[];
}

/** What the replaying process tells. */
export type ReplayReport =
  | { readonly type: "ports"; readonly ports: readonly number[] }
  | { readonly type: "sent"; readonly updates: readonly number[]; readonly waitingBytes: number };

/** Servers in a process of their own, one port for each list of captures. */
export class Replay {
  readonly ports: readonly number[];
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, ports: readonly number[]) {
    this.#child = child;
    this.#folder = folder;
    this.ports = ports;
    this.pid = child.pid ?? 0;
  }

  /** Starts it: whoever connects to port N sees the captures of list N one after the other, the last one for ever. */
  static async start(lists: readonly (readonly VncCapture[])[]): Promise<Replay> {
    const text = JSON.stringify(lists.map((captures) => captures.map(countUpdates)));
    return Replay.#fork("bench/replay-server.ts", Buffer.from(text), []);
  }

  /**
   * The same behind TLS, with the certificate of a gateway's data folder: list N has port 2 N for a client of VeNCrypt,
   * and 2 N + 1 for TLS from the first byte on.
   */
  static async startSecure(lists: readonly (readonly VncCapture[])[], dataDir: string): Promise<Replay> {
    const text = JSON.stringify(lists.map((captures) => captures.map(countUpdates)));
    const certificate = ["server.key", "server.crt"].map((name) => path.join(dataDir, "tls", name));
    return Replay.#fork("bench/replay-server.ts", Buffer.from(text), certificate);
  }

  /** The same with RDP servers, whose certificate is the lab's. */
  static async startRdp(lists: readonly (readonly PlayedRdpCapture[])[]): Promise<Replay> {
    const certificate = ["key", "crt"].map((kind) => `${labDir}/ca/xrdp.lab.test.${kind}`);
    return Replay.#fork("bench/rdp-replay-server.ts", serialize(lists), certificate);
  }

  static async #fork(script: string, captures: Uint8Array, words: readonly string[]): Promise<Replay> {
    const folder = mkdtempSync(path.join(tmpdir(), "poterne-replay-"));
    const file = path.join(folder, "captures");
    writeFileSync(file, captures);
    const child = fork(path.join(projectRoot, script), [file, ...words]);
    const report = await nextReport(child);
    if (report.type !== "ports") throw new Error("the replay did not start");
    return new Replay(child, folder, report.ports);
  }

  /** Nothing more is played; resolves with the updates sent so far on each port and the bytes nobody took yet. */
  async halt(): Promise<{ updates: readonly number[]; waitingBytes: number }> {
    const answer = nextReport(this.#child);
    this.#child.send("halt");
    const report = await answer;
    if (report.type !== "sent") throw new Error("the replay did not answer");
    return report;
  }

  close(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function nextReport(child: ChildProcess): Promise<ReplayReport> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the replay ended"));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as ReplayReport);
    });
  });
}

/** Reads a capture as a client does, to know which chunk ends how many updates. */
function countUpdates({ width, height, lengthMs, chunks }: VncCapture): ReplayedCapture {
  const client = makeCaptureReader(width, height);
  return {
    width,
    height,
    lengthMs,
    chunks: chunks.map(({ atMs, bytes }, index) => {
      const commands = client.receive(Buffer.from(bytes), atMs);
      const isWhole = endsUpdate(commands) && beginsMessage(chunks[index + 1]?.bytes);
      return { atMs, updates: commands.filter(isUpdate).length, isWhole, base64: bytes.toString("base64") };
    }),
  };
}

function isUpdate(command: RfbCommand): boolean {
  if (command.type === "fail") throw new Error(`the capture cannot be read: ${command.code}`);
  return command.type === "update";
}

/** Whether bytes begin with a fence or an update, as what follows a whole update does. */
function beginsMessage(bytes: Buffer | undefined): boolean {
  return bytes === undefined || bytes[0] === 0xf8 || bytes[0] === 0;
}
