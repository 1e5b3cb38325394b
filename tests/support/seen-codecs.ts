import type { Page } from "@playwright/test";
import { Channel, decodeFrames } from "@poterne/wire";
import { decodeCommands } from "../../packages/picture/src/index.ts";

/** Codecs of the pictures that come into a page's sockets from here on: what its viewer draws. */
export function seenCodecs(page: Page): Set<number> {
  const codecs = new Set<number>();
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") for (const codec of codecsOf(payload)) codecs.add(codec);
    }),
  );
  return codecs;
}

function* codecsOf(message: Uint8Array): Generator<number> {
  for (const { channel, payload } of decodeFrames(message)) {
    if (channel !== Channel.picture) continue;
    for (const command of decodeCommands(payload)) if (command.op === "draw") yield command.codec;
  }
}
