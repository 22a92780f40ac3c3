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

/** An address or a domain. */
export const withSigns = (address: string): string => address.replace(anywhere, '\ufffd');

/** Lines of a message as it came. */
export const linesWithSigns = (text: string): string => text.replace(inLines, '\ufffd');
