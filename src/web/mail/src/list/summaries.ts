import type { MailAddress, MimeNode, Summary } from '@appliance/formats';
import type { Texts } from '../texts/index.ts';

/** Turns of writing direction and invisible characters would let a name pose as another. */
const disguises = /[\p{Cc}\p{Bidi_Control}\u200b\u2060\ufeff]/gu;

export const whoIs = ({ name, address }: MailAddress): string => name?.replace(disguises, '').trim() || address;

export const sendersOf = ({ from, sender }: Summary, t: Texts): string => (from.length > 0 ? from : sender).map(whoIs).join(', ') || t.list.noSender;

export const subjectOf = ({ subject }: Summary, t: Texts): string => subject?.replace(disguises, ' ').trim() || t.list.noSubject;

export const hasAttachment = ({ mime }: Summary): boolean => someLeaf(mime);

const someLeaf = (node: MimeNode): boolean => node.disposition === 'attachment' || (node.type !== 'message/rfc822' && node.children.some(someLeaf));
