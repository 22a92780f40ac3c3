import { type Bytes, concat, randomBytes, toHex } from '@appliance/formats';
import {
  type PartialConfig, type PrivateKey, LiteralDataPacket, config, createMessage, decrypt, decryptKey, decryptSessionKeys, encrypt, encryptKey, enums,
  generateKey, readMessage, readPrivateKey,
} from 'openpgp';

/**
 * The one place that knows OpenPGP.js: makes account keys, seals secrets to them, opens key packets and parts. The profile
 * (docs/formats.md, "Account keys") is what GnuPG, BouncyCastle and Sequoia read as well; it is set here, not left to defaults.
 */
Object.assign(config, {
  v6Keys: false,
  aeadProtect: false,
  s2kType: enums.s2k.iterated,
  s2kIterationCountByte: 0x60, // 65,536 bytes; the passphrase is random, so stretching adds nothing
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  preferredHashAlgorithm: enums.hash.sha512,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  nonDeterministicSignaturesViaNotation: false,
  enforceGrammar: true,
} satisfies PartialConfig);

const aes256 = 'aes256';

/** Damaged, exchanged, or for another key. Nothing of it was returned. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

export interface NewKey { fingerprint: string; publicKey: Bytes; lockedKey: Bytes; unlocked: PrivateKey }

/** A random passphrase that no person ever types: 64 hexadecimal characters. */
export const newPassphrase = (): string => toHex(randomBytes(32));

export async function newKey(userId: string, passphrase: string): Promise<NewKey> {
  const { privateKey } = await generateKey({ type: 'ecc', curve: 'ed25519Legacy', userIDs: [{ name: userId }], format: 'object' });
  await narrowPreferences(privateKey);
  const locked = await encryptKey({ privateKey, passphrase });
  return {
    fingerprint: privateKey.getFingerprint(),
    publicKey: new Uint8Array(privateKey.toPublic().write()),
    lockedKey: new Uint8Array(locked.write()),
    unlocked: privateKey,
  };
}

/** SignaturePacket.sign as it is; its declared type leaves out what is signed and the configuration. */
type Certify = (key: object, signed: object, date: Date, detached: boolean, settings: typeof config) => Promise<void>;

/** OpenPGP.js always adds AES-128, SHA-3 and compression to the preferences, so the certification is made once more without them. */
async function narrowPreferences(key: PrivateKey): Promise<void> {
  const user = key.users[0];
  const certification = user?.selfCertifications[0];
  if (!user?.userID || !certification) throw new Error('A new key has a certified user id.');
  certification.preferredSymmetricAlgorithms = [enums.symmetric.aes256];
  certification.preferredHashAlgorithms = [enums.hash.sha512, enums.hash.sha256];
  certification.preferredCompressionAlgorithms = [enums.compression.uncompressed];
  const sign = certification.sign.bind(certification) as unknown as Certify;
  await sign(key.keyPacket, { userID: user.userID, key: key.keyPacket }, certification.created ?? new Date(), false, config);
}

export async function unlock(lockedKey: Bytes, passphrase: string): Promise<PrivateKey> {
  return decryptKey({ privateKey: await readPrivateKey({ binaryKey: lockedKey }), passphrase });
}

/** An OpenPGP message to `key`, signed by it. */
export async function sealToSelf(key: PrivateKey, secret: Bytes): Promise<Bytes> {
  const message = await createMessage({ binary: secret, date: new Date(0) });
  return new Uint8Array(await encrypt({ message, encryptionKeys: key.toPublic(), signingKeys: key, format: 'binary' }));
}

/** Opens what `sealToSelf` made, here or in another client of ours. */
export async function openOwn(key: PrivateKey, sealed: Bytes): Promise<Bytes> {
  try {
    const message = await readMessage({ binaryMessage: sealed });
    const opened = await decrypt({ message, decryptionKeys: key, verificationKeys: key.toPublic(), expectSigned: true, format: 'binary' });
    return new Uint8Array(opened.data);
  } catch {
    throw new SealBroken('A secret of the account does not open.');
  }
}

/** The session key that `keyPacket` carries; `part` is any part it opens. */
export async function openKeyPacket(key: PrivateKey, keyPacket: Bytes, part: Bytes): Promise<Bytes> {
  try {
    const message = await readMessage({ binaryMessage: concat(keyPacket, part) });
    const [found, ...others] = await decryptSessionKeys({ message, decryptionKeys: key });
    if (found?.algorithm === aes256 && others.length === 0) return new Uint8Array(found.data);
  } catch {
    // told below, with every other reason
  }
  throw new SealBroken('The key packet does not open.');
}

/** Refuses a part whose name is not the one asked for, and anything but one literal packet inside; docs/formats.md, "A message". */
export async function openPart(sessionKey: Bytes, name: string, part: Bytes): Promise<Bytes> {
  try {
    const sealed = await readMessage({ binaryMessage: part });
    const opened = await sealed.decrypt(undefined, undefined, [{ data: sessionKey, algorithm: aes256 }]);
    const data: unknown = opened.getLiteralData();
    if (opened.packets.length === 1 && opened.packets[0] instanceof LiteralDataPacket && opened.getFilename() === name && data instanceof Uint8Array)
      return new Uint8Array(data);
  } catch {
    // told below, with every other reason
  }
  throw new SealBroken(`The part “${name}” does not open: it is damaged, or another one.`);
}
