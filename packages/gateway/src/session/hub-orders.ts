import type { ControlMessage } from "@poterne/wire";
import type { SessionDriver } from "./driver.ts";
import type { SessionHub } from "./hub.ts";
import type { HubQuestions } from "./hub-questions.ts";
import type { ViewerLink } from "./viewer-link.ts";

/** The hub's inside, as far as a viewer's orders reach. */
export interface OrderParts {
  readonly driver: SessionDriver | null;
  readonly questions: HubQuestions;
  giveControl(receiver: ViewerLink): void;
}

/** Carries out what a viewer asks on the control channel, as far as its role and control allow; the rest is ignored. */
export function carryOut(
  hub: SessionHub,
  viewer: ViewerLink,
  message: ControlMessage,
  parts: OrderParts,
): void {
  switch (message.type) {
    case "ping": {
      const targetRoundTripMs = parts.driver?.targetRoundTripMs ?? null;
      return viewer.sendStatus({ type: "pong", sentAtMs: message.sentAtMs, targetRoundTripMs }, hub.nowMs());
    }
    case "answer":
      if (viewer.hasControl) parts.questions.answer(message.questionId, message.values);
      return;
    case "refuse":
      if (viewer.hasControl) parts.questions.answer(message.questionId, null);
      return;
    case "need-entry":
      return hub.outlet.restart(viewer);
    case "message":
      if (viewer.role !== "observer") hub.message(viewer, message.text);
      return;
    case "pause":
      if (viewer.role === "guardian") hub.pause(message.isPaused, viewer);
      return;
    case "end":
      if (viewer.role === "controller") hub.ended("left");
      if (viewer.role === "guardian") hub.endByGuardian(viewer, "");
      return;
    case "take-control":
      if (viewer.role === "controller") parts.giveControl(viewer);
      return;
    case "give-control": {
      const receiver = hub.room.all.find((other) => other.viewerId === message.viewerId);
      if (viewer.role === "controller" && receiver !== undefined) parts.giveControl(receiver);
    }
  }
}
