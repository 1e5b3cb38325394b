import { encodeUtf8 } from "@poterne/bytes";
import { Channel, FrameFlag, type Marker } from "@poterne/wire";
import type { Recorder } from "../recording/recorder.ts";
import type { SessionDriver } from "./driver.ts";
import type { SessionHub } from "./hub.ts";

/** The hub's inside, as far as opening needs it. */
export interface OpeningParts {
  /** Resolves when a guardian is there, or when the session has ended meanwhile. */
  awaitGuardian(): Promise<void>;
  openRecorder(): Promise<Recorder>;
  keepRecorder(recorder: Recorder): Promise<void>;
  makeDriver(): Promise<SessionDriver>;
  keepDriver(driver: SessionDriver): void;
}

/** The steps from the person's arrival to an open session, in order; throws what a step threw. */
export async function openInSteps(hub: SessionHub, parts: OpeningParts): Promise<void> {
  const hasEnded = () => hub.endReason !== null;
  const { policy } = hub;
  hub.step("policy", "done");
  if (policy.needsGuardian) await awaitGuardian(hub, parts);
  if (policy.recording !== "off" && !hasEnded()) await openRecording(hub, parts);
  const { personName, targetName, accountName } = hub.facts;
  hub.marker({ type: "opened", details: { person: personName, target: targetName, account: accountName } });
  if (hasEnded()) return;
  const driver = await parts.makeDriver();
  parts.keepDriver(driver);
  if (driver.kind === "terminal") emitBlankTerminal(hub);
  if (!hasEnded()) await driver.open();
}

async function awaitGuardian(hub: SessionHub, parts: OpeningParts): Promise<void> {
  if (!hub.room.hasGuardian) {
    hub.step("guardian", "running");
    await parts.awaitGuardian();
  }
  hub.step("guardian", "done");
}

async function openRecording(hub: SessionHub, parts: OpeningParts): Promise<void> {
  hub.step("recording", "running");
  try {
    await parts.keepRecorder(await parts.openRecorder());
    hub.step("recording", "done");
  } catch (error) {
    if (hub.policy.recording === "must") throw error;
    hub.step("recording", "done");
    hub.warn("recording-stopped");
  }
}

/** A terminal starts empty: its first entry point needs nothing but its size. */
function emitBlankTerminal(hub: SessionHub): void {
  const marker: Marker = { type: "resize", ...hub.viewerSize };
  hub.emit(Channel.marker, FrameFlag.entryStart | FrameFlag.entryEnd, encodeUtf8(JSON.stringify(marker)));
}
