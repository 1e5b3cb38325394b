import assert from "node:assert/strict";
import { test } from "node:test";
import {
  closeEmergency,
  decideRequest,
  decideVendorPass,
  endCheckout,
  linkPeople,
  setCheckoutRule,
  setFactorRules,
  unlinkPerson,
} from "@poterne/contract";

test("who approves, closes, takes back, links or rules on factors gives a factor again just before", () => {
  const routes = [
    decideRequest,
    closeEmergency,
    decideVendorPass,
    endCheckout,
    setCheckoutRule,
    linkPeople,
    unlinkPerson,
    setFactorRules,
  ];
  for (const route of routes) assert.equal(route.needsFreshFactor, true, route.summary);
});
