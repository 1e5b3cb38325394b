import { execFileSync } from "node:child_process";
import { eventually } from "./eventually.ts";

/** The X display of alice's desktop on xrdp 0.9, once it runs; opens it to this process's X clients. */
export async function findXrdpDisplay(): Promise<string> {
  const display = await eventually("alice's X server", async () => {
    const list = execFileSync("ps", ["-eo", "user,args"], { encoding: "utf8" });
    return /^alice\s+\S*Xorg (:6\d) /m.exec(list)?.[1] ?? null;
  });
  process.env.XAUTHORITY = "/home/alice/.Xauthority";
  return display;
}
