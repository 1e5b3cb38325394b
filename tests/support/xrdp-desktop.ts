import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
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
  for (const processId of processesOf(uid, "Xorg")) process.kill(processId, "SIGTERM");
  await eventually("the desktop's end", async () => processesOf(uid, "Xorg").length === 0);
}

/** Processes of a user by their name (15 characters at most, as the kernel keeps it). */
function processesOf(uid: number, name: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const isNamed = readFileSync(`/proc/${entry}/comm`, "utf8").trim() === name;
        return isNamed && statSync(`/proc/${entry}`).uid === uid;
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .map(Number);
}
