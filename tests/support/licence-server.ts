import { execFileSync } from "node:child_process";
import { constants, createPrivateKey, type KeyObject, privateDecrypt, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ByteReader, ByteWriter, concatBytes } from "../../packages/bytes/src/index.ts";
import { deriveLicenceKeys, type LicenceKeys, licenceMac } from "../../packages/rdp/src/connect/licence.ts";
import {
  decodeLicencePdu,
  LicenceMessage,
  readBlob,
} from "../../packages/rdp/src/connect/licence-messages.ts";
import { encodeUtf16 } from "../../packages/rdp/src/encoding/utf16.ts";
import { Rc4 } from "../../packages/rdp/src/nla/rc4.ts";
import { nodeCrypto } from "./rdp-peer.ts";

const SEC_LICENSE_PKT = 0x80;
const PREAMBLE_VERSION_3_0 = 3;
const STATUS_VALID_CLIENT = 7;
const ST_TOTAL_ABORT = 1;
const ST_NO_TRANSITION = 2;
/** What a client is told: [MS-RDPBCGR] 2.2.1.12.1.3 dwErrorCode. */
export const LicenceError = { ERR_NO_LICENSE: 2, ERR_NO_LICENSE_SERVER: 6, ERR_INVALID_CLIENT: 8 } as const;
const RANDOM_BYTES = 32;
const PREMASTER_BYTES = 48;
const HARDWARE_ID_BYTES = 20;
const VERSION = 0x60003;
const SCOPE = "licences.test\0";
const COMPANY = "Microsoft Corporation\0";
const PRODUCT = "A02\0";
const CHALLENGE = Buffer.from("are you there?");

/** A key and a self-signed certificate for an RSA server. */
export function makeCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-licences-"));
  const [keyFile, certFile] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=licences.test", "-days", "2"];
  execFileSync("openssl", [...words, "-keyout", String(keyFile), "-out", String(certFile)], {
    stdio: "ignore",
  });
  const made = { key: readFileSync(String(keyFile), "utf8"), cert: readFileSync(String(certFile), "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}

/** What a client showed of itself. */
export interface SeenClient {
  /** `new`: it asked for a licence; `stored`: it showed one. */
  readonly kind: "new" | "stored";
  readonly licence: string | null;
  /** Hexadecimal; known once the client proved it. */
  hardwareId: string;
}

/** What the server does with a licence that it is shown. */
export type LicenceRule = "accept" | "upgrade" | { readonly refuse: number };

/**
 * A licence server's side of [MS-RDPELE] 1.3.3, from its specification. The client's proofs are checked: the key
 * exchange, every MAC, the challenge's answer and that the hardware id stays the same within an exchange.
 */
export class LicenceServer {
  readonly clients: SeenClient[] = [];
  rule: LicenceRule = "accept";
  readonly #key: KeyObject;
  readonly #certificate: Uint8Array;
  #issuedCount = 0;

  constructor({ key, cert } = makeCertificate()) {
    this.#key = createPrivateKey(key);
    this.#certificate = Uint8Array.from(new X509Certificate(cert).raw);
  }

  /** One connection's exchange. */
  begin(): LicenceExchange {
    return new LicenceExchange(this, this.#key, this.#certificate);
  }

  /** The next licence that is given out. */
  issue(): Uint8Array {
    return Buffer.from(`licence ${++this.#issuedCount} of a server, for nobody to read`);
  }
}

/** What an exchange says next; `isDone` after its last word, `isRefused` where the connection ends with it. */
export interface LicenceAnswer {
  readonly pdu: Uint8Array;
  readonly isDone: boolean;
  readonly isRefused: boolean;
}

/** The exchange with one client. */
export class LicenceExchange {
  readonly #server: LicenceServer;
  readonly #key: KeyObject;
  readonly #certificate: Uint8Array;
  readonly #random = nodeCrypto.random(RANDOM_BYTES);
  #keys: LicenceKeys | null = null;
  #isUpgrade = false;

  constructor(server: LicenceServer, key: KeyObject, certificate: Uint8Array) {
    this.#server = server;
    this.#key = key;
    this.#certificate = certificate;
  }

  /** [MS-RDPELE] 2.2.2.1 Server License Request, with a chain of X.509 certificates as real ones have. */
  request(): Uint8Array {
    const certificate = certificateChain(this.#certificate);
    const body = new ByteWriter(8192).put(this.#random).put(productInfo());
    body.u16le(0x0d).u16le(4).u32le(1);
    body.u16le(3).u16le(certificate.length).put(certificate);
    body.u32le(1).u16le(0x0e).u16le(SCOPE.length).put(Buffer.from(SCOPE));
    return pduOf(LicenceMessage.LICENSE_REQUEST, body.finish());
  }

  /** Takes the client's next packet; throws where it proves nothing. */
  take(packet: Uint8Array): LicenceAnswer {
    const pdu = decodeLicencePdu(packet);
    if (pdu === null) throw new Error("no licensing packet");
    const reader = new ByteReader(pdu.body, "client's licensing message");
    if (pdu.type === LicenceMessage.PLATFORM_CHALLENGE_RESPONSE) return this.#takeResponse(reader);
    reader.advance(8);
    const client = reader.take(RANDOM_BYTES);
    this.#keys = deriveLicenceKeys(nodeCrypto, this.#decryptPremaster(readBlob(reader)), {
      client,
      server: this.#random,
    });
    if (pdu.type === LicenceMessage.NEW_LICENSE_REQUEST) {
      this.#server.clients.push({ kind: "new", licence: null, hardwareId: "" });
      const { rule } = this.#server;
      return typeof rule === "object" ? alert(rule.refuse) : this.#challenge();
    }
    if (pdu.type !== LicenceMessage.LICENSE_INFO) throw new Error(`message ${pdu.type}`);
    const licence = Buffer.from(readBlob(reader)).toString();
    const hardware = this.#decrypt(readBlob(reader));
    this.#check(reader, hardware);
    this.#server.clients.push({ kind: "stored", licence, hardwareId: Buffer.from(hardware).toString("hex") });
    const { rule } = this.#server;
    if (typeof rule === "object") return alert(rule.refuse);
    this.#isUpgrade = rule === "upgrade";
    return this.#isUpgrade ? this.#challenge() : alert(STATUS_VALID_CLIENT);
  }

  #challenge(): LicenceAnswer {
    const body = concatBytes([new Uint8Array(4), this.#seal(CHALLENGE)]);
    return { pdu: pduOf(LicenceMessage.PLATFORM_CHALLENGE, body), isDone: false, isRefused: false };
  }

  #takeResponse(reader: ByteReader): LicenceAnswer {
    const response = this.#decrypt(readBlob(reader));
    const hardware = this.#decrypt(readBlob(reader));
    this.#check(reader, concatBytes([response, hardware]));
    if (!Buffer.from(response.subarray(8)).equals(CHALLENGE))
      throw new Error("another challenge was answered");
    const seen = this.#server.clients.at(-1);
    const hardwareId = Buffer.from(hardware).toString("hex");
    if (hardware.length !== HARDWARE_ID_BYTES || seen === undefined) throw new Error("no hardware id");
    if (seen.hardwareId !== "" && seen.hardwareId !== hardwareId) throw new Error("another hardware id");
    seen.hardwareId = hardwareId;
    const licence = this.#server.issue();
    const info = new ByteWriter(1024).u32le(VERSION);
    for (const name of [Buffer.from(SCOPE), encodeUtf16(COMPANY), encodeUtf16(PRODUCT), licence])
      info.u32le(name.length).put(name);
    const type = this.#isUpgrade ? LicenceMessage.UPGRADE_LICENSE : LicenceMessage.NEW_LICENSE;
    return { pdu: pduOf(type, this.#seal(info.finish().slice())), isDone: true, isRefused: false };
  }

  #decryptPremaster(blob: Uint8Array): Uint8Array {
    const sizeBytes = (this.#key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const encrypted = blob.slice(0, sizeBytes).reverse();
    const plain = privateDecrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, encrypted);
    return Uint8Array.from(plain).reverse().slice(0, PREMASTER_BYTES);
  }

  get #agreed(): LicenceKeys {
    if (this.#keys === null) throw new Error("no keys yet");
    return this.#keys;
  }

  #decrypt(encrypted: Uint8Array): Uint8Array {
    return new Rc4(this.#agreed.encryptionKey).update(encrypted);
  }

  #check(reader: ByteReader, plain: Uint8Array): void {
    const expected = licenceMac(nodeCrypto, this.#agreed.macSaltKey, plain);
    if (!Buffer.from(reader.take(expected.length)).equals(expected))
      throw new Error("the client's MAC is wrong");
  }

  #seal(plain: Uint8Array): Uint8Array {
    const { encryptionKey, macSaltKey } = this.#agreed;
    const writer = new ByteWriter(plain.length + 32).u16le(9).u16le(plain.length);
    return writer
      .put(new Rc4(encryptionKey).update(plain))
      .put(licenceMac(nodeCrypto, macSaltKey, plain))
      .finish();
  }
}

/** [MS-RDPBCGR] 2.2.1.4.3.1.2 X.509 certificate chain; the licence server's own twice, as the last counts. */
export function certificateChain(der: Uint8Array): Uint8Array {
  const chain = new ByteWriter(4096).u32le(2).u32le(2);
  for (const one of [der, der]) chain.u32le(one.length).put(one);
  return chain.put(new Uint8Array(16)).finish().slice();
}

function productInfo(): Uint8Array {
  const writer = new ByteWriter(256).u32le(VERSION);
  for (const name of [encodeUtf16(COMPANY), encodeUtf16(PRODUCT)]) writer.u32le(name.length).put(name);
  return writer.finish().slice();
}

function alert(errorCode: number): LicenceAnswer {
  const isValid = errorCode === STATUS_VALID_CLIENT;
  const transition = isValid ? ST_NO_TRANSITION : ST_TOTAL_ABORT;
  const body = new ByteWriter().u32le(errorCode).u32le(transition).u16le(4).u16le(0).finish();
  return { pdu: pduOf(LicenceMessage.ERROR_ALERT, body), isDone: true, isRefused: !isValid };
}

function pduOf(type: number, body: Uint8Array): Uint8Array {
  const head = new ByteWriter(body.length + 8).u16le(SEC_LICENSE_PKT).u16le(0);
  return head
    .u8(type)
    .u8(PREAMBLE_VERSION_3_0)
    .u16le(body.length + 4)
    .put(body)
    .finish()
    .slice();
}
