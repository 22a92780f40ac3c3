import { asWritten } from '../visible.ts';

/** Hands a file to the browser. */
export function saveBlob(blob: Blob, name: string): void {
  // Never as a page of ours: a browser that showed it instead of saving it would run the sender's HTML with our origin.
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const longest = 120;

/** What Windows takes for a device whatever follows the dot, or the spaces before it. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[\d¹²³])(?= *(?:\.|$))/i;

/** A name that is only a name on every system: the last part of a path (RFC 2183 §2.3), nothing that cannot be seen, nothing Windows refuses. */
export function safeFileName(name: string, fallback: string): string {
  const last = asWritten(name.normalize('NFC')).replace(/^.*[\\/](?=[^\\/])/, '');
  const cleaned = withoutEnds(last.replace(/[\\/:*?"<>|]/g, '_')).replace(device, '_$&');
  if (cleaned === '') return fallback;
  if (cleaned.length <= longest) return cleaned;
  const dot = cleaned.lastIndexOf('.');
  const extension = dot > 0 && cleaned.length - dot <= 12 ? cleaned.slice(dot) : '';
  const cut = cleaned.slice(0, longest - extension.length);
  return withoutEnds(cut.replace(/[\ud800-\udbff]$/, '')) + extension;
}

/** Windows drops dots and spaces at the end, and a dot at the beginning hides a file. By hand: an expression looks for its end from each of many spaces. */
function withoutEnds(name: string): string {
  const isEnd = (at: number) => /[.\s]/.test(name.charAt(at));
  let [start, end] = [0, name.length];
  while (start < end && isEnd(start)) start++;
  while (end > start && isEnd(end - 1)) end--;
  return name.slice(start, end);
}

/** A name before its extension, and that with its dot. */
export function inTwo(name: string): { stem: string; extension: string } {
  const extension = /(?<=.)\.[^.\s]{1,10}$/u.exec(name)?.[0] ?? '';
  return { stem: name.slice(0, name.length - extension.length), extension };
}
