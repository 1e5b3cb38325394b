import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { eventually } from "./eventually.ts";

const SOCKETS = "/tmp/.X11-unix";

/** The X display of alice's desktop on xrdp 0.9, once it runs; gives this process's X clients her right to it. */
export async function findXrdpDisplay(): Promise<string> {
  process.env.XAUTHORITY = "/home/alice/.Xauthority";
  return eventually("alice's X server", async (seen) => {
    const displays = readdirSync(SOCKETS).filter((name) => /^X6\d$/.test(name));
    seen(displays.join(" "));
    return displays.map((name) => `:${name.slice(1)}`).find(answers) ?? null;
  });
}

function answers(display: string): boolean {
  return spawnSync("xdpyinfo", ["-display", display]).status === 0;
}
