/** A server as the contract has it. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const LINE = /^(.+):([0-9]{1,5})$/;

/** Servers as lines of `name:port`. */
export function writeServers(servers: readonly ServerAddress[]): string {
  return servers.map(({ host, port }) => `${host}:${port}`).join("\n");
}

/** Servers from such lines; a line that is none is left out. IPv6 addresses may stand in brackets. */
export function readServers(text: string): ServerAddress[] {
  return linesOf(text).flatMap((line) => {
    const match = LINE.exec(line);
    const port = Number(match?.[2]);
    if (match === null || port < 1 || port > 65_535) return [];
    return [{ host: (match[1] ?? "").trim().replace(/^\[(.*)\]$/, "$1"), port }];
  });
}

/** Whether every line is a server, or there is none yet. */
export function isHostPort(text: string): boolean {
  return readServers(text).length === linesOf(text).length;
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
