import type { SFTPWrapper } from "ssh2";
import { freeMemory } from "../../free-memory.ts";
import { assertPinnedSsh2, freeData } from "./ssh-extension.ts";

/** Bytes of one read or write request; OpenSSH takes up to 255 kB, ssh2 cuts for servers that take less. */
export const REQUEST_BYTES = 128 * 1024;

/** SSH_FX_EOF (draft-ietf-secsh-filexfer-02 §7). */
const END_OF_FILE = 1;
const NO_BYTES = Buffer.alloc(0);
/** ssh2 wants a place to read into, which is never written here: the answer is handed over where it came to lie. */
const NOWHERE = Buffer.allocUnsafeSlow(REQUEST_BYTES);

interface SftpRequest {
  readonly cb: (error: (Error & { code?: unknown }) | undefined, data?: Buffer) => void;
  readonly buffer: undefined;
}

/** The inside of an SFTP channel that is used here. */
interface SftpInside {
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _protocol: { channelData(channel: number, data: Buffer): void };
  readonly _requests: Record<number, SftpRequest>;
  readonly _writeReqid: number;
  /** Length of the packet under way, of which so many of its four bytes are read; and how much of it is there. */
  readonly _pktLen: number;
  readonly _pktLenBytes: number;
  readonly _pktPos: number;
  push(data: Buffer | null): void;
}

function insideOf(sftp: SFTPWrapper): SftpInside {
  return sftp as unknown as SftpInside;
}

/**
 * Reads up to `length` (at most `REQUEST_BYTES`) bytes at a place of a file; none at its end. ssh2's own `read` copies
 * them once more. The memory is the caller's. Rejects with ssh2's errors.
 */
export function readPiece(
  sftp: SFTPWrapper,
  handle: Buffer,
  { position, length }: { readonly position: number; readonly length: number },
): Promise<Buffer> {
  const inside = insideOf(sftp);
  return new Promise((resolve, reject) => {
    sftp.read(handle, NOWHERE, 0, length, position, () => {});
    inside._requests[inside._writeReqid] = {
      buffer: undefined,
      cb: (error, data = NO_BYTES) => {
        if (error && error.code !== END_OF_FILE) reject(error);
        else if (data.length > length) reject(new Error("Received more data than requested"));
        else resolve(data);
      },
    };
  });
}

/**
 * Gives the memory of what goes through a channel back as soon as ssh2 has copied it, to be called once when the
 * channel has opened: what waits for the collector makes V8 mark its heap again and again, on other threads too.
 */
export function freeTransfers(sftp: SFTPWrapper): void {
  assertPinnedSsh2();
  const inside = insideOf(sftp);
  const push = inside.push.bind(inside);
  inside.push = (data) => {
    const isCopied = data !== null && isAllCopied(inside, data);
    push(data);
    if (isCopied) freeData(data);
  };
  const protocol = inside._protocol;
  const { outgoing } = inside;
  const channelData = protocol.channelData.bind(protocol);
  protocol.channelData = (channel, data) => {
    channelData(channel, data);
    // A channel's number is another's once it has closed.
    if (channel !== outgoing.id || outgoing.state !== "open") return;
    // The last part of a request has left, whose memory ssh2 made for it only.
    const isLast = data.byteOffset + data.length === data.buffer.byteLength;
    if (isLast && data.buffer.byteLength > Buffer.poolSize) freeMemory(new Uint8Array(data.buffer));
  };
}

/** Whether ssh2 will put all of `data` into packets that it assembles: of one that lies in it whole, parts are kept. */
function isAllCopied({ _pktLen, _pktLenBytes, _pktPos }: SftpInside, data: Buffer): boolean {
  if (_pktLenBytes !== 0 && _pktLenBytes !== 4) return false;
  const missing = _pktLenBytes === 0 ? 0 : _pktLen - _pktPos;
  if (missing > data.length) return true;
  if (missing > 0 && _pktPos === 0) return false;
  const rest = data.length - missing;
  return rest <= 4 || data.readUInt32BE(missing) > rest - 4;
}
