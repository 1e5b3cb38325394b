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
import { checksum, encrypt } from "../encryption/encryption.ts";
import { type EncryptionKey, writeKey } from "../encryption/key.ts";
import { profileOf } from "../encryption/profiles.ts";
import { writeChecksum, writeEncryptedData } from "../messages/encrypted-data.ts";
import { KeyUsage, MessageType, PaType, PVNO, StructureTag, TicketFlag } from "../messages/numbers.ts";
import { writePaData } from "../messages/pa-data.ts";
import { type Principal, ticketGrantingName, writePrincipalName } from "../messages/principal.ts";
import { ALICE, type LabRealm, NOW_MS } from "./lab-realm.ts";

/** What a KDC of tests says of a ticket; a lying one says something else. */
export interface ReplyChanges {
  readonly nonce: number;
  readonly client?: Principal;
  /** The service in the ticket, and in the secret part where it differs. */
  readonly service?: Principal;
  readonly spoken?: Principal;
  readonly authtimeMs?: number;
  readonly endtimeMs?: number;
  readonly usage?: number;
  /** The request the KDC got, which it then signs (RFC 6806 §11). */
  readonly request?: Uint8Array;
  readonly padata?: Uint8Array;
}

const TGS: Principal = { realm: "LAB.TEST", name: ticketGrantingName("LAB.TEST") };

/** EncKDCRepPart in the clear, under EncASRepPart's tag. */
export function replyPart(realm: LabRealm, key: EncryptionKey, changes: ReplyChanges): Uint8Array {
  const { request } = changes;
  const spoken = changes.spoken ?? changes.service ?? TGS;
  const authtimeMs = changes.authtimeMs ?? NOW_MS;
  const proof = (signed: Uint8Array) => {
    const bytes = checksum(realm.tools.crypto, key, KeyUsage.AS_REQ, signed);
    const value = writeChecksum({ type: profileOf(key).checksumType, bytes });
    return sequence(writePaData({ type: PaType.PA_REQ_ENC_PA_REP, value }));
  };
  return application(
    StructureTag.EncASRepPart,
    sequence(
      field(0, writeKey(realm.sessionKey)),
      field(1, sequence()),
      field(2, integer(changes.nonce)),
      field(4, kerberosFlags(request === undefined ? 0 : TicketFlag["enc-pa-rep"])),
      field(5, kerberosTime(authtimeMs)),
      field(7, kerberosTime(changes.endtimeMs ?? authtimeMs + 3_600_000)),
      field(9, kerberosString(spoken.realm)),
      field(10, writePrincipalName(spoken.name)),
      optionalField(12, request, proof),
    ),
  );
}

/** AS-REP or TGS-REP of a KDC that shares `key` with the asker. */
export function kdcReply(
  type: typeof MessageType.AS_REP | typeof MessageType.TGS_REP,
  realm: LabRealm,
  key: EncryptionKey,
  changes: ReplyChanges,
): Uint8Array {
  const { realm: crealm, name: cname } = changes.client ?? ALICE;
  const service = changes.service ?? TGS;
  const usage =
    changes.usage ??
    (type === MessageType.AS_REP ? KeyUsage.AS_REP_ENC_PART : KeyUsage.TGS_REP_ENC_PART_SUBKEY);
  const cipher = encrypt(realm.tools, key, usage, replyPart(realm, key, changes));
  const ticketCipher = encrypt(realm.tools, realm.serviceKey, KeyUsage.KDC_REP_TICKET, realm.ticketPart());
  const ticket = application(
    StructureTag.Ticket,
    sequence(
      field(0, integer(PVNO)),
      field(1, kerberosString(service.realm)),
      field(2, writePrincipalName(service.name)),
      field(3, writeEncryptedData({ etype: realm.serviceKey.etype, kvno: 1, cipher: ticketCipher })),
    ),
  );
  return application(
    type,
    sequence(
      field(0, integer(PVNO)),
      field(1, integer(type)),
      optionalField(2, changes.padata, (padata) => padata),
      field(3, kerberosString(crealm)),
      field(4, writePrincipalName(cname)),
      field(5, ticket),
      field(6, writeEncryptedData({ etype: key.etype, kvno: undefined, cipher })),
    ),
  );
}

/** METHOD-DATA that asks for an encrypted timestamp and names salt and iterations. */
export function methodData(
  entries: readonly { etype: number; salt?: string; iterations?: number }[],
): Uint8Array {
  const four = (value: number) =>
    octetString(Uint8Array.of(value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff));
  const info = sequence(
    ...entries.map(({ etype, salt, iterations }) =>
      sequence(
        field(0, integer(etype)),
        optionalField(1, salt, kerberosString),
        optionalField(2, iterations, four),
      ),
    ),
  );
  return sequence(
    writePaData({ type: PaType.PA_ENC_TIMESTAMP, value: new Uint8Array(0) }),
    writePaData({ type: PaType.PA_ETYPE_INFO2, value: info }),
    writePaData({ type: PaType.PA_FX_COOKIE, value: Uint8Array.of(1, 2, 3) }),
  );
}

/** KRB-ERROR of a KDC. */
export function kdcError(
  code: number,
  more: { edata?: Uint8Array; timeMs?: number; crealm?: string; text?: string } = {},
): Uint8Array {
  return application(
    MessageType.KRB_ERROR,
    sequence(
      field(0, integer(PVNO)),
      field(1, integer(MessageType.KRB_ERROR)),
      field(4, kerberosTime(more.timeMs ?? NOW_MS)),
      field(5, integer(0)),
      field(6, integer(code)),
      optionalField(7, more.crealm, kerberosString),
      field(9, kerberosString("LAB.TEST")),
      field(10, writePrincipalName(ticketGrantingName("LAB.TEST"))),
      optionalField(11, more.text, kerberosString),
      optionalField(12, more.edata, octetString),
    ),
  );
}
