// A reporter of node's test runner: the file of every test that failed, was skipped, or is left to do, one a line.

/**
 * @param {AsyncIterable<{ type: string, data: { file?: string, skip?: unknown, todo?: unknown } }>} events
 * @returns {AsyncGenerator<string>}
 */
export default async function* failedFiles(events) {
  for await (const { type, data } of events) {
    const isBad = type === "test:fail" || data?.skip !== undefined || data?.todo !== undefined;
    if (isBad && typeof data.file === "string") yield `${data.file}\n`;
  }
}
