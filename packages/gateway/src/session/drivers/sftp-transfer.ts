import type { SFTPWrapper } from "ssh2";
import { freeMemory } from "../../free-memory.ts";
import { REQUEST_BYTES, readPiece } from "./ssh-extension-sftp.ts";

/** Requests under way at once: with `REQUEST_BYTES` the memory bound of one transfer, 2 MB. */
export const MAX_REQUESTS = 16;

const SFTP_READ = 1;
const SFTP_WRITE = 2;
const SFTP_CREATE = 8;
const SFTP_TRUNCATE = 16;

/**
 * A file's bytes from `offset` to its end, read ahead by `MAX_REQUESTS` requests so that the round trip does not set
 * the pace. Chunks are the caller's. Rejects with ssh2's errors.
 */
export async function* readFile(sftp: SFTPWrapper, path: string, offset: number): AsyncGenerator<Uint8Array> {
  const handle = await openFile(sftp, path, SFTP_READ);
  const ahead: Promise<Uint8Array[]>[] = [];
  try {
    let position = offset;
    while (true) {
      while (ahead.length < MAX_REQUESTS) {
        const chunk = readChunk(sftp, handle, position);
        // Looked at when its turn comes; until then a failure must not count as unhandled.
        chunk.catch(() => {});
        ahead.push(chunk);
        position += REQUEST_BYTES;
      }
      const pieces = await (ahead.shift() as Promise<Uint8Array[]>);
      yield* pieces;
      if (pieces.reduce((sum, { length }) => sum + length, 0) < REQUEST_BYTES) return;
    }
  } finally {
    await Promise.allSettled(ahead);
    await closeFile(sftp, handle).catch(() => {});
  }
}

/** `REQUEST_BYTES` from `position`, fewer only at the file's end: a server may answer less than asked. */
async function readChunk(sftp: SFTPWrapper, handle: Buffer, position: number): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for (let left = REQUEST_BYTES; left > 0; ) {
    const piece = await readPiece(sftp, handle, { position: position + REQUEST_BYTES - left, length: left });
    if (piece.length === 0) break;
    pieces.push(piece);
    left -= piece.length;
  }
  return pieces;
}

/**
 * Writes content from `offset` on (0 creates or empties the file), up to `MAX_REQUESTS` requests under way. Resolves
 * with the place after the last byte once the target has confirmed all of it.
 */
export async function writeFile(
  sftp: SFTPWrapper,
  file: { readonly path: string; readonly offset: number },
  content: AsyncIterable<Uint8Array>,
): Promise<number> {
  const flags = file.offset === 0 ? SFTP_WRITE | SFTP_CREATE | SFTP_TRUNCATE : SFTP_WRITE;
  const handle = await openFile(sftp, file.path, flags);
  const underWay = new Set<Promise<void>>();
  let position = file.offset;
  let failure: unknown = null;
  try {
    for await (const piece of gather(content)) {
      if (failure !== null) throw failure;
      const lengthBytes = piece.length;
      const written: Promise<void> = writeOnce(sftp, handle, piece, position).then(
        () => void underWay.delete(written),
        (error: unknown) => {
          underWay.delete(written);
          failure ??= error;
        },
      );
      underWay.add(written);
      position += lengthBytes;
      if (underWay.size >= MAX_REQUESTS) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    if (failure !== null) throw failure;
  } finally {
    await Promise.allSettled(underWay);
    await closeFile(sftp, handle);
  }
  return position;
}

/**
 * Content in pieces of `REQUEST_BYTES`, the last one shorter, in memory of their own: each is a request and an answer,
 * whatever the chunks of who sends. What came before an error is passed on before the error is.
 */
async function* gather(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafeSlow(REQUEST_BYTES);
  let length = 0;
  try {
    for await (const chunk of content)
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + REQUEST_BYTES - length);
        piece.set(part, length);
        length += part.length;
        at += part.length;
        if (length < REQUEST_BYTES) continue;
        yield piece;
        piece = Buffer.allocUnsafeSlow(REQUEST_BYTES);
        length = 0;
      }
  } catch (error) {
    if (length > 0) yield piece.subarray(0, length);
    throw error;
  }
  if (length > 0) yield piece.subarray(0, length);
}

function writeOnce(sftp: SFTPWrapper, handle: Buffer, piece: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.write(handle, piece, 0, piece.length, position, (error) => {
      freeMemory(piece);
      if (error) reject(error);
      else resolve();
    });
  });
}

function openFile(sftp: SFTPWrapper, path: string, flags: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sftp.open(path, flags, (error, handle) => (error ? reject(error) : resolve(handle)));
  });
}

function closeFile(sftp: SFTPWrapper, handle: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.close(handle, (error) => (error ? reject(error) : resolve()));
  });
}
