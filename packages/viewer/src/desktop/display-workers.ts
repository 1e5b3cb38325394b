import type { ToDisplayWorker } from "./worker-protocol.ts";

/** Protocols whose pictures need the further codecs. */
const FURTHER_PROTOCOLS: ReadonlySet<string> = new Set(["rdp"]);

let spare: Worker | null = null;

function makeDisplayWorker(): Worker {
  return new Worker(new URL("./display-worker.ts", import.meta.url), { type: "module" });
}

/** Starts the worker of the next display before it is wanted, and has it fetch what the protocol's pictures need. */
export function warmDisplayWorker(protocol: string): void {
  spare ??= makeDisplayWorker();
  if (FURTHER_PROTOCOLS.has(protocol)) spare.postMessage({ type: "need-further" } satisfies ToDisplayWorker);
}

/** The worker of a display: the spare one, or a new one. */
export function takeDisplayWorker(): Worker {
  const worker = spare ?? makeDisplayWorker();
  spare = null;
  return worker;
}
