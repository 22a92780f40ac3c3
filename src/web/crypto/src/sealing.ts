import { type Bytes, randomBytes, readSealed, writeSealed } from '@appliance/formats';

/** HKDF-SHA-256 without salt (RFC 5869), and AES-256-GCM values as docs/formats.md writes them. */
export async function deriveKey(material: Bytes, info: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, key, 256));
}

export async function seal(key: Bytes, plaintext: Bytes, associatedData: Bytes, nonce = randomBytes(12)): Promise<Bytes> {
  const ciphertext = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: associatedData }, await importAes(key), plaintext);
  return writeSealed({ nonce, ciphertext: new Uint8Array(ciphertext) });
}

/** Null when it was changed, or made under another key or for another place; a FormatError when it is of an unknown version. */
export async function open(key: Bytes, value: Bytes, length: number, associatedData: Bytes, what: string): Promise<Bytes | null> {
  const { nonce, ciphertext } = readSealed(value, length, what);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData: associatedData }, await importAes(key), ciphertext));
  } catch {
    return null;
  }
}

export const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

const importAes = (key: Bytes): Promise<CryptoKey> => crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
