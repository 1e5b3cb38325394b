import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import path from "node:path";
import { before, test } from "node:test";
import { formatPrincipal, serviceName } from "@poterne/kerberos";
import {
  formatKdcAddress,
  type KdcAddress,
  KdcDirectory,
  type KdcDirectoryOptions,
  parseKdcAddress,
} from "../../packages/gateway/src/kerberos/kdc-address.ts";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { environmentWith, granted, labClient, labKdcs, person, refusal } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";

before(() => startLab("samba-ad", "mit-kdc", "kdc-proxy"));

const password = Buffer.from(labPasswords.alice);
const environment = environmentWith();

function clientBy(options: Omit<KdcDirectoryOptions, "random">, proxyCa?: string) {
  const directory = new KdcDirectory({ ...options, random: Math.random });
  const kdcs = new KdcClient({ directory, monotonicMs: environment.monotonicMs, proxyCa });
  return labClient({ kdcs });
}

const addresses = (...texts: string[]): KdcAddress[] =>
  texts.map((text) => {
    const address = parseKdcAddress(text);
    if (address === null) throw new Error(text);
    return address;
  });

test("Samba's own DNS, whose SRV records Node refuses, still leads to the domain's KDC", async () => {
  const resolver = new Resolver();
  resolver.setServers(["127.0.0.10"]);
  const directory = new KdcDirectory({
    configured: new Map(),
    resolveSrv: (name) => resolver.resolveSrv(name),
    random: Math.random,
  });
  assert.deepEqual((await directory.find("LAB.TEST")).map(formatKdcAddress), ["lab.test:88"]);
  // This machine's resolver does not know the domain, so its DNS is asked for the address.
  const configured = new Map([["LAB.TEST", addresses(...(await resolver.resolve4("lab.test")))]]);
  const tgt = granted(await clientBy({ configured }).signIn(person("alice", "LAB.TEST"), password));
  assert.equal(formatPrincipal(tgt.client), "alice@LAB.TEST");
  assert.deepEqual(await directory.find("NOWHERE.TEST"), []);
});

test("a realm's next KDC is asked when the first is down", async () => {
  const kdc = labKdcs["MIT.TEST"];
  assert.ok(kdc !== undefined);
  const configured = new Map([["MIT.TEST", addresses("127.0.0.1:1", formatKdcAddress(kdc))]]);
  granted(await clientBy({ configured }).signIn(person("alice", "MIT.TEST"), password));
  const down = new Map([["MIT.TEST", addresses("127.0.0.1:1", "127.0.0.1:2")]]);
  assert.equal(
    refusal(await clientBy({ configured: down }).signIn(person("alice", "MIT.TEST"), password)),
    "kdc-unreachable",
  );
});

test("a KDC proxy carries AS and TGS exchanges; without trust in its certificate it carries nothing", async () => {
  const configured = new Map([["MIT.TEST", addresses("https://localhost:1443/KdcProxy")]]);
  const ca = readFileSync(path.join(labDir, "ca/ca.crt"), "utf8");
  const client = clientBy({ configured }, ca);
  const tgt = granted(await client.signIn(person("proof", "MIT.TEST"), password));
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", "ssh.mit.test")));
  assert.equal(formatPrincipal(ticket.service), "host/ssh.mit.test@MIT.TEST");
  assert.equal(
    refusal(await clientBy({ configured }).signIn(person("proof", "MIT.TEST"), password)),
    "kdc-unreachable",
  );
});

test("a KDC proxy that fails, floods or talks of something else is told as such", async () => {
  const certificate = (end: string) => readFileSync(path.join(labDir, `ca/kdcproxy.lab.test.${end}`));
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(503).end("busy"),
    (response) => response.end(Buffer.alloc(200_000)),
    (response) => response.end("<html>hello</html>"),
    (response) => response.destroy(),
  ];
  const server = createServer({ key: certificate("key"), cert: certificate("crt") }, (request, response) => {
    request.resume();
    answers[Number(request.url?.slice(1))]?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const kdcs = addresses(...answers.map((_, at) => `https://localhost:${address.port}/${at}`));
  const directory = new KdcDirectory({ configured: new Map([["MIT.TEST", kdcs]]), random: Math.random });
  const proxyCa = readFileSync(path.join(labDir, "ca/ca.crt"), "utf8");
  const client = new KdcClient({ directory, monotonicMs: environment.monotonicMs, proxyCa });
  const answer = await client.ask("MIT.TEST", Uint8Array.of(1));
  server.close();
  assert.ok(!answer.isAnswered);
  assert.deepEqual(
    answer.attempts.map(({ problem }) => problem),
    ["HTTP 503", "an answer over the limit", "not a KDC proxy's answer", "ECONNRESET"],
  );
});
