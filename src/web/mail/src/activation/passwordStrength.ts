export type Strength = 'short' | 'weak' | 'fair' | 'good' | 'strong';

export const shortestPassword = 10;

/** A hint, not a gate: length counts most, and what repeats or runs on (aaaa, 1234) counts little. */
export function strengthOf(password: string): Strength {
  const characters = Array.from(password);
  if (characters.length < shortestPassword) return 'short';
  const surprises = characters.filter((character, index) => {
    const step = (character.codePointAt(0) ?? 0) - (characters[index - 1]?.codePointAt(0) ?? 0);
    return index === 0 || Math.abs(step) > 1;
  }).length;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u, /\p{Lo}/u].filter(kind => kind.test(password)).length;
  const score = Math.min(surprises, 2 * new Set(characters).size) + 2 * kinds;
  return score < 11 ? 'weak' : score < 15 ? 'fair' : score < 20 ? 'good' : 'strong';
}
