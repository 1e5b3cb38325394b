import { DecodeError } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { RdpFailureCode } from "@poterne/rdp";
import { shorten } from "../ssh-failures.ts";

/** The Failure a person reads for what the protocol core found; `wasOpen` once the desktop was there. */
export function rdpFailure(
  code: RdpFailureCode,
  context: { readonly detail: string; readonly target: string; readonly wasOpen: boolean },
): Failure {
  const detail = shorten(context.detail);
  switch (code) {
    case "closed-by-target":
      return new Failure(context.wasOpen ? "closed-by-target" : "target-closed");
    // Somebody signed out in the desktop itself: a session's good end.
    case "logged-off":
      return new Failure("closed-by-target");
    case "refused":
      return new Failure("turned-away", { reason: detail });
    case "idle-timeout":
      return new Failure("target-idle-timeout");
    case "time-limit":
      return new Failure("target-time-limit");
    case "server-failure":
      return new Failure("target-failed", { detail });
    // The catalogue's `account-disabled` is about the person at Poterne's own door.
    case "account-disabled":
    case "account-locked":
    case "account-expired":
    case "password-expired":
      return new Failure(`target-${code}`);
    case "public-key-mismatch":
      return new Failure(code, { target: context.target });
    case "credssp-too-old":
    case "account-restricted":
    case "authentication-unavailable":
    case "no-licence":
    case "no-licence-server":
    case "licence-expired":
    case "licence-refused":
    case "licensing-failed":
    case "protocol-error":
      return new Failure(code, { detail });
    default:
      return new Failure(code);
  }
}

/** The Failure for what was thrown while a connection was served. */
export function unexpectedFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof DecodeError)
    return new Failure("protocol-error", { detail: shorten(error.message) }, error);
  return new Failure("internal", { reference: "rdp-driver" }, error);
}
