import { spawn, spawnSync } from "node:child_process";
import { createConnection } from "node:net";

/** Debian packages the tests need beside what lab/up installs for its own servers. */
const packages = [
  "chromium",
  "dnsmasq-base",
  "exim4-daemon-light",
  "firefox-esr",
  "fonts-dejavu-core",
  "imagemagick",
  "iproute2",
  "openssl",
  "postgresql",
  "mariadb-server",
  "openssh-client",
  "x11-apps",
  "x11-utils",
  "x11-xkb-utils",
  "xclip",
  "xdotool",
  "ffmpeg",
  "freerdp2-dev",
  "gcc",
  "libwinpr2-dev",
  "pkg-config",
  "sshpass",
  "systemd",
  "adduser",
  "curl",
  "procps",
];

const POSTGRESQL_PORT = 5432;
const MARIADB_PORT = 3306;
const START_TIMEOUT_MS = 60_000;

/** Installs what is missing (as root) or names it, and starts PostgreSQL and MariaDB if they do not run. Resolves with how to stop what was started. */
export async function prepareMachine(): Promise<() => Promise<void>> {
  installPackages();
  const stops: (() => void)[] = [];
  if (!(await isOpen(POSTGRESQL_PORT))) stops.push(await startPostgresql());
  if (!(await isOpen(MARIADB_PORT))) stops.push(await startMariadb());
  return async () => {
    for (const stop of stops) stop();
  };
}

function installPackages(): void {
  const missing = packages.filter((name) => {
    const query = spawnSync("dpkg", ["-s", name], { encoding: "utf8" });
    return !query.stdout.includes("Status: install ok installed");
  });
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.error(
      `The tests need these Debian packages; run as root or install them: apt-get install ${missing.join(" ")}`,
    );
    process.exit(1);
  }
  console.log(`Installing ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words: string[]) =>
    spawnSync("apt-get", ["-y", "-q", "-o", "DPkg::Lock::Timeout=600", ...words], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    }).status;
  if (apt("update") !== 0 || apt("install", "--no-install-recommends", ...missing) !== 0) {
    console.error(`apt-get could not install: ${missing.join(" ")}`);
    process.exit(1);
  }
}

async function startPostgresql(): Promise<() => void> {
  spawnSync("pg_ctlcluster", ["15", "main", "start"], { stdio: "inherit" });
  await waitOpen(POSTGRESQL_PORT, "PostgreSQL");
  // The tests sign in as postgres from this machine only.
  const allow =
    "sed -i 's/^host\\(.*127.0.0.1\\/32.*\\)scram-sha-256/host\\1trust/' /etc/postgresql/15/main/pg_hba.conf && pg_ctlcluster 15 main reload";
  spawnSync("sh", ["-c", allow], { stdio: "inherit" });
  return () => void spawnSync("pg_ctlcluster", ["15", "main", "stop", "-m", "fast"]);
}

async function startMariadb(): Promise<() => void> {
  spawnSync("install", ["-d", "-o", "mysql", "-g", "mysql", "/run/mysqld"]);
  const child = spawn("mariadbd", ["--user=mysql", "--bind-address=127.0.0.1", "--skip-networking=0"], {
    stdio: "ignore",
  });
  await waitOpen(MARIADB_PORT, "MariaDB");
  const allow = "ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('');";
  spawnSync("mariadb", ["-e", allow], { stdio: "inherit" });
  return () => void child.kill("SIGTERM");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(socket.destroy() !== undefined));
    socket.once("error", () => resolve(false));
  });
}

async function waitOpen(port: number, name: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isOpen(port))) {
    if (Date.now() > deadline) throw new Error(`${name} did not start on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
