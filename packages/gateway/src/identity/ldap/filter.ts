/** A value as it may stand in a filter, RFC 4515 §3: everything that has a meaning there is written as `\XX`. */
export function escapeFilterValue(value: string | Uint8Array): string {
  const bytes = typeof value === "string" ? null : value;
  if (bytes !== null) return [...bytes].map(escapeByte).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return (value as string).replace(/[\u0000-\u001f\u007f()*\\&|!=~<>]/g, (sign) =>
    escapeByte(sign.charCodeAt(0)),
  );
}

function escapeByte(byte: number): string {
  return `\\${byte.toString(16).padStart(2, "0")}`;
}

/** The filter that finds a person: `{login}` of the template replaced by the name typed, escaped. */
export function personFilter(template: string, login: string): string {
  return template.replaceAll("{login}", () => escapeFilterValue(login));
}
