import assert from "node:assert/strict";
import { test } from "node:test";
import { policyRules } from "@poterne/contract";
import type { Verdict } from "../access/access.ts";
import { requireAttachable, revalidateSession } from "./revalidate.ts";
import { HubRig, settle } from "./testing/hub-rig.ts";

/** When the rig's sessions open. */
const OPENED_MS = 1_000_000;

function allowed(end: Extract<Verdict, { isAllowed: true }>["end"]): Verdict {
  const policy = policyRules.parse({});
  return { isAllowed: true, grantId: "g", policyId: "p", policyName: "P", policy, accounts: [], end };
}

function refused(...reasons: Extract<Verdict, { isAllowed: false }>["reasons"]): Verdict {
  return { isAllowed: false, reasons };
}

async function revalidate(rig: HubRig, verdict: Verdict, sourceAddress = "192.0.2.7") {
  const asked: unknown[] = [];
  const access = {
    decide: async (question: unknown) => {
      asked.push(question);
      return verdict;
    },
  };
  await revalidateSession(rig.hub, { access, atMs: OPENED_MS, sourceAddress });
  return asked;
}

const endCode = (rig: HubRig) => rig.hub.endReason?.code ?? null;

test("the session's end follows its lease: told in hello, warned of, and carried out with its reason", async () => {
  const rig = new HubRig({ maxMinutes: 60 });
  rig.hub.facts.lease.end = { atMs: OPENED_MS + 600_000, code: "hours-over" };
  const owner = await rig.open();
  assert.equal(owner.last("hello")?.policy.endsAtMs, OPENED_MS + 600_000);
  rig.advance(299_000);
  assert.equal(owner.last("warning"), undefined);
  rig.advance(1_000);
  assert.deepEqual(owner.last("warning")?.details, { seconds: 300 });
  rig.advance(240_000);
  assert.deepEqual(owner.last("warning")?.details, { seconds: 60 });
  rig.advance(59_999);
  assert.equal(endCode(rig), null);
  rig.advance(1);
  assert.equal(endCode(rig), "hours-over");
  await settle();
  assert.equal(owner.last("ended")?.code, "hours-over");
  assert.equal(rig.recorder.finishedWith, "hours-over");
});

test("the policy's length still ends a session whose lease is longer", async () => {
  const rig = new HubRig({ maxMinutes: 5 });
  rig.hub.facts.lease.end = { atMs: OPENED_MS + 600_000, code: "grant-over" };
  const owner = await rig.open();
  assert.equal(owner.last("hello")?.policy.endsAtMs, OPENED_MS + 300_000);
  rig.advance(300_000);
  assert.equal(endCode(rig), "time-over");
});

test("a renewed lease moves the end, and the viewers are told once", async () => {
  const rig = new HubRig({ maxMinutes: null });
  rig.hub.facts.lease.end = { atMs: OPENED_MS + 60_000, code: "grant-over" };
  const owner = await rig.open();
  const asked = await revalidate(rig, allowed({ atMs: OPENED_MS + 120_000, code: "grant-over" }));
  assert.deepEqual((asked[0] as { held: unknown }).held, rig.hub.facts.lease);
  assert.equal(owner.last("ends-at")?.endsAtMs, OPENED_MS + 120_000);
  await revalidate(rig, allowed({ atMs: OPENED_MS + 120_000, code: "grant-over" }));
  assert.equal(owner.status.filter(({ type }) => type === "ends-at").length, 1);
  rig.advance(60_000);
  assert.equal(endCode(rig), null);
  rig.advance(60_000);
  assert.equal(endCode(rig), "grant-over");
});

test("a session that is refused again ends with the reason of its own grant", async () => {
  for (const [reason, grantId, code] of [
    ["outside-hours", "g", "hours-over"],
    ["grant-expired", "g", "grant-over"],
    ["source-refused", null, "source-refused"],
    ["no-grant", null, "ended-by-revocation"],
    ["outside-hours", "another", "ended-by-revocation"],
    ["person-disabled", null, "ended-by-revocation"],
  ] as const) {
    const rig = new HubRig();
    await rig.open();
    await revalidate(rig, refused({ reason, grantId }));
    assert.equal(endCode(rig), code, `${reason} of ${grantId}`);
  }
});

test("limits of live sessions end none, and no other refusal stops a re-attach but the address", async () => {
  const rig = new HubRig();
  await rig.open();
  await revalidate(rig, refused({ reason: "sessions-in-total", grantId: "g" }));
  assert.equal(endCode(rig), null);
  const attach = (verdict: Verdict) =>
    requireAttachable(rig.hub, {
      access: { decide: async () => verdict },
      atMs: OPENED_MS,
      sourceAddress: "",
    });
  await attach(refused({ reason: "sessions-per-person", grantId: "g" }));
  await assert.rejects(attach(refused({ reason: "source-refused", grantId: "g" })), {
    code: "source-refused",
  });
});
