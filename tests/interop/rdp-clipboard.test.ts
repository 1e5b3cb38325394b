import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { afterEach, before, test } from "node:test";
import { encodeUtf8 } from "../../packages/bytes/src/index.ts";
import { encodeFileList } from "../../packages/rdp/src/channels/clipboard-files.ts";
import { decodeHtmlFormat, encodeHtmlFormat } from "../../packages/rdp/src/channels/clipboard-html.ts";
import { addFileHeader, encodeBitmap } from "../../packages/viewer/src/clipboard/bitmap.ts";
import { ClipboardKind } from "../../packages/wire/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { askFreerdpClipboard } from "../support/freerdp-clipboard.ts";
import { buildOracle } from "../support/freerdp-oracle.ts";
import { startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";
import { endDeafDesktop, findXrdpDisplay } from "../support/xrdp-desktop.ts";

// The clipboard beyond text: pictures with xrdp's own channel server, HTML and file lists with FreeRDP's library.

const PEERS = ["xrdp", "xrdp10"] as const;
const open: ReturnType<typeof makeRdpSession>[] = [];

before(async () => {
  startLab(...PEERS);
  await endDeafDesktop();
  needPackage("xclip");
  buildOracle();
});
afterEach(() => {
  for (const session of open.splice(0)) session.driver.close();
});

async function openSession(wish: RdpWish) {
  const session = makeRdpSession(wish);
  open.push(session);
  await session.driver.open();
  return session;
}

/** A picture whose size is no multiple of four bytes a row: 5 by 3 pixels, each another colour. */
function makePicture(seed: number): Uint8Array {
  const pixels = Uint8ClampedArray.from({ length: 5 * 3 * 4 }, (_, at) =>
    at % 4 === 3 ? 255 : (at * seed) % 251,
  );
  return encodeBitmap(pixels, 5, 3);
}

function copyPicture(display: string, bitmap: Uint8Array): void {
  const child = spawn("xclip", ["-selection", "clipboard", "-t", "image/bmp", "-display", display], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end(addFileHeader(bitmap));
}

for (const name of PEERS)
  test(`${name}: a picture goes both ways, byte by byte`, async () => {
    const policy = { clipboardToTarget: "all", clipboardFromTarget: "all" } as const;
    const { host, driver } = await openSession({ port: RDP_PORT[name], policy });
    const display = await findXrdpDisplay(name);
    const theirs = makePicture(7);
    await eventually("the copied picture", async () => {
      copyPicture(display, theirs);
      const { kind, content } = host.contents.at(-1) ?? { kind: -1, content: new Uint8Array(0) };
      return kind === ClipboardKind.bitmap && Buffer.from(content).equals(theirs);
    });
    const ours = makePicture(11);
    await eventually("the pasted picture", async (seen) => {
      driver.clipboard(ClipboardKind.bitmap, ours);
      const command = `xclip -o -selection clipboard -t image/bmp -display ${display} | base64 -w0`;
      const pasted = Buffer.from(await outputOf("sh", ["-c", command]), "base64");
      seen(pasted.toString("hex"));
      // xrdp 0.9 writes a file header of its own with a wrong size; what pads ours for it may follow.
      return pasted.subarray(14, 14 + ours.length).equals(ours);
    });
    assert.equal(host.end, null);
  });

test("xrdp: where policy lets text pass only, a picture of the target does not come", async () => {
  const { host } = await openSession({ port: RDP_PORT.xrdp });
  const display = await findXrdpDisplay();
  copyPicture(display, makePicture(3));
  await eventually("a text copied afterwards", async () => {
    const child = spawn("xclip", ["-selection", "clipboard", "-display", display], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.end("afterwards");
    return host.clipboards.at(-1) === "afterwards";
  });
  assert.ok(host.contents.every(({ kind }) => kind === ClipboardKind.text));
});

test("FreeRDP reads our HTML, and we read its", () => {
  const html = encodeUtf8('<b title="œuvre">été 🚒</b>');
  const theirs = Buffer.from(askFreerdpClipboard("html-out", encodeHtmlFormat(html))).toString("utf8");
  assert.equal(theirs.split(/<!--(?:Start|End)Fragment-->/)[1], Buffer.from(html).toString("utf8"));
  assert.deepEqual(Uint8Array.from(decodeHtmlFormat(askFreerdpClipboard("html-in", html))), html);
});

test("FreeRDP reads our file lists: names, folders, sizes over four gigabytes", () => {
  const files = encodeFileList([
    { path: ["dossier"], isFolder: true, sizeBytes: 0, modifiedAtMs: 0 },
    { path: ["dossier", "été.txt"], isFolder: false, sizeBytes: 5_000_000_001, modifiedAtMs: Date.now() },
  ]);
  const seen = Buffer.from(askFreerdpClipboard("files", files)).toString("utf8");
  assert.equal(seen, "dossier\t0\t1\ndossier\\été.txt\t5000000001\t0\n");
});
