import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import type { LdapConfig } from "@poterne/contract";
import { Client, type Entry, type Filter, PasswordPolicyControl, type PasswordPolicyValue } from "ldapts";
import { MessageGuard } from "./message-guard.ts";

/** Most bytes taken from a server over one connection: a directory that floods is cut off. */
export const MAX_RECEIVED_BYTES = 16 * 1024 * 1024;
/** Entries per page of a paged search (RFC 2696). */
const PAGE_SIZE = 500;
/** Pages of one search that are read, empty ones too. */
const MAX_PAGES = 20;

/** What a connection is made with. */
export interface LdapServer {
  readonly host: string;
  readonly port: number;
}

/** What a search asks. */
export interface LdapSearch {
  readonly base: string;
  readonly filter: string | Filter;
  readonly scope: "base" | "sub";
  readonly attributes: readonly string[];
  /** More entries are not read. */
  readonly maxEntries: number;
}

/**
 * One connection to one server, encrypted as the settings say before anything is sent. Every question has a time limit;
 * when it passes, or too much comes, the connection is destroyed and what waits fails.
 */
export class LdapConnection {
  readonly #client: Client;
  readonly #sockets: Socket[] = [];
  readonly #timeoutMs: number;
  readonly #broken = Promise.withResolvers<never>();
  #watched: Socket | null = null;
  #limit: NodeJS.Timeout | undefined;

  private constructor(config: LdapConfig, server: LdapServer, socket: Socket) {
    this.#timeoutMs = config.timeoutSeconds * 1000;
    this.#broken.promise.catch(() => {});
    this.#keep(socket);
    let isUsed = false;
    this.#client = new Client({
      // The scheme says nothing here: the socket comes connected, and encrypted for `ldaps`.
      url: `ldap://${isIP(server.host) === 6 ? `[${server.host}]` : server.host}:${server.port}`,
      timeout: this.#timeoutMs,
      strictDN: false,
      createConnection: (() => {
        // INVARIANT: one connection, never a second: the library reconnects by itself, after StartTLS without encryption.
        if (isUsed) throw new Error("the directory closed the connection");
        isUsed = true;
        return socket;
      }) as unknown as typeof connectTcp,
      createSecureConnection: ((options: ConnectionOptions) =>
        this.#keep(connectTls(options))) as unknown as typeof connectTls,
    });
  }

  /** Opens a connection, encrypted unless plain was accepted. It is ended after `limitMs`, whatever it is used for then. */
  static async open(config: LdapConfig, server: LdapServer, limitMs?: number): Promise<LdapConnection> {
    if (config.security === "plain" && !config.isPlainAccepted)
      throw new Error("an unencrypted connection was not accepted in the settings");
    const isSecure = config.security === "ldaps";
    const socket = isSecure
      ? connectTls({ ...tlsOptions(config, server), port: server.port })
      : connectTcp(server.port, server.host);
    const connection = new LdapConnection(config, server, socket);
    if (limitMs !== undefined) connection.#endAfter(limitMs);
    try {
      await connection.#within(once(socket, isSecure ? "secureConnect" : "connect"));
      if (config.security === "starttls")
        await connection.#within(connection.#client.startTLS(tlsOptions(config, server)));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Binds with a name and a password, neither empty: an empty password would be no proof (RFC 4513 §5.1.2). */
  async bind(dn: string, password: string): Promise<PasswordPolicyValue> {
    if (dn === "" || password === "") throw new Error("a bind needs a name and a password");
    const policy = new PasswordPolicyControl();
    try {
      await this.#within(this.#client.bind(dn, password, policy));
    } catch (error) {
      throw policy.value?.error === undefined || !(error instanceof Error)
        ? error
        : Object.assign(error, { passwordPolicyError: policy.value.error });
    }
    return policy.value ?? {};
  }

  /** Binds anonymously. */
  async bindAnonymously(): Promise<void> {
    await this.#within(this.#client.bind("", ""));
  }

  /** Searches page by page; references to other servers are not followed. */
  async search(wish: LdapSearch): Promise<Entry[]> {
    const found: Entry[] = [];
    const options = {
      scope: wish.scope,
      filter: wish.filter,
      attributes: [...wish.attributes],
      explicitBufferAttributes: ["objectGUID", "objectSid"],
      timeLimit: Math.ceil(this.#timeoutMs / 1000),
    };
    if (wish.scope === "base" || wish.maxEntries < PAGE_SIZE) {
      const sized = { ...options, sizeLimit: wish.scope === "base" ? 1 : wish.maxEntries + 1 };
      const { searchEntries } = await this.#within(this.#client.search(wish.base, sized));
      return searchEntries.slice(0, wish.maxEntries);
    }
    const pages = this.#client.searchPaginated(wish.base, { ...options, paged: { pageSize: PAGE_SIZE } });
    for (let count = 0; found.length < wish.maxEntries && count < MAX_PAGES; count++) {
      const page = await this.#within(pages.next());
      if (page.done === true) break;
      found.push(...page.value.searchEntries);
    }
    return found.slice(0, wish.maxEntries);
  }

  /** What the server's certificate is, for the test page; null without encryption. */
  get certificate(): { readonly subject: string; readonly sha256: string; readonly validTo: string } | null {
    const socket = this.#sockets.at(-1) as TLSSocket | undefined;
    const certificate = socket?.getPeerX509Certificate?.();
    if (certificate === undefined) return null;
    const { subject, validTo, raw } = certificate;
    return { subject: subject.replaceAll("\n", ", "), sha256: sha256(raw), validTo };
  }

  /** Whether the server has neither closed it nor been given up: an error is then about what was asked. */
  get isAlive(): boolean {
    const socket = this.#sockets.at(-1);
    return socket !== undefined && !socket.destroyed && socket.readable && socket.writable;
  }

  /** Ends the connection at once. */
  close(): void {
    clearTimeout(this.#limit);
    for (const socket of this.#sockets) socket.destroy();
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const timer = setTimeout(
      () => this.#break(new Error(`no answer within ${this.#timeoutMs / 1000} s`)),
      this.#timeoutMs,
    );
    // Whichever loses may still fail; nobody waits for it.
    work.catch(() => {});
    this.#watch();
    try {
      return await Promise.race([work, this.#broken.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #endAfter(limitMs: number): void {
    const tooSlow = new Error(`too slow: not done within ${Math.ceil(limitMs / 1000)} s`);
    this.#limit = setTimeout(() => this.#break(tooSlow), limitMs);
  }

  #break(reason: Error): void {
    this.#broken.reject(reason);
    this.close();
  }

  #keep<S extends Socket>(socket: S): S {
    this.#sockets.push(socket);
    // The library brings its own listener and takes others away; before and after it, an error must not end the process.
    socket.on("error", () => {});
    socket.once("close", () => socket.on("error", () => {}));
    this.#guard(socket);
    return socket;
  }

  /** Lets only whole and well-formed messages through to the library's listener. */
  #guard(socket: Socket): void {
    const guard = new MessageGuard();
    const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean;
    socket.emit = ((event: string | symbol, ...values: unknown[]) => {
      if (event !== "data") return emit(event, ...values);
      try {
        for (const message of guard.take(values[0] as Buffer)) emit("data", message);
      } catch (error) {
        this.#break(error instanceof Error ? error : new Error("malformed message"));
      }
      return true;
    }) as typeof socket.emit;
  }

  /** Counts what comes from now on; a listener makes data flow, so the library's must be there already. */
  #watch(): void {
    const socket = this.#sockets.at(-1);
    if (socket === undefined || socket === this.#watched) return;
    this.#watched = socket;
    socket.on("data", () => {
      if (socket.bytesRead > MAX_RECEIVED_BYTES)
        this.#break(new Error("the directory sent more than is taken"));
    });
  }
}

function tlsOptions(config: LdapConfig, server: LdapServer): ConnectionOptions {
  return {
    host: server.host,
    minVersion: "TLSv1.2",
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    ...(config.caPem.trim() === "" ? {} : { ca: config.caPem }),
    checkServerIdentity: (host, certificate) => {
      if (config.pins.length > 0 && !config.pins.includes(sha256(certificate.raw)))
        return new Error(`the certificate is none of those pinned: ${sha256(certificate.raw)}`);
      return checkServerIdentity(host, certificate);
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
