import { type Bytes, fromBase64 } from './bytes.ts';
import { JsonReader } from './json.ts';

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

export interface RemovedBytes { offset: number; bytes: Bytes }

/** One segment: where it lies in the message (null for segment 0, our trace fields), and both its hashes. */
export interface ManifestEntry { index: number; offset: number | null; length: number; sha256: Bytes; sealedSha256: Bytes }

/** What one method of mail authentication found, in its own word. */
export interface MethodResult { result: string; domain?: string; aligned?: boolean; reason?: string }

/** What mail authentication concluded: `pass`, `fail`, `temperror` or `none`, and what it concluded that from. */
export interface Verdict {
  result: string;
  reason: string;
  /** The author's domain. */
  from?: string;
  /** What that domain asks for where its mail cannot be confirmed. */
  policy?: string;
  spf?: MethodResult;
  dkim: MethodResult[];
  dmarc?: MethodResult;
  arc?: MethodResult;
  /** The last sealer's word counted. */
  arcTrusted?: boolean;
  /** Why it was filed to Junk on arrival. */
  junk?: string;
  /** Whether the client's address has a name that leads back to it. */
  reverseDns?: MethodResult;
  listedBy?: string[];
  vouchedBy?: string[];
  /** What speaks against it, or for it, in stable words. */
  signs?: string[];
  filters?: FilterResult[];
}

export interface FilterResult { filter: string; result: string; detail?: string }

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
  /** When the sender takes it to be of no more use. */
  expires?: string;
  snippet: string;
  size: number;
  headerLength: number;
  mime: MimeNode;
  verdict: Verdict;
  removed: RemovedBytes[];
  manifest: ManifestEntry[];
}

export interface Slip { v: 1; envelopeFrom: string; envelopeTo: string; deliveredTo: string; matched?: string; rules: string[] }

const address = (reader: JsonReader): MailAddress => ({ name: reader.optionalString('name'), address: reader.string('address') });

const envelope = (reader: JsonReader): EmbeddedEnvelope => ({
  from: reader.list('from', address),
  sender: reader.list('sender', address),
  replyTo: reader.list('replyTo', address),
  to: reader.list('to', address),
  cc: reader.list('cc', address),
  subject: reader.optionalString('subject'),
  date: reader.optionalString('date'),
  messageId: reader.optionalString('messageId'),
  inReplyTo: reader.strings('inReplyTo'),
});

const mimeNode = (reader: JsonReader): MimeNode => ({
  type: reader.string('type'),
  parameters: reader.dictionary('parameters'),
  headerOffset: reader.count('headerOffset'),
  offset: reader.count('offset'),
  length: reader.count('length'),
  lines: reader.count('lines'),
  encoding: reader.string('encoding'),
  disposition: reader.optionalString('disposition'),
  fileName: reader.optionalString('fileName'),
  contentId: reader.optionalString('contentId'),
  description: reader.optionalString('description'),
  language: reader.strings('language'),
  location: reader.optionalString('location'),
  md5: reader.optionalString('md5'),
  children: reader.list('children', mimeNode),
  envelope: reader.optionalObject('envelope', envelope),
});

const methodResult = (reader: JsonReader): MethodResult => ({
  result: reader.string('result'),
  domain: reader.optionalString('domain'),
  aligned: reader.optionalBoolean('aligned'),
  reason: reader.optionalString('reason'),
});

/** A list that is left out when there is nothing in it. */
const some = <T>(list: T[]): T[] | undefined => list.length > 0 ? list : undefined;

const verdict = (reader: JsonReader): Verdict => ({
  result: reader.string('result'),
  reason: reader.string('reason'),
  from: reader.optionalString('from'),
  policy: reader.optionalString('policy'),
  spf: reader.optionalObject('spf', methodResult),
  dkim: reader.list('dkim', methodResult),
  dmarc: reader.optionalObject('dmarc', methodResult),
  arc: reader.optionalObject('arc', methodResult),
  arcTrusted: reader.optionalBoolean('arcTrusted'),
  junk: reader.optionalString('junk'),
  reverseDns: reader.optionalObject('reverseDns', methodResult),
  listedBy: some(reader.strings('listedBy')),
  vouchedBy: some(reader.strings('vouchedBy')),
  signs: some(reader.strings('signs')),
  filters: some(reader.list('filters', one => ({ filter: one.string('filter'), result: one.string('result'), detail: one.optionalString('detail') }))),
});

/** Reads the part `summary`; refuses an unknown version. */
export function readSummary(bytes: Uint8Array): Summary {
  const reader = JsonReader.open(bytes, 'summary');
  return {
    v: 1,
    ...envelope(reader),
    dateUtc: reader.optionalString('dateUtc'),
    references: reader.strings('references'),
    listId: reader.optionalString('listId'),
    listUnsubscribe: reader.optionalString('listUnsubscribe'),
    autoSubmitted: reader.optionalString('autoSubmitted'),
    expires: reader.optionalString('expires'),
    snippet: reader.optionalString('snippet') ?? '',
    size: reader.count('size'),
    headerLength: reader.count('headerLength'),
    mime: reader.object('mime', mimeNode),
    verdict: reader.object('verdict', verdict),
    removed: reader.list('removed', piece => ({ offset: piece.count('offset'), bytes: fromBase64(piece.string('bytes')) })),
    manifest: reader.list('manifest', entry => ({
      index: entry.count('index'),
      offset: entry.optionalCount('offset'),
      length: entry.count('length'),
      sha256: fromBase64(entry.string('sha256')),
      sealedSha256: fromBase64(entry.string('sealedSha256')),
    })),
  };
}

/** What a member is told of a message that was refused. */
export interface Refusal { at: string; reason: string; reply: string; envelopeFrom: string; from: MailAddress[]; subject?: string }

/** Reads the part `refusal`; refuses an unknown version. */
export function readRefusal(bytes: Uint8Array): Refusal {
  const reader = JsonReader.open(bytes, 'refusal');
  return {
    at: reader.string('at'),
    reason: reader.string('reason'),
    reply: reader.string('reply'),
    envelopeFrom: reader.string('envelopeFrom'),
    from: reader.list('from', address),
    subject: reader.optionalString('subject'),
  };
}

/** Reads the text of a sender rule; refuses an unknown version. */
export function readSenderRule(bytes: Uint8Array): string {
  return JsonReader.open(bytes, 'sender rule').string('sender');
}

/** Reads the part `slip`; refuses an unknown version. */
export function readSlip(bytes: Uint8Array): Slip {
  const reader = JsonReader.open(bytes, 'slip');
  return {
    v: 1,
    envelopeFrom: reader.string('envelopeFrom'),
    envelopeTo: reader.string('envelopeTo'),
    deliveredTo: reader.string('deliveredTo'),
    matched: reader.optionalString('matched'),
    rules: reader.strings('rules'),
  };
}
