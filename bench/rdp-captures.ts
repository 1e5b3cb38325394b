import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { decodeCommands } from "@poterne/picture";
import { DataPdu, decodeSharePdus } from "../packages/rdp/src/connect/share.ts";
import { GfxVersion, oneMonitor, type RdpClientOptions, type RdpCommand } from "../packages/rdp/src/index.ts";
import { eventually } from "../tests/support/eventually.ts";
import { projectRoot, startLab } from "../tests/support/lab.ts";
import { RdpPeer } from "../tests/support/rdp-peer.ts";
import { RDP_PORT } from "../tests/support/rdp-session.ts";
import { runWorkload, sleep } from "../tests/support/vnc-peer.ts";
import { endDesktopsOf } from "../tests/support/xrdp-desktop.ts";
import type { PlayedPacket, PlayedRdpCapture } from "./played-rdp.ts";
import { PacketCutter } from "./rdp-packets.ts";
import { FIRST_STATIC_CHANNEL, IO_CHANNEL } from "./rdp-server-pdus.ts";

const SCREEN = { width: 1280, height: 800 };
const TRIXIE = process.env.LAB_TRIXIE ?? "/opt/trixie";

/** A way pictures are packed: which server sends it, and what a client offers to get it. */
export interface RdpCodecChoice {
  readonly server: "xrdp" | "xrdp10" | "shadow3";
  readonly options: Pick<RdpClientOptions, "hasRemoteFx" | "graphics">;
  /** Whether it comes through the graphics pipeline. */
  readonly isPipeline: boolean;
}

/** The codecs of the budgets, and bitmap updates. */
export const RDP_CODECS = {
  bitmap: { server: "xrdp", options: { hasRemoteFx: false, graphics: null }, isPipeline: false },
  RemoteFX: { server: "xrdp", options: { hasRemoteFx: true, graphics: null }, isPipeline: false },
  progressive: {
    server: "xrdp10",
    options: {
      hasRemoteFx: false,
      graphics: { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 },
    },
    isPipeline: true,
  },
  AVC420: {
    server: "shadow3",
    options: { hasRemoteFx: false, graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_81 } },
    isPipeline: true,
  },
  AVC444: {
    server: "shadow3",
    options: { hasRemoteFx: false, graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 } },
    isPipeline: true,
  },
} as const satisfies Readonly<Record<string, RdpCodecChoice>>;

/** The name of a codec of `RDP_CODECS`. */
export type RdpCodecName = keyof typeof RDP_CODECS;

/** Less than any workload makes: then it did not run. */
const LEAST_BYTES_PER_SECOND = 500;
/** Before the workload nothing happens for long; a round has no use for it. */
const LONGEST_GAP_MS = 120;

/** One of the lab's desktops, alone in use while it is captured. */
const DISPLAY_FILES = { xrdp: /^X6\d$/, xrdp10: /^X7\d$/ } as const;

/** The X display that a lab server shows, once it runs; lets this process' X clients onto it. */
export async function displayOf(server: RdpCodecChoice["server"]): Promise<string> {
  if (server === "shadow3") return ":42";
  const home = server === "xrdp10" ? `${TRIXIE}/home/alice` : "/home/alice";
  const own = `/tmp/poterne-bench-${process.pid}.Xauthority`;
  return eventually(`alice's X server of ${server}`, async () => {
    // Where it is missing the X server lets all of this machine in.
    if (existsSync(`${home}/.Xauthority`)) spawnSync("xauth", ["-f", own, "merge", `${home}/.Xauthority`]);
    process.env.XAUTHORITY = own;
    const owner = statSync(home).uid;
    const isOwn = (name: string) => statSync(`/tmp/.X11-unix/${name}`).uid === owner;
    const displays = readdirSync("/tmp/.X11-unix").filter(
      (name) => DISPLAY_FILES[server].test(name) && isOwn(name),
    );
    // Desktops of other sizes may be there still, and are not what a client of this size is shown.
    const answers = (display: string) => {
      const { stdout } = spawnSync("xdpyinfo", ["-display", display], { encoding: "utf8" });
      return stdout.includes(`${SCREEN.width}x${SCREEN.height} pixels`);
    };
    return displays.map((name) => `:${name.slice(1)}`).find(answers) ?? null;
  });
}

/** What is known of a packet when it came. */
interface CapturedPacket {
  readonly atMs: number;
  readonly bytes: Buffer;
  readonly frames: number;
  readonly draws: number;
  /** The graphics pipeline was confirmed with or before it. */
  readonly isConfirmed: boolean;
}

/**
 * What a lab server sends while a workload runs on its desktop, packet for packet, from the first picture on: a second
 * connection to a desktop that is there already is shown all of it. Rejects when nothing moved.
 */
export async function captureRdp(
  codec: RdpCodecName,
  workload: string,
  seconds: number,
): Promise<PlayedRdpCapture> {
  const { server, options, isPipeline } = RDP_CODECS[codec];
  startLab(server);
  // A desktop that others have used is shown up to ten seconds after it is opened again; a new one at once.
  if (server === "xrdp10") await endDesktopsOf(`${TRIXIE}/home/alice`);
  const first = new RdpPeer(RDP_PORT[server], { monitors: oneMonitor(SCREEN), ...options });
  await first.until(`${server}'s first picture`, () => first.frames.length > 0);
  const display = await displayOf(server);
  await sleep(1000);
  await first.close();
  const peer = new RdpPeer(RDP_PORT[server], { monitors: oneMonitor(SCREEN), ...options });
  const packets = tap(peer);
  await peer.until(`${server}'s picture`, () => peer.frames.length > 0);
  await sleep(1500);
  const workStartedAt = performance.now();
  await runWorkload(projectRoot, display, workload, seconds);
  const { width, height } = peer.client.size;
  await peer.close();
  const during = packets.filter(({ atMs }) => atMs >= workStartedAt);
  if (during.reduce((sum, { bytes }) => sum + bytes.length, 0) < seconds * LEAST_BYTES_PER_SECOND)
    throw new Error(`the workload ${workload} drew nothing on ${server}`);
  const capture = cut(packets, workStartedAt, isPipeline);
  return { width, height, ...capture };
}

/** Notes each packet with what it made the client say; from the first X.224 data packet on. */
function tap(peer: RdpPeer): CapturedPacket[] {
  const { client } = peer;
  const receive = client.receive.bind(client);
  const cutter = new PacketCutter();
  const packets: CapturedPacket[] = [];
  let hasBegun = false;
  client.receive = (bytes, nowMs) => {
    hasBegun ||= bytes[0] === 3 && bytes[5] === 0xf0;
    if (!hasBegun) return receive(bytes, nowMs);
    const all: RdpCommand[] = [];
    const atMs = performance.now();
    for (const packet of cutter.push(Buffer.from(bytes))) {
      const commands = receive(Buffer.from(packet), nowMs);
      all.push(...commands);
      const isConfirmed = client.graphicsCapability !== null;
      packets.push({ atMs, bytes: packet, isConfirmed, ...countIn(commands) });
    }
    return all;
  };
  return packets;
}

function countIn(commands: readonly RdpCommand[]): { frames: number; draws: number } {
  let [frames, draws] = [0, 0];
  for (const command of commands)
    if (command.type === "frameEnd") frames++;
    else if (command.type === "frame" && command.channel === "picture") draws += countDraws(command.payload);
  return { frames, draws };
}

/** How many draws there are in a frame's payload: what an update is where a server sends no frames. */
export function countDraws(payload: Uint8Array): number {
  let draws = 0;
  for (const { op } of decodeCommands(payload)) if (op === "draw") draws++;
  return draws;
}

function cut(
  packets: readonly CapturedPacket[],
  workStartedAt: number,
  isPipeline: boolean,
): Omit<PlayedRdpCapture, "width" | "height"> {
  const prologue: Buffer[] = [];
  const played: PlayedPacket[] = [];
  const hasFrames = packets.some(({ frames }) => frames > 0);
  let [isOpen, atMs, lastMs] = [false, 0, Number.NaN];
  for (const packet of packets) {
    isOpen ||= isFontMap(packet.bytes);
    const isDynamic = channelOf(packet.bytes) === FIRST_STATIC_CHANNEL;
    if (isDynamic ? !isPipeline : !isOpen || !isPicture(packet.bytes)) continue;
    if (isDynamic && !packet.isConfirmed) {
      prologue.push(packet.bytes);
      continue;
    }
    const gapMs = Number.isNaN(lastMs) ? 0 : packet.atMs - lastMs;
    atMs += packet.atMs < workStartedAt ? Math.min(gapMs, LONGEST_GAP_MS) : gapMs;
    lastMs = packet.atMs;
    const { bytes, frames, draws } = packet;
    const isWhole = hasFrames ? frames > 0 : draws > 0;
    played.push({ atMs, bytes, frames, updates: hasFrames ? frames : draws, isWhole });
  }
  // Behind the last whole update nothing may follow: the next round begins there.
  const end = played.findLastIndex(({ isWhole }) => isWhole) + 1;
  return { prologue, packets: played.slice(0, end), lengthMs: atMs };
}

/** The channel of a Send Data Indication, 0 for any other packet. */
function channelOf(packet: Buffer): number {
  return packet[0] === 3 && (packet[7] ?? 0) >> 2 === 26 ? packet.readUInt16BE(10) : 0;
}

/** Where the share PDUs of a packet on the I/O channel begin. */
function sharesOf(packet: Buffer) {
  if (channelOf(packet) !== IO_CHANNEL) return [];
  const isLong = ((packet[13] ?? 0) & 0x80) !== 0;
  const payload = packet.subarray(isLong ? 15 : 14);
  // Licensing has a security header instead of length and type.
  const isShare = (payload[2] ?? 0) >> 4 === 1 && payload.readUInt16LE(0) <= payload.length;
  return isShare ? decodeSharePdus(payload) : [];
}

function isFontMap(packet: Buffer): boolean {
  return sharesOf(packet).some((pdu) => pdu.type === "data" && pdu.pduType2 === DataPdu.PDUTYPE2_FONTMAP);
}

/** Fast path, or the slow path's pictures and pointers; of others a played server has its own. */
function isPicture(packet: Buffer): boolean {
  if (packet[0] !== 3) return true;
  const kinds: readonly number[] = [DataPdu.PDUTYPE2_UPDATE, DataPdu.PDUTYPE2_POINTER];
  return sharesOf(packet).some((pdu) => pdu.type === "data" && kinds.includes(pdu.pduType2));
}

/** A capture with where it is from. */
export interface RdpCapturePiece {
  readonly codec: RdpCodecName;
  readonly workload: string;
  readonly capture: PlayedRdpCapture;
}

/** Captures of each codec under each workload; different servers' at the same time. */
export async function captureAll(
  codecs: readonly RdpCodecName[],
  workloads: readonly string[],
  seconds: number,
): Promise<RdpCapturePiece[]> {
  const servers = Map.groupBy(codecs, (codec) => RDP_CODECS[codec].server);
  startLab(...servers.keys());
  const captured = await Promise.all(
    [...servers.values()].map(async (own) => {
      const pieces: RdpCapturePiece[] = [];
      for (const codec of own)
        for (const workload of workloads)
          pieces.push({ codec, workload, capture: await captureRdp(codec, workload, seconds) });
      return pieces;
    }),
  );
  return captured.flat();
}
