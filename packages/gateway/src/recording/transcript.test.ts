import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { FrameFlag } from "@poterne/wire";
import { asciicast } from "./asciicast.ts";
import { activity, entryPoints, markers } from "./player-index.ts";
import { TerminalText } from "./terminal-text.ts";
import {
  markerFrame,
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";
import { readTranscript, searchTranscript, transcriptFileName } from "./transcript.ts";

let setup: TestRecordings;
before(async () => {
  setup = await testRecordings();
});
after(() => setup.dispose());

function linesOf(...outputs: string[]): string[] {
  const text = new TerminalText();
  const lines = outputs.flatMap((output, at) => text.push(Buffer.from(output), at));
  return [...lines, ...text.finish()].map((line) => line.text);
}

test("terminal text comes out as the lines that were seen", () => {
  assert.deepEqual(linesOf("one\r\ntwo\r\n"), ["one", "two"]);
  assert.deepEqual(linesOf("abc\b\b\bxy\r\n"), ["xyc"]);
  assert.deepEqual(linesOf("progress 10%\rprogress 99%\r\n"), ["progress 99%"]);
  assert.deepEqual(linesOf("long command\r\x1b[Kls\r\n"), ["ls"]);
  assert.deepEqual(linesOf("a\tb\x1b[2Cc\r\n"), ["a       b  c"]);
});

test("escape sequences never show, whatever way they are split", () => {
  const output =
    "\x1b]0;title\x07\x1b[1;31mred\x1b[0m \x1bP+q544e\x1b\\text\x1b(B\r\n\x1b[2J\x1b[5;3Hmenu\x1b[6;3Hquit";
  const expected = ["red text", "  menu", "  quit"];
  assert.deepEqual(linesOf(output), expected);
  assert.deepEqual(linesOf(...output), expected);
});

test("UTF-8 split between two frames stays whole", () => {
  const text = new TerminalText();
  const bytes = Buffer.from("été\n");
  const lines = [...text.push(bytes.subarray(0, 1), 1), ...text.push(bytes.subarray(1), 2)];
  assert.deepEqual(lines, [{ ms: 2, text: "été" }]);
});

test("any bytes give lines of a bounded length", () => {
  const text = new TerminalText();
  for (let at = 0; at < 300; at++)
    for (const line of text.push(setup.environment.randomBytes(500), at))
      assert.ok(line.text.length <= 4_000);
  assert.deepEqual(
    linesOf(`${"x".repeat(2_000)}${"y".repeat(3_000)}`).map(({ length }) => length),
    [2_000, 2_000, 1_000],
  );
});

async function record() {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(markerFrame(0, { type: "resize", columns: 100, rows: 30, widthPx: 0, heightPx: 0 }));
  recorder.write(textFrame(100, "$ cat /etc/Hostname\r\nweb1.example.org\r\n"));
  recorder.write(markerFrame(500, { type: "resize", columns: 100, rows: 30 }, FrameFlag.entryStart));
  recorder.write(textFrame(500, "$ cat /etc/Hostname\r\nweb1.example.org\r\n", FrameFlag.entryEnd));
  recorder.write(markerFrame(700, { type: "resize", columns: 80, rows: 24 }));
  recorder.write(textFrame(900, "$ exit\r\n"));
  recorder.write({ ...markerFrame(950, { path: "/tmp/a", sizeBytes: 3 }), channel: 6 });
  await recorder.finish({ code: "closed-by-person" });
  const row = await setup.recordings.parts.rows.find(header.sessionId);
  assert.ok(row !== null);
  return setup.recordings.library.open(row, "test");
}

test("a search finds text with its time, once, and the transcript is kept encrypted", async () => {
  const recording = await record();
  const { storage, environment } = setup.recordings.parts;
  const file = path.join(setup.folder, transcriptFileName(recording.row.file_name));
  for (let round = 0; round < 2; round++) {
    const transcript = await readTranscript(storage, recording, environment.randomBytes);
    const { hits } = searchTranscript(transcript, "HOSTNAME");
    assert.deepEqual(hits, [{ ms: 100, line: "$ cat /etc/Hostname", start: 11, length: 8 }]);
    assert.deepEqual(searchTranscript(transcript, "100").hits, []);
    assert.deepEqual(searchTranscript(transcript, ".*(").hits, []);
    await access(file);
  }
  await recording.close();
});

test("a terminal recording is exported as asciicast v2 without the repeated screen", async () => {
  let text = "";
  for await (const bytes of asciicast(await record())) text += Buffer.from(bytes).toString("utf8");
  const [header, ...events] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(header.version, 2);
  assert.deepEqual([header.width, header.height], [100, 30]);
  assert.deepEqual(events, [
    [0.1, "o", "$ cat /etc/Hostname\r\nweb1.example.org\r\n"],
    [0.7, "r", "80x24"],
    [0.9, "o", "$ exit\r\n"],
  ]);
});

test("the player's index tells entry points, markers and activity", async () => {
  const recording = await record();
  assert.deepEqual(
    entryPoints(recording).map(({ ms }) => ms),
    [0, 500],
  );
  const found = await markers(recording);
  assert.deepEqual(
    found.markers.map(({ ms, marker }) => [ms, marker.type]),
    [
      [0, "resize"],
      [500, "resize"],
      [700, "resize"],
      [950, "file"],
    ],
  );
  const { bucketMs, bytes } = activity(recording, 10);
  assert.ok(bytes.length * bucketMs >= recording.durationMs);
  assert.ok(bytes.every((count) => count >= 0) && (bytes[0] ?? 0) > 0);
  await recording.close();
});
