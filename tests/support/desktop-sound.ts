import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const TRIXIE = process.env.LAB_TRIXIE ?? "/opt/trixie";
const RATE_HZ = 44_100;
const LOUDNESS = 12_000;
/** Each desktop of the lab's xrdp 0.10 has a PipeWire of its own there. */
const RUNTIME = "$HOME/.run";

/** Who signs in where sound is tested: the PipeWire of another test's desktop is out of the way. */
export const LISTENER = { kind: "password", username: "bob", password: "bob-Passw0rd" } as const;

/** Where that person lives on the lab's xrdp 0.10. */
export const LISTENER_HOME = `${TRIXIE}/home/bob`;

/** A tone of so many seconds, left and right each of its own frequency, as 16-bit stereo. */
export function makeTone(frequencies: readonly [number, number], seconds: number): Buffer {
  const count = RATE_HZ * seconds;
  const samples = Buffer.alloc(count * 4);
  for (let index = 0; index < count; index++)
    frequencies.forEach((hz, channel) => {
      const value = Math.round(LOUDNESS * Math.sin((2 * Math.PI * hz * index) / RATE_HZ));
      samples.writeInt16LE(value, index * 4 + channel * 2);
    });
  return samples;
}

/** A tone that sounds. */
export interface PlayedTone {
  /** Ends it; also twice, and when it has ended by itself. */
  stop(): void;
}

/** Plays a tone inside the xrdp 0.10 desktop of `LISTENER`; it ends by itself, or when stopped. */
export function playTone(frequencies: readonly [number, number], seconds: number): PlayedTone {
  const name = `tone-${process.pid}-${frequencies.join("-")}`;
  const file = `${LISTENER_HOME}/${name}`;
  writeFileSync(file, makeTone(frequencies, seconds), { mode: 0o644 });
  const play = `exec pacat --raw --format=s16le --rate=${RATE_HZ} --channels=2 $HOME/${name}`;
  const script = `export XDG_RUNTIME_DIR=${RUNTIME}; echo $$ > $HOME/${name}.pid; ${play}`;
  const child = spawn("chroot", [TRIXIE, "runuser", "-l", "bob", "-s", "/bin/sh", "-c", script], {
    stdio: "ignore",
  });
  child.once("exit", () => {
    for (const path of [file, `${file}.pid`]) rmSync(path, { force: true });
  });
  return {
    stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // Ending what started the player would leave the player to itself.
      process.kill(Number(readFileSync(`${file}.pid`, "utf8")));
    },
  };
}

/** Whether that desktop has its sound device yet. */
export function hasSoundDevice(): boolean {
  return soundDevices().includes("xrdp-sink");
}

/** Whether nothing plays there any more, to the last buffer: the device sleeps some seconds later. */
export function isSoundAsleep(): boolean {
  return /xrdp-sink.*SUSPENDED/.test(soundDevices());
}

function soundDevices(): string {
  const script = `export XDG_RUNTIME_DIR=${RUNTIME}; pactl list short sinks`;
  const { stdout } = spawnSync("chroot", [TRIXIE, "runuser", "-l", "bob", "-s", "/bin/sh", "-c", script], {
    encoding: "utf8",
    timeout: 5000,
  });
  return stdout;
}

/** The frequency of a tone by how often it crosses zero upwards. */
export function frequencyOf(samples: ArrayLike<number>, rateHz: number): number {
  let [first, last, crossings] = [0, 0, -1];
  for (let index = 1; index < samples.length; index++) {
    const [before, now] = [samples[index - 1] ?? 0, samples[index] ?? 0];
    if (before >= 0 || now < 0) continue;
    const at = index - now / (now - before);
    if (crossings < 0) first = at;
    last = at;
    crossings++;
  }
  return crossings <= 0 ? 0 : (crossings * rateHz) / (last - first);
}
