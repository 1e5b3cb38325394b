import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  CsvError,
  decodeText,
  findSeparator,
  formatRecord,
  MAX_CELL,
  MAX_COLUMNS,
  parseCsv,
  restoreCell,
} from "./csv.ts";

const cellsOf = async (text: string, separator: "," | ";" | "\t" = ",") =>
  (await parseCsv(text, { separator, maxRecords: 1000 })).map((record) => record.cells);

describe("CSV", () => {
  test("reads quotes, line ends of all systems and says where a record begins", async () => {
    const records = await parseCsv('a,b\r\n"x ""y""\nz",2\n\n3,4\r5,6', { separator: ",", maxRecords: 10 });
    assert.deepEqual(records, [
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ['x "y"\nz', "2"] },
      { line: 5, cells: ["3", "4"] },
      { line: 6, cells: ["5", "6"] },
    ]);
  });

  test("finds the separator of French, English and tabbed files", () => {
    assert.equal(findSeparator("site;machine;adresses\na,b;c;d"), ";");
    assert.equal(findSeparator("site,machine"), ",");
    assert.equal(findSeparator("site\tmachine\n"), "\t");
    assert.equal(findSeparator('"a;b",c'), ",");
    assert.equal(findSeparator("site"), ",");
  });

  test("reads UTF-8 with and without mark, UTF-16 and Windows-1252", () => {
    const text = "Évreux;né";
    assert.equal(decodeText(Buffer.from(`\ufeff${text}`)), text);
    assert.equal(decodeText(Buffer.from(text)), text);
    assert.equal(decodeText(Buffer.from(`\ufeff${text}`, "utf16le")), text);
    assert.equal(decodeText(Buffer.from(text, "latin1")), text);
  });

  test("refuses what has no end or is too large", async () => {
    for (const text of ['"open', '"a"b', "a".repeat(MAX_CELL + 1), ",".repeat(MAX_COLUMNS)]) {
      await assert.rejects(cellsOf(text), CsvError);
    }
    await assert.rejects(parseCsv("1\n2\n3", { separator: ",", maxRecords: 2 }), CsvError);
  });

  test("neutralises formulas of spreadsheets, and gives the cell back as it was", async () => {
    for (const cell of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=x", "'=x", "''=x", "\r=x"]) {
      const written = formatRecord([cell, "end"], ";");
      assert.ok(!/^"?[=+\-@\t\r]/.test(written), written);
      const [cells] = await cellsOf(written, ";");
      assert.equal(restoreCell(cells?.[0] ?? ""), cell);
    }
    assert.equal(restoreCell("'quoted'"), "'quoted'");
  });

  test("whatever is written is read back", async () => {
    const cell = fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !text.includes("\ufeff"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 2, maxLength: 6 }),
        fc.constantFrom(",", ";", "\t"),
        async (cells, separator) => {
          const [read] = await cellsOf(formatRecord(cells, separator as ","), separator as ",");
          assert.deepEqual(read?.map(restoreCell), cells);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("any bytes end in records or in an error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const text = decodeText(bytes);
        await parseCsv(text, { separator: findSeparator(text), maxRecords: 50 }).catch((error: unknown) => {
          assert.ok(error instanceof CsvError);
        });
      }),
      { numRuns: 300 },
    );
  });
});
