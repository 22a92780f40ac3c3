import type { Bytes, MimeNode, Slip } from '@appliance/formats';
import { decodeText, decodeTransfer, decodedSize } from './decoding.ts';
import { type OpenedBody, rebuild } from './body.ts';
import { unflow } from './flowed.ts';
import type { Segments } from './segments.ts';
import type { OpenedMessage } from './vault.ts';

/**
 * Makes something to read of a message, along the MIME tree its summary carries, so that only the segments that are shown are
 * fetched, and every client sees the same parts (RFC 2045, 2046, 2387).
 */
/** Of all parts that are shown together: more of it stops the page. */
const longestText = 4 * 1024 * 1024;
const mostInline = 5 * 1024 * 1024;

/** One thing to show, in one or both forms. */
interface Shown { plain?: MimeNode; html?: MimeNode }

export async function readMessage(body: OpenedBody, segments: Segments, slip: Slip | null): Promise<OpenedMessage> {
  const { summary } = body;
  const shown = toShow(summary.mime);
  const formatted = fitting(shown.flatMap(part => part.html ?? part.plain ?? []));
  const plain = fitting(shown.flatMap(part => part.plain ?? []));
  const html = formatted.fits.some(node => node.type === 'text/html') ? await joined(formatted.fits, segments, 'html') : null;
  const text = plain.fits.length > 0 ? await joined(plain.fits, segments, 'text') : null;

  const tooLong = new Set([...formatted.tooLong, ...plain.tooLong]);
  const read = new Set(shown.flatMap(part => [part.plain, part.html]).filter(node => node && !tooLong.has(node)));
  const rest = leaves(summary.mime).map((node, partIndex) => ({ node, partIndex })).filter(({ node }) => !read.has(node));
  const inline = new Set(inlineParts(rest.map(({ node }) => node), html ?? ''));
  const [trace, header] = await Promise.all([segments.segment(0), segments.range(0, summary.headerLength)]);
  return {
    summary,
    slip,
    text,
    html,
    isCut: tooLong.size > 0,
    inline: await Promise.all([...inline].map(async node => ({ contentId: node.contentId ?? '', type: node.type, bytes: await decoded(node, segments) }))),
    attachments: await Promise.all(rest.filter(({ node }) => !inline.has(node)).map(async ({ node, partIndex }) => ({ partIndex, name: nameOf(node, partIndex), type: node.type, size: await sizeOf(node, segments) }))),
    headers: [...headerFields(trace, true), ...headerFields(header, false)],
  };
}

/** What a browser shows without running anything: a blob: address has our origin, so a page or an SVG opened from it would be us. */
const inertTypes = /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/.+|video\/.+|application\/pdf|text\/plain)$/;

export async function readAttachment(body: OpenedBody, segments: Segments, partIndex: number, progress?: (done: number, total: number) => void): Promise<Blob> {
  const node = leaves(body.summary.mime)[partIndex];
  if (!node) throw new Error(`The message has no part ${partIndex}.`);
  return new Blob([decodeTransfer(await segments.range(node.offset, node.length, progress), node.encoding)], { type: inertTypes.test(node.type) ? node.type : 'application/octet-stream' });
}

/** The fields we added and the bytes as they came. */
export async function readOriginal(body: OpenedBody, segments: Segments): Promise<Blob> {
  return new Blob([await segments.segment(0), rebuild(await segments.remaining(), body.summary.removed)], { type: 'message/rfc822' });
}

/** Parts without parts, in order; an embedded message counts as one. */
function leaves(node: MimeNode): MimeNode[] {
  return node.children.length === 0 || node.type === 'message/rfc822' ? [node] : node.children.flatMap(leaves);
}

function toShow(node: MimeNode): Shown[] {
  if (node.type === 'multipart/alternative') {
    // RFC 2046 §5.1.4: the last one that can be shown is the best; the plain one is kept for those who want no HTML.
    const choices = node.children.flatMap(toShow);
    const last = (form: keyof Shown) => choices.findLast(choice => choice[form])?.[form];
    const [plain, html] = [last('plain'), last('html')];
    return plain || html ? [{ ...plain && { plain }, ...html && { html } }] : [];
  }
  // RFC 2387: the first part is the document, the others belong to it.
  if (node.type === 'multipart/related') return node.children.slice(0, 1).flatMap(toShow);
  if (node.type.startsWith('multipart/')) return node.children.flatMap(toShow);
  if (node.disposition === 'attachment') return [];
  if (node.type === 'text/plain') return [{ plain: node }];
  return node.type === 'text/html' ? [{ html: node }] : [];
}

/** In order; one that is too long leaves its room to those after it. */
function fitting(nodes: MimeNode[]): { fits: MimeNode[]; tooLong: MimeNode[] } {
  let left = longestText;
  const fits = new Set(nodes.filter(node => {
    if (node.length > left) return false;
    left -= node.length;
    return true;
  }));
  return { fits: [...fits], tooLong: nodes.filter(node => !fits.has(node)) };
}

/** Those the HTML shows by `cid:` (RFC 2392), as long as they are not too large together. */
function inlineParts(nodes: MimeNode[], html: string): MimeNode[] {
  let left = mostInline;
  return nodes.filter(node => {
    const isUsed = node.contentId !== undefined && node.type.startsWith('image/') && mentions(html, node.contentId) && decodedSize(node) <= left;
    if (isUsed) left -= decodedSize(node);
    return isUsed;
  });
}

const mentions = (html: string, contentId: string): boolean => html.includes(`cid:${contentId}`) || html.includes(`cid:${encodeURIComponent(contentId)}`);

async function joined(nodes: MimeNode[], segments: Segments, form: 'text' | 'html'): Promise<string> {
  const texts = await Promise.all(nodes.map(async node => {
    const text = decodeText(await decoded(node, segments), node.parameters['charset']?.toLowerCase());
    if (node.type === 'text/html') return text;
    const plain = unflow(text, node.parameters);
    return form === 'html' ? `<pre style="white-space: pre-wrap">${escapeHtml(plain)}</pre>` : plain;
  }));
  return texts.join(form === 'html' ? '<hr>' : '\n\n');
}

async function decoded(node: MimeNode, segments: Segments): Promise<Bytes> {
  return decodeTransfer(await segments.range(node.offset, node.length), node.encoding);
}

/** To the byte where that costs no fetching. */
const sizeOf = async (node: MimeNode, segments: Segments): Promise<number> => segments.holds(node.offset, node.length) ? (await decoded(node, segments)).length : decodedSize(node);

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const extensions: Record<string, string> = { 'message/rfc822': 'eml', 'text/plain': 'txt', 'text/html': 'html', 'text/calendar': 'ics', 'application/pdf': 'pdf', 'image/jpeg': 'jpg', 'image/png': 'png' };

/** As the sender wrote it: who saves it makes it safe. */
function nameOf(node: MimeNode, partIndex: number): string {
  const subject = node.envelope?.subject?.replaceAll(/[\\/]/g, '_');
  const name = node.fileName ?? (subject && `${subject}.eml`);
  return name?.trim() || `part-${partIndex + 1}.${extensions[node.type] ?? 'bin'}`;
}

/** RFC 5322 §2.2.3: unfolded, with the white space of a fold as one space. */
function headerFields(bytes: Bytes, ours: boolean): OpenedMessage['headers'] {
  return decodeText(bytes, undefined).replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/).flatMap(line => {
    const colon = line.indexOf(':');
    return colon > 0 ? [{ name: line.slice(0, colon).trimEnd(), value: line.slice(colon + 1).trim(), ours }] : [];
  });
}
