import type { Bytes, Refusal, Slip, Summary } from '@appliance/formats';

export type { Refusal };

/** Keys live in a worker. The page asks it to do things; no key ever comes back. */
export interface Vault {
  /** What a link is for; ApiError `link-unknown` when it is unknown, used or expired. */
  lookUpLink(token: string): Promise<LinkInfo>;
  /** Makes keys and account. Reports progress; the phrase comes back for the member to write down. Signed in afterwards. */
  activate(request: ActivateRequest, progress: (step: ActivationStep) => void): Promise<{ phrase: string[]; account: AccountInfo }>;
  /** ApiError `sign-in-failed` or `slow-down`. */
  signIn(request: SignInRequest): Promise<AccountInfo>;
  /** After a reload: from the session slot. null = not signed in (or locked). */
  resume(): Promise<AccountInfo | null>;
  signOut(): Promise<void>;
  /** Forgets what is open here; the session of the browser is left as it is. What is under way opens nothing any more: ApiError `locked`. */
  lock(): Promise<void>;
  /** Newest first. */
  list(request: ListRequest): Promise<MessagePage>;
  /** The opened body of one message without its large attachments: parsed MIME. */
  read(ref: MessageRef): Promise<OpenedMessage>;
  /** One attachment's decoded bytes. */
  attachment(ref: MessageRef, partIndex: number, progress?: (done: number, total: number) => void): Promise<Blob>;
  /** Trace fields + bytes received, as one .eml. */
  original(ref: MessageRef): Promise<Blob>;
  setFlags(request: SetFlagsRequest): Promise<void>;
  /** Out of wherever they are, into the folder. */
  move(request: MoveRequest): Promise<void>;
  /** When the member wants them destroyed, in place of what they wanted before. */
  expire(request: ExpireRequest): Promise<void>;
  /** For good, at once. */
  destroy(request: DestroyRequest): Promise<void>;
  /** What lies in Junk or Trash up to this number, for good; how many that were. */
  empty(request: EmptyRequest): Promise<number>;
  /** How long the mailbox keeps messages. */
  retention(mailboxId: string): Promise<Retention>;
  setRetention(request: SetRetentionRequest): Promise<void>;
  /** What keeping messages for so many days would destroy first. */
  previewRetention(mailboxId: string, days: number): Promise<RetentionPreview>;
  /** The operator's rule for everybody, in days; null: there is none. For the operator alone. */
  retentionPolicy(): Promise<number | null>;
  setRetentionPolicy(days: number | null): Promise<void>;
  previewRetentionPolicy(days: number): Promise<RetentionPreview>;
  /** Senders the member allows or blocks. */
  senderRules(mailboxId: string): Promise<SenderRule[]>;
  /** `none`: there is to be no rule. ApiError `invalid` when the sender is no address and no domain. */
  setSenderRule(request: SetSenderRuleRequest): Promise<void>;
  /** What was refused that was written to the member, the newest day first; what does not open is passed over. */
  refusals(mailboxId: string): Promise<RefusalDay[]>;
  /** Calls back on every change event (SSE); returns a stop function. `online` tells connection state, `ended` that the session is over. */
  onChanged(handler: (change: MailboxChange) => void, online: (connected: boolean) => void, ended: () => void): () => void;
}

export interface ActivateRequest { token: string; link: LinkInfo; domain: string; address: string; password: string }
export interface SignInRequest { address: string; secret: string; slot: 'password' | 'phrase' }
export interface ListRequest { mailboxId: string; folderId: string; before?: number; after?: number; limit?: number }
export interface SetFlagsRequest { mailboxId: string; messageIds: string[]; add: Flag[]; remove: Flag[] }
export interface MoveRequest { mailboxId: string; messageIds: string[]; folderId: string }
export interface ExpireRequest { mailboxId: string; messageIds: string[]; at: string | null; burnAfterMinutes: number | null }
export interface DestroyRequest { mailboxId: string; messageIds: string[] }
export interface EmptyRequest { mailboxId: string; folderId: string; throughUid: number }
/** In days from arrival; null: for good. */
export interface Retention { days: number | null; policyDays: number | null; suggestsSenderExpiry: boolean }
export interface SetRetentionRequest { mailboxId: string; days: number | null; suggestsSenderExpiry: boolean }
/** Messages that would go at `from`; there are `more` than were counted. */
export interface RetentionPreview { messages: number; more: boolean; from: string }
/** An address, or a domain. */
export interface SenderRule { sender: string; action: 'allow' | 'block' }
export interface SetSenderRuleRequest { mailboxId: string; sender: string; action: SenderRule['action'] | 'none' }
/** `leftOut`: how many more were refused that day. */
export interface RefusalDay { day: string; refusals: Refusal[]; leftOut: number }
export interface MailboxChange { mailboxId: string; highestModSeq: number }

export type ActivationStep = 'password' | 'phrase' | 'keys' | 'account' | 'done';
export interface LinkInfo { kind: 'setup' | 'invitation'; domain: string | null; address: string | null; accountId: string; mailboxId: string; expiresAt: string }
export interface AccountInfo { accountId: string; address: string; isOperator: boolean; fingerprint: string; mailboxes: MailboxInfo[] }
export interface MailboxInfo { mailboxId: string; addresses: string[]; folders: FolderInfo[] }
export interface FolderInfo { folderId: string; role: 'inbox' | 'archive' | 'drafts' | 'sent' | 'junk' | 'trash'; total: number; unread: number }
export interface MessageRef { mailboxId: string; messageId: string }
export type Flag = 'seen' | 'flagged' | 'answered';
export interface MessagePage { folder: FolderInfo; highestModSeq: number; messages: MessageItem[]; more: boolean }

/** broken: could not be opened; then summary is null and reason says why in plain words (a code the UI translates). */
export interface MessageItem {
  ref: MessageRef;
  uid: number;
  arrivedAt: string;
  size: number;
  flags: Flag[];
  /** When it is destroyed, the earliest of the reasons; null: never. */
  expiresAt: string | null;
  expiry: Expiry | null;
  summary: Summary | null;
  broken: 'key' | 'changed' | 'version' | null;
}

/** Every reason to destroy a message. */
export interface Expiry {
  sender: string | null;
  member: string | null;
  folder: string | null;
  account: string | null;
  policy: string | null;
  /** Minutes after it was first seen. */
  burnAfterMinutes: number | null;
  openedAt: string | null;
}

export interface OpenedMessage {
  summary: Summary;
  slip: Slip | null;
  text: string | null;
  /** Unsanitised: the UI sanitises. */
  html: string | null;
  /** Some of either is too long to be shown, and among the attachments instead. */
  isCut: boolean;
  /** cid: parts, ≤ 5 MB in all. */
  inline: { contentId: string; type: string; bytes: Bytes }[];
  attachments: { partIndex: number; name: string; type: string; size: number }[];
  /** Unfolded; ours = segment 0. */
  headers: { name: string; value: string; ours: boolean }[];
}
