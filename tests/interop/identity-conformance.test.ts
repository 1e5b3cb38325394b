// The conformance suites of the ways of proving that need a real peer: OpenID Connect, tickets of Samba AD and of MIT Kerberos.
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe } from "node:test";
import { personName, readKeytab, SpnegoInitiator, serviceName } from "@poterne/kerberos";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { OidcProvider } from "../../packages/gateway/src/identity/oidc/oidc-provider.ts";
import { redirectConformance } from "../../packages/gateway/src/identity/testing/redirect-conformance.ts";
import {
  type TicketSubject,
  ticketConformance,
} from "../../packages/gateway/src/identity/testing/ticket-conformance.ts";
import { nodeKerberosCrypto } from "../../packages/gateway/src/kerberos/node-crypto.ts";
import { TicketAcceptor } from "../../packages/gateway/src/kerberos/ticket-acceptor.ts";
import { openFederation } from "../support/federation.ts";
import { environmentWith, granted, labClient } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { LabIdp } from "../support/lab-idp.ts";
import { realEnvironment, sambaConfig, slapdConfig } from "../support/ldap.ts";

before(() => startLab("idp", "samba-ad", "mit-kdc", "slapd"));

describe("OpenID Connect at oidc-provider", () => {
  const redirectUri = "https://gate.example.org/sign-in";
  let idp: LabIdp;
  const provider = (issuer: string) =>
    new OidcProvider({
      config: openFederation(issuer, {
        clientId: "lab-gateway",
        scopes: ["profile", "email"],
        hasLogout: true,
      }),
      environment: realEnvironment,
      openSecret: async () => "lab-gateway-secret",
    });
  before(async () => {
    idp = await LabIdp.start([redirectUri]);
  });
  after(() => idp?.stop());

  redirectConformance({
    provider: () => provider(idp.issuer),
    visit: (url) => idp.signIn(url, "alice"),
    redirectUri,
    away: () => provider("http://127.0.0.1:9/oidc"),
  });
});

/** A browser's header of alice's, by her password at a realm's KDC. */
async function authorizationOf(realm: string, service: readonly [string, string]): Promise<string> {
  const client = labClient();
  const principal = { realm, name: personName("alice") };
  const ticket = granted(await client.signIn(principal, new Uint8Array(Buffer.from(labPasswords.alice))));
  const initiator = new SpnegoInitiator({
    credential: granted(await client.getServiceTicket(ticket, serviceName(...service))),
    crypto: nodeKerberosCrypto,
    randomBytes: (count) => environmentWith().randomBytes(count),
  });
  return `Negotiate ${Buffer.from(initiator.start(Date.now())).toString("base64")}`;
}

const acceptorOf = (keytab: string) => (aheadMs: number) =>
  new TicketAcceptor(
    readKeytab(new Uint8Array(readFileSync(path.join(labDir, keytab)))),
    environmentWith(aheadMs),
  );
const dead = [{ host: "127.0.0.1", port: 9 }];

const domain = (servers = sambaConfig().servers) =>
  new LdapProvider({
    config: sambaConfig({ servers, ticketRealms: ["LAB.TEST"] }),
    environment: realEnvironment,
    openSecret: async () => "gate-Passw0rd",
  });
const plain = (servers = slapdConfig().servers) =>
  new LdapProvider({
    config: slapdConfig({ servers, ticketRealms: ["MIT.TEST"] }),
    environment: realEnvironment,
    openSecret: async () => labPasswords.bob,
  });

const sides: Readonly<Record<string, TicketSubject>> = {
  "tickets of Samba AD": {
    provider: () => domain(),
    away: () => domain(dead),
    acceptor: acceptorOf("samba-ad/http.keytab"),
    known: { name: "alice", realm: "LAB.TEST", password: labPasswords.alice },
    authorization: (service) =>
      authorizationOf(
        "LAB.TEST",
        service === "gateway" ? ["HTTP", "gate.lab.test"] : ["TERMSRV", "rdp.lab.test"],
      ),
  },
  "tickets of MIT Kerberos, people of OpenLDAP": {
    provider: () => plain(),
    away: () => plain(dead),
    acceptor: acceptorOf("mit-kdc/http.keytab"),
    known: { name: "alice", realm: "MIT.TEST", password: labPasswords.alice },
    authorization: (service) =>
      authorizationOf(
        "MIT.TEST",
        service === "gateway" ? ["HTTP", "gate.mit.test"] : ["host", "ssh.mit.test"],
      ),
  },
};
for (const [name, subject] of Object.entries(sides)) describe(name, () => ticketConformance(subject));
