import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@poterne/contract";
import { z } from "zod";
import { fromBase64, toBase64 } from "./byte-text.ts";
import { replaceFile } from "./durable-file.ts";
import { type MasterKey, masterKeyId } from "./envelope.ts";

/** Master keys held at once: the current one and those whose envelopes are still being re-wrapped. */
const MAX_MASTER_KEYS = 8;

const FILE_NAME = "master-keys.json";
const KEY_BYTES = 32;

const fileSchema = z.strictObject({
  format: z.literal("poterne-master-keys.v1"),
  /** Current first. */
  keys: z
    .array(z.strictObject({ id: z.string(), key: z.string(), createdAt: z.string() }))
    .min(1)
    .max(MAX_MASTER_KEYS),
});
type KeyFile = z.infer<typeof fileSchema>;

/** Where the master keys come from. */
export interface MasterKeySource {
  /** The folder of the key file. */
  readonly directory: string;
  /** The value of `POTERNE_MASTER_KEY`: base64 keys, the current one first, commas between; null to use the file. */
  readonly environmentValue: string | null;
  /** A file that proves that keys were made here before: with it, a missing key file is an error and not a first start. */
  readonly witnessFile: string;
  readonly now: () => number;
}

/** The ring of master keys: one wraps, all open. */
export class MasterKeys {
  readonly #path: string;
  readonly #isFromFile: boolean;
  readonly #now: () => number;
  #keys: readonly (MasterKey & { readonly createdAt: string })[];
  /** The key file was made by this start: the administrator must back it up. */
  readonly isNew: boolean;

  private constructor(
    source: MasterKeySource,
    keys: readonly (MasterKey & { readonly createdAt: string })[],
    isNew: boolean,
  ) {
    this.#path = join(source.directory, FILE_NAME);
    this.#isFromFile = source.environmentValue === null;
    this.#now = source.now;
    this.#keys = keys;
    this.isNew = isNew;
  }

  /** Reads the keys, or makes the file (mode 0600) on the first start. */
  static async load(source: MasterKeySource): Promise<MasterKeys> {
    if (source.environmentValue !== null) {
      return new MasterKeys(source, parseEnvironment(source.environmentValue), false);
    }
    const path = join(source.directory, FILE_NAME);
    await mkdir(source.directory, { recursive: true, mode: 0o700 });
    if (existsSync(path)) {
      await chmod(path, 0o600);
      return new MasterKeys(source, parseFile(await readFile(path, "utf8"), path), false);
    }
    if (existsSync(source.witnessFile)) {
      throw new Error(`the master key is missing: restore ${path} or set POTERNE_MASTER_KEY`);
    }
    const made = new MasterKeys(source, [makeKey(source.now())], true);
    await made.#save(made.#keys);
    return made;
  }

  /** Where the file is, null when the keys come from the environment. */
  get path(): string | null {
    return this.#isFromFile ? this.#path : null;
  }

  /** The key that wraps. */
  get current(): MasterKey {
    const [first] = this.#keys;
    if (first === undefined) throw new Error("the ring of master keys is empty");
    return first;
  }

  /** Ids, current first. */
  get ids(): readonly string[] {
    return this.#keys.map((key) => key.id);
  }

  /** A key by id, null when it is not (or no longer) held. */
  find = (id: string): MasterKey | null => this.#keys.find((key) => key.id === id) ?? null;

  /** Makes a new current key and keeps the old ones until `retire`. Refused (`conflict`) when keys come from the environment. */
  async rotate(): Promise<MasterKey> {
    if (!this.#isFromFile) {
      const detail = "POTERNE_MASTER_KEY holds the keys: put the new one first, a comma, then the old one";
      throw new Failure("conflict", { detail });
    }
    if (this.#keys.length >= MAX_MASTER_KEYS) {
      throw new Failure("conflict", { detail: "too many old master keys: finish their rotation first" });
    }
    const keys = [makeKey(this.#now()), ...this.#keys];
    await this.#save(keys);
    this.#keys = keys;
    return this.current;
  }

  /** Forgets an old key, once nothing is wrapped by it any more. Forgetting the current one is refused. */
  async retire(id: string): Promise<void> {
    if (id === this.current.id) throw new Failure("conflict", { detail: "the current master key is in use" });
    const keys = this.#keys.filter((key) => key.id !== id);
    if (this.#isFromFile) await this.#save(keys);
    this.#keys = keys;
  }

  #save(keys: readonly (MasterKey & { readonly createdAt: string })[]): Promise<void> {
    const content: KeyFile = {
      format: "poterne-master-keys.v1",
      keys: keys.map(({ id, key, createdAt }) => ({ id, key: toBase64(key), createdAt })),
    };
    return replaceFile(this.#path, `${JSON.stringify(content, null, 2)}\n`, 0o600);
  }
}

function makeKey(nowMs: number) {
  const key = randomBytes(KEY_BYTES);
  return { id: masterKeyId(key), key, createdAt: new Date(nowMs).toISOString() };
}

function parseEnvironment(value: string) {
  const texts = value.split(",").map((text) => text.trim());
  if (texts.length > MAX_MASTER_KEYS) throw new Error("POTERNE_MASTER_KEY holds too many keys");
  return texts.map((text) => ({ ...parseKey(text, "POTERNE_MASTER_KEY"), createdAt: "" }));
}

function parseFile(text: string, path: string) {
  let content: KeyFile;
  try {
    content = fileSchema.parse(JSON.parse(text));
  } catch {
    // The cause would quote the file's content.
    throw new Error(`${path} is not a file of master keys`);
  }
  return content.keys.map(({ key, createdAt }) => ({ ...parseKey(key, path), createdAt }));
}

function parseKey(text: string, where: string): MasterKey {
  let key: Uint8Array;
  try {
    key = fromBase64(text);
  } catch {
    throw new Error(`a key of ${where} is not base64`);
  }
  if (key.length !== KEY_BYTES) throw new Error(`a key of ${where} is not 32 bytes long`);
  return { id: masterKeyId(key), key };
}
