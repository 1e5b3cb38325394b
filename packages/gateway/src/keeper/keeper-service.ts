import { Failure } from "@poterne/contract";
import { entrySchema, KEEPER_KIND_PREFIX } from "../journal/journal-entry.ts";
import type { JournalFile } from "../journal/journal-file.ts";
import { readAnchors } from "../recording/journal-anchors.ts";
import { toBase64 } from "./byte-text.ts";
import { openEnvelope, rewrapEnvelope, sealEnvelope } from "./envelope.ts";
import type { KeyWrap } from "./keeper.ts";
import type { MasterKeys } from "./master-keys.ts";
import type { KeeperMethod, KeeperQuestion } from "./messages.ts";
import { RateLimit } from "./rate-limit.ts";
import { type AuditorKey, makeContentKey, unwrapRecordingKey, wrapRecordingKey } from "./recording-keys.ts";
import type { SigningKeys } from "./signing-keys.ts";
import {
  generateSshKey,
  packSshKey,
  parseSshKey,
  type SshPrivateKey,
  signWithSshKey,
  unpackSshKey,
} from "./ssh-key.ts";
import { checkSshRequest } from "./ssh-request.ts";

/** How often secrets may be opened, keys used and recordings unlocked: per purpose and altogether. */
const KEEPER_RATES = {
  open: { perPurpose: { burst: 30, perMinute: 30 }, altogether: { burst: 600, perMinute: 600 } },
  recording: { perPurpose: { burst: 600, perMinute: 300 }, altogether: { burst: 1_500, perMinute: 600 } },
  sign: { perPurpose: { burst: 4_000, perMinute: 30_000 }, altogether: { burst: 8_000, perMinute: 60_000 } },
} as const;

/** A refusal by rate is an alarm in the journal at most so often. */
const LIMIT_ALARM_EVERY_MS = 60_000;

/** What the keeper holds. */
export interface KeeperHoldings {
  readonly masterKeys: MasterKeys;
  readonly signingKeys: SigningKeys;
  readonly auditors: readonly AuditorKey[];
  readonly journal: JournalFile;
  readonly journalDirectory: string;
  readonly retentionMonths: number;
  readonly monotonicMs: () => number;
}

type Subject = { sessionId?: string; personId?: string };
type Answers = { readonly [M in KeeperMethod]: (question: KeeperQuestion<M>) => unknown };

/** Answers the gateway's questions; every opening is in the journal before it is answered. */
export class KeeperService {
  readonly #holdings: KeeperHoldings;
  readonly #openings: RateLimit;
  readonly #recordings: RateLimit;
  readonly #signatures: RateLimit;
  #limitAlarmMs = Number.NEGATIVE_INFINITY;

  constructor(holdings: KeeperHoldings) {
    this.#holdings = holdings;
    this.#openings = new RateLimit(KEEPER_RATES.open, holdings.monotonicMs);
    this.#recordings = new RateLimit(KEEPER_RATES.recording, holdings.monotonicMs);
    this.#signatures = new RateLimit(KEEPER_RATES.sign, holdings.monotonicMs);
  }

  /** The answers, by method. `close` belongs to whoever serves the channel. */
  readonly answers: Answers = {
    sealSecret: ({ context, secret }) => this.#seal(context, secret),
    openSecret: async ({ context, envelope, purpose }) => {
      this.#limit(this.#openings, purpose);
      const secret = openEnvelope(this.#holdings.masterKeys.find, context, envelope);
      await this.#note("keeper.secret-opened", { context, purpose });
      return toBase64(secret);
    },
    rewrapSecret: ({ context, envelope }) => {
      const { find, current } = this.#holdings.masterKeys;
      const rewrapped = rewrapEnvelope(find, current, { context, envelope });
      return rewrapped === null ? null : toBase64(rewrapped);
    },
    sealSshKey: ({ context, keyFile, passphrase }) =>
      this.#sealKey(context, parseSshKey(keyFile, passphrase)),
    generateSshKey: ({ context }) => this.#sealKey(context, generateSshKey()),
    signSsh: (question) => this.#signSsh(question),
    makeRecordingKey: ({ sessionId }) => {
      const key = makeContentKey();
      return { key: toBase64(key), wraps: packWraps(wrapRecordingKey({ sessionId, key }, this.#holdings)) };
    },
    openRecordingKey: async ({ sessionId, wraps, purpose }) => {
      this.#limit(this.#recordings, purpose);
      const key = unwrapRecordingKey(sessionId, wraps, this.#holdings.masterKeys);
      await this.#note("keeper.recording-key-opened", { context: `recording:${sessionId}`, purpose });
      return toBase64(key);
    },
    rewrapRecordingKey: ({ sessionId, wraps }) => {
      const key = unwrapRecordingKey(sessionId, wraps, this.#holdings.masterKeys);
      return packWraps(mergeWraps(wraps, wrapRecordingKey({ sessionId, key }, this.#holdings)));
    },
    sign: ({ domain, data }) => {
      this.#limit(this.#signatures, domain);
      const { keyId, signature } = this.#holdings.signingKeys.sign(domain, data);
      return { keyId, signature: toBase64(signature) };
    },
    publicKeys: () => this.#holdings.signingKeys.publicKeys.map(packPublicKey),
    rotateSigningKey: async () => {
      const before = this.#holdings.signingKeys.current.keyId;
      // Written under the old key and the new: both prove that the change was meant.
      await this.#note("keeper.signing-key-rotating", { before });
      const key = await this.#holdings.signingKeys.rotate();
      await this.#note("keeper.signing-key-rotated", { before, after: key.keyId });
      return packPublicKey(key);
    },
    rotateMasterKey: async () => {
      const { masterKeys, signingKeys } = this.#holdings;
      const before = masterKeys.current.id;
      const made = await masterKeys.rotate();
      await signingKeys.rewrap();
      await this.#note("keeper.master-key-rotated", { before, after: made.id });
      return { currentKeyId: made.id, oldKeyIds: masterKeys.ids.slice(1) };
    },
    retireMasterKey: async ({ keyId }) => {
      await this.#holdings.signingKeys.rewrap();
      await this.#note("keeper.master-key-retired", { keyId });
      await this.#holdings.masterKeys.retire(keyId);
      return null;
    },
    appendJournal: ({ line }) => this.#append(line),
    readJournal: (after) => this.#holdings.journal.read(after),
    recordingAnchors: async ({ sessionId, fromDay, toDay }) => {
      this.#limit(this.#recordings, `recording:${sessionId}`);
      const anchors = await readAnchors(this.#holdings.journalDirectory, sessionId, { fromDay, toDay });
      return anchors.map(({ count, head }) => ({ count, head: toBase64(head) }));
    },
    journalState: () => ({
      ...this.#holdings.journal.state,
      retentionMonths: this.#holdings.retentionMonths,
      masterKeyIds: this.#holdings.masterKeys.ids,
    }),
    close: () => null,
  };

  #seal(context: string, secret: Uint8Array): string {
    return toBase64(sealEnvelope(this.#holdings.masterKeys.current, context, secret));
  }

  #sealKey(context: string, key: SshPrivateKey) {
    const envelope = this.#seal(context, packSshKey(key));
    return { envelope, publicKey: toBase64(key.publicKey), algorithm: key.algorithm };
  }

  async #signSsh(question: KeeperQuestion<"signSsh">): Promise<string> {
    const { context, envelope, algorithm, data, purpose } = question;
    this.#limit(this.#openings, purpose);
    const key = unpackSshKey(openEnvelope(this.#holdings.masterKeys.find, context, envelope));
    checkSshRequest(data, { algorithm, publicKey: key.publicKey });
    const signature = signWithSshKey(key.pem, algorithm, data);
    await this.#note("keeper.ssh-key-used", { context, purpose, algorithm });
    return toBase64(signature);
  }

  #append(line: string): Promise<{ readonly sequence: number; readonly hash: string }> {
    const parsed = entrySchema.safeParse(parseJson(line));
    if (!parsed.success) throw new Failure("bad-request", { detail: "journal entry" });
    if (parsed.data.kind.startsWith(KEEPER_KIND_PREFIX)) {
      throw new Failure("bad-request", { detail: "this kind of entry is the keeper's own" });
    }
    // Serialised again: what stands in the file is one line of known form, whatever was sent.
    return this.#holdings.journal.append(JSON.stringify(parsed.data));
  }

  #limit(limit: RateLimit, purpose: string): void {
    try {
      limit.take(purpose);
    } catch (error) {
      const nowMs = this.#holdings.monotonicMs();
      if (nowMs - this.#limitAlarmMs > LIMIT_ALARM_EVERY_MS) {
        this.#limitAlarmMs = nowMs;
        const facts = { details: { purpose }, subject: {} };
        void this.#holdings.journal.note("keeper.limit-reached", "alarm", facts).catch(() => null);
      }
      throw error;
    }
  }

  async #note(kind: string, details: Readonly<Record<string, string>>): Promise<void> {
    const subject: Subject = {};
    for (const text of [details.context, details.purpose]) {
      const [, noun, id] = /^(session|recording|person):([0-9a-f-]{36})$/.exec(text ?? "") ?? [];
      if (id === undefined) continue;
      if (noun === "person") subject.personId = id;
      else subject.sessionId = id;
    }
    await this.#holdings.journal.note(kind, "info", { details, subject });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function packWraps(wraps: readonly KeyWrap[]) {
  return wraps.map(({ recipient, algorithm, wrapped }) => ({
    recipient,
    algorithm,
    wrapped: toBase64(wrapped),
  }));
}

/** New wraps for the current master key and auditors; wraps for auditors no longer configured stay as they are. */
function mergeWraps(old: readonly KeyWrap[], fresh: readonly KeyWrap[]): readonly KeyWrap[] {
  const names = new Set(fresh.map((wrap) => wrap.recipient));
  const kept = old.filter((wrap) => !wrap.recipient.startsWith("master:") && !names.has(wrap.recipient));
  return [...fresh, ...kept];
}

function packPublicKey(key: SigningKeys["publicKeys"][number]) {
  const pack = (bytes: Uint8Array | null) => (bytes === null ? null : toBase64(bytes));
  const { keyId, fromMs, signedBy } = key;
  return {
    keyId,
    publicKey: toBase64(key.publicKey),
    fromMs,
    signedBy,
    signature: pack(key.signature),
    backSignature: pack(key.backSignature),
  };
}
