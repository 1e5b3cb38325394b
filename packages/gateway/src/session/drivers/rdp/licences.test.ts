import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeptLicence, LicenceShelf } from "../../driver.ts";
import { RdpLicences } from "./licences.ts";

const WISH = { version: 0x60003, companyName: "Microsoft Corporation", productId: "A02", scopes: ["a", "b"] };
const issued = (scope: string, version: number) => ({
  version,
  scope,
  companyName: WISH.companyName,
  productId: WISH.productId,
  bytes: Buffer.from(`${scope} ${version}`),
});

/** A shelf in memory, as many sessions share it. */
function makeShelf(): LicenceShelf & { readonly rows: Map<string, KeptLicence> } {
  const rows = new Map<string, KeptLicence>();
  return {
    rows,
    hardwareId: new Uint8Array(16).fill(3),
    load: async () => [...rows.values()],
    keep: async (licence) => void rows.set(licence.key, licence),
    forget: async (key) => void rows.delete(key),
  };
}

async function open(shelf: LicenceShelf): Promise<RdpLicences> {
  const licences = new RdpLicences(shelf);
  await licences.load();
  return licences;
}

test("a licence is found by issuer, company and product, of several the newest version", async () => {
  const shelf = makeShelf();
  const first = await open(shelf);
  assert.equal(first.find(WISH), null);
  await first.keep(issued("a", 0x50002));
  await first.keep(issued("b", 0x60001));
  await first.keep(issued("c", 0x90000));
  const second = await open(shelf);
  assert.equal(Buffer.from(second.find(WISH) ?? []).toString(), `b ${0x60001}`);
  assert.equal(Buffer.from(second.find({ ...WISH, scopes: ["a"] }) ?? []).toString(), `a ${0x50002}`);
  for (const other of [{ productId: "A03" }, { companyName: "Other" }, { scopes: ["d"] }, { scopes: [] }])
    assert.equal(second.find({ ...WISH, ...other }), null);
});

test("an upgraded licence takes the place of the one like it", async () => {
  const shelf = makeShelf();
  const licences = await open(shelf);
  await licences.keep(issued("a", 1));
  await licences.keep(issued("a", 2));
  assert.equal(shelf.rows.size, 1);
  assert.equal(Buffer.from(licences.find(WISH) ?? []).toString(), "a 2");
});

test("a licence that was shown and refused is forgotten; other ends and licences not shown are let be", async () => {
  const shelf = makeShelf();
  const licences = await open(shelf);
  await licences.keep(issued("a", 1));
  await licences.ended("licence-refused");
  assert.equal(shelf.rows.size, 1, "it was not shown");
  licences.find(WISH);
  await licences.ended("wrong-password");
  assert.equal(shelf.rows.size, 1);
  licences.find(WISH);
  await licences.ended("licence-refused");
  assert.equal(shelf.rows.size, 0);
  assert.equal(licences.find(WISH), null);
});
