import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { DecodeError, toHex } from "@poterne/bytes";
import {
  decodeFileHeader,
  FILE_PREFIX_BYTES,
  type JournalCheckpoint,
  MAX_CLEAR_HEADER_BYTES,
  RecordingVerifier,
  type Verification,
} from "@poterne/recording";
import { readAnchors } from "./journal-anchors.ts";
import { recordingCrypto } from "./node-crypto.ts";

/** What a file is compared with. */
export interface VerifyFileOptions {
  /** Raw Ed25519 public keys (32 bytes each); null: signatures are checked against the keys the file names, nobody is trusted. */
  readonly trustedKeys: readonly Uint8Array[] | null;
  /** Heads that the journal holds of this recording. */
  readonly journal?: readonly JournalCheckpoint[];
  /** Folder of the node's journal: its heads of this recording are compared too. */
  readonly journalDirectory?: string;
}

/** Verifies a recording's file on the ciphertext, with public keys only. Rejects when the file cannot be read. */
export async function verifyFile(path: string, options: VerifyFileOptions): Promise<Verification> {
  const { trustedKeys, journalDirectory, journal = [] } = options;
  const sessionId = journalDirectory === undefined ? null : await readSessionId(path);
  const anchors =
    journalDirectory === undefined || sessionId === null
      ? []
      : await readAnchors(journalDirectory, sessionId);
  const verifier = new RecordingVerifier(recordingCrypto, { trustedKeys, journal: [...journal, ...anchors] });
  for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    verifier.push(bytes as Uint8Array);
  return verifier.finish();
}

/** The session a file says it is of, null when it is no recording. */
async function readSessionId(path: string): Promise<string | null> {
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(FILE_PREFIX_BYTES + MAX_CLEAR_HEADER_BYTES);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return decodeFileHeader(bytes.subarray(0, bytesRead)).sessionId;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  } finally {
    await file.close();
  }
}

/** A verification in words for a terminal, in the words of the stand-alone verifier. */
export function describeVerification(result: Verification, language: "fr" | "en"): string {
  const lines = [verdictText[language][result.verdict](result)];
  if (result.detail !== "") lines.push(`  ${result.detail}`);
  if (result.header !== null) {
    const { kind, protocol, sessionId, startedAtMs } = result.header;
    lines.push(`  session ${sessionId}, ${protocol} (${kind}), ${new Date(startedAtMs).toISOString()}`);
  }
  for (const { keyId, publicKey, isTrusted } of result.signers)
    lines.push(`  ${signerText[language](isTrusted)} ${keyId} ${toHex(publicKey)}`);
  return lines.join("\n");
}

type Say = (result: Verification) => string;

const verdictText: Readonly<Record<"fr" | "en", Readonly<Record<Verification["verdict"], Say>>>> = {
  fr: {
    complete: ({ recordCount }) => `Complet : ${recordCount} blocs, tels qu'ils ont été écrits.`,
    sealed: ({ liveCount, recordCount }) =>
      `Scellé après un arrêt brutal : ${recordCount} blocs, dont ${liveCount} signés pendant la session.`,
    unfinished: ({ recordCount, signedCount }) =>
      `Sans fin (en cours, ou arrêt brutal non scellé) : ${recordCount} blocs en ordre, dont ${signedCount} signés.`,
    shorter: ({ detail }) => `Plus court que ce que dit le journal (${detail}).`,
    altered: ({ alteredAt }) => `ALTÉRÉ à partir du bloc ${alteredAt ?? 0}.`,
    "not-a-recording": () => "Ce fichier n'est pas un enregistrement de Poterne.",
  },
  en: {
    complete: ({ recordCount }) => `Complete: ${recordCount} records, as they were written.`,
    sealed: ({ liveCount, recordCount }) =>
      `Sealed after a crash: ${recordCount} records, ${liveCount} of them signed while the session ran.`,
    unfinished: ({ recordCount, signedCount }) =>
      `No end (running, or a crash not sealed yet): ${recordCount} records in order, ${signedCount} of them signed.`,
    shorter: ({ detail }) => `Shorter than the journal says (${detail}).`,
    altered: ({ alteredAt }) => `ALTERED from record ${alteredAt ?? 0} on.`,
    "not-a-recording": () => "This file is not a recording of Poterne.",
  },
};

const signerText = {
  fr: (isTrusted: boolean) => (isTrusted ? "signé par" : "signé par (clé NON vérifiée)"),
  en: (isTrusted: boolean) => (isTrusted ? "signed by" : "signed by (key NOT checked)"),
};
