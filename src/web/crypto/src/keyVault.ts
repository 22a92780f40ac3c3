import { type AccountResponse, type FolderResponse, type MessageResponse, ApiError, api } from '@appliance/api';
import { type Bytes, FormatError, fromBase64, masterKeyLength, newId, randomBytes, toBase64 } from '@appliance/formats';
import { kdfOf, newAccountKeys, newSlot, unlockAddressKeys } from './account.ts';
import type { OpenedBody } from './body.ts';
import { forgetLocalHalf, keepLocalHalf, localHalf } from './localHalf.ts';
import { unwrapForSession, unwrapMasterKey, wrapForSession } from './masterKey.ts';
import { OpenKeys, refuseWhen } from './openKeys.ts';
import { passwordKeys } from './passwordKeys.ts';
import { newPhrase, normalisePhrase } from './phrase.ts';
import { readAttachment, readMessage, readOriginal } from './reading.ts';
import { Segments } from './segments.ts';
import { answer } from './srp.ts';
import type {
  AccountInfo, ActivateRequest, ActivationStep, DestroyRequest, EmptyRequest, ExpireRequest, FolderInfo, LinkInfo, ListRequest, MailboxChange, MessagePage, MessageRef, MoveRequest, OpenedMessage,
  RefusalDay, Retention, RetentionPreview, SenderRule, SetFlagsRequest, SetRetentionRequest, SetSenderRuleRequest, SignInRequest, Vault,
} from './vault.ts';

/** The vault itself, inside the worker: holds the address keys from sign-in to sign-out and nothing longer. */
export class KeyVault implements Vault {
  /** Each locking ends one: what was begun before it opens nothing after it. */
  #untilLocked = new AbortController();
  #opened = new OpenKeys(new Map(), this.#untilLocked.signal);

  async lookUpLink(token: string): Promise<LinkInfo> {
    const found = await api.lookUpLink(token);
    return { ...found, kind: found.kind as LinkInfo['kind'] };
  }

  async activate({ token, link, domain, address, password }: ActivateRequest, progress: (step: ActivationStep) => void): Promise<{ phrase: string[]; account: AccountInfo }> {
    const locked = this.#untilLocked.signal;
    const master = randomBytes(masterKeyLength);
    progress('password');
    const passwordSlot = await newSlot('password', password, link.accountId, master);
    progress('phrase');
    const phrase = newPhrase();
    const phraseSlot = await newSlot('phrase', phrase, link.accountId, master);
    progress('keys');
    const keys = await newAccountKeys(master, link.accountId, link.mailboxId, address);
    progress('account');
    await api.completeActivation({ token, domain, address, slots: [passwordSlot, phraseSlot], ...keys });
    const account = await this.#unlock(master, await api.account(), locked);
    progress('done');
    return { phrase: phrase.split(' '), account };
  }

  async signIn({ address, secret, slot }: SignInRequest): Promise<AccountInfo> {
    const locked = this.#untilLocked.signal;
    const entered = slot === 'phrase' ? normalisePhrase(secret) : secret;
    if (entered === null) throw new ApiError('sign-in-failed', 0, 'This is not a recovery phrase.');
    const start = await api.startSignIn({ address, slot });
    const kdf = kdfOf(start.kdf);
    const keys = await passwordKeys(entered, start.accountId, start.slotId, kdf);
    const proof = await answer(start.accountId, kdf.salt, keys.srp, start.serverPublic);
    const finish = await api.finishSignIn({ challengeId: start.challengeId, clientPublic: proof.clientPublic, clientProof: proof.clientProof });
    if (!proof.isServerProved(finish.serverProof)) throw new ApiError('server-not-proved', 0, 'The server could not prove that it knows this account.');

    const account = await api.account();
    const own = account.slots.find(candidate => candidate.slotId === start.slotId && candidate.kind === slot);
    const master = own && await unwrapMasterKey(fromBase64(own.wrap), slot, account.accountId, own.slotId, kdf, keys.wrap);
    if (!master) throw new FormatError('The server sent a key slot that the password does not open.');
    return this.#unlock(master, account, locked);
  }

  async resume(): Promise<AccountInfo | null> {
    const locked = this.#untilLocked.signal;
    const local = await localHalf().catch(() => null);
    if (!local) return null;
    try {
      const [account, slot] = await Promise.all([api.account(), api.sessionSlot()]);
      if (account.accountId !== local.accountId || slot.slotId !== local.slotId) return null;
      const master = await unwrapForSession(fromBase64(slot.wrap), local.accountId, local.slotId, { local: local.half, server: fromBase64(slot.serverHalf) });
      return master && await this.#open(master, account, locked);
    } catch (error) {
      if (locked.aborted || error instanceof ApiError && (error.status === 401 || error.status === 404)) return null;
      throw error;
    }
  }

  async signOut(): Promise<void> {
    await this.lock();
    await forgetLocalHalf().catch(() => undefined);
    try {
      await api.signOut();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error; // the session had ended already
    }
  }

  lock(): Promise<void> {
    this.#untilLocked.abort();
    this.#untilLocked = new AbortController();
    this.#opened = new OpenKeys(new Map(), this.#untilLocked.signal);
    return Promise.resolve();
  }

  async list({ mailboxId, folderId, ...query }: ListRequest): Promise<MessagePage> {
    const opened = this.#opened;
    const page = await api.messages(mailboxId, folderId, query);
    return {
      folder: folderInfo(page.folder),
      highestModSeq: page.highestModSeq,
      messages: await opened.unlessLocked(Promise.all(page.messages.map(message => opened.item(mailboxId, message)))),
      more: page.more,
    };
  }

  read(ref: MessageRef): Promise<OpenedMessage> {
    return this.#reading(ref, async ({ body, message, segments }) => readMessage(body, segments, await body.openSlip(message.slip)));
  }

  attachment(ref: MessageRef, partIndex: number, progress?: (done: number, total: number) => void): Promise<Blob> {
    return this.#reading(ref, ({ body, segments }) => readAttachment(body, segments, partIndex, progress));
  }

  original(ref: MessageRef): Promise<Blob> {
    return this.#reading(ref, ({ body, segments }) => readOriginal(body, segments));
  }

  setFlags({ mailboxId, ...change }: SetFlagsRequest): Promise<void> {
    return once(operationId => api.setFlags(mailboxId, { operationId, ...change }));
  }

  move({ mailboxId, ...change }: MoveRequest): Promise<void> {
    return once(operationId => api.move(mailboxId, { operationId, ...change }));
  }

  expire({ mailboxId, ...change }: ExpireRequest): Promise<void> {
    return once(operationId => api.expire(mailboxId, { operationId, ...change }));
  }

  destroy({ mailboxId, ...change }: DestroyRequest): Promise<void> {
    return once(operationId => api.destroy(mailboxId, { operationId, ...change }));
  }

  async empty({ mailboxId, folderId, throughUid }: EmptyRequest): Promise<number> {
    return (await api.empty(mailboxId, folderId, { throughUid })).destroyed;
  }

  retention(mailboxId: string): Promise<Retention> {
    return api.retention(mailboxId);
  }

  setRetention({ mailboxId, ...rule }: SetRetentionRequest): Promise<void> {
    return once(operationId => api.setRetention(mailboxId, { operationId, ...rule }));
  }

  previewRetention(mailboxId: string, days: number): Promise<RetentionPreview> {
    return api.previewRetention(mailboxId, days);
  }

  async retentionPolicy(): Promise<number | null> {
    return (await api.policy()).retentionDays;
  }

  async setRetentionPolicy(retentionDays: number | null): Promise<void> {
    await api.setPolicy({ retentionDays });
  }

  previewRetentionPolicy(days: number): Promise<RetentionPreview> {
    return api.previewPolicy(days);
  }

  async senderRules(mailboxId: string): Promise<SenderRule[]> {
    const opened = this.#opened;
    const { rules } = await api.senderRules(mailboxId);
    const read = await opened.unlessLocked(Promise.all(rules.map(async ({ action, text }) => ({ sender: await opened.sender(fromBase64(text)), action: action === 'block' ? 'block' as const : 'allow' as const }))));
    return read.flatMap(({ sender, action }) => sender === null ? [] : [{ sender, action }]).sort((one, other) => one.sender.localeCompare(other.sender));
  }

  async setSenderRule({ mailboxId, sender, action }: SetSenderRuleRequest): Promise<void> {
    const text = action === 'none' ? new Uint8Array() : await this.#opened.sealToSelf(new TextEncoder().encode(JSON.stringify({ v: 1, sender })));
    await api.setSenderRule(mailboxId, { sender, action, text: toBase64(text) });
  }

  async refusals(mailboxId: string): Promise<RefusalDay[]> {
    const opened = this.#opened;
    const { days } = await api.refusals(mailboxId);
    return opened.unlessLocked(Promise.all(days.map(async ({ day, notices, leftOut }) => ({
      day,
      refusals: (await Promise.all(notices.map(notice => opened.refusal(notice.keyFingerprint, fromBase64(notice.keyPacket), fromBase64(notice.part))))).filter(refusal => refusal !== null),
      leftOut,
    }))));
  }

  onChanged(handler: (change: MailboxChange) => void, online: (connected: boolean) => void, ended: () => void): () => void {
    return api.events(handler, online, ended);
  }

  /** Opens the account and leaves a session slot behind, so that a reload stays unlocked. */
  async #unlock(master: Bytes, account: AccountResponse, locked: AbortSignal): Promise<AccountInfo> {
    refuseWhen(locked);
    // Without a slot, such as in a browser that may store nothing, a reload asks for the password; that is no reason to fail here.
    await leaveSessionSlot(master, account.accountId).catch(() => undefined);
    return this.#open(master, account, locked);
  }

  async #open(master: Bytes, account: AccountResponse, locked: AbortSignal): Promise<AccountInfo> {
    const keys = await unlockAddressKeys(master, account);
    master.fill(0);
    refuseWhen(locked);
    this.#opened = new OpenKeys(keys, locked);
    return {
      accountId: account.accountId,
      address: account.address,
      isOperator: account.isOperator,
      fingerprint: account.userKey.fingerprint,
      mailboxes: account.mailboxes.map(mailbox => ({
        mailboxId: mailbox.mailboxId,
        addresses: mailbox.addresses.map(({ address }) => address),
        folders: mailbox.folders.map(folderInfo),
      })),
    };
  }

  /** Makes something of one message, whose segments are fetched as they are needed and as long as the vault is open. */
  #reading<T>(ref: MessageRef, make: (opened: { body: OpenedBody; message: MessageResponse; segments: Segments }) => Promise<T>): Promise<T> {
    const opened = this.#opened;
    const { mailboxId, messageId } = ref;
    return opened.unlessLocked(api.message(mailboxId, messageId).then(async message => {
      const body = await opened.body(message);
      return make({ body, message, segments: new Segments(body, index => opened.unlessLocked(api.segment(mailboxId, messageId, index))) });
    }));
  }
}

async function leaveSessionSlot(master: Bytes, accountId: string): Promise<void> {
  const slotId = newId();
  const halves = { local: randomBytes(32), server: randomBytes(32) };
  await keepLocalHalf({ accountId, slotId, half: halves.local });
  const wrap = await wrapForSession(master, accountId, slotId, halves);
  await api.putSessionSlot({ slotId, serverHalf: toBase64(halves.server), wrap: toBase64(wrap) });
}

const folderInfo = ({ folderId, role, total, unread }: FolderResponse): FolderInfo => ({ folderId, role: role as FolderInfo['role'], total, unread });

/** The answer may get lost and not the request; the operation's id lets the server tell. */
async function once(change: (operationId: string) => Promise<unknown>): Promise<void> {
  const operationId = newId();
  try {
    await change(operationId);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'offline')) throw error;
    await change(operationId);
  }
}
