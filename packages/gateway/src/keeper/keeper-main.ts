/**
 * The keeper's process. Started by the gateway (channel on file descriptor 3) or by systemd (a Unix socket).
 * `POTERNE_MASTER_KEY` is taken out of the environment at once.
 */
import { mkdir, rm } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { takeExclusiveLock } from "./exclusive-lock.ts";
import { type KeeperOptions, keeperOptions } from "./keeper-options.ts";
import { type ServedChannel, serveChannel } from "./keeper-server.ts";
import { type KeeperHoldings, KeeperService } from "./keeper-service.ts";
import { openHoldings } from "./open-holdings.ts";

/** How long a new keeper waits for the last one to finish its writes. */
const LOCK_WAIT_MS = 15_000;

/** The channel's place among the file descriptors when the gateway is the parent. */
const CHANNEL_FD = 3;

const masterKeyValue = process.env.POTERNE_MASTER_KEY ?? null;
delete process.env.POTERNE_MASTER_KEY;

let isService = false;
const warnings: string[] = [];
const channels = new Set<ServedChannel>();

/** A parent reads the error output; gateways of a service are told over their channels. */
function warn(text: string): void {
  process.stderr.write(`${text}\n`);
  if (!isService) return;
  warnings.push(text);
  if (warnings.length > 20) warnings.shift();
  for (const channel of channels) channel.notify({ notice: "warning", text });
}

async function serveParent(service: KeeperService): Promise<void> {
  const stream = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  await serveOne(stream, service);
  // The answer to `close` must leave before the process does.
  await new Promise<void>((resolve) => stream.end(() => resolve()));
}

function serveOne(stream: Duplex, service: KeeperService): Promise<void> {
  const channel = serveChannel(stream, service);
  channels.add(channel);
  channel.notify({ notice: "ready", warnings });
  return channel.ended.finally(() => channels.delete(channel));
}

/** Serves gateways one after the other, or several at once (a new one while the old one ends), until told to stop. */
async function serveSocket(path: string, service: KeeperService): Promise<void> {
  await rm(path, { force: true });
  const server = createServer((socket) => {
    void serveOne(socket, service).then(() => socket.end());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", () => resolve());
  process.once("SIGINT", () => resolve());
  process.umask(0o117);
  server.listen(path);
  await promise;
  server.close();
}

async function run(options: KeeperOptions): Promise<void> {
  await mkdir(options.keysDirectory, { recursive: true, mode: 0o700 });
  const lock = await takeExclusiveLock(join(options.keysDirectory, "keeper.lock"), LOCK_WAIT_MS);
  const holdings = await openHoldings(options, masterKeyValue, warn);
  const facts = {
    subject: {},
    details: { version: process.version, keyId: holdings.signingKeys.current.keyId },
  };
  await holdings.journal.note("keeper.started", "info", facts).catch(() => null);
  const service = new KeeperService(holdings);
  if (options.socketPath === null) await serveParent(service);
  else await serveSocket(options.socketPath, service);
  await end(holdings);
  lock.release();
}

async function end({ journal }: KeeperHoldings): Promise<void> {
  await journal.note("keeper.stopped", "info", { subject: {}, details: {} }).catch(() => null);
  await journal.close();
}

// The terminal's ^C reaches the whole group; the gateway ends the keeper by its channel when it is done itself.
if (process.argv[2] !== undefined) {
  const options = keeperOptions.parse(JSON.parse(process.argv[2]));
  isService = options.socketPath !== null;
  if (!isService) {
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => undefined);
  }
  run(options).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`The keeper could not start: ${error instanceof Error ? error.message : error}\n`);
      process.exit(1);
    },
  );
}
