import { createServer } from "node:net";
import type { Settings } from "../config/settings.ts";

/** The address people type, from `publicUrl` or from host and the port really listened on. */
export function makePublicUrl(settings: Pick<Settings, "publicUrl" | "host">, port: number): URL {
  if (settings.publicUrl !== "") return new URL(settings.publicUrl);
  const isAny = settings.host === "0.0.0.0" || settings.host === "::";
  const host = isAny ? "localhost" : settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return new URL(port === 443 ? `https://${host}` : `https://${host}:${port}`);
}

/** Names the own certificate must serve: what people type, and this machine itself. */
export function certificateNames(settings: Pick<Settings, "publicUrl" | "host">): string[] {
  const names = new Set<string>();
  names.add(makePublicUrl(settings, 443).hostname.replace(/^\[|\]$/g, ""));
  if (settings.host !== "0.0.0.0" && settings.host !== "::") names.add(settings.host);
  for (const name of ["localhost", "127.0.0.1", "::1"]) names.add(name);
  return [...names];
}

/** What to listen on: `localhost` means this machine's IPv4 loopback, which every browser tries. */
export function listenAddress(host: string): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

/** A port that is free now, for `--port 0`. */
export async function pickFreePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port to be had");
  return address.port;
}
