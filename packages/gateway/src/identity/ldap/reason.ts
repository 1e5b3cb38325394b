import { ResultCodeError } from "ldapts";

/** Longest reason kept of what a server says. */
const MAX_REASON = 300;
/** Names of results (RFC 4511 §4.1.9) that say more to an administrator than their number, which is all some servers send. */
const RESULT_NAMES: Readonly<Record<number, string>> = {
  1: "operationsError",
  2: "protocolError",
  3: "timeLimitExceeded",
  4: "sizeLimitExceeded: the server gives this account fewer entries than there are",
  8: "strongerAuthRequired",
  11: "adminLimitExceeded",
  32: "noSuchObject",
  49: "invalidCredentials",
  50: "insufficientAccessRights",
  51: "busy",
  52: "unavailable",
  53: "unwillingToPerform",
  80: "other",
};

/** What a server or the network said, bounded; it holds no password, since none is sent in anything but a bind. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : "failed";
  const name = error instanceof ResultCodeError ? RESULT_NAMES[error.code] : undefined;
  return `${name === undefined ? "" : `${name}: `}${text.trim()}`
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, MAX_REASON);
}
