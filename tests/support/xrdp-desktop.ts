import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { eventually } from "./eventually.ts";

const SOCKETS = "/tmp/.X11-unix";

/** Display numbers of each server's desktops, as the lab sets them. */
const DISPLAYS = { xrdp: /^X6\d$/, xrdp10: /^X7\d$/ } as const;
/** Where alice lives on each: its owner is the one her desktops run as. */
const HOMES = {
  xrdp: "/home/alice",
  xrdp10: `${process.env.LAB_TRIXIE ?? "/opt/trixie"}/home/alice`,
} as const;

/** The X display of alice's desktop, once it runs; gives this process's X clients her right to it. */
export async function findXrdpDisplay(server: keyof typeof DISPLAYS = "xrdp"): Promise<string> {
  process.env.XAUTHORITY = "/home/alice/.Xauthority";
  return eventually("alice's X server", async (seen) => {
    const { uid } = statSync(HOMES[server]);
    const displays = readdirSync(SOCKETS).filter(
      (name) => DISPLAYS[server].test(name) && statSync(`${SOCKETS}/${name}`).uid === uid,
    );
    seen(displays.join(" "));
    return displays.map((name) => `:${name.slice(1)}`).find(answers) ?? null;
  });
}

/**
 * Waits until a desktop that has just begun shows its own terminal, the last thing it puts in front of what others have
 * opened there: it would take the keyboard from them.
 */
export async function waitForItsTerminal(display: string): Promise<void> {
  const env = { ...process.env, DISPLAY: display };
  await eventually("the desktop's own terminal", async (seen) => {
    const { status, stderr } = spawnSync("xdotool", ["search", "--onlyvisible", "--class", "^xterm$"], {
      env,
      encoding: "utf8",
      timeout: 5000,
    });
    seen(stderr);
    return status === 0;
  });
}

function answers(display: string): boolean {
  return spawnSync("xdpyinfo", ["-display", display]).status === 0;
}

/**
 * Ends alice's desktop on xrdp 0.10 if its channel server is gone, so that her next log-in gets a whole one. That server
 * dies of some clients that take no sound (decision 0099); clipboard, drive and sound are dead then.
 */
export async function endDeafDesktop(): Promise<void> {
  const { uid } = statSync(HOMES.xrdp10);
  if (processesOf(uid, "xrdp-chansrv").length > 0) return;
  await endDesktops(uid);
}

/**
 * Ends a user's desktops of the lab's xrdp 0.10, as the uid of a folder there tells: the next one has a channel server
 * that has met no client yet. The old one goes on with the sound format an earlier client took.
 */
export async function endDesktopsOf(home: string): Promise<void> {
  await endDesktops(statSync(home).uid);
}

/**
 * Ends alice's desktops on both xrdp, if there are any: a test that looks at one from its beginning does not meet what
 * another left there, a program that waits for keys or a screen of another size.
 */
export async function endAlicesDesktops(): Promise<void> {
  for (const home of Object.values(HOMES)) if (existsSync(home)) await endDesktops(statSync(home).uid);
}

/** What a desktop of the lab leaves behind for a while when its X server goes: its PipeWire would answer for the next one. */
const DESKTOP_PROCESSES = ["Xorg", "xrdp-chansrv", "pipewire-pulse", "wireplumber", "pipewire"] as const;

async function endDesktops(uid: number): Promise<void> {
  const find = () => DESKTOP_PROCESSES.flatMap((name) => processesOf(uid, name));
  for (const processId of find()) terminate(processId);
  await eventually("the desktop's end", async () => find().length === 0);
}

/** Asks a process to end; one that went with another before it is gone. */
function terminate(processId: number): void {
  try {
    process.kill(processId, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Not of another lab beside this one, in mounts of its own. */
function isOurs(processId: string): boolean {
  return readlinkSync(`/proc/${processId}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt");
}

/** Of a desktop of xrdp's: the same person has one of gnome-remote-desktop's, with a PipeWire of its own. */
function isOfXrdp(processId: string): boolean {
  return /(^|\0)XRDP_SESSION=/.test(readFileSync(`/proc/${processId}/environ`, "latin1"));
}

/** Processes of a user's xrdp desktops by their name (15 characters at most, as the kernel keeps it). */
function processesOf(uid: number, name: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const isNamed = readFileSync(`/proc/${entry}/comm`, "utf8").trim() === name;
        return isNamed && statSync(`/proc/${entry}`).uid === uid && isOurs(entry) && isOfXrdp(entry);
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .map(Number);
}
