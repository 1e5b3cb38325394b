import { ByteReader, ByteWriter, concatBytes, encodeUtf8 } from "@poterne/bytes";
import type { RdpCrypto } from "../crypto.ts";
import { failureOfLicenceError, type RdpFailure } from "../failures.ts";
import { isSame } from "../nla/ntlm.ts";
import { Rc4 } from "../nla/rc4.ts";
import {
  decodeIssuedLicence,
  decodeLicenceRequest,
  type IssuedLicence,
  type LicenceWish,
} from "./licence-index.ts";
import {
  BlobType,
  decodeLicencePdu,
  encodeLicencePdu,
  LicenceMessage,
  putBlob,
  readBlob,
} from "./licence-messages.ts";
import { encryptRsaLittleEndian } from "./rsa.ts";

const STATUS_VALID_CLIENT = 7;
/** [MS-RDPBCGR] 2.2.1.12.1.3 dwStateTransition. */
const ST_NO_TRANSITION = 2;
const ST_RESET_PHASE_TO_START = 3;
const KEY_EXCHANGE_ALG_RSA = 1;
/** CLIENT_OS_ID_WINNT_POST_52 and CLIENT_IMAGE_ID_MICROSOFT, the values servers know. */
const PLATFORM_ID = 0x04010000;
const RANDOM_BYTES = 32;
const PREMASTER_BYTES = 48;
const MAC_BYTES = 16;
const PLATFORM_CHALLENGE_VERSION = 0x0100;
const OTHER_PLATFORM = 0xff00;
const LICENSE_DETAIL_DETAIL = 3;
/** Messages of one licensing phase. */
const MAX_MESSAGES = 8;

/** What licensing needs besides messages. */
export interface LicensingOptions {
  readonly crypto: RdpCrypto;
  readonly username: string;
  readonly clientName: string;
  /** Sixteen bytes that name this client to the licence server, the same each time. */
  readonly hardwareId: Uint8Array;
  /** A licence of an earlier connection that answers the server's wish, null without. */
  findLicence(wish: LicenceWish): Uint8Array | null;
}

/** What came of a message. */
export type LicensingResult =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  | { readonly type: "done"; readonly licence: IssuedLicence | null }
  | { readonly type: "fail"; readonly failure: RdpFailure };

/** The keys of one licensing phase. */
export interface LicenceKeys {
  readonly macSaltKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
}

/** [MS-RDPELE] 5.1.3 and 5.1.4: the keys from the premaster secret and both randoms. */
export function deriveLicenceKeys(
  crypto: RdpCrypto,
  premaster: Uint8Array,
  randoms: { readonly client: Uint8Array; readonly server: Uint8Array },
): LicenceKeys {
  const salted = (secret: Uint8Array, letters: string, first: Uint8Array, second: Uint8Array) =>
    crypto.md5(concatBytes([secret, crypto.sha1(concatBytes([encodeUtf8(letters), secret, first, second]))]));
  const { client, server } = randoms;
  const master = concatBytes(["A", "BB", "CCC"].map((letters) => salted(premaster, letters, client, server)));
  const [macSaltKey = master, second = master] = ["A", "BB"].map((letters) =>
    salted(master, letters, server, client),
  );
  return { macSaltKey, encryptionKey: crypto.md5(concatBytes([second, client, server])) };
}

/** [MS-RDPELE] 5.1.6 MACData over plain data. */
export function licenceMac(crypto: RdpCrypto, macSaltKey: Uint8Array, data: Uint8Array): Uint8Array {
  const length = new ByteWriter().u32le(data.length).finish();
  const inner = crypto.sha1(concatBytes([macSaltKey, new Uint8Array(40).fill(0x36), length, data]));
  return crypto.md5(concatBytes([macSaltKey, new Uint8Array(48).fill(0x5c), inner]));
}

/** [MS-RDPELE] 1.3.3 on the client's side: valid client, new licence, stored licence, errors in words. */
export class Licensing {
  readonly #options: LicensingOptions;
  #keys: LicenceKeys | null = null;
  #messages = 0;
  /** The server began anew: what it was shown is no use. */
  #asksForNew = false;

  constructor(options: LicensingOptions) {
    this.#options = options;
  }

  /** Takes a packet of the I/O channel; null when there is nothing to do about it. Throws `DecodeError`. */
  receive(packet: Uint8Array): LicensingResult | null {
    const pdu = decodeLicencePdu(packet);
    if (pdu === null) return null;
    const reader = new ByteReader(pdu.body, "licensing message");
    if (++this.#messages > MAX_MESSAGES) throw reader.fail("limit", "licensing messages");
    switch (pdu.type) {
      case LicenceMessage.ERROR_ALERT:
        return this.#takeAlert(reader);
      case LicenceMessage.LICENSE_REQUEST:
        return { type: "send", bytes: this.#answerRequest(pdu.body) };
      case LicenceMessage.PLATFORM_CHALLENGE:
        return { type: "send", bytes: this.#answerChallenge(reader) };
      case LicenceMessage.NEW_LICENSE:
      case LicenceMessage.UPGRADE_LICENSE:
        return { type: "done", licence: this.#takeLicence(reader) };
      default:
        throw reader.fail("invalid", `message type ${pdu.type}`);
    }
  }

  /** [MS-RDPBCGR] 2.2.1.12.1.3 Licensing Error Message. */
  #takeAlert(reader: ByteReader): LicensingResult | null {
    const errorCode = reader.u32le();
    const transition = reader.u32le();
    if (errorCode === STATUS_VALID_CLIENT) return { type: "done", licence: null };
    if (transition === ST_NO_TRANSITION) return { type: "done", licence: null };
    if (transition === ST_RESET_PHASE_TO_START) {
      this.#asksForNew = true;
      return null;
    }
    return { type: "fail", failure: failureOfLicenceError(errorCode) };
  }

  /** [MS-RDPELE] 2.2.2.2 New License Request, or 2.2.2.3 License Information with a stored licence. */
  #answerRequest(body: Uint8Array): Uint8Array {
    const { crypto, username, clientName } = this.#options;
    const { wish, serverRandom, key } = decodeLicenceRequest(body);
    const licence = this.#asksForNew ? null : this.#options.findLicence(wish);
    const client = crypto.random(RANDOM_BYTES);
    const premaster = crypto.random(PREMASTER_BYTES);
    this.#keys = deriveLicenceKeys(crypto, premaster, { client, server: serverRandom });
    const writer = new ByteWriter(512).u32le(KEY_EXCHANGE_ALG_RSA).u32le(PLATFORM_ID).put(client);
    putBlob(writer, BlobType.BB_RANDOM_BLOB, encryptRsaLittleEndian(premaster, key));
    if (licence === null) {
      putBlob(writer, BlobType.BB_CLIENT_USER_NAME_BLOB, encodeUtf8(`${username}\0`));
      putBlob(writer, BlobType.BB_CLIENT_MACHINE_NAME_BLOB, encodeUtf8(`${clientName}\0`));
      return encodeLicencePdu(LicenceMessage.NEW_LICENSE_REQUEST, writer.finish());
    }
    const hardware = this.#encodeHardwareId();
    putBlob(writer, BlobType.BB_DATA_BLOB, licence);
    putBlob(writer, BlobType.BB_ENCRYPTED_DATA_BLOB, this.#encrypt(this.#keys, hardware));
    writer.put(licenceMac(crypto, this.#keys.macSaltKey, hardware));
    return encodeLicencePdu(LicenceMessage.LICENSE_INFO, writer.finish());
  }

  /** [MS-RDPELE] 2.2.2.4 Platform Challenge, answered by 2.2.2.5. */
  #answerChallenge(reader: ByteReader): Uint8Array {
    const { crypto } = this.#options;
    const keys = this.#needKeys(reader);
    reader.advance(4);
    const challenge = this.#decrypt(keys, reader);
    const response = new ByteWriter()
      .u16le(PLATFORM_CHALLENGE_VERSION)
      .u16le(OTHER_PLATFORM)
      .u16le(LICENSE_DETAIL_DETAIL)
      .u16le(challenge.length)
      .put(challenge)
      .finish();
    const hardware = this.#encodeHardwareId();
    const writer = new ByteWriter(256);
    putBlob(writer, BlobType.BB_ENCRYPTED_DATA_BLOB, this.#encrypt(keys, response));
    putBlob(writer, BlobType.BB_ENCRYPTED_DATA_BLOB, this.#encrypt(keys, hardware));
    writer.put(licenceMac(crypto, keys.macSaltKey, concatBytes([response, hardware])));
    return encodeLicencePdu(LicenceMessage.PLATFORM_CHALLENGE_RESPONSE, writer.finish());
  }

  /** [MS-RDPELE] 2.2.2.6 and 2.2.2.7: the licence to keep, null for one over the limit. */
  #takeLicence(reader: ByteReader): IssuedLicence | null {
    return decodeIssuedLicence(this.#decrypt(this.#needKeys(reader), reader));
  }

  #needKeys(reader: ByteReader): LicenceKeys {
    if (this.#keys === null) throw reader.fail("invalid", "no licence request came before");
    return this.#keys;
  }

  /** An encrypted blob and the MAC after it; a wrong MAC is `invalid`. */
  #decrypt(keys: LicenceKeys, reader: ByteReader): Uint8Array {
    const plain = new Rc4(keys.encryptionKey).update(readBlob(reader));
    const mac = reader.take(MAC_BYTES);
    if (!isSame(mac, licenceMac(this.#options.crypto, keys.macSaltKey, plain)))
      throw reader.fail("invalid", "MAC");
    return plain;
  }

  #encrypt(keys: LicenceKeys, plain: Uint8Array): Uint8Array {
    return new Rc4(keys.encryptionKey).update(plain);
  }

  /** [MS-RDPELE] 2.2.2.3.1 CLIENT_HARDWARE_ID. */
  #encodeHardwareId(): Uint8Array {
    const id = new Uint8Array(16);
    id.set(this.#options.hardwareId.subarray(0, 16));
    return new ByteWriter().u32le(PLATFORM_ID).put(id).finish().slice();
  }
}
