// The X.509 library resolves its parts through decorators and needs this first.
import "reflect-metadata";
import { X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const CA_YEARS = 10;
/** Browsers refuse server certificates of more than 398 days; own ones are renewed long before. */
const SERVER_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Files of the certificate the gateway serves. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** The own CA to import into browsers, null when the operator brought a certificate. */
  readonly ca: string | null;
}

/**
 * The certificate to serve: the operator's files, or one of a small own CA kept in `DATA/tls`, made on the first
 * start and renewed 30 days before its end or when `names` (host names and addresses) changed.
 */
export async function ensureCertificate(
  dataDir: string,
  names: readonly string[],
  own: { certificate: string; key: string },
  nowMs: number,
): Promise<CertificateFiles> {
  if (own.certificate !== "") return { certificate: own.certificate, key: own.key, ca: null };
  const folder = path.join(dataDir, "tls");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    certificate: path.join(folder, "server.crt"),
    key: path.join(folder, "server.key"),
    ca: path.join(folder, "ca.crt"),
  };
  const ca = await ensureAuthority(folder, nowMs);
  if (!isServerCertificateGood(files.certificate, names, nowMs))
    await issueServerCertificate(files, ca, names, nowMs);
  return files;
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: Key;
}

/** The library names the platform's global key types, Node its own: the same objects at run time. */
type KeyPair = Parameters<typeof X509CertificateGenerator.createSelfSigned>[0]["keys"];
type Key = KeyPair["privateKey"];

async function ensureAuthority(folder: string, nowMs: number): Promise<Authority> {
  const certificateFile = path.join(folder, "ca.crt");
  const keyFile = path.join(folder, "ca.key");
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const der = PemConverter.decode(readFileSync(keyFile, "utf8"))[0];
    if (der === undefined) throw new Error(`${keyFile} holds no key`);
    const key = (await webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, [
      "sign",
    ])) as unknown as Key;
    return { certificate: new X509Certificate(readFileSync(certificateFile, "utf8")), key };
  }
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: "CN=Poterne own CA",
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + CA_YEARS * 365 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeKey(keyFile, keys.privateKey);
  writeAtomically(certificateFile, `${certificate.toString("pem")}\n`, 0o644);
  return { certificate, key: keys.privateKey };
}

async function issueServerCertificate(
  files: { certificate: string; key: string },
  ca: Authority,
  names: readonly string[],
  nowMs: number,
): Promise<void> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: `CN=${(names[0] ?? "localhost").replace(/[^a-zA-Z0-9.:-]/g, "")}`,
    issuer: ca.certificate.subject,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + (SERVER_DAYS - 1) * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: ca.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((name) =>
          isIP(name) === 0 ? { type: "dns" as const, value: name } : { type: "ip" as const, value: name },
        ),
      ),
    ],
  });
  await writeKey(files.key, keys.privateKey);
  const chain = `${certificate.toString("pem")}\n${ca.certificate.toString("pem")}\n`;
  writeAtomically(files.certificate, chain, 0o644);
}

/** Whether a stored certificate still serves for all names and has a month left. */
export function isServerCertificateGood(file: string, names: readonly string[], nowMs: number): boolean {
  if (!existsSync(file)) return false;
  const certificate = new NodeCertificate(readFileSync(file));
  const endsMs = Date.parse(certificate.validTo);
  const isKnown = (name: string) =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return endsMs - nowMs > RENEW_BEFORE_DAYS * DAY_MS && names.every(isKnown);
}

async function makeKeys(): Promise<KeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as unknown as KeyPair;
}

function randomSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

async function writeKey(file: string, key: Key): Promise<void> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key as unknown as webcrypto.CryptoKey);
  writeAtomically(file, `${PemConverter.encode(der, "PRIVATE KEY")}\n`, 0o600);
}

function writeAtomically(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
