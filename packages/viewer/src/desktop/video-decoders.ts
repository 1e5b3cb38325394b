import { DecodeError } from "@poterne/bytes";
import type { VideoChunk, VideoHost, YuvFrame } from "@poterne/picture/further";

/** A decoder that gives no picture for so long has lost it; the viewer starts again at an entry point. */
const PICTURE_TIMEOUT_MS = 5000;
/** Pictures' memory kept for the next ones: clearing and mapping three megabytes costs as much as copying them. */
const MAX_POOLED = 6;

const pool: Uint8Array<ArrayBuffer>[] = [];

/** Memory of just that size, not cleared when another picture had it. */
function takeMemory(sizeBytes: number): Uint8Array<ArrayBuffer> {
  for (let last = pool.pop(); last !== undefined; last = pool.pop())
    if (last.length === sizeBytes) return last;
  return new Uint8Array(sizeBytes);
}

interface Asked {
  readonly timestamp: number;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(frame: YuvFrame | null): void;
  reject(error: DecodeError): void;
}

/** One H.264 stream in WebCodecs: pictures come back in the order they were asked for. */
class VideoStream {
  readonly codecName: string;
  readonly #decoder: VideoDecoder;
  #asked: Asked[] = [];
  #count = 0;
  #error: DecodeError | null = null;

  constructor(codecName: string) {
    this.codecName = codecName;
    this.#decoder = new VideoDecoder({
      output: (frame) => void this.#take(frame),
      error: (error) => this.#fail(error),
    });
    // Without a description the stream is annex B, as RDP has it.
    this.#decoder.configure({ codec: codecName, optimizeForLatency: true });
  }

  decode({ isKey, bytes }: VideoChunk): Promise<YuvFrame | null> {
    if (this.#error !== null) return Promise.reject(this.#error);
    const timestamp = this.#count++;
    const promise = new Promise<YuvFrame | null>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(new DOMException("no picture came", "TimeoutError")),
        PICTURE_TIMEOUT_MS,
      );
      this.#asked.push({ timestamp, timer, resolve, reject });
    });
    try {
      this.#decoder.decode(
        new EncodedVideoChunk({
          type: isKey ? "key" : "delta",
          timestamp,
          data: bytes as Uint8Array<ArrayBuffer>,
        }),
      );
    } catch (error) {
      this.#fail(error as DOMException);
    }
    return promise;
  }

  async #take(frame: VideoFrame): Promise<void> {
    // Pictures asked for before this one gave none.
    const index = this.#asked.findIndex(({ timestamp }) => timestamp === frame.timestamp);
    if (index < 0) return frame.close();
    const [asked, ...skipped] = this.#asked.splice(0, index + 1).reverse();
    for (const one of skipped) settle(one, null);
    try {
      const copy = await copyPlanes(frame);
      if (asked !== undefined) settle(asked, copy);
    } catch (error) {
      if (asked !== undefined) this.#asked.unshift(asked);
      this.#fail(error as Error);
    } finally {
      frame.close();
    }
  }

  #fail(error: Error): void {
    const isUnsupported = error.name === "NotSupportedError";
    this.#error =
      error instanceof DecodeError
        ? error
        : new DecodeError(isUnsupported ? "unsupported" : "invalid", "AVC", 0, error.message);
    for (const { timer, reject } of this.#asked.splice(0)) {
      clearTimeout(timer);
      reject(this.#error);
    }
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }

  /** Gives the pictures asked for, then frees the decoder. */
  async end(): Promise<void> {
    if (this.#decoder.state === "closed") return;
    await this.#decoder.flush().catch(() => undefined);
    for (const one of this.#asked.splice(0)) settle(one, null);
    if (this.#decoder.state === "configured") this.#decoder.close();
  }
}

function settle({ timer, resolve }: Asked, frame: YuvFrame | null): void {
  clearTimeout(timer);
  resolve(frame);
}

/** The planes as they were decoded, without the browser's own conversion (13 ms a frame, and not the one RDP means). */
async function copyPlanes(frame: VideoFrame): Promise<YuvFrame> {
  const { format, visibleRect } = frame;
  if (visibleRect === null || (format !== "I420" && format !== "NV12"))
    throw new DecodeError("unsupported", "AVC", 0, `pixel format ${format}`);
  const bytes = takeMemory(frame.allocationSize());
  const [y, u, v] = (await frame.copyTo(bytes)) as [PlaneLayout, PlaneLayout, PlaneLayout | undefined];
  const { width, height } = visibleRect;
  const release = () => {
    if (pool.length < MAX_POOLED) pool.push(bytes);
  };
  const base = { width, height, y: bytes.subarray(y.offset), yStride: y.stride, release };
  if (v !== undefined)
    return { ...base, u: bytes.subarray(u.offset), v: bytes.subarray(v.offset), uvStride: u.stride };
  return { ...base, ...splitPlane(bytes.subarray(u.offset), u.stride, { width, height }) };
}

/** NV12, as decoders in hardware give it: U and V take turns in one plane. */
function splitPlane(
  uv: Uint8Array,
  stride: number,
  size: { readonly width: number; readonly height: number },
): Pick<YuvFrame, "u" | "v" | "uvStride"> {
  const uvStride = Math.ceil(size.width / 2);
  const rows = Math.ceil(size.height / 2);
  const u = new Uint8Array(uvStride * rows);
  const v = new Uint8Array(uvStride * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < uvStride; column++) {
      const from = row * stride + 2 * column;
      u[row * uvStride + column] = uv[from] as number;
      v[row * uvStride + column] = uv[from + 1] as number;
    }
  return { u, v, uvStride };
}

/** The browser's H.264 decoders, one for each surface. */
export class VideoDecoders implements VideoHost {
  readonly #streams = new Map<number, VideoStream>();

  decode(surface: number, chunk: VideoChunk): Promise<YuvFrame | null> {
    if (typeof VideoDecoder === "undefined")
      return Promise.reject(new DecodeError("unsupported", "AVC", 0, "this browser has no video decoder"));
    const known = this.#streams.get(surface);
    if (known !== undefined && known.codecName === chunk.codecName) return known.decode(chunk);
    // A new stream can only begin at a key picture.
    if (!chunk.isKey) return Promise.resolve(null);
    void known?.end();
    const stream = new VideoStream(chunk.codecName);
    this.#streams.set(surface, stream);
    return stream.decode(chunk);
  }

  end(surface: number): void {
    void this.#streams.get(surface)?.end();
    this.#streams.delete(surface);
  }
}
