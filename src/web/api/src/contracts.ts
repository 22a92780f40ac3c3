/** The records of src/Appliance.Contracts as JSON: bytes are base64, instants ISO 8601, ids 26 characters; docs/api.md. */
export interface ActivationLookupResponse { kind: 'setup' | 'invitation'; domain: string | null; address: string | null; accountId: string; mailboxId: string; expiresAt: string }

export interface KdfSettings { name: string; memoryKiB: number; passes: number; lanes: number; salt: string }
export interface NewSlot { slotId: string; kind: 'password' | 'phrase'; kdf: KdfSettings; verifier: string; wrap: string }
export interface NewUserKey { publicKey: string; lockedKey: string; wrappedPassphrase: string }
export interface NewAddressKey { publicKey: string; lockedKey: string; sealedPassphrase: string }
export interface ActivationRequest { token: string; domain: string; address: string; slots: NewSlot[]; userKey: NewUserKey; addressKey: NewAddressKey; mailboxKey: string }

export interface SignInStartRequest { address: string; slot: 'password' | 'phrase' }
export interface SignInStartResponse { challengeId: string; accountId: string; slotId: string; kdf: KdfSettings; serverPublic: string }
export interface SignInFinishRequest { challengeId: string; clientPublic: string; clientProof: string }
export interface SignInFinishResponse { serverProof: string; accountId: string }
export interface SessionSlot { slotId: string; serverHalf: string; wrap: string }

export interface AccountResponse { accountId: string; address: string; isOperator: boolean; slots: SlotResponse[]; userKey: UserKeyResponse; mailboxes: MailboxResponse[] }
export interface SlotResponse { slotId: string; kind: string; kdf: KdfSettings; wrap: string }
export interface UserKeyResponse { fingerprint: string; publicKey: string; lockedKey: string; wrappedPassphrase: string }
export interface MailboxResponse { mailboxId: string; storeEpoch: string; highestModSeq: number; mailboxKey: string; addresses: AddressResponse[]; folders: FolderResponse[] }
export interface AddressResponse { address: string; keys: AddressKeyResponse[] }
export interface AddressKeyResponse { fingerprint: string; state: string; publicKey: string; lockedKey: string; sealedPassphrase: string }
export interface FolderResponse { folderId: string; role: 'inbox' | 'archive' | 'drafts' | 'sent' | 'junk' | 'trash'; uidValidity: number; uidNext: number; total: number; unread: number }

export interface MessageListResponse { folder: FolderResponse; highestModSeq: number; messages: MessageResponse[]; more: boolean }
export interface MessageResponse {
  messageId: string;
  folderId: string;
  uid: number;
  modSeq: number;
  arrivedAt: string;
  origin: string;
  inner: string;
  size: number;
  flags: string[];
  keyFingerprint: string;
  keyPackets: KeyPacketResponse[];
  summary: string;
  slip: string;
  segments: SegmentResponse[];
  expiresAt: string | null;
}
export interface KeyPacketResponse { opens: 'body' | 'slip'; type: string; suite: string; packet: string }
export interface SegmentResponse { index: number; sealedLength: number }
export interface FlagsRequest { operationId: string; messageIds: string[]; add: string[]; remove: string[] }
export interface FlagsResponse { highestModSeq: number }
export interface ChangedEvent { mailboxId: string; highestModSeq: number }
