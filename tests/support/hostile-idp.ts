import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type Server } from "node:http";

/** How the provider lies; `none` is an honest one. */
export type Lie =
  | "none"
  | "wrong issuer"
  | "wrong audience"
  | "wrong nonce"
  | "no nonce"
  | "expired"
  | "alg none"
  | "forged signature"
  | "signed with the public key"
  | "mixed-up issuer"
  | "oversized"
  | "no id token"
  | "issuer calls itself otherwise"
  | "not json";

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** An OpenID provider of a few routes that signs in whoever comes, and lies as it is told. */
export class HostileIdp {
  readonly issuer: string;
  lie: Lie = "none";
  /** Claims beside the necessary ones. */
  claims: Record<string, unknown> = { preferred_username: "mallory", name: "Mallory", groups: ["admins"] };
  readonly #server: Server;
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #nonces = new Map<string, string>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${port}`;
  }

  /** Starts one on a free port. */
  static async start(): Promise<HostileIdp> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const idp = new HostileIdp(server, typeof address === "object" && address !== null ? address.port : 0);
    server.on("request", (request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        const reply = idp.#answer(request.url ?? "/", new URLSearchParams(body));
        response.writeHead(200, { "content-type": "application/json" });
        response.end(reply);
      });
    });
    return idp;
  }

  /** What the browser brings back from the address it was sent to: the query. */
  visit(address: string): string {
    const { searchParams } = new URL(address);
    const code = `code-${this.#nonces.size}`;
    this.#nonces.set(code, searchParams.get("nonce") ?? "");
    const iss = this.lie === "mixed-up issuer" ? "https://other.example.org" : this.issuer;
    return new URLSearchParams({ code, state: searchParams.get("state") ?? "", iss }).toString();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, form: URLSearchParams): string {
    if (path.startsWith("/.well-known/")) return JSON.stringify(this.#metadata());
    if (path === "/jwks") return JSON.stringify({ keys: [this.#jwk(this.#keys.publicKey)] });
    if (path !== "/token") return "{}";
    if (this.lie === "not json") return "<html>";
    const token = this.lie === "no id token" ? {} : { id_token: this.#token(form.get("code") ?? "") };
    const padding = this.lie === "oversized" ? { padding: "x".repeat(1_000_000) } : {};
    return JSON.stringify({ access_token: "at", token_type: "Bearer", expires_in: 60, ...token, ...padding });
  }

  #metadata() {
    const { issuer } = this;
    return {
      issuer: this.lie === "issuer calls itself otherwise" ? "https://other.example.org" : issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/end`,
      code_challenge_methods_supported: ["S256"],
      id_token_signing_alg_values_supported: ["RS256"],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #jwk(key: KeyObject) {
    return { ...key.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" };
  }

  #token(code: string): string {
    const now = Math.floor(Date.now() / 1000);
    const nonce = this.lie === "wrong nonce" ? "another" : (this.#nonces.get(code) ?? "");
    const claims = {
      iss: this.lie === "wrong issuer" ? "https://other.example.org" : this.issuer,
      aud: this.lie === "wrong audience" ? "another-client" : "poterne",
      sub: "m-1",
      iat: now - (this.lie === "expired" ? 7200 : 0),
      exp: now + (this.lie === "expired" ? -3600 : 300),
      ...(this.lie === "no nonce" ? {} : { nonce }),
      email: "mallory@example.org",
      ...this.claims,
    };
    const alg = { "alg none": "none", "signed with the public key": "HS256" }[this.lie as string] ?? "RS256";
    const head = `${base64({ alg, kid: "1" })}.${base64(claims)}`;
    if (alg === "none") return `${head}.`;
    const publicPem = this.#keys.publicKey.export({ type: "spki", format: "pem" });
    if (alg === "HS256") return `${head}.${createHmac("sha256", publicPem).update(head).digest("base64url")}`;
    const { privateKey } = this.lie === "forged signature" ? this.#other : this.#keys;
    return `${head}.${sign("sha256", Buffer.from(head), privateKey).toString("base64url")}`;
  }
}
