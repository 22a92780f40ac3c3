import { type Bytes, FormatError, randomBytes } from './bytes.ts';

/** 16 bytes as 26 characters of lower-case base32; the last one holds three bits. docs/formats.md, "Ids". */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export const newId = (): string => idFromBytes(randomBytes(16));

export function idFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new FormatError('An id is 16 bytes.');
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) << 2n;
  let text = '';
  for (let i = 0; i < 26; i++, value >>= 5n) text = alphabet.charAt(Number(value & 31n)) + text;
  return text;
}

export function idToBytes(text: string): Bytes {
  let value = 0n;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) throw new FormatError('This is not an id.');
    value = (value << 5n) | BigInt(digit);
  }
  if (text.length !== 26 || (value & 3n) !== 0n) throw new FormatError('This is not an id.');
  value >>= 2n;
  const bytes = new Uint8Array(16);
  for (let i = 15; i >= 0; i--, value >>= 8n) bytes[i] = Number(value & 255n);
  return bytes;
}
