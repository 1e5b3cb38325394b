/** The nonce of this response, which the gateway writes into the page; empty when the page came without one. */
export function readNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

/**
 * Stamps the nonce on every `<style>` element that any library creates, so that the policy needs no
 * `'unsafe-inline'`. Must run before the first render.
 */
export function stampStyles(nonce: string): void {
  const create = document.createElement.bind(document);
  const stamped = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options);
    if (name.toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
  document.createElement = stamped as typeof document.createElement;
}

interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: {
      createHTML(text: string): string | null;
      createScriptURL(url: string): string | null;
    },
  ): unknown;
}

/**
 * Installs the default Trusted Types policy: text without `<` may become HTML (libraries fill `<style>` elements that
 * way), workers may come from our own origin only, script text never. Does nothing where the browser has no
 * Trusted Types.
 */
export function installTrustedTypes(): void {
  const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  factory?.createPolicy("default", {
    createHTML: (text) => (text.includes("<") ? null : text),
    createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
  });
}
