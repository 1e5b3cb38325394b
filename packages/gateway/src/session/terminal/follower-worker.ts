import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { freeMemory } from "../../free-memory.ts";
import { FollowedTerminal } from "./followed-terminal.ts";
import type { FollowerOrder, FollowerReport } from "./follower-messages.ts";

/** Titles longer than this are cut. */
const MAX_TITLE_CHARACTERS = 200;

/** One terminal with its orders in the order they came: parsing is asynchronous, the rest must wait for it. */
interface Slot {
  readonly id: number;
  terminal: FollowedTerminal;
  readonly orders: FollowerOrder[];
  isBusy: boolean;
}

const slots = new Map<number, Slot>();

function report(message: FollowerReport): void {
  parentPort?.postMessage(message);
}

function openSlot(order: Extract<FollowerOrder, { type: "open" }>): void {
  const { id, columns, rows, position } = order;
  const terminal = new FollowedTerminal({
    columns,
    rows,
    position,
    onTitle: (title) => report({ type: "title", id, title: title.slice(0, MAX_TITLE_CHARACTERS) }),
    onBell: () => report({ type: "bell", id }),
  });
  slots.set(id, { id, terminal, orders: [], isBusy: false });
}

async function carryOut(slot: Slot, order: FollowerOrder): Promise<void> {
  const { id, terminal } = slot;
  if (order.type === "output") {
    if (order.isSkipped) terminal.skip(order.bytes);
    else await terminal.write(order.bytes);
    // What goes on from here is a copy.
    freeMemory(order.bytes);
    // Closed or opened anew meanwhile: what this terminal shows is nobody's any more.
    if (slots.get(id) !== slot) return;
    report({ type: "parsed", id, position: terminal.position });
  } else if (order.type === "resize") terminal.resize(order.columns, order.rows);
  else if (order.type === "cursor")
    report({ type: "cursor", id, requestId: order.requestId, ...terminal.cursor() });
  else if (order.type === "screen") {
    const { columns, rows, text } = terminal.screen();
    const screen = new TextEncoder().encode(terminal.isTorn ? "" : text);
    report({
      type: "screen",
      id,
      requestId: order.requestId,
      position: terminal.position,
      columns,
      rows,
      screen,
    });
  }
}

async function run(slot: Slot): Promise<void> {
  slot.isBusy = true;
  for (let order = slot.orders.shift(); order !== undefined; order = slot.orders.shift()) {
    try {
      await carryOut(slot, order);
      // Other terminals' orders, and this one's end, are heard in between.
      await nextTurn();
    } catch {
      // One terminal's output must never stop the others: its reader is told, and goes on.
      const { id } = slot;
      if (order.type === "output") report({ type: "parsed", id, position: slot.terminal.position });
      else if (order.type === "screen")
        report({
          type: "screen",
          id,
          requestId: order.requestId,
          position: slot.terminal.position,
          columns: 0,
          rows: 0,
          screen: new Uint8Array(0),
        });
    }
  }
  slot.isBusy = false;
}

parentPort?.on("message", (order: FollowerOrder) => {
  if (order.type === "open") {
    openSlot(order);
    return;
  }
  const slot = slots.get(order.id);
  if (slot === undefined) return;
  if (order.type === "close") {
    slots.delete(order.id);
    slot.orders.length = 0;
    slot.terminal.dispose();
    return;
  }
  slot.orders.push(order);
  if (!slot.isBusy) void run(slot);
});
