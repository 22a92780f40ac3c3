import type { AccountResponse, ActivationRequest, KdfSettings, NewSlot } from '@appliance/api';
import {
  type Bytes, type KdfParameters, FormatError, defaultKdf, fromBase64, fromUtf8, newId, randomBytes, toBase64, userKeyAssociatedData, userKeyInfo, utf8,
} from '@appliance/formats';
import type { PrivateKey } from 'openpgp';
import { wrapMasterKey } from './masterKey.ts';
import { passwordKeys } from './passwordKeys.ts';
import { newKey, newPassphrase, openOwn, sealToSelf, unlock } from './pgp.ts';
import { deriveKey, open, seal } from './sealing.ts';
import { verifier } from './srp.ts';

const passphraseLength = 64;

/** A slot for a new password or phrase: what the server checks sign-ins with, and the master key wrapped. */
export async function newSlot(kind: 'password' | 'phrase', secret: string, accountId: string, master: Bytes): Promise<NewSlot> {
  const slotId = newId();
  const kdf = defaultKdf(randomBytes(16));
  const keys = await passwordKeys(secret, accountId, slotId, kdf);
  return {
    slotId,
    kind,
    kdf: { ...kdf, salt: toBase64(kdf.salt) },
    verifier: await verifier(accountId, kdf.salt, keys.srp),
    wrap: toBase64(await wrapMasterKey(master, kind, accountId, slotId, kdf, keys.wrap)),
  };
}

export const kdfOf = (settings: KdfSettings): KdfParameters => ({ ...settings, salt: fromBase64(settings.salt) });

/** All keys of a new account; docs/formats.md, "Account keys". Whatever is private is locked, wrapped or sealed. */
export async function newAccountKeys(master: Bytes, accountId: string, mailboxId: string, address: string): Promise<Pick<ActivationRequest, 'userKey' | 'addressKey' | 'mailboxKey'>> {
  const [userPassphrase, addressPassphrase] = [newPassphrase(), newPassphrase()];
  const [user, addressKey] = await Promise.all([
    newKey(`${accountId}@account.invalid`, userPassphrase),
    newKey(`<${address}>`, addressPassphrase),
  ]);
  const mailboxSecret = { v: 1, mailboxId, generation: 1, key: toBase64(randomBytes(32)) };
  return {
    userKey: {
      publicKey: toBase64(user.publicKey),
      lockedKey: toBase64(user.lockedKey),
      wrappedPassphrase: toBase64(await wrapUserPassphrase(userPassphrase, master, accountId, user.fingerprint)),
    },
    addressKey: {
      publicKey: toBase64(addressKey.publicKey),
      lockedKey: toBase64(addressKey.lockedKey),
      sealedPassphrase: toBase64(await sealToSelf(user.unlocked, utf8(addressPassphrase))),
    },
    mailboxKey: toBase64(await sealToSelf(user.unlocked, utf8(JSON.stringify(mailboxSecret)))),
  };
}

export async function wrapUserPassphrase(passphrase: string, master: Bytes, accountId: string, fingerprint: string, nonce?: Bytes): Promise<Bytes> {
  return seal(await deriveKey(master, userKeyInfo(accountId)), utf8(passphrase), userKeyAssociatedData(accountId, fingerprint), nonce);
}

export async function unwrapUserPassphrase(wrap: Bytes, master: Bytes, accountId: string, fingerprint: string): Promise<string> {
  const passphrase = await open(await deriveKey(master, userKeyInfo(accountId)), wrap, passphraseLength, userKeyAssociatedData(accountId, fingerprint), 'wrapped passphrase');
  if (!passphrase) throw new FormatError('The user key’s passphrase does not open with this account’s master key.');
  return fromUtf8(passphrase);
}

/** Opens an account's keys, one from the other; address keys by fingerprint. One that does not open is left out: its messages show as broken. */
export async function unlockAddressKeys(master: Bytes, account: AccountResponse): Promise<Map<string, PrivateKey>> {
  const { fingerprint, lockedKey, wrappedPassphrase } = account.userKey;
  const user = await unlock(fromBase64(lockedKey), await unwrapUserPassphrase(fromBase64(wrappedPassphrase), master, account.accountId, fingerprint));
  if (user.getFingerprint() !== fingerprint) throw new FormatError('The server sent another user key than the one this account was made with.');
  const keys = account.mailboxes.flatMap(mailbox => mailbox.addresses).flatMap(address => address.keys);
  const unlocked = await Promise.allSettled(keys.map(async key =>
    unlock(fromBase64(key.lockedKey), fromUtf8(await openOwn(user, fromBase64(key.sealedPassphrase))))));
  return new Map(unlocked.flatMap(result => result.status === 'fulfilled' ? [[result.value.getFingerprint(), result.value]] : []));
}
