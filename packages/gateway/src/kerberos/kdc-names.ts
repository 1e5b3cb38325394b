import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";
import type { BlockList, LookupFunction } from "node:net";
import { isInSet, makeAddressSet } from "../session/address-guard.ts";
import type { KdcAddress } from "./kdc-address.ts";

/** For one server of the settings. */
const TIMEOUT_MS = 1500;
/** Names whose last addresses are kept. */
const MAX_REMEMBERED = 256;
/** Addresses no name in the DNS may lead to: this machine's own services, and groups of machines. */
const NEVER = ["127.0.0.0/8", "::1", "224.0.0.0/4", "ff00::/8"];

/** What turning KDCs' names into addresses takes. */
export interface KdcNamesOptions {
  /** `ADDRESS:PORT` of the DNS servers of the settings; none: the system's way. */
  readonly dnsServers: readonly string[];
  /** Ranges no session may go to. */
  readonly deniedAddresses: readonly string[];
}

/** Addresses of KDCs by their names, and where a name that only the DNS told may lead. */
export class KdcNames {
  readonly #denied: BlockList;
  readonly #resolver: Resolver | null;
  readonly #last = new Map<string, LookupAddress[]>();

  constructor({ dnsServers, deniedAddresses }: KdcNamesOptions) {
    this.#denied = makeAddressSet([...deniedAddresses, ...NEVER]);
    this.#resolver = dnsServers.length === 0 ? null : new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    this.#resolver?.setServers(dnsServers);
  }

  /** For `connect`: resolves the name at the moment of connecting, so that no later answer leads elsewhere. */
  lookupFor(address: KdcAddress): LookupFunction {
    const isGuarded = address.kind === "tcp" && address.isFromDns === true;
    return (hostname, options, callback) => {
      this.#addresses(hostname, isGuarded).then(
        (found) => answerLookup(found, options, callback),
        (error: NodeJS.ErrnoException) => callback(error, "", 0),
      );
    };
  }

  async #addresses(hostname: string, isGuarded: boolean): Promise<LookupAddress[]> {
    const found = await this.#resolveOrRemember(hostname);
    const allowed = isGuarded ? found.filter(({ address }) => !isInSet(this.#denied, address)) : found;
    if (allowed.length === 0) throw problem(`leads to a denied address, ${found[0]?.address}`);
    return allowed;
  }

  /** While no DNS answers, a name leads where it led last. */
  async #resolveOrRemember(hostname: string): Promise<LookupAddress[]> {
    try {
      const found = await this.#resolve(hostname);
      this.#last.delete(hostname);
      this.#last.set(hostname, found);
      const oldest = this.#last.keys().next().value;
      if (this.#last.size > MAX_REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
      return found;
    } catch (error) {
      const last = isNoSuchName(error) ? undefined : this.#last.get(hostname);
      if (last === undefined) throw error;
      return last;
    }
  }

  /** At least one address; no such name is the error `ENOTFOUND`. */
  async #resolve(hostname: string): Promise<LookupAddress[]> {
    const resolver = this.#resolver;
    if (resolver === null) return await lookup(hostname, { all: true });
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap((answer, at) =>
      answer.status === "fulfilled"
        ? answer.value.map((address) => ({ address, family: at === 0 ? 4 : 6 }))
        : [],
    );
    if (found.length > 0) return found;
    const silence = answers.find((answer) => answer.status === "rejected" && !isNoSuchName(answer.reason));
    throw silence?.status === "rejected" ? silence.reason : problem("ENOTFOUND");
  }
}

/** Whether a DNS answered that there is no such name, or no address of it. */
function isNoSuchName(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "ENOTFOUND" || code === "ENODATA";
}

/** An error whose code is what people read of it. */
function problem(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function answerLookup(
  found: LookupAddress[],
  options: LookupOptions,
  callback: Parameters<LookupFunction>[2],
): void {
  if (options.all === true) return callback(null, found);
  const [first] = found;
  callback(null, first?.address ?? "", first?.family);
}
