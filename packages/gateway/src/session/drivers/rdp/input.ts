import type { InputEvent } from "@poterne/wire";
import type { RdpConnection } from "./connection.ts";
import type { RdpKeyboard } from "./keyboard.ts";

/** What a viewer types and points, without the sizes of its screens. */
type TypedOrPointed = Exclude<InputEvent, { type: "resize" | "screens" }>;

/** Sends what a viewer types and points to the server. */
export function sendInput(event: TypedOrPointed, connection: RdpConnection, keyboard: RdpKeyboard): void {
  const { client } = connection;
  switch (event.type) {
    case "key":
      return connection.send(keyboard.key(client, event));
    case "pointer":
      return connection.send(client.pointer(event.x, event.y, event.buttons));
    case "text":
      return connection.send(client.text(Buffer.from(event.text).toString("utf8")));
    case "release":
      keyboard.release();
      return connection.send(client.release());
    case "locks":
      return connection.send(client.setLocks(event.locks));
  }
}
