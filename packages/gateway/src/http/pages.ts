import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { pagePolicy, SCRIPT_POLICY } from "./security-headers.ts";

const NONCE_PLACE = "__NONCE__";

/**
 * Serves the built pages: hashed assets for a year, and the one HTML page for every other address, with a fresh style
 * nonce each time. The page itself is public; everything it shows comes from the API.
 */
export async function servePages(app: FastifyInstance, distDir: string, publicUrl: URL): Promise<void> {
  const indexFile = path.join(distDir, "index.html");
  if (!existsSync(indexFile))
    throw new Error(`the web pages are not built: ${indexFile} is missing (npm start builds them)`);
  const page = readFileSync(indexFile, "utf8");
  await app.register(fastifyStatic, {
    root: distDir,
    wildcard: false,
    index: false,
    preCompressed: true,
    setHeaders(reply, file) {
      reply.header("content-security-policy", SCRIPT_POLICY);
      const isHashed = file.includes(`${path.sep}assets${path.sep}`);
      reply.header(
        "cache-control",
        isHashed ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      );
    },
  });
  app.get("/*", (request, reply) => {
    if (request.url.startsWith("/api/")) return reply.callNotFound();
    const nonce = randomBytes(16).toString("base64");
    return reply
      .header("content-security-policy", pagePolicy(nonce, publicUrl))
      .header("cache-control", "no-store")
      .type("text/html; charset=utf-8")
      .send(page.replaceAll(NONCE_PLACE, nonce));
  });
}
