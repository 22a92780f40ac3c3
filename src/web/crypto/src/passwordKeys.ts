import { type Bytes, type KdfParameters, checkKdf, fromHex, passwordKeyInfo, utf8 } from '@appliance/formats';
import { argon2id } from 'hash-wasm';
import { deriveKey } from './sealing.ts';

/**
 * The two keys that a password, or a recovery phrase, becomes: one proves to the server that we know it, the other unwraps the
 * master key; docs/formats.md, "Password to keys". Refuses weak parameters, because it is the server that names them.
 */
export interface PasswordKeys { srp: Bytes; wrap: Bytes }

export async function passwordKeys(secret: string, accountId: string, slotId: string, kdf: KdfParameters): Promise<PasswordKeys> {
  checkKdf(kdf);
  const root = await argon2Root(secret, kdf);
  const [srp, wrap] = await Promise.all([
    deriveKey(root, passwordKeyInfo('srp', accountId, slotId, kdf)),
    deriveKey(root, passwordKeyInfo('wrap', accountId, slotId, kdf)),
  ]);
  root.fill(0);
  return { srp, wrap };
}

export async function argon2Root(secret: string, kdf: KdfParameters): Promise<Bytes> {
  return fromHex(await argon2id({
    password: utf8(secret.normalize('NFC')),
    salt: kdf.salt,
    memorySize: kdf.memoryKiB,
    iterations: kdf.passes,
    parallelism: kdf.lanes,
    hashLength: 32,
    outputType: 'hex',
  }));
}
