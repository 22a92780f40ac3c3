/**
 * Characters that nobody sees make one thing look like another: controls, what turns the direction of writing, spaces of no width, letters
 * without a shape. What a person wrote is shown without them, what machines compare or wrote with a sign (U+FFFD, as the server does) in
 * their place. Joiners stay where they have a meaning, in the scripts and pictures that need them.
 */
const unseen = /[\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0]/u.source;
const joiner = /(?<=(?![\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}])[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d](?=[\p{L}\p{M}\p{Extended_Pictographic}])/u.source;

const inWords = new RegExp(`(?!${joiner})${unseen}`, 'gu');
const anywhere = new RegExp(`${unseen}|\\p{Cc}`, 'gu');
const inLines = new RegExp(`(?!${joiner})(?:${unseen}|(?![\\t\\r\\n])\\p{Cc})`, 'gu');

/** A name or a subject. */
export const asWritten = (text: string): string => text.replace(/\p{Cc}/gu, ' ').replace(inWords, '').trim();

/** An address or a domain; where its letters could be taken for others, with the domain as the DNS has it (RFC 5891 §5) beside it. */
export function addressAsShown(address: string): string {
  const shown = address.replace(anywhere, '\ufffd');
  const domain = shown.slice(shown.lastIndexOf('@') + 1).toLowerCase();
  const url = `http://${domain}`;
  const host = isWhatItSeems(domain) || !URL.canParse(url) ? domain : new URL(url).host;
  return host === domain ? shown : `${shown} (${host})`;
}

/** Letters of these look like Latin ones. */
const lookalike = /[\p{sc=Cyrl}\p{sc=Grek}\p{sc=Armn}\p{sc=Cher}]/u;

/** A domain without letters that only look Latin among Latin ones, or characters that become others. */
export const isWhatItSeems = (domain: string): boolean =>
  /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) && domain.normalize('NFKC') === domain && !(lookalike.test(domain) && /\p{sc=Latn}/u.test(domain));

/** Lines of a message as it came. */
export const linesWithSigns = (text: string): string => text.replace(inLines, '\ufffd');
