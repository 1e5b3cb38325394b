import { DecodeError } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { RfbFailureCode } from "@poterne/rfb";
import { shorten } from "./ssh-failures.ts";

/** The Failure a person reads for what the protocol core found. */
export function rfbFailure(code: RfbFailureCode, detail: string): Failure {
  const text = shorten(detail);
  switch (code) {
    case "not-rfb":
      return new Failure("protocol-error", { detail: "not a VNC server" });
    case "refused":
      return new Failure("turned-away", { reason: text === "" ? "—" : text });
    case "no-common-security":
      return new Failure("no-common-security", { offered: text });
    case "security-too-weak":
      return new Failure("security-too-weak", { offered: text });
    case "wrong-password":
      return new Failure("wrong-password");
    case "too-many-attempts":
      return new Failure("login-blocked");
    case "protocol-error":
      return new Failure("protocol-error", { detail: text });
  }
}

/** The Failure for what a zlib stream that is none, or any other surprise, threw. */
export function unexpectedFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const isInput = error instanceof DecodeError || (error instanceof Error && "code" in error);
  return isInput
    ? new Failure("protocol-error", { detail: shorten(error.message) }, error)
    : new Failure("internal", { reference: "vnc-driver" }, error);
}
