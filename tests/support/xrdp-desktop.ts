import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { eventually } from "./eventually.ts";

const SOCKETS = "/tmp/.X11-unix";

/** Display numbers of each server's desktops, as the lab sets them. */
const DISPLAYS = { xrdp: /^X6\d$/, xrdp10: /^X7\d$/ } as const;

/** The X display of alice's desktop, once it runs; gives this process's X clients her right to it. */
export async function findXrdpDisplay(server: keyof typeof DISPLAYS = "xrdp"): Promise<string> {
  process.env.XAUTHORITY = "/home/alice/.Xauthority";
  return eventually("alice's X server", async (seen) => {
    const displays = readdirSync(SOCKETS).filter((name) => DISPLAYS[server].test(name));
    seen(displays.join(" "));
    return displays.map((name) => `:${name.slice(1)}`).find(answers) ?? null;
  });
}

function answers(display: string): boolean {
  return spawnSync("xdpyinfo", ["-display", display]).status === 0;
}
