import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, fromHex, toHex } from "@poterne/bytes";
import { RdpClient, type RdpClientOptions } from "./client.ts";
import { GfxVersion } from "./graphics/capabilities.ts";
import { oneMonitor } from "./monitors.ts";
import { nodeCrypto } from "./testing/crypto.ts";

const OPTIONS: RdpClientOptions = {
  monitors: oneMonitor({ width: 1024, height: 768 }),
  keyboardLayout: 0x40c,
  clientName: "poterne",
  security: { minimum: "tls", offersNla: true, minimumCredSspVersion: 2 },
  cookieName: "",
  channels: [],
  performanceFlags: 0,
  findLicence: () => null,
  hardwareId: new Uint8Array(16),
  reconnectCookie: null,
  crypto: nodeCrypto,
  hasRemoteFx: true,
  graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 },
};
const confirm = (type: string, value: string) => fromHex(`030000130ed00000123400${type}000800${value}000000`);

function answer(bytes: Uint8Array, changes: Partial<RdpClientOptions> = {}) {
  const client = new RdpClient({ ...OPTIONS, ...changes });
  client.start();
  const commands = client.receive(bytes, 0);
  const last = commands.at(-1);
  return last?.type === "fail" ? last.code : last?.type;
}

test("the first packet asks for what the target's options allow", () => {
  const first = (offersNla: boolean) => {
    const [command] = new RdpClient({ ...OPTIONS, security: { ...OPTIONS.security, offersNla } }).start();
    return command?.type === "send" ? toHex(command.bytes).slice(-8) : "";
  };
  assert.equal(first(true), "0b000000");
  assert.equal(first(false), "01000000");
});

test("every refusal of the negotiation has its reason", () => {
  assert.equal(answer(confirm("02", "01")), "startTls");
  assert.equal(answer(confirm("02", "02")), "startTls");
  assert.equal(answer(confirm("02", "00")), "rdp-security-only");
  assert.equal(answer(fromHex("0300000b06d00000123400")), "rdp-security-only");
  assert.equal(answer(confirm("03", "02")), "rdp-security-only");
  assert.equal(answer(confirm("03", "05")), "nla-required");
  assert.equal(answer(confirm("03", "04")), "refused");
  const nla = { security: { ...OPTIONS.security, minimum: "nla" as const } };
  assert.equal(answer(confirm("02", "01"), nla), "nla-not-offered");
  const without = { security: { ...OPTIONS.security, offersNla: false } };
  assert.equal(answer(confirm("02", "02"), without), "not-rdp", "a protocol that was not asked for");
  assert.equal(answer(new TextEncoder().encode("SSH-2.0-OpenSSH\r\n")), "not-rdp");
});

test("bytes before TLS are refused and nothing follows a failure", () => {
  const client = new RdpClient(OPTIONS);
  client.start();
  const commands = client.receive(concatBytes([confirm("02", "01"), Uint8Array.of(1)]), 0);
  assert.equal(commands.at(-1)?.type, "fail");
  assert.deepEqual(client.receive(confirm("02", "01"), 0), []);
  assert.deepEqual(client.closed(), []);
  assert.deepEqual(client.tlsStarted({ publicKey: new Uint8Array(8) }), []);
});

test("a server that closes leaves a reason", () => {
  const client = new RdpClient(OPTIONS);
  client.start();
  const [command] = client.closed();
  assert.ok(command?.type === "fail" && command.code === "not-rdp");
});

test("credentials are asked for once TLS stands, with or without NLA", () => {
  for (const [protocol, isNla] of [
    ["01", false],
    ["02", true],
    ["08", true],
  ] as const) {
    const client = new RdpClient(OPTIONS);
    client.start();
    client.receive(confirm("02", protocol), 0);
    const publicKey = new Uint8Array(8);
    assert.deepEqual(client.tlsStarted({ publicKey }), [{ type: "credentials", isNla }]);
  }
});
