import type { IncomingMessage } from "node:http";
import { isInSet, makeAddressSet } from "../session/address-guard.ts";

const MAX_FORWARDED_HOPS = 20;

/**
 * Tells where a request really comes from: the connection's other end or, when that is a trusted proxy, the last
 * address in X-Forwarded-For that is not one. The same rule as the API's, for WebSocket upgrades.
 */
export function makeAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = makeAddressSet(trustedProxies);
  return (request) => {
    const peer = request.socket.remoteAddress ?? "";
    if (trustedProxies.length === 0 || peer === "" || !isInSet(trusted, peer)) return peer;
    const header = request.headers["x-forwarded-for"];
    const hops = (typeof header === "string" ? header : "")
      .split(",")
      .map((hop) => hop.trim())
      .filter((hop) => hop !== "");
    const untrusted = hops.slice(-MAX_FORWARDED_HOPS).findLast((hop) => !isInSet(trusted, hop));
    return untrusted ?? hops[0] ?? peer;
  };
}
