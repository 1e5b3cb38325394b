import { DecodeError } from "@poterne/bytes";
import { DerFields, listOf } from "../asn1/der-fields.ts";
import { readInt32, readKerberosString, type ValueReader } from "../asn1/der-values.ts";
import { field, integer, kerberosString, sequence } from "../asn1/der-writer.ts";
import { MAX_NAME_PARTS } from "../limits.ts";

/** Name types (RFC 4120 §6.2, RFC 6806 §5). */
export const NameType = {
  NT_PRINCIPAL: 1,
  NT_SRV_INST: 2,
  NT_SRV_HST: 3,
  NT_ENTERPRISE: 10,
} as const;

/** PrincipalName (RFC 4120 §5.2.2): one to eight parts. */
export interface PrincipalName {
  readonly type: number;
  readonly parts: readonly string[];
}

/** A principal with its realm. */
export interface Principal {
  readonly realm: string;
  readonly name: PrincipalName;
}

/** Reads a PrincipalName. */
export const readPrincipalName: ValueReader<PrincipalName> = (der, structure) => {
  const fields = new DerFields(der, structure);
  const type = fields.get(0, readInt32);
  const parts = fields.get(1, listOf(readKerberosString));
  if (parts.length === 0) throw new DecodeError("invalid", structure, 0, "name without parts");
  if (parts.length > MAX_NAME_PARTS) throw new DecodeError("limit", structure, 0, "parts of a name");
  return { type, parts };
};

/** Writes a PrincipalName. */
export function writePrincipalName(name: PrincipalName): Uint8Array {
  return sequence(field(0, integer(name.type)), field(1, sequence(...name.parts.map(kerberosString))));
}

/** The name of the ticket-granting service for a realm. */
export function ticketGrantingName(realm: string): PrincipalName {
  return { type: NameType.NT_SRV_INST, parts: ["krbtgt", realm] };
}

/** The name of a service on a machine, such as `TERMSRV` on `rdp.example.org`. */
export function serviceName(service: string, hostname: string): PrincipalName {
  return { type: NameType.NT_SRV_HST, parts: [service, hostname] };
}

/** A person's name as typed: `alice`, or with `@` an alias such as `alice@example.org` that the KDC looks up (RFC 6806 §5). */
export function personName(text: string): PrincipalName {
  return { type: text.includes("@") ? NameType.NT_ENTERPRISE : NameType.NT_PRINCIPAL, parts: [text] };
}

/** The realm whose tickets this name grants; undefined for any other service. */
export function grantedRealm(name: PrincipalName): string | undefined {
  return name.parts.length === 2 && name.parts[0] === "krbtgt" ? name.parts[1] : undefined;
}

/** Whether two names have the same parts; types are hints and do not count (RFC 4120 §6.2). */
export function isSameName(left: PrincipalName, right: PrincipalName): boolean {
  return left.parts.length === right.parts.length && left.parts.every((part, at) => part === right.parts[at]);
}

/** Whether two names have the same parts but for upper and lower case, as Active Directory compares them. */
export function isSameNameInAnyCase(left: PrincipalName, right: PrincipalName): boolean {
  const lower = (name: PrincipalName) => ({ ...name, parts: name.parts.map((part) => part.toLowerCase()) });
  return isSameName(lower(left), lower(right));
}

/** A name for people: `alice@LAB.TEST`, `HTTP/gate.lab.test@LAB.TEST`. */
export function formatPrincipal({ name, realm }: Principal): string {
  const escapePart = (text: string) => text.replace(/[\\/@]/g, "\\$&");
  return `${name.parts.map(escapePart).join("/")}@${escapePart(realm)}`;
}
