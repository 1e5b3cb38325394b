import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import { poterne } from "./commands.ts";
import type { ApiClient, TestGateway } from "./gateway.ts";

const SEALED_WITHIN_MS = 30_000;

/** The recording of a session on disk; empty when there is none. */
export function recordingFile(gateway: TestGateway, sessionId: string): string {
  return globSync(path.join(gateway.dataDir, `recordings/**/*${sessionId}*`))[0] ?? "";
}

/** Waits until the session is closed in the store, with its end's code. */
export async function endCodeOf(api: ApiClient, sessionId: string): Promise<string> {
  const deadline = Date.now() + SEALED_WITHIN_MS;
  for (;;) {
    const { endCode } = await api.must<{ endCode: string | null }>("GET", `/api/v1/sessions/${sessionId}`);
    if (endCode !== null) return endCode;
    assert.ok(Date.now() < deadline, `${sessionId} has no end`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Every one of these sessions has a recording, whole and signed. Ends must have come before. */
export function assertRecorded(gateway: TestGateway, sessionIds: readonly string[]): void {
  const files = sessionIds.map((sessionId) => recordingFile(gateway, sessionId));
  assert.equal(files.indexOf(""), -1, `no recording of ${sessionIds[files.indexOf("")]}`);
  const { status, output } = poterne("verify", ...files, "--data", gateway.dataDir, "--lang", "en");
  assert.equal(status, 0, output);
  assert.equal(output.match(/Complete/g)?.length, files.length, output);
}
