import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import path from "node:path";
import { before, test } from "node:test";
import { formatPrincipal, serviceName } from "@poterne/kerberos";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { environmentWith, granted, labClient, person, refusal, routeBy } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";

before(() => startLab("mit-kdc", "kdc-proxy"));

const password = Buffer.from(labPasswords.alice);
const caFile = path.join(labDir, "ca/ca.crt");
const clientBy = (kdcs: string, others: Readonly<Record<string, unknown>> = {}) =>
  labClient({ settings: { kdcs: [kdcs], ...others } });

test("a realm's next KDC is asked when the first is down", async () => {
  const alice = person("alice", "MIT.TEST");
  granted(await clientBy("MIT.TEST 127.0.0.1:1 127.0.0.1:1088").signIn(alice, password));
  const down = await clientBy("MIT.TEST 127.0.0.1:1 127.0.0.1:2").signIn(alice, password);
  assert.equal(refusal(down), "kdc-unreachable");
});

test("a KDC proxy carries AS and TGS exchanges; without trust in its certificate it carries nothing", async () => {
  const proxy = "MIT.TEST https://localhost:1443/KdcProxy";
  const client = clientBy(proxy, { caFile });
  const tgt = granted(await client.signIn(person("proof", "MIT.TEST"), password));
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", "ssh.mit.test")));
  assert.equal(formatPrincipal(ticket.service), "host/ssh.mit.test@MIT.TEST");
  assert.equal(
    refusal(await clientBy(proxy).signIn(person("proof", "MIT.TEST"), password)),
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
  const places = answers.map((_, at) => `https://localhost:${address.port}/${at}`);
  const route = routeBy({ kdcs: [`MIT.TEST ${places.join(" ")}`], caFile });
  const client = new KdcClient({ ...route, monotonicMs: environmentWith().monotonicMs });
  const answer = await client.ask("MIT.TEST", Uint8Array.of(1));
  server.close();
  assert.ok(!answer.isAnswered);
  assert.deepEqual(
    answer.attempts.map(({ problem }) => problem),
    ["HTTP 503", "an answer over the limit", "not a KDC proxy's answer", "ECONNRESET"],
  );
});
