import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, ClipboardKind } from "@poterne/wire";
import { HubRig, settle } from "./testing/hub-rig.ts";

test("the clipboard passes by policy, direction, type and size, and leaves only its hash", async () => {
  const rig = new HubRig({ clipboardToTarget: "text", clipboardFromTarget: "off", clipboardMaxBytes: 10 });
  const owner = await rig.open();
  rig.hub.handleClipboard(owner.link, ClipboardKind.text, Buffer.from("bonjour"));
  rig.hub.handleClipboard(owner.link, ClipboardKind.png, Buffer.from("x"));
  rig.hub.handleClipboard(owner.link, ClipboardKind.text, Buffer.from("x".repeat(11)));
  rig.driver?.host.clipboard(ClipboardKind.text, Buffer.from("secret"));
  assert.deepEqual(rig.driver?.clipboards.length, 1);
  const blocks = owner.status
    .filter((message) => message.type === "clipboard-blocked")
    .map(({ reason }) => reason);
  assert.deepEqual(blocks, ["type", "size", "policy"]);
  const recorded = Buffer.concat(rig.recorder.frames.map(({ payload }) => payload)).toString();
  assert.equal(recorded.includes("bonjour"), false);
  assert.match(recorded, /sha256/);
});

test("clipboard contents are recorded only when policy demands it", async () => {
  const rig = new HubRig({ recordClipboardContents: true });
  const owner = await rig.open();
  rig.hub.handleClipboard(owner.link, ClipboardKind.text, Buffer.from("bonjour"));
  const frame = rig.recorder.frames.find(({ channel }) => channel === Channel.clipboard);
  assert.equal(Buffer.from(frame?.payload.subarray(1) ?? []).toString(), "bonjour");
  await settle();
  assert.equal(
    owner.frames.some(({ channel }) => channel === Channel.clipboard),
    false,
  );
});
