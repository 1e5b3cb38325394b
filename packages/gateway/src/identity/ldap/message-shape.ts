// RFC 4511 §4: the answers a client gets, by their BER tags. Everything else is refused before the library reads it, which
// goes on reading without end where it finds another kind of element than it expects.

/** One element of a message: its tag, and its contents from `start` to `end`. */
export interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly children: readonly Element[];
}

const Tag = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  bindResponse: 0x61,
  searchResultEntry: 0x64,
  searchResultDone: 0x65,
  searchResultReference: 0x73,
  extendedResponse: 0x78,
  controls: 0xa0,
  referral: 0xa3,
  serverSaslCreds: 0x87,
  responseName: 0x8a,
  responseValue: 0x8b,
} as const;

const MAX_INTEGER_BYTES = 4;
const AFTER_RESULT: ReadonlySet<number> = new Set([
  Tag.referral,
  Tag.serverSaslCreds,
  Tag.responseName,
  Tag.responseValue,
]);

/** Whether an element is an LDAPMessage that a client may be sent. */
export function isAnswer(message: Element): boolean {
  const [id, operation, controls, ...rest] = message.children;
  if (message.tag !== Tag.sequence || rest.length > 0) return false;
  if (id?.tag !== Tag.integer || !isShort(id) || operation === undefined) return false;
  if (controls !== undefined && !(controls.tag === Tag.controls && controls.children.every(isControl)))
    return false;
  switch (operation.tag) {
    case Tag.bindResponse:
    case Tag.searchResultDone:
    case Tag.extendedResponse:
      return isResult(operation);
    case Tag.searchResultEntry:
      return isEntry(operation);
    case Tag.searchResultReference:
      return operation.children.every(isString);
    default:
      return false;
  }
}

const isString = ({ tag }: Element): boolean => tag === Tag.octetString;

function isShort({ start, end }: Element): boolean {
  return end > start && end - start <= MAX_INTEGER_BYTES;
}

function isControl({ tag, children }: Element): boolean {
  const [type, ...rest] = children;
  if (tag !== Tag.sequence || type?.tag !== Tag.octetString || rest.length > 2) return false;
  const [first, second] = rest;
  if (first === undefined) return true;
  if (second === undefined) return first.tag === Tag.boolean || isString(first);
  return first.tag === Tag.boolean && isString(second);
}

function isResult({ children }: Element): boolean {
  const [code, matched, diagnostic, ...rest] = children;
  if (code?.tag !== Tag.enumerated || !isShort(code)) return false;
  if (matched?.tag !== Tag.octetString || diagnostic?.tag !== Tag.octetString) return false;
  return rest.every(({ tag, children: urls }) => AFTER_RESULT.has(tag) && urls.every(isString));
}

function isEntry({ children }: Element): boolean {
  const [name, attributes, ...rest] = children;
  if (name?.tag !== Tag.octetString || attributes?.tag !== Tag.sequence || rest.length > 0) return false;
  return attributes.children.every(({ tag, children: parts }) => {
    const [type, values, ...more] = parts;
    if (tag !== Tag.sequence || type?.tag !== Tag.octetString || more.length > 0) return false;
    return values?.tag === Tag.set && values.children.every(isString);
  });
}
