import { type Bytes, type KdfParameters, concat, masterKeyLength, sessionKeyInfo, slotAssociatedData } from '@appliance/formats';
import { deriveKey, open, seal } from './sealing.ts';

/** The 32 bytes from which an account unlocks, wrapped in slots; docs/formats.md, "Key slots". */
export const wrapMasterKey = (master: Bytes, kind: 'password' | 'phrase', accountId: string, slotId: string, kdf: KdfParameters, wrapKey: Bytes, nonce?: Bytes): Promise<Bytes> =>
  seal(wrapKey, master, slotAssociatedData(kind, accountId, slotId, kdf), nonce);

/** Null when the password is wrong or the wrap belongs elsewhere. */
export const unwrapMasterKey = (wrap: Bytes, kind: 'password' | 'phrase', accountId: string, slotId: string, kdf: KdfParameters, wrapKey: Bytes): Promise<Bytes | null> =>
  open(wrapKey, wrap, masterKeyLength, slotAssociatedData(kind, accountId, slotId, kdf), 'wrapped master key');

/** Either half alone is worth nothing: one stays in this browser, one with the server's session. */
export interface Halves { local: Bytes; server: Bytes }

export async function wrapForSession(master: Bytes, accountId: string, slotId: string, halves: Halves, nonce?: Bytes): Promise<Bytes> {
  return seal(await sessionKey(accountId, slotId, halves), master, slotAssociatedData('session', accountId, slotId, null), nonce);
}

export async function unwrapForSession(wrap: Bytes, accountId: string, slotId: string, halves: Halves): Promise<Bytes | null> {
  return open(await sessionKey(accountId, slotId, halves), wrap, masterKeyLength, slotAssociatedData('session', accountId, slotId, null), 'wrapped master key');
}

const sessionKey = (accountId: string, slotId: string, halves: Halves): Promise<Bytes> =>
  deriveKey(concat(halves.local, halves.server), sessionKeyInfo(accountId, slotId));
