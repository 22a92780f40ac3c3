import { type Bytes, type Summary, FormatError, concat, fromHex, fromUtf8, toBase64, toHex } from '@appliance/formats';
import { readPrivateKey } from 'openpgp';
import { beforeAll, describe, expect, test } from 'vitest';
import { vectors } from '../../formats/test/vectors.ts';
import { unlockAddressKeys, unwrapUserPassphrase, wrapUserPassphrase } from '../src/account.ts';
import { OpenedBody, rebuild } from '../src/body.ts';
import { unwrapForSession, unwrapMasterKey, wrapForSession, wrapMasterKey } from '../src/masterKey.ts';
import { argon2Root, passwordKeys } from '../src/passwordKeys.ts';
import { SealBroken, openOwn, openPart, unlock } from '../src/pgp.ts';
import { normalisePhrase, phraseOf } from '../src/phrase.ts';
import { Segments } from '../src/segments.ts';
import { answer, verifier } from '../src/srp.ts';

interface Kdf { secret: string; accountId: string; slotId: string; memoryKiB: number; passes: number; lanes: number; salt: string; root: string; srpKey: string; wrapKey: string }

test.each(vectors<{ good: Kdf[] }>('kdf').good)('derives keys from “$secret”', async vector => {
  const kdf = { name: 'argon2id', memoryKiB: vector.memoryKiB, passes: vector.passes, lanes: vector.lanes, salt: fromHex(vector.salt) };
  expect(toHex(await argon2Root(vector.secret, kdf))).toBe(vector.root);
  const keys = await passwordKeys(vector.secret, vector.accountId, vector.slotId, kdf);
  expect([toHex(keys.srp), toHex(keys.wrap)]).toEqual([vector.srpKey, vector.wrapKey]);
  expect(await passwordKeys(vector.secret.normalize('NFD'), vector.accountId, vector.slotId, kdf)).toEqual(keys);
});

test('refuses to derive keys cheaply', async () => {
  const kdf = { name: 'argon2id', memoryKiB: 8, passes: 3, lanes: 1, salt: new Uint8Array(16) };
  await expect(passwordKeys('secret', 'a'.repeat(26), 'a'.repeat(26), kdf)).rejects.toThrow(FormatError);
});

describe('sign-in', () => {
  const srp = vectors<Record<'accountId' | 'salt' | 'srpKey' | 'clientPrivate' | 'verifier' | 'a' | 'b' | 'm1' | 'm2', string> & { refusedB: string[] }>('srp');
  const [salt, key] = [fromHex(srp.salt), fromHex(srp.srpKey)];

  test('proves both sides as the server computes it', async () => {
    expect(await verifier(srp.accountId, salt, key)).toBe(srp.verifier);
    const proof = await answer(srp.accountId, salt, key, srp.b, BigInt(`0x${srp.clientPrivate}`));
    expect([proof.clientPublic, proof.clientProof]).toEqual([srp.a, srp.m1]);
    expect([proof.isServerProved(srp.m2), proof.isServerProved(srp.m1), proof.isServerProved('')]).toEqual([true, false, false]);
  });

  test.each(srp.refusedB)('refuses the server’s value %s', async b => {
    await expect(answer(srp.accountId, salt, key, b)).rejects.toThrow(FormatError);
  });
});

describe('key slots', () => {
  interface Slot { kind: number; accountId: string; slotId: string; parameters: string; wrapKey: string; masterKey: string; nonce: string; wrap: string; why: string }
  const slots = vectors<{ password: Slot[]; session: Record<'accountId' | 'slotId' | 'localHalf' | 'serverHalf' | 'masterKey' | 'nonce' | 'wrap', string> }>('slots');
  const kindOf = (kind: number) => kind === 1 ? 'password' : 'phrase';
  const kdfOf = (parameters: string) => {
    const view = new DataView(fromHex(parameters).buffer);
    return { name: 'argon2id', memoryKiB: view.getUint32(1), passes: view.getUint32(5), lanes: view.getUint32(9), salt: new Uint8Array(16) };
  };

  test.each(slots.password)('wraps and unwraps, kind $kind', async slot => {
    const [kind, kdf, wrapKey] = [kindOf(slot.kind), kdfOf(slot.parameters), fromHex(slot.wrapKey)] as const;
    expect(toHex(await wrapMasterKey(fromHex(slot.masterKey), kind, slot.accountId, slot.slotId, kdf, wrapKey, fromHex(slot.nonce)))).toBe(slot.wrap);
    expect(await unwrapMasterKey(fromHex(slot.wrap), kind, slot.accountId, slot.slotId, kdf, wrapKey)).toEqual(fromHex(slot.masterKey));
  });

  test('wraps and unwraps for a session with both halves', async () => {
    const { session } = slots;
    const halves = { local: fromHex(session.localHalf), server: fromHex(session.serverHalf) };
    expect(toHex(await wrapForSession(fromHex(session.masterKey), session.accountId, session.slotId, halves, fromHex(session.nonce)))).toBe(session.wrap);
    expect(await unwrapForSession(fromHex(session.wrap), session.accountId, session.slotId, halves)).toEqual(fromHex(session.masterKey));
    expect(await unwrapForSession(fromHex(session.wrap), session.accountId, session.slotId, { ...halves, server: halves.local })).toBeNull();
  });

  test.each(vectors<{ slots: Slot[] }>('refused').slots)('do not open: $why', async slot => {
    const opening = unwrapMasterKey(fromHex(slot.wrap), kindOf(slot.kind), slot.accountId, slot.slotId, kdfOf(slot.parameters), fromHex(slot.wrapKey));
    await expect(opening.catch((error: unknown) => error instanceof FormatError ? null : Promise.reject(error as Error))).resolves.toBeNull();
  });

  test('the user key’s passphrase is bound to account and key', async () => {
    const vector = vectors<Record<'accountId' | 'fingerprint' | 'masterKey' | 'passphrase' | 'nonce' | 'wrap', string>>('user-key-wrap');
    const master = fromHex(vector.masterKey);
    expect(toHex(await wrapUserPassphrase(vector.passphrase, master, vector.accountId, vector.fingerprint, fromHex(vector.nonce)))).toBe(vector.wrap);
    expect(await unwrapUserPassphrase(fromHex(vector.wrap), master, vector.accountId, vector.fingerprint)).toBe(vector.passphrase);
    await expect(unwrapUserPassphrase(fromHex(vector.wrap), master, vector.accountId, '00'.repeat(20))).rejects.toThrow(FormatError);
  });
});

describe('recovery phrase', () => {
  const phrases = vectors<{ good: { entropy: string; phrase: string }[]; refused: string[] }>('phrase');

  test.each(phrases.good)('$phrase', ({ entropy, phrase }) => {
    expect(phraseOf(fromHex(entropy))).toBe(phrase);
    expect(normalisePhrase(`  ${phrase.toUpperCase().replaceAll(' ', ' \n')} `)).toBe(phrase);
  });

  test.each(phrases.refused)('refuses “%s”', phrase => {
    expect(normalisePhrase(phrase)).toBeNull();
  });
});

test('opens the account that the other client made', async () => {
  const account = vectors<Record<'accountId' | 'mailboxId' | 'masterKey' | 'userKeyFingerprint' | 'userKey' | 'userKeyWrap' | 'addressKeyFingerprint' | 'addressKey' | 'addressKeyPassphrase' | 'mailboxKey' | 'openedMailboxKey', string>>('account');
  const base64 = (hex: string) => toBase64(fromHex(hex));
  const master = fromHex(account.masterKey);
  const keys = await unlockAddressKeys(master, {
    accountId: account.accountId, address: 'ann@example.org', isOperator: false, slots: [],
    userKey: { fingerprint: account.userKeyFingerprint, publicKey: '', lockedKey: base64(account.userKey), wrappedPassphrase: base64(account.userKeyWrap) },
    mailboxes: [{
      mailboxId: account.mailboxId, storeEpoch: '', highestModSeq: 0, mailboxKey: base64(account.mailboxKey), folders: [],
      addresses: [{ address: 'ann@example.org', keys: [{ fingerprint: account.addressKeyFingerprint, state: 'encrypt', publicKey: '', lockedKey: base64(account.addressKey), sealedPassphrase: base64(account.addressKeyPassphrase) }] }],
    }],
  });
  expect([...keys.keys()]).toEqual([account.addressKeyFingerprint]);

  const user = await unlock(fromHex(account.userKey), await unwrapUserPassphrase(fromHex(account.userKeyWrap), master, account.accountId, account.userKeyFingerprint));
  const secret = JSON.parse(fromUtf8(await openOwn(user, fromHex(account.mailboxKey)))) as { mailboxId: string; key: string };
  expect(secret).toMatchObject({ mailboxId: account.mailboxId, key: base64(account.openedMailboxKey) });
});

describe('parts', () => {
  interface Part { sessionKey: string; name: string; plaintext: string; sealed: string; why: string }

  test.each(vectors<Part[]>('parts'))('$name opens', async part => {
    expect(toHex(await openPart(fromHex(part.sessionKey), part.name, fromHex(part.sealed)))).toBe(part.plaintext);
  });

  test.each(vectors<{ parts: Part[] }>('refused').parts)('do not open: $why', async part => {
    await expect(openPart(fromHex(part.sessionKey), part.name, fromHex(part.sealed))).rejects.toThrow(SealBroken);
  });
});

describe('messages', () => {
  interface Message {
    what: string;
    keyPackets: { opens: 'body' | 'slip'; type: string; suite: string; packet: string }[];
    summary: string; slip: string; segments: string[];
    openedSummary: string; openedSlip: string; openedTrace: string; openedMessage: string; received: string;
  }
  const set = vectors<{ fingerprint: string; armoredPrivateKey: string; passphrase: string; messages: Message[] }>('messages');
  let key: Awaited<ReturnType<typeof unlock>>;

  beforeAll(async () => {
    key = await unlock(new Uint8Array((await readPrivateKey({ armoredKey: set.armoredPrivateKey })).write()), set.passphrase);
    expect(key.getFingerprint()).toBe(set.fingerprint);
  });

  const base64 = (hex: string) => toBase64(fromHex(hex));
  const open = (message: Message) => OpenedBody.open(key, {
    keyPackets: message.keyPackets.map(packet => ({ ...packet, packet: base64(packet.packet) })),
    summary: base64(message.summary),
    slip: base64(message.slip),
  });
  const segmentsOf = (body: OpenedBody, message: Message) => new Segments(body, index => Promise.resolve(fromHex(message.segments[index] ?? '')));

  test.each(set.messages)('open whole: $what', async message => {
    const body = await open(message);
    const segments = segmentsOf(body, message);
    const remaining = await segments.remaining();
    expect(toHex(await segments.segment(0))).toBe(message.openedTrace);
    expect(toHex(remaining)).toBe(message.openedMessage);
    expect(toHex(rebuild(remaining, body.summary.removed))).toBe(message.received);
    expect(await body.openSlip(base64(message.slip))).toEqual(JSON.parse(message.openedSlip));
  });

  test.each(set.messages)('open by range: $what', async message => {
    const body = await open(message);
    const { headerLength, size, removed } = body.summary;
    const received = fromHex(message.received);
    const segments = segmentsOf(body, message);
    for (const [offset, end] of [[0, headerLength], [headerLength, size], [Math.min(headerLength + 5, size), size]] as const)
      expect(await segments.range(offset, end - offset)).toEqual(without(removed, received, offset, end));
  });

  test.each(set.messages)('refuse segments in each other’s place, and changed ones: $what', async message => {
    const body = await open(message);
    for (const [index, sealed] of message.segments.entries()) {
      const changed = fromHex(sealed);
      changed[changed.length - 30] = (changed[changed.length - 30] ?? 0) ^ 1;
      await expect(body.openSegment(index, changed)).rejects.toThrow(SealBroken);
      await expect(body.openSegment(index + 1, fromHex(sealed))).rejects.toThrow(SealBroken);
    }
  });

  function without(removed: Summary['removed'], received: Bytes, offset: number, end: number): Bytes {
    const isLeft = (at: number) => removed.every(piece => at < piece.offset || at >= piece.offset + piece.bytes.length);
    return concat(received.slice(offset, end).filter((_, index) => isLeft(offset + index)));
  }
});
