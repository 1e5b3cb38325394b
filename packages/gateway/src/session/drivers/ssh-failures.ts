import { Failure } from "@poterne/contract";
import type { DriverHop } from "../driver.ts";

/** Errors of the socket that mean nobody is there. */
const UNREACHABLE = new Set([
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);
const CUT = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

/** The Failure for an error of a TCP connection to a hop. */
export function socketFailure(error: NodeJS.ErrnoException, hop: DriverHop): Failure {
  const { address, port } = hop;
  if (error.code === "ECONNREFUSED") return new Failure("target-refused", { address, port }, error);
  if (error.code !== undefined && UNREACHABLE.has(error.code))
    return new Failure("target-unreachable", { address, port }, error);
  if (error.code !== undefined && CUT.has(error.code)) return new Failure("target-closed", {}, error);
  return new Failure("protocol-error", { detail: shorten(error.message) }, error);
}

/** The Failure for an error that ssh2 reported while a hop was being opened. */
export function sshFailure(error: Error, hop: DriverHop, isKey: boolean): Failure {
  if (error instanceof Failure) return error;
  const { level } = error as Error & { level?: string };
  if (level === "client-authentication")
    return isKey
      ? new Failure("key-refused", { target: hop.name }, error)
      : new Failure("wrong-password", {}, error);
  if (level === "client-socket") return socketFailure(error, hop);
  if (/no matching/.test(error.message))
    return new Failure("no-common-algorithm", { target: hop.name }, error);
  if (/Connection lost|No response from server|Unable to exec|Not connected/.test(error.message))
    return new Failure("target-closed", {}, error);
  if (level === "client-timeout") return new Failure("target-closed", {}, error);
  return new Failure("protocol-error", { detail: shorten(error.message) }, error);
}

/** A peer's words without control characters and of a bearable length. */
export function shorten(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ").slice(0, 160);
}
