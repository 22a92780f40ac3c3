/** Bytes of their own, not a view of shared memory: what WebCrypto and Blob take. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** Refuses what is not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

export const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export function concat(...pieces: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

export const equal = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.reduce((difference, byte, index) => difference | (byte ^ (right[index] ?? 0)), 0) === 0;

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new FormatError('This is not lower-case hexadecimal.');
  return Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
}

/** RFC 4648 §4 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 0x8000)
    text += String.fromCharCode(...bytes.subarray(offset, offset + 0x8000));
  return btoa(text);
}

export function fromBase64(text: string): Bytes {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new FormatError('This is not base64.');
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}

/** Bytes that are not what docs/formats.md says. `version`: only because they are of a version this program does not know. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly version: boolean;

  constructor(message: string, version = false) {
    super(message);
    this.version = version;
  }
}

/** The first byte, or field `v`, of everything that may get a successor. */
export function requireVersion(found: unknown, what: string): void {
  if (found !== 1) throw new FormatError(`The ${what} has version ${String(found)}, which is not known to this program; reload the page.`, typeof found === 'number');
}
