import type { OpenedMessage } from '@appliance/crypto';
import DOMPurify, { type Config } from 'dompurify';

/**
 * Makes a sender's HTML fit to be shown: DOMPurify takes out what could run or submit, pictures of the message itself become data:
 * URIs, nothing from outside is left to load, and the document carries its own policy (docs/security.md). What comes out goes into a
 * sandboxed frame as it is; editing it afterwards could undo the sanitising. With Trusted Types it is DOMPurify's own trusted value,
 * so no other policy of the page needs to let markup through.
 */
export interface FrameDocument { srcdoc: string; isRemoteBlocked: boolean }

export const framePolicy = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

// A picture that was not loaded is a quiet box, as large as what it is called, which lies over the browser's sign for a broken one; what only counts readers is nothing.
const unloaded = 'img:not([src]){background:#f0f2ef;border-radius:3px}'
  + 'img[alt]:not([src],[alt=""]){position:relative;display:inline-block;width:auto!important;height:auto!important;overflow:hidden;font:13px/22px system-ui,sans-serif}'
  + 'img:not([src])::after{content:attr(alt);position:absolute;inset:0;padding:0 6px;background:#f0f2ef;color:#545c57;font-size:12px}'
  + 'img[width="1"]:not([src]),img[height="1"]:not([src]){display:none!important}';

/** @param side Pixels beside the text. */
const frameStyle = (side: number): string => `*{color-scheme:light!important}html{background:#fff;color:#1d211f}body{margin:16px ${side}px;font:15px/1.55 system-ui,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;overflow-wrap:break-word}img{max-width:100%;height:auto}pre{white-space:pre-wrap}blockquote{margin:0 0 0 8px;padding-left:12px;border-left:2px solid #d9ddd8}${unloaded}`;

// DOMPurify asks of every attribute's value whether it may be a link's, unless the attribute is listed as holding none.
const plain = [
  'align', 'valign', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'clear', 'color', 'colspan', 'coords', 'dir', 'face', 'headers', 'height', 'hidden', 'lang', 'noshade', 'nowrap',
  'media', 'open', 'reversed', 'rowspan', 'scope', 'shape', 'size', 'span', 'start', 'type', 'width',
];

const config: Config = {
  USE_PROFILES: { html: true },
  WHOLE_DOCUMENT: true,
  RETURN_TRUSTED_TYPE: true,
  FORBID_TAGS: ['form', 'input', 'button', 'select', 'textarea', 'option', 'optgroup', 'datalist', 'audio', 'video', 'source', 'track', 'dialog', 'template', 'slot'],
  FORBID_ATTR: ['action', 'formaction', 'autofocus', 'popover', 'popovertarget', 'contenteditable', 'tabindex', 'accesskey', 'download'],
  ADD_URI_SAFE_ATTR: plain,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|#|data:image\/(?:png|gif|jpe?g|webp|avif|bmp)[;,])/i,
};

const loading = new Set(['src', 'srcset', 'background', 'poster', 'lowsrc', 'dynsrc', 'longdesc', 'cite', 'usemap', 'xlink:href']);
// What is taken out of styles spares the console complaints; it is the frame's policy that loads nothing.
// A bracket that nobody closes reaches to the end (CSS Syntax §4.3.6), here too: looking for its end from each of many would take hours.
const remoteStyle = /url\s*\((?!\s*(?:["']\s*)?(?:data:|#))[^)]*\)?|@import[^;]*;?|image-set\s*\([^)]*\)?/gi;
// The page is white whatever the browser prefers: one of these queries never holds, the other always does.
const preferred = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;
/** Characters that pictures of the message take as data: URIs: each place has a copy, and a small message may name one in many thousand. */
const mostPictures = 32 * 1024 * 1024;
const picture = /^image\/(?:png|gif|jpe?g|webp|avif|bmp)$/i;

const onWhite = (style: string): string => style.replace(preferred, (_, scheme: string) => scheme.toLowerCase() === 'dark' ? '(max-width:0)' : '(min-width:0)');

/** Null when the document did not come out as it must; then nothing of it is shown. */
export function frameDocument(html: string, inline: OpenedMessage['inline'], side = 24): FrameDocument | null {
  const pictures = new Map(inline.filter(({ type }) => picture.test(type)).map(part => [part.contentId, part]));
  let isRemoteBlocked = false;
  const uris = new Map<string, string>();
  let left = mostPictures;

  function pictureUri(id: string): string | null {
    const part = pictures.get(id);
    if (!part) return null;
    const uri = uris.get(id) ?? `data:${part.type};base64,${base64(part.bytes)}`;
    uris.set(id, uri);
    if (uri.length > left) return null;
    left -= uri.length;
    return uri;
  }

  function withoutRemote(style: string): string {
    return style.replace(remoteStyle, () => {
      isRemoteBlocked = true;
      return 'none';
    });
  }

  // DOMPurify is one object for the page, so hooks live for this one call.
  DOMPurify.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style') node.textContent = onWhite(withoutRemote(node.textContent ?? ''));
    if (tagName === 'link' && node instanceof Element && node.getAttribute('rel')?.toLowerCase().includes('stylesheet')) isRemoteBlocked = true;
  });
  DOMPurify.addHook('uponSanitizeAttribute', (node, attribute) => {
    const value = attribute.attrValue.trim();
    if (attribute.attrName === 'style') attribute.attrValue = withoutRemote(value);
    if (attribute.attrName === 'media') attribute.attrValue = onWhite(value);
    if (!loading.has(attribute.attrName)) return;
    if (/^cid:/i.test(value)) {
      const uri = node.nodeName === 'IMG' ? pictureUri(contentId(value)) : null;
      attribute.keepAttr = uri !== null;
      if (uri !== null) attribute.attrValue = uri;
    } else if (!/^(?:data:image\/|#)/i.test(value)) {
      attribute.keepAttr = false;
      if (value !== '' && attribute.attrName !== 'cite' && attribute.attrName !== 'longdesc') isRemoteBlocked = true;
    }
  });
  DOMPurify.addHook('afterSanitizeAttributes', node => {
    const href = node.nodeName === 'A' || node.nodeName === 'AREA' ? node.getAttribute('href') : null;
    if (href?.startsWith('#') === false) {
      node.setAttribute('target', '_blank');
      node.setAttribute('rel', 'noopener noreferrer');
      // What is said under the pointer is where it leads, not what the sender says it does.
      node.setAttribute('title', URL.canParse(href) ? new URL(href).href : href);
    } else if (node.closest('a')) node.removeAttribute('title');
    // The walk has passed the head when it comes to the body, so these are not taken for the sender's.
    if (node.nodeName === 'BODY' && node.parentElement === node.ownerDocument.documentElement) node.ownerDocument.head.prepend(...ours(node.ownerDocument, side));
  });
  try {
    const srcdoc = DOMPurify.sanitize(html, config);
    return startsWithOurs(srcdoc) ? { srcdoc, isRemoteBlocked } : null;
  } finally {
    DOMPurify.removeAllHooks();
  }
}

/** With Trusted Types it is an object that must stay one; only a copy of it is read as text. */
function startsWithOurs(srcdoc: { toString: () => string }): boolean {
  const text = srcdoc.toString();
  // The sender's <html> may keep its language, direction and style. HTML §13.3: a value that was written out has no quotation mark inside.
  const start = /^<html(?: [^\s"<>=/]+="[^"]*")*>/.exec(text)?.[0];
  return start !== undefined && text.startsWith(`<head><meta http-equiv="Content-Security-Policy" content="${framePolicy}">`, start.length);
}

function ours(page: Document, side: number): Element[] {
  const policy = page.createElement('meta');
  policy.setAttribute('http-equiv', 'Content-Security-Policy');
  policy.setAttribute('content', framePolicy);
  const referrer = page.createElement('meta');
  referrer.setAttribute('name', 'referrer');
  referrer.setAttribute('content', 'no-referrer');
  // Nor are the names in links looked up: whoever answers for one would know that the message is being read.
  const lookups = page.createElement('meta');
  lookups.setAttribute('http-equiv', 'x-dns-prefetch-control');
  lookups.setAttribute('content', 'off');
  const style = page.createElement('style');
  style.textContent = frameStyle(side);
  return [policy, referrer, lookups, style];
}

/** RFC 2392 §2: percent-encoded in the URL. */
function contentId(url: string): string {
  const text = url.slice('cid:'.length);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 0x8000) text += String.fromCharCode(...bytes.subarray(offset, offset + 0x8000));
  return btoa(text);
}
