import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { isInSet, makeAddressSet } from "../session/address-guard.ts";

/** What the gateway counts. One instance per process; names are prefixed `poterne_`. */
export class Metrics {
  readonly registry = new Registry();
  readonly sessionsOpened = new Counter({
    name: "poterne_sessions_opened_total",
    help: "Sessions opened, by protocol",
    labelNames: ["protocol"] as const,
    registers: [this.registry],
  });
  readonly sessionsEnded = new Counter({
    name: "poterne_sessions_ended_total",
    help: "Sessions ended, by reason code",
    labelNames: ["code"] as const,
    registers: [this.registry],
  });
  readonly requestSeconds = new Histogram({
    name: "poterne_http_request_seconds",
    help: "Time to answer API requests, by method and status",
    labelNames: ["method", "status"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.registry],
  });

  #isScraped = false;

  /** Adds the live numbers that are read when asked for. */
  constructor(read: { liveSessions: () => number; viewers: () => number }) {
    this.#gauge("poterne_live_sessions", "Sessions live on this node", read.liveSessions);
    this.#gauge("poterne_viewers", "Viewers attached on this node", read.viewers);
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: (): void => gauge.set(read()),
    });
  }

  /**
   * Node's own numbers begin with the first scrape: measuring the loop's delay wakes an idle process a hundred times a
   * second, some milliseconds of CPU each second, though nobody reads it.
   */
  #measureProcess(): void {
    if (this.#isScraped) return;
    this.#isScraped = true;
    collectDefaultMetrics({ register: this.registry });
  }

  /** Serves `/metrics` to the addresses allowed and `/healthz` to anyone; neither says more than numbers. */
  serve(
    app: FastifyInstance,
    options: { allowedFrom: readonly string[]; isHealthy: () => Promise<boolean> },
  ): void {
    const allowed = makeAddressSet(options.allowedFrom);
    app.addHook("onResponse", async (request, reply) => {
      if (!request.url.startsWith("/api/")) return;
      this.requestSeconds.observe(
        { method: request.method, status: String(reply.statusCode) },
        reply.elapsedTime / 1000,
      );
    });
    app.get("/metrics", async (request, reply) => {
      if (!isInSet(allowed, request.ip)) return reply.code(404).send();
      this.#measureProcess();
      return reply.type(this.registry.contentType).send(await this.registry.metrics());
    });
    app.get("/healthz", async (_request, reply) => {
      const isHealthy = await options.isHealthy();
      return reply
        .code(isHealthy ? 200 : 503)
        .type("text/plain")
        .send(isHealthy ? "ok\n" : "failing\n");
    });
  }
}
