// Which test files may run side by side: those that name the same server of the lab share its desktop, its accounts or its
// entries and run one after the other; all others do not know of each other.
import { readFileSync } from "node:fs";

/**
 * Servers of the lab with a state that tests share, by the name a test uses. xrdp's two versions show the desktops of
 * the same two people, whose processes tests end. The SSH and Telnet servers are left out: nothing is kept there.
 */
const SHARED: Readonly<Record<string, string>> = {
  vnc: "vnc",
  "vnc-tls": "vnc-tls",
  x11vnc: "x11vnc",
  xrdp: "xrdp",
  xrdp10: "xrdp",
  shadow2: "shadow2",
  shadow3: "shadow3",
  "shadow3-krb": "shadow3-krb",
  "shadow3-ad": "shadow3-ad",
  weston: "weston",
  grd: "grd",
  "mit-kdc": "mit-kdc",
  "samba-ad": "samba-ad",
  "kdc-proxy": "kdc-proxy",
  slapd: "slapd",
  smtp: "smtp",
  idp: "idp",
  rsyslog: "rsyslog",
};

/** A test file and what of the lab it must have for itself. */
export interface TestFile {
  /** Absolute. */
  readonly file: string;
  readonly shares: ReadonlySet<string>;
}

/** Reads what a test file shares from the names of the lab's servers it quotes or has as keys. */
export function readTestFile(file: string): TestFile {
  return { file, shares: new Set(namedServers(file).map((name) => SHARED[name] as string)) };
}

/** The lab's servers with a state that a test file names, each once. */
export function namedServers(file: string): readonly string[] {
  const named = readFileSync(file, "utf8").matchAll(/"([a-z0-9-]+)"|\b([a-z0-9]+):/g);
  const names = new Set([...named].map(([, quoted, key]) => quoted ?? key ?? ""));
  return [...names].filter((name) => Object.hasOwn(SHARED, name));
}

/** Files in the order in which they should begin: those that most others wait for first, then as given. */
export function byContention(files: readonly TestFile[]): readonly TestFile[] {
  const users = new Map<string, number>();
  for (const { shares } of files) for (const name of shares) users.set(name, (users.get(name) ?? 0) + 1);
  const rivals = ({ shares }: TestFile) => Math.max(0, ...[...shares].map((name) => users.get(name) ?? 0));
  return [...files].sort((a, b) => rivals(b) - rivals(a));
}

/** The first file that shares nothing with those that run now; null when there is none at the moment. */
export function nextFile(waiting: readonly TestFile[], running: ReadonlySet<TestFile>): TestFile | null {
  const taken = new Set([...running].flatMap(({ shares }) => [...shares]));
  return waiting.find(({ shares }) => ![...shares].some((name) => taken.has(name))) ?? null;
}
