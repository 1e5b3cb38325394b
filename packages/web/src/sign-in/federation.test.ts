import assert from "node:assert/strict";
import { it } from "node:test";
import { federationAnswer } from "./federation.ts";

it("takes for a federation's answer only a query with a state and a code or an error", () => {
  assert.equal(federationAnswer("?code=a&state=b&iss=c"), "code=a&state=b&iss=c");
  assert.equal(federationAnswer("?error=access_denied&state=b"), "error=access_denied&state=b");
  for (const search of ["", "?to=%2Fjournal", "?state=b", "?code=a", "?to=state%3Db%26code%3Da"])
    assert.equal(federationAnswer(search), null, search);
});
