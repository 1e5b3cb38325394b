import { argon2, timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";
import { Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
/** Parameters a stored hash may have: bounds what a tampered row could make us do. */
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;
/**
 * How many run at once: each takes a thread of the pool, 19 MiB and a core for some 40 ms. Half the cores are left to live
 * sessions; one core alone derives twenty a second.
 */
export const MAX_RUNNING = Math.max(1, Math.floor(availableParallelism() / 2));
/** How many may wait; above, the caller is told to come back. */
const MAX_WAITING = 64;
const BUSY_RETRY_SECONDS = 5;
/** Longest password in bytes, after normalisation. */
export const PASSWORD_MAX_BYTES = 256;

const TODAY = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES } as const;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** Passwords in the form in which they are compared: the same on every keyboard and system (NFKC, RFC 8265 §4). */
export function normalisePassword(password: string): string {
  return password.normalize("NFKC");
}

/** Hashes and verifies passwords with argon2id, a few at a time. Hashes are PHC strings. */
export class PasswordHasher {
  readonly #environment: Environment;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #runCount = 0;
  /** What unknown names are verified against: no password's hash, but the same work. */
  readonly #decoy: Parameters;

  constructor(environment: Environment) {
    this.#environment = environment;
    const salt = Buffer.from(environment.randomBytes(SALT_BYTES));
    this.#decoy = { ...TODAY, salt, tag: Buffer.from(environment.randomBytes(TAG_BYTES)) };
  }

  /** How often argon2 ran: lets a test prove that an unknown name costs the same work. */
  get runCount(): number {
    return this.#runCount;
  }

  /** The PHC string of a password, with a salt of its own. Fails with `too-many-requests` when too many wait. */
  async hash(password: string): Promise<string> {
    const salt = Buffer.from(this.#environment.randomBytes(SALT_BYTES));
    const tag = await this.#run(normalisePassword(password), salt, TODAY);
    const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${text(salt)}$${text(tag)}`;
  }

  /**
   * Whether the password is the one hashed. Without a hash (unknown name, disabled person) a decoy is verified and the
   * answer is no: the same work either way.
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const known = hash === null ? null : parseHash(hash);
    const parameters = known ?? this.#decoy;
    const normal = normalisePassword(password);
    // Too long can only be wrong; the same work is done on a part of it.
    const isTooLong = Buffer.byteLength(normal) > PASSWORD_MAX_BYTES;
    const tag = await this.#run(
      isTooLong ? normal.slice(0, PASSWORD_MAX_BYTES / 4) : normal,
      parameters.salt,
      parameters,
    );
    return known !== null && !isTooLong && timingSafeEqual(tag, parameters.tag);
  }

  /** Whether a hash was made with other parameters than today's and is to be made again at the next right password. */
  needsRehash(hash: string): boolean {
    const parameters = parseHash(hash);
    return parameters === null || parameters.memory !== MEMORY_KIB || parameters.passes !== PASSES;
  }

  /** Throws the Failure `too-many-requests` when too many wait. */
  requireRoom(): void {
    if (this.#waiting.length >= MAX_WAITING)
      throw new Failure("too-many-requests", { seconds: BUSY_RETRY_SECONDS });
  }

  async #run(message: string, nonce: Buffer, shape: Omit<Parameters, "salt" | "tag">): Promise<Buffer> {
    await this.#enter();
    try {
      this.#runCount++;
      const { memory, passes, parallelism } = shape;
      const options = { message, nonce, parallelism, tagLength: TAG_BYTES, memory, passes };
      return await new Promise<Buffer>((resolve, reject) => {
        argon2("argon2id", options, (error, tag) => (error === null ? resolve(tag) : reject(error)));
      });
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++;
      return;
    }
    this.requireRoom();
    // The place is handed over by `#leave`, so `#running` stays as it is.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

function parseHash(hash: string): Parameters | null {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/.exec(hash);
  if (match === null) return null;
  const [memory, passes] = [Number(match[1]), Number(match[2])];
  if (memory < 8 || memory > MAX_MEMORY_KIB || passes < 1 || passes > MAX_PASSES) return null;
  const [salt, tag] = [match[3] ?? "", match[4] ?? ""].map((text) => Buffer.from(text, "base64"));
  return salt === undefined || tag === undefined ? null : { memory, passes, parallelism: 1, salt, tag };
}
