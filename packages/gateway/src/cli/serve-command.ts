import { setFlagsFromString } from "node:v8";
import { startGateway } from "../app.ts";
import { seedDemo } from "../demo/seed-demo.ts";
import { makeLogger } from "../log.ts";
import { systemEnvironment } from "../system-environment.ts";
import type { Command } from "./command.ts";
import { readCommandLine } from "./options.ts";

/** A stop that takes longer than this is forced. */
const STOP_TIMEOUT_MS = 30_000;

/**
 * V8 marks its whole heap each time buffers outside of it have grown by 64 MB, whatever the heap's size: a transfer of
 * 100 MB cost ten such collections, more than the transfer itself (docs/decisions/0054). With this they count as heap.
 */
const COUNT_BUFFERS_AS_HEAP = "--external-memory-accounted-in-global-limit";

/** `poterne serve`: runs the gateway until SIGTERM or SIGINT. */
export const serveCommand: Command = {
  name: "serve",
  usage: "[--port N] [--host H] [--data DIR]",
  summary: { fr: "faire tourner la passerelle", en: "run the gateway" },
  async run(words) {
    setFlagsFromString(COUNT_BUFFERS_AS_HEAP);
    const { configuration, isDemo } = readCommandLine(words);
    const masterKeyValue = process.env.POTERNE_MASTER_KEY ?? null;
    delete process.env.POTERNE_MASTER_KEY;
    const logger = makeLogger(configuration.settings.logLevel);
    const stopAsked = waitForSignal();
    const gateway = await startGateway({
      configuration,
      isDemo,
      environment: systemEnvironment,
      logger,
      masterKeyValue,
    });
    console.log(`Poterne listening on ${gateway.publicUrl.origin}`);
    if (isDemo) console.log(`Demo sign-in: ${await seedDemo(gateway)}`);
    if (gateway.firstSignIn !== null) console.log(`First sign-in: ${gateway.firstSignIn}`);
    if (gateway.caFile !== null)
      logger.info({ file: gateway.caFile }, "Own certificate authority: import it into your browsers");
    await stopAsked;
    logger.info("Stopping: sessions end, recordings are closed");
    const timer = setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
    await gateway.stop();
    clearTimeout(timer);
    return 0;
  },
};

/** A terminal that closes (SIGHUP) ends sessions and recordings as cleanly as a stop does. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
