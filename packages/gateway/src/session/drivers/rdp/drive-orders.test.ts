import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type DriveCreate, type DriveIrp, type DriveOrder, DriveStatus } from "@poterne/rdp";
import type { FileEvent } from "@poterne/wire";
import fc from "fast-check";
import { DriveEvidence } from "../../drive/drive-evidence.ts";
import { DriveFolder } from "../../drive/drive-folder.ts";
import { DriveOrders, MAX_DRIVE_HANDLES } from "./drive-orders.ts";

let base: string;
let told: FileEvent[];

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), "poterne-orders-"));
  writeFileSync(path.join(base, "secret"), "secret");
  told = [];
});
afterEach(() => rmSync(base, { recursive: true }));

async function makeOrders(mayChange = true): Promise<DriveOrders> {
  const folder = await DriveFolder.open({
    root: path.join(base, "drive"),
    quotaBytes: 200_000,
    maxFileBytes: 50_000,
  });
  const evidence = new DriveEvidence(folder, async (event) => void told.push(event));
  return new DriveOrders(folder, evidence, mayChange);
}

const irp = (fileId: number, order: DriveOrder): DriveIrp => ({
  deviceId: 1,
  fileId,
  completionId: 1,
  major: 0,
  minor: 0,
  order,
});
const create = (name: readonly string[] | null, changes: Partial<DriveCreate> = {}): DriveCreate => ({
  type: "create",
  path: name,
  wantsChange: false,
  disposition: 3,
  mustBeFolder: false,
  mustBeFile: false,
  deleteOnClose: false,
  ...changes,
});

async function openFile(orders: DriveOrders, order: DriveCreate): Promise<number> {
  const { status, result } = await orders.carryOut(irp(0, order));
  assert.equal(status, DriveStatus.SUCCESS);
  return new DataView(result.buffer, result.byteOffset).getUint32(0, true);
}

test("a file is made, written, closed with its hash, read again and deleted", async () => {
  const orders = await makeOrders();
  const file = await openFile(orders, create(["a"]));
  const data = Buffer.from("bonjour");
  assert.equal((await orders.carryOut(irp(file, { type: "write", offset: 0, data }))).status, 0);
  assert.equal((await orders.carryOut(irp(file, { type: "close" }))).status, 0);
  const again = await openFile(orders, create(["a"], { disposition: 1 }));
  const { result } = await orders.carryOut(irp(again, { type: "read", offset: 3, length: 100 }));
  assert.equal(Buffer.from(result.subarray(4)).toString(), "jour");
  await orders.carryOut(irp(again, { type: "setDeleted", isDeleted: true }));
  await orders.carryOut(irp(again, { type: "close" }));
  assert.deepEqual(
    told.map(({ direction, path: shown, sizeBytes }) => `${direction} ${shown} ${sizeBytes}`),
    ["from-target /Poterne/a 7", "to-target /Poterne/a 7"],
  );
  assert.deepEqual(readdirSync(path.join(base, "drive")), []);
});

test("handles have a limit, and those of others or of nobody do nothing", async () => {
  const orders = await makeOrders();
  for (let count = 0; count < MAX_DRIVE_HANDLES; count++)
    await openFile(orders, create([], { disposition: 1 }));
  assert.equal((await orders.carryOut(irp(0, create([])))).status, DriveStatus.TOO_MANY_OPENED_FILES);
  assert.equal(
    (await orders.carryOut(irp(9999, { type: "read", offset: 0, length: 1 }))).status,
    DriveStatus.INVALID_HANDLE,
  );
  await orders.close();
  assert.equal((await orders.carryOut(irp(1, { type: "close" }))).status, DriveStatus.INVALID_HANDLE);
});

test("where the target may change nothing, everything that would is refused", async () => {
  const maker = await makeOrders();
  await openFile(maker, create(["there"]));
  await maker.close();
  const orders = await makeOrders(false);
  const { ACCESS_DENIED } = DriveStatus;
  for (const order of [
    create(["new"]),
    create(["there"], { disposition: 5 }),
    create(["there"], { disposition: 1, wantsChange: true }),
    create(["there"], { disposition: 1, deleteOnClose: true }),
    create(["folder"], { mustBeFolder: true }),
  ])
    assert.equal((await orders.carryOut(irp(0, order))).status, ACCESS_DENIED);
  const file = await openFile(orders, create(["there"], { disposition: 1 }));
  for (const order of [
    { type: "write", offset: 0, data: new Uint8Array(1) },
    { type: "setSize", sizeBytes: 0 },
    { type: "setTime", modifiedAtMs: 1 },
    { type: "setDeleted", isDeleted: true },
    { type: "rename", path: ["other"], mayReplace: true },
  ] satisfies DriveOrder[])
    assert.equal((await orders.carryOut(irp(file, order))).status, ACCESS_DENIED, order.type);
  await orders.close();
});

/** Names a hostile server could send: good ones, and all that lead somewhere else. */
const names = fc.constantFrom(
  "a",
  "b",
  "dir",
  "..",
  ".",
  "",
  "a/b",
  "a\\b",
  "secret",
  "x".repeat(300),
  "a\0",
  "nul",
);
const paths = fc.option(fc.array(names, { maxLength: 3 }), { nil: null });
const offsets = fc.constantFrom(0, 1, 4096, 60_000, 2 ** 53 - 1);
const orders: fc.Arbitrary<DriveOrder> = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    path: paths,
    wantsChange: fc.boolean(),
    disposition: fc.integer({ min: 0, max: 7 }),
    mustBeFolder: fc.boolean(),
    mustBeFile: fc.boolean(),
    deleteOnClose: fc.boolean(),
  }),
  fc.record({ type: fc.constant("read" as const), offset: offsets, length: fc.nat(70_000) }),
  fc.record({
    type: fc.constant("write" as const),
    offset: offsets,
    data: fc.uint8Array({ maxLength: 3000 }),
  }),
  fc.record({ type: fc.constant("rename" as const), path: paths, mayReplace: fc.boolean() }),
  fc.record({ type: fc.constant("setSize" as const), sizeBytes: offsets }),
  fc.record({ type: fc.constant("setDeleted" as const), isDeleted: fc.boolean() }),
  fc.record({
    type: fc.constant("list" as const),
    infoClass: fc.nat(13),
    pattern: fc.constantFrom(null, "*", "?", "a*b*c*"),
  }),
  fc.record({ type: fc.constant("queryFile" as const), infoClass: fc.nat(40) }),
  fc.record({ type: fc.constant("queryVolume" as const), infoClass: fc.nat(10) }),
  fc.constant({ type: "close" as const }),
);

test("whatever a server asks in whatever order, it gets an answer and nothing outside the folder changes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(6), orders), { maxLength: 40 }), async (asked) => {
      const served = await makeOrders();
      for (const [fileId, order] of asked) {
        const { status, result } = await served.carryOut(irp(fileId, order));
        assert.ok(Number.isInteger(status) && result.length < 80_000);
      }
      await served.close();
      assert.deepEqual(readdirSync(base).sort(), ["drive", "secret"]);
      rmSync(path.join(base, "drive"), { recursive: true });
    }),
    { numRuns: 150 },
  );
});
