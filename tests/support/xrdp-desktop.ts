import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
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
