import {
  application,
  field,
  integer,
  kerberosFlags,
  kerberosString,
  kerberosTime,
  octetString,
  optionalField,
  sequence,
} from "../asn1/der-writer.ts";
import { type EncryptionTools, encrypt } from "../encryption/encryption.ts";
import { type EncryptionKey, writeKey } from "../encryption/key.ts";
import { profileOf } from "../encryption/profiles.ts";
import type { Credential } from "../exchange/credential.ts";
import type { GssAcceptorOptions } from "../gss/acceptor.ts";
import { ReplayCache } from "../gss/replay-cache.ts";
import { writeEncryptedData } from "../messages/encrypted-data.ts";
import { KeyUsage, PVNO, StructureTag } from "../messages/numbers.ts";
import { NameType, type Principal, writePrincipalName } from "../messages/principal.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { SeededRandom } from "./random.ts";

/** The moment at which tests take place. */
export const NOW_MS = Date.UTC(2026, 10, 21, 22, 0, 0, 250);

/** A person and a service of tests. */
export const ALICE: Principal = {
  realm: "LAB.TEST",
  name: { type: NameType.NT_PRINCIPAL, parts: ["alice"] },
};
export const GATE: Principal = {
  realm: "LAB.TEST",
  name: { type: NameType.NT_SRV_HST, parts: ["HTTP", "gate.lab.test"] },
};

/** Times and marks of a ticket that tests change. */
export interface TicketChanges {
  readonly flags?: number;
  readonly crealm?: string;
  readonly transited?: string;
  readonly starttimeMs?: number;
  readonly endtimeMs?: number;
  readonly kvno?: number;
  readonly sname?: Principal["name"];
}

/** Tools, keys and a ticket as a KDC would have made them, so that both sides of an AP exchange can be tested alone. */
export class LabRealm {
  readonly tools: EncryptionTools;
  readonly serviceKey: EncryptionKey;
  readonly sessionKey: EncryptionKey;

  constructor(etype = 18, seed = 1) {
    const random = new SeededRandom(seed);
    this.tools = { crypto: nodeCrypto, randomBytes: random.bytes };
    const { keyBytes } = profileOf({ etype });
    this.serviceKey = { etype, bytes: random.bytes(keyBytes) };
    this.sessionKey = { etype, bytes: random.bytes(keyBytes) };
  }

  /** EncTicketPart in the clear. */
  ticketPart(changes: TicketChanges = {}): Uint8Array {
    const transited = sequence(
      field(0, integer(1)),
      field(1, octetString(Buffer.from(changes.transited ?? ""))),
    );
    return application(
      StructureTag.EncTicketPart,
      sequence(
        field(0, kerberosFlags(changes.flags ?? 0)),
        field(1, writeKey(this.sessionKey)),
        field(2, kerberosString(changes.crealm ?? ALICE.realm)),
        field(3, writePrincipalName(ALICE.name)),
        field(4, transited),
        field(5, kerberosTime(NOW_MS)),
        optionalField(6, changes.starttimeMs, kerberosTime),
        field(7, kerberosTime(changes.endtimeMs ?? NOW_MS + 3_600_000)),
      ),
    );
  }

  /** A ticket for the gate. */
  ticket(changes: TicketChanges = {}): Uint8Array {
    const cipher = encrypt(this.tools, this.serviceKey, KeyUsage.KDC_REP_TICKET, this.ticketPart(changes));
    const encPart = { etype: this.serviceKey.etype, kvno: changes.kvno ?? 1, cipher };
    return application(
      StructureTag.Ticket,
      sequence(
        field(0, integer(PVNO)),
        field(1, kerberosString(GATE.realm)),
        field(2, writePrincipalName(changes.sname ?? GATE.name)),
        field(3, writeEncryptedData(encPart)),
      ),
    );
  }

  /** The person's credential for the gate. */
  credential(changes: TicketChanges = {}): Credential {
    return {
      client: { ...ALICE, realm: changes.crealm ?? ALICE.realm },
      service: GATE,
      ticket: this.ticket(changes),
      key: { ...this.sessionKey, bytes: this.sessionKey.bytes.slice() },
      flags: 0,
      starttimeMs: NOW_MS,
      endtimeMs: NOW_MS + 3_600_000,
      ticketEtype: this.serviceKey.etype,
      clockOffsetMs: 0,
    };
  }

  /** What the gate needs to accept. */
  acceptorOptions(): GssAcceptorOptions {
    return {
      ...this.tools,
      keytab: [{ principal: GATE, kvno: 1, key: this.serviceKey }],
      replayCache: new ReplayCache(nodeCrypto, NOW_MS - 60_000),
    };
  }
}

/** A keytab of MIT's format. */
export function writeKeytab(
  entries: readonly { readonly principal: Principal; readonly kvno: number; readonly key: EncryptionKey }[],
): Uint8Array {
  const u16 = (value: number) => [value >> 8, value & 0xff];
  const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
  const text = (value: string | Uint8Array) => {
    const bytes = [...Buffer.from(value)];
    return [...u16(bytes.length), ...bytes];
  };
  const bodies = entries.map(({ principal, kvno, key }) => [
    ...u16(principal.name.parts.length),
    ...text(principal.realm),
    ...principal.name.parts.flatMap(text),
    ...u32(principal.name.type),
    ...u32(0),
    kvno & 0xff,
    ...u16(key.etype),
    ...text(key.bytes),
    ...u32(kvno),
  ]);
  return Uint8Array.from([5, 2, ...bodies.flatMap((body) => [...u32(body.length), ...body])]);
}
