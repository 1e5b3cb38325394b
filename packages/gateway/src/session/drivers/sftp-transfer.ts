import type { SFTPWrapper } from "ssh2";

/** Bytes of one read or write request; OpenSSH takes up to 255 kB, ssh2 cuts for servers that take less. */
export const REQUEST_BYTES = 128 * 1024;
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
  const ahead: Promise<Uint8Array>[] = [];
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
      const bytes = await (ahead.shift() as Promise<Uint8Array>);
      if (bytes.length > 0) yield bytes;
      if (bytes.length < REQUEST_BYTES) return;
    }
  } finally {
    await Promise.allSettled(ahead);
    await closeFile(sftp, handle).catch(() => {});
  }
}

/** `REQUEST_BYTES` from `position`, fewer only at the file's end: a server may answer less than asked. */
async function readChunk(sftp: SFTPWrapper, handle: Buffer, position: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(REQUEST_BYTES);
  let length = 0;
  while (length < REQUEST_BYTES) {
    const count = await readOnce(sftp, handle, { buffer, offset: length, position: position + length });
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function readOnce(
  sftp: SFTPWrapper,
  handle: Buffer,
  place: { readonly buffer: Buffer; readonly offset: number; readonly position: number },
): Promise<number> {
  const { buffer, offset, position } = place;
  return new Promise((resolve, reject) => {
    sftp.read(handle, buffer, offset, buffer.length - offset, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
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
    for await (const piece of cut(content)) {
      if (failure !== null) throw failure;
      const written: Promise<void> = writeOnce(sftp, handle, piece, position).then(
        () => void underWay.delete(written),
        (error: unknown) => {
          underWay.delete(written);
          failure ??= error;
        },
      );
      underWay.add(written);
      position += piece.length;
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

/** Pieces of at most `REQUEST_BYTES`. */
async function* cut(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at < bytes.length; at += REQUEST_BYTES) yield bytes.subarray(at, at + REQUEST_BYTES);
  }
}

function writeOnce(sftp: SFTPWrapper, handle: Buffer, piece: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.write(handle, piece, 0, piece.length, position, (error) => (error ? reject(error) : resolve()));
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
