import type { FailureDetails } from "@poterne/contract";

/** A refusal of the gateway as the pages hold it: a code of the catalogue, details for its text, a reference. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly details: FailureDetails;
  /** What to give to support; empty when the gateway could not be reached. */
  readonly reference: string;
  /** HTTP status, 0 when no answer came at all. */
  readonly status: number;

  constructor(
    code: string,
    more: { details?: FailureDetails; reference?: string; status?: number; cause?: unknown } = {},
  ) {
    super(code, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "ApiFailure";
    this.code = code;
    this.details = more.details ?? {};
    this.reference = more.reference ?? "";
    this.status = more.status ?? 0;
  }
}

/** The code of the pages' own failure when the gateway gives no answer. */
export const UNREACHABLE = "unreachable";

/** Any thrown value as an `ApiFailure`; what is not one reads as `internal`. */
export function toApiFailure(error: unknown): ApiFailure {
  return error instanceof ApiFailure ? error : new ApiFailure("internal", { cause: error });
}

/** Reads a problem reply (`application/problem+json`); anything else reads as `internal` with its status. */
export async function readProblem(response: Response): Promise<ApiFailure> {
  const problem: unknown = await response.json().catch(() => null);
  const record = typeof problem === "object" && problem !== null ? (problem as Record<string, unknown>) : {};
  const details = record.details;
  return new ApiFailure(typeof record.code === "string" ? record.code : "internal", {
    details: typeof details === "object" && details !== null ? (details as FailureDetails) : {},
    reference: typeof record.reference === "string" ? record.reference : "",
    status: response.status,
  });
}
