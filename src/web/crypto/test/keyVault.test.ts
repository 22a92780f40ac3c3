import { type AccountResponse, type MessageResponse, api } from '@appliance/api';
import { fromHex, randomBytes, toBase64, utf8 } from '@appliance/formats';
import 'fake-indexeddb/auto';
import { readPrivateKey } from 'openpgp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { vectors } from '../../formats/test/vectors.ts';
import { unwrapUserPassphrase } from '../src/account.ts';
import { KeyVault } from '../src/keyVault.ts';
import { keepLocalHalf } from '../src/localHalf.ts';
import { wrapForSession } from '../src/masterKey.ts';
import { sealToSelf, unlock } from '../src/pgp.ts';

type Account = Record<'accountId' | 'mailboxId' | 'masterKey' | 'userKeyFingerprint' | 'userKey' | 'userKeyWrap' | 'mailboxKey', string>;
interface Messages { fingerprint: string; armoredPrivateKey: string; passphrase: string; messages: { keyPackets: MessageResponse['keyPackets']; summary: string; slip: string; segments: string[] }[] }

const own = vectors<Account>('account');
const { fingerprint, armoredPrivateKey, passphrase, messages: [sealed] } = vectors<Messages>('messages');
if (!sealed) throw new Error('There is no message among the vectors.');
const base64 = (hex: string) => toBase64(fromHex(hex));
const message = {
  messageId: 'one', uid: 1, arrivedAt: '', size: 1, flags: [], expiresAt: null, expiry: null, keyFingerprint: fingerprint,
  keyPackets: sealed.keyPackets.map(packet => ({ ...packet, packet: base64(packet.packet) })), summary: base64(sealed.summary), slip: base64(sealed.slip),
} as unknown as MessageResponse;
const ref = { mailboxId: own.mailboxId, messageId: 'one' };
const listed = { folder: { folderId: 'f', role: 'inbox', uidValidity: 1, uidNext: 2, total: 1, unread: 0 }, highestModSeq: 1, more: false };

let account: AccountResponse;

/** A browser that was signed in before, and the server that knows it. */
beforeEach(async () => {
  const master = fromHex(own.masterKey);
  const user = await unlock(fromHex(own.userKey), await unwrapUserPassphrase(fromHex(own.userKeyWrap), master, own.accountId, own.userKeyFingerprint));
  const lockedKey = toBase64(new Uint8Array((await readPrivateKey({ armoredKey: armoredPrivateKey })).write()));
  account = {
    accountId: own.accountId, address: 'ann@example.org', isOperator: false, slots: [],
    userKey: { fingerprint: own.userKeyFingerprint, publicKey: '', lockedKey: base64(own.userKey), wrappedPassphrase: base64(own.userKeyWrap) },
    mailboxes: [{
      mailboxId: own.mailboxId, storeEpoch: '', highestModSeq: 0, mailboxKey: base64(own.mailboxKey), folders: [],
      addresses: [{ address: 'ann@example.org', keys: [{ fingerprint, state: 'encrypt', publicKey: '', lockedKey, sealedPassphrase: toBase64(await sealToSelf(user, utf8(passphrase))) }] }],
    }],
  };
  const [slotId, halves] = ['b57fway2c4doiazjygpbawo4uy', { local: randomBytes(32), server: randomBytes(32) }];
  await keepLocalHalf({ accountId: own.accountId, slotId, half: halves.local });
  const slot = { slotId, serverHalf: toBase64(halves.server), wrap: toBase64(await wrapForSession(master, own.accountId, slotId, halves)) };
  vi.spyOn(api, 'account').mockImplementation(() => Promise.resolve(account));
  vi.spyOn(api, 'sessionSlot').mockResolvedValue(slot);
  vi.spyOn(api, 'messages').mockResolvedValue({ ...listed, messages: [message] });
  vi.spyOn(api, 'message').mockResolvedValue(message);
  vi.spyOn(api, 'segment').mockImplementation((_mailboxId, _messageId, index) => Promise.resolve(fromHex(sealed.segments[index] ?? '')));
});

afterEach(() => vi.restoreAllMocks());

async function unlocked(): Promise<KeyVault> {
  const vault = new KeyVault();
  expect(await vault.resume()).not.toBeNull();
  return vault;
}

/** The same, and `happens` once somebody reads its field. */
function when<T extends object>(field: keyof T, of: T, happens: () => unknown): T {
  return { ...of, get [field]() {
    void happens();
    return of[field];
  } };
}

const list = (vault: KeyVault) => vault.list({ mailboxId: own.mailboxId, folderId: 'f' });

test('what is open is read', async () => {
  const vault = await unlocked();
  expect((await list(vault)).messages[0]?.summary).not.toBeNull();
  expect((await vault.read(ref)).headers.length).toBeGreaterThan(0);
});

test('a list under way when the vault is locked comes to nothing and leaves no key in it', async () => {
  const vault = await unlocked();
  vi.mocked(api.messages).mockResolvedValue({ ...listed, messages: [when('keyPackets', message, () => vault.lock())] });
  await expect(list(vault)).rejects.toMatchObject({ code: 'locked' });
  await expect(vault.read(ref)).rejects.toThrow('key');
});

test('a message under way when the vault is locked is fetched no further', async () => {
  const vault = await unlocked();
  vi.mocked(api.segment).mockImplementation(async (_mailboxId, _messageId, index) => {
    await vault.lock();
    return fromHex(sealed.segments[index] ?? '');
  });
  await expect(vault.original(ref)).rejects.toMatchObject({ code: 'locked' });
  expect(api.segment).toHaveBeenCalledTimes(1);
});

test('a vault that is locked while it is being opened stays locked', async () => {
  const vault = new KeyVault();
  vi.mocked(api.account).mockResolvedValue(when('mailboxes', account, () => vault.lock()));
  expect(await vault.resume()).toBeNull();
  expect((await list(vault)).messages[0]?.broken).toBe('key');
});
