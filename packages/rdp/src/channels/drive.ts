import { ByteReader, ByteWriter } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { DriveStatus } from "./drive-answers.ts";
import { type DriveIrp, decodeIrp } from "./drive-irps.ts";

/** [MS-RDPEFS] 2.1: the static channel's name. */
export const RDPDR = "rdpdr";

const RDPDR_CTYP_CORE = 0x4472;
const RDPDR_CTYP_PRN = 0x5052;
/** [MS-RDPEFS] 2.2.1.1 PacketId. */
const Packet = {
  PAKID_CORE_SERVER_ANNOUNCE: 0x496e,
  PAKID_CORE_CLIENTID_CONFIRM: 0x4343,
  PAKID_CORE_CLIENT_NAME: 0x434e,
  PAKID_CORE_SERVER_CAPABILITY: 0x5350,
  PAKID_CORE_CLIENT_CAPABILITY: 0x4350,
  PAKID_CORE_DEVICELIST_ANNOUNCE: 0x4441,
  PAKID_CORE_DEVICE_REPLY: 0x6472,
  PAKID_CORE_DEVICE_IOREQUEST: 0x4952,
  PAKID_CORE_DEVICE_IOCOMPLETION: 0x4943,
  PAKID_CORE_USER_LOGGEDON: 0x554c,
} as const;
const CAP_GENERAL_TYPE = 1;
const CAP_DRIVE_TYPE = 4;
const VERSION_MAJOR = 1;
const VERSION_MINOR = 12;
/** RDPDR_DEVICE_REMOVE_PDUS, RDPDR_CLIENT_DISPLAY_NAME_PDU, RDPDR_USER_LOGGEDON_PDU. */
const EXTENDED_PDU = 7;
const RDPDR_USER_LOGGEDON_PDU = 4;
/** The requests a drive answers: all but locks and security. */
const IO_CODES = 0xffff;
const RDPDR_DTYP_FILESYSTEM = 8;
/** The one device there is. */
const DEVICE_ID = 1;
/** Capability sets of a server that are looked at. */
const MAX_CAPABILITIES = 32;

/** What a drive asks of its host. */
export type DriveAction =
  | { readonly type: "send"; readonly message: Uint8Array }
  /** To be carried out and answered with `complete`, in order. */
  | { readonly type: "irp"; readonly irp: DriveIrp }
  /** The server has taken the drive, or not. */
  | { readonly type: "announced"; readonly isAccepted: boolean };

/** Names a drive shows. */
export interface DriveNames {
  /** What the server calls this client's computer. */
  readonly computer: string;
  /** The drive's own name. */
  readonly drive: string;
}

/**
 * [MS-RDPEFS] on the client's side with one device, a drive: the handshake, and requests that come decoded and bounded.
 * What the server asks of any other device is a `DecodeError`: none was announced.
 */
export class DriveChannel {
  readonly #names: DriveNames;
  #awaitsLogOn = false;
  #isConfirmed = false;
  #isAnnounced = false;
  #isAccepted = false;

  constructor(names: DriveNames) {
    this.#names = names;
  }

  /** Takes one whole message of the channel; throws `DecodeError`. */
  receive(message: Uint8Array): DriveAction[] {
    const reader = new ByteReader(message, "device redirection PDU");
    const component = reader.u16le();
    const packet = reader.u16le();
    if (component === RDPDR_CTYP_PRN) throw reader.fail("invalid", "a printer was not announced");
    if (component !== RDPDR_CTYP_CORE) throw reader.fail("unsupported", `component ${component}`);
    switch (packet) {
      case Packet.PAKID_CORE_SERVER_ANNOUNCE:
        return this.#takeServerAnnounce(reader);
      case Packet.PAKID_CORE_SERVER_CAPABILITY:
        return this.#takeCapabilities(reader);
      case Packet.PAKID_CORE_CLIENTID_CONFIRM:
        this.#isConfirmed = true;
        // xrdp 0.9 never says that somebody is logged on, nor that it would.
        return this.#awaitsLogOn ? [] : this.announce();
      case Packet.PAKID_CORE_USER_LOGGEDON:
        return this.#isAccepted ? [] : this.#announceDrive();
      case Packet.PAKID_CORE_DEVICE_REPLY:
        return this.#takeReply(reader);
      case Packet.PAKID_CORE_DEVICE_IOREQUEST:
        return this.#takeIrp(reader);
      default:
        return [];
    }
  }

  /** Announces the drive if that was not done yet: for a server that promised to say when somebody is logged on. */
  announce(): DriveAction[] {
    return this.#isConfirmed && !this.#isAnnounced ? this.#announceDrive() : [];
  }

  /** Answers a request: NTSTATUS, and what follows it by the kind of request ([MS-RDPEFS] 2.2.1.5). */
  complete(irp: DriveIrp, status: number, result: Uint8Array): DriveAction[] {
    const body = new ByteWriter(12 + result.length).u32le(irp.deviceId).u32le(irp.completionId).u32le(status);
    return [send(Packet.PAKID_CORE_DEVICE_IOCOMPLETION, body.put(result).finish())];
  }

  /** [MS-RDPEFS] 2.2.2.2: our version and the server's client id, then our name. */
  #takeServerAnnounce(reader: ByteReader): DriveAction[] {
    reader.advance(4);
    const clientId = reader.u32le();
    this.#isConfirmed = false;
    this.#isAnnounced = false;
    this.#isAccepted = false;
    const reply = new ByteWriter().u16le(VERSION_MAJOR).u16le(VERSION_MINOR).u32le(clientId).finish();
    const name = encodeUtf16(`${this.#names.computer}\0`);
    const named = new ByteWriter().u32le(1).u32le(0).u32le(name.length).put(name).finish();
    return [send(Packet.PAKID_CORE_CLIENTID_CONFIRM, reply), send(Packet.PAKID_CORE_CLIENT_NAME, named)];
  }

  /** [MS-RDPEFS] 2.2.2.7. */
  #takeCapabilities(reader: ByteReader): DriveAction[] {
    const count = Math.min(reader.u16le(), MAX_CAPABILITIES);
    reader.advance(2);
    for (let index = 0; index < count && reader.remaining >= 8; index++) {
      const type = reader.u16le();
      const set = new ByteReader(reader.take(Math.max(0, reader.u16le() - 4)), "device capability", 4);
      if (type !== CAP_GENERAL_TYPE) continue;
      set.advance(4 + 4 + 2 + 2 + 4 + 4);
      this.#awaitsLogOn = (set.u32le() & RDPDR_USER_LOGGEDON_PDU) !== 0;
    }
    return [send(Packet.PAKID_CORE_CLIENT_CAPABILITY, encodeCapabilities())];
  }

  /** [MS-RDPEFS] 2.2.2.9. */
  #announceDrive(): DriveAction[] {
    this.#isAnnounced = true;
    const name = encodeUtf16(`${this.#names.drive}\0`);
    const short = new Uint8Array(8);
    for (const [at, unit] of [...this.#names.drive].slice(0, 7).entries())
      short[at] = unit.charCodeAt(0) & 0x7f;
    const body = new ByteWriter().u32le(1).u32le(RDPDR_DTYP_FILESYSTEM).u32le(DEVICE_ID).put(short);
    return [send(Packet.PAKID_CORE_DEVICELIST_ANNOUNCE, body.u32le(name.length).put(name).finish())];
  }

  #takeReply(reader: ByteReader): DriveAction[] {
    if (reader.u32le() !== DEVICE_ID) return [];
    this.#isAccepted = reader.u32le() === DriveStatus.SUCCESS;
    return [{ type: "announced", isAccepted: this.#isAccepted }];
  }

  #takeIrp(reader: ByteReader): DriveAction[] {
    const irp = decodeIrp(reader);
    if (!this.#isAnnounced || irp.deviceId !== DEVICE_ID)
      throw reader.fail("invalid", `device ${irp.deviceId} was not announced`);
    return [{ type: "irp", irp }];
  }
}

/** [MS-RDPEFS] 2.2.2.8: the general set and, in version 2, the drive. */
function encodeCapabilities(): Uint8Array {
  const writer = new ByteWriter().u16le(2).u16le(0);
  writer.u16le(CAP_GENERAL_TYPE).u16le(44).u32le(2);
  writer.u32le(0).u32le(0).u16le(VERSION_MAJOR).u16le(VERSION_MINOR);
  writer.u32le(IO_CODES).u32le(0).u32le(EXTENDED_PDU).u32le(0).u32le(0).u32le(0);
  return writer.u16le(CAP_DRIVE_TYPE).u16le(8).u32le(2).finish();
}

function send(packet: number, body: Uint8Array): DriveAction {
  return {
    type: "send",
    message: new ByteWriter(4 + body.length).u16le(RDPDR_CTYP_CORE).u16le(packet).put(body).finish(),
  };
}
