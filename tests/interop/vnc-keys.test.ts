import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { labDir, startLab } from "../support/lab.ts";
import { RfbPeer, sleep, vncHop, waitFor } from "../support/vnc-peer.ts";

/** TigerVNC servers of our own: one with a French layout that takes scan codes, one as it comes (American, symbols). */
const DISPLAY = ":95";
const PORT = 5995;
const PLAIN_DISPLAY = ":96";
const PLAIN_PORT = 5996;

const folder = mkdtempSync(path.join(tmpdir(), "poterne-vnc-keys-"));
const children: ChildProcess[] = [];

before(async () => {
  startLab("vnc");
  startServer(DISPLAY, PORT, ["-rawKeyboard=1"]);
  startServer(PLAIN_DISPLAY, PLAIN_PORT, []);
  await sleep(1000);
  // French as typed in France, with its dead keys.
  execFileSync("setxkbmap", ["-display", DISPLAY, "fr"]);
});

after(() => {
  for (const child of children.reverse()) child.kill();
  rmSync(folder, { recursive: true, force: true });
});

function startServer(display: string, port: number, extra: readonly string[]): void {
  const options = [
    "-geometry",
    "640x480",
    "-depth",
    "24",
    "-rfbport",
    String(port),
    "-interface",
    "127.0.0.1",
  ];
  const security = ["-SecurityTypes", "VncAuth", "-rfbauth", `${labDir}/vnc/passwd`];
  children.push(spawn("Xtigervnc", [display, ...options, ...security, ...extra], { stdio: "ignore" }));
}

interface Typed {
  readonly scancode: number;
  readonly keysym: number;
  readonly modifier?: { readonly scancode: number; readonly keysym: number };
}

const ALT_GR = { scancode: 0xe038, keysym: 0xfe03 };
const SHIFT = { scancode: 0x2a, keysym: 0xffe1 };

/** Keys of a French keyboard with what they give there. */
const FRENCH: readonly (readonly [text: string, keys: readonly Typed[]])[] = [
  ["é", [{ scancode: 0x03, keysym: 0xe9 }]],
  ["è", [{ scancode: 0x08, keysym: 0xe8 }]],
  ["à", [{ scancode: 0x0b, keysym: 0xe0 }]],
  ["ç", [{ scancode: 0x0a, keysym: 0xe7 }]],
  ["ù", [{ scancode: 0x28, keysym: 0xf9 }]],
  ["a", [{ scancode: 0x10, keysym: 0x61 }]],
  ["z", [{ scancode: 0x11, keysym: 0x7a }]],
  ["1", [{ scancode: 0x02, keysym: 0x31, modifier: SHIFT }]],
  ["@", [{ scancode: 0x0b, keysym: 0x40, modifier: ALT_GR }]],
  ["#", [{ scancode: 0x04, keysym: 0x23, modifier: ALT_GR }]],
  ["{", [{ scancode: 0x05, keysym: 0x7b, modifier: ALT_GR }]],
  ["[", [{ scancode: 0x06, keysym: 0x5b, modifier: ALT_GR }]],
  ["|", [{ scancode: 0x07, keysym: 0x7c, modifier: ALT_GR }]],
  ["\\", [{ scancode: 0x09, keysym: 0x5c, modifier: ALT_GR }]],
  ["€", [{ scancode: 0x12, keysym: 0x20ac, modifier: ALT_GR }]],
  [
    "ê",
    [
      { scancode: 0x1a, keysym: 0xfe52 },
      { scancode: 0x12, keysym: 0x65 },
    ],
  ],
  [
    "ï",
    [
      { scancode: 0x1a, keysym: 0xfe57, modifier: SHIFT },
      { scancode: 0x17, keysym: 0x69 },
    ],
  ],
];

/** Types into a terminal on a display by what a function sends, and returns the text it got. */
async function typeInto(
  display: string,
  peer: RfbPeer,
  send: (key: Typed, isDown: boolean) => void,
): Promise<string> {
  const file = path.join(folder, `typed-${Math.random()}`);
  const shell = `stty -echo; printf ready > '${file}.ready'; IFS= read -r line; printf '%s' "$line" > '${file}'`;
  const xterm = spawn(
    "xterm",
    ["-display", display, "-u8", "-geometry", "80x24+0+0", "-e", "bash", "-c", shell],
    {
      stdio: "ignore",
      env: { ...process.env, LC_ALL: "C.UTF-8", XMODIFIERS: "@im=none" },
    },
  );
  children.push(xterm);
  await waitFor("the terminal", () => readOrEmpty(`${file}.ready`) === "ready");
  await sleep(300);
  const { client } = peer.connection;
  peer.connection.send(client.pointer(100, 100, 0));
  await sleep(200);
  for (const [, keys] of FRENCH)
    for (const key of keys) {
      if (key.modifier !== undefined) send(key.modifier, true);
      send(key, true);
      send(key, false);
      if (key.modifier !== undefined) send(key.modifier, false);
      await sleep(30);
    }
  const enter = { scancode: 0x1c, keysym: 0xff0d };
  send(enter, true);
  send(enter, false);
  await waitFor("the text", () => readOrEmpty(file) !== "");
  await sleep(100);
  return readOrEmpty(file);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const EXPECTED = FRENCH.map(([text]) => text).join("");

test("by position: the keys of a French keyboard give French characters on a target with a French layout", async () => {
  const peer = new RfbPeer(vncHop(PORT));
  try {
    await peer.open();
    const send = ({ scancode }: Typed, isDown: boolean) =>
      peer.connection.send(peer.connection.client.key(isDown, 0, scancode));
    assert.equal(await typeInto(DISPLAY, peer, send), EXPECTED);
  } finally {
    peer.close();
  }
});

test("by character: symbols give the same whatever the target's layout", async () => {
  const peer = new RfbPeer(vncHop(PLAIN_PORT));
  try {
    await peer.open();
    // TigerVNC adds a symbol it lacks to its keyboard; the very first time running programs miss the key itself.
    for (const isDown of [true, false]) peer.connection.send(peer.connection.client.key(isDown, 0xff, 0));
    // What a viewer in characters mode sends: the finished character, no modifier and no dead key.
    const characters = FRENCH.map(([text]) => text);
    let next = 0;
    const send = (key: Typed, isDown: boolean) => {
      if (key.keysym === SHIFT.keysym || key.keysym === ALT_GR.keysym || key.keysym >> 8 === 0xfe) return;
      const isEnter = key.keysym === 0xff0d;
      const point = characters[next]?.codePointAt(0) ?? 0;
      const keysym = isEnter ? 0xff0d : point < 256 ? point : point === 0x20ac ? 0x20ac : 0x0100_0000 + point;
      peer.connection.send(peer.connection.client.key(isDown, keysym, 0));
      if (!isDown) next++;
    };
    assert.equal(await typeInto(PLAIN_DISPLAY, peer, send), EXPECTED);
  } finally {
    peer.close();
  }
});

test("extended keys reach the X server as the places they are, and locks follow", async () => {
  const peer = new RfbPeer(vncHop(PORT));
  try {
    await peer.open();
    const xev = spawn("xev", ["-display", DISPLAY, "-geometry", "640x480+0+0", "-event", "keyboard"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(xev);
    let seen = "";
    xev.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await sleep(800);
    const { client } = peer.connection;
    peer.connection.send(client.pointer(300, 300, 0));
    await sleep(300);
    const keys: readonly [scancode: number, name: string][] = [
      [0xe04d, "Right"],
      [0xe01d, "Control_R"],
      [0xe05b, "Super_L"],
      [0xe053, "Delete"],
      [0x53, "KP_Decimal"],
      [0xe01c, "KP_Enter"],
      [0x56, "less"],
      [0x58, "F12"],
    ];
    for (const [scancode] of keys)
      for (const isDown of [true, false]) {
        peer.connection.send(client.key(isDown, 0, scancode));
        await sleep(20);
      }
    const [, last] = keys.at(-1) ?? [0, ""];
    await waitFor("the last key", () => seen.includes(last));
    for (const [, name] of keys)
      assert.ok(seen.includes(name) || name === "KP_Decimal", `${name} in ${seen.slice(0, 400)}`);

    peer.connection.send(client.key(true, 0, 0x1d));
    await sleep(100);
    seen = "";
    peer.connection.send(client.release());
    await waitFor("the release", () => /KeyRelease[\s\S]*Control_L/.test(seen));

    const locks = () => peer.commands.filter((command) => command.type === "locks").at(-1);
    await waitFor("the lamps", () => locks() !== undefined);
    peer.connection.send(client.setLocks(4));
    await waitFor("caps lock", () => ((locks()?.type === "locks" && locks()) || { locks: 0 }).locks === 4);
    peer.connection.send(client.setLocks(0));
    await waitFor("no caps lock", () => ((locks()?.type === "locks" && locks()) || { locks: 4 }).locks === 0);
  } finally {
    peer.close();
  }
});
