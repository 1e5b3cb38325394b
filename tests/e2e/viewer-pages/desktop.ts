import type { InputEvent } from "@poterne/wire";
import {
  type DesktopPreferences,
  KeyboardCapture,
  type KeyboardMode,
  loadDesktopView,
  type ScaleMode,
} from "../../../packages/viewer/src/index.ts";
import { installTrustedTypes, readNonce, stampStyles } from "../../../packages/web/src/boot/csp.ts";

// A page with one desktop and its keyboard, nothing around: everything it tells is kept for the test to read.
installTrustedTypes();
stampStyles(readNonce());

const told = {
  input: [] as InputEvent[],
  sizes: [] as string[],
  asked: [] as string[],
  needEntry: 0,
  isUndecodable: false,
  doneCount: 0,
};
const host = document.getElementById("host");
const field = document.getElementById("field");
if (host === null || !(field instanceof HTMLTextAreaElement)) throw new Error("the page is not as expected");

const preferences: DesktopPreferences = { scale: "actual", isSharp: false, touch: "direct" };
const DesktopView = await loadDesktopView();
const view = new DesktopView(host, preferences, {
  input: (events) => told.input.push(...events),
  resized: ({ width, height }) => told.asked.push(`${width}x${height}`),
  size: ({ width, height }) => told.sizes.push(`${width}x${height}`),
  undecodable: (isUndecodable) => {
    told.isUndecodable = isUndecodable;
  },
  needEntry: () => told.needEntry++,
  pressed: () => keyboard.focus(),
});
const options = { mode: "positions", platform: "other", commandKeyAs: "control" } as const;
const keyboard = new KeyboardCapture(field, options, {
  input: (events) => told.input.push(...events),
  leavesToBrowser: () => false,
  gesture: () => undefined,
});
view.setDriving(true);
keyboard.setDriving(true);

/** Shows one message of the wire, given as base64, and resolves when it is drawn. */
function show(base64: string): Promise<void> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Promise((resolve) => {
    view.show({
      message: bytes.buffer,
      frames: [],
      done: () => {
        told.doneCount++;
        resolve();
      },
    });
  });
}

/** The pixels the canvas shows, RGBA as base64. */
async function pixels(): Promise<{ width: number; height: number; base64: string }> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { width, height } = view.canvas;
  const copy = document.createElement("canvas");
  copy.width = width;
  copy.height = height;
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");
  context.drawImage(view.canvas, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return { width, height, base64: btoa(text) };
}

function setMode(mode: KeyboardMode): void {
  keyboard.setOptions({ ...options, mode });
}

function setScale(scale: ScaleMode): void {
  view.setPreferences({ ...preferences, scale });
}

Object.assign(globalThis, {
  harness: { told, view, show, pixels, setMode, setScale, focus: () => keyboard.focus() },
});
document.title = "ready";
