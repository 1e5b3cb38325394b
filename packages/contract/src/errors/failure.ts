import type { ErrorCode } from "./catalogue.ts";

/** Values for the `{name}` places of an error's text. Never a secret. */
export type FailureDetails = Readonly<Record<string, string | number>>;

/** A refusal or failure a person will read. Its code is in the catalogue; details fill the text, never a secret. */
export class Failure extends Error {
  readonly code: ErrorCode;
  readonly details: FailureDetails;

  constructor(code: ErrorCode, details: FailureDetails = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.name = "Failure";
    this.code = code;
    this.details = details;
  }
}
