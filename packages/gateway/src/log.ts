import pino, { type Logger } from "pino";

/** Causes of causes told of one error. */
const MAX_CAUSES = 4;
const MAX_TEXT_LENGTH = 2_000;

/** An error as a line of the log tells it. Only what is named here: other properties may hold what nobody may read. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Describes whatever was thrown. */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)) };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const stack = error.stack === undefined ? {} : { stack: cut(error.stack) };
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES;
  const cause = hasCause ? { cause: describeError(error.cause, depth + 1) } : {};
  return { type: error.name, message: cut(error.message), ...code, ...stack, ...cause };
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}

/** The process's log: JSON lines on the error output, errors under the name `error`. */
export function makeLogger(level: string, destination: pino.DestinationStream = pino.destination(2)): Logger {
  return pino({ level, base: null, serializers: { error: (error) => describeError(error) } }, destination);
}
