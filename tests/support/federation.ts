import type { OidcConfig, SignInState } from "@poterne/contract";
import { finishSignIn } from "./directory-people.ts";
import { ApiClient, type TestGateway } from "./gateway.ts";
import type { HostileIdp } from "./hostile-idp.ts";
import type { TestPerson } from "./people.ts";

/** Settings of a federation that lets everybody in whom it vouches for. */
export function openFederation(issuer: string, changes: Partial<OidcConfig> = {}): OidcConfig {
  return {
    kind: "oidc",
    admits: "everyone",
    defaultRoles: ["user"],
    mappings: [],
    issuer,
    isPlainAccepted: true,
    caPem: "",
    clientId: "poterne",
    scopes: ["profile"],
    loginClaim: "preferred_username",
    nameClaim: "name",
    mailClaim: "email",
    groupsClaim: "groups",
    hasLogout: false,
    timeoutSeconds: 5,
    ...changes,
  };
}

/** Goes to the federation and back as `login`; the sign-in's next step, in a browser of its own or the one given. */
export async function visitFederation(
  gateway: TestGateway,
  idp: HostileIdp,
  wish: {
    readonly providerId: string;
    readonly login: string;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly api?: ApiClient;
  },
): Promise<{ readonly api: ApiClient; readonly state: SignInState }> {
  const { providerId, login, api = new ApiClient(gateway) } = wish;
  idp.claims = { sub: `at-idp-${login}`, preferred_username: login, name: login, ...wish.claims };
  const { url } = await api.must<{ url: string }>("POST", "/api/v1/sign-in/federation", { providerId });
  const answer = idp.visit(url);
  const state = await api.must<SignInState>("POST", "/api/v1/sign-in/federation/answer", { answer });
  if (state.state !== "nobody") api.csrfToken = state.csrfToken;
  return { api, state };
}

/** The same, to the end: a device is enrolled at the first time. */
export async function enterByFederation(
  gateway: TestGateway,
  idp: HostileIdp,
  wish: { readonly providerId: string; readonly login: string },
): Promise<TestPerson> {
  const { api, state } = await visitFederation(gateway, idp, wish);
  return finishSignIn(api, wish.login, state);
}
