import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../../keeper/durable-file.ts";
import type { JournalPlace } from "../journal-reader.ts";

const FILE_NAME = "confirmed.json";

const placeSchema = z.strictObject({ epoch: z.int().min(0), sequence: z.int().min(0) });

/**
 * How far the collector has certainly read, on disk. Together with the journal's own segments this is the spool: what
 * follows the place is there, for as long as the journal is kept.
 */
export class SyslogPlace {
  readonly #path: string;
  #place: JournalPlace;

  private constructor(path: string, place: JournalPlace) {
    this.#path = path;
    this.#place = place;
  }

  /** Reads the place; a missing or damaged file means the beginning: repeated lines carry the ids they had. */
  static async open(directory: string): Promise<SyslogPlace> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, FILE_NAME);
    return new SyslogPlace(path, existsSync(path) ? parsePlace(await readFile(path, "utf8")) : BEGINNING);
  }

  /** The last line confirmed. */
  get current(): JournalPlace {
    return this.#place;
  }

  /** Moves on, durably. */
  async move(place: JournalPlace): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(place)}\n`, 0o600);
    this.#place = place;
  }
}

const BEGINNING: JournalPlace = { epoch: 0, sequence: 0 };

function parsePlace(text: string): JournalPlace {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    return BEGINNING;
  }
}
