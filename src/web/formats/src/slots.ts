import { type Bytes, FormatError, concat, fromHex, requireVersion, utf8 } from './bytes.ts';
import { idToBytes } from './ids.ts';
import { type KdfParameters, kdfBytes } from './kdf.ts';

/** What keys are derived for and wraps are bound to; docs/formats.md, "Password to keys", "Key slots", "Account keys". */
export const slotKinds = { password: 1, phrase: 3, session: 5 } as const;
export type SlotKind = keyof typeof slotKinds;

export const masterKeyLength = 32;

/** Null parameters for a session slot. */
export const slotAssociatedData = (kind: SlotKind, accountId: string, slotId: string, kdf: KdfParameters | null): Bytes =>
  concat(utf8('appliance/slot/v1'), idToBytes(accountId), idToBytes(slotId), new Uint8Array([slotKinds[kind]]), kdf ? kdfBytes(kdf) : new Uint8Array(13));

export const passwordKeyInfo = (label: 'srp' | 'wrap', accountId: string, slotId: string, kdf: KdfParameters): Bytes =>
  concat(utf8(`appliance/${label}/v1`), idToBytes(accountId), idToBytes(slotId), kdf.salt, kdfBytes(kdf));

export const sessionKeyInfo = (accountId: string, slotId: string): Bytes =>
  concat(utf8('appliance/session/v1'), idToBytes(accountId), idToBytes(slotId));

export const userKeyInfo = (accountId: string): Bytes => concat(utf8('appliance/user-key/v1'), idToBytes(accountId));

export const userKeyAssociatedData = (accountId: string, fingerprint: string): Bytes => concat(userKeyInfo(accountId), fromHex(fingerprint));

/** version 1 ‖ nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16. */
export interface SealedValue { nonce: Bytes; ciphertext: Bytes }

export const writeSealed = (value: SealedValue): Bytes => concat(new Uint8Array([1]), value.nonce, value.ciphertext);

/** `length` is that of the plaintext. */
export function readSealed(bytes: Bytes, length: number, what: string): SealedValue {
  requireVersion(bytes[0], what);
  if (bytes.length !== 29 + length) throw new FormatError(`The ${what} has ${bytes.length} bytes instead of ${29 + length}.`);
  return { nonce: bytes.slice(1, 13), ciphertext: bytes.slice(13) };
}
