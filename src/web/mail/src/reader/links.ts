import { isWhatItSeems } from '../visible.ts';

/** `host`: where a link leads, when its text does not show that. */
export type TextPiece = { text: string } | { text: string; href: string; host: string | null };

// Nothing that cannot be seen: it would show another place than the one the link leads to.
const links = /https?:\/\/[^\s\p{Cc}\p{Cf}<>"'`\u3000-\u303f\uff00-\uffef]+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;

/** Cuts text into words and links. What ends a sentence or closes a bracket opened before the link is not part of it. After so many pieces the rest is one. */
export function findLinks(text: string, mostPieces = Infinity): TextPiece[] {
  const pieces: TextPiece[] = [];
  let done = 0;
  for (const match of text.matchAll(links)) {
    if (pieces.length >= mostPieces - 1) break;
    const found = withoutEnd(match[0]);
    const isWeb = /^https?:/i.test(found);
    if (isWeb && !URL.canParse(found)) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) });
    pieces.push({ text: found, href: isWeb ? found : `mailto:${found}`, host: isWeb ? hostBeneath(found) : null });
    done = match.index + found.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}

function withoutEnd(link: string): string {
  let end = link.length;
  let unopened = count(link, ')') - count(link, '(');
  for (;;) {
    const last = link[end - 1] ?? '';
    const isUnopened = last === ')' && unopened > 0;
    if (!/[.,;:!?*_\]}]/.test(last) && !isUnopened) return link.slice(0, end);
    if (isUnopened) unopened--;
    end--;
  }
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** As the DNS has it (RFC 5891 §5), where the text could be taken for another: a name before an @, letters that only look Latin, characters that become others. */
function hostBeneath(link: string): string | null {
  const url = new URL(link);
  const written = /^https?:\/\/(?:[^/?#\\]*@)?([^/?#\\:]*)/i.exec(link)?.[1]?.toLowerCase() ?? '';
  return url.username === '' && url.password === '' && (isWhatItSeems(written) || written === url.host || written === url.hostname) ? null : url.host;
}
