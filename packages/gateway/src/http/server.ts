import { randomUUID } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import cookie from "@fastify/cookie";
import { errorCatalogue, Failure } from "@poterne/contract";
import Fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { CertificateFiles } from "./certificates.ts";
import { toFailure, toProblem } from "./problem.ts";
import { API_POLICY, SECURITY_HEADERS } from "./security-headers.ts";

/** How often the certificate's files are looked at for a change. */
const CERTIFICATE_POLL_MS = 5000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Bodies of these types reach a route as they come, unread. */
const RAW_BODY_TYPES = ["application/octet-stream", "text/csv"];
const MAX_PARAMETER_LENGTH = 500;
/** Of all headers of a request: a ticket of Active Directory may take most of it. */
const MAX_HEADER_BYTES = 80 * 1024;

/** Makes the HTTPS (or, behind a proxy, HTTP) server with the headers and error replies every route shares. */
export async function makeServer(options: {
  readonly certificate: CertificateFiles | null;
  readonly trustedProxies: readonly string[];
  readonly logger: Logger;
}): Promise<FastifyInstance> {
  const https = options.certificate === null ? null : readCertificate(options.certificate);
  const app = Fastify({
    ...(https === null ? {} : { https: { ...https, minVersion: "TLSv1.2" as const } }),
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    logger: false,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    // Uploads may last; a request that never sends its headers may not.
    requestTimeout: 0,
    connectionTimeout: 0,
    http: { headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
  } as Parameters<typeof Fastify>[0]) as unknown as FastifyInstance;
  await app.register(cookie);
  app.addContentTypeParser(RAW_BODY_TYPES, (_request, payload, done) => done(null, payload));
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, "content-security-policy": API_POLICY });
  });
  app.setErrorHandler((error, request, reply) => {
    const failure = toFailure(error, request.id);
    const problem = toProblem(failure, request.id);
    if (failure.code === "internal")
      options.logger.error(
        { error, reference: request.id, url: request.url.split("?")[0] },
        "Request failed",
      );
    if (errorCatalogue[failure.code].status === 429)
      reply.header("retry-after", String(failure.details.seconds ?? 10));
    return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem(new Failure("not-found"), request.id);
    return reply.code(404).type("application/problem+json").send(JSON.stringify(problem));
  });
  if (options.certificate !== null)
    reloadOnChange(app.server as HttpServer | HttpsServer, options.certificate, options.logger);
  return app;
}

function readCertificate(files: CertificateFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
}

/** A renewed certificate is served to new connections without a restart; a broken one is refused and the old one stays. */
function reloadOnChange(server: HttpServer | HttpsServer, files: CertificateFiles, logger: Logger): void {
  if (!("setSecureContext" in server)) return;
  const reload = () => {
    try {
      server.setSecureContext({ ...readCertificate(files), minVersion: "TLSv1.2" });
      logger.info({ file: files.certificate }, "Certificate reloaded");
    } catch (error) {
      logger.error({ error, file: files.certificate }, "New certificate is not usable, the old one stays");
    }
  };
  watchFile(files.certificate, { interval: CERTIFICATE_POLL_MS, persistent: false }, reload);
  server.once("close", () => unwatchFile(files.certificate, reload));
}
