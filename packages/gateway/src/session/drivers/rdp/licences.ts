import { createHash } from "node:crypto";
import type { IssuedLicence, LicenceWish, RdpFailureCode } from "@poterne/rdp";
import type { KeptLicence, LicenceShelf } from "../../driver.ts";

/** Ends after which the licence that was shown is of no use: the next connection asks for a new one. */
const SPENT: ReadonlySet<string> = new Set<RdpFailureCode>([
  "no-licence",
  "licence-expired",
  "licence-refused",
  "licensing-failed",
]);
const HARDWARE_ID_BYTES = 16;

/**
 * The licences of one RDP target during a session ([MS-RDPELE] 1.3.2): those kept are found by issuer, company and
 * product, what the server issues takes the place of the one like it, what the server refuses is forgotten.
 */
export class RdpLicences {
  readonly #shelf: LicenceShelf | null;
  readonly #kept = new Map<string, KeptLicence>();
  #shown: string | null = null;

  constructor(shelf: LicenceShelf | undefined) {
    this.#shelf = shelf ?? null;
  }

  /** See `ConnectionOptions.hardwareId`. */
  get hardwareId(): Uint8Array {
    return this.#shelf?.hardwareId ?? new Uint8Array(HARDWARE_ID_BYTES);
  }

  /** Takes what is kept; to be called before the first connection. */
  async load(): Promise<void> {
    for (const licence of (await this.#shelf?.load()) ?? []) this.#kept.set(licence.key, licence);
  }

  /** The kept licence that answers a server's wish, of several the newest version. */
  find({ scopes, companyName, productId }: LicenceWish): Uint8Array | null {
    let found: KeptLicence | null = null;
    for (const scope of scopes) {
      const one = this.#kept.get(keyOf({ scope, companyName, productId }));
      if (one !== undefined && (found === null || one.version > found.version)) found = one;
    }
    this.#shown = found?.key ?? null;
    return found?.bytes ?? null;
  }

  /** Keeps what the server issued. */
  async keep(licence: IssuedLicence): Promise<void> {
    const { version, bytes } = licence;
    const kept = { key: keyOf(licence), version, bytes };
    this.#kept.set(kept.key, kept);
    this.#shown = null;
    await this.#shelf?.keep(kept);
  }

  /** The connection ended with this code before the desktop was there. */
  async ended(code: string): Promise<void> {
    const key = this.#shown;
    this.#shown = null;
    if (key === null || !SPENT.has(code)) return;
    this.#kept.delete(key);
    await this.#shelf?.forget(key);
  }
}

/** What a licence is for, as 64 hexadecimal digits: servers name companies and products as long as they like. */
function keyOf(licence: { scope: string; companyName: string; productId: string }): string {
  const { scope, companyName, productId } = licence;
  return createHash("sha256").update([scope, companyName, productId].join("\0")).digest("hex");
}
