import type { Duplex } from "node:stream";
import { Failure, sshOptions } from "@poterne/contract";
import ssh2, { type ClientChannel, type NegotiatedAlgorithms, type Client as SshClient } from "ssh2";
import type { DriverHop, DriverHost, DriverRequest } from "../driver.ts";
import { chooseAlgorithms, findLegacy } from "./ssh-algorithms.ts";
import { authHandlerOf, SshAuth } from "./ssh-auth.ts";
import {
  allowCertificates,
  assertPinnedSsh2,
  type ForeignMethod,
  freeReads,
  freeWrites,
  gatherWrites,
  keepKeyObjects,
  makeForeignMethod,
} from "./ssh-extension.ts";
import { sshFailure } from "./ssh-failures.ts";
import { checkIdentity, describeHostKey } from "./ssh-identity.ts";
import { SshTicket } from "./ssh-ticket.ts";
import { connectTcp } from "./tcp.ts";

/** How long a target may be silent during key exchange, and during each step of a log-in; a person's answer does not count. */
export const HANDSHAKE_TIMEOUT_MS = 15_000;
/** Unanswered keep-alive requests before the connection is given up. */
const MAX_MISSED_KEEPALIVES = 3;
/** Banner text shown to the person; more is cut. */
export const MAX_BANNER_CHARACTERS = 16 * 1024;

/** What opening a chain of hops needs. */
export interface SshConnectOptions {
  readonly request: DriverRequest;
  readonly host: DriverHost;
  /** Gives up at once when aborted. */
  readonly signal: AbortSignal;
  /** What the target says before the shell, cleaned. */
  onBanner(text: string): void;
}

/** A chain of SSH connections, the last one the target's. */
export interface SshChain {
  readonly client: SshClient;
  close(): void;
}

/**
 * Connects to the target through its jump hosts, each with its own identity check and log-in, inside the connection
 * before it. Rejects with a Failure; nothing stays open then.
 */
export async function connectChain(options: SshConnectOptions): Promise<SshChain> {
  assertPinnedSsh2();
  const clients: SshClient[] = [];
  const close = () => {
    for (const client of clients.toReversed()) client.destroy();
  };
  try {
    options.host.step("network", "running");
    let before: { readonly client: SshClient; readonly hop: DriverHop } | null = null;
    for (const [index, hop] of options.request.hops.entries()) {
      const isTarget = index === options.request.hops.length - 1;
      const stream: Duplex =
        before === null ? await connectTcp(hop, options.signal) : await forward(before, hop);
      if (isTarget) options.host.step("network", "done");
      const client = await openHop({
        ...options,
        hop,
        isTarget,
        stream,
        register: (made) => clients.push(made),
      });
      before = { client, hop };
    }
    if (before === null) throw new Failure("protocol-error", { detail: "no target" });
    return { client: before.client, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A byte stream to the next hop through the one before. */
function forward(
  before: { readonly client: SshClient; readonly hop: DriverHop },
  hop: DriverHop,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) =>
      reject(new Failure("jump-failed", { jump: before.hop.name, target: hop.name }, cause));
    const timer = setTimeout(() => refuse(new Error("no answer")), HANDSHAKE_TIMEOUT_MS);
    try {
      before.client.forwardOut("127.0.0.1", 0, hop.address, hop.port, (error, channel) => {
        clearTimeout(timer);
        if (error) refuse(error);
        else resolve(channel);
      });
    } catch (error) {
      clearTimeout(timer);
      refuse(error);
    }
  });
}

interface HopOptions extends SshConnectOptions {
  readonly hop: DriverHop;
  readonly isTarget: boolean;
  readonly stream: Duplex;
  register(client: SshClient): void;
}

/** Key exchange, identity and log-in of one hop. */
function openHop(options: HopOptions): Promise<SshClient> {
  const { hop, host, isTarget, signal } = options;
  const settings = sshOptions.parse(hop.options);
  const client = new ssh2.Client();
  options.register(client);
  return new Promise((resolve, reject) => {
    let failure: Failure | null = null;
    let isLoggedIn = false;
    const timer = new SilenceTimer(() =>
      fail(new Failure("target-silent", { seconds: HANDSHAKE_TIMEOUT_MS / 1000 })),
    );
    const { kerberos } = options.request;
    const mode = settings.kerberos;
    const ticket = kerberos === undefined || mode === "no" ? null : new SshTicket({ kerberos, hop, mode });
    const events = {
      onAsking: (isAsking: boolean) => timer.pause(isAsking),
      onFailure: (reason: Failure) => fail(reason),
      adopt: (username: string, method: ForeignMethod, stop: () => void) =>
        makeForeignMethod(client, username, method, stop),
    };
    const auth = new SshAuth(hop, host, events, ticket);
    const onAbort = () => fail(new Failure("target-closed"));
    function settle(): void {
      timer.stop();
      auth.forget();
      signal.removeEventListener("abort", onAbort);
    }
    function fail(reason: Failure): void {
      settle();
      client.destroy();
      reject(failure ?? auth.failure ?? reason);
    }
    signal.addEventListener("abort", onAbort);
    client.on("error", (error) => fail(sshFailure(error, hop, auth.isKey)));
    client.once("close", () => fail(new Failure("target-closed")));
    client.on("banner", (text) => {
      if (isTarget) options.onBanner(cleanBanner(text));
    });
    client.on("change password", () => fail(new Failure("password-change-required", { target: hop.name })));
    client.on("handshake", (negotiated) => {
      keepKeyObjects(client);
      freeReads(client);
      freeWrites(client);
      if (isLoggedIn) return;
      timer.restart();
      warnLegacy(negotiated, hop, host);
      if (isTarget) host.step("identity", "done");
    });
    client.once("ready", () => {
      isLoggedIn = true;
      settle();
      resolve(client);
    });
    if (isTarget) host.step("encryption", "running");
    const verify = (key: Buffer, accept: (isAccepted: boolean) => void) => {
      if (isTarget) host.step("encryption", "done");
      const presented = describeHostKey(key);
      if (isTarget) host.step("identity", "running", `${presented.algorithm} ${presented.fingerprint}`);
      checkIdentity(presented, { hop, isTarget, policy: options.request.policy, host }).then(
        () => accept(true),
        (error: unknown) => {
          failure =
            error instanceof Failure ? error : new Failure("internal", { reference: "identity" }, error);
          accept(false);
          fail(failure);
        },
      );
    };
    gatherWrites(options.stream);
    client.connect({
      sock: options.stream,
      username: hop.credentials.username ?? "",
      algorithms: chooseAlgorithms({
        isLegacyAllowed: settings.legacyAlgorithms,
        pinnedKeyTypes: hop.identities.map((identity) => identity.algorithm),
      }),
      hostVerifier: verify,
      authHandler: authHandlerOf(auth) as never,
      readyTimeout: 0,
      keepaliveInterval: settings.keepaliveSeconds * 1000,
      keepaliveCountMax: MAX_MISSED_KEEPALIVES,
      ident: "poterne",
    });
    allowCertificates(client);
  });
}

function warnLegacy(negotiated: NegotiatedAlgorithms, hop: DriverHop, host: DriverHost): void {
  const legacy = findLegacy(negotiated);
  if (legacy.length > 0) host.warn("legacy-algorithms", { target: hop.name, algorithms: legacy.join(", ") });
}

/** A banner as terminal text: its lines, without anything a terminal would obey. */
function cleanBanner(text: string): string {
  const lines = text.slice(0, MAX_BANNER_CHARACTERS).split(/\r\n|\r|\n/);
  return lines.map((line) => line.replace(/\t/g, "    ").replace(/[\p{Cc}\p{Cf}]/gu, "")).join("\r\n");
}

/** Fires when nothing has happened for `HANDSHAKE_TIMEOUT_MS`; stands still while a person is asked. */
class SilenceTimer {
  readonly #fire: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(fire: () => void) {
    this.#fire = fire;
    this.restart();
  }

  restart(): void {
    this.stop();
    this.#timer = setTimeout(this.#fire, HANDSHAKE_TIMEOUT_MS);
  }

  pause(isPaused: boolean): void {
    if (isPaused) this.stop();
    else this.restart();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
