import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import {
  etypeName,
  formatPrincipal,
  GssInitiator,
  type GssSession,
  ReplayCache,
  readKeytab,
  SpnegoAcceptor,
  SpnegoInitiator,
  SUPPORTED_ETYPES,
  serviceName,
} from "@poterne/kerberos";
import { nodeKerberosCrypto } from "../../packages/gateway/src/kerberos/node-crypto.ts";
import {
  NegState,
  readNegTokenResp,
  writeMechTypeList,
  writeNegTokenInit,
  writeNegTokenResp,
} from "../../packages/kerberos/src/gss/spnego-messages.ts";
import { Oid } from "../../packages/kerberos/src/gss/token.ts";
import {
  connectSoon,
  runMit,
  type SampleConnection,
  SampleFlag,
  serveSamples,
} from "../support/gss-sample.ts";
import { environmentWith, granted, labClient, person } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";

const krb5Config = { KRB5_CONFIG: path.join(labDir, "mit-kdc/krb5.conf") };
const scratch = mkdtempSync(path.join(tmpdir(), "poterne-krb-"));
/** 1.3.6.1.4.1.311.2.2.10, a mechanism the acceptor does not have. */
const NTLM_OID = Uint8Array.from(Buffer.from("2b06010401823702020a", "hex"));
const MESSAGE = "Grüße, and somewhat more than one block of text";

before(() => startLab("mit-kdc"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const { randomBytes } = environmentWith();
const tools = { crypto: nodeKerberosCrypto, randomBytes };
const replayCache = new ReplayCache(nodeKerberosCrypto, Date.now());
const keytabOf = (name: string) =>
  readKeytab(new Uint8Array(readFileSync(path.join(labDir, "mit-kdc", name))));

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Establishes a context with gss-server, bare or by SPNEGO. */
async function establish(connection: SampleConnection, hostname: string, etype: number, isSpnego: boolean) {
  const client = labClient({ etypes: [etype] });
  const name = etypeName(etype);
  const tgt = granted(await client.signIn(person(name, "MIT.TEST"), Buffer.from(labPasswords.alice)));
  const credential = granted(await client.getServiceTicket(tgt, serviceName("host", hostname)));
  connection.send(SampleFlag.NOOP | SampleFlag.CONTEXT_NEXT);
  const initiator = new (isSpnego ? SpnegoInitiator : GssInitiator)({ ...tools, credential });
  connection.send(SampleFlag.CONTEXT, initiator.start(Date.now()));
  for (;;) {
    const answer = await connection.next();
    const step = initiator.receive(answer.bytes, Date.now());
    if (step.type === "failed") throw new Error(`${step.failure.reason}: ${step.failure.detail}`);
    const { token } = { token: undefined, ...step };
    if (token !== undefined) connection.send(SampleFlag.CONTEXT, token);
    if (step.type === "established") return step.session;
  }
}

/** Sends a message as gss-client does and checks the acceptor's MIC over it. */
async function exchangeMessage(
  connection: SampleConnection,
  session: GssSession,
  flags: number,
): Promise<void> {
  const data = Buffer.from(MESSAGE);
  const token = (flags & SampleFlag.ENCRYPTED) !== 0 ? session.seal(data) : session.wrapReadable(data);
  connection.send(SampleFlag.DATA | SampleFlag.SEND_MIC | SampleFlag.WRAPPED | flags, token);
  const answer = await connection.next();
  assert.equal(answer.flags & SampleFlag.MIC, SampleFlag.MIC);
  session.verify(data, answer.bytes);
}

for (const etype of SUPPORTED_ETYPES)
  test(`our initiator and MIT's gss-server, ${etypeName(etype)}: bare and by SPNEGO, sealed and readable, MIC back`, async () => {
    const name = etypeName(etype);
    const hostname = `${name}.mit.test`;
    const keytab = path.join(labDir, "mit-kdc/gss.keytab");
    for (const isSpnego of [false, true]) {
      const port = await freePort();
      const words = ["-port", `${port}`, "-once", "-verbose", "-keytab", keytab, `host@${hostname}`];
      const { ended } = runMit("gss-server", words, { ...krb5Config, KRB5RCACHENAME: "none:" });
      const connection = await connectSoon(port);
      const session = await establish(connection, hostname, etype, isSpnego);
      await exchangeMessage(connection, session, SampleFlag.ENCRYPTED);
      await exchangeMessage(connection, session, 0);
      connection.send(SampleFlag.NOOP);
      connection.end();
      const { output } = await ended;
      assert.ok(output.includes(`Accepted connection: "${name}@MIT.TEST"`), output);
      assert.equal(output.match(/^Received message: "Grüße/gm)?.length, 2, output);
    }
  });

test("MIT's gss-server signs the list of mechanisms and takes our signature when Kerberos was not the first", async () => {
  const name = "aes256-cts-hmac-sha1-96";
  const port = await freePort();
  const keytab = path.join(labDir, "mit-kdc/gss.keytab");
  const words = ["-port", `${port}`, "-once", "-verbose", "-keytab", keytab, `host@${name}.mit.test`];
  const { ended } = runMit("gss-server", words, { ...krb5Config, KRB5RCACHENAME: "none:" });
  const connection = await connectSoon(port);
  const client = labClient({ etypes: [18] });
  const tgt = granted(await client.signIn(person(name, "MIT.TEST"), Buffer.from(labPasswords.alice)));
  const credential = granted(await client.getServiceTicket(tgt, serviceName("host", `${name}.mit.test`)));
  const initiator = new GssInitiator({ ...tools, credential });
  connection.send(SampleFlag.NOOP | SampleFlag.CONTEXT_NEXT);
  const list = writeMechTypeList([NTLM_OID, Oid.krb5]);
  connection.send(SampleFlag.CONTEXT, writeNegTokenInit(list, Buffer.from("NTLMSSP\0")));
  const choice = readNegTokenResp((await connection.next()).bytes);
  assert.equal(choice.negState, NegState["request-mic"]);
  assert.deepEqual(choice.supportedMech, Oid.krb5);
  connection.send(SampleFlag.CONTEXT, writeNegTokenResp({ responseToken: initiator.start(Date.now()) }));
  const { responseToken, mechListMic } = readNegTokenResp((await connection.next()).bytes);
  assert.ok(responseToken !== undefined && mechListMic !== undefined);
  const outcome = initiator.receive(responseToken);
  assert.ok(outcome.type === "established");
  outcome.session.verify(list, mechListMic);
  const signed = { negState: NegState["accept-completed"], mechListMic: outcome.session.sign(list) };
  connection.send(SampleFlag.CONTEXT, writeNegTokenResp(signed));
  await exchangeMessage(connection, outcome.session, SampleFlag.ENCRYPTED);
  connection.send(SampleFlag.NOOP);
  connection.end();
  const { output } = await ended;
  assert.ok(output.includes(`Accepted connection: "${name}@MIT.TEST"`), output);
});

/** Our side of gss-server: accepts, opens what comes, signs it back. */
async function serveContext(connection: SampleConnection, keytab: string): Promise<void> {
  const acceptor = new SpnegoAcceptor({ ...tools, keytab: keytabOf(keytab), replayCache });
  assert.equal((await connection.next()).flags, SampleFlag.NOOP | SampleFlag.CONTEXT_NEXT);
  let session: GssSession | undefined;
  while (session === undefined) {
    const outcome = acceptor.accept((await connection.next()).bytes, Date.now());
    if (outcome.type === "refused") throw new Error(`${outcome.failure.reason}: ${outcome.failure.detail}`);
    if (outcome.token.length > 0) connection.send(SampleFlag.CONTEXT, outcome.token);
    if (outcome.type === "established") session = outcome.accepted.session;
  }
  for (;;) {
    const { flags, bytes } = await connection.next();
    if ((flags & SampleFlag.NOOP) !== 0) break;
    const isWrapped = (flags & SampleFlag.WRAPPED) !== 0;
    const data: Uint8Array = isWrapped ? session.unwrap(bytes).data : bytes;
    assert.equal(Buffer.from(data).toString("utf8"), MESSAGE);
    connection.send(SampleFlag.MIC, session.sign(data));
  }
  connection.end();
}

for (const etype of SUPPORTED_ETYPES)
  test(`MIT's gss-client and our acceptor, ${etypeName(etype)}: bare and by SPNEGO, sealed, readable and MIC`, async () => {
    const name = etypeName(etype);
    const { port, server } = await serveSamples((connection) => serveContext(connection, "gss.keytab"));
    try {
      for (const options of [
        [],
        ["-spnego"],
        ["-nx"],
        ["-spnego", "-nx", "-mcount", "3"],
        ["-nomutual", "-spnego"],
      ]) {
        const account = ["-user", name, "-pass", labPasswords.alice];
        const target = ["127.0.0.1", `host@${name}.mit.test`, MESSAGE];
        const words = ["-port", `${port}`, ...options, ...account, ...target];
        const { code, output } = await runMit("gss-client", words, krb5Config).ended;
        assert.equal(code, 0, output);
        assert.match(output, /Signature verified/, `${options.join(" ")}: ${output}`);
      }
    } finally {
      server.close();
    }
  });

test("a person of another realm comes in by referral: MIT's gss-client to a service of OTHER.TEST", async () => {
  const { port, server } = await serveSamples((connection) => serveContext(connection, "other.keytab"));
  const words = ["-port", `${port}`, "-spnego", "-user", "alice", "-pass", labPasswords.alice];
  const target = ["127.0.0.1", "host@far.other.test", MESSAGE];
  const { code, output } = await runMit("gss-client", [...words, ...target], krb5Config).ended;
  server.close();
  assert.equal(code, 0, output);
  assert.match(output, /Signature verified/);
});

test("curl --negotiate comes in at our acceptor; without a ticket, by NTLM or with a replayed token it does not", async () => {
  const keytab = keytabOf("http.keytab");
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const [scheme, text = ""] = (request.headers.authorization ?? "").split(" ");
    if (scheme !== "Negotiate") return response.writeHead(401, { "www-authenticate": "Negotiate" }).end();
    seen.push(text);
    const acceptor = new SpnegoAcceptor({ ...tools, keytab, replayCache });
    const outcome = acceptor.accept(new Uint8Array(Buffer.from(text, "base64")), Date.now());
    if (outcome.type !== "established")
      return response.writeHead(403).end(outcome.type === "refused" ? outcome.failure.reason : outcome.type);
    const token = Buffer.from(outcome.token).toString("base64");
    return response
      .writeHead(200, { "www-authenticate": `Negotiate ${token}` })
      .end(`hello ${formatPrincipal(outcome.accepted.client)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const url = `http://gate.mit.test:${address.port}/`;
  const resolve = ["--resolve", `gate.mit.test:${address.port}:127.0.0.1`, "--noproxy", "*", "-sS"];
  const environment = { ...krb5Config, KRB5CCNAME: `FILE:${scratch}/cc` };
  try {
    const kinit = await runMit("kinit", ["alice"], environment, `${labPasswords.alice}\n`).ended;
    assert.equal(kinit.code, 0, kinit.output);
    const good = await runMit("curl", [...resolve, "--negotiate", "-u", ":", url], environment).ended;
    assert.equal(good.output, "hello alice@MIT.TEST");
    const replay = ["-H", `Authorization: Negotiate ${seen[0]}`, url];
    assert.equal((await runMit("curl", [...resolve, ...replay], environment).ended).output, "replay");
    const ntlm = [
      "-H",
      `Authorization: Negotiate ${Buffer.from("NTLMSSP\0\x01\0\0\0").toString("base64")}`,
      url,
    ];
    assert.equal(
      (await runMit("curl", [...resolve, ...ntlm], environment).ended).output,
      "kerberos-not-offered",
    );
    const without = { ...environment, KRB5CCNAME: `FILE:${scratch}/none` };
    const status = ["-o", "/dev/null", "-w", "%{http_code}", "--negotiate", "-u", ":", url];
    assert.match((await runMit("curl", [...resolve, ...status], without).ended).output, /401$/);
  } finally {
    server.close();
  }
});
