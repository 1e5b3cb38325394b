import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

let program: string | null = null;

/** Compiles the peer on FreeRDP 2's libraries, once a run; needs what `buildOracle` installs. */
function build(): string {
  if (program !== null) return program;
  const libraries = ["freerdp2", "winpr2", "freerdp-client2"];
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", ...libraries], { encoding: "utf8" });
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-clipboard-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const built = path.join(folder, "freerdp-clipboard");
  const source = path.join(import.meta.dirname, "freerdp-clipboard.c");
  execFileSync("cc", ["-O1", "-o", built, source, ...flags.trim().split(/\s+/)]);
  program = built;
  return built;
}

/** What FreeRDP's clipboard makes of this: "HTML Format" of HTML, HTML of it, or the names of a file list. */
export function askFreerdpClipboard(
  question: "html-in" | "html-out" | "files",
  data: Uint8Array,
): Uint8Array {
  return execFileSync(build(), [question], { input: data });
}
