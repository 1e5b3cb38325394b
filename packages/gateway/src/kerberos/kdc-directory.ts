import { isIP } from "node:net";
import type { SrvOutcome } from "./dns-client.ts";
import type { SrvRecord } from "./dns-message.ts";
import type { KdcAddress } from "./kdc-address.ts";

/** The most KDCs tried for one realm. */
const MAX_KDCS = 16;
/** However long or short records say they live: a controller that was taken away is not asked for a day, nor the DNS for each ticket. */
const MIN_TTL_SECONDS = 10;
const MAX_TTL_SECONDS = 3600;
/** How long "no such name" and a silent DNS are believed. */
const NONE_TTL_SECONDS = 30;
/** While no DNS answers, what it said last serves so long. */
const STALE_MS = 24 * 3_600_000;
/** Realms kept: names typed by anybody lead to questions. */
const MAX_REALMS = 64;

/** The name under which a realm's KDCs stand in the DNS (RFC 4120 §7.2.3.2). */
export function kdcSrvName(realm: string): string {
  return `_kerberos._tcp.${realm.toLowerCase()}`;
}

/** Where to look for KDCs. */
export interface KdcDirectoryOptions {
  /** Addresses by realm in upper case; they win over the DNS. */
  readonly configured: ReadonlyMap<string, readonly KdcAddress[]>;
  readonly dns: { srv(name: string): Promise<SrvOutcome> };
  readonly monotonicMs: () => number;
  /** A number from 0 to below 1, for weights. */
  readonly random: () => number;
}

/** Who told of a realm's KDCs, or why nobody did. */
export type KdcSource =
  | { readonly type: "configuration" }
  | {
      readonly type: "dns";
      readonly server: string;
      readonly recordCount: number;
      /** The records' own, in seconds, before bounds. */
      readonly ttlSeconds: number;
      /** From an earlier answer, as no DNS answers now. */
      readonly isStale: boolean;
    }
  | { readonly type: "silent-dns"; readonly problems: readonly string[] };

/** A realm's KDCs. */
export interface KdcsFound {
  readonly source: KdcSource;
  /** Best first, at most `MAX_KDCS`; none when nobody knows the realm. */
  readonly addresses: readonly KdcAddress[];
}

/** What the DNS said of a realm, and until when it counts. */
interface Kept {
  readonly outcome: Extract<SrvOutcome, { isAnswered: true }>;
  readonly freshUntilMs: number;
  readonly saidAtMs: number;
}

/** Finds the KDCs of a realm: by configuration, else by DNS SRV, whose answers are kept as long as they live. */
export class KdcDirectory {
  readonly #options: KdcDirectoryOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<SrvOutcome>>();
  readonly #silent = new Map<string, { readonly untilMs: number; readonly problems: readonly string[] }>();

  constructor(options: KdcDirectoryOptions) {
    this.#options = options;
  }

  /** Who knows the realm's KDCs, and which they are. Takes no longer than the DNS client's limit. */
  async find(realm: string): Promise<KdcsFound> {
    const configured = this.#options.configured.get(realm.toUpperCase());
    if (configured !== undefined)
      return { source: { type: "configuration" }, addresses: configured.slice(0, MAX_KDCS) };
    const name = kdcSrvName(realm);
    const fresh = this.#fresh(name);
    if (fresh !== undefined) return this.#found(fresh, false);
    const silent = this.#silent.get(name);
    const outcome =
      silent !== undefined && silent.untilMs > this.#options.monotonicMs()
        ? ({ isAnswered: false, problems: silent.problems } as const)
        : await this.#ask(name);
    if (outcome.isAnswered) return this.#found(outcome, false);
    const stale = this.#kept.get(name);
    if (stale !== undefined && this.#options.monotonicMs() - stale.saidAtMs < STALE_MS)
      return this.#found(stale.outcome, true);
    return { source: { type: "silent-dns", problems: outcome.problems }, addresses: [] };
  }

  #fresh(name: string): Kept["outcome"] | undefined {
    const kept = this.#kept.get(name);
    return kept !== undefined && kept.freshUntilMs > this.#options.monotonicMs() ? kept.outcome : undefined;
  }

  /** Who asks while the same is being asked waits for the same answer. */
  #ask(name: string): Promise<SrvOutcome> {
    const running = this.#asking.get(name);
    if (running !== undefined) return running;
    const asking = this.#options.dns
      .srv(name)
      .then((outcome) => this.#keep(name, outcome))
      .finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }

  #keep(name: string, outcome: SrvOutcome): SrvOutcome {
    const nowMs = this.#options.monotonicMs();
    if (!outcome.isAnswered) {
      remember(this.#silent, name, {
        untilMs: nowMs + NONE_TTL_SECONDS * 1000,
        problems: outcome.problems,
      });
      return outcome;
    }
    const { records, ttlSeconds } = outcome.answer;
    const bounded = Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, ttlSeconds));
    const lifeSeconds = records.length === 0 ? NONE_TTL_SECONDS : bounded;
    remember(this.#kept, name, { outcome, saidAtMs: nowMs, freshUntilMs: nowMs + lifeSeconds * 1000 });
    this.#silent.delete(name);
    return outcome;
  }

  #found({ server, answer }: Kept["outcome"], isStale: boolean): KdcsFound {
    const addresses = orderRecords(answer.records, this.#options.random)
      .slice(0, MAX_KDCS)
      .map(({ name, port }) => ({ kind: "tcp", host: name, port, isFromDns: true }) as const);
    const { records, ttlSeconds } = answer;
    return {
      source: { type: "dns", server, recordCount: records.length, ttlSeconds, isStale },
      addresses,
    };
  }
}

/** Puts a value last, and the oldest out where there are too many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > MAX_REALMS && oldest !== undefined) map.delete(oldest);
}

/**
 * RFC 2782: by priority, and by chance in proportion to the weight within one. `.` alone means "no such service"; an
 * address in the place of a name, or port 0, is nothing a record may hold.
 */
export function orderRecords(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const lot = ({ weight }: SrvRecord) => random() ** (1 / (weight + 0.01));
  return records
    .filter(({ name, port }) => name !== "." && port !== 0 && isIP(name) === 0)
    .map((record) => ({ record, lot: lot(record) }))
    .sort((left, right) => left.record.priority - right.record.priority || right.lot - left.lot)
    .map(({ record }) => record);
}
