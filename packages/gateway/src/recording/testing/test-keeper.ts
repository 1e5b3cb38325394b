import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Keeper, KeyWrap } from "../../keeper/keeper.ts";
import { recordingCrypto } from "../node-crypto.ts";

type RecordingKeeper = Pick<
  Keeper,
  "makeRecordingKey" | "openRecordingKey" | "sign" | "publicKeys" | "recordingAnchors"
>;

interface TestKey {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/**
 * A small keeper in this process, with real keys, for tests of recordings: what the real one does for them, without its
 * child, files and journal. `isAway` makes it refuse, `rotate` changes the signing key.
 */
export class TestKeeper implements RecordingKeeper {
  readonly #master: Uint8Array = randomBytes(32);
  readonly #keys: TestKey[] = [makeKey(0)];
  isAway = false;
  /** What its journal says of any recording. */
  anchors: { readonly count: number; readonly head: Uint8Array }[] = [];

  /** The keeper as the recorder's parts name it. */
  asKeeper(): Keeper {
    return this as RecordingKeeper as Keeper;
  }

  async makeRecordingKey(sessionId: string): Promise<{ key: Uint8Array; wraps: readonly KeyWrap[] }> {
    this.#requireHere();
    const key = randomBytes(32);
    const nonce = randomBytes(12);
    const sealed = recordingCrypto.seal(this.#master, nonce, Buffer.from(sessionId), key);
    const wrap = { recipient: "master:test", algorithm: "A256GCM", wrapped: Buffer.concat([nonce, sealed]) };
    return { key, wraps: [wrap] };
  }

  async openRecordingKey(sessionId: string, wraps: readonly KeyWrap[]): Promise<Uint8Array> {
    this.#requireHere();
    const wrapped = wraps[0]?.wrapped ?? new Uint8Array(0);
    const nonce = wrapped.subarray(0, 12);
    const key = recordingCrypto.open(this.#master, nonce, Buffer.from(sessionId), wrapped.subarray(12));
    if (key === null) throw new Error("the wrap does not open");
    return key;
  }

  async sign(domain: string, data: Uint8Array): Promise<{ keyId: string; signature: Uint8Array }> {
    this.#requireHere();
    const { keyId, privateKey } = this.#current();
    return { keyId, signature: sign(null, Buffer.concat([Buffer.from(`${domain}\0`), data]), privateKey) };
  }

  async recordingAnchors() {
    this.#requireHere();
    return this.anchors;
  }

  async publicKeys() {
    return this.#keys.map(({ keyId, publicKey }, at) => ({
      keyId,
      publicKey,
      fromMs: at,
      signedBy: null,
      signature: null,
    }));
  }

  /** Makes another signing key the current one. */
  rotate(): void {
    this.#keys.push(makeKey(this.#keys.length));
  }

  #current(): TestKey {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error("no key");
    return key;
  }

  #requireHere(): void {
    if (this.isAway) throw new Error("the keeper is away");
  }
}

function makeKey(number: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return { keyId: `test-${number}`, publicKey: new Uint8Array(spki.subarray(12)), privateKey };
}
