import type { ServerResponse } from "node:http";
import { freeMemory } from "../free-memory.ts";

/** A reply's content whose chunks nobody needs once they are sent: their memory is given back then. */
export class GivenBytes implements AsyncIterable<Uint8Array> {
  readonly #content: AsyncIterable<Uint8Array>;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#content[Symbol.asyncIterator]();
  }
}

/** Gives the memory of each chunk that is written from now on back once it has left. */
export function freeWritten(response: ServerResponse): void {
  const write = response.write.bind(response) as (...values: unknown[]) => boolean;
  response.write = ((...values: unknown[]) => {
    const [chunk] = values;
    if (values.length > 1 || !(chunk instanceof Uint8Array)) return write(...values);
    return write(chunk, () => freeMemory(chunk));
  }) as ServerResponse["write"];
}
