// `npm start` and `npm run demo`: from a fresh clone to a listening gateway. Plain JavaScript, Node 20 and later.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { gatewayNodeFlags, installPackages, root, spawnPinned } from "./bootstrap.mjs";
import { buildPages } from "./build-pages.mjs";

const options = process.argv.slice(2);
const isDemo = options.includes("--demo");

installPackages();
buildPages();
if (isDemo) startLab();
spawnPinned(["packages/gateway/src/main.ts", "serve", ...options], { nodeFlags: gatewayNodeFlags() });

/** The demo's machines are the lab's real servers; they need Debian and root. */
function startLab() {
  if (process.getuid?.() !== 0) {
    console.error(
      "Poterne: the demo starts real servers (sshd, telnetd, Xvnc, xrdp) with lab/up, which needs root on Debian 12.\n" +
        "Run it as root, or start your own gateway with: npm start",
    );
    process.exit(1);
  }
  console.error("Poterne: starting the demo's machines (sshd, telnet switch, VNC and RDP desktops)…");
  const result = spawnSync(path.join(root, "lab/up"), ["sshd", "telnet", "vnc", "xrdp"], {
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    console.error("Poterne: the demo's machines did not start; see the lines above.");
    process.exit(1);
  }
}
