import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64, utf8 } from "../keeper/byte-text.ts";
import { verifyStatement } from "../keeper/signature.ts";
import {
  checkedHash,
  JOURNAL_DOMAIN,
  type JournalLine,
  NO_HASH,
  parseLine,
  signedText,
} from "./journal-line.ts";
import { readRawLines } from "./line-reader.ts";
import { HEAD_FILE, listSegments, type Segment, TRAILERS_FILE } from "./segment.ts";

/** Problems listed at most; what follows is counted. */
const MAX_PROBLEMS = 100;

/** Something that does not fit. */
export interface JournalProblem {
  readonly code:
    | "bad-line"
    | "bad-hash"
    | "bad-link"
    | "bad-signature"
    | "unknown-key"
    | "missing-segment"
    | "missing-trailer"
    | "missing-end"
    | "wrong-count"
    | "empty";
  readonly file: string;
  /** 1 is the first line; 0 when the file as a whole is meant. */
  readonly line: number;
  /** Last sequence that was right before it. */
  readonly afterSequence: number;
}

/** What a verification found. */
export interface JournalVerdict {
  /** Nothing was altered, cut, swapped or dropped, as far as the keys and anchors given can tell. */
  readonly isIntact: boolean;
  readonly problems: readonly JournalProblem[];
  readonly problemCount: number;
  readonly segmentCount: number;
  readonly droppedSegmentCount: number;
  readonly entryCount: number;
  readonly epochCount: number;
  /** Facts that are not faults: an epoch opened after a restore, an end that no signature covers yet. */
  readonly notes: readonly string[];
  /** The last line: compare it with what the syslog collector or a recording holds. */
  readonly last: {
    readonly epoch: number;
    readonly sequence: number;
    readonly hash: string;
    readonly at: string;
  } | null;
  /** Last signed line: up to here the keys prove everything. */
  readonly signedUpTo: { readonly epoch: number; readonly sequence: number; readonly keyId: string } | null;
  /** Ids of the keys that signed. */
  readonly keyIds: readonly string[];
}

/** A line known from elsewhere (syslog, a recording's checkpoint, the store): it must be in the journal. */
export interface JournalAnchor {
  readonly epoch: number;
  readonly sequence: number;
  readonly hash: string;
}

/** Public keys to trust, from `keys/public-keys.json` as the auditor has it. */
export type TrustedKeys = readonly { readonly keyId: string; readonly publicKey: Uint8Array }[];

type Line<Type extends JournalLine["type"]> = Extract<JournalLine, { type: Type }>;
type SignedLine = Line<"checkpoint"> | Line<"trailer">;

/**
 * Verifies a node's journal folder with public keys alone: needs neither server, store nor vault. Reads every line once;
 * memory does not grow with the journal.
 */
export function verifyJournal(
  directory: string,
  publicKeys: TrustedKeys,
  anchors: readonly JournalAnchor[] = [],
): Promise<JournalVerdict> {
  return new Verification(directory, publicKeys, anchors).run();
}

class Verification {
  readonly #directory: string;
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #anchors: Map<string, JournalAnchor>;
  readonly #problems: JournalProblem[] = [];
  readonly #notes: string[] = [];
  readonly #keyIds = new Set<string>();
  #problemCount = 0;
  #segmentCount = 0;
  #droppedSegmentCount = 0;
  #entryCount = 0;
  #epochCount = 0;
  #epoch = 0;
  #epochBegan: Line<"segment"> | null = null;
  #last: JournalLine | null = null;
  #signedUpTo: JournalVerdict["signedUpTo"] = null;
  #segmentEntries = 0;
  #segmentHeader: Line<"segment"> | null = null;
  #file = "";
  #line = 0;

  constructor(directory: string, publicKeys: TrustedKeys, anchors: readonly JournalAnchor[]) {
    this.#directory = directory;
    this.#keys = new Map(publicKeys.map((key) => [key.keyId, key.publicKey]));
    this.#anchors = new Map(anchors.map((anchor) => [`${anchor.epoch}:${anchor.sequence}`, anchor]));
  }

  async run(): Promise<JournalVerdict> {
    // Read first: a journal that is being written to has moved on by the time its end is reached.
    const head = await this.#readHead();
    await this.#readTrailers();
    const segments = await listSegments(this.#directory);
    if (segments.length === 0) this.#fault("empty");
    for (const segment of segments) await this.#readSegment(segment);
    this.#checkEnd(head);
    const last = this.#last;
    return {
      isIntact: this.#problemCount === 0,
      problems: this.#problems,
      problemCount: this.#problemCount,
      segmentCount: this.#segmentCount,
      droppedSegmentCount: this.#droppedSegmentCount,
      entryCount: this.#entryCount,
      epochCount: this.#epochCount,
      notes: this.#notes,
      last: last && { epoch: this.#epoch, sequence: last.sequence, hash: last.hash, at: last.at },
      signedUpTo: this.#signedUpTo,
      keyIds: [...this.#keyIds],
    };
  }

  /** Trailers of dropped segments: each signed, linked to the one before, from the first segment of an epoch on. */
  async #readTrailers(): Promise<void> {
    const path = join(this.#directory, TRAILERS_FILE);
    if (!existsSync(path)) return;
    this.#begin(TRAILERS_FILE);
    for await (const lines of readRawLines(path)) {
      for (const raw of lines) {
        const line = this.#readLine(raw);
        if (line === null) continue;
        if (line.type !== "trailer") {
          this.#fault("bad-line");
          continue;
        }
        this.#enterTrailer(line);
        this.#checkSignature(line, raw.bytes.toString("utf8"));
        this.#droppedSegmentCount += 1;
        this.#last = line;
      }
    }
  }

  #enterTrailer(line: Line<"trailer">): void {
    if (line.epoch !== this.#epoch) {
      if (line.epoch !== this.#epoch + 1) this.#fault("missing-segment");
      this.#epoch = line.epoch;
      this.#epochCount += 1;
      if (line.segmentPrevious !== NO_HASH || line.firstSequence !== 1) this.#fault("missing-segment");
      return;
    }
    const last = this.#last;
    const isLinked = line.segmentPrevious === last?.hash && line.firstSequence === last.sequence + 1;
    if (!isLinked) this.#fault("missing-segment");
  }

  async #readSegment(segment: Segment): Promise<void> {
    this.#begin(segment.file);
    this.#segmentCount += 1;
    this.#segmentHeader = null;
    for await (const lines of readRawLines(join(this.#directory, segment.file))) {
      for (const raw of lines) {
        const line = this.#readLine(raw);
        if (line === null) continue;
        if (line.type === "segment") this.#enterSegment(line, segment);
        else this.#checkLink(line);
        this.#take(line, raw.bytes);
        this.#last = line;
      }
    }
    if (this.#segmentHeader === null) this.#fault("bad-line");
  }

  #enterSegment(line: Line<"segment">, segment: Segment): void {
    const last = this.#last;
    if (
      this.#segmentHeader !== null ||
      line.epoch !== segment.epoch ||
      line.sequence !== segment.firstSequence
    ) {
      this.#fault("bad-link");
    }
    this.#segmentHeader = line;
    this.#segmentEntries = 0;
    if (line.epoch === this.#epoch) {
      if (last?.type !== "trailer") this.#fault("missing-trailer");
      if (line.previous !== last?.hash || line.sequence !== last.sequence + 1) this.#fault("missing-segment");
      return;
    }
    if (line.epoch !== this.#epoch + 1 || line.sequence !== 1 || line.previous !== NO_HASH) {
      this.#fault("missing-segment");
    }
    this.#checkEpochBefore(line);
    this.#epoch = line.epoch;
    this.#epochCount += 1;
    this.#epochBegan = line;
  }

  /** A new epoch names the last line of the one before; between them nothing may be missing. */
  #checkEpochBefore(line: Line<"segment">): void {
    const last = this.#last;
    if (line.reason === "first") return;
    const before = line.epochBefore;
    this.#notes.push(`epoch ${line.epoch} began at ${line.at}: ${line.reason}`);
    const isSame =
      before === null || (last !== null && before.hash === last.hash) || line.reason === "altered";
    // A trailer signed when the end of an epoch was dropped stands one line behind what the next epoch names.
    const isAbandoned = last?.type === "trailer" && before?.hash === last.previous;
    if (!isSame && !isAbandoned) this.#fault("missing-end");
    if (line.reason === "shortened" || line.reason === "altered") this.#fault("missing-end");
  }

  #checkLink(line: JournalLine): void {
    const last = this.#last;
    if (this.#segmentHeader === null || last === null || last.type === "trailer") this.#fault("bad-link");
    else if (line.previous !== last.hash || line.sequence !== last.sequence + 1) this.#fault("bad-link");
  }

  #take(line: JournalLine, bytes: Buffer): void {
    const anchor = this.#anchors.get(`${this.#epoch}:${line.sequence}`);
    if (anchor !== undefined) {
      this.#anchors.delete(`${this.#epoch}:${line.sequence}`);
      if (anchor.hash !== line.hash) this.#fault("bad-link");
    }
    if (line.type === "entry") {
      this.#entryCount += 1;
      this.#segmentEntries += 1;
    }
    if (line.type !== "checkpoint" && line.type !== "trailer") return;
    if (line.epoch !== this.#epoch || line.node !== this.#segmentHeader?.node) this.#fault("bad-link");
    if (this.#checkSignature(line, bytes.toString("utf8"))) {
      this.#signedUpTo = { epoch: line.epoch, sequence: line.sequence, keyId: line.keyId };
    }
    if (line.type === "trailer") this.#checkTrailer(line);
  }

  #checkTrailer(line: Line<"trailer">): void {
    const header = this.#segmentHeader;
    const isOfSegment = line.firstSequence === header?.sequence && line.segmentPrevious === header.previous;
    if (!isOfSegment || line.entryCount !== this.#segmentEntries) this.#fault("wrong-count");
  }

  #checkSignature(line: SignedLine, text: string): boolean {
    const key = this.#keys.get(line.keyId);
    const body = signedText(text);
    if (key === undefined) this.#fault("unknown-key");
    else if (body === null || !isSignedBy(key, body, line.signature)) this.#fault("bad-signature");
    else {
      this.#keyIds.add(line.keyId);
      return true;
    }
    return false;
  }

  #readLine(raw: { readonly bytes: Buffer; readonly isWhole: boolean }): JournalLine | null {
    this.#line += 1;
    const line = raw.isWhole ? parseLine(raw.bytes.toString("utf8")) : null;
    if (line === null) this.#fault("bad-line");
    else if (checkedHash(raw.bytes) === null) this.#fault("bad-hash");
    return line;
  }

  /** The signed head and the anchors tell of a cut that the lines that are left cannot show. */
  #checkEnd(head: { readonly line: SignedLine; readonly text: string } | null): void {
    this.#begin(HEAD_FILE);
    const last = this.#last;
    if (head !== null) {
      this.#checkSignature(head.line, head.text);
      const isBehind =
        head.line.epoch < this.#epoch ||
        (head.line.epoch === this.#epoch && head.line.sequence <= (last?.sequence ?? 0));
      if (!isBehind) this.#fault("missing-end");
    } else if (this.#signedUpTo !== null) {
      this.#fault("missing-end");
    }
    if (this.#anchors.size > 0) this.#fault("missing-end");
    const unsigned = (last?.sequence ?? 0) - (this.#signedUpTo?.sequence ?? 0);
    if (unsigned > 0) this.#notes.push(`the last ${unsigned} lines are chained but not signed yet`);
    if (this.#epochBegan === null && this.#segmentCount > 0 && this.#droppedSegmentCount === 0) {
      this.#fault("missing-segment");
    }
  }

  async #readHead(): Promise<{ readonly line: SignedLine; readonly text: string } | null> {
    const path = join(this.#directory, HEAD_FILE);
    if (!existsSync(path)) return null;
    const content = await readFile(path, "utf8");
    if (content.indexOf("\n") !== content.length - 1) return null;
    const text = content.slice(0, -1);
    const line = checkedHash(utf8(text)) === null ? null : parseLine(text);
    return line?.type === "checkpoint" || line?.type === "trailer" ? { line, text } : null;
  }

  #begin(file: string): void {
    this.#file = file;
    this.#line = 0;
  }

  #fault(code: JournalProblem["code"]): void {
    this.#problemCount += 1;
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const afterSequence = this.#last?.sequence ?? 0;
    this.#problems.push({ code, file: this.#file, line: this.#line, afterSequence });
  }
}

function isSignedBy(publicKey: Uint8Array, body: string, signature: string): boolean {
  try {
    const signed = { domain: JOURNAL_DOMAIN, data: utf8(body), signature: fromBase64(signature) };
    return verifyStatement(publicKey, signed);
  } catch {
    return false;
  }
}
