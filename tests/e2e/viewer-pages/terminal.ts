import { Channel, encodeFrame, FrameFlag, type InputEvent } from "@poterne/wire";
import { loadTerminalView, type TerminalPreferences } from "../../../packages/viewer/src/index.ts";
import { installTrustedTypes, readNonce, stampStyles } from "../../../packages/web/src/boot/csp.ts";

// A page with one terminal and nothing around it: everything it tells is kept for the test to read.
installTrustedTypes();
stampStyles(readNonce());

const preferences: TerminalPreferences = {
  fontFamily: "monospace",
  fontSizePx: 15,
  theme: "dark",
  isCopyOnSelect: false,
  isScreenReader: false,
};
const told = {
  input: [] as number[][],
  titles: [] as string[],
  links: [] as string[],
  pasted: [] as string[],
  osc52: [] as string[],
  bells: 0,
  sizes: [] as string[],
};

function keep(events: readonly InputEvent[]): void {
  for (const event of events) if (event.type === "text") told.input.push([...event.text]);
}

const TerminalView = await loadTerminalView();
const host = document.getElementById("host");
if (host === null) throw new Error("the page has no place for the terminal");
const view = new TerminalView(host, preferences, {
  input: keep,
  resized: (columns, rows) => told.sizes.push(`${columns}x${rows}`),
  title: (title) => told.titles.push(title),
  bell: () => told.bells++,
  link: (address) => told.links.push(address),
  pasted: (text) => told.pasted.push(text),
  copied: () => undefined,
  osc52: (text) => told.osc52.push(text),
});
view.setDriving(true);

/** Shows frames and resolves when they are on the screen. */
function show(parts: readonly { channel: number; flags: number; bytes: readonly number[] }[]): Promise<void> {
  const encoded = parts.map(({ channel, flags, bytes }) => ({
    channel,
    flags,
    stream: 0,
    timeMs: 0,
    payload: Uint8Array.from(bytes),
  }));
  return new Promise((resolve) => {
    const message = encodeFrame(
      encoded[0] ?? { channel: 0, flags: 0, stream: 0, timeMs: 0, payload: new Uint8Array() },
    );
    view.show({ message: message.buffer as ArrayBuffer, frames: encoded, done: resolve });
  });
}

function print(text: string): Promise<void> {
  return show([{ channel: Channel.text, flags: 0, bytes: [...new TextEncoder().encode(text)] }]);
}

/** An entry point: the grid, then the serialised screen. */
function enter(columns: number, rows: number, screen: string): Promise<void> {
  const marker = JSON.stringify({ type: "resize", columns, rows, widthPx: 0, heightPx: 0 });
  return show([
    { channel: Channel.marker, flags: FrameFlag.entryStart, bytes: [...new TextEncoder().encode(marker)] },
    { channel: Channel.text, flags: FrameFlag.entryEnd, bytes: [...new TextEncoder().encode(screen)] },
  ]);
}

function lines(): string[] {
  const buffer = view.terminal.buffer.active;
  const text: string[] = [];
  for (let row = 0; row < buffer.length; row++) text.push(buffer.getLine(row)?.translateToString(true) ?? "");
  return text;
}

Object.assign(globalThis, { harness: { told, view, print, enter, lines } });
document.title = "ready";
