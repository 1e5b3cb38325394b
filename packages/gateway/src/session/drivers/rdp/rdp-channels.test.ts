import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { policyRules } from "@poterne/contract";
import { CLIPRDR, RDPDR } from "@poterne/rdp";
import { journaledEnd } from "../../hub-facts.ts";
import { DriverHarness } from "../../testing/driver-harness.ts";
import { unexpectedFailure } from "./failures.ts";
import { RdpChannels } from "./rdp-channels.ts";

const base = mkdtempSync(path.join(tmpdir(), "poterne-channels-"));
after(() => rmSync(base, { recursive: true }));

let made = 0;

/** The channels under a policy, with a host that only remembers. */
function makeChannels(rules: Parameters<typeof policyRules.parse>[0], hasFolders = true) {
  // Each has a folder of its own: closing removes it a little later.
  const folders = { session: path.join(base, `live-${++made}`), kept: path.join(base, "kept") };
  const host = new DriverHarness(() => ({}) as never, { hops: [{} as never] });
  const sent: string[] = [];
  const channels = new RdpChannels({
    policy: policyRules.parse(rules),
    host,
    folders: hasFolders ? folders : undefined,
    clientName: "p",
    send: (name, message) => sent.push(`${name} ${Buffer.from(message).toString("hex")}`),
  });
  return { channels, sent, folders };
}

test("each channel is offered only where policy lets something pass on it", () => {
  const none = { clipboardToTarget: "off", clipboardFromTarget: "off" } as const;
  const files = { filesToTarget: true, filesFromTarget: true } as const;
  assert.deepEqual(makeChannels(none).channels.names, []);
  assert.deepEqual(makeChannels({}).channels.names, [CLIPRDR]);
  assert.deepEqual(makeChannels({ ...none, filesFromTarget: true }).channels.names, [RDPDR]);
  assert.deepEqual(makeChannels({ ...none, ...files, readOnly: true }).channels.names, []);
  assert.deepEqual(makeChannels({ ...none, ...files }, false).channels.names, []);
});

test("files of the clipboard need both rules of their direction", async () => {
  const panels: Record<string, string> = {};
  for (const [name, rules] of Object.entries({
    "text only": { filesToTarget: true, filesFromTarget: true },
    "no files to": { clipboardToTarget: "all", clipboardFromTarget: "text", filesFromTarget: true },
    both: { clipboardToTarget: "all", filesToTarget: true },
  } as const)) {
    const { channels, folders } = makeChannels(rules);
    const files = await channels.open();
    panels[name] = ((await files?.list("/", 10))?.entries ?? []).map((entry) => entry.name).join(" ");
    assert.ok(existsSync(path.join(folders.session, "drive")));
    channels.close();
  }
  assert.deepEqual(panels, { "text only": "Poterne", "no files to": "Poterne", both: "Poterne Clipboard" });
});

test("a target that asks for a device nobody announced ends its session, and the journal says why", async () => {
  const { channels } = makeChannels({ filesToTarget: true });
  await channels.open();
  const request = Buffer.alloc(64);
  request.write("72445249", "hex");
  request.writeUInt32LE(3, 4);
  let failure = unexpectedFailure(new Error("none"));
  try {
    channels.receive(RDPDR, request);
  } catch (error) {
    failure = unexpectedFailure(error);
  }
  assert.equal(failure.code, "protocol-error");
  const { code, details } = failure;
  assert.match(journaledEnd({ code, details }).detail ?? "", /device 3 was not announced/);
  assert.deepEqual(journaledEnd({ code: "closed-by-target", details: { detail: "x" } }), {
    code: "closed-by-target",
  });
  channels.close();
});
