import { spawn } from "node:child_process";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { makeTone, type PlayedTone } from "./desktop-sound.ts";
import { labDir } from "./lab.ts";

const TRIXIE = process.env.LAB_TRIXIE ?? "/opt/trixie";
const RATE_HZ = 44_100;

/** 16-bit stereo with the header of a WAV file. */
function makeWav(samples: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/**
 * The frequency of a tone by the median of its periods: on a loaded machine this PipeWire, which has no hardware to keep
 * time for it, leaves gaps, and each of them would count as a crossing more.
 */
export function pitchOf(samples: readonly number[], rateHz: number): number {
  const crossings: number[] = [];
  for (let index = 1; index < samples.length; index++) {
    const [before, now] = [samples[index - 1] ?? 0, samples[index] ?? 0];
    if (before < 0 && now >= 0) crossings.push(index - now / (now - before));
  }
  const periods = crossings.slice(1).map((at, index) => at - (crossings[index] ?? 0));
  periods.sort((one, other) => one - other);
  const median = periods[Math.floor(periods.length / 2)] ?? 0;
  return median === 0 ? 0 : rateHz / median;
}

/** Plays a tone inside the lab's gnome-remote-desktop, whose PipeWire has a sink without hardware. */
export function playGrdTone(frequencies: readonly [number, number], seconds: number): PlayedTone {
  const home = `${labDir}/grd/home`;
  const file = `${home}/tone-${process.pid}.wav`;
  writeFileSync(file, makeWav(makeTone(frequencies, seconds)));
  const { uid, gid } = statSync(home);
  chownSync(file, uid, gid);
  const player = ["pw-cat", "--playback", file];
  const env = ["env", `HOME=${home}`, `XDG_RUNTIME_DIR=${home}/run`, ...player];
  const who = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  // Each of these becomes the next: the child is the player itself.
  const child = spawn("chroot", [TRIXIE, ...who, ...env], { stdio: "ignore" });
  child.once("exit", () => rmSync(file, { force: true }));
  return { stop: () => void child.kill() };
}
