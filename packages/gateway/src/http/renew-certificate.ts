import type { Logger } from "pino";
import { ensureCertificate } from "./certificates.ts";

/** How often the own certificate is looked at: it is renewed a month before its end. */
const CHECK_INTERVAL_MS = 3_600_000;

/** What renewing needs. */
export interface RenewalOptions {
  readonly dataDir: string;
  /** Host names and addresses it must hold. */
  readonly names: readonly string[];
  /** The operator's files, empty for the own authority's. */
  readonly own: { readonly certificate: string; readonly key: string };
  readonly now: () => number;
  readonly logger: Logger;
  /** For tests: milliseconds between two looks. */
  readonly intervalMs?: number;
}

/**
 * Keeps the own certificate fresh while the gateway runs: it is issued anew 30 days before its end, and the server, which
 * watches the file, serves it to new connections. Does nothing for an operator's certificate. Returns how to stop.
 */
export function renewWhileRunning(options: RenewalOptions): () => void {
  if (options.own.certificate !== "") return () => {};
  const renew = () => {
    ensureCertificate(options.dataDir, options.names, options.own, options.now()).catch((error: unknown) =>
      options.logger.error({ error }, "The certificate could not be renewed; the next try is in an hour"),
    );
  };
  const timer = setInterval(renew, options.intervalMs ?? CHECK_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
