import type { JournalFileState } from "../journal/journal-file.ts";
import type { JournalPlace, ReadLines } from "../journal/journal-reader.ts";
import { fromBase64, toBase64 } from "./byte-text.ts";
import type { Keeper, KeyWrap } from "./keeper.ts";
import type { KeeperMethod } from "./messages.ts";
import type { PublicSigningKey } from "./signing-keys.ts";

/** What `journalState` answers. */
export interface KeeperJournalState extends JournalFileState {
  readonly retentionMonths: number;
  /** Ids of the master keys held, current first. */
  readonly masterKeyIds: readonly string[];
}

/** What the keeper can do beside what sessions need: administration of keys, reading the journal's file. */
export interface FullKeeper extends Keeper {
  /** Makes a new Ed25519 key for an account; the private half is in the envelope and nowhere else. */
  generateSshKey(
    context: string,
  ): Promise<{ readonly envelope: Uint8Array; readonly publicKey: Uint8Array; readonly algorithm: string }>;
  /** The envelope under the current master key; null when it is there already. The secret itself is not opened. */
  rewrapSecret(context: string, envelope: Uint8Array): Promise<Uint8Array | null>;
  /** The wraps under the current master key and for the auditors configured now. */
  rewrapRecordingKey(sessionId: string, wraps: readonly KeyWrap[]): Promise<readonly KeyWrap[]>;
  /** Makes a new master key, which wraps from now on; the old ones still open. Rejects `conflict` when keys come from the environment. */
  rotateMasterKey(): Promise<{ readonly currentKeyId: string; readonly oldKeyIds: readonly string[] }>;
  /** Forgets an old master key: what is still wrapped by it can never be opened again. */
  retireMasterKey(keyId: string): Promise<void>;
  /** Makes a new signing key; old and new vouch for each other. */
  rotateSigningKey(): Promise<PublicSigningKey>;
  publicKeys(): Promise<readonly PublicSigningKey[]>;
  /** Lines of the journal's file after a place, at most about 1 MB. */
  readJournal(after: JournalPlace): Promise<ReadLines>;
  journalState(): Promise<KeeperJournalState>;
}

interface PackedKey {
  readonly envelope: string;
  readonly publicKey: string;
  readonly algorithm: string;
}
interface PackedWrap {
  readonly recipient: string;
  readonly algorithm: string;
  readonly wrapped: string;
}
type PackedPublicKey = Omit<PublicSigningKey, "publicKey" | "signature" | "backSignature"> & {
  readonly publicKey: string;
  readonly signature: string | null;
  readonly backSignature: string | null;
};

/** The keeper's methods on top of a way to ask; `close` is the process's matter. */
export abstract class RemoteKeeper implements FullKeeper {
  /** Asks the keeper. */
  protected abstract ask(method: KeeperMethod, params: unknown): Promise<unknown>;
  abstract close(): Promise<void>;

  async sealSecret(context: string, secret: Uint8Array): Promise<Uint8Array> {
    return fromBase64((await this.ask("sealSecret", { context, secret: toBase64(secret) })) as string);
  }

  async openSecret(context: string, envelope: Uint8Array, purpose: string): Promise<Uint8Array> {
    const params = { context, envelope: toBase64(envelope), purpose };
    return fromBase64((await this.ask("openSecret", params)) as string);
  }

  async rewrapSecret(context: string, envelope: Uint8Array): Promise<Uint8Array | null> {
    const answer = (await this.ask("rewrapSecret", { context, envelope: toBase64(envelope) })) as
      | string
      | null;
    return answer === null ? null : fromBase64(answer);
  }

  async signSsh(
    context: string,
    envelope: Uint8Array,
    algorithm: string,
    data: Uint8Array,
    purpose: string,
  ): Promise<Uint8Array> {
    const params = { context, envelope: toBase64(envelope), algorithm, data: toBase64(data), purpose };
    return fromBase64((await this.ask("signSsh", params)) as string);
  }

  async sealSshKey(context: string, keyFile: Uint8Array, passphrase: string | null) {
    const params = { context, keyFile: toBase64(keyFile), passphrase };
    return unpackKey((await this.ask("sealSshKey", params)) as PackedKey);
  }

  async generateSshKey(context: string) {
    return unpackKey((await this.ask("generateSshKey", { context })) as PackedKey);
  }

  async makeRecordingKey(sessionId: string) {
    const answer = (await this.ask("makeRecordingKey", { sessionId })) as {
      readonly key: string;
      readonly wraps: readonly PackedWrap[];
    };
    return { key: fromBase64(answer.key), wraps: answer.wraps.map(unpackWrap) };
  }

  async openRecordingKey(sessionId: string, wraps: readonly KeyWrap[], purpose: string): Promise<Uint8Array> {
    const params = { sessionId, wraps: wraps.map(packWrap), purpose };
    return fromBase64((await this.ask("openRecordingKey", params)) as string);
  }

  async rewrapRecordingKey(sessionId: string, wraps: readonly KeyWrap[]): Promise<readonly KeyWrap[]> {
    const params = { sessionId, wraps: wraps.map(packWrap) };
    return ((await this.ask("rewrapRecordingKey", params)) as readonly PackedWrap[]).map(unpackWrap);
  }

  async sign(domain: string, data: Uint8Array) {
    const answer = (await this.ask("sign", { domain, data: toBase64(data) })) as {
      readonly keyId: string;
      readonly signature: string;
    };
    return { keyId: answer.keyId, signature: fromBase64(answer.signature) };
  }

  async publicKeys(): Promise<readonly PublicSigningKey[]> {
    return ((await this.ask("publicKeys", {})) as readonly PackedPublicKey[]).map(unpackPublicKey);
  }

  async rotateSigningKey(): Promise<PublicSigningKey> {
    return unpackPublicKey((await this.ask("rotateSigningKey", {})) as PackedPublicKey);
  }

  async rotateMasterKey() {
    const answer = await this.ask("rotateMasterKey", {});
    return answer as { readonly currentKeyId: string; readonly oldKeyIds: readonly string[] };
  }

  async retireMasterKey(keyId: string): Promise<void> {
    await this.ask("retireMasterKey", { keyId });
  }

  async appendJournal(line: string) {
    return (await this.ask("appendJournal", { line })) as {
      readonly sequence: number;
      readonly hash: string;
    };
  }

  async readJournal(after: JournalPlace): Promise<ReadLines> {
    return (await this.ask("readJournal", { epoch: after.epoch, sequence: after.sequence })) as ReadLines;
  }

  async recordingAnchors(sessionId: string, days: { readonly fromDay: string; readonly toDay: string }) {
    const answer = await this.ask("recordingAnchors", { sessionId, ...days });
    const anchors = answer as readonly { readonly count: number; readonly head: string }[];
    return anchors.map(({ count, head }) => ({ count, head: fromBase64(head) }));
  }

  async journalState(): Promise<KeeperJournalState> {
    return (await this.ask("journalState", {})) as KeeperJournalState;
  }
}

function unpackKey(packed: PackedKey) {
  const { envelope, publicKey, algorithm } = packed;
  return { envelope: fromBase64(envelope), publicKey: fromBase64(publicKey), algorithm };
}

function packWrap({ recipient, algorithm, wrapped }: KeyWrap): PackedWrap {
  return { recipient, algorithm, wrapped: toBase64(wrapped) };
}

function unpackWrap({ recipient, algorithm, wrapped }: PackedWrap): KeyWrap {
  return { recipient, algorithm, wrapped: fromBase64(wrapped) };
}

function unpackPublicKey(packed: PackedPublicKey): PublicSigningKey {
  const unpack = (text: string | null) => (text === null ? null : fromBase64(text));
  return {
    ...packed,
    publicKey: fromBase64(packed.publicKey),
    signature: unpack(packed.signature),
    backSignature: unpack(packed.backSignature),
  };
}
