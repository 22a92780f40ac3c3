import { type Bytes, fromBase64, fromUtf8, randomBytes, toBase64, utf8 } from '@appliance/formats';
import { PublicKeyEncryptedSessionKeyPacket, type SecretKeyPacket, type SymEncryptedIntegrityProtectedDataPacket, createMessage, encrypt, enums, readKey, readMessage, readPrivateKey } from 'openpgp';
import { describe, expect, test } from 'vitest';
import { newAccountKeys, unlockAddressKeys } from '../src/account.ts';
import { SealBroken, newKey, openOwn, sealToSelf } from '../src/pgp.ts';

const accountId = 'b57fway2c4doiazjygpbawo4uy';
const mailboxId = 'tdnknb3v2ne5hduk6wm2n7vwp4';

describe('a new key', () => {
  test('is of the profile every OpenPGP program reads', async () => {
    const made = await newKey('<ann@example.org>', 'passphrase');
    const key = await readKey({ binaryKey: made.publicKey });
    expect(key.isPrivate()).toBe(false);
    expect(key.getUserIDs()).toEqual(['<ann@example.org>']);
    expect(key.getFingerprint()).toBe(made.fingerprint);
    expect(key.keyPacket.version).toBe(4);
    expect(key.keyPacket.algorithm).toBe(enums.publicKey.eddsaLegacy);
    expect(key.subkeys.map(subkey => subkey.keyPacket.algorithm)).toEqual([enums.publicKey.ecdh]);
    expect(key.users[0]?.selfCertifications[0]).toMatchObject({
      preferredSymmetricAlgorithms: [enums.symmetric.aes256],
      preferredHashAlgorithms: [enums.hash.sha512, enums.hash.sha256],
      preferredCompressionAlgorithms: [enums.compression.uncompressed],
      features: new Uint8Array([1]), // SEIPDv1 only
      rawNotations: [],
    });
    await key.verifyPrimaryKey();
    await key.getEncryptionKey();
  });

  test('is locked, cheaply because its passphrase is random', async () => {
    const key = await readPrivateKey({ binaryKey: (await newKey('<ann@example.org>', 'passphrase')).lockedKey });
    for (const packet of [key.keyPacket, ...key.subkeys.map(subkey => subkey.keyPacket)] as SecretKeyPacket[]) {
      expect(packet.isDecrypted()).toBe(false);
      const { s2k, symmetric } = packet as unknown as { s2k: { type: string; algorithm: number; c: number }; symmetric: number };
      expect([s2k.type, s2k.algorithm, s2k.c, symmetric]).toEqual(['iterated', enums.hash.sha256, 0x60, enums.symmetric.aes256]);
    }
  });
});

describe('a secret sealed to the account', () => {
  test('is one key packet and one integrity protected packet of version 1', async () => {
    const { unlocked } = await newKey('<ann@example.org>', 'passphrase');
    const sealed = await sealToSelf(unlocked, utf8('secret'));
    const { packets } = await readMessage({ binaryMessage: sealed });
    expect(packets).toHaveLength(2);
    expect(packets[0]).toBeInstanceOf(PublicKeyEncryptedSessionKeyPacket);
    expect((packets[1] as SymEncryptedIntegrityProtectedDataPacket & { version: number }).version).toBe(1);
    expect(fromUtf8(await openOwn(unlocked, sealed))).toBe('secret');
  });

  test('does not open changed, for another account, or signed by another', async () => {
    const [ann, bob] = [(await newKey('<ann@example.org>', 'a')).unlocked, (await newKey('<bob@example.org>', 'b')).unlocked];
    const sealed = await sealToSelf(ann, utf8('secret'));
    await expect(openOwn(bob, sealed)).rejects.toThrow(SealBroken);
    await expect(openOwn(ann, flipped(sealed))).rejects.toThrow(SealBroken);
    const forged: unknown = await encrypt({ message: await createMessage({ binary: utf8('secret') }), encryptionKeys: ann.toPublic(), signingKeys: bob, format: 'binary' });
    await expect(openOwn(ann, new Uint8Array(forged as Uint8Array))).rejects.toThrow(SealBroken);
  });
});

test('a new account opens with its master key only', async () => {
  const master = randomBytes(32);
  const made = await newAccountKeys(master, accountId, mailboxId, 'ann@example.org');
  const user = await readKey({ binaryKey: fromBase64(made.userKey.publicKey) });
  expect(user.getUserIDs()).toEqual([`${accountId}@account.invalid`]);
  const account = {
    accountId, address: 'ann@example.org', isOperator: true, slots: [],
    userKey: { ...made.userKey, fingerprint: user.getFingerprint() },
    mailboxes: [{ mailboxId, storeEpoch: '', highestModSeq: 0, mailboxKey: made.mailboxKey, folders: [], addresses: [{ address: 'ann@example.org', keys: [{ ...made.addressKey, fingerprint: '', state: 'encrypt' }] }] }],
  };
  expect(fromBase64(made.userKey.wrappedPassphrase)).toHaveLength(93);
  expect((await unlockAddressKeys(master, account)).size).toBe(1);
  await expect(unlockAddressKeys(randomBytes(32), account)).rejects.toThrow();

  const damaged = structuredClone(account);
  for (const key of damaged.mailboxes.flatMap(mailbox => mailbox.addresses).flatMap(address => address.keys))
    key.sealedPassphrase = toBase64(flipped(fromBase64(key.sealedPassphrase)));
  expect((await unlockAddressKeys(master, damaged)).size).toBe(0);
});

function flipped(bytes: Bytes): Bytes {
  const changed = bytes.slice();
  changed[changed.length - 5] = (changed[changed.length - 5] ?? 0) ^ 1;
  return changed;
}
