/** A `Set-Cookie` value: host-only, HTTPS only, out of scripts' reach, never sent across sites by a form or a script. */
export function serializeCookie(name: string, value: string, maxAgeSeconds: number): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name) || !/^[A-Za-z0-9._~+/=-]*$/.test(value))
    throw new Error("cookie name or value not safe");
  return `${name}=${value}; Path=/; Max-Age=${Math.floor(maxAgeSeconds)}; Secure; HttpOnly; SameSite=Strict`;
}
