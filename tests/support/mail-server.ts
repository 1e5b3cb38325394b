import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";

const labDir = process.env.LAB_DIR ?? "/tmp/lab";

/** Where the lab's Exim listens, and its log-in. */
export const labMail = {
  host: "localhost",
  startTlsPort: 2525,
  tlsPort: 2465,
  user: "poterne",
  password: "smtp-Passw0rd",
  caFile: path.join(labDir, "ca/ca.crt"),
} as const;

/** A message as Exim delivered it. */
export interface DeliveredMail {
  readonly to: string;
  readonly subject: string;
  readonly headers: string;
  /** Decoded text. */
  readonly text: string;
}

/** All messages that the lab's Exim has delivered, in the order of their arrival. */
export function deliveredMail(): DeliveredMail[] {
  const folder = path.join(labDir, "smtp/mail/new");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readMessage(readFileSync(path.join(folder, name), "utf8")));
}

function readMessage(raw: string): DeliveredMail {
  const text = raw.replaceAll("\r\n", "\n");
  const end = text.indexOf("\n\n");
  const headers = text.slice(0, end).replace(/\n[ \t]+/g, " ");
  const body = text.slice(end + 2);
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(headers)?.[1] ?? "";
  const encoding = field("Content-Transfer-Encoding").toLowerCase();
  const decoded =
    encoding === "base64"
      ? Buffer.from(body, "base64").toString("utf8")
      : encoding === "quoted-printable"
        ? unquote(body)
        : body;
  return { to: field("To"), subject: decodeWords(field("Subject")), headers, text: decoded };
}

function unquote(text: string): string {
  const bytes = text
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** RFC 2047 words of a header. */
function decodeWords(text: string): string {
  return text
    .replace(/\?= +=\?/g, "?==?")
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toUpperCase() === "B"
        ? Buffer.from(word, "base64").toString("utf8")
        : unquote(word.replaceAll("_", " ")),
    );
}

/** A mail server that misbehaves: each connection is handed to `play`. Resolves once it listens. */
export async function hostileMailServer(
  play: (socket: Socket) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    play(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers line by line: `answer` gets a command and what follows it, and gives the reply; null says nothing. */
export function talk(socket: Socket, answer: (line: string) => string | null): void {
  let pending = "";
  socket.write("220 hostile.test ESMTP\r\n");
  socket.on("data", (chunk) => {
    pending += chunk.toString("latin1");
    for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
      const reply = answer(pending.slice(0, end));
      pending = pending.slice(end + 2);
      if (reply !== null) socket.write(reply);
    }
  });
}
