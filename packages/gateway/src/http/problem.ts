import { DecodeError } from "@poterne/bytes";
import { errorCatalogue, Failure, type FailureDetails } from "@poterne/contract";
import { ZodError } from "zod";

/** Body of an error reply (RFC 9457), with the catalogue's code; the page finds the words by it. */
export interface Problem {
  readonly type: "about:blank";
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly details: FailureDetails;
  /** What a person gives to support; the log has it with the cause. */
  readonly reference: string;
}

/** The reply for a thrown error: a `Failure` as it is, bad input as `bad-request`, all else `internal` without a word of why. */
export function toProblem(error: unknown, reference: string): Problem {
  const failure = toFailure(error, reference);
  const entry = errorCatalogue[failure.code];
  return {
    type: "about:blank",
    status: entry.status < 400 ? 409 : entry.status,
    title: fillIn(entry.en.what, failure.details),
    code: failure.code,
    details: failure.details,
    reference,
  };
}

/** A text of the catalogue with its `{name}` places filled; a place without a value stays as it is. */
export function fillIn(text: string, details: FailureDetails): string {
  return text.replace(/\{([a-zA-Z]+)\}/g, (place, name: string) => String(details[name] ?? place));
}

/** The `Failure` a thrown error stands for. */
export function toFailure(error: unknown, reference: string): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ZodError) return new Failure("bad-request", { detail: describeIssues(error) }, error);
  if (error instanceof DecodeError) return new Failure("bad-request", { detail: error.message }, error);
  if (isClientError(error)) return new Failure("bad-request", { detail: error.message }, error);
  return new Failure("internal", { reference }, error);
}

/** Fastify's own refusals (body too large, bad JSON) carry a 4xx status and a safe text. */
function isClientError(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || !("statusCode" in error)) return false;
  return typeof error.statusCode === "number" && error.statusCode >= 400 && error.statusCode < 500;
}

const MAX_ISSUES_SHOWN = 3;

function describeIssues(error: ZodError): string {
  return error.issues
    .slice(0, MAX_ISSUES_SHOWN)
    .map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`)
    .join("; ");
}
