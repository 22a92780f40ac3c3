import { entropyToMnemonic, generateMnemonic, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

/** Twelve words that stand for 128 random bits and a checksum (BIP 39), so that a slip of the pen is noticed. */
export const newPhrase = (): string => generateMnemonic(wordlist, 128);

export const phraseOf = (entropy: Uint8Array): string => entropyToMnemonic(entropy, wordlist);

/** Lower case, single spaces; null when it is not a phrase. */
export function normalisePhrase(text: string): string | null {
  const words = text.toLowerCase().split(/\s+/).filter(word => word !== '');
  const phrase = words.join(' ');
  return words.length === 12 && validateMnemonic(phrase, wordlist) ? phrase : null;
}
