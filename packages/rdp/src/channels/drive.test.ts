import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteWriter, concatBytes, fromHex, toHex } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { type DriveAction, DriveChannel } from "./drive.ts";
import { encodeDirectoryEntry, encodeFileInformation, encodeVolumeInformation } from "./drive-answers.ts";
import { type DriveOrder, decodeIrp, isDriveName, MAX_DRIVE_IO_BYTES } from "./drive-irps.ts";

/** What xrdp 0.10 says first: its version and a client id, capabilities, the id confirmed, somebody logged on. */
const ANNOUNCE = fromHex("72446e4901000c00a3e820e3");
const CAPABILITIES = fromHex(
  "724450530100000001002c0002000000020000000000000001000c00ffff000000000000070000000000000000000000000000000000",
);
const CONFIRM = fromHex("7244434301000c00a3e820e3");
const LOGGED_ON = fromHex("72444c55");
const TAKEN = fromHex("724472640100000000000000");

const messages = (actions: readonly DriveAction[]) =>
  actions.flatMap((action) => (action.type === "send" ? [toHex(action.message)] : []));
const announces = (actions: readonly DriveAction[]) =>
  messages(actions).filter((message) => message.startsWith("72444144"));

function open(): DriveChannel {
  const drive = new DriveChannel({ computer: "poterne", drive: "Disque" });
  for (const message of [ANNOUNCE, CAPABILITIES, CONFIRM, LOGGED_ON, TAKEN]) drive.receive(message);
  return drive;
}

const u32 = (...values: readonly number[]) => {
  const writer = new ByteWriter();
  for (const value of values) writer.u32le(value);
  return writer.finish();
};
const text = (words: string) => encodeUtf16(`${words}\0`);
/** A request about the drive: device, file and completion, then major, minor and what belongs to it. */
const irp = (major: number, minor: number, ...body: readonly Uint8Array[]) =>
  concatBytes([fromHex("72445249"), u32(1, 7, 9, major, minor), ...body]);
const create = (path: string, fields: { access?: number; disposition?: number; options?: number } = {}) => {
  const { access = 0, disposition = 1, options = 0 } = fields;
  return irp(0, 0, u32(access, 0, 0, 0, 0, disposition, options, text(path).length), text(path));
};
const rename = (path: string) => {
  const body = concatBytes([Uint8Array.of(1, 0), u32(text(path).length), text(path)]);
  return irp(6, 0, u32(10, body.length), new Uint8Array(24), body);
};
const orderOf = (message: Uint8Array): DriveOrder => decodeIrp(new ByteReader(message, "test", 4)).order;

test("our version, name and capabilities answer the server's, the drive is announced once somebody is logged on", () => {
  const drive = new DriveChannel({ computer: "p", drive: "Disque" });
  assert.deepEqual(messages(drive.receive(ANNOUNCE)), [
    "7244434301000c00a3e820e3",
    "72444e4301000000000000000400000070000000",
  ]);
  const [answer = ""] = messages(drive.receive(CAPABILITIES));
  assert.ok(answer.startsWith("724450430200000001002c0002000000"), answer);
  assert.deepEqual(drive.receive(CONFIRM), []);
  assert.deepEqual(announces(drive.receive(LOGGED_ON)).length, 1);
  assert.deepEqual(drive.receive(TAKEN), [{ type: "announced", isAccepted: true }]);
  assert.deepEqual(drive.receive(LOGGED_ON), [], "not twice");
});

test("a server that does not promise to tell of logging on gets the drive when its client id is confirmed", () => {
  const drive = new DriveChannel({ computer: "p", drive: "Disque" });
  drive.receive(ANNOUNCE);
  const without = CAPABILITIES.slice();
  without[without.indexOf(7, 30)] = 3;
  drive.receive(without);
  assert.equal(announces(drive.receive(CONFIRM)).length, 1);
  const late = new DriveChannel({ computer: "p", drive: "Disque" });
  for (const message of [ANNOUNCE, CAPABILITIES, CONFIRM]) late.receive(message);
  assert.equal(announces(late.announce()).length, 1, "or when the host waited long enough");
  assert.equal(announces(late.announce()).length, 0);
});

test("what is asked of a device that was not announced, or before one was, ends it", () => {
  const early = new DriveChannel({ computer: "p", drive: "Disque" });
  assert.throws(() => early.receive(create("\\a")), /not announced/);
  const other = create("\\a").slice();
  other[4] = 2;
  assert.throws(() => open().receive(other), /not announced/);
  assert.throws(() => open().receive(fromHex("52504350")), /printer/);
});

test("requests come decoded, and an answer names the request", () => {
  const drive = open();
  const [action] = drive.receive(create("\\dossier\\été.txt", { options: 0x40 }));
  assert.ok(action?.type === "irp");
  const { order } = action.irp;
  assert.ok(order.type === "create" && order.mustBeFile && !order.mustBeFolder && !order.wantsChange);
  assert.deepEqual(order.path, ["dossier", "été.txt"]);
  assert.deepEqual(messages(drive.complete(action.irp, 0xc0000022, new Uint8Array(5))), [
    "724443490100000009000000220000c00000000000",
  ]);
  assert.deepEqual(orderOf(irp(3, 0, u32(0xffffffff, 5, 1), new Uint8Array(20))), {
    type: "read",
    length: MAX_DRIVE_IO_BYTES,
    offset: 4_294_967_301,
  });
  const write = orderOf(irp(4, 0, u32(3, 8, 0), new Uint8Array(20), Uint8Array.of(1, 2, 3)));
  assert.deepEqual(write, { type: "write", offset: 8, data: Uint8Array.of(1, 2, 3) });
  assert.ok(orderOf(create("\\a", { access: 2 })).type === "create");
  for (const major of [0x0e, 0x11, 0x0b, 0x0d, 0x7fffffff])
    assert.deepEqual(orderOf(irp(major, 0, new Uint8Array(32))), { type: "refuse", major });
  assert.deepEqual(
    orderOf(irp(0x0c, 2, new Uint8Array(32))),
    { type: "refuse", major: 0x0c },
    "change notices",
  );
});

test("a path that leads out of the drive, or to something else than it looks like, is none", () => {
  const names = [
    "..",
    "a\\..\\..\\b",
    "..\\..\\etc\\passwd",
    "a/../../b",
    "C:\\x",
    "a:stream",
    "NUL",
    "com1.txt",
  ];
  const more = ["x ", "x.", "a\u0007b", "a?b", `${"é".repeat(128)}`, Array(40).fill("d").join("\\")];
  for (const path of [...names, ...more]) {
    const order = orderOf(create(path));
    assert.ok(order.type === "create" && order.path === null, path);
    const moved = orderOf(rename(path));
    assert.ok(moved.type === "rename" && moved.path === null, path);
  }
  // A NUL ends a path: what follows it is not looked at.
  const cut = orderOf(create("good\0\\..\\.."));
  assert.ok(cut.type === "create");
  assert.deepEqual(cut.path, ["good"]);
  assert.equal(isDriveName("a".repeat(255)), true);
  assert.equal(isDriveName("a".repeat(256)), false);
});

test("entries, files and volumes are laid out as [MS-FSCC] says", () => {
  const entry = { name: "é", isFolder: false, isReadOnly: false, sizeBytes: 5, modifiedAtMs: 0 };
  const sizes = [1, 2, 3, 12, 99].map((infoClass) => encodeDirectoryEntry(infoClass, entry)?.length ?? null);
  assert.deepEqual(sizes, [66, 70, 95, 14, null]);
  const files = [4, 5, 35, 99].map(
    (infoClass) => encodeFileInformation(infoClass, entry, false)?.length ?? null,
  );
  assert.deepEqual(files, [36, 22, 8, null]);
  const volume = { totalBytes: 8192, freeBytes: 4096 };
  const volumes = [1, 3, 4, 5, 7, 99].map(
    (infoClass) => encodeVolumeInformation(infoClass, volume)?.length ?? null,
  );
  assert.deepEqual(volumes, [31, 24, 8, 26, 32, null]);
});

test("damaged messages are refused, never more", () => {
  const seeds = [
    ANNOUNCE,
    CAPABILITIES,
    create("\\dossier\\fichier.txt"),
    rename("\\b"),
    irp(4, 0, u32(3, 8, 0), new Uint8Array(20), Uint8Array.of(1, 2, 3)),
    irp(0x0c, 1, u32(1), Uint8Array.of(1), u32(6), new Uint8Array(23), text("\\*")),
    irp(6, 0, u32(20, 8), new Uint8Array(24), u32(1, 0)),
    irp(6, 0, u32(4, 36), new Uint8Array(24), new Uint8Array(36)),
  ];
  for (const seed of seeds) assertWithstands(seed, (bytes) => open().receive(bytes));
});
