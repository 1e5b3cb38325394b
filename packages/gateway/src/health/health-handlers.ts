import path from "node:path";
import { getAbout, getConfiguration, getHealth, type HealthCheck } from "@poterne/contract";
import type { Services } from "../app-services.ts";
import { explainConfiguration } from "../config/load.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { ok, wrong } from "./check.ts";
import { checkCertificate, checkClock, checkDataFolder, checkDisk, checkKeys } from "./machine-checks.ts";
import { checkStore } from "./reach-checks.ts";

/** Health, configuration and what anybody may know of this gateway. */
export function healthHandlers(services: Services): Handler[] {
  return [
    handle(getHealth, async () => ({
      version: services.version,
      nodeId: services.nodeId,
      startedAtMs: services.startedAtMs,
      liveSessionCount: services.broker.live.length,
      checks: await runningChecks(services),
    })),
    handle(getConfiguration, async () => ({ values: explainConfiguration(services.configuration) })),
    handle(getAbout, async () => ({
      name: "Poterne",
      version: services.version,
      licence: "Apache-2.0",
      isDemo: services.isDemo,
    })),
  ];
}

async function runningChecks({
  settings,
  folders,
  environment,
  publicUrl,
  keeper,
  store,
}: Services): Promise<HealthCheck[]> {
  const nowMs = environment.now();
  const certificate =
    settings.tls.certificate === "" ? path.join(folders.data, "tls/server.crt") : settings.tls.certificate;
  const hostname = publicUrl.hostname.replace(/^\[|\]$/g, "");
  return [
    checkClock(nowMs),
    checkDisk(folders.data, settings.recording.freeSpaceAlarmBytes),
    ...(settings.tls.mode === "own" ? [checkCertificate(certificate, hostname, nowMs)] : []),
    checkDataFolder(folders.data),
    checkKeys(folders.keeper === null ? null : folders.keys, settings.keeper.socket !== ""),
    await checkStore(store),
    checkKeeper(keeper.isAvailable),
  ];
}

function checkKeeper(isAvailable: boolean): HealthCheck {
  if (isAvailable) return ok("keeper", { fr: "Le gardien des clés répond.", en: "The keeper answers." });
  return wrong(
    "keeper",
    "failed",
    {
      fr: "Le gardien des clés ne répond pas : rien de nouveau ne s'ouvre.",
      en: "The keeper does not answer: nothing new opens.",
    },
    {
      fr: "Il redémarre de lui-même ; voyez le journal système s'il échoue encore.",
      en: "It restarts by itself; see the system's log if it keeps failing.",
    },
  );
}
