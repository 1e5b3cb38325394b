import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { labDir } from "./lab.ts";

/** Attributes of an entry, by its DN. */
export type SlapdEntries = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

const SUFFIX = "dc=lab,dc=test";
const ROOT_DN = `cn=admin,${SUFFIX}`;
const ROOT_PASSWORD = "admin-pass";

/** An OpenLDAP of one test's own, with a password policy and limits; the lab's `slapd` must have been started once. */
export class OwnSlapd {
  readonly port: number;
  readonly tlsPort: number;
  readonly #dir: string;
  #child: ChildProcess;

  private constructor(dir: string, [port, tlsPort]: readonly [number, number]) {
    this.#dir = dir;
    this.port = port;
    this.tlsPort = tlsPort;
    this.#child = this.#spawn();
  }

  /** Starts one that holds these entries below the suffix; `limits` are lines of its configuration. */
  static async start(entries: SlapdEntries, limits: readonly string[] = []): Promise<OwnSlapd> {
    const dir = mkdtempSync(path.join(tmpdir(), "poterne-slapd-"));
    mkdirSync(path.join(dir, "db"));
    writeFileSync(path.join(dir, "slapd.conf"), configuration(dir, limits));
    const ldif = Object.entries({ [SUFFIX]: { objectClass: "domain", dc: "lab" }, ...entries }).map(toLdif);
    execFileSync("slapadd", ["-q", "-f", path.join(dir, "slapd.conf")], { input: ldif.join("\n") });
    const slapd = new OwnSlapd(dir, await freePorts());
    await slapd.#untilUp();
    return slapd;
  }

  /** All it holds, operational attributes too, as LDIF: equal texts, equal directories. */
  dump(): string {
    return execFileSync(
      "ldapsearch",
      [
        ...["-LLL", "-x", "-o", "ldif-wrap=no", "-H", `ldap://127.0.0.1:${this.port}`],
        ...["-D", ROOT_DN, "-w", ROOT_PASSWORD, "-b", SUFFIX, "(objectClass=*)", "*", "+"],
      ],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** Starts it again on the same ports. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilUp();
  }

  /** Ends it and forgets what it held. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const { port, tlsPort } = this;
    const addresses = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
    const words = ["-d", "0", "-f", path.join(this.#dir, "slapd.conf"), "-h", addresses];
    return spawn("slapd", words, { stdio: "ignore" });
  }

  async #untilUp(): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      if (this.#child.exitCode !== null) throw new Error(`slapd ended with ${this.#child.exitCode}`);
      if (await answers(this.tlsPort)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("slapd did not come up");
  }
}

function configuration(dir: string, limits: readonly string[]): string {
  const schemas = ["core", "cosine", "inetorgperson"].map(
    (name) => `include /etc/ldap/schema/${name}.schema`,
  );
  const ca = path.join(labDir, "ca");
  return [
    ...schemas,
    "modulepath /usr/lib/ldap",
    ...["back_mdb", "ppolicy"].map((name) => `moduleload ${name}`),
    `TLSCACertificateFile ${ca}/ca.crt`,
    `TLSCertificateFile ${ca}/ldap.lab.test.crt`,
    `TLSCertificateKeyFile ${ca}/ldap.lab.test.key`,
    ...limits,
    "database mdb",
    "maxsize 268435456",
    `suffix ${SUFFIX}`,
    `rootdn ${ROOT_DN}`,
    `rootpw ${ROOT_PASSWORD}`,
    `directory ${dir}/db`,
    "dbnosync",
    "index objectClass,uid,member eq",
    "overlay ppolicy",
    `ppolicy_default cn=policy,${SUFFIX}`,
    // It says *locked* of its own accord, which must not be told on.
    "ppolicy_use_lockout",
    "access to attrs=userPassword by anonymous auth by * none",
    "access to * by users read",
    "",
  ].join("\n");
}

function toLdif([dn, attributes]: [string, SlapdEntries[string]]): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  return [`dn: ${dn}`, ...lines, ""].join("\n");
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    ports.push(typeof address === "object" && address !== null ? address.port : 0);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** The lab's certificate of a name, for a near end that shows it. */
export function labCertificate(name: "ldap.lab.test" | "dc1.lab.test"): { cert: string; key: string } {
  const read = (end: string) => readFileSync(path.join(labDir, `ca/${name}.${end}`), "utf8");
  return { cert: read("crt"), key: read("key") };
}
