import { ApiError, type MessageResponse } from '@appliance/api';
import { type Bytes, FormatError, readRefusal, readSenderRule } from '@appliance/formats';
import type { PrivateKey } from 'openpgp';
import { OpenedBody } from './body.ts';
import { SealBroken, openKeyPacket, openOwn, openPart, sealToSelf } from './pgp.ts';
import type { Flag, MessageItem, Refusal } from './vault.ts';

/**
 * What is open from sign-in to sign-out, and what can be opened with it. Whatever is under way holds on to this and not to the vault, so
 * that what is finished after the vault was locked puts nothing back into it; and nothing that was opened is told then.
 */
export class OpenKeys {
  readonly #keys: ReadonlyMap<string, PrivateKey>;
  readonly #locked: AbortSignal;
  /** Opened summaries by message id, so that a list drawn again costs no private-key operations. */
  readonly #bodies = new Map<string, OpenedBody>();
  static readonly #mostBodies = 1_000;

  constructor(keys: ReadonlyMap<string, PrivateKey>, locked: AbortSignal) {
    this.#keys = keys;
    this.#locked = locked;
  }

  /** What came of it; ApiError `locked` when the vault was locked meanwhile. */
  async unlessLocked<T>(pending: Promise<T>): Promise<T> {
    const result = await pending;
    refuseWhen(this.#locked);
    return result;
  }

  async item(mailboxId: string, message: MessageResponse): Promise<MessageItem> {
    const { messageId, uid, arrivedAt, size, expiresAt, expiry } = message;
    const item = { ref: { mailboxId, messageId }, uid, arrivedAt, size, expiresAt, expiry, flags: message.flags.filter(isFlag) };
    if (!this.#keys.has(message.keyFingerprint)) return { ...item, summary: null, broken: 'key' };
    try {
      return { ...item, summary: (await this.body(message)).summary, broken: null };
    } catch (error) {
      if (error instanceof FormatError && error.version) return { ...item, summary: null, broken: 'version' };
      if (error instanceof FormatError || error instanceof SealBroken) return { ...item, summary: null, broken: 'changed' };
      throw error;
    }
  }

  async body(message: MessageResponse): Promise<OpenedBody> {
    const known = this.#bodies.get(message.messageId);
    if (known) return known;
    const key = this.#keys.get(message.keyFingerprint);
    if (!key) throw new SealBroken('The key this message was sealed to is not here.');
    const body = await this.unlessLocked(OpenedBody.open(key, message));
    const oldest = this.#bodies.size >= OpenKeys.#mostBodies ? this.#bodies.keys().next().value : undefined;
    if (oldest !== undefined) this.#bodies.delete(oldest);
    this.#bodies.set(message.messageId, body);
    return body;
  }

  /** Null: it does not open. */
  async refusal(fingerprint: string, keyPacket: Bytes, part: Bytes): Promise<Refusal | null> {
    const key = this.#keys.get(fingerprint);
    if (!key) return null;
    try {
      return readRefusal(await openPart(await openKeyPacket(key, keyPacket, part), 'refusal', part));
    } catch (error) {
      if (error instanceof SealBroken || error instanceof FormatError) return null;
      throw error;
    }
  }

  /** Signed by the member too, so that the server cannot put in a rule of its own unseen. Null: by no key that is here. */
  async sender(text: Bytes): Promise<string | null> {
    for (const key of this.#keys.values()) {
      try {
        return readSenderRule(await openOwn(key, text));
      } catch (error) {
        if (!(error instanceof SealBroken || error instanceof FormatError)) throw error;
      }
    }
    return null;
  }

  async sealToSelf(secret: Bytes): Promise<Bytes> {
    const [key] = this.#keys.values();
    if (!key) throw new SealBroken('The vault is locked.');
    return sealToSelf(key, secret);
  }
}

export function refuseWhen(locked: AbortSignal): void {
  if (locked.aborted) throw new ApiError('locked', 0, 'The vault was locked meanwhile.');
}

const isFlag = (flag: string): flag is Flag => flag === 'seen' || flag === 'flagged' || flag === 'answered';
