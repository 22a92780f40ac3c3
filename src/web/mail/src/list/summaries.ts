import type { MailAddress, MimeNode, Summary } from '@appliance/formats';
import type { Texts } from '../texts/index.ts';
import { addressAsShown, asWritten } from '../visible.ts';

export const whoIs = ({ name, address }: MailAddress): string => asWritten(name ?? '') || addressAsShown(address);

export const authorsOf = ({ from, sender }: Summary): MailAddress[] => from.length > 0 ? from : sender;

export const sendersOf = (summary: Summary, t: Texts): string => authorsOf(summary).map(whoIs).join(', ') || t.list.noSender;

export const subjectOf = ({ subject }: Summary, t: Texts): string => asWritten(subject ?? '') || t.list.noSubject;

export const hasAttachment = ({ mime }: Summary): boolean => someLeaf(mime);

const someLeaf = (node: MimeNode): boolean => node.disposition === 'attachment' || (node.type !== 'message/rfc822' && node.children.some(someLeaf));
