import assert from "node:assert/strict";
import { it } from "node:test";
import { isHostPort, readServers, writeServers } from "./provider-text.ts";

it("reads servers from lines and writes them back", () => {
  const text = "dc1.example.org:636\n[2001:db8::1]:636\n\n 10.0.0.1:389 ";
  const servers = readServers(text);
  assert.deepEqual(servers, [
    { host: "dc1.example.org", port: 636 },
    { host: "2001:db8::1", port: 636 },
    { host: "10.0.0.1", port: 389 },
  ]);
  assert.deepEqual(readServers(writeServers(servers)), servers);
  assert.equal(isHostPort(text), true);
  for (const wrong of ["dc1", "dc1:", "dc1:0", "dc1:70000", ":636"])
    assert.equal(isHostPort(wrong), false, wrong);
});
