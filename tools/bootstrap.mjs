// What every command of package.json does first, in plain JavaScript for Node 20 and later: install the locked
// packages when they are missing or stale, find the pinned Node 24 among them, hand over to it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const stampFile = path.join(root, "node_modules", ".poterne-lock-sha256");

/**
 * Installs the locked packages, install scripts off, if the lock file is not the one installed last. `npm ci` would do,
 * but refuses the lock where a registry lacks optional packages of other platforms; `--no-save` keeps the lock as it is.
 */
export function installPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted && existsSync(pinnedNode())) return;
  console.error("Poterne: installing the locked packages (once, about a minute)…");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(
    npm,
    [
      "install",
      "--no-save",
      "--ignore-scripts",
      "--include=optional",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    },
  );
  if (result.status !== 0) {
    console.error(
      "Poterne: npm could not install the packages; is the npm registry reachable? See the lines above.",
    );
    process.exit(1);
  }
  if (!existsSync(pinnedNode())) {
    console.error(
      `Poterne: no pinned Node for ${process.platform}-${process.arch}; install without --omit=optional.`,
    );
    process.exit(1);
  }
  writeFileSync(stampFile, wanted);
}

/** The pinned Node's executable for this platform. */
export function pinnedNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const folder = path.join(root, "node_modules", `node-${platform}-${process.arch}`);
  return path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** What Node is given to run the gateway (docs/decisions/0152); the units in `packaging/systemd` say the same. */
export function gatewayNodeFlags() {
  return JSON.parse(readFileSync(path.join(root, "packages/gateway/node-flags.json"), "utf8"));
}

/** Installs what is missing and runs a program of the project under the pinned Node, passing signals and its exit code on. */
export function spawnPinned([program, ...rest], options = {}) {
  installPackages();
  const child = spawn(
    pinnedNode(),
    [
      ...(options.nodeFlags ?? ["--disable-warning=ExperimentalWarning"]),
      path.resolve(root, program),
      ...rest,
    ],
    {
      cwd: options.cwd ?? root,
      stdio: "inherit",
      env: { ...process.env, ...options.env },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128 + 15)));
  return child;
}
