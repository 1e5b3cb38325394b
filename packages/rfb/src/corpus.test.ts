import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { RfbClient } from "./client.ts";
import { OPEN_OPTIONS } from "./testing/server-bytes.ts";

const FOLDER = new URL("../corpus/", import.meta.url);

/** What once was, or could have been, trouble: each file is what a server sends from its first byte on. */
for (const name of readdirSync(FOLDER))
  test(`corpus ${name}: an answer or an error, never a crash`, () => {
    const bytes = readFileSync(new URL(name, FOLDER));
    for (const stepBytes of [1, 7, bytes.length]) {
      const client = new RfbClient(OPEN_OPTIONS);
      for (let at = 0; at < bytes.length; at += stepBytes)
        client.receive(bytes.subarray(at, at + stepBytes), at);
      client.requestEntryPoint(1000);
      assert.ok(client.historyBytes < 2 * 1024 * 1024);
    }
  });
