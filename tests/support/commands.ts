import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { projectRoot } from "./lab.ts";

const COMMAND_TIMEOUT_MS = 120_000;

/** Runs a `poterne` command to its end. */
export function poterne(...words: string[]): { status: number | null; output: string } {
  return poterneWithInput("", ...words);
}

/** Runs a `poterne` command to its end, with words on its standard input. */
export function poterneWithInput(
  input: string,
  ...words: string[]
): { status: number | null; output: string } {
  const main = path.join(projectRoot, "packages/gateway/src/main.ts");
  const result = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    encoding: "utf8",
    input,
    timeout: COMMAND_TIMEOUT_MS,
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

/** Runs a `poterne` command while this process goes on serving what the command asks. */
export async function poterneMeanwhile(
  ...words: string[]
): Promise<{ status: number | null; output: string }> {
  const main = path.join(projectRoot, "packages/gateway/src/main.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: COMMAND_TIMEOUT_MS,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output };
}
