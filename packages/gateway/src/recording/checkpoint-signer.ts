import { CHECKPOINT_DOMAIN, type ChainSnapshot, encodeCheckpoint } from "@poterne/recording";
import type { Keeper } from "../keeper/keeper.ts";

/** What one recording's checkpoints have in common. */
export interface CheckpointContext {
  readonly sessionId: string;
  /** `CheckpointFlag` bits. */
  readonly flags: number;
  readonly unixMs: number;
}

/** A keeper that says nothing for so long counts as away. */
const SIGN_TIMEOUT_MS = 15_000;

/** Has checkpoints signed by the keeper; knows its current public key, and learns of a rotation by the id that comes back. */
export class CheckpointSigner {
  readonly #keeper: Pick<Keeper, "sign" | "publicKeys">;
  #current: { readonly keyId: string; readonly publicKey: Uint8Array } | null = null;

  constructor(keeper: Pick<Keeper, "sign" | "publicKeys">) {
    this.#keeper = keeper;
  }

  /** A whole checkpoint, signature included. Rejects when the keeper does not answer. */
  async sign(snapshot: ChainSnapshot, context: CheckpointContext): Promise<Uint8Array> {
    for (let attempt = 0; attempt < 2; attempt++) {
      this.#current ??= await this.#readCurrent();
      const { keyId, publicKey } = this.#current;
      const statement = encodeCheckpoint({ ...snapshot, ...context, keyId, publicKey });
      const signed = await withinTime(this.#keeper.sign(CHECKPOINT_DOMAIN, statement));
      if (signed.keyId === keyId) return Buffer.concat([statement, signed.signature]);
      this.#current = null;
    }
    throw new Error("the keeper's signing key changes too fast");
  }

  async #readCurrent(): Promise<{ keyId: string; publicKey: Uint8Array }> {
    const keys = await this.#keeper.publicKeys();
    const newest = keys.reduce<(typeof keys)[number] | null>(
      (best, key) => (best === null || key.fromMs >= best.fromMs ? key : best),
      null,
    );
    if (newest === null) throw new Error("the keeper has no signing key");
    return { keyId: newest.keyId, publicKey: newest.publicKey };
  }
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the keeper does not answer")), SIGN_TIMEOUT_MS);
  });
  return Promise.race([answer, timeout]).finally(() => clearTimeout(timer));
}
