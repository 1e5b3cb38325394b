import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type ZipEntry, ZipWriter } from "./zip-writer.ts";

const folder = mkdtempSync(path.join(tmpdir(), "poterne-zip-"));
after(() => rmSync(folder, { recursive: true }));

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part, "utf8");
}

function entry(name: string, sizeBytes: number): ZipEntry {
  const isFolder = name.endsWith("/");
  return {
    name,
    modifiedAtMs: Date.UTC(2026, 10, 21, 12, 30, 8),
    mode: isFolder ? 0o40755 : 0o100640,
    sizeBytes,
  };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return parts;
}

/** What Python's zipfile, another implementation, reads: names, sizes, modes, and whether every checksum is right. */
function readWithPython(archive: Uint8Array): {
  bad: string | null;
  entries: [string, number, number, number[]][];
} {
  const file = path.join(folder, "archive.zip");
  writeFileSync(file, archive);
  const program =
    "import zipfile,json,sys\nz=zipfile.ZipFile(sys.argv[1])\n" +
    "print(json.dumps({'bad':z.testzip(),'entries':[[i.filename,i.file_size,i.external_attr>>16,list(i.date_time)] for i in z.infolist()]}))";
  return JSON.parse(execFileSync("python3", ["-c", program, file], { encoding: "utf8", maxBuffer: 1 << 28 }));
}

test("another implementation reads names, sizes, times, modes and contents", async () => {
  const writer = new ZipWriter();
  const text = "bonjour ".repeat(10_000);
  const parts = [
    ...(await collect(writer.entry(entry("dossier/", 0), chunks()))),
    ...(await collect(
      writer.entry(entry("dossier/été €.txt", text.length), chunks(text.slice(0, 100), text.slice(100))),
    )),
    ...(await collect(writer.entry(entry("empty", 0), chunks()))),
    ...writer.finish(),
  ];
  const time = [2026, 11, 21, 12, 30, 8];
  assert.deepEqual(readWithPython(Buffer.concat(parts)), {
    bad: null,
    entries: [
      ["dossier/", 0, 0o40755, time],
      ["dossier/été €.txt", text.length, 0o100640, time],
      ["empty", 0, 0o100640, time],
    ],
  });
});

test("a file announced over 4 GB and more than 65535 entries use ZIP64", async () => {
  const writer = new ZipWriter();
  const parts = await collect(writer.entry(entry("large", 5_000_000_000), chunks("in truth small")));
  for (let index = 0; index < 65_600; index++)
    parts.push(...(await collect(writer.entry(entry(`f${index}/`, 0), chunks()))));
  parts.push(...writer.finish());
  const { bad, entries } = readWithPython(Buffer.concat(parts));
  assert.equal(bad, null);
  assert.equal(entries.length, 65_601);
  assert.deepEqual(entries[0]?.slice(0, 2), ["large", 14]);
});

test("a content that fails makes the archive fail", async () => {
  const writer = new ZipWriter();
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("half");
    throw new Error("the target has gone");
  };
  await assert.rejects(collect(writer.entry(entry("a", 100), failing())), /the target has gone/);
});
