import type { components } from './schema.ts';

/** The records of src/Appliance.Contracts, generated from openapi.json; docs/api.md. Bytes are base64, ids 26 characters. */
type Schemas = components['schemas'];

export type AccountResponse = Schemas['AccountResponse'];
export type ActivationLookupResponse = Schemas['ActivationLookupResponse'];
export type ActivationRequest = Schemas['ActivationRequest'];
export type ChangeResponse = Schemas['ChangeResponse'];
export type DestroyRequest = Schemas['DestroyRequest'];
export type EmptiedResponse = Schemas['EmptiedResponse'];
export type EmptyRequest = Schemas['EmptyRequest'];
export type ExpiryRequest = Schemas['ExpiryRequest'];
export type ExpiryResponse = Schemas['ExpiryResponse'];
export type FlagsRequest = Schemas['FlagsRequest'];
export type FolderResponse = Schemas['FolderResponse'];
export type KdfSettings = Schemas['KdfSettings'];
export type MessageListResponse = Schemas['MessageListResponse'];
export type MessageResponse = Schemas['MessageResponse'];
export type MoveRequest = Schemas['MoveRequest'];
export type NewSlot = Schemas['NewSlot'];
export type PolicyDocument = Schemas['PolicyDocument'];
export type RefusalsResponse = Schemas['RefusalsResponse'];
export type RetentionPreviewResponse = Schemas['RetentionPreviewResponse'];
export type RetentionRequest = Schemas['RetentionRequest'];
export type RetentionResponse = Schemas['RetentionResponse'];
export type SenderRuleRequest = Schemas['SenderRuleRequest'];
export type SenderRulesResponse = Schemas['SenderRulesResponse'];
export type SessionSlot = Schemas['SessionSlot'];
export type SignInFinishRequest = Schemas['SignInFinishRequest'];
export type SignInFinishResponse = Schemas['SignInFinishResponse'];
export type SignInStartRequest = Schemas['SignInStartRequest'];
export type SignInStartResponse = Schemas['SignInStartResponse'];

/** The data of the server-sent event `changed`, which OpenAPI cannot describe. */
export interface ChangedEvent { mailboxId: string; highestModSeq: number }
