import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fromBase64, toBase64, utf8 } from "./byte-text.ts";
import { replaceFile } from "./durable-file.ts";
import { openEnvelope, rewrapEnvelope, sealEnvelope } from "./envelope.ts";
import type { MasterKeys } from "./master-keys.ts";
import { rawPublicKey, type Signed, signStatement, verifyStatement } from "./signature.ts";

/** Domain of the statement by which one signing key vouches for another. */
const SIGNING_KEY_DOMAIN = "poterne.signing-key.v1";

/** Signing keys kept, past ones included; at one rotation a month that is 20 years. */
const MAX_SIGNING_KEYS = 250;

const PRIVATE_FILE = "signing-keys.json";
const PUBLIC_FILE = "public-keys.json";

/** A public signing key with what vouches for it. */
export interface PublicSigningKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly fromMs: number;
  /** The key before it, null for the first. */
  readonly signedBy: string | null;
  /** By `signedBy` over this key: who trusts the old one may trust the new one. */
  readonly signature: Uint8Array | null;
  /** By this key over `signedBy`'s: who trusts the new one may trust the old one. */
  readonly backSignature: Uint8Array | null;
}

const keySchema = z.strictObject({
  keyId: z.string().max(64),
  publicKey: z.string().max(64),
  fromMs: z.int(),
  signedBy: z.string().max(64).nullable(),
  signature: z.string().max(128).nullable(),
  backSignature: z.string().max(128).nullable(),
});
const publicFileSchema = z.strictObject({
  format: z.literal("poterne-public-keys.v1"),
  keys: z.array(keySchema).max(MAX_SIGNING_KEYS),
});
const privateFileSchema = z.strictObject({
  format: z.literal("poterne-signing-keys.v1"),
  keys: z
    .array(keySchema.extend({ sealed: z.string().max(4096) }))
    .min(1)
    .max(MAX_SIGNING_KEYS),
});

interface HeldKey extends PublicSigningKey {
  readonly sealed: Uint8Array;
}

/** Id of a signing key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes. */
export function signingKeyId(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
}

/** What a key signs to vouch for another: id, start and the 32 bytes. */
function keyStatement(key: { readonly fromMs: number; readonly publicKey: Uint8Array }): Uint8Array {
  return utf8(JSON.stringify({ publicKey: toBase64(key.publicKey), fromMs: key.fromMs }));
}

/** Reads the public key file (`keys/public-keys.json`), as an auditor has it; checks ids and that each key vouches for the next. */
export function parsePublicKeys(text: string): readonly PublicSigningKey[] {
  const keys = publicFileSchema.parse(JSON.parse(text)).keys.map(fromFile);
  for (const [index, key] of keys.entries()) {
    if (signingKeyId(key.publicKey) !== key.keyId) throw new Error(`key ${key.keyId} does not fit its id`);
    const before = keys[index - 1];
    if (before !== undefined && !isVouchedFor(before, key)) {
      throw new Error(`key ${key.keyId} is not vouched for by the key before it`);
    }
  }
  return keys;
}

function isVouchedFor(before: PublicSigningKey, key: PublicSigningKey): boolean {
  if (key.signedBy !== before.keyId || key.signature === null) return false;
  const signed = { domain: SIGNING_KEY_DOMAIN, data: keyStatement(key), signature: key.signature };
  return verifyStatement(before.publicKey, signed);
}

/** The Ed25519 keys that sign the journal and the recordings; private halves are sealed under the master key. */
export class SigningKeys {
  readonly #directory: string;
  readonly #masterKeys: MasterKeys;
  readonly #now: () => number;
  #keys: readonly HeldKey[];
  #currentPrivate: KeyObject;

  private constructor(
    options: { directory: string; masterKeys: MasterKeys; now: () => number },
    keys: readonly HeldKey[],
  ) {
    this.#directory = options.directory;
    this.#masterKeys = options.masterKeys;
    this.#now = options.now;
    this.#keys = keys;
    this.#currentPrivate = this.#openPrivate(this.current);
  }

  /** The file whose presence tells that keys were made here before. */
  static witnessFile(directory: string): string {
    return join(directory, PRIVATE_FILE);
  }

  /** Reads the keys, or makes the first one. */
  static async load(options: {
    readonly directory: string;
    readonly masterKeys: MasterKeys;
    readonly now: () => number;
  }): Promise<SigningKeys> {
    const path = SigningKeys.witnessFile(options.directory);
    if (existsSync(path)) {
      const content = privateFileSchema.parse(JSON.parse(await readFile(path, "utf8")));
      const keys = content.keys.map((key) => ({ ...fromFile(key), sealed: fromBase64(key.sealed) }));
      const loaded = new SigningKeys(options, keys);
      await loaded.#save(loaded.#keys);
      return loaded;
    }
    const made = new SigningKeys(options, [makeKey(options.masterKeys, options.now(), null)]);
    await made.#save(made.#keys);
    return made;
  }

  /** The key that signs now. */
  get current(): HeldKey {
    const last = this.#keys.at(-1);
    if (last === undefined) throw new Error("there is no signing key");
    return last;
  }

  /** All public keys, oldest first. */
  get publicKeys(): readonly PublicSigningKey[] {
    return this.#keys.map(({ sealed: _sealed, ...key }) => key);
  }

  /** Signs a statement with the current key. */
  sign = (domain: string, data: Uint8Array): Signed => ({
    keyId: this.current.keyId,
    signature: signStatement(this.#currentPrivate, domain, data),
  });

  /** Makes a new current key; the old and the new one vouch for each other. */
  async rotate(): Promise<PublicSigningKey> {
    if (this.#keys.length >= MAX_SIGNING_KEYS) throw new Error("too many signing keys");
    const made = makeKey(this.#masterKeys, this.#now(), {
      key: this.current,
      privateKey: this.#currentPrivate,
    });
    await this.#save([...this.#keys, made]);
    this.#keys = [...this.#keys, made];
    this.#currentPrivate = this.#openPrivate(made);
    return made;
  }

  /** Wraps all private halves by the current master key, after its rotation. */
  async rewrap(): Promise<void> {
    const { find, current } = this.#masterKeys;
    const keys = this.#keys.map((key) => {
      const sealed = rewrapEnvelope(find, current, { context: contextOf(key.keyId), envelope: key.sealed });
      return sealed === null ? key : { ...key, sealed };
    });
    await this.#save(keys);
    this.#keys = keys;
  }

  #openPrivate(key: HeldKey): KeyObject {
    const der = openEnvelope(this.#masterKeys.find, contextOf(key.keyId), key.sealed);
    return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  }

  async #save(keys: readonly HeldKey[]): Promise<void> {
    const sealed = keys.map((key) => ({ ...toFile(key), sealed: toBase64(key.sealed) }));
    const privateText = JSON.stringify({ format: "poterne-signing-keys.v1", keys: sealed }, null, 2);
    const publicText = JSON.stringify({ format: "poterne-public-keys.v1", keys: keys.map(toFile) }, null, 2);
    await replaceFile(join(this.#directory, PRIVATE_FILE), `${privateText}\n`, 0o600);
    await replaceFile(join(this.#directory, PUBLIC_FILE), `${publicText}\n`, 0o644);
  }
}

function contextOf(keyId: string): string {
  return `signing-key:${keyId}`;
}

function makeKey(
  masterKeys: MasterKeys,
  fromMs: number,
  before: { readonly key: PublicSigningKey; readonly privateKey: KeyObject } | null,
): HeldKey {
  const pair = generateKeyPairSync("ed25519");
  const publicKey = rawPublicKey(pair.publicKey);
  const keyId = signingKeyId(publicKey);
  const der = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const made = { keyId, publicKey, fromMs, sealed: sealEnvelope(masterKeys.current, contextOf(keyId), der) };
  der.fill(0);
  if (before === null) return { ...made, signedBy: null, signature: null, backSignature: null };
  return {
    ...made,
    signedBy: before.key.keyId,
    signature: signStatement(before.privateKey, SIGNING_KEY_DOMAIN, keyStatement(made)),
    backSignature: signStatement(pair.privateKey, SIGNING_KEY_DOMAIN, keyStatement(before.key)),
  };
}

function toFile(key: PublicSigningKey): z.infer<typeof keySchema> {
  const { keyId, fromMs, signedBy, signature, backSignature } = key;
  return {
    keyId,
    publicKey: toBase64(key.publicKey),
    fromMs,
    signedBy,
    signature: signature === null ? null : toBase64(signature),
    backSignature: backSignature === null ? null : toBase64(backSignature),
  };
}

function fromFile(key: z.infer<typeof keySchema>): PublicSigningKey {
  const { keyId, fromMs, signedBy, signature, backSignature } = key;
  return {
    keyId,
    publicKey: fromBase64(key.publicKey),
    fromMs,
    signedBy,
    signature: signature === null ? null : fromBase64(signature),
    backSignature: backSignature === null ? null : fromBase64(backSignature),
  };
}
