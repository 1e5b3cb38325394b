import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPath } from "./call.ts";

test("parameters are encoded into the path and cannot leave their place", () => {
  assert.equal(
    buildPath("/api/v1/people/:personId", { personId: "../x?y" }, {}),
    "/api/v1/people/..%2Fx%3Fy",
  );
});

test("empty filters are left out of the query", () => {
  const query = { search: "", cursor: null, siteId: undefined, limit: 0, isLive: false };
  assert.equal(buildPath("/api/v1/sessions", {}, query), "/api/v1/sessions?limit=0&isLive=false");
});
