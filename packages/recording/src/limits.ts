/** The version of the container this package writes and reads. */
export const RECORDING_FORMAT_VERSION = 1;

/** `89 "PTNR" 0D 0A 1A`: not text, and broken by any newline conversion. */
export const RECORDING_MAGIC: readonly number[] = [0x89, 0x50, 0x54, 0x4e, 0x52, 0x0d, 0x0a, 0x1a];

/** The longest clear header (JSON) of a file. */
export const MAX_CLEAR_HEADER_BYTES = 64 * 1024;

/** The most key wraps of one recording. */
export const MAX_KEY_WRAPS = 32;

/** The longest wrapped key. */
export const MAX_WRAPPED_KEY_BYTES = 1024;

/** Pending frames are made a chunk when they reach this size; also the most a recording may lag behind. */
export const CHUNK_TARGET_BYTES = 256 * 1024;

/** The longest plaintext of one chunk: one frame of 16 MB and its header. */
export const MAX_CHUNK_PLAINTEXT_BYTES = 16 * 1024 * 1024 + 64 * 1024;

/** The longest body of a record: a chunk that did not compress, with its tag; the index stays below as well. */
export const MAX_BODY_BYTES = MAX_CHUNK_PLAINTEXT_BYTES + 64 * 1024;

/** The most records of one file: at 64 kB each, 64 GB; at two a second, six days. */
export const MAX_RECORDS = 1_048_576;

/** The most records an index may list; a longer recording has none and is scanned. */
export const MAX_INDEX_RECORDS = 500_000;

/** How many records a checkpoint may stand behind the one it names: signing is asynchronous. */
export const MAX_CHECKPOINT_LAG = 4096;

/** Length of AES-256-GCM's tag at the end of a chunk's body. */
export const TAG_BYTES = 16;
