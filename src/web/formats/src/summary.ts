/** The sealed parts `summary` and `slip`; docs/formats.md, "A message". */
export interface MailAddress { name?: string; address: string }

export interface EmbeddedEnvelope {
  from: MailAddress[];
  sender: MailAddress[];
  replyTo: MailAddress[];
  to: MailAddress[];
  cc: MailAddress[];
  subject?: string;
  date?: string;
  messageId?: string;
  inReplyTo: string[];
}

/** One node of the MIME tree; `offset` and `length` are its body, still encoded, in bytes as received. */
export interface MimeNode {
  type: string;
  parameters: Record<string, string>;
  headerOffset: number;
  offset: number;
  length: number;
  lines: number;
  encoding: string;
  disposition?: string;
  fileName?: string;
  contentId?: string;
  description?: string;
  language: string[];
  location?: string;
  md5?: string;
  children: MimeNode[];
  envelope?: EmbeddedEnvelope;
}

export interface RemovedBytes { offset: number; bytes: Uint8Array }

/** One segment: where it lies in the message (null for segment 0, our trace fields), and both its hashes. */
export interface ManifestEntry { index: number; offset: number | null; length: number; sha256: Uint8Array; sealedSha256: Uint8Array }

export interface Summary {
  v: 1;
  from: MailAddress[];
  sender: MailAddress[];
  replyTo: MailAddress[];
  to: MailAddress[];
  cc: MailAddress[];
  subject?: string;
  date?: string;
  dateUtc?: string;
  messageId?: string;
  inReplyTo: string[];
  references: string[];
  listId?: string;
  listUnsubscribe?: string;
  autoSubmitted?: string;
  snippet: string;
  size: number;
  headerLength: number;
  mime: MimeNode;
  verdict: { result: string; reason: string };
  removed: RemovedBytes[];
  manifest: ManifestEntry[];
}

export interface Slip { v: 1; envelopeFrom: string; envelopeTo: string; deliveredTo: string; matched?: string; rules: string[] }
