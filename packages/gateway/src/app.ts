import type { Logger } from "pino";
import { readNetworks } from "./access/networks.ts";
import { makeFolders } from "./app-folders.ts";
import { makeHandlers } from "./app-handlers.ts";
import { type GatewayOptions, makeServices, type Services, type Stops } from "./app-services.ts";
import { type CertificateFiles, ensureCertificate } from "./http/certificates.ts";
import type { Handler } from "./http/handlers.ts";
import { makeOpenApi } from "./http/openapi.ts";
import { servePages } from "./http/pages.ts";
import { certificateNames, listenAddress, makePublicUrl, pickFreePort } from "./http/public-address.ts";
import { renewWhileRunning } from "./http/renew-certificate.ts";
import { serveHandlers } from "./http/serve.ts";
import { makeServer } from "./http/server.ts";
import { makeAddressReader } from "./http/source-address.ts";
import { acceptViewers } from "./session/attach.ts";

/** A running gateway. */
export interface Gateway {
  readonly publicUrl: URL;
  /** Address of the first sign-in, null when somebody exists already. */
  readonly firstSignIn: string | null;
  /** Own CA to import into browsers, null when the operator brought a certificate. */
  readonly caFile: string | null;
  readonly services: Services;
  /** Every route with its function, for the demo and the tests. */
  readonly handlers: readonly Handler[];
  /** Ends sessions, closes recordings, then everything else. */
  stop(): Promise<void>;
}

/** Starts everything; resolves when it listens. What was started before a failure is stopped again. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stops: Stops = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await start(options, stops, stopAll);
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function start(options: GatewayOptions, stops: Stops, stopAll: () => Promise<void>): Promise<Gateway> {
  const { settings } = options.configuration;
  const certificate = await prepareCertificate(options);
  const host = listenAddress(settings.host);
  // The port is part of the public address, on which origin checks and passkeys depend: it must be known first.
  const port = settings.port === 0 ? await pickFreePort(host) : settings.port;
  const publicUrl = makePublicUrl(settings, port);
  const services = await makeServices(options, publicUrl, stops);
  const { auth, broker, journal, nodeId, recordings } = services;
  const app = await makeServer({
    certificate,
    trustedProxies: settings.trustedProxies,
    logger: options.logger,
  });
  stops.push(() => app.close());
  if (certificate !== null)
    stops.push(
      renewWhileRunning({
        dataDir: services.folders.data,
        names: certificateNames(settings),
        own: settings.tls,
        now: () => services.environment.now(),
        logger: options.logger,
      }),
    );
  const handlers = makeHandlers(services);
  serveHandlers(app, handlers, {
    authenticator: auth.authenticator,
    journal,
    publicUrl,
    allowedSources: readNetworks(settings.signIn.allowedSources),
  });
  const openApi = JSON.stringify(
    makeOpenApi(
      handlers.map(({ route }) => route),
      services.version,
    ),
  );
  app.get("/api/openapi.json", (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(openApi),
  );
  services.metrics.serve(app, { allowedFrom: settings.metricsFrom, isHealthy: services.isHealthy });
  await servePages(app, services.folders.pages, publicUrl);
  const viewers = acceptViewers(app.server, {
    publicOrigin: publicUrl.origin,
    nodeId,
    logger: options.logger,
    sourceAddressOf: makeAddressReader(settings.trustedProxies),
    redeem: (ticket, sessionId, address) => broker.redeem(ticket, sessionId, address),
  });
  await app.listen({ host, port });
  stops.push(
    () => viewers.close(),
    // Before the sockets close: viewers are told why their session ends.
    () => broker.stop(),
  );
  await closeAbandoned(services, options.logger);
  await recordings.start();
  const link = options.isDemo ? null : await auth.createFirstLink();
  return {
    publicUrl,
    firstSignIn: link?.url ?? null,
    caFile: certificate?.ca ?? null,
    services,
    handlers,
    stop: stopAll,
  };
}

async function prepareCertificate({
  configuration,
  environment,
}: GatewayOptions): Promise<CertificateFiles | null> {
  const { settings } = configuration;
  if (settings.tls.mode === "proxy") return null;
  const { data } = makeFolders(settings);
  return ensureCertificate(data, certificateNames(settings), settings.tls, environment.now());
}

/** Sessions this node left open when it died are closed in the store and told to the journal. */
async function closeAbandoned(
  { sessionStore, nodeId, environment, journal }: Services,
  logger: Logger,
): Promise<void> {
  const abandoned = await sessionStore.endAbandoned(nodeId, environment.now());
  for (const sessionId of abandoned) {
    await journal.append({
      kind: "session.abandoned",
      level: "alarm",
      actor: { personId: null, name: "system" },
      sourceAddress: "",
      subject: { sessionId },
      details: { code: "gateway-died" },
    });
  }
  if (abandoned.length > 0) logger.warn({ count: abandoned.length }, "Sessions of the last run were closed");
}
